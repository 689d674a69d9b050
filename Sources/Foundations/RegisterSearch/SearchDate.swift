import KhmerText
import RecordLinkage

/// A date or years as an officer types them into one field: `1990`, `1985-1990`, `04/1990`, `13/4/1990`, `1990-04-13`, in
/// digits of either script. A year of the Buddhist era is both years that it may be.
public struct SearchDate: Sendable, Equatable {
    public var years: ClosedRange<Int>
    /// When more than the year was typed.
    public var date: LinkageDate?

    /// `nil` for what is no date.
    public init?(_ text: String) {
        var parts: [(number: Int, digits: Int)] = []
        for word in text.unicodeScalars.prefix(64).split(whereSeparator: { " /-.–—~".unicodeScalars.contains($0) }) {
            guard let number = KhmerDigits.number(String(String.UnicodeScalarView(word))) else { return nil }
            parts.append((number, word.count))
        }
        // The year is the part of four digits; before it the day comes first, behind it the month.
        switch parts.map({ $0.digits == 4 }) {
        case [true]: years = Self.common(parts[0].number)
        case [true, true]:
            let first = Self.common(parts[0].number).lowerBound
            let last = Self.common(parts[1].number).upperBound
            guard first <= last, last - first <= 150 else { return nil }
            years = first...last
        default:
            let isYearFirst = parts.first?.digits == 4
            guard (2...3).contains(parts.count), parts.filter({ $0.digits == 4 }).count == 1,
                isYearFirst || parts.last?.digits == 4
            else { return nil }
            let ordered = (isYearFirst ? parts : parts.reversed()).map(\.number)
            guard (1...12).contains(ordered[1]), ordered.dropFirst(2).allSatisfy({ (1...31).contains($0) }) else {
                return nil
            }
            // On papers the Buddhist year of a day is most often the common year and 543.
            let year = Self.common(ordered[0]).upperBound
            years = year...year
            date = LinkageDate(year: year, month: ordered[1], day: ordered.count > 2 ? ordered[2] : nil)
        }
        guard (1800...2200).contains(years.lowerBound), years.upperBound <= 2200 else { return nil }
    }

    /// A Buddhist year begins in April or May of the common year 544 before its number, and ends in the one 543 before.
    private static func common(_ year: Int) -> ClosedRange<Int> {
        (2400...2700).contains(year) ? year - 544...year - 543 : year...year
    }
}

import Kernel

/// A date of which perhaps only the year, or the year and month, is known. Old people often know no more; nothing is
/// invented to fill the gap.
public enum PartialDate: Sendable, Hashable {
    case year(Int)
    /// Year and month 1...12.
    case month(Int, Int)
    case day(CalendarDate)

    /// A date in one of the ISO 8601 forms `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, or `nil`.
    public init?(iso text: String) {
        let bytes = text.utf8
        switch bytes.count {
        case 4:
            guard let first = CalendarDate(iso: text + "-01-01") else { return nil }
            self = .year(first.year)
        case 7:
            guard let first = CalendarDate(iso: text + "-01") else { return nil }
            self = .month(first.year, first.month)
        default:
            guard let date = CalendarDate(iso: text) else { return nil }
            self = .day(date)
        }
    }

    public var year: Int {
        switch self {
        case .year(let year), .month(let year, _): year
        case .day(let date): date.year
        }
    }

    /// The ISO 8601 form with as much as is known.
    public var iso: String {
        switch self {
        case .year: String(latest.description.prefix(4))
        case .month: String(latest.description.prefix(7))
        case .day(let date): date.description
        }
    }

    /// The form of the OpenID Connect claim `birthdate`: the whole date, or the year alone.
    public var birthdateClaim: String {
        if case .day(let date) = self { return date.description }
        return String(latest.description.prefix(4))
    }

    /// The last day that it can mean.
    public var latest: CalendarDate {
        switch self {
        case .year(let year): return Self.lastDay(year, 12)
        case .month(let year, let month): return Self.lastDay(year, month)
        case .day(let date): return date
        }
    }

    /// The first day that it can mean.
    public var earliest: CalendarDate {
        switch self {
        case .year(let year): CalendarDate(year: year, month: 1, day: 1) ?? latest
        case .month(let year, let month): CalendarDate(year: year, month: month, day: 1) ?? latest
        case .day(let date): date
        }
    }

    /// Whether a person born then is certainly so old on a day. What is not certain is not claimed.
    public func isOlder(than years: Int, on day: CalendarDate) -> Bool { latest <= day && latest.age(on: day) >= years }

    private static func lastDay(_ year: Int, _ month: Int) -> CalendarDate {
        let next =
            month == 12
            ? CalendarDate(year: year + 1, month: 1, day: 1) : CalendarDate(year: year, month: month + 1, day: 1)
        return CalendarDate(daysSinceEpoch: (next?.daysSinceEpoch ?? 2_932_897) - 1)
    }
}

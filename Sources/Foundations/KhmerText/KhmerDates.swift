import Kernel

/// Dates in fixed forms, in Khmer with Khmer digits and in English. Nothing here asks a locale: some identifiers stop
/// the process inside `DateFormatter`, and a date in a document must read the same everywhere.
public enum KhmerDates {
    /// The Gregorian months, January first.
    public static let months = [
        "មករា", "កុម្ភៈ", "មីនា", "មេសា", "ឧសភា", "មិថុនា", "កក្កដា", "សីហា", "កញ្ញា", "តុលា", "វិច្ឆិកា", "ធ្នូ",
    ]
    /// The days of the week, Sunday first.
    public static let weekdays = ["អាទិត្យ", "ច័ន្ទ", "អង្គារ", "ពុធ", "ព្រហស្បតិ៍", "សុក្រ", "សៅរ៍"]

    private static let englishMonths = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let englishWeekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    /// `ថ្ងៃទី១៩ ខែមីនា ឆ្នាំ២០២៦` or `19 March 2026`.
    public static func long(_ date: CalendarDate, _ language: Language) -> String {
        switch language {
        case .km:
            "ថ្ងៃទី\(two(date.day, .km)) ខែ\(months[date.month - 1]) ឆ្នាំ\(KhmerDigits.toKhmer(date.year))"
        case .en: "\(date.day) \(englishMonths[date.month - 1]) \(date.year)"
        }
    }

    /// `ថ្ងៃព្រហស្បតិ៍ ទី១៩ ខែមីនា ឆ្នាំ២០២៦` or `Thursday, 19 March 2026`.
    public static func longWithWeekday(_ date: CalendarDate, _ language: Language) -> String {
        // 1970-01-01 was a Thursday, the fifth day.
        let weekday = ((date.daysSinceEpoch + 4) % 7 + 7) % 7
        switch language {
        case .km: return "ថ្ងៃ\(weekdays[weekday]) " + long(date, .km).unicodeScalars.dropFirst(4).asString
        case .en: return "\(englishWeekdays[weekday]), \(long(date, .en))"
        }
    }

    /// `១៩.០៣.២០២៦` or `19.03.2026`.
    public static func short(_ date: CalendarDate, _ language: Language) -> String {
        let year = String(date.year)
        let text =
            "\(two(date.day, .en)).\(two(date.month, .en))."
            + String(repeating: "0", count: 4 - min(4, year.utf8.count)) + year
        return KhmerDigits.prose(text, language)
    }

    /// A moment as Cambodia's clocks show it (UTC+7): `ថ្ងៃទី១៩ ខែមីនា ឆ្នាំ២០២៦ ម៉ោង១៤:៣០` or `19 March 2026, 14:30`.
    public static func long(_ instant: Instant, _ language: Language) -> String {
        let day = long(instant.dayInCambodia, language)
        return language == .km ? "\(day) ម៉ោង\(time(instant, .km))" : "\(day), \(time(instant, .en))"
    }

    /// A moment as Cambodia's clocks show it (UTC+7): `១៩.០៣.២០២៦ ១៤:៣០` or `19.03.2026 14:30`.
    public static func short(_ instant: Instant, _ language: Language) -> String {
        "\(short(instant.dayInCambodia, language)) \(time(instant, language))"
    }

    /// A date as people type it: `dd.mm.yyyy`, `dd/mm/yyyy`, `dd-mm-yyyy` (day and month of one or two digits) or ISO
    /// `yyyy-mm-dd`, in Khmer or ASCII digits, of one script. The year is Gregorian: a Buddhist year is read as it
    /// stands, so the caller checks the range.
    ///
    /// - Throws: `digits.mixed_scripts`, `date.malformed`.
    public static func parse(_ text: String) throws(RumdulError) -> CalendarDate {
        guard text.utf8.count <= 256 else { throw .dateMalformed }
        let typed = KhmerText.display(of: text)
        let hasKhmer = typed.unicodeScalars.contains { (0x17E0...0x17E9).contains($0.value) }
        let hasASCII = typed.unicodeScalars.contains { (0x30...0x39).contains($0.value) }
        guard !(hasKhmer && hasASCII) else { throw .digitsMixed }
        guard let ascii = KhmerDigits.toASCII(typed) else { throw .dateMalformed }
        let bytes = Array(ascii.utf8)
        guard let separator = bytes.first(where: { !(48...57).contains($0) }),
            separator == UInt8(ascii: ".") || separator == UInt8(ascii: "/") || separator == UInt8(ascii: "-")
        else { throw .dateMalformed }
        let parts = bytes.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .dateMalformed }
        let isISO = separator == UInt8(ascii: "-") && parts[0].count == 4
        guard let year = number(parts[isISO ? 0 : 2], digits: 4...4),
            let month = number(parts[1], digits: isISO ? 2...2 : 1...2),
            let day = number(parts[isISO ? 2 : 0], digits: isISO ? 2...2 : 1...2),
            let date = CalendarDate(year: year, month: month, day: day)
        else { throw .dateMalformed }
        return date
    }

    private static func number(_ digits: ArraySlice<UInt8>, digits allowed: ClosedRange<Int>) -> Int? {
        guard allowed.contains(digits.count) else { return nil }
        var value = 0
        for digit in digits {
            guard (48...57).contains(digit) else { return nil }
            value = value * 10 + Int(digit - 48)
        }
        return value
    }

    /// A moment as Cambodia's clocks show it (UTC+7), without the day: `១៤:៣០` or `14:30`.
    public static func time(_ instant: Instant, _ language: Language) -> String {
        let time = instant.timeInCambodia
        return "\(two(time.hour, language)):\(two(time.minute, language))"
    }

    private static func two(_ number: Int, _ language: Language) -> String {
        let text = number < 10 ? "0\(number)" : String(number)
        return KhmerDigits.prose(text, language)
    }
}

extension Sequence<Unicode.Scalar> {
    fileprivate var asString: String { String(scalars: self) }
}

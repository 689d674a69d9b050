import Foundation

/// A moment in UTC, in whole microseconds since 1970-01-01T00:00:00Z: the form in which every table stores time.
public struct Instant: Sendable, Hashable, Comparable, Codable {
    /// Microseconds since the Unix epoch; may be negative.
    public var microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }

    /// A moment from whole seconds since the Unix epoch (JWT `NumericDate`, RFC 7519 section 2).
    public init(seconds: Int64) { self.microseconds = seconds * 1_000_000 }

    /// Whole seconds since the Unix epoch, rounded down.
    public var seconds: Int64 {
        microseconds >= 0 ? microseconds / 1_000_000 : -((-microseconds + 999_999) / 1_000_000)
    }

    public static func < (left: Instant, right: Instant) -> Bool { left.microseconds < right.microseconds }

    /// The moment so many seconds later (earlier when negative).
    public func adding(seconds: Int64) -> Instant { Instant(microseconds: microseconds + seconds * 1_000_000) }

    /// The present moment of the system's clock. Pure code takes a `Clock` instead.
    public static func systemNow() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    /// RFC 3339 in UTC with whole seconds: `2026-03-19T07:30:00Z`.
    public var rfc3339: String {
        let day = CalendarDate(daysSinceEpoch: Int((seconds - ((seconds % 86400) + 86400) % 86400) / 86400))
        let second = Int(((seconds % 86400) + 86400) % 86400)
        func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
        return "\(day)T\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))Z"
    }

    /// The day in Cambodia (UTC+7, no daylight saving) at this moment.
    public var dayInCambodia: CalendarDate {
        let local = seconds + 7 * 3600
        return CalendarDate(daysSinceEpoch: Int((local - ((local % 86400) + 86400) % 86400) / 86400))
    }

    /// Hour and minute in Cambodia (UTC+7) at this moment.
    public var timeInCambodia: (hour: Int, minute: Int) {
        let second = Int((((seconds + 7 * 3600) % 86400) + 86400) % 86400)
        return (second / 3600, second / 60 % 60)
    }
}

/// A day of the Gregorian calendar without a time zone, valid from year 1 to 9999.
public struct CalendarDate: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    public let year: Int
    /// 1...12
    public let month: Int
    /// 1...31
    public let day: Int

    /// A date, or `nil` when there is no such day.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= CalendarDate.daysInMonth(year: year, month: month)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// A date from exactly `YYYY-MM-DD` (ASCII digits), or `nil`.
    public init?(iso text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == 45, bytes[7] == 45 else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            var value = 0
            for byte in bytes[range] {
                guard byte >= 48, byte <= 57 else { return nil }
                value = value * 10 + Int(byte - 48)
            }
            return value
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10) else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// A date from days since 1970-01-01 (civil-from-days; clamped to years 1...9999).
    public init(daysSinceEpoch: Int) {
        let z = min(max(daysSinceEpoch, -719_162), 2_932_896) + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shifted + 2) / 5 + 1
        month = shifted < 10 ? shifted + 3 : shifted - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Days since 1970-01-01.
    public var daysSinceEpoch: Int {
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// ISO 8601 `YYYY-MM-DD`.
    public var description: String {
        func padded(_ n: Int, _ width: Int) -> String {
            let text = String(n)
            return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }

    public static func < (left: CalendarDate, right: CalendarDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }

    /// Whole years of age on another day; 0 before birth.
    public func age(on other: CalendarDate) -> Int {
        let years = other.year - year - ((other.month, other.day) < (month, day) ? 1 : 0)
        return max(0, years)
    }

    private static func daysInMonth(year: Int, month: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        default: 31
        }
    }
}

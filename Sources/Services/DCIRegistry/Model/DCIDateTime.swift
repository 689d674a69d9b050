import Kernel

/// Times of the standard: RFC 3339.
enum DCIDateTime {
    /// Reads `2022-12-04T17:20:07.123-04:00`; `nil` for anything else. Seconds may be missing nowhere, fractions are cut
    /// to microseconds, a leap second counts as the one before.
    static func read(_ text: String) -> Instant? {
        let bytes = Array(text.utf8)
        guard (20...40).contains(bytes.count), [UInt8(ascii: "T"), UInt8(ascii: "t")].contains(bytes[10]),
            let date = CalendarDate(iso: text.prefix(10)), bytes[13] == colon, bytes[16] == colon,
            let hour = number(bytes[11..<13], 0...23), let minute = number(bytes[14..<16], 0...59),
            let second = number(bytes[17..<19], 0...60)
        else { return nil }
        var rest = bytes[19...]
        var micro: Int64 = 0
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { (48...57).contains($0) }
            guard !digits.isEmpty else { return nil }
            for index in 0..<6 {
                micro = micro * 10 + (index < digits.count ? Int64(digits[digits.startIndex + index]) - 48 : 0)
            }
            rest = rest.dropFirst(digits.count + 1)
        }
        guard let offset = offset(Array(rest)) else { return nil }
        let seconds =
            Int64(date.daysSinceEpoch) * 86_400 + hour * 3_600 + minute * 60 + min(second, 59) - offset
        return Instant(microseconds: seconds * 1_000_000 + micro)
    }

    private static let colon = UInt8(ascii: ":")

    /// Seconds east of Greenwich.
    private static func offset(_ bytes: [UInt8]) -> Int64? {
        if bytes == [UInt8(ascii: "Z")] || bytes == [UInt8(ascii: "z")] { return 0 }
        guard bytes.count == 6, bytes[3] == colon, let sign = [UInt8(ascii: "+"): 1, UInt8(ascii: "-"): -1][bytes[0]],
            let hours = number(bytes[1..<3], 0...23), let minutes = number(bytes[4..<6], 0...59)
        else { return nil }
        return Int64(sign) * (hours * 3_600 + minutes * 60)
    }

    private static func number(_ digits: ArraySlice<UInt8>, _ range: ClosedRange<Int64>) -> Int64? {
        guard digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
        let number = digits.reduce(Int64(0)) { $0 * 10 + Int64($1) - 48 }
        return range.contains(number) ? number : nil
    }

    /// A day, also out of a date with a time.
    static func day(_ text: String) -> String { text.utf8.count > 10 ? String(text.prefix(10)) : text }
}

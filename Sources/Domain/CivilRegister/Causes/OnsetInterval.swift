import Kernel
import KhmerText

/// The approximate time between the onset of a condition and death, as the medical certificate asks for it.
public struct OnsetInterval: Sendable, Hashable {
    /// A unit of time, by the letters of an ISO 8601 duration.
    public enum Unit: String, Sendable, CaseIterable {
        case minutes = "TM"
        case hours = "TH"
        case days = "D"
        case weeks = "W"
        case months = "M"
        case years = "Y"
    }

    /// How many; `nil` when it is not known how long.
    public let count: Int?
    public let unit: Unit

    /// What stands for "not known" in stored form.
    static let unknown = "unknown"

    /// Reads what was typed: a number in either script and a unit in Khmer or English, short or in full (`3 d`, `5 days`,
    /// `៣ ថ្ងៃ`, `2h`), `?` or "not known". `nil` for anything else. 999 of a unit at most.
    public init?(typed: String) {
        let text = KhmerText.key(of: KhmerDigits.toASCII(typed) ?? typed).unicodeScalars
            .filter { !$0.properties.isWhitespace && $0.value != 0x200B }
        let digits = text.prefix { (48...57).contains($0.value) }
        let word = String(String.UnicodeScalarView(text.dropFirst(digits.count))).lowercased()
        if digits.isEmpty {
            guard Self.unknownWords.contains(word) else { return nil }
            (count, unit) = (nil, .days)
            return
        }
        guard let count = Int(String(String.UnicodeScalarView(digits))), (1...999).contains(count),
            let unit = Self.units[word]
        else { return nil }
        (self.count, self.unit) = (count, unit)
    }

    /// Reads the stored form.
    public init?(stored: String) {
        if stored == Self.unknown {
            (count, unit) = (nil, .days)
            return
        }
        guard stored.utf8.first == UInt8(ascii: "P") else { return nil }
        let isTime = stored.dropFirst().utf8.first == UInt8(ascii: "T")
        let rest = stored.dropFirst(isTime ? 2 : 1)
        guard let letter = rest.last, let unit = Unit(rawValue: (isTime ? "T" : "") + String(letter)),
            let count = Int(rest.dropLast()), (1...999).contains(count)
        else { return nil }
        (self.count, self.unit) = (count, unit)
    }

    /// An ISO 8601 duration of one unit (`P3D`, `PT2H`), or `unknown`.
    public var stored: String {
        guard let count else { return Self.unknown }
        return unit.rawValue.hasPrefix("T") ? "PT\(count)\(unit.rawValue.dropFirst())" : "P\(count)\(unit.rawValue)"
    }

    /// In words, which can be typed again.
    public func text(_ language: Language) -> String {
        guard let count else { return LocalizedText(km: "មិនដឹង", en: "not known")[language] }
        return KhmerDigits.prose(count, language) + " " + unit.label[language]
    }

    private static let unknownWords: Set<String> = [
        "?", "unknown", "notknown", "nk", KhmerText.key(of: "មិនដឹង"),
    ]

    private static let units: [String: Unit] = {
        let words: [(Unit, [String])] = [
            (.minutes, ["min", "mins", "minute", "minutes", "mn", "នាទី"]),
            (.hours, ["h", "hr", "hrs", "hour", "hours", "ម៉ោង"]), (.days, ["d", "day", "days", "ថ្ងៃ"]),
            (.weeks, ["w", "wk", "wks", "week", "weeks", "សប្តាហ៍", "សប្ដាហ៍", "អាទិត្យ"]),
            (.months, ["m", "mo", "month", "months", "ខែ"]), (.years, ["y", "yr", "yrs", "year", "years", "ឆ្នាំ"]),
        ]
        var units: [String: Unit] = [:]
        for (unit, names) in words {
            for name in names { units[KhmerText.key(of: name).lowercased()] = unit }
        }
        return units
    }()
}

extension OnsetInterval.Unit {
    var label: LocalizedText {
        switch self {
        case .minutes: LocalizedText(km: "នាទី", en: "minutes")
        case .hours: LocalizedText(km: "ម៉ោង", en: "hours")
        case .days: LocalizedText(km: "ថ្ងៃ", en: "days")
        case .weeks: LocalizedText(km: "សប្តាហ៍", en: "weeks")
        case .months: LocalizedText(km: "ខែ", en: "months")
        case .years: LocalizedText(km: "ឆ្នាំ", en: "years")
        }
    }
}

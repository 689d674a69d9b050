import Kernel

/// One figure about an area and year.
public struct Indicator: Sendable, Hashable {
    /// What a figure is counted in.
    public enum Unit: String, Sendable {
        case events, per1000 = "per_1000", percent, perHundredFemales = "per_100_females", perWoman = "per_woman", index

        /// The name in both languages.
        public var label: LocalizedText {
            switch self {
            case .events: LocalizedText(km: "ព្រឹត្តិការណ៍", en: "events")
            case .per1000: LocalizedText(km: "ក្នុង ១០០០", en: "per 1,000")
            case .percent: LocalizedText(km: "ភាគរយ", en: "percent")
            case .perHundredFemales: LocalizedText(km: "ប្រុសក្នុងស្រី ១០០", en: "males per 100 females")
            case .perWoman: LocalizedText(km: "កូនក្នុងស្ត្រីម្នាក់", en: "children per woman")
            case .index: LocalizedText(km: "សន្ទស្សន៍ ០–១០០", en: "index 0–100")
            }
        }
    }

    /// The name in addresses and messages.
    public let id: String
    public let label: LocalizedText
    public let unit: Unit
    /// `nil` when it cannot be computed from what is published.
    public let value: Double?
    /// Whether it is missing because small numbers are left out, and not because there is nothing to divide by.
    public let isSuppressed: Bool

    /// The value with one digit behind the point (two for children per woman, none for events), as written in English.
    public var text: String? {
        guard let value else { return nil }
        let decimals = unit == .events ? 0 : unit == .perWoman ? 2 : 1
        return Self.text(value, decimals: decimals)
    }

    static func text(_ value: Double, decimals: Int) -> String {
        let scale = [1.0, 10, 100][decimals]
        let scaled = Int64((value * scale).rounded())
        guard decimals > 0 else { return String(scaled) }
        let digits = String(scaled.magnitude)
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.utf8.count)) + digits
        return (scaled < 0 ? "-" : "") + padded.dropLast(decimals) + "." + padded.suffix(decimals)
    }
}

/// A numerator and denominator out of published numbers; either may be left out.
struct Fraction {
    var numerator: Double?
    var denominator: Double?
    var isSuppressed = false

    init(_ numerator: Double?, _ denominator: Double?) {
        self.numerator = numerator
        self.denominator = denominator
    }

    init(_ numerator: PublishedCount, _ denominator: Double?) {
        self.init(numerator.number.map(Double.init), denominator)
        isSuppressed = numerator == .suppressed
    }

    init(_ numerator: PublishedCount, _ denominator: PublishedCount) {
        self.init(numerator.number.map(Double.init), denominator.number.map(Double.init))
        isSuppressed = numerator == .suppressed || denominator == .suppressed
    }

    func times(_ factor: Double) -> Double? {
        guard let numerator, let denominator, denominator > 0 else { return nil }
        return numerator / denominator * factor
    }
}

extension [PublishedCount] {
    /// Their sum; left out when one is.
    var sum: PublishedCount {
        var sum = 0
        for count in self {
            guard let number = count.number else { return .suppressed }
            sum += number
        }
        return .count(sum)
    }
}

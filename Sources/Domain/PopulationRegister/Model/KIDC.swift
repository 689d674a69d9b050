import Kernel
import KhmerText

/// Which codes a register gives out and accepts.
public enum CodeRange: String, Sendable, Codable {
    /// Real people: the first digit is 2 to 9.
    case production
    /// Invented people of demonstrations and tests: the first digit is 0. A production register refuses these codes.
    case synthetic

    /// The smallest code body (nine digits) and how many there are.
    var bodies: (first: UInt64, count: UInt64) {
        switch self {
        case .production: (200_000_000, 800_000_000)
        case .synthetic: (0, 100_000_000)
        }
    }

    /// How many codes the range holds, including the few that are never given out.
    public var capacity: Int { Int(bodies.count) }
}

/// The identification code of one person for life, in the profile `assumed-2017`: nine digits drawn at random and a
/// check digit (Verhoeff). It says nothing about its bearer: not age, sex, place, nationality or status.
///
/// The legal format is not published. The profile's name stands beside every stored code, so that another profile can
/// replace it without touching what was given out.
public struct KIDC: Sendable, Hashable {
    /// The name of the profile.
    public static let profile = "assumed-2017"

    /// Ten ASCII digits.
    public let digits: String
    /// Real or invented.
    public let range: CodeRange

    /// A code as a person types it: ASCII or Khmer digits, spaces and hyphens anywhere.
    ///
    /// Throws `kidc.malformed` when there are not ten digits or the first is 1 (reserved), `kidc.check_digit` for a
    /// slip.
    public init(entered text: String) throws(RumdulError) {
        let digits: String
        do {
            digits = try KhmerDigits.identifier(text, limit: 10)
        } catch {
            throw .kidcMalformed
        }
        let values = digits.utf8.map { $0 - 48 }
        guard values.count == 10 else { throw .kidcMalformed }
        switch values[0] {
        case 0: range = .synthetic
        case 1: throw .kidcMalformed
        default: range = .production
        }
        guard Verhoeff.isValid(values) else { throw .kidcCheckDigit }
        self.digits = digits
    }

    /// Draws a code of a range, each with equal chance except those that look like made up by hand, which are drawn
    /// again.
    static func draw(_ range: CodeRange, _ ambient: Ambient) -> KIDC {
        while true {
            let body = range.bodies.first + ambient.uniform(below: range.bodies.count)
            let code = KIDC(body: body, range: range)
            if !code.looksMadeUp { return code }
        }
    }

    init(body: UInt64, range: CodeRange) {
        var values = [UInt8](repeating: 0, count: 9)
        var rest = body
        for index in stride(from: 8, through: 0, by: -1) {
            values[index] = UInt8(rest % 10)
            rest /= 10
        }
        values.append(Verhoeff.checkDigit(values))
        digits = String(decoding: values.map { $0 + 48 }, as: UTF8.self)
        self.range = range
    }

    /// Eight or more equal digits in a row, or eight or more that count up or down by one.
    var looksMadeUp: Bool {
        let values = digits.utf8.map(Int.init)
        var run = 1
        var step: Int?
        for (left, right) in zip(values, values.dropFirst()) {
            let next = right - left
            if next == step {
                run += 1
            } else {
                run = 2
                step = (-1...1).contains(next) ? next : nil
            }
            if step != nil, run >= 8 { return true }
        }
        return false
    }

    /// Grouped for reading: `234 567 8901`.
    public var display: String {
        let text = Array(digits)
        return String(text[0..<3]) + " " + String(text[3..<6]) + " " + String(text[6...])
    }

    /// Only the last four digits, for screens: `••• ••• 8901`.
    public var masked: String { "••• ••• " + digits.suffix(4) }
}

/// Prints masked, so that a code never reaches a log by accident.
extension KIDC: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String { masked }
    public var debugDescription: String { masked }
}

import Kernel
import KhmerText

/// How long an alias lives.
public enum VIDKind: String, Sendable, Codable, CaseIterable {
    /// Until it is revoked.
    case perpetual
    /// Until a moment.
    case temporary
    /// For one use, or until a moment, whichever is first.
    case oneTime
}

/// An alias for a KIDC that can be given away and taken back: fifteen random digits and a check digit (Verhoeff).
/// Sixteen digits, so that nobody mistakes it for a KIDC.
public struct VID: Sendable, Hashable {
    /// Sixteen ASCII digits; the first is not 0.
    public let digits: String

    /// An alias as a person types it. Throws `vid.malformed`, `vid.check_digit`.
    public init(entered text: String) throws(RumdulError) {
        let digits: String
        do {
            digits = try KhmerDigits.identifier(text, limit: 16)
        } catch {
            throw .vidMalformed
        }
        let values = digits.utf8.map { $0 - 48 }
        guard values.count == 16, values[0] != 0 else { throw .vidMalformed }
        guard Verhoeff.isValid(values) else { throw .vidCheckDigit }
        self.digits = digits
    }

    /// Draws an alias, each with equal chance.
    static func draw(_ ambient: Ambient) -> VID {
        let first: UInt64 = 100_000_000_000_000
        var rest = first + ambient.uniform(below: 9 * first)
        var values = [UInt8](repeating: 0, count: 15)
        for index in stride(from: 14, through: 0, by: -1) {
            values[index] = UInt8(rest % 10)
            rest /= 10
        }
        values.append(Verhoeff.checkDigit(values))
        return VID(digits: String(decoding: values.map { $0 + 48 }, as: UTF8.self))
    }

    private init(digits: String) { self.digits = digits }

    /// Grouped for reading: four groups of four.
    public var display: String {
        let text = Array(digits)
        return stride(from: 0, to: 16, by: 4).map { String(text[$0..<$0 + 4]) }.joined(separator: " ")
    }
}

extension VID: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String { "•••• •••• •••• " + digits.suffix(4) }
    public var debugDescription: String { description }
}

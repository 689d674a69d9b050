import Kernel

/// A code of ICD-10 or ICD-11 by its form, whatever it names: what a line of a death certificate may carry.
///
/// ICD-10 is a letter and two digits, perhaps with a point and one or two more (`I21.9`). The second character of an
/// ICD-11 code is a letter (`BA41.0`); several may be joined to a cluster by `&` (extension) and `/` (further stem code).
/// Whether the classification has such a code is not known here.
public struct ICDCode: Sendable, Hashable {
    /// Upper case, with its point.
    public let text: String
    /// Whether it is of ICD-11.
    public let isEleven: Bool

    /// The longest code or cluster, in characters.
    public static let limit = 40

    /// Reads a code as typed: lower case and a missing point (ICD-10) are accepted. `nil` for anything else.
    public init?(_ typed: String) {
        let bytes = Array(typed.uppercased().utf8.filter { $0 != 32 })
        guard (3...Self.limit).contains(bytes.count) else { return nil }
        if Self.isLetter(bytes[0]), Self.isDigit(bytes[1]) {
            guard let text = Self.ten(bytes) else { return nil }
            (self.text, isEleven) = (text, false)
        } else {
            let parts = bytes.split(omittingEmptySubsequences: false) { $0 == 38 || $0 == 47 }
            guard let first = parts.first, Self.isStem(Array(first)),
                parts.dropFirst().allSatisfy({ Self.isStem(Array($0)) || Self.isExtension(Array($0)) })
            else { return nil }
            (text, isEleven) = (String(decoding: bytes, as: UTF8.self), true)
        }
    }

    /// `A00` or `A00.0`, with at most two digits behind the point.
    private static func ten(_ bytes: [UInt8]) -> String? {
        guard isDigit(bytes[2]) else { return nil }
        var rest = bytes.dropFirst(3)
        if rest.first == 46 {
            rest = rest.dropFirst()
            guard !rest.isEmpty else { return nil }
        }
        guard rest.count <= 2, rest.allSatisfy(isDigit) else { return nil }
        let head = String(decoding: bytes.prefix(3), as: UTF8.self)
        return rest.isEmpty ? head : head + "." + String(decoding: rest, as: UTF8.self)
    }

    /// A stem code: chapter, letter, digit, digit or letter, and at most two more behind a point. I and O are not used.
    private static func isStem(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 4, bytes.count <= 7, isDigit(bytes[0]) || isLetter(bytes[0]), bytes[0] != 88,
            isLetter(bytes[1]), isDigit(bytes[2]), isDigit(bytes[3]) || isLetter(bytes[3]), usesNoIO(bytes)
        else { return false }
        if bytes.count == 4 { return true }
        return bytes[4] == 46 && bytes.count > 5 && bytes[5...].allSatisfy { isDigit($0) || isLetter($0) }
    }

    /// An extension code, of chapter X: `XS25`, `XN1V5`, `XA8PW3`.
    private static func isExtension(_ bytes: [UInt8]) -> Bool {
        guard (4...8).contains(bytes.count), bytes[0] == 88, isLetter(bytes[1]), usesNoIO(bytes) else { return false }
        return bytes[2...].allSatisfy { isDigit($0) || isLetter($0) || $0 == 46 } && bytes.last != 46
    }

    private static func usesNoIO(_ bytes: [UInt8]) -> Bool {
        !bytes.contains { $0 == UInt8(ascii: "I") || $0 == UInt8(ascii: "O") }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) }
}

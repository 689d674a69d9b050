import Kernel

/// A sheet of printed one-time codes: the authenticator of a person without a phone. Its codes are shown once, when it
/// is printed; afterwards only keyed hashes of them exist here.
public struct CodeSheet: Sendable {
    /// How many codes a sheet has, numbered from 1.
    public static let size = 20
    /// How many digits a code has.
    public static let digits = 8
    /// How many wrong tries in a row lock a sheet.
    public static let tries = 5

    /// Where a sheet stands.
    public enum State: String, Sendable, Codable {
        case active
        /// A newer sheet took its place.
        case replaced
        /// Ended by an officer.
        case ended
    }

    /// Identifier; also what stands where an approval names its device.
    public let id: String
    public let personID: PersonID
    public let state: State
    /// Wrong tries since the last right code, 0...5.
    public let failures: Int
    /// How well the person's identity was proven when the sheet was printed.
    public let ial: IdentityAssuranceLevel
    public let printedAt: Instant
    /// How many codes are unused.
    public let left: Int

    /// True after five wrong tries, until an officer unlocks the sheet.
    public var isLocked: Bool { failures >= Self.tries }

    static let prefix = "sheet."

    /// Whether an identifier is a sheet's and not a device's.
    static func isIdentifier(_ text: String) -> Bool { text.utf8.starts(with: prefix.utf8) }
}

/// A sheet with its codes in the clear: exists while the page that shows it is made, and never again.
public struct PrintedCodes: Sendable {
    public let sheet: CodeSheet
    /// The codes in the order of their numbers.
    public let codes: [String]
}

/// The answer to one try of a code.
public enum CodeCheck: Sendable, Equatable {
    /// This code was the right one, and is used up now.
    case correct(sheet: String, number: Int)
    /// Wrong, or the sheet is locked, or there is none: one answer, so that nobody learns which.
    case refused
}

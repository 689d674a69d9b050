import Codecs

/// The identifier of an authenticator model: 16 bytes (WebAuthn section 6.5.1).
public struct AAGUID: Sendable, Hashable, CustomStringConvertible {
    /// The 16 bytes.
    public let bytes: [UInt8]

    /// 16 bytes, else `nil`.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// The text form of a UUID, in either case; else `nil`.
    public init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [8, 4, 4, 4, 12], let bytes = Hex.decode(parts.joined()) else { return nil }
        self.init(bytes: bytes)
    }

    private init() { bytes = [UInt8](repeating: 0, count: 16) }

    /// All zero: the authenticator does not say its model.
    public static let zero = AAGUID()

    /// The text form of a UUID in lower case.
    public var description: String {
        let text = Hex.encode(bytes)
        var result = ""
        for (index, character) in text.enumerated() {
            if [8, 12, 16, 20].contains(index) { result.append("-") }
            result.append(character)
        }
        return result
    }
}

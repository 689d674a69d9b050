/// The `Authorization` field of a request: a scheme and one token (RFC 9110, sections 11.1 and 11.6.2).
public struct AuthorizationField: Sendable {
    /// What follows the scheme, as sent.
    public let credentials: Substring
    private let scheme: Substring

    /// Splits at the spaces between; `nil` unless there are exactly two parts.
    public init?(_ value: String) {
        let bytes = value.utf8
        guard let space = bytes.firstIndex(of: 0x20), space != bytes.startIndex else { return nil }
        var start = space
        while start != bytes.endIndex, bytes[start] == 0x20 { bytes.formIndex(after: &start) }
        var end = bytes.endIndex
        while end != start, bytes[bytes.index(before: end)] == 0x20 { bytes.formIndex(before: &end) }
        guard start != end, !bytes[start..<end].contains(0x20) else { return nil }
        scheme = value[..<space]
        credentials = value[start..<end]
    }

    /// Whether the scheme has this name, given in lower case; case does not matter (RFC 9110, section 11.1).
    public func isScheme(_ name: StaticString) -> Bool {
        guard scheme.utf8.count == name.utf8CodeUnitCount else { return false }
        return name.withUTF8Buffer { wanted in
            zip(scheme.utf8, wanted).allSatisfy { byte, wanted in
                (byte >= 65 && byte <= 90 ? byte | 32 : byte) == wanted
            }
        }
    }
}

import Kernel

/// An `http` or `https` URL read strictly (RFC 3986, a part of it): what two parsers could read differently is refused.
public struct OutboundURL: Sendable, Hashable {
    /// The scheme.
    public enum Scheme: String, Sendable {
        case https, http

        /// 443 or 80.
        public var standardPort: Int { self == .https ? 443 : 80 }
    }

    public let scheme: Scheme
    /// A host name of letters, digits and hyphens in lower case (IDN as A-labels), or an IP address; IPv6 in brackets.
    public let host: String
    /// The address, when the host is one.
    public let address: NetworkAddress?
    /// 1...65535
    public let port: Int
    /// Path and query, as they go into the request line; begins with `/`.
    public let target: String

    /// The longest URL that is read, in bytes.
    public static let maximumLength = 2048

    /// Reads a URL. Refused: any other scheme or one not in lower case, user information, a fragment, white space,
    /// control and non-ASCII characters, backslashes, percent signs in the host, hosts that are numbers in any form but
    /// dotted decimal, IPv6 zones, empty labels (so also a dot at the end), port 0.
    /// - Throws: `outbound.url`.
    public init(_ text: String) throws(RumdulError) {
        guard text.utf8.count <= Self.maximumLength else { throw .outboundURL("longer than 2048 bytes") }
        var rest = Array(text.utf8)[...]
        guard rest.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw .outboundURL("a character outside ASCII") }
        if rest.starts(with: "https://".utf8) {
            scheme = .https
        } else if rest.starts(with: "http://".utf8) {
            scheme = .http
        } else {
            throw .outboundURL("neither https nor http")
        }
        rest = rest.dropFirst(scheme == .https ? 8 : 7)
        let end = rest.firstIndex { $0 == 0x2F || $0 == 0x3F || $0 == 0x23 } ?? rest.endIndex
        let (hostText, portText) = try Self.authority(rest[..<end])
        (host, address) = try Self.host(hostText)
        port = try Self.port(portText, standard: scheme.standardPort)
        target = try Self.target(rest[end...])
    }

    /// Host and port as in the `Host` field (RFC 9110 section 7.2).
    public var authority: String { port == scheme.standardPort ? host : host + ":" + String(port) }

    /// The URL in its one form.
    public var text: String { scheme.rawValue + "://" + authority + target }

    private static func authority(
        _ bytes: ArraySlice<UInt8>
    ) throws(RumdulError) -> (ArraySlice<UInt8>, ArraySlice<UInt8>?) {
        let colon: Int?
        if bytes.first == 0x5B {
            guard let close = bytes.firstIndex(of: 0x5D) else { throw .outboundURL("an open bracket") }
            let after = bytes.index(after: close)
            guard after == bytes.endIndex || bytes[after] == 0x3A else { throw .outboundURL("text behind a bracket") }
            colon = after == bytes.endIndex ? nil : after
        } else {
            colon = bytes.firstIndex(of: 0x3A)
        }
        guard let colon else { return (bytes, nil) }
        return (bytes[..<colon], bytes[(colon + 1)...])
    }

    private static func host(_ bytes: ArraySlice<UInt8>) throws(RumdulError) -> (String, NetworkAddress?) {
        let lower = bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        let text = String(decoding: lower, as: UTF8.self)
        if bytes.first == 0x5B {
            guard let address = NetworkAddress(text.dropFirst().dropLast()), case .v6 = address else {
                throw .outboundURL("no IPv6 address in the brackets")
            }
            return (text, address)
        }
        if let address = NetworkAddress(text), case .v4 = address { return (text, address) }
        guard isName(text) else { throw .outboundURL("no host name") }
        return (text, nil)
    }

    /// Whether a text in lower case is a host name: labels of letters, digits and inner hyphens, the last one not to be
    /// taken for a number by any resolver.
    static func isName(_ text: some StringProtocol) -> Bool {
        let bytes = Array(text.utf8)
        guard (1...253).contains(bytes.count) else { return false }
        let labels = bytes.split(separator: 0x2E, omittingEmptySubsequences: false)
        for label in labels {
            guard (1...63).contains(label.count), label.first != 0x2D, label.last != 0x2D,
                label.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D })
            else { return false }
        }
        guard let last = labels.last else { return false }
        if last.allSatisfy({ (0x30...0x39).contains($0) }) { return false }
        let isHexadecimal =
            last.starts(with: [0x30, 0x78]) && last.dropFirst(2).allSatisfy { NetworkAddress.hexDigit($0) != nil }
        return !isHexadecimal
    }

    private static func port(_ bytes: ArraySlice<UInt8>?, standard: Int) throws(RumdulError) -> Int {
        guard let bytes else { return standard }
        guard (1...5).contains(bytes.count), bytes.allSatisfy({ (0x30...0x39).contains($0) }), bytes.first != 0x30,
            let port = Int(String(decoding: bytes, as: UTF8.self)), port <= 65535
        else { throw .outboundURL("no port") }
        return port
    }

    private static let targetCharacters = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?%".utf8)

    private static func target(_ bytes: ArraySlice<UInt8>) throws(RumdulError) -> String {
        guard bytes.allSatisfy({ targetCharacters.contains($0) }) else {
            throw .outboundURL("a fragment, or a character that must be percent-encoded")
        }
        for index in bytes.indices where bytes[index] == 0x25 {
            guard index + 2 < bytes.endIndex, NetworkAddress.hexDigit(bytes[index + 1]) != nil,
                NetworkAddress.hexDigit(bytes[index + 2]) != nil
            else { throw .outboundURL("a percent sign without two digits") }
        }
        let text = String(decoding: bytes, as: UTF8.self)
        return bytes.first == 0x2F ? text : "/" + text
    }
}

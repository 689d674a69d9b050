import Kernel

/// The base address of a server: scheme, host, optional port and path, nothing else. Plain `http` is allowed only to
/// this machine.
public struct ServerURL: Sendable, Hashable, CustomStringConvertible {
    /// The address without a trailing slash.
    public let text: String
    /// The path without a trailing slash, empty for most servers.
    public let path: String

    /// Reads an address; a trailing slash is dropped.
    /// - Throws: `device.server_url` for anything with user data, query or fragment, for a malformed host or port, and
    ///   for `http` to another machine.
    public init(_ text: some StringProtocol) throws(RumdulError) {
        guard text.utf8.count <= 512, let separator = text.firstRange(of: "://") else { throw RumdulError.serverURL }
        let scheme = text[..<separator.lowerBound].lowercased()
        var rest = text[separator.upperBound...]
        while rest.hasSuffix("/") { rest = rest.dropLast() }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = String(rest[..<slash])
        let path = String(rest[slash...])
        guard let host = ServerURL.host(of: authority) else { throw RumdulError.serverURL }
        guard path.utf8.allSatisfy(ServerURL.isPathByte), !path.hasPrefix("//") else { throw RumdulError.serverURL }
        let local = ["localhost", "127.0.0.1", "[::1]"].contains(host)
        guard scheme == "https" || (scheme == "http" && local) else { throw RumdulError.serverURL }
        self.path = path
        self.text = scheme + "://" + authority + path
    }

    public var description: String { text }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122: true
        default: "/-._~!$&'()*+,;=:@".utf8.contains(byte)
        }
    }

    /// The host of an authority with an optional port, or `nil` when either is malformed.
    private static func host(of authority: String) -> String? {
        var host = authority[...]
        let bracket = authority.hasPrefix("[") ? authority.firstIndex(of: "]") : authority.startIndex
        guard let bracket else { return nil }
        if let colon = authority[bracket...].firstIndex(of: ":") {
            let port = authority[authority.index(after: colon)...]
            guard (1...5).contains(port.utf8.count), port.utf8.allSatisfy({ (48...57).contains($0) }),
                let number = Int(port), (1...65535).contains(number)
            else { return nil }
            host = authority[..<colon]
        }
        guard !host.isEmpty, host.utf8.count <= 253 else { return nil }
        if host.hasPrefix("[") {
            let inner = host.dropFirst().dropLast()
            guard host.hasSuffix("]"), !inner.isEmpty,
                inner.utf8.allSatisfy({ $0 == 58 || $0 == 46 || isHexDigit($0) })
            else { return nil }
        } else {
            guard host.utf8.allSatisfy({ $0 == 45 || $0 == 46 || isAlphanumeric($0) }) else { return nil }
        }
        return host.lowercased()
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
}

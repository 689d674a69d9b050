/// Checks of redirect URIs at registration. At the authorization endpoint only exact string equality counts.
public enum RedirectURI {
    /// The host of an absolute http(s) URI, or `nil`.
    public static func host(_ uri: String) -> String? {
        let bytes = uri.utf8
        var colon = bytes.firstIndex(of: UInt8(ascii: ":"))
        while let found = colon, !bytes[found...].starts(with: "://".utf8) {
            colon = bytes[bytes.index(after: found)...].firstIndex(of: UInt8(ascii: ":"))
        }
        guard let colon else { return nil }
        let rest = bytes[bytes.index(colon, offsetBy: 3)...]
        let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        guard !authority.isEmpty, !authority.contains(UInt8(ascii: "@")), !authority.contains(UInt8(ascii: "\\")) else {
            return nil
        }
        if authority.first == UInt8(ascii: "["), let end = authority.firstIndex(of: UInt8(ascii: "]")) {
            return String(uri[authority.startIndex...end])
        }
        return String(Substring(authority.prefix { $0 != UInt8(ascii: ":") }))
    }

    /// Whether the URI may be registered: absolute, https (or http on the loopback interface, RFC 8252 section 7.3), ASCII without
    /// spaces, no fragment, no user information, no dot segments.
    public static func isRegistrable(_ uri: String) -> Bool {
        guard isPlain(uri), let host = host(uri), !host.isEmpty else { return false }
        if uri.hasPrefix("https://") { return true }
        return uri.hasPrefix("http://") && ["127.0.0.1", "localhost", "[::1]"].contains(host)
    }

    /// Whether the URI may be registered as an https address.
    public static func isHTTPS(_ uri: String) -> Bool { isRegistrable(uri) && uri.hasPrefix("https://") }

    /// Whether a native client may register the URI: as above, or with a private-use scheme that names a domain, such as
    /// `kh.example.app:/callback` (RFC 8252, section 7.1).
    public static func isRegistrableNative(_ uri: String) -> Bool {
        if isRegistrable(uri) { return true }
        guard isPlain(uri), let colon = uri.firstIndex(of: ":") else { return false }
        let scheme = uri[..<colon].utf8
        let rest = uri[uri.index(after: colon)...]
        let dots = scheme.contains(46) && scheme.first != 46 && scheme.last != 46
        let clean = scheme.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 46 }
        return dots && clean && rest.hasPrefix("/") && !rest.hasPrefix("//") && rest.utf8.count > 1
    }

    /// The URI without its port when it is http on a loopback address (not on the name `localhost`), or `nil`.
    static func loopbackWithoutPort(_ uri: String) -> String? {
        for address in ["http://127.0.0.1", "http://[::1]"] where uri.hasPrefix(address) {
            var rest = uri.dropFirst(address.count)
            if rest.first == ":" {
                let port = rest.dropFirst().prefix { $0 != "/" && $0 != "?" }
                guard (1...5).contains(port.utf8.count), port.utf8.allSatisfy({ (48...57).contains($0) }) else {
                    return nil
                }
                rest = rest.dropFirst(1 + port.count)
            }
            guard rest.isEmpty || rest.first == "/" || rest.first == "?" else { return nil }
            return address + rest
        }
        return nil
    }

    private static func isPlain(_ uri: String) -> Bool {
        uri.utf8.count <= 512 && uri.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x5C && $0 != 0x2A }
            && !uri.contains("#") && !uri.contains("/../") && !uri.contains("/./") && !uri.hasSuffix("/..")
    }
}

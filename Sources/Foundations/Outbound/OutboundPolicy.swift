import Kernel

/// One entry of the setting `outbound_allow`: a host or a block of addresses that the operator trusts.
///
/// `[http://|https://]HOST-OR-BLOCK[:PORT|:*]`. Without a port the standard port of the scheme is meant; only entries
/// with `http://` allow requests without TLS (and then both). IPv6 with a port stands in brackets: `[fd00::/8]:8443`.
public struct OutboundRule: Sendable, Hashable {
    enum Target: Sendable, Hashable {
        case host(String)
        case block(NetworkBlock)
    }

    enum Ports: Sendable, Hashable {
        case standard
        case one(Int)
        case any
    }

    let target: Target
    let ports: Ports
    let allowsHTTP: Bool

    /// Reads an entry; `nil` when it is none.
    public init?(_ text: String) {
        var rest = text[...]
        allowsHTTP = rest.hasPrefix("http://")
        for scheme in ["http://", "https://"] where rest.hasPrefix(scheme) { rest = rest.dropFirst(scheme.count) }
        var port: Substring?
        if rest.hasPrefix("[") {
            guard let close = rest.firstIndex(of: "]") else { return nil }
            let after = rest[rest.index(after: close)...]
            guard after.isEmpty || after.hasPrefix(":") else { return nil }
            port = after.isEmpty ? nil : after.dropFirst()
            rest = rest[rest.index(after: rest.startIndex)..<close]
            guard rest.contains(":") else { return nil }
        } else if rest.filter({ $0 == ":" }).count == 1, let colon = rest.firstIndex(of: ":") {
            port = rest[rest.index(after: colon)...]
            rest = rest[..<colon]
        }
        let lower = rest.lowercased()
        if let block = NetworkBlock(rest) {
            target = .block(block)
        } else if OutboundURL.isName(lower) {
            target = .host(lower)
        } else {
            return nil
        }
        switch port {
        case nil: ports = .standard
        case "*": ports = .any
        case let port?:
            guard port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(port),
                (1...65535).contains(number)
            else { return nil }
            ports = .one(number)
        }
    }

    /// Whether scheme and port are within the entry.
    func permits(_ url: OutboundURL) -> Bool {
        guard url.scheme == .https || allowsHTTP else { return false }
        switch ports {
        case .any: return true
        case .one(let port): return url.port == port
        case .standard: return url.port == url.scheme.standardPort
        }
    }
}

/// Where requests may go: `https` on port 443 to public addresses, and what the operator has named besides.
public struct OutboundPolicy: Sendable {
    /// What the operator trusts beyond the public rule.
    public var rules: [OutboundRule]
    /// Ports that any public host may be asked on over https.
    public var publicPorts: Set<Int>

    public init(rules: [OutboundRule] = [], publicPorts: Set<Int> = [443]) {
        self.rules = rules
        self.publicPorts = publicPorts
    }

    /// Public hosts over https on port 443, nothing else.
    public static let publicOnly = OutboundPolicy()

    /// The entries that let a demonstration talk to itself over http.
    public static let loopbackEntries = ["http://localhost:*", "http://127.0.0.0/8:*", "http://[::1]:*"]

    /// Refuses, before any name is looked up, a URL that no address could make good.
    /// - Throws: `outbound.url`.
    public func check(_ url: OutboundURL) throws(RumdulError) {
        if let address = url.address {
            guard permits(address, of: url) else { throw .outboundURL("scheme, port or address not allowed") }
            return
        }
        let isPublic = url.scheme == .https && publicPorts.contains(url.port) && url.host.contains(".")
        let isNamed = rules.contains { rule in
            guard rule.permits(url) else { return false }
            switch rule.target {
            case .host(let host): return host == url.host
            case .block: return url.host.contains(".")
            }
        }
        guard isPublic || isNamed else { throw .outboundURL("scheme, port or name not allowed") }
    }

    /// Refuses the whole answer of a resolver when there is none, or one address in it must not be reached.
    /// - Throws: `outbound.address`.
    public func check(_ addresses: [NetworkAddress], of url: OutboundURL) throws(RumdulError) {
        guard !addresses.isEmpty else { throw .outboundAddress("no address") }
        guard addresses.allSatisfy({ permits($0, of: url) }) else { throw .outboundAddress("not a public address") }
    }

    private func permits(_ address: NetworkAddress, of url: OutboundURL) -> Bool {
        if url.scheme == .https, publicPorts.contains(url.port), AddressRules.isPublic(address) { return true }
        return rules.contains { rule in
            guard rule.permits(url) else { return false }
            switch rule.target {
            case .host(let host): return host == url.host
            case .block(let block): return block.contains(address)
            }
        }
    }
}

/// Which addresses belong to somebody on the public Internet. Everything else is refused as the destination of a
/// request that somebody else asked for (server-side request forgery, CWE-918).
public enum AddressRules {
    /// Whether an address is ordinary public unicast: outside every block of IANA's special-purpose registries
    /// (RFC 6890 and its successors) and, for IPv6, inside the space that is given out (2000::/3).
    ///
    /// Blocks that carry an IPv4 address inside an IPv6 one (mapped, compatible, NAT64, 6to4, Teredo) are refused as a
    /// whole, so that no private address comes in through a wrapping.
    public static func isPublic(_ address: NetworkAddress) -> Bool {
        switch address {
        case .v4: !refused4.contains { $0.contains(address) }
        case .v6: given6.contains(address) && !refused6.contains { $0.contains(address) }
        }
    }

    private static func v4(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32, _ prefix: Int) -> NetworkBlock {
        NetworkBlock(table: .v4(a << 24 | b << 16 | c << 8 | d), prefix)
    }

    private static func v6(_ high: UInt64, _ prefix: Int) -> NetworkBlock { NetworkBlock(table: .v6(high, 0), prefix) }

    /// IANA IPv4 Special-Purpose Address Registry, and the multicast space.
    private static let refused4: [NetworkBlock] = [
        v4(0, 0, 0, 0, 8),  // this network
        v4(10, 0, 0, 0, 8),  // private use
        v4(100, 64, 0, 0, 10),  // shared address space of carriers (RFC 6598)
        v4(127, 0, 0, 0, 8),  // loopback
        v4(169, 254, 0, 0, 16),  // link local; the metadata service of clouds
        v4(172, 16, 0, 0, 12),  // private use
        v4(192, 0, 0, 0, 24),  // IETF protocol assignments
        v4(192, 0, 2, 0, 24),  // documentation
        v4(192, 31, 196, 0, 24),  // AS112
        v4(192, 52, 193, 0, 24),  // automatic multicast tunnelling
        v4(192, 88, 99, 0, 24),  // 6to4 relay, deprecated
        v4(192, 168, 0, 0, 16),  // private use
        v4(192, 175, 48, 0, 24),  // AS112, direct delegation
        v4(198, 18, 0, 0, 15),  // benchmarking
        v4(198, 51, 100, 0, 24),  // documentation
        v4(203, 0, 113, 0, 24),  // documentation
        v4(224, 0, 0, 0, 4),  // multicast
        v4(240, 0, 0, 0, 4),  // reserved, and the limited broadcast
    ]

    /// The only space from which global unicast addresses are given out. Outside of it lie, among others: unspecified,
    /// loopback, mapped and compatible IPv4, NAT64 (64:ff9b::/96 and 64:ff9b:1::/48), discard-only, segment routing,
    /// unique local, link local, site local and multicast.
    private static let given6 = v6(0x2000_0000_0000_0000, 3)

    /// IANA IPv6 Special-Purpose Address Registry, as far as it lies in 2000::/3.
    private static let refused6: [NetworkBlock] = [
        v6(0x2001_0000_0000_0000, 23),  // IETF protocol assignments: Teredo, benchmarking, ORCHID, drone identifiers
        v6(0x2001_0DB8_0000_0000, 32),  // documentation
        v6(0x2002_0000_0000_0000, 16),  // 6to4
        v6(0x2620_004F_8000_0000, 48),  // AS112, direct delegation
        v6(0x3FFF_0000_0000_0000, 20),  // documentation
    ]
}

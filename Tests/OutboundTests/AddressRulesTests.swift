import Foundation
import Testing

@testable import Outbound

@Suite("Addresses")
struct AddressRulesTests {
    /// IANA's special-purpose registries and the other spaces where no public host lives, as their texts stand there.
    static let special = [
        "0.0.0.0/8", "0.0.0.0/32", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.0.0/29", "192.0.0.8/32", "192.0.0.9/32", "192.0.0.10/32", "192.0.0.170/32",
        "192.0.0.171/32", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16",
        "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "255.255.255.255/32",
        "::1/128", "::/128", "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64",
        "100:0:0:1::/64", "2001::/23", "2001::/32", "2001:1::1/128", "2001:1::2/128", "2001:1::3/128", "2001:2::/48",
        "2001:3::/32", "2001:4:112::/48", "2001:10::/28", "2001:20::/28", "2001:30::/28", "2001:db8::/32", "2002::/16",
        "2620:4f:8000::/48", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    ]

    @Test(arguments: special)
    func specialPurposeBlocksAreRefusedFromEndToEnd(_ text: String) throws {
        let block = try #require(NetworkBlock(text))
        #expect(!AddressRules.isPublic(block.first))
        #expect(!AddressRules.isPublic(Self.last(block)))
    }

    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0",
        "192.0.3.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255", "198.51.101.0",
        "203.0.112.255", "203.0.114.0", "223.255.255.255", "2001:200::", "2001:db7:ffff::1", "2001:db9::", "2003::1",
        "2400:cb00::1", "2606:4700:4700::1111", "2620:4f:7fff::1", "2620:4f:8001::", "2000::1",
        "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2a00:1450::",
    ])
    func neighboursArePublic(_ text: String) throws {
        #expect(AddressRules.isPublic(try #require(NetworkAddress(text))))
    }

    /// Half of the random addresses lie in a special block; the model compares bytes that the C library has read.
    @Test func agreesWithAModelOnRandomAddresses() throws {
        var random = Fixed(state: 40)
        let blocks = try Self.special.map { text in try #require(Model(text)) }
        var publicOnes = 0
        for round in 0..<40_000 {
            var bytes = (0..<(round % 2 == 0 ? 4 : 16)).map { _ in UInt8.random(in: 0...255, using: &random) }
            if round % 3 == 0, let block = blocks.randomElement(using: &random) { bytes = block.random(&random) }
            if round % 3 == 1, bytes.count == 16 { bytes[0] = bytes[0] & 0x1F | 0x20 }
            let address = try #require(NetworkAddress(bytes: bytes))
            #expect(address.bytes == bytes)
            let given = bytes.count == 4 || bytes[0] >> 5 == 1
            let expected = given && !blocks.contains { $0.contains(bytes) }
            #expect(AddressRules.isPublic(address) == expected, "\(address)")
            if expected { publicOnes += 1 }
        }
        #expect(publicOnes > 5000 && publicOnes < 35_000)
    }

    @Test func whateverIPv4IsWrappedIntoIPv6IsRefused() throws {
        for prefix in ["::", "::ffff:", "::ffff:0:", "64:ff9b::", "64:ff9b:1::", "2001::", "fe80::5efe:"] {
            for inner in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "8.8.8.8"] {
                let address = try #require(NetworkAddress(prefix + inner), "\(prefix)\(inner)")
                #expect(!AddressRules.isPublic(address))
            }
        }
        #expect(!AddressRules.isPublic(try #require(NetworkAddress("2002:7f00:1::"))))
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.256", "01.2.3.4", "0x7f.0.0.1", "0177.0.0.1", "2130706433",
        "127.1", "1.2.3.4 ", " 1.2.3.4", "1.2.3.", ".1.2.3", "1..2.3", "+1.2.3.4", "１.2.3.4", ":", ":::", "::1::",
        "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8", "12345::", "g::", "::1%eth0", "fe80::1%25eth0",
        "[::1]", "::1.2.3", "1.2.3.4::", "::1.2.3.4:1", "1:", ":1", "::ffff:1.2.3.04",
        "0000:0000:0000:0000:0000:0000:0000:0000:0000:0001",
    ])
    func otherFormsAreNoAddresses(_ text: String) { #expect(NetworkAddress(text) == nil) }

    @Test func textsOfIPv6() throws {
        for (text, full) in [
            ("::", "0:0:0:0:0:0:0:0"), ("::1", "0:0:0:0:0:0:0:1"), ("1::", "1:0:0:0:0:0:0:0"),
            ("2001:DB8::a:b", "2001:db8:0:0:0:0:a:b"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
            ("::ffff:1.2.3.4", "0:0:0:0:0:ffff:102:304"), ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
        ] {
            let address = try #require(NetworkAddress(text))
            #expect(address.description == full)
            #expect(NetworkAddress(full) == address)
        }
    }

    @Test(arguments: [
        "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/+8", "fd00::1/8", "fd00::/129", "/8",
        "10.0.0.0/8/8", "host/8",
    ])
    func blocksWithFaults(_ text: String) { #expect(NetworkBlock(text) == nil) }

    /// The last address of a block.
    private static func last(_ block: NetworkBlock) -> NetworkAddress {
        var bytes = block.first.bytes
        for bit in block.prefix..<(bytes.count * 8) { bytes[bit / 8] |= 0x80 >> UInt8(bit % 8) }
        return NetworkAddress(bytes: bytes) ?? block.first
    }

    /// A block as the C library reads it.
    private struct Model {
        var bytes: [UInt8]
        var prefix: Int

        init?(_ text: String) {
            let parts = text.split(separator: "/")
            let isV6 = text.contains(":")
            var bytes = [UInt8](repeating: 0, count: isV6 ? 16 : 4)
            guard parts.count == 2, let prefix = Int(parts[1]),
                inet_pton(isV6 ? AF_INET6 : AF_INET, String(parts[0]), &bytes) == 1
            else { return nil }
            self.bytes = bytes
            self.prefix = prefix
        }

        func contains(_ other: [UInt8]) -> Bool {
            other.count == bytes.count
                && (0..<prefix).allSatisfy { bit in
                    (other[bit / 8] ^ bytes[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
                }
        }

        func random(_ random: inout Fixed) -> [UInt8] {
            var copy = bytes
            for bit in prefix..<(bytes.count * 8) where Bool.random(using: &random) {
                copy[bit / 8] |= 0x80 >> UInt8(bit % 8)
            }
            return copy
        }
    }
}

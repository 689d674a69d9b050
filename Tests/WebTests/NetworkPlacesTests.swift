import Kernel
import Testing
import Web

@Suite("Places of networks")
struct NetworkPlacesTests {
    private static func places(_ text: String) throws -> NetworkPlaces { try NetworkPlaces(csv: Array(text.utf8)) }

    private static func fault(_ text: String) -> NetworkPlaces.Fault? {
        do throws(NetworkPlaces.Fault) {
            _ = try NetworkPlaces(csv: Array(text.utf8))
            return nil
        } catch { return error }
    }

    @Test func theNarrowestNetworkDecides() throws {
        let places = try Self.places(
            #"""
            network,km,en
            # In no order.
            203.0.113.64/26,ខ,B
            203.0.113.0/24,ក,A

            203.0.113.77,គ,C
            203.0.113.127/32,ឃ,D
            203.0.0.0/16,"ង, ""ច""","E, ""F"""
            255.255.255.0/24,ឆ,G
            0.0.0.0/8,ជ,H
            """#)
        for (address, name) in [
            ("203.0.113.1", "A"), ("203.0.113.63", "A"), ("203.0.113.64", "B"), ("203.0.113.76", "B"),
            ("203.0.113.77", "C"),
            ("203.0.113.78", "B"), ("203.0.113.126", "B"), ("203.0.113.127", "D"), ("203.0.113.128", "A"),
            ("203.0.113.255", "A"), ("203.0.114.0", "E, \"F\""), ("203.0.0.0", "E, \"F\""), ("255.255.255.255", "G"),
            ("0.0.0.0", "H"), ("::ffff:203.0.113.77", "C"),
        ] {
            #expect(places.place(of: address)?.en == name, "\(address)")
        }
        #expect(places.place(of: "203.0.114.9")?.km == "ង, \"ច\"")
        for nowhere in ["203.1.0.0", "202.255.255.255", "1.0.0.0", "255.255.254.255", "::203.0.113.77", "::1", "x", ""]
        {
            #expect(places.place(of: nowhere) == nil, "\(nowhere)")
        }
        #expect(NetworkPlaces.none.place(of: "203.0.113.1") == nil)
    }

    @Test func longAddresses() throws {
        let places = try Self.places(
            "2001:db8::/32,ក,A\r\n2001:db8:1::/48,ខ,B\r\n::/0,គ,C\r\nffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128,ឃ,D\r\n"
                + "::ffff:198.51.100.0/120,ង,E\r\n")
        for (address, name) in [
            ("2001:db8::1", "A"), ("2001:db8:1::", "B"), ("2001:db8:1:ffff:ffff:ffff:ffff:ffff", "B"),
            ("2001:db8:2::", "A"),
            ("2001:db9::", "C"), ("::1", "C"), ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "D"), ("fe80::1%eth0", "C"),
            ("198.51.100.7", "E"), ("::ffff:198.51.100.7", "E"),
        ] {
            #expect(places.place(of: address)?.en == name, "\(address)")
        }
        #expect(places.place(of: "198.51.101.7") == nil, "IPv4 is not within ::/0")
    }

    /// As many networks as there may be in one place of the tree, against the plain rule.
    @Test func theSameAsTryingAll() throws {
        var seed: UInt64 = 7
        func draw(_ below: UInt64) -> UInt64 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (seed >> 33) % below
        }
        var blocks: [(range: AddressRange, prefix: Int, name: String)] = []
        var lines: [String] = []
        var known: Set<String> = []
        while lines.count < 400 {
            let prefix = Int(draw(13)) + 20
            let address = UInt32(0x0A00_0000) | UInt32(draw(4096)) & (prefix == 32 ? .max : ~(.max >> UInt32(prefix)))
            let text = stride(from: 24, through: 0, by: -8).map { String((address >> UInt32($0)) & 255) }.joined(
                separator: ".")
            guard known.insert("\(text)/\(prefix)").inserted, let range = AddressRange("\(text)/\(prefix)") else {
                continue
            }
            blocks.append((range, prefix, "\(lines.count)"))
            lines.append("\(text)/\(prefix),ក,\(lines.count)")
        }
        let places = try Self.places(lines.joined(separator: "\n"))
        for low in 0..<4200 {
            let address = "10.0.\(low / 256).\(low % 256)"
            let expected = blocks.filter { $0.range.contains(address) }.max { $0.prefix < $1.prefix }?.name
            #expect(places.place(of: address)?.en == expected, "\(address)")
        }
    }

    @Test(arguments: [
        "10.0.0.0/8", "10.0.0.0/8,ក", "10.0.0.0/8,ក,A,B", "10.0.0.0/8,,A", "10.0.0.0/8,ក,", "10.0.0.0/33,ក,A",
        "10.0.0.0/,ក,A",
        "10.0.0.0/-1,ក,A", "10.0.0.0/ 8,ក,A", "10.0.0.0/8/8,ក,A", "10.0.0/8,ក,A", "10.0.0.256/32,ក,A",
        " 10.0.0.0/8,ក,A",
        "10.0.0.1/8,ក,A", "2001:db8::1/32,ក,A", "2001:db8::/129,ក,A", "::ffff:10.0.0.0/95,ក,A",
        "::ffff:10.0.0.0/104,\u{202E}ក,A",
        "fe80::%eth0/64,ក,A", "10.0.0.0/8,\"ក,A", "10.0.0.0/8,\"ក\"x,A", "10.0.0.0/8,ក\"x,A", "10.0.0.0/8,ក,A\u{7}",
        "network,km,en",
        "10.0.0.0/8,\(String(repeating: "ក", count: 81)),A", "192.0.2.0/24,ក,A",
    ])
    func whatIsWrongIsToldWithItsLine(_ line: String) throws {
        let fault = try #require(Self.fault("network,km,en\n192.0.2.0/24,ក,A\n# more\n\(line)\n"))
        #expect(fault.line == 4 && !fault.reason.isEmpty, "\(fault)")
    }

    @Test func listsHaveLimits() throws {
        #expect(try Self.places("").place(of: "10.0.0.1") == nil)
        #expect(try Self.places("\u{FEFF}network,km,en\n10.0.0.0/8,ក,A").place(of: "10.0.0.1")?.en == "A")
        #expect(Self.fault("10.0.0.0/8,ក," + String(repeating: "x", count: 3000))?.line == 1)
        do throws(NetworkPlaces.Fault) {
            _ = try NetworkPlaces(csv: Array("10.0.0.0/8,".utf8) + [0xFF] + Array(",A".utf8))
            Issue.record("no UTF-8")
        } catch { #expect(error.line == 1) }
    }
}

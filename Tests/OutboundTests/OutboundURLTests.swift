import Foundation
import Kernel
import Testing

@testable import Outbound

@Suite("URLs and policy")
struct OutboundURLTests {
    @Test(arguments: [
        ("https://rp.example/jwks", "rp.example", 443, "/jwks"), ("https://RP.Example", "rp.example", 443, "/"),
        ("https://rp.example:8443?a=b", "rp.example", 8443, "/?a=b"), ("http://localhost:80/", "localhost", 80, "/"),
        ("https://xn--e1aybc.example/%D1%82?x=%20", "xn--e1aybc.example", 443, "/%D1%82?x=%20"),
        ("https://8.8.8.8/", "8.8.8.8", 443, "/"), ("https://[2001:DB8::1]:444/a", "[2001:db8::1]", 444, "/a"),
        ("https://a-b.c1/:@!$&'()*+,;=~", "a-b.c1", 443, "/:@!$&'()*+,;=~"),
    ])
    func good(_ text: String, _ host: String, _ port: Int, _ target: String) throws {
        let url = try OutboundURL(text)
        #expect(url.host == host && url.port == port && url.target == target)
        #expect(try OutboundURL(url.text) == url)
    }

    @Test(arguments: [
        "", "https", "https:", "https:/", "https://", "https:///path", "HTTPS://rp.example/", "Http://rp.example",
        "ftp://rp.example/", "file:///etc/passwd", "gopher://rp.example/", "javascript:alert(1)", "//rp.example/",
        "rp.example", " https://rp.example/", "https://rp.example/ ", "https://rp.example/\n", "https://rp.example/\t",
        "https://rp.example/\u{0}", "https://rp.example/a b", "https://rp.example/#", "https://rp.example/#a",
        "https://user@rp.example/", "https://user:pass@rp.example/", "https://@rp.example/", "https://@@rp.example",
        "https://rp.example\\@evil.example/", "https://rp.example\\/", "https:\\\\rp.example", "https://rp%2eexample/",
        "https://%31%32%37.0.0.1/", "https://rp.example%00.evil/", "https://rp..example/", "https://.rp.example/",
        "https://rp.example./", "https://-rp.example/", "https://rp-.example/", "https://r_p.example/",
        "https://រំដួល.example/", "https://ｒp.example/", "https://127.1/", "https://0x7f.0.0.1/", "https://0177.0.0.1/",
        "https://2130706433/", "https://0x7f000001/", "https://127.0.0.0x1/", "https://127.0.0.01/",
        "https://1.2.3.4.5/", "https://256.256.256.256/", "https://rp.example.1/", "https://rp.0x/", "https://0x",
        "https://[::1/", "https://::1/", "https://[::1]x/", "https://[1.2.3.4]/", "https://[::1%25lo]/",
        "https://[::1%lo]/", "https://[]/", "https://rp.example:/", "https://rp.example:0/",
        "https://rp.example:65536/",
        "https://rp.example:080/", "https://rp.example:+80/", "https://rp.example:80:80/", "https://rp.example:http/",
        "https://rp.example:99999999999999999999/", "https://rp.example/%", "https://rp.example/%2",
        "https://rp.example/%zz", "https://rp.example/<", "https://rp.example/\"", "https://rp.example/^",
        "https://rp.example/`", "https://rp.example/{x}", "https://rp.example/|", "https://rp.example/[",
        "https://rp.example/é",
    ])
    func bad(_ text: String) { #expect(throws: RumdulError.outboundURL("")) { try OutboundURL(text) } }

    @Test func lengths() {
        let base = "https://rp.example/"
        let longest = base + String(repeating: "a", count: 2048 - base.utf8.count)
        #expect(throws: Never.self) { try OutboundURL(longest) }
        #expect(throws: RumdulError.self) { try OutboundURL(longest + "a") }
        let label = String(repeating: "a", count: 63)
        #expect(throws: Never.self) { try OutboundURL("https://\(label).example/") }
        #expect(throws: RumdulError.self) { try OutboundURL("https://a\(label).example/") }
        let name = Array(repeating: label, count: 4).joined(separator: ".")
        #expect(throws: RumdulError.self) { try OutboundURL("https://\(name)/") }
    }

    /// Random bytes and mutations of good URLs: never a trap, and what is accepted is read alike by Foundation.
    @Test func fuzz() throws {
        var random = Fixed(state: 7)
        let seeds = [
            "https://rp.example:8443/jwks?x=%20", "http://127.0.0.1:80/a", "https://[2001:db8::1]:1/", "https://a.b/",
            "https://user@rp.example#x", "https://xn--p1ai.xn--p1ai/..;/%2e%2e/",
        ].map { Array($0.utf8) }
        let spice = Array("@:/?#[]%\\.-0123456789abcdefxX \u{0}\r\n\té".utf8)
        var accepted = 0
        for _ in 0..<60_000 {
            guard var bytes = seeds.randomElement(using: &random) else { continue }
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                let place = Int.random(in: 0...bytes.count, using: &random)
                let byte = spice.randomElement(using: &random) ?? 0
                switch Int.random(in: 0...3, using: &random) {
                case 0: bytes.insert(byte, at: place)
                case 1 where place < bytes.count: bytes[place] = byte
                case 2 where place < bytes.count: bytes.remove(at: place)
                default: bytes = Array(bytes.prefix(place)) + (seeds.randomElement(using: &random) ?? []).suffix(9)
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            guard let url = try? OutboundURL(text) else { continue }
            accepted += 1
            #expect(try OutboundURL(url.text) == url, "\(text)")
            let other = try #require(URLComponents(string: text), "\(text)")
            #expect(other.user == nil && other.fragment == nil, "\(text)")
            #expect(other.scheme == url.scheme.rawValue, "\(text)")
            // Foundation turns A-labels back into Unicode.
            if !url.host.contains("xn--") { #expect(other.host?.lowercased() == url.host, "\(text)") }
            #expect(other.port ?? url.scheme.standardPort == url.port, "\(text)")
        }
        #expect(accepted > 5000)
    }

    @Test(arguments: [
        ("https://rp.example/", true), ("https://rp.example:443/", true), ("https://rp.example:8443/", false),
        ("https://rp.example:22/", false), ("http://rp.example/", false), ("http://rp.example:443/", false),
        ("https://8.8.8.8/", true), ("https://127.0.0.1/", false), ("https://169.254.169.254/", false),
        ("https://[::1]/", false), ("https://[::ffff:127.0.0.1]/", false), ("https://[2606:4700::1]/", true),
        ("https://localhost/", false), ("https://intranet/", false), ("http://localhost/", false),
    ])
    func publicOnly(_ text: String, _ good: Bool) async {
        #expect(((try? OutboundClient().check(text)) != nil) == good)
    }

    @Test func addressesOfPublicNames() throws {
        let url = try OutboundURL("https://rp.example/")
        func check(_ addresses: String...) -> Bool {
            (try? OutboundPolicy.publicOnly.check(addresses.compactMap { NetworkAddress($0) }, of: url)) != nil
        }
        #expect(check("8.8.8.8") && check("8.8.8.8", "2606:4700::1"))
        #expect(!check() && !check("10.0.0.1") && !check("8.8.8.8", "10.0.0.1") && !check("::1", "8.8.8.8"))
    }

    @Test(arguments: [
        // entry, URL, address that the name has, allowed
        ("rp.internal", "https://rp.internal/", "10.0.0.5", true),
        ("rp.internal", "https://rp.internal:8443/", "10.0.0.5", false),
        ("rp.internal", "http://rp.internal/", "10.0.0.5", false),
        ("rp.internal", "https://other.internal/", "10.0.0.5", false),
        ("RP.Internal:8443", "https://rp.internal:8443/", "10.0.0.5", true),
        ("RP.Internal:8443", "https://rp.internal/", "10.0.0.5", false),
        ("rp.internal:*", "https://rp.internal:9/", "10.0.0.5", true),
        ("http://rp.internal", "http://rp.internal/", "10.0.0.5", true),
        ("http://rp.internal", "https://rp.internal/", "10.0.0.5", true),
        ("http://rp.internal", "http://rp.internal:8080/", "10.0.0.5", false),
        ("10.0.0.0/8", "https://rp.internal/", "10.0.0.5", true),
        ("10.0.0.0/8", "https://rp.internal/", "11.0.0.5", true),
        ("10.0.0.0/8", "https://rp.internal/", "192.168.0.1", false),
        ("10.0.0.0/8", "http://rp.internal/", "10.0.0.5", false),
        ("10.0.0.0/8:8443", "https://rp.internal:8443/", "10.0.0.5", true),
        ("10.0.0.0/8:8443", "https://rp.internal:8443/", "8.8.8.8", false),
        ("http://[::1]:*", "http://[::1]:8080/", "::1", true),
        ("[fd00::/8]:8443", "https://a.b:8443/", "fd00::1", true),
        ("fd00::/8", "https://a.b/", "fd00::1", true), ("localhost", "https://localhost/", "127.0.0.1", true),
        ("127.0.0.0/8", "https://[::ffff:127.0.0.1]/", "::ffff:127.0.0.1", false),
    ])
    func entries(_ entry: String, _ text: String, _ address: String, _ good: Bool) throws {
        let policy = OutboundPolicy(rules: [try #require(OutboundRule(entry))])
        let url = try OutboundURL(text)
        let allowed: Bool
        do {
            try policy.check(url)
            try policy.check([try #require(NetworkAddress(address))], of: url)
            allowed = true
        } catch { allowed = false }
        #expect(allowed == good)
    }

    @Test(arguments: [
        "", "*", "*.internal", "rp_x", "10.0.0.1/8", "rp.internal:", "rp.internal:0", "rp.internal:65536",
        "rp.internal:x",
        "ftp://rp.internal", "http://", "rp.internal/path", "[10.0.0.0/8]:1", "[::1", "[::1]1", "user@rp.internal",
        "rp.internal:**", "10.1",
    ])
    func badEntries(_ entry: String) { #expect(OutboundRule(entry) == nil) }
}

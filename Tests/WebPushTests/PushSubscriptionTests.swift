import Codecs
import Kernel
import Outbound
import Testing

@testable import WebPush

@Suite("Subscriptions of browsers")
struct PushSubscriptionTests {
    private static let p256dh =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    private static let auth = "BTBZMqHH6r4Tts7J_aSIgg"
    private static let endpoint = "https://push.example.net/wpush/v2/gAAAAABk:x_y-z?a=%2F"

    private static func json(
        endpoint: String = endpoint, time: String = "null", p256dh: String = p256dh, auth: String = auth,
        more: String = ""
    ) -> String {
        #"{"endpoint":"\#(endpoint)","expirationTime":\#(time),"keys":{"p256dh":"\#(p256dh)","auth":"\#(auth)"}\#(more)}"#
    }

    private func read(_ text: String, _ policy: OutboundPolicy = .publicOnly) throws -> PushSubscription {
        try PushSubscription(json: Array(text.utf8), policy: policy)
    }

    @Test func readsWhatABrowserSends() throws {
        let subscription = try read(Self.json())
        #expect(subscription.endpoint == Self.endpoint && subscription.origin == "https://push.example.net")
        #expect(
            subscription.p256dh == Base64URL.decode(Self.p256dh) && subscription.auth == Base64URL.decode(Self.auth))
        #expect(subscription.expiresAt == nil)
        #expect(try read(Self.json(time: "1800000000123.5")).expiresAt == Instant(microseconds: 1_800_000_000_123_500))
        #expect(try read(Self.json(time: "0")).expiresAt == Instant(seconds: 0))
        // The expiration may be absent, and the Push API may grow.
        let short =
            #"{"keys":{"auth":"\#(Self.auth)","p256dh":"\#(Self.p256dh)","new":"x"},"endpoint":"\#(Self.endpoint)"}"#
        #expect(try read(short) == subscription)
        #expect(try read(Self.json(more: #","contentEncodings":["aes128gcm"]"#)) == subscription)
        // From a table.
        #expect(
            try PushSubscription(
                endpoint: subscription.endpoint, p256dh: subscription.p256dh, auth: subscription.auth,
                policy: .publicOnly) == subscription)
    }

    @Test func originsLeaveOutTheStandardPort() throws {
        #expect(try read(Self.json(endpoint: "https://PUSH.example:443/x")).origin == "https://push.example")
        #expect(
            try read(Self.json(endpoint: "http://127.0.0.1:8080/x"), .loopback).origin == "http://127.0.0.1:8080")
    }

    @Test(arguments: [
        "http://push.example.net/x", "https://push.example.net:8443/x", "https://127.0.0.1/x", "https://10.0.0.1/x",
        "https://[::1]/x", "https://[::ffff:10.0.0.1]/x", "https://169.254.169.254/latest", "https://localhost/x",
        "https://user@push.example.net/x", "https://push.example.net/x#y", "https://push.example.net/ ", "ftp://a.b/",
        "", "https://", "https://0x7f000001/", "file:///etc/passwd", "https://push.example.net\\\\@10.0.0.1/",
    ]) func endpointsThatAreRefused(_ endpoint: String) async {
        #expect(await code { _ = try read(Self.json(endpoint: endpoint)) } == "push.endpoint")
    }

    @Test func longEndpointsAreRefused() async throws {
        let fits = "https://push.example.net/" + String(repeating: "a", count: OutboundURL.maximumLength - 25)
        #expect(try read(Self.json(endpoint: fits)).endpoint == fits)
        #expect(await code { _ = try read(Self.json(endpoint: fits + "a")) } == "push.endpoint")
        let huge = "https://push.example.net/" + String(repeating: "a", count: 100_000)
        #expect(await code { _ = try read(Self.json(endpoint: huge)) } == "push.subscription")
    }

    @Test func plainHTTPNeedsAnEntryOfTheOperator() async throws {
        let text = Self.json(endpoint: "http://127.0.0.1:9/x")
        #expect(await code { _ = try read(text) } == "push.endpoint")
        #expect(try read(text, .loopback).endpoint == "http://127.0.0.1:9/x")
    }

    @Test func keysThatAreRefused() async throws {
        let point = try bytes(Self.p256dh)
        var offCurve = point
        offCurve[64] ^= 1
        let compressed = [2 + (point[64] & 1)] + point[1..<33]
        var hybrid = point
        hybrid[0] = 6 + (point[64] & 1)
        let tooBig = [4] + [UInt8](repeating: 0xFF, count: 64)
        for bad in [
            offCurve, compressed, hybrid, tooBig, [4] + [UInt8](repeating: 0, count: 64), [0], [], point + [0],
            Array(point.dropLast()), [UInt8](repeating: 0, count: 65),
        ] {
            let text = Base64URL.encode(bad)
            #expect(await code { _ = try read(Self.json(p256dh: text)) } == "push.subscription", "\(text)")
        }
        for length in [0, 1, 15, 17, 32] {
            let text = Base64URL.encode([UInt8](repeating: 1, count: length))
            #expect(await code { _ = try read(Self.json(auth: text)) } == "push.subscription", "\(length)")
        }
        for text in [Self.auth + "==", "BTBZMqHH6r4Tts7J/aSIgg", "BTBZMqHH6r4Tts7J_aSIgh", " " + Self.auth, "ក"] {
            #expect(await code { _ = try read(Self.json(auth: text)) } == "push.subscription", "\(text)")
        }
    }

    @Test(arguments: [
        "", "null", "[]", "{}", "\"x\"", "{\"endpoint\":1}", #"{"endpoint":"https://a.b/","keys":null}"#,
        #"{"endpoint":"https://a.b/","keys":{}}"#, #"{"endpoint":"https://a.b/","keys":{"p256dh":"","auth":null}}"#,
        #"{"endpoint":"https://a.b/","endpoint":"https://a.b/"}"#, #"{"endpoint":["https://a.b/"],"keys":{}}"#,
    ]) func textsThatAreNone(_ text: String) async {
        #expect(await code { _ = try read(text) } == "push.subscription")
    }

    @Test(arguments: ["-1", "1e300", "\"2026\"", "true", "[]", "253402300799001"])
    func timesThatAreNone(_ time: String) async {
        #expect(await code { _ = try read(Self.json(time: time)) } == "push.subscription")
    }

    @Test func limitsHold() async {
        let deep = Self.json(more: #","x":[[[[1]]]]"#)
        let many = Self.json(more: #","x":[\#(Array(repeating: "1", count: 40).joined(separator: ","))]"#)
        let long = Self.json(more: String(repeating: " ", count: 4096))
        let twice = Self.json(more: #","\u0065ndpoint":"https://other.example/""#)
        for text in [deep, many, long, twice] { #expect(await code { _ = try read(text) } == "push.subscription") }
    }

    @Test func descriptionsHoldNoSecret() throws {
        let subscription = try read(Self.json())
        var dumped = ""
        dump(subscription, to: &dumped)
        for text in ["\(subscription)", String(reflecting: subscription), dumped, "\([subscription])"] {
            #expect(!text.contains("gAAAAABk") && !text.contains("48, 89"), "\(text)")
        }
    }

    /// Whatever bytes come, the reader answers with a value that is well-formed or with one of its two errors.
    @Test func anyBytes() {
        var random = Fixed(state: 8030)
        let original = Array(Self.json(time: "1800000000123", more: #","x":["é"]"#).utf8)
        for _ in 0..<20_000 {
            var text = original
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let index = Int.random(in: 0..<max(text.count, 1), using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0 where !text.isEmpty: text[index] = UInt8.random(in: 0...255, using: &random)
                case 1 where !text.isEmpty: text[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 2 where !text.isEmpty: text.remove(at: index)
                case 3:
                    text.insert(
                        Array(#"{}[]",:\0e"#.utf8).randomElement(using: &random) ?? 0, at: min(index, text.count))
                default: text = Array(text.prefix(index)) + text.suffix(Int.random(in: 0...40, using: &random))
                }
            }
            do {
                let read = try PushSubscription(json: text, policy: .publicOnly)
                #expect(read.p256dh.count == 65 && read.auth.count == 16 && read.endpoint.hasPrefix("https://"))
            } catch {
                #expect(error.code == "push.subscription" || error.code == "push.endpoint")
            }
        }
    }
}

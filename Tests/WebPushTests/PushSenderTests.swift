import Codecs
import Crypto
import Kernel
import KeyVault
import Outbound
import Testing

@testable import WebPush

@Suite("Sending to push services")
struct PushSenderTests {
    private let clock = TestClock()
    private let browser = Browser()

    private func id() throws -> PushMessageID { try #require(PushMessageID(clock.ambient.newID())) }

    private func sender(
        _ policy: OutboundPolicy = .loopback, limits: OutboundLimits = .patient,
        settings: PushSettings = PushSettings(longestWait: .seconds(600))
    ) throws -> PushSender {
        let vault = try FileKeyVault.ephemeral(ambient: clock.ambient)
        return PushSender(
            client: OutboundClient(policy: policy, limits: limits),
            tokens: try VAPIDTokens(contact: "mailto:push@rumdul.example", ambient: clock.ambient, vault: vault),
            ambient: clock.ambient, settings: settings)
    }

    @Test func aMessageArrivesWithAllItNeeds() async throws {
        try await PushService.with { service async throws in
            let subscription = try browser.subscription(service.origin + "/push/abc?x=1")
            let (id, sender) = (try id(), try sender())
            let topic = try #require(PushTopic("approval_1-x"))
            let options = PushOptions(timeToLive: 300, urgency: .normal, topic: topic)
            #expect(try await sender.send(id, to: subscription, options) == .delivered(status: 201))
            let request = try #require(service.requests.first)
            #expect(request.line == "POST /push/abc?x=1 HTTP/1.1")
            for (name, value) in [
                "ttl": "300", "urgency": "normal", "topic": "approval_1-x", "content-encoding": "aes128gcm",
                "content-type": "application/octet-stream", "content-length": "167",
            ] { #expect(request.headers[name] == value, "\(name)") }
            #expect(request.headers["cookie"] == nil)
            let credentials = try Credentials(try #require(request.headers["authorization"]))
            #expect(credentials.isValid && credentials.claims.string("aud") == service.origin)
            // The identifier is all that is in it, and it is readable by the browser alone.
            #expect(try browser.open(request.body) == Array(id.text.utf8))
            #expect(request.body.firstRange(of: Array(id.text.utf8)) == nil)
        }
    }

    @Test func messagesHaveOneLengthAndOneTokenForEachOrigin() async throws {
        try await PushService.with { service async throws in
            let sender = try sender()
            for text in [String(repeating: "a", count: 16), String(repeating: "b", count: 64)] {
                let id = try #require(PushMessageID(text))
                let subscription = try Browser().subscription(service.origin + "/\(text)")
                _ = try await sender.send(id, to: subscription, PushOptions(timeToLive: 0))
            }
            let requests = service.requests
            #expect(Set(requests.map(\.body.count)) == [167])
            #expect(Set(requests.map { $0.headers["authorization"] }).count == 1)
            #expect(requests.allSatisfy { $0.headers["ttl"] == "0" && $0.headers["urgency"] == "high" })
            #expect(requests.allSatisfy { $0.headers["topic"] == nil })
        }
    }

    private static let answers: [(answer: [String], result: PushResult)] = [
        (["201 Created", "Location: https://push.example/m/1"], .delivered(status: 201)),
        (["202 Accepted"], .delivered(status: 202)), (["200 OK"], .delivered(status: 200)),
        (["204 No Content"], .delivered(status: 204)), (["404 Not Found"], .gone(status: 404)),
        (["410 Gone"], .gone(status: 410)), (["413 Content Too Large"], .tooLarge),
        (["429 Too Many Requests", "Retry-After: 120"], .retry(after: 120, .status(429))),
        (["429 Too Many Requests"], .retry(after: nil, .status(429))),
        (["429 Too Many Requests", "Retry-After: soon"], .retry(after: nil, .status(429))),
        (["500 Internal Server Error"], .retry(after: nil, .status(500))),
        (["502 Bad Gateway"], .retry(after: nil, .status(502))),
        (["503 Unavailable", "Retry-After: 99999999999999999999"], .retry(after: 86_400, .status(503))),
        // The test's clock stands at 2027-01-15T08:00:00Z.
        (["503 Unavailable", "Retry-After: Fri, 15 Jan 2027 08:01:30 GMT"], .retry(after: 90, .status(503))),
        (["400 Bad Request"], .refused(.status(400))), (["401 Unauthorized"], .refused(.status(401))),
        (["403 Forbidden"], .refused(.status(403))), (["405 Method Not Allowed"], .refused(.status(405))),
        (["307 Temporary Redirect", "Location: http://127.0.0.1:1/"], .refused(.error("outbound.redirect"))),
    ]

    @Test func whatAnswersMean() async throws {
        let answers = Self.answers
        try await PushService.with(answer: { answers[$0 - 1].answer }) { service async throws in
            let sender = try sender()
            let subscription = try browser.subscription(service.origin + "/x")
            for (answer, result) in answers {
                let sent = try await sender.send(id(), to: subscription, PushOptions(timeToLive: 60))
                #expect(sent == result, "\(answer)")
            }
        }
    }

    @Test func noAnswer() async throws {
        let options = PushOptions(timeToLive: 60)
        // Nothing listens on the first port of a machine.
        let closed = try browser.subscription("http://127.0.0.1:1/x")
        #expect(try await sender().send(id(), to: closed, options) == .retry(after: 5, .error("outbound.unreachable")))
        try await PushService.with(pause: 60_000) { service async throws in
            let slow = try browser.subscription(service.origin + "/x")
            let sender = try sender(limits: OutboundLimits(timeout: 200))
            #expect(try await sender.send(id(), to: slow, options) == .retry(after: 5, .error("outbound.timeout")))
        }
    }

    /// A subscription that an older policy let in, or whose name leads into the own network.
    @Test func privateAddressesAreNotReached() async throws {
        try await PushService.with { service async throws in
            let old = try browser.subscription(service.origin + "/x")
            let sender = try sender(.publicOnly)
            let options = PushOptions(timeToLive: 60)
            #expect(try await sender.send(id(), to: old, options) == .refused(.error("outbound.url")))
            let vault = try FileKeyVault.ephemeral(ambient: clock.ambient)
            let policy = OutboundPolicy(publicPorts: [443, service.port])
            let inside = PushSender(
                client: OutboundClient(policy: policy, limits: .patient, resolver: LoopbackResolver()),
                tokens: try VAPIDTokens(contact: "mailto:a@b.example", ambient: clock.ambient, vault: vault),
                ambient: clock.ambient)
            let named = try browser.subscription("https://push.example:\(service.port)/x", policy: policy)
            #expect(try await inside.send(id(), to: named, options) == .retry(after: nil, .error("outbound.address")))
            #expect(service.requests.isEmpty)
        }
    }

    @Test func ourOwnFaultsAreThrown() async throws {
        try await PushService.with { service async throws in
            let tokens = try VAPIDTokens(contact: "mailto:a@b.example", ambient: clock.ambient) {
                throw RumdulError.internal("the vault is away")
            }
            let sender = PushSender(
                client: OutboundClient(policy: .loopback), tokens: tokens, ambient: clock.ambient,
                settings: PushSettings(concurrency: 1, longestWait: .seconds(1)))
            let subscription = try browser.subscription(service.origin + "/x")
            // Twice: a failure gives its slot back.
            for _ in 0..<2 {
                #expect(
                    await code { _ = try await sender.send(id(), to: subscription, PushOptions(timeToLive: 0)) }
                        == "internal")
            }
            #expect(service.requests.isEmpty)
        }
    }

    @Test func soManyAtATime() async throws {
        try await PushService.with(pause: 150, answer: { $0 == 3 ? ["410 Gone"] : ["201 Created"] }) {
            service async throws in
            let sender = try sender(settings: PushSettings(concurrency: 3, longestWait: .seconds(600)))
            let subscriptions = try (0..<20).map { try Browser().subscription(service.origin + "/\($0)") }
            let results = try await sender.send(id(), to: subscriptions, PushOptions(timeToLive: 60))
            #expect(results.count == 20 && results.filter { $0 == .gone(status: 410) }.count == 1)
            #expect(results.filter { $0 == .delivered(status: 201) }.count == 19)
            // The results stand where their subscriptions stood.
            let gone = try #require(results.firstIndex(of: .gone(status: 410)))
            #expect(service.requests[2].line == "POST /\(gone) HTTP/1.1")
            #expect(service.most <= 3 && service.most > 1)
        }
    }

    @Test func nobodyWaitsForEver() async throws {
        try await PushService.with(pause: 600_000) { service async throws in
            let settings = PushSettings(concurrency: 1, longestWait: .milliseconds(50))
            let (id, sender) = (try id(), try sender(settings: settings))
            let subscriptions = try (0..<4).map { try Browser().subscription(service.origin + "/\($0)") }
            let options = PushOptions(timeToLive: 60)
            let first = Task { try await sender.send(id, to: subscriptions[0], options) }
            while service.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            let results = try await sender.send(id, to: Array(subscriptions[1...]), options)
            #expect(results == Array(repeating: .retry(after: 1, .error("outbound.busy")), count: 3))
            #expect(service.requests.count == 1)
            // Whoever asked may also stop asking; the slot is free again.
            first.cancel()
            await #expect(throws: CancellationError.self) { try await first.value }
            let second = Task { try await sender.send(id, to: subscriptions[1], options) }
            while service.requests.count == 1 { try await Task.sleep(for: .milliseconds(5)) }
            second.cancel()
            await #expect(throws: CancellationError.self) { try await second.value }
        }
    }

    @Test func theLineHasALimit() async {
        let slots = SendSlots(1, mostWaiting: 1)
        #expect(await slots.enter(within: .seconds(600)))
        let waiter = Task { await slots.enter(within: .seconds(600)) }
        while slots.waiting == 0 { await Task.yield() }
        // Nobody else gets into the line.
        #expect(await slots.enter(within: .seconds(600)) == false)
        #expect(slots.waiting == 1)
        slots.leave()
        #expect(await waiter.value)
        slots.leave()
        #expect(await slots.enter(within: .zero))
    }

    @Test func identifiersAndTopics() {
        for text in ["", "short", String(repeating: "a", count: 15), String(repeating: "a", count: 65)] {
            #expect(PushMessageID(text) == nil)
        }
        for text in ["Sok Dara, 012 345 678", "សុខ ដារ៉ា សុខ ដារ៉ា", "https://bank.example", "0123456789abcde\n"] {
            #expect(PushMessageID(text) == nil && PushTopic(text) == nil)
        }
        #expect(PushMessageID(Ambient.system.newID()) != nil && PushMessageID(Ambient.system.newSecret()) != nil)
        #expect(PushTopic(String(repeating: "a", count: 32)) != nil)
        #expect(PushTopic("") == nil && PushTopic(String(repeating: "a", count: 33)) == nil)
        #expect(PushOptions(timeToLive: -1).timeToLive == 0)
        #expect(PushOptions(timeToLive: .max).timeToLive == 28 * 86_400)
    }

    @Test func retryAfter() {
        let now = Instant(seconds: 784_111_777)  // Sun, 06 Nov 1994 08:49:37 GMT
        for (value, seconds): (String, Int64?) in [
            ("0", 0), ("7", 7), ("86401", 86_400), ("-1", nil), ("", nil), ("1.5", nil), ("1 ", nil), ("٣", nil),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 0), ("Sun, 06 Nov 1994 08:50:37 GMT", 60),
            ("Sat, 05 Nov 1994 08:50:37 GMT", 0), ("Sun, 06 Nov 9999 08:50:37 GMT", 86_400),
            ("Sun, 31 Feb 1995 08:50:37 GMT", nil), ("Sun, 06 Nov 1994 24:50:37 GMT", nil),
            ("Sunday, 06-Nov-94 08:49:37 GMT", nil), ("Sun Nov  6 08:49:37 1994", nil),
            ("Sun, 06 Nov 1994 08:49:37 UTC", nil),
        ] { #expect(RetryAfter.seconds(value, now: now) == seconds, "\(value)") }
    }
}

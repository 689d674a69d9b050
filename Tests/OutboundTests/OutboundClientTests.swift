import Codecs
import Kernel
import NIOCore
import Synchronization
import Testing

@testable import Outbound

@Suite("Requests to others")
struct OutboundClientTests {
    private let client = OutboundClient(policy: .loopback, limits: .patient)

    private func url(_ listener: Listener, _ path: String = "/jwks") -> String {
        "http://127.0.0.1:\(listener.port)\(path)"
    }

    @Test func getsADocument() async throws {
        try await Listener.with(reply: { _ in
            .json(#"{"keys":[]}"#, ["Cache-Control: public, max-age=600", "Age: 100"])
        }) { listener async throws in
            let (object, maxAge) = try await JSONDocuments(client: client).fetchJSON(url(listener, "/jwks?a=b"))
            #expect(object.array("keys")?.isEmpty == true && maxAge == 500)
            let request = try #require(listener.requests.first)
            #expect(request.hasPrefix("GET /jwks?a=b HTTP/1.1\r\n"))
            #expect(request.contains("\r\nHost: 127.0.0.1:\(listener.port)\r\n"))
            #expect(request.contains("\r\nAccept-Encoding: identity\r\n"))
            #expect(!request.lowercased().contains("cookie") && !request.lowercased().contains("content-length"))
        }
    }

    @Test func postsAForm() async throws {
        try await Listener.with(reply: { _ in .status("204 No Content") }) { listener async throws in
            let response = try await client.fetch(
                OutboundRequest(
                    url: url(listener), headers: [OutboundHeader("Authorization", "Bearer x")],
                    content: .form([("logout_token", "a.b-c_d+/=&é ")])))
            #expect(response.status == 204)
            let request = try #require(listener.requests.first)
            #expect(request.hasPrefix("POST /jwks HTTP/1.1\r\n") && request.contains("\r\nAuthorization: Bearer x\r\n"))
            #expect(request.contains("\r\nContent-Type: application/x-www-form-urlencoded\r\n"))
            #expect(request.hasSuffix("\r\n\r\nlogout_token=a.b-c_d%2B%2F%3D%26%C3%A9+"))
        }
    }

    @Test func saysHowTheContentIsCoded() async throws {
        try await Listener.with(reply: { _ in .status("201 Created") }) { listener async throws in
            let content = OutboundContent(
                type: "application/octet-stream", bytes: Array("coded".utf8), encoding: "aes128gcm")
            #expect(try await client.fetch(OutboundRequest(url: url(listener), content: content)).status == 201)
            let request = try #require(listener.requests.first)
            #expect(request.contains("\r\nContent-Encoding: aes128gcm\r\n") && request.hasSuffix("\r\n\r\ncoded"))
            for bad in ["", "a b", "a\r\nX: y", "gzip, br"] {
                let content = OutboundContent(type: "text/plain", bytes: [1], encoding: bad)
                let request = OutboundRequest(url: url(listener), content: content)
                #expect(await code { _ = try await client.fetch(request) } == "internal")
            }
        }
        // What waits in the queue keeps its coding.
        let coded = DeliveryContent(headers: [], content: OutboundContent(type: "x/y", bytes: [1], encoding: "gzip"))
        let plain = DeliveryContent(headers: [], content: OutboundContent(type: "x/y", bytes: [1]))
        #expect(try DeliveryContent(coded.bytes) == coded && DeliveryContent(plain.bytes) == plain)
    }

    @Test(arguments: ["301 Moved", "302 Found", "303 See Other", "304 Not Modified", "307 Temporary", "308 Permanent"])
    func redirectsAreNotFollowed(_ status: String) async throws {
        try await Listener.with(reply: { _ in .json("{}") }) { secret async throws in
            let location = "Location: http://127.0.0.1:\(secret.port)/secret"
            try await Listener.with(reply: { _ in .status(status, [location]) }) { listener async throws in
                let address = url(listener)
                #expect(await code { _ = try await client.fetch(OutboundRequest(url: address)) } == "outbound.redirect")
                #expect(listener.requests.count == 1)
            }
            #expect(secret.connections == 0)
        }
    }

    @Test func bodiesHaveALimit() async throws {
        let big = String(repeating: "a", count: 1001)
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        let replies: [Reply] = [
            .status("200 OK", body: big), Reply(chunks: ["HTTP/1.1 200 OK\r\n\r\n", big]),
            Reply(
                chunks: [chunked] + Array(repeating: "64\r\n" + String(repeating: "b", count: 100) + "\r\n", count: 11)),
            // The announced length alone is enough.
            Reply(chunks: ["HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"], end: .hold),
        ]
        for reply in replies {
            try await Listener.with(reply: { _ in reply }) { listener async throws in
                let request = OutboundRequest(url: url(listener), bodyLimit: 1000)
                #expect(await code { _ = try await client.fetch(request) } == "outbound.too_large")
                let whole = OutboundRequest(url: url(listener), bodyLimit: 1001)
                if reply.end == .close, reply.chunks.count < 3 {
                    #expect(try await client.fetch(whole).body.count == 1001)
                }
                // Where only the status counts, the body does not matter.
                #expect(try await client.fetch(OutboundRequest(url: url(listener), bodyLimit: nil)).status == 200)
            }
        }
    }

    @Test func headersHaveLimits() async throws {
        let many = (0..<70).map { "X-\($0): 1" }
        for headers in [many, ["X: " + String(repeating: "a", count: 9000)]] {
            try await Listener.with(reply: { _ in .status("200 OK", headers) }) { listener async throws in
                let address = url(listener)
                #expect(await code { _ = try await client.fetch(OutboundRequest(url: address)) } == "outbound.response")
            }
        }
    }

    @Test func slowAnswersEnd() async throws {
        let client = OutboundClient(policy: .loopback, limits: OutboundLimits(timeout: 300))
        let drip = Array("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + String(repeating: "x", count: 500))
            .map { String($0) }
        let endless = ["HTTP/1.1 100 Continue\r\n\r\n"]
        for reply in [
            Reply(chunks: [], end: .hold), Reply(chunks: drip, pause: 20),
            Reply(chunks: Array(repeating: endless, count: 1000).flatMap { $0 }, pause: 5),
        ] {
            try await Listener.with(reply: { _ in reply }) { listener async throws in
                let address = url(listener)
                #expect(await code { _ = try await client.fetch(OutboundRequest(url: address)) } == "outbound.timeout")
            }
        }
        let silent = OutboundClient(limits: OutboundLimits(timeout: 100), resolver: SilentResolver())
        #expect(
            await code { _ = try await silent.fetch(OutboundRequest(url: "https://rp.example/")) } == "outbound.timeout"
        )
    }

    @Test func cancellingEndsARequest() async throws {
        try await Listener.with(reply: { _ in Reply(chunks: [], end: .hold) }) { listener async throws in
            let (client, address) = (
                OutboundClient(policy: .loopback, limits: OutboundLimits(timeout: 600_000)), url(listener)
            )
            let task = Task { try await client.fetch(OutboundRequest(url: address)) }
            while listener.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test func brokenAnswers() async throws {
        let cases: [(Reply, String)] = [
            (Reply(chunks: []), "outbound.unreachable"),
            (Reply(chunks: ["SSH-2.0-OpenSSH_9.2\r\n"]), "outbound.response"),
            (Reply(chunks: ["HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"]), "outbound.response"),
            (Reply(chunks: ["HTTP/1.1 200 OK\r\nContent-Le"]), "outbound.response"),
        ]
        for (reply, expected) in cases {
            try await Listener.with(reply: { _ in reply }) { listener async throws in
                let address = url(listener)
                let found = await code { _ = try await client.fetch(OutboundRequest(url: address)) }
                #expect(found == expected || found == "outbound.unreachable", "\(reply.chunks)")
            }
        }
        // A port where nobody listens.
        #expect(
            await code { _ = try await client.fetch(OutboundRequest(url: "http://127.0.0.77:9/")) }
                == "outbound.unreachable")
    }

    @Test func documentsMustBeWhatTheySay() async throws {
        let documents = JSONDocuments(client: client)
        let cases: [(Reply, String?)] = [
            (.status("200 OK", ["Content-Type: text/html"], body: "{}"), "outbound.content_type"),
            (.status("200 OK", body: "{}"), "outbound.content_type"),
            (.status("200 OK", ["Content-Type: application/jwk-set+json; charset=utf-8"], body: "{}"), nil),
            (.json("{}", ["Content-Encoding: gzip"]), "outbound.content_type"),
            (.status("404 Not Found", ["Content-Type: text/html"], body: "no"), "outbound.status"),
            (.status("500 Error", body: "root:x:0:0"), "outbound.status"),
            (.status("204 No Content"), "outbound.content_type"),
            (.status("201 Created", ["Content-Type: application/json"], body: "{}"), "outbound.status"),
            (.json("[]"), "outbound.response"), (.json("{"), "outbound.response"),
            (.json(#"{"a":1,"a":2}"#), "outbound.response"),
        ]
        for (reply, expected) in cases {
            try await Listener.with(reply: { _ in reply }) { listener async throws in
                let address = url(listener)
                #expect(await code { _ = try await documents.fetchJSON(address) } == expected, "\(reply.chunks)")
            }
        }
        let type = "application/oauth-authz-req+jwt"
        try await Listener.with(reply: { _ in .status("200 OK", ["Content-Type: \(type)"], body: "a.b.c") }) {
            listener async throws in
            let address = url(listener)
            #expect(try await documents.fetchText(address, limit: 100, accepting: [type]) == "a.b.c")
            #expect(
                await code { _ = try await documents.fetchText(address, limit: 100, accepting: ["application/jwt"]) }
                    == "outbound.content_type")
        }
    }

    /// What stands behind an address never comes out by an error (blind oracle).
    @Test func errorsEchoNothing() async throws {
        let secret = "s3cr3t-of-the-inner-network"
        let replies: [Reply] = [
            .status("500 \(secret)", ["X: \(secret)"], body: secret), .json(secret), Reply(chunks: [secret]),
            .status("302 \(secret)", ["Location: https://\(secret)/"]),
            Reply(chunks: ["HTTP/1.1 200 OK\r\n\(secret)\r\n\r\n"]),
            .status("200 OK", ["Content-Type: \(secret)"], body: secret),
        ]
        for reply in replies {
            try await Listener.with(reply: { _ in reply }) { listener async throws in
                do {
                    _ = try await JSONDocuments(client: client).fetchJSON(url(listener))
                    Issue.record("accepted")
                } catch {
                    let text = "\(error) " + ((error as? RumdulError)?.message.en ?? "")
                    #expect(!text.contains(secret))
                }
            }
        }
    }

    @Test func headersOfTheCallerAreChecked() async throws {
        for (name, value) in [
            ("Host", "evil"), ("cookie", "a=b"), ("Content-Length", "0"), ("Transfer-Encoding", "chunked"),
            ("Proxy-Authorization", "x"), ("X-A", "b\r\nX-C: d"), ("X A", "b"), ("", "b"), ("X-A", "b\u{0}"),
            ("X-Forwarded-For", "1.1.1.1"), ("Connection", "keep-alive"),
        ] {
            let request = OutboundRequest(url: "http://127.0.0.1:1/", headers: [OutboundHeader(name, value)])
            #expect(await code { _ = try await client.fetch(request) } == "internal", "\(name)")
        }
    }

    @Test func limitsPerHost() async throws {
        let limits = OutboundLimits(timeout: 60_000, perHost: 2, perSecond: 1, burst: 100, total: 100)
        let client = OutboundClient(policy: .loopback, limits: limits)
        try await Listener.with(reply: { _ in Reply(chunks: [], end: .hold) }) { listener async throws in
            let address = url(listener)
            let held = (0..<2).map { _ in Task { try await client.fetch(OutboundRequest(url: address)) } }
            while listener.requests.count < 2 { try await Task.sleep(for: .milliseconds(5)) }
            #expect(await code { _ = try await client.fetch(OutboundRequest(url: address)) } == "outbound.busy")
            for task in held {
                task.cancel()
                _ = try? await task.value
            }
        }
    }

    @Test func gateCounts() throws {
        let gate = DestinationGate(OutboundLimits(perHost: 10, perSecond: 2, burst: 3, total: 5))
        func enters(_ host: String, _ now: UInt64) -> Bool { (try? gate.enter(host, now: now)) != nil }
        for _ in 0..<3 { #expect(enters("a", 1000)) }
        #expect(!enters("a", 1000) && !enters("a", 1499) && enters("a", 1500))
        // Five are open in all.
        #expect(enters("b", 1500) && !enters("c", 1500))
        for _ in 0..<4 { gate.leave("a") }
        #expect(enters("c", 1500) && !enters("a", 1500))
        // A clock that stands or steps back takes nothing.
        #expect(!enters("a", 0) && enters("a", 60_000))
    }
}

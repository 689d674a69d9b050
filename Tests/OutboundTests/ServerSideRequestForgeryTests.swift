import Kernel
import NIOCore
import Testing
import X509

@testable import Outbound

@Suite("Addresses that must not be reached")
struct ServerSideRequestForgeryTests {
    @Test func privateAddressesAreRefusedBeforeAnyConnection() async throws {
        try await Listener.with(reply: { _ in .json("{}") }) { listener async throws in
            let port = listener.port
            for answer in [
                ["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::1"], ["::ffff:127.0.0.1"], [], ["64:ff9b::7f00:1"],
            ] {
                let policy = OutboundPolicy(publicPorts: [443, port])
                let client = OutboundClient(policy: policy, limits: .patient, resolver: StubResolver(answer))
                let request = OutboundRequest(url: "https://rp.example:\(port)/")
                #expect(await code { _ = try await client.fetch(request) } == "outbound.address", "\(answer)")
            }
            for host in ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]"] {
                let client = OutboundClient(policy: OutboundPolicy(publicPorts: [443, port]), limits: .patient)
                let request = OutboundRequest(url: "https://\(host):\(port)/")
                #expect(await code { _ = try await client.fetch(request) } == "outbound.url", "\(host)")
            }
            #expect(listener.connections == 0)
        }
    }

    @Test func theSystemsResolverFindsLoopbackAndIsRefused() async throws {
        let client = OutboundClient(
            policy: OutboundPolicy(rules: rules("10.0.0.0/8"), publicPorts: [443]), limits: .patient)
        let found = try await SystemResolver().addresses(of: "localhost", before: .now() + .seconds(10))
        #expect(!found.isEmpty && found.allSatisfy { !AddressRules.isPublic($0) })
        #expect(await code { _ = try await client.fetch(OutboundRequest(url: "https://localhost/")) } == "outbound.url")
    }

    /// The name answers with an allowed address first and with another one ever after.
    @Test func rebindingChangesNothing() async throws {
        try await Listener.with(host: "127.0.0.2", reply: { _ in .json(#"{"from":2}"#) }) { allowed async throws in
            let port = allowed.port
            try await Listener.with(host: "127.0.0.3", port: port, reply: { _ in .json(#"{"from":1}"#) }) {
                trap async throws in
                let resolver = StubResolver(["127.0.0.2"], ["127.0.0.3"])
                let policy = OutboundPolicy(rules: rules("http://127.0.0.2/32:*"))
                let client = OutboundClient(policy: policy, limits: .patient, resolver: resolver)
                let documents = JSONDocuments(client: client)
                let address = "http://rp.example:\(port)/"
                #expect(try await documents.fetchJSON(address).0.integer("from") == 2)
                #expect(resolver.asked == ["rp.example"])
                #expect(allowed.requests.first?.contains("\r\nHost: rp.example:\(port)\r\n") == true)
                // The next request asks again, and sees the other address.
                #expect(await code { _ = try await documents.fetchJSON(address) } == "outbound.address")
                #expect(trap.connections == 0 && resolver.asked.count == 2)
            }
        }
    }

    @Test func theNextAddressIsTriedWhenTheFirstRefuses() async throws {
        try await Listener.with(host: "127.0.0.2", reply: { _ in .json(#"{"from":2}"#) }) { listener async throws in
            let policy = OutboundPolicy(rules: rules("http://127.0.0.0/8:*"))
            let client = OutboundClient(
                policy: policy, limits: .patient, resolver: StubResolver(["127.0.0.77", "127.0.0.2"]))
            let request = OutboundRequest(url: "http://rp.example:\(listener.port)/")
            #expect(try await client.fetch(request).status == 200)
        }
    }

    // MARK: TLS

    private func client(_ trust: OutboundTrust) -> OutboundClient {
        OutboundClient(
            policy: OutboundPolicy(rules: rules("https://127.0.0.0/8:*")), limits: .patient, trust: trust,
            resolver: StubResolver(["127.0.0.1"]))
    }

    @Test func certificatesAreCheckedAgainstTheName() async throws {
        let authority = try Authority()
        let trust = try OutboundTrust(additionalPEM: try authority.pem)
        try await Listener.with(tls: try authority.server([.dnsName("rp.example")]), reply: { _ in .json("{}") }) {
            listener async throws in
            let good = OutboundRequest(url: "https://rp.example:\(listener.port)/")
            #expect(try await client(trust).fetch(good).status == 200)
            #expect(listener.requests.count == 1)
            // Another name, and the bare address, have no certificate here; an unknown authority is none.
            for (host, trust) in [
                ("other.example", trust), ("127.0.0.1", trust), ("sub.rp.example", trust),
                ("rp.example", OutboundTrust()),
            ] {
                let request = OutboundRequest(
                    url: "https://\(host):\(listener.port)/",
                    headers: [OutboundHeader("Authorization", "Bearer secret")])
                #expect(await code { _ = try await client(trust).fetch(request) } == "outbound.tls", "\(host)")
            }
            // Not one byte of a request was sent to the wrong server.
            #expect(listener.requests.count == 1 && listener.connections == 5)
        }
    }

    @Test func addressesMayHaveCertificatesOfTheirOwn() async throws {
        let authority = try Authority()
        let trust = try OutboundTrust(additionalPEM: try authority.pem)
        let name = GeneralName.ipAddress(.init(contentBytes: [127, 0, 0, 1]))
        try await Listener.with(tls: try authority.server([name]), reply: { _ in .json("{}") }) {
            listener async throws in
            let request = OutboundRequest(url: "https://127.0.0.1:\(listener.port)/")
            #expect(try await client(trust).fetch(request).status == 200)
        }
    }

    @Test func aServerWithoutTLSIsRefused() async throws {
        try await Listener.with(reply: { _ in .json("{}") }) { listener async throws in
            let request = OutboundRequest(url: "https://rp.example:\(listener.port)/")
            let client = OutboundClient(
                policy: OutboundPolicy(rules: rules("https://127.0.0.0/8:*")), limits: OutboundLimits(timeout: 500),
                resolver: StubResolver(["127.0.0.1"]))
            // Such a listener waits for the end of a request that never comes.
            #expect(await code { _ = try await client.fetch(request) } == "outbound.timeout")
            #expect(listener.requests.isEmpty)
        }
    }

    @Test func rootsMustBeCertificates() {
        for text in ["", "x", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            #expect(throws: RumdulError.outboundRoots) { try OutboundTrust(additionalPEM: Array(text.utf8)) }
        }
    }
}

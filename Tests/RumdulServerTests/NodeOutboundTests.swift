import DatabaseTesting
import Foundation
import Kernel
import Outbound
import Testing
import WebPush

@testable import RumdulServer

@Suite("Requests of a node to others")
struct NodeOutboundTests {
    @Test(arguments: ["/nonexistent/roots.pem", "/dev/null"])
    func rootsAreReadAtTheStart(_ path: String) {
        var configuration = Configuration()
        configuration.outboundRoots = path
        #expect(throws: RumdulError.configurationInvalid("", "")) { try configuration.outboundClient() }
    }

    @Test func settingsReachTheClient() throws {
        var configuration = Configuration()
        configuration.outboundTimeout = 7
        #expect(throws: RumdulError.outboundURL("")) {
            try configuration.outboundClient().check("http://127.0.0.1:8082/jwks")
        }
        configuration.outboundAllow = ["http://127.0.0.0/8:*"]
        let client = try configuration.outboundClient()
        #expect(throws: Never.self) { try client.check("http://127.0.0.1:8082/jwks") }
        #expect(client.limits.timeout == 7000)
    }

    /// Notifications are sent where push services can be told whom to write to, and by a client of their own.
    @Test func whoSendsNotifications() async throws {
        var configuration = Configuration()
        #expect(configuration.pushSender == nil)
        configuration.baseURL = "http://127.0.0.1:8080"
        #expect(configuration.pushSender == nil)
        configuration.baseURL = "https://id.example"
        #expect(configuration.pushSender == "https://id.example")
        configuration.pushContact = "mailto:push@id.example"
        #expect(configuration.pushSender == "mailto:push@id.example")
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        configuration.dataDirectory = folder.path
        configuration.pushContact = "nobody"
        await #expect(throws: RumdulError.pushContact) { _ = try await Node.open(configuration) }
        configuration.pushContact = nil
        configuration.baseURL = nil
        let node = try await Node.open(configuration)
        #expect(node.notifications == nil)
        await node.close()
    }

    /// The vault seals what waits, and the node's queue opens it again: the second attempt would fail otherwise.
    @Test func notificationsWaitSealed() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        var configuration = Configuration()
        configuration.dataDirectory = folder.path
        configuration.outboundAllow = ["http://127.0.0.0/8:*"]
        let node = try await Node.open(configuration)
        let queue = node.deliveries
        let service = Task { await queue.run() }
        let id = try await queue.enqueue(
            Delivery(
                kind: .cibaPing, reference: "bank", url: "http://127.0.0.77:9/ping",
                headers: [OutboundHeader("Authorization", "Bearer notification-token")], content: .json([0x7B, 0x7D]),
                endsAt: node.ambient.now().adding(seconds: 600)))
        var record: DeliveryRecord?
        while record?.lastError == nil {
            try await Task.sleep(for: .milliseconds(20))
            record = try await node.database.read { try await queue.record(id, in: $0) }
        }
        // Nobody listens: the content was opened, and the connection refused.
        #expect(record?.state == .pending && record?.lastError == "outbound.unreachable")
        let stored = try await node.database.read { connection in
            try await connection.first("SELECT content FROM outbound_deliveries WHERE id = $1", [id])?.blob(0)
        }
        #expect(!String(decoding: stored ?? [], as: UTF8.self).contains("notification-token"))
        #expect((stored ?? []).count > 60)
        service.cancel()
        await service.value
        await node.close()
    }
}

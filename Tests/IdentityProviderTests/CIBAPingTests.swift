import Authenticators
import Codecs
import Database
import DatabaseTesting
import JOSE
import Kernel
import Outbound
import RelyingParties
import Testing

@testable import IdentityProvider

@Suite("Pings of decided backchannel requests, on both engines")
struct CIBAPingTests {
    static let endpoint = "https://call.example/ping"
    static let token = "notify.me-0123456789abcdef=="

    private struct Scene: Sendable {
        var provider: IdentityProvider
        var queue: DeliveryQueue
        var client: DecoupledClient
        var answer: CIBAService.Answer
        var item: Transaction
        var phone: Phone
    }

    private static func scene(_ world: World) async throws -> Scene {
        let (provider, queue) = try await world.providerWithQueue()
        let client = try await DecoupledClient.caller(in: world) {
            $0["backchannel_token_delivery_mode"] = "ping"
            $0["backchannel_client_notification_endpoint"] = .string(endpoint)
        }
        for wrong in [nil, "not a token"] {
            let fields = World.backchannel("client_notification_token", wrong)
            #expect(await errorCode { try await world.ciba(client, fields) } == "invalid_request")
        }
        let answer = try await world.ciba(
            client, World.backchannel("client_notification_token", token), provider: provider)
        let item = try #require(try await world.waiting().first)
        let phone = try await Phone.make(of: TestPeople.sokha, world: world)
        return Scene(provider: provider, queue: queue, client: client, answer: answer, item: item, phone: phone)
    }

    private static func pings(_ world: World, _ queue: DeliveryQueue) async throws -> [DeliveryRecord] {
        try await world.database.read { try await queue.records(reference: "call", in: $0) }
    }

    @Test(arguments: TestDatabases.kinds, ["approve", "deny", "report", "mismatch"])
    func everyDecisionPings(_ kind: DatabaseKind, _ action: String) async throws {
        try await World.run(kind) { world in
            let scene = try await Self.scene(world)
            #expect(try await Self.pings(world, scene.queue).isEmpty)
            let item = scene.item
            let wrong = Int64(item.numbers.first { $0 != item.number } ?? 0)
            let jws = try await scene.phone.decision(item, action == "mismatch" ? "approve" : action) {
                if action == "mismatch" { $0["number"] = .integer(wrong) }
            }
            _ = try? await scene.provider.approvals.decide(
                item.id, jws: jws, pinSignature: try scene.phone.pin(jws),
                device: try await world.device(scene.phone.id))
            let ping = try #require(try await Self.pings(world, scene.queue).first)
            #expect(ping.kind == .cibaPing && ping.host == "call.example")
            let rows = try await world.database.read { connection in
                try await connection.query("SELECT content, url FROM outbound_deliveries")
            }
            let content = try JSON.parseObject(try rows[0].optionalBlob(0) ?? [])
            #expect(try rows[0].string(1) == Self.endpoint)
            #expect(content.strings("headers") == ["Authorization", "Bearer " + Self.token])
            let body = try JSON.parseObject(Base64URL.decode(content.string("body") ?? "") ?? [])
            #expect(body.names == ["auth_req_id"] && body.string("auth_req_id") == scene.answer.authRequestID)
            // Once, also when the request ends later.
            world.clock.advance(1000)
            #expect(try await scene.provider.pingExpiredLogins() == 0)
            #expect(try await Self.pings(world, scene.queue).count == 1)
        }
    }

    @Test(arguments: TestDatabases.kinds) func anEndPings(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let scene = try await Self.scene(world)
            world.clock.advance(179)
            #expect(try await scene.provider.pingExpiredLogins() == 0)
            world.clock.advance(1)
            #expect(try await scene.provider.pingExpiredLogins() == 1)
            #expect(try await scene.provider.pingExpiredLogins() == 0)
            #expect(try await Self.pings(world, scene.queue).count == 1)
            #expect(await errorCode { try await world.poll(scene.client, scene.answer) } == "expired_token")
        }
    }

    /// What waits in the table gives no one the token or the identifier.
    @Test func theRowIsSealed() async throws {
        try await World.run(.sqlite) { world in
            let scene = try await Self.scene(world)
            let rows = try await world.database.read { connection in
                try await connection.query("SELECT id, ping FROM idp_ciba_requests")
            }
            let key = try rows[0].string(0)
            let sealed = try rows[0].optionalBlob(1) ?? []
            let text = String(decoding: sealed, as: UTF8.self)
            #expect(!sealed.isEmpty && !text.contains(Self.token) && !text.contains(scene.answer.authRequestID))
            #expect(key != scene.answer.authRequestID)
            let opened = try await CIBAPings.open(sealed, key: key, vault: world.vault)
            #expect(opened == CIBAPings.Content(authRequestID: scene.answer.authRequestID, token: Self.token))
            #expect(await errorCode { try await CIBAPings.open(sealed, key: "x", vault: world.vault) } != nil)
        }
    }

    /// A suspended client, or an address that may not be asked, does not keep the person from deciding.
    @Test func aBadAddressDoesNotStopTheDecision() async throws {
        try await World.run(.sqlite) { world in
            let (provider, queue) = try await world.providerWithQueue()
            let client = try await DecoupledClient.caller(in: world) {
                $0["backchannel_token_delivery_mode"] = "ping"
                $0["backchannel_client_notification_endpoint"] = "https://10.0.0.1/ping"
            }
            _ = try await world.ciba(
                client, World.backchannel("client_notification_token", Self.token), provider: provider)
            let item = try #require(try await world.waiting().first)
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let jws = try await phone.decision(item)
            let status = try await provider.approvals.decide(
                item.id, jws: jws, pinSignature: try phone.pin(jws), device: try await world.device(phone.id))
            #expect(status == .approved)
            #expect(try await Self.pings(world, queue).isEmpty)
        }
    }
}

import Accountability
import Authenticators
import Codecs
import Database
import DatabaseTesting
import JOSE
import Kernel
import Ledger
import Logging
import Outbound
import Synchronization
import Testing

@testable import IdentityProvider

@Suite("What follows when authenticators come and go, on both engines")
struct AftermathTests {
    /// Leaves what waits readable.
    private struct OpenSealer: DeliverySealer {
        func seal(_ bytes: [UInt8], context: [UInt8]) async throws -> [UInt8] { bytes }
        func open(_ sealed: [UInt8], context: [UInt8]) async throws -> [UInt8] { sealed }
    }

    private static func queue(_ world: World) async throws -> DeliveryQueue {
        try await world.database.migrate([DeliveryQueue.migrations])
        return DeliveryQueue(
            database: world.database, client: OutboundClient(), sealer: OpenSealer(), ambient: world.clock.ambient,
            logger: Logger(label: "test"))
    }

    private static func set(_ world: World, _ phone: Phone, _ state: DeviceState) async throws {
        let authenticators = world.provider.authenticators
        try await world.database.transaction {
            try await authenticators.setState(phone.id, state, by: "officer", in: $0)
        }
    }

    private static func isAlive(_ world: World, _ token: String) async throws -> Bool {
        let claims = try #require(try await world.provider.tokens.accessTokens.claims(token)).value
        return try await world.provider.introspection.isAlive(claims)
    }

    /// One person with two phones and a client that wants to be told.
    private static func register(_ world: World) async throws {
        _ = try await world.provider.register(
            World.document("told") {
                $0["token_endpoint_auth_method"] = "none"
                $0["backchannel_logout_uri"] = "https://bank.example/logout"
                $0["grant_types"] = ["authorization_code", "refresh_token"]
            })
    }

    @Test(arguments: TestDatabases.kinds) func whatABlockedDeviceApprovedEnds(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            try await Self.register(world)
            let lost = try await Phone.make(of: TestPeople.sokha, world: world)
            let kept = try await Phone.make(of: TestPeople.sokha, world: world)
            let dara = try await Phone.make(of: TestPeople.dara, world: world)
            let first = try await world.approved(lost, client: "told") { $0["scope"] = "openid offline_access" }
            let token = try await world.exchange(first.code, client: "told")
            world.clock.advance(400)
            let unused = try await world.approved(lost, client: "told")
            let other = try await world.approved(kept, client: "spa")
            let good = try await world.exchange(other.code)
            _ = try await world.userInfo(token.accessToken)
            try await Self.set(world, dara, .blocked)
            _ = try await world.userInfo(token.accessToken)
            try await Self.set(world, lost, .blocked)
            #expect(await errorCode { try await world.userInfo(token.accessToken) } == "invalid_token")
            #expect(try await !Self.isAlive(world, token.accessToken))
            #expect(await errorCode { try await world.exchange(unused.code, client: "told") } == "invalid_grant")
            #expect(try await world.find(first.item.id).refresh == nil, "offline access as well")
            #expect(try await world.provider.isSessionEnded(first.item.id))
            #expect(try await world.provider.sessions(of: TestPeople.sokha).map(\.id) == [other.item.id])
            // What the other phone approved goes on.
            _ = try await world.userInfo(good.accessToken)
            #expect(try await Self.isAlive(world, good.accessToken))
            // A phone that is found again approves anew; what it approved before stays ended.
            try await Self.set(world, lost, .active)
            #expect(await errorCode { try await world.userInfo(token.accessToken) } == "invalid_token")
            #expect(try await !Self.isAlive(world, token.accessToken))
            let again = try await world.approved(lost, client: "told")
            _ = try await world.userInfo(try await world.exchange(again.code, client: "told").accessToken)
        }
    }

    @Test(arguments: TestDatabases.kinds) func relyingPartiesAreToldOnce(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let queue = try await Self.queue(world)
            try await Self.register(world)
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let first = try await world.approved(phone, client: "told")
            _ = try await world.exchange(first.code, client: "told")
            _ = try await world.exchange(try await world.approved(phone, client: "spa").code)
            let (store, provider) = (AftermathStore(), world.provider)
            let service = LogoutService(
                database: world.database, vault: world.vault, people: TestPeople(), parties: provider.parties,
                signOn: provider.signOn, deliveries: queue, issuer: World.issuer, ambient: world.clock.ambient)
            try await Self.set(world, phone, .blocked)
            try await Self.set(world, phone, .revoked)
            let waiting = try await world.database.read { try await store.waiting([.session], limit: 9, in: $0) }
            #expect(waiting.count == 2 && waiting.contains { $0.id == first.item.id })
            for _ in 0..<2 { for item in waiting { try await service.tell(item) } }
            let told = try await world.database.read { try await queue.records(reference: "told", in: $0) }
            #expect(told.map(\.kind) == [.backChannelLogout] && told.map(\.host) == ["bank.example"])
            let left = try await world.database.read { try await store.waiting([.session], limit: 9, in: $0) }
            #expect(left.isEmpty)
        }
    }

    /// A session in which a lost device took part ends as a whole, with what others approved in it.
    @Test(arguments: TestDatabases.kinds) func aSharedSessionEndsAsAWhole(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let lost = try await Phone.make(of: TestPeople.sokha, world: world)
            let kept = try await Phone.make(of: TestPeople.sokha, world: world)
            let first = try await world.approved(lost, client: "spa").item
            let session: BrowserSession = try #require(BrowserSession(first))
            let party = try await world.party("other")
            let request = try AuthorizationRequest(
                World.parameters("other").merging(["redirect_uri": "https://other.example/cb"]) { $1 }, client: party,
                redirectURI: "https://other.example/cb", policy: .scheme)
            let item = try await world.provider.approvals.start(
                ApprovalStart(
                    request: request, client: party, identifier: "", knownPerson: TestPeople.sokha,
                    session: session, browserHash: [1], origin: "Firefox, Linux"))
            try await world.decide(item, try await kept.decision(item), by: kept)
            #expect(try await world.find(item.id).session == first.id)
            let token = try await world.exchange(try await world.code(item), client: "other") {
                $0["redirect_uri"] = "https://other.example/cb"
            }.accessToken
            _ = try await world.userInfo(token)
            try await Self.set(world, lost, .revoked)
            #expect(await errorCode { try await world.userInfo(token) } == "invalid_token")
            #expect(try await world.provider.sessions(of: TestPeople.sokha).isEmpty)
        }
    }

    @Test(arguments: TestDatabases.kinds) func blockingIsUndoneAsAWhole(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let token = try await world.exchange(try await world.approved(phone, client: "spa").code).accessToken
            let authenticators = world.provider.authenticators
            let failed = await errorCode {
                try await world.database.transaction { connection in
                    try await authenticators.setState(phone.id, .blocked, by: "officer", in: connection)
                    throw RumdulError("test.stop", .invalid, km: "ក", en: "x")
                }
            }
            #expect(failed == "test.stop")
            _ = try await world.userInfo(token)
        }
    }

    @Test(arguments: TestDatabases.kinds) func peopleAreToldByText(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            _ = try await Phone.make(of: TestPeople.sokha, world: world)
            #expect(world.messages.sent.isEmpty, "nobody waits for a gateway")
            #expect(try await world.provider.followUp() == 1)
            #expect(try await world.provider.followUp() == 0, "once")
            let sent = try #require(world.messages.sent.first)
            #expect(world.messages.sent.count == 1 && sent.number == "phone_number of person-sokha")
            #expect(sent.text.contains("A new device was activated") && sent.text.contains("ឧបករណ៍ថ្មី"))
            #expect(sent.text.contains(World.issuer + "/app") && !sent.text.contains("sokha"))
            let entries = try await world.database.read { [ledger = world.ledger] in
                try await ledger.entries(
                    subject: TestPeople.sokha.text, streamPrefix: "access-", before: nil, limit: 9, in: $0)
            }
            #expect(entries.count == 1, "reading the number left an entry")
            let effects = world.provider.authenticators.effects
            try await world.database.transaction { connection in
                try await effects.reportedGone(by: TestPeople.dara, in: connection)
                try await effects.added(.passkey, to: TestPeople.dara, in: connection)
            }
            #expect(try await world.provider.followUp() == 2)
            let texts = Set(world.messages.sent.dropFirst().map(\.text))
            #expect(texts.count == 2 && texts.contains { $0.contains("reported as gone") })
            #expect(texts.contains { $0.contains("A new passkey was activated") })
        }
    }

    /// Five a day: whoever may add and remove passkeys at will cannot make a phone ring all day.
    @Test(arguments: TestDatabases.kinds) func fiveTextsADay(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let (effects, provider) = (world.provider.authenticators.effects, world.provider)
            @Sendable func add() async throws {
                try await world.database.transaction { try await effects.added(.passkey, to: TestPeople.sokha, in: $0) }
                try await provider.followUp()
            }
            for _ in 0..<8 { try await add() }
            #expect(world.messages.sent.count == 5)
            world.clock.advance(86_401)
            try await add()
            #expect(world.messages.sent.count == 6)
            // Kept as long as it counts, and no longer.
            func rows() async throws -> Int {
                try await world.database.read { try await $0.query("SELECT id FROM idp_aftermath").count }
            }
            #expect(try await rows() == 9)
            _ = try await provider.purgeTransactions(before: world.clock.now)
            #expect(try await rows() == 1)
        }
    }
}

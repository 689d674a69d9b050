import Codecs
import Consent
import Database
import DatabaseTesting
import JOSE
import Kernel
import KeyVault
import Logging
import Outbound
import RelyingParties
import Testing

@testable import IdentityProvider

@Suite("A withdrawn consent ends the grants, and the relying party is told")
struct ConsentWithdrawalTests {
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

    private static func service(_ world: World, _ queue: DeliveryQueue?) -> LogoutService {
        LogoutService(
            database: world.database, vault: world.vault, people: TestPeople(), parties: world.provider.parties,
            signOn: world.provider.signOn, deliveries: queue, issuer: World.issuer, ambient: world.clock.ambient)
    }

    private static func register(_ world: World, _ id: String) async throws {
        _ = try await world.provider.register(
            World.document(id) {
                $0["token_endpoint_auth_method"] = "none"
                $0["backchannel_logout_uri"] = "https://bank.example/logout"
                $0["grant_types"] = ["authorization_code", "refresh_token"]
            })
    }

    private static func told(_ world: World, _ queue: DeliveryQueue, _ client: String) async throws -> Int {
        try await world.database.read { try await queue.records(reference: client, in: $0) }.count
    }

    @Test(arguments: TestDatabases.kinds) func grantsEndOneNoticeASession(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let queue = try await Self.queue(world)
            try await Self.register(world, "told")
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let first = try await world.approved(phone, client: "told")
            let token = try await world.exchange(first.code, client: "told").accessToken
            world.clock.advance(400)
            let second = try await world.approved(phone, client: "told")
            let other = try await world.approved(phone, client: "spa")
            let kept = try await world.exchange(other.code).accessToken
            let consents = world.consents
            let consent = try #require(first.item.consentID)
            try await Self.service(world, queue).withdraw(by: TestPeople.sokha, clientID: "told") { connection in
                try await consents.withdraw(consent, person: TestPeople.sokha, in: connection)
            }
            #expect(try await Self.told(world, queue, "told") == 2)
            #expect(try await Self.told(world, queue, "spa") == 0)
            #expect(await errorCode { try await world.userInfo(token) } == "invalid_token")
            #expect(await errorCode { try await world.exchange(second.code, client: "told") } == "invalid_grant")
            #expect(try await world.find(first.item.id).status == .revoked)
            #expect(try await world.find(first.item.id).refresh == nil)
            _ = try await world.userInfo(kept)
            // The browser stays logged in; the other services do, too.
            #expect(try await world.provider.sessions(of: TestPeople.sokha).count == 3)
            try await Self.service(world, queue).withdraw(by: TestPeople.sokha, clientID: "told") { _ in }
            #expect(try await Self.told(world, queue, "told") == 2, "nobody is told twice")
        }
    }

    @Test(arguments: TestDatabases.kinds) func allOrNothing(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let queue = try await Self.queue(world)
            try await Self.register(world, "told")
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let (item, code) = try await world.approved(phone, client: "told")
            _ = try await world.exchange(code, client: "told")
            let failed = await errorCode {
                try await Self.service(world, queue).withdraw(by: TestPeople.sokha, clientID: "told") { _ in
                    throw RumdulError("test.stop", .invalid, km: "ក", en: "x")
                }
            }
            #expect(failed == "test.stop")
            #expect(try await Self.told(world, queue, "told") == 0)
            #expect(try await world.find(item.id).status == .redeemed)
            // Another person's withdrawal ends nothing of this one's.
            try await world.provider.consentWithdrawn(by: TestPeople.dara, clientID: "told")
            #expect(try await world.find(item.id).status == .redeemed)
            try await world.provider.consentWithdrawn(by: TestPeople.sokha, clientID: "told")
            #expect(try await world.find(item.id).status == .revoked, "without a queue, too")
        }
    }

    /// A login that succeeds between the signing of the notices and the transaction is told as well.
    @Test(arguments: TestDatabases.kinds) func aLoginMeanwhile(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let queue = try await Self.queue(world)
            try await Self.register(world, "told")
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            _ = try await world.approved(phone, client: "told")
            let people = MeddlingPeople {
                world.clock.advance(400)
                _ = try await world.approved(phone, client: "told")
            }
            let service = LogoutService(
                database: world.database, vault: world.vault, people: people, parties: world.provider.parties,
                signOn: world.provider.signOn, deliveries: queue, issuer: World.issuer, ambient: world.clock.ambient)
            try await service.withdraw(by: TestPeople.sokha, clientID: "told") { _ in }
            #expect(try await Self.told(world, queue, "told") == 2)
        }
    }

    @Test func theToken() async throws {
        try await World.run(.sqlite) { world in
            try await Self.register(world, "told")
            let text = try await Self.service(world, nil).token(
                for: try await world.party("told"), subject: "s", sessionID: "session")
            let keys = VerificationKeySet(try await world.vault.publicKeys(.oidcSigning))
            let jws = try JWS.verify(text, algorithms: [.es256, .rs256], keys: keys)
            let claims = try JSON.parseObject(jws.payload)
            #expect(jws.header.type == "logout+jwt" && claims.string("sub") == "s" && claims["nonce"] == nil)
            #expect(
                claims.string("sid")
                    == (try await world.provider.signOn.sessionIdentifier(
                        "session", clientID: "told")))
        }
    }

    @Test(arguments: TestDatabases.kinds) func whetherASessionWasEnded(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let (item, code) = try await world.approved(phone)
            #expect(try await world.provider.sessionIdentifier(ofCode: code) == item.id)
            #expect(try await world.provider.sessionIdentifier(ofCode: code + "x") == nil)
            #expect(try await !world.provider.isSessionEnded(item.id))
            world.clock.advance(100_000)
            #expect(try await !world.provider.isSessionEnded(item.id), "too old is not ended")
            _ = try await world.provider.endSession(item.id, of: TestPeople.sokha)
            #expect(try await world.provider.isSessionEnded(item.id))
            #expect(try await world.provider.isSessionEnded("nothing"))
        }
    }
}

/// Does something once, when somebody asks for a subject.
private final class MeddlingPeople: PersonDirectory {
    private let meddle: @Sendable () async throws -> Void
    private let done = Once()

    init(_ meddle: @escaping @Sendable () async throws -> Void) { self.meddle = meddle }

    func person(loginIdentifier: String) async throws -> PersonID? {
        try await TestPeople().person(loginIdentifier: loginIdentifier)
    }

    func mayLogIn(_ person: PersonID) async throws -> Bool { true }

    func subject(of person: PersonID, sector: String) async throws -> String {
        if await done.first() { try await meddle() }
        return try await TestPeople().subject(of: person, sector: sector)
    }

    private actor Once {
        private var wasAsked = false

        func first() -> Bool {
            defer { wasAsked = true }
            return !wasAsked
        }
    }
}

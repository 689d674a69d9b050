import Authenticators
import Codecs
import Crypto
import Database
import DatabaseTesting
import Foundation
import Kernel
import Testing

@testable import IdentityProvider

/// A passkey as its browser sees it, on swift-crypto alone.
struct TestPasskey: Sendable {
    let id = Ambient.system.randomBytes(32)
    let key = P256.Signing.PrivateKey()

    /// Puts the passkey into the tables as a registration would have.
    static func make(of person: PersonID, world: World) async throws -> TestPasskey {
        let passkey = TestPasskey()
        let x963 = Array(passkey.key.publicKey.x963Representation)
        // COSE_Key of ES256 (RFC 9053, section 7.1).
        let cose: [UInt8] =
            [0xA5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32] + x963[1...32] + [0x22, 0x58, 32] + x963[33...]
        try await world.database.transaction { connection in
            try await connection.execute(
                """
                INSERT INTO auth_passkeys (id, credential_id, person_id, name, public_key, sign_count, verified_once,
                    backup_eligible, backed_up, transports, kind, aaguid, attestation, state, ial, created_at)
                VALUES ($1, $2, $3, 'Phone', $4, 0, 1, 0, 0, 'internal', $5, $6, 'none', 'active', 2, $7)
                """,
                [
                    "pk-" + Hex.encode(Array(passkey.id.prefix(8))), passkey.id, person.text, cose,
                    "device_bound", [UInt8](repeating: 0, count: 16), world.clock.now,
                ])
            try await connection.execute(
                """
                INSERT INTO auth_passkey_users (person_id, handle) VALUES ($1, $2) ON CONFLICT (person_id) DO NOTHING
                """, [person.text, Ambient.system.randomBytes(32)])
        }
        return passkey
    }

    /// The answer to request options.
    func sign(_ options: JSONObject) throws -> JSONObject {
        let challenge = try #require(options.object("publicKey")?.string("challenge"))
        let told: JSONObject = [
            "type": "webauthn.get", "challenge": .string(challenge), "origin": "https://id.example",
            "crossOrigin": false,
        ]
        let client = JSON.bytes(told)
        let data = sha256(Array("id.example".utf8)) + [0x05, 0, 0, 0, 0]
        let signature = try key.signature(for: data + sha256(client)).derRepresentation
        return [
            "id": .string(Base64URL.encode(id)), "rawId": .string(Base64URL.encode(id)), "type": "public-key",
            "clientExtensionResults": [:],
            "response": [
                "clientDataJSON": .string(Base64URL.encode(client)),
                "authenticatorData": .string(Base64URL.encode(data)),
                "signature": .string(Base64URL.encode(Array(signature))),
            ],
        ]
    }
}

@Suite("Approvals with a passkey, on both engines")
struct PasskeyApprovalTests {
    static let session = Array("session".utf8)

    /// Options for the right number, signed and sent.
    private func approve(
        _ item: Transaction, _ passkey: TestPasskey, number: Int? = nil, world: World
    ) async throws {
        let provider = world.provider
        let options = try await provider.approvalOptions(
            item.id, of: TestPeople.sokha, attributes: ["email", "name_km"], number: number ?? item.number,
            session: Self.session)
        try await provider.approve(
            item.id, of: TestPeople.sokha, state: try #require(options.string("state")),
            credential: try passkey.sign(options), session: Self.session)
    }

    @Test(arguments: TestDatabases.kinds) func approve(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let passkey = try await TestPasskey.make(of: TestPeople.sokha, world: world)
            let item = try await world.start()
            let found = try await world.provider.waitingApproval(item.id, of: TestPeople.sokha)
            #expect(found.hasPasskey && found.isWithinPasskeys && found.numbers == item.numbers)
            world.clock.advance(20)
            try await approve(item, passkey, world: world)
            let done = try await world.find(item.id)
            #expect(done.status == .approved && done.granted == ["name_km", "email"])
            #expect(done.acr == "urn:kh:camdigikey:aal:2" && done.decidedAt == world.clock.now)
            #expect(done.deviceID?.hasPrefix("pk-") == true)
            let consents = world.consents
            let record = try #require(
                try await world.database.read { try await consents.records(of: TestPeople.sokha, in: $0).first })
            #expect(record.grant.channel == "passkey" && record.grant.noticeHash == item.detailsHash)
            #expect(record.grant.refused == ["birthdate", "phone_number"])
            let evidence = try JSON.parseObject(Array(record.grant.decision.utf8))
            #expect(evidence.object("decision")?.integer("number") == Int64(item.number))
            #expect(await errorCode { try await approve(item, passkey, world: world) } == "transaction.decided")
            #expect(try await world.ledger.verify().isIntact)
        }
    }

    @Test(arguments: TestDatabases.kinds) func aWrongNumberEndsIt(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let passkey = try await TestPasskey.make(of: TestPeople.sokha, world: world)
            let item = try await world.start()
            let wrong = try #require(item.numbers.first { $0 != item.number })
            #expect(
                await errorCode { try await approve(item, passkey, number: wrong, world: world) }
                    == "transaction.number_mismatch")
            let done = try await world.find(item.id)
            #expect(done.status == .mismatch && done.consentID == nil && done.granted.isEmpty && done.acr == nil)
        }
    }

    @Test func challengesAndRequestsEnd() async throws {
        try await World.run(.sqlite) { world in
            let provider = world.provider
            let passkey = try await TestPasskey.make(of: TestPeople.sokha, world: world)
            let item = try await world.start()
            let options = try await provider.approvalOptions(
                item.id, of: TestPeople.sokha, attributes: [], number: item.number, session: Self.session)
            let state = try #require(options.string("state"))
            let signed = try passkey.sign(options)
            func send(_ session: String = "session", _ person: PersonID = TestPeople.sokha) async -> String? {
                await errorCode {
                    try await provider.approve(
                        item.id, of: person, state: state, credential: signed, session: Array(session.utf8))
                }
            }
            #expect(await send("another") == "transaction.challenge_stale")
            #expect(await send("session", TestPeople.dara) == "transaction.challenge_stale")
            world.clock.advance(item.expiresAt.seconds - world.clock.now.seconds)
            #expect(await send() == "transaction.expired")
            world.clock.advance(PasskeyApproval.lifetime)
            #expect(await send() == "transaction.challenge_stale")
            #expect(try await world.find(item.id).status == .pending, "nothing changed")
            let expired = await errorCode {
                _ = try await provider.waitingApproval(item.id, of: TestPeople.sokha)
            }
            #expect(expired == "transaction.expired")
        }
    }

    @Test func heldLevelsAreHeldHereToo() async throws {
        try await World.run(.sqlite) { world in
            let passkey = try await TestPasskey.make(of: TestPeople.sokha, world: world)
            let authenticators = world.provider.authenticators
            try await world.database.transaction {
                try await authenticators.hold(TestPeople.sokha, reason: "recovery", by: "officer", in: $0)
            }
            let item = try await world.start()
            try await approve(item, passkey, world: world)
            #expect(try await world.find(item.id).acr == "urn:kh:camdigikey:aal:1")
        }
    }

    @Test(arguments: [false, true]) func noNeedsNoPasskey(_ report: Bool) async throws {
        try await World.run(.sqlite) { world in
            let item = try await world.start()
            let provider = world.provider
            let foreign = await errorCode {
                try await provider.decline(item.id, of: TestPeople.dara, report: report)
            }
            #expect(foreign == "transaction.not_found")
            try await provider.decline(item.id, of: TestPeople.sokha, report: report)
            #expect(try await world.find(item.id).status == (report ? .reported : .denied))
            let again = await errorCode {
                try await provider.decline(item.id, of: TestPeople.sokha, report: report)
            }
            #expect(again == "transaction.decided")
            #expect((try await world.start().personID == nil) == report)
        }
    }
}

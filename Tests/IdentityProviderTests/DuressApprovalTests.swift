import Authenticators
import Codecs
import DatabaseTesting
import JOSE
import Kernel
import Testing

@testable import IdentityProvider

@Suite("Approvals under duress, on both engines")
struct DuressApprovalTests {
    private static var rules: DeviceRules {
        var rules = DeviceRules.standard
        rules.allowsDuressPIN = true
        return rules
    }

    /// Sets a duress PIN; its key.
    private func setDuress(_ phone: Phone, _ world: World) async throws -> SigningKey {
        let key = try SigningKey.generate(.es256)
        let jwk = try #require(key.jwk.publicKey)
        guard case .ec(let curve, let x, let y, _) = jwk.material else { throw RumdulError.internal("test key") }
        let bare = try JWK(.ec(curve, x: x, y: y, d: nil))
        let claims: JSONObject = [
            "iss": .string(phone.id), "aud": .string(World.issuer), "iat": .integer(world.clock.now.seconds),
            "jti": .string(Ambient.system.newSecret()), "duress_key": .string(bare.thumbprintText),
        ]
        let change = try await JWSProducer(
            signer: SoftwareSigner(phone.deviceKey, keyID: phone.id), type: "rumdul-duress-pin+jwt"
        ).sign(claims)
        let bytes = Array(change.utf8)
        let request = DuressChange(
            change: change, key: bare, pinSignature: Base64URL.encode(try phone.pinKey.signature(for: bytes)),
            duressSignature: Base64URL.encode(try key.signature(for: bytes)))
        let authenticators = world.provider.authenticators
        let check = try await world.database.transaction {
            try await authenticators.changeDuressPIN(request, of: phone.id, in: $0)
        }
        #expect(check == .correct)
        return key
    }

    private func decide(
        _ item: Transaction, by phone: Phone, with key: SigningKey, _ world: World, number: Int? = nil
    ) async throws -> TransactionStatus {
        let jws = try await phone.decision(item) { claims in
            if let number { claims["number"] = .integer(Int64(number)) }
        }
        return try await world.provider.approvals.decide(
            item.id, jws: jws, pinSignature: Base64URL.encode(try key.signature(for: Array(jws.utf8))),
            device: try await world.device(phone.id))
    }

    @Test(arguments: TestDatabases.kinds) func whatIsGranted(_ kind: DatabaseKind) async throws {
        try await World.run(kind, rules: Self.rules) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let duress = try await setDuress(phone, world)
            let asked = try await world.start()
            #expect(try await decide(asked, by: phone, with: duress, world) == .approved)
            let item = try await world.find(asked.id)
            #expect(item.status == .approved && item.acr == "urn:kh:camdigikey:aal:1")
            #expect(item.granted.isEmpty && item.consentID == nil && item.sessionEndsAt == nil)
            // With the right PIN everything is as ever, but for what the case holds down.
            let (free, _) = try await world.approved(phone)
            #expect(!free.granted.isEmpty && free.consentID != nil && free.sessionEndsAt != nil)
        }
    }

    /// The person's own pages, and what is authorised beyond a login, end as refused; the device hears nothing of it.
    @Test(arguments: TestDatabases.kinds) func whatIsHeldBack(_ kind: DatabaseKind) async throws {
        try await World.run(kind, rules: Self.rules) { world in
            _ = try await world.provider.register(
                World.document("own") {
                    $0["first_party"] = true
                    $0["token_endpoint_auth_method"] = "none"
                }, firstParty: true)
            _ = try await world.provider.register(
                World.document("payer") { $0["authorization_details_types"] = ["kh_payment"] })
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let duress = try await setDuress(phone, world)
            let payment =
                #"[{"type":"kh_payment","instructed_amount":{"currency":"USD","amount":"500.00"},"creditor_name":"Sok"}]"#
            let own = try await world.start(client: "own")
            #expect(try await decide(own, by: phone, with: duress, world) == .approved)
            #expect(try await world.find(own.id).status == .denied)
            let paid = try await world.start(client: "payer") { $0["authorization_details"] = payment }
            #expect(try await decide(paid, by: phone, with: duress, world) == .approved)
            #expect(try await world.find(paid.id).status == .denied)
        }
    }

    /// The order of checks is the same: a wrong number ends the request, whatever PIN was typed.
    @Test func aWrongNumber() async throws {
        try await World.run(.sqlite, rules: Self.rules) { world in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let duress = try await setDuress(phone, world)
            let item = try await world.start()
            let wrong = try #require(item.numbers.first { $0 != item.number })
            let error = await errorCode { try await decide(item, by: phone, with: duress, world, number: wrong) }
            #expect(error == "transaction.number_mismatch")
        }
    }
}

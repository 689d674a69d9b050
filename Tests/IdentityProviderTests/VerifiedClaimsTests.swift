import Accountability
import Authenticators
import Codecs
import Database
import DatabaseTesting
import JOSE
import Kernel
import RelyingParties
import Testing

@testable import IdentityProvider

/// Enrolments of the test people: Sokha with an identity card and a family book, Dara on the word of two witnesses.
struct TestVerification: IdentityVerificationSource {
    static let enrolledAt = Instant(seconds: 1_790_000_000)

    func verification(
        of person: PersonID, device: String, in connection: any SQLConnection
    ) async throws -> IdentityVerification {
        let isSokha = person == TestPeople.sokha
        return IdentityVerification(
            enrolment: .init(
                reference: "case of \(person.text)", level: isSokha ? .ial3 : .ial1, at: Self.enrolledAt,
                documents: isSokha ? [.identityCard, .familyBook] : [], organisation: "The Office"),
            record: .init(source: "The Register", createdAt: Instant(seconds: 1_700_000_000)))
    }
}

private let plainFramework = #""verification":{"trust_framework":null}"#

private func element(_ claims: String, _ verification: String = plainFramework) -> String {
    #"{\#(verification),"claims":{\#(claims)}}"#
}

extension World {
    /// What one login answers to verified claims asked of userinfo, and in the ID token.
    fileprivate func answers(
        _ phone: Phone, userInfo: String? = nil, idToken: String? = nil, client: String = "assured",
        person: String = "2345678901", attributes: [String]? = nil, scope: String = "openid"
    ) async throws -> (userInfo: JSONObject, idToken: JSONObject) {
        let members = [("userinfo", userInfo), ("id_token", idToken)].compactMap { name, text in
            text.map { #""\#(name)":{"verified_claims":\#($0)}"# }
        }
        let item = try await start(person, client: client) {
            $0["scope"] = scope
            $0["claims"] = "{" + members.joined(separator: ",") + "}"
        }
        try await decide(item, try await phone.decision(item, attributes: attributes), by: phone)
        let form = Self.tokenForm(try await code(try await find(item.id)), client: client)
        let response = try await provider.tokens.exchange(ClientRequest(form: form, traceID: "trace"))
        let token = try JWT.unverifiedClaims(try #require(response.idToken)).claims
        return (try await self.userInfo(response.accessToken), token)
    }

    fileprivate static func assured(
        _ kind: DatabaseKind, _ test: @escaping @Sendable (World, Phone) async throws -> Void
    ) async throws {
        try await run(kind) { world in
            _ = try await world.provider.register(
                document("assured") {
                    $0["token_endpoint_auth_method"] = "none"
                    $0["purposes"] = [
                        [
                            "code": "opening", "text": ["km": "បើក", "en": "Open"], "essential": ["name"],
                            "optional": ["birthdate", "gender", "document_type", "phone_number"],
                        ]
                    ]
                })
            try await test(world, try await Phone.make(of: TestPeople.sokha, world: world))
        }
    }
}

@Suite("verified_claims, as they are answered, on both engines")
struct VerifiedClaimsTests {
    @Test(arguments: TestDatabases.kinds) func eachChannelTellsWhatItWasAsked(_ kind: DatabaseKind) async throws {
        try await World.assured(kind) { world, phone in
            let name = JSONValue.string("name of person-sokha")
            let expected: JSONValue = ["verification": ["trust_framework": "kh_ipis"], "claims": ["name": name]]
            var (info, token) = try await world.answers(phone, userInfo: element(#""name":null"#))
            #expect(info["verified_claims"] == expected)
            #expect(
                Set(info.names) == ["sub", "verified_claims"] && !token.has("verified_claims") && !token.has("name"))
            (info, token) = try await world.answers(phone, idToken: element(#""name":{"essential":false}"#))
            #expect(token["verified_claims"] == expected && !token.has("name"))
            #expect(info.names == ["sub"], "asked in the ID token alone")
            (info, token) = try await world.answers(
                phone, userInfo: element(#""name":null"#), idToken: element(#""birthdate":null"#))
            #expect(info["verified_claims"] == expected)
            #expect(token["verified_claims"]?["claims"] == ["birthdate": "birthdate of person-sokha"])
        }
    }

    @Test(arguments: TestDatabases.kinds) func plainClaimsAreAsBefore(_ kind: DatabaseKind) async throws {
        try await World.assured(kind) { world, phone in
            let (info, _) = try await world.answers(
                phone, userInfo: element(#""birthdate":null,"name":null"#), scope: "openid profile phone")
            #expect(info.string("name") == "name of person-sokha")
            #expect(info.string("birthdate") == "birthdate of person-sokha")
            #expect(info.string("phone_number") == "phone_number of person-sokha")
            #expect(info["verified_claims"]?["claims"]?.objectValue?.count == 2)
        }
    }

    @Test(arguments: TestDatabases.kinds) func whatCannotBeToldIsLeftOut(_ kind: DatabaseKind) async throws {
        try await World.assured(kind) { world, phone in
            func claims(_ text: String, _ verification: String = plainFramework) async throws -> [String]? {
                let (info, _) = try await world.answers(phone, userInfo: element(text, verification))
                return info["verified_claims"]?["claims"]?.objectValue?.names
            }
            #expect(try await claims(#""name":null,"shoe_size":null,"<a>":{"essential":true}"#) == ["name"])
            #expect(try await claims(#""shoe_size":{"essential":true}"#) == nil)
            #expect(try await claims(#""name":null,"phone_number":null"#) == ["name"], "nobody verified it")
            #expect(try await claims(#""name":null,"address":null"#) == ["name"], "not registered")
            #expect(try await claims(#""name":null,"birthdate":{"value":"1800-01-01"}"#) == ["name"])
            #expect(try await claims(#""name":{"values":["x","y"]}"#) == nil)
            #expect(try await claims(#""name":{"values":["x","name of person-sokha"]}"#) == ["name"])
            #expect(try await claims(#""name":null"#, #""verification":{"trust_framework":{"value":"de_aml"}}"#) == nil)
            #expect(
                try await claims(
                    #""name":null"#, #""verification":{"trust_framework":null,"assurance_level":{"value":"IAL3"}}"#)
                    == nil)
            #expect(
                try await claims(#""name":null"#, #""verification":{"trust_framework":null,"time":{"max_age":60}}"#)
                    == nil)
            let (empty, token) = try await world.answers(phone, userInfo: "{}", idToken: "null")
            #expect(!empty.has("verified_claims") && !token.has("verified_claims"))
        }
    }

    @Test(arguments: TestDatabases.kinds) func whatThePersonRefusesIsLeftOut(_ kind: DatabaseKind) async throws {
        try await World.assured(kind) { world, phone in
            let asked = element(#""name":null,"birthdate":null"#)
            let (info, _) = try await world.answers(phone, userInfo: asked, attributes: ["name"])
            #expect(info["verified_claims"]?["claims"] == ["name": "name of person-sokha"])
        }
    }

    @Test(arguments: TestDatabases.kinds) func theLevelIsThatOfTheDevice(_ kind: DatabaseKind) async throws {
        try await World.assured(kind) { world, phone in
            // The phone was bound at level 2, though the enrolment of these tests says 3; Dara's says 1.
            let verification =
                #""verification":{"trust_framework":{"value":"kh_ipis"},"assurance_level":null,"time":null}"#
            let (info, _) = try await world.answers(phone, userInfo: element(#""name":null"#, verification))
            let told = try #require(info["verified_claims"]?["verification"])
            #expect(told["assurance_level"] == "IAL2")
            #expect(told["time"] == .string(AssuranceDay.text(TestVerification.enrolledAt)))
            #expect(told.objectValue?.names.contains("verification_process") == false)
            let dara = try await Phone.make(of: TestPeople.dara, world: world)
            let (other, _) = try await world.answers(
                dara, userInfo: element(#""name":null"#, verification), person: "3456789012")
            #expect(other["verified_claims"]?["verification"]?["assurance_level"] == "IAL1")
        }
    }

    @Test(arguments: TestDatabases.kinds) func evidenceAsAskedAndNoMore(_ kind: DatabaseKind) async throws {
        try await World.assured(kind) { world, phone in
            func evidence(_ entries: String) async throws -> JSONValue? {
                let verification = #""verification":{"trust_framework":null,"evidence":[\#(entries)]}"#
                let (info, _) = try await world.answers(phone, userInfo: element(#""name":null"#, verification))
                return info["verified_claims"]?["verification"]?["evidence"]
            }
            #expect(try await evidence(#"{"type":{"value":"electronic_record"}}"#) == [["type": "electronic_record"]])
            let record = try await evidence(
                #"""
                {"type":{"value":"electronic_record"},"check_details":[{"check_method":null}],
                "record":{"type":null,"created_at":null,"source":{"name":null}}}
                """#)
            #expect(
                record == [
                    [
                        "type": "electronic_record", "check_details": [["check_method": "data"]],
                        "record": [
                            "type": "population_register", "created_at": "2023-11-15T00:00:00+07:00",
                            "source": ["name": "The Register"],
                        ],
                    ]
                ])
            let card = try await evidence(
                #"""
                {"type":{"value":"document"},"check_details":[{"check_method":{"value":"vpip"},"organization":null}],
                "document_details":{"type":{"values":["idcard","passport"]}}}
                """#)
            #expect(
                card == [
                    [
                        "type": "document",
                        "check_details": [["check_method": "vpip", "organization": "The Office"]],
                        "document_details": ["type": "idcard"],
                    ]
                ])
            #expect(try await evidence(#"{"type":{"value":"vouch"}}"#) == nil)
            #expect(
                try await evidence(#"{"type":{"value":"vouch"}},{"type":{"value":"document"}}"#)?.arrayValue?.count == 2
            )
        }
    }

    @Test(arguments: TestDatabases.kinds) func theKindOfDocumentIsThePersonsToShare(_ kind: DatabaseKind) async throws {
        try await World.assured(kind) { world, phone in
            let asked = element(
                #""name":null"#, #""verification":{"trust_framework":null,"evidence":[{"type":{"value":"document"}}]}"#)
            let item = try await world.start(client: "assured") {
                $0["scope"] = "openid"
                $0["claims"] = #"{"userinfo":{"verified_claims":\#(asked)}}"#
            }
            #expect(item.request.attributes == ["name", "document_type"])
            let (shared, _) = try await world.answers(phone, userInfo: asked)
            #expect(shared["verified_claims"]?["claims"]?.objectValue?.names == ["name"], "asked for evidence alone")
            let (kept, _) = try await world.answers(phone, userInfo: asked, attributes: ["name"])
            #expect(kept.names == ["sub"], "a constraint that cannot be met takes the whole away")
        }
    }

    @Test(arguments: TestDatabases.kinds) func anEnrolmentHasAnotherNameInEverySector(_ kind: DatabaseKind) async throws
    {
        try await World.assured(kind) { world, phone in
            let verification = #""verification":{"trust_framework":null,"verification_process":null}"#
            let (info, _) = try await world.answers(phone, userInfo: element(#""name":null"#, verification))
            let told = info["verified_claims"]?["verification"]?["verification_process"]
            let one = VerificationFacts.reference("case of person-sokha", for: try await world.party("assured"))
            #expect(told == .string(one))
            #expect(one != VerificationFacts.reference("case of person-sokha", for: try await world.party("other")))
        }
    }

    @Test(arguments: TestDatabases.kinds) func severalElements(_ kind: DatabaseKind) async throws {
        try await World.assured(kind) { world, phone in
            let other = #""verification":{"trust_framework":{"value":"de_aml"}}"#
            let both = "[\(element(#""name":null"#)),\(element(#""birthdate":null"#))]"
            let (two, _) = try await world.answers(phone, userInfo: both)
            #expect(two["verified_claims"]?.arrayValue?.count == 2)
            let half = "[\(element(#""name":null"#, other)),\(element(#""birthdate":null"#))]"
            let (one, _) = try await world.answers(phone, userInfo: half)
            #expect(one["verified_claims"]?["claims"] == ["birthdate": "birthdate of person-sokha"])
        }
    }

    @Test(arguments: TestDatabases.kinds) func numbersLeaveEncryptedOnly(_ kind: DatabaseKind) async throws {
        try await World.assured(kind) { world, phone in
            let keys: JSONObject = ["keys": [.object(try #require(world.unsealing.jwk.publicKey).json)]]
            _ = try await world.provider.register(
                World.document("numbers") {
                    $0["token_endpoint_auth_method"] = "none"
                    $0["jwks"] = .object(keys)
                    $0["userinfo_encrypted_response_alg"] = "ECDH-ES+A256KW"
                    $0["purposes"] = [
                        [
                            "code": "opening", "text": ["km": "បើក", "en": "Open"],
                            "essential": ["name", "kidc", "national_id", "document_type"],
                        ]
                    ]
                })
            let verification = #"""
                "verification":{"trust_framework":null,"evidence":[{"type":{"value":"document"},
                "document_details":{"type":{"value":"idcard"},"document_number":null}}]}
                """#
            let asked = element(#""name":null,"kidc":null"#, verification)
            let item = try await world.start(client: "numbers") {
                $0["scope"] = "openid"
                $0["claims"] =
                    #"{"userinfo":{"verified_claims":\#(asked)},"id_token":{"verified_claims":\#(asked)}}"#
            }
            #expect(Set(item.request.attributes) == ["name", "kidc", "national_id", "document_type"])
            try await world.decide(item, try await phone.decision(item), by: phone)
            let (approved, party) = (try await world.find(item.id), try await world.party("numbers"))
            let release = world.provider.tokens.release
            let (info, token) = try await world.database.transaction { connection in
                let info = try await release.userInfo(approved, to: party, traceID: "t", in: connection)
                return (info, try await release.idToken(approved, to: party, traceID: "t", in: connection))
            }
            let sealed = try #require(info["verified_claims"])
            #expect(sealed["claims"]?["kidc"] == "kidc of person-sokha")
            let details = sealed["verification"]?["evidence"]?[0]?["document_details"]
            #expect(details == ["type": "idcard", "document_number": "national_id of person-sokha"])
            let open = try #require(token["verified_claims"])
            #expect(open["claims"] == ["name": "name of person-sokha"])
            #expect(
                open["verification"]?["evidence"] == [["type": "document", "document_details": ["type": "idcard"]]])
            #expect(!JSON.text(token).contains("national_id of"))
        }
    }

    @Test(arguments: TestDatabases.kinds) func aNodeWithoutEnrolmentsKnowsTheLevel(_ kind: DatabaseKind) async throws {
        try await World.assured(kind) { world, phone in
            let facts = VerificationFacts(
                authenticators: world.provider.authenticators, source: NoIdentityVerification())
            let (item, _) = try await world.approved(phone, client: "spa")
            let party = try await world.party("spa")
            var stolen = item
            stolen.personID = TestPeople.dara
            let (own, foreign) = try await world.database.read { [stolen] connection in
                (
                    try await facts.verification(of: item, for: party, namesDocuments: true, in: connection),
                    try await facts.verification(of: stolen, for: party, namesDocuments: true, in: connection)
                )
            }
            #expect(own?.names == ["trust_framework", "assurance_level", "time"])
            #expect(foreign == nil, "the device of somebody else proves nothing")
        }
    }

    @Test(arguments: TestDatabases.kinds) func anIDTokenAloneCarriesTheAttributes(_ kind: DatabaseKind) async throws {
        try await World.assured(kind) { world, phone in
            let risk: JSONObject = [
                "response_types": ["id_token", "id_token token"], "by": "operator", "reason": "old",
                "date": "2026-01-05",
            ]
            _ = try await world.provider.register(
                World.document("implicit") {
                    $0["profile"] = "oidc-legacy"
                    $0["grant_types"] = ["implicit"]
                    $0["response_types"] = ["id_token", "id_token token"]
                    $0["risk_acceptance"] = .object(risk)
                })
            let party = try await world.party("implicit")
            func token(_ type: String, _ claims: String) async throws -> (JSONObject, Transaction) {
                let item = try await world.start(client: "implicit") {
                    $0["response_type"] = type
                    $0["scope"] = "openid profile"
                    $0["claims"] = claims
                    $0["code_challenge"] = nil
                    $0["code_challenge_method"] = nil
                }
                try await world.decide(item, try await phone.decision(item), by: phone)
                let found = try await world.find(item.id)
                let answer = try await world.provider.tokens.frontChannel(found, party: party, code: nil, traceID: "t")
                return (try JWT.unverifiedClaims(try #require(answer.idToken)).claims, found)
            }
            let verified = #"{"id_token":{"email":null,"verified_claims":\#(element(#""name_km":null"#))}}"#
            let (alone, item) = try await token("id_token", verified)
            #expect(alone.string("name_km") == "name_km of person-sokha", "asked by scope")
            #expect(alone.string("email") == "email of person-sokha", "asked by claims")
            #expect(alone["verified_claims"]?["claims"] == ["name_km": "name_km of person-sokha"])
            let again = await errorCode {
                try await world.provider.tokens.frontChannel(item, party: party, code: nil, traceID: "t")
            }
            #expect(again == "authorize.request_stale", "it counts once")
            let (beside, _) = try await token("id_token token", #"{"id_token":{"email":null}}"#)
            #expect(beside.string("email") == "email of person-sokha" && !beside.has("name_km"))
        }
    }

    @Test func metadata() throws {
        let metadata = try JSON.parseObject(Discovery.metadata(ProviderSettings(issuer: World.issuer)))
        #expect(metadata.bool("verified_claims_supported") == true)
        #expect(metadata.strings("trust_frameworks_supported") == ["kh_ipis"])
        #expect(metadata.strings("evidence_supported") == ["electronic_record", "document"])
        #expect(metadata.strings("electronic_records_supported") == ["population_register"])
        #expect(metadata.strings("documents_supported")?.contains("idcard") == true)
        #expect(metadata.strings("documents_check_methods_supported") == ["vpip"])
        let claims = try #require(metadata.strings("claims_in_verified_claims_supported"))
        #expect(claims.contains("birthdate") && !claims.contains("phone_number") && !claims.contains("email"))
    }
}

import Accountability
import Codecs
import DatabaseTesting
import JOSE
import Kernel
import Testing

@testable import RelyingParties

@Suite("Registration of relying parties")
struct RegistrationTests {
    private func refusedField(_ change: (inout JSONObject) -> Void) -> String? {
        do {
            _ = try RelyingPartyDocument.parse(TestClients.document("bank", change: change))
            return nil
        } catch {
            let known = error as? RumdulError
            #expect(known?.code == "relying_party.invalid")
            return known?.fields.first?.field ?? "no field"
        }
    }

    private func purpose(_ change: (inout JSONObject) -> Void) -> String? {
        refusedField { document in
            var purpose: JSONObject = ["code": "x", "text": ["km": "ក", "en": "x"]]
            change(&purpose)
            document["purposes"] = [.object(purpose)]
        }
    }

    @Test func aGoodDocumentHasSafeDefaults() throws {
        let party = try RelyingPartyDocument.parse(
            TestClients.document("bank") { $0["id_token_signed_response_alg"] = nil })
        #expect(party.authentication == .clientSecretBasic)
        #expect(party.sector == "bank.example")
        #expect(party.host == "bank.example")
        #expect(party.idTokenAlgorithm == .rs256)
        #expect(!party.firstParty)
        #expect(party.purpose(nil)?.code == "account-opening")
        #expect(party.purpose("login")?.validDays == 90)
        #expect(party.purpose("LOGIN") == nil)
    }

    @Test func misspeltAndMistypedMembersAreRefused() {
        #expect(refusedField { $0["redirect_uri"] = "https://bank.example/cb" } == "redirect_uri")
        #expect(refusedField { $0["client_id"] = nil } == "client_id")
        #expect(refusedField { $0["client_id"] = "Bank" } == "client_id")
        #expect(refusedField { $0["client_id"] = .string(String(repeating: "a", count: 65)) } == "client_id")
        #expect(refusedField { $0["token_endpoint_auth_method"] = "client_secret_jwt" } == "token_endpoint_auth_method")
        #expect(refusedField { $0["token_endpoint_auth_method"] = 7 } == "token_endpoint_auth_method")
        #expect(refusedField { $0["id_token_signed_response_alg"] = "none" } == "id_token_signed_response_alg")
        #expect(refusedField { $0["id_token_signed_response_alg"] = "HS256" } == "id_token_signed_response_alg")
        #expect(refusedField { $0["userinfo_signed_response_alg"] = nil } == nil)
        #expect(refusedField { $0["userinfo_signed_response_alg"] = .null } == "userinfo_signed_response_alg")
        #expect(refusedField { $0["first_party"] = true } == "first_party")
        #expect(refusedField { $0["first_party"] = "true" } == "first_party")
        #expect(refusedField { $0["contacts"] = "security@bank.example" } == "contacts")
        #expect(refusedField { $0["sector_identifier"] = 1 } == "sector_identifier")
        #expect(refusedField { $0["sector_identifier"] = "bank.example/a b" } == "sector_identifier")
        #expect(refusedField { $0["policy_uri"] = "javascript:alert(1)" } == "policy_uri")
        #expect(refusedField { $0["tos_uri"] = 3 } == "tos_uri")
        #expect(refusedField { $0["client_secret_sha256"] = "AAAA" } == "client_secret_sha256")
    }

    @Test func purposesAreStrict() {
        #expect(refusedField { $0["purposes"] = [] } == "purposes")
        #expect(refusedField { $0["purposes"] = ["x"] } == "purposes")
        #expect(purpose { _ in } == nil)
        #expect(purpose { $0["valid_day"] = 1 } == "purposes.valid_day")
        #expect(purpose { $0["valid_days"] = "1" } == "purposes.x")
        #expect(purpose { $0["valid_days"] = 0 } == "purposes.x")
        #expect(purpose { $0["valid_days"] = 366 } == "purposes.x")
        #expect(purpose { $0["valid_days"] = 365 } == nil)
        #expect(purpose { $0["essential"] = "name_km" } == "essential")
        #expect(purpose { $0["essential"] = ["shoe_size"] } == "purposes.x")
        #expect(purpose { $0["essential"] = ["name_km", "name_km"] } == "purposes.x")
        #expect(
            purpose {
                $0["essential"] = ["name_km"]
                $0["optional"] = ["name_km"]
            } == "purposes.x")
        #expect(purpose { $0["code"] = "a b" } == "purposes.code")
        #expect(
            refusedField {
                let one: JSONValue = ["code": "x", "text": ["km": "ក", "en": "x"]]
                $0["purposes"] = [one, one]
            } == "purposes.code")
    }

    @Test(arguments: [
        "", "   ", "\u{200B}", "Bank\u{202E}elpmaxe", "Bank\u{2066}x", "Ba\u{0000}nk", "Ba\nnk", "Bank\u{200F}",
        "Bank\u{061C}", "Bank\u{2028}x", "Bank\u{E0041}", "Bank\u{AD}", "\u{FEFF}Bank", "\u{301}",
    ])
    func namesThatDeceiveAreRefused(_ name: String) {
        #expect(refusedField { $0["client_name"] = ["km": "ធនាគារ", "en": name.asJSON] } == "client_name")
        #expect(refusedField { $0["client_name"] = ["km": name.asJSON, "en": "Bank"] } == "client_name")
        #expect(purpose { $0["text"] = ["km": "ក", "en": name.asJSON] } == "text")
    }

    @Test func namesOfPeopleAndPlacesStay() {
        // Khmer needs zero-width spaces and joiners inside words.
        for name in ["ធនាគារ\u{200B}ជាតិ", "ក\u{17D2}\u{200C}ខ", "Crédit & Söhne <b>", String(repeating: "ក", count: 80)] {
            #expect(refusedField { $0["client_name"] = ["km": name.asJSON, "en": name.asJSON] } == nil, "\(name)")
        }
        #expect(
            refusedField { $0["client_name"] = ["km": .string(String(repeating: "ក", count: 81)), "en": "x"] }
                == "client_name")
        #expect(refusedField { $0["client_name"] = 7 } == "client_name")
    }

    @Test(arguments: [
        "http://bank.example/cb", "https://", "https:///cb", "https://:443/cb", "https://a@bank.example/cb",
        "https://bank.example\\@evil.example/cb", "https://bank.example/cb#f", "https://bank.example/a/../cb",
        "https://bank.example/./cb", "https://bank.example/..", "https://bank.example/c b",
        "https://b\u{E5}nk.example/",
        "custom:/cb", "custom://cb", "HTTPS://bank.example/cb", "http://localhost.evil.example/cb",
        "http://127.0.0.1.evil.example/", "http://127.0.0.2/cb", "http://[::2]/cb", "https://bank.example/\u{7F}",
        "https://bank.example/" + String(repeating: "a", count: 512), "http://localhost@evil.example/",
    ])
    func redirectURIsThatAreRefused(_ uri: String) {
        #expect(!RedirectURI.isRegistrable(uri))
        #expect(refusedField { $0["redirect_uris"] = [.string(TestClients.redirect), uri.asJSON] } == "redirect_uris")
    }

    @Test(arguments: [
        "https://bank.example", "https://bank.example/cb?x=1", "https://bank.example:8443/cb", "http://localhost/cb",
        "http://127.0.0.1:5173/cb", "http://[::1]:1/cb", "https://xn--bnk-ula.example/cb", "https://bank.example/..a",
    ])
    func redirectURIsThatAreGood(_ uri: String) {
        #expect(RedirectURI.isRegistrable(uri))
        #expect(refusedField { $0["redirect_uris"] = [uri.asJSON] } == nil)
    }

    @Test func keysAndEncryption() throws {
        let signing = try SigningKey.generate(.es256)
        let sealing = try DecryptionKey.generate(.ecdhESA256KW)
        func set(_ key: JWK, use: String? = nil) -> JSONValue {
            var key = key
            key.use = use
            key.algorithm = nil
            return .object(["keys": [.object(key.json)]])
        }
        let signingPublic = try #require(signing.jwk.publicKey)
        let sealingPublic = try #require(sealing.jwk.publicKey)
        func assertion(_ keys: JSONValue?) -> String? {
            refusedField {
                $0["token_endpoint_auth_method"] = "private_key_jwt"
                $0["jwks"] = keys
            }
        }
        #expect(assertion(nil) == "jwks")
        #expect(assertion(["keys": []]) == "jwks")
        #expect(assertion("x") == "jwks")
        #expect(assertion(set(sealingPublic, use: "enc")) == "jwks")
        #expect(assertion(set(signing.jwk)) == "jwks", "a private key must never be stored")
        #expect(assertion(["keys": [["kty": "oct", "k": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]]]) == "jwks")
        #expect(assertion(set(signingPublic, use: "sig")) == nil)
        func sealed(_ algorithm: String?, _ encryption: JSONValue? = nil, keys: JSONValue? = nil) -> String? {
            refusedField {
                $0["jwks"] = keys ?? set(sealingPublic, use: "enc")
                $0["userinfo_encrypted_response_alg"] = algorithm.map { .string($0) }
                $0["userinfo_encrypted_response_enc"] = encryption
            }
        }
        let field = "userinfo_encrypted_response_alg"
        #expect(sealed("ECDH-ES+A256KW") == nil)
        #expect(sealed("ECDH-ES", "A256CBC-HS512") == nil)
        for weak in ["RSA-OAEP", "RSA1_5", "dir", "A256KW", "ECDH-ES+A128KW", "none", ""] {
            #expect(sealed(weak) == field, "\(weak)")
        }
        #expect(sealed("RSA-OAEP-256") == field, "the key does not fit")
        #expect(sealed("ECDH-ES", "A128GCM") == field)
        #expect(sealed("ECDH-ES", 5) != nil)
        #expect(sealed(nil, "A256GCM") == field)
        #expect(sealed("ECDH-ES", keys: set(signingPublic, use: "sig")) == field)
    }

    @Test func encryptedOnlyAttributesNeedEncryption() throws {
        let only = AttributeCatalogue.all.filter(\.encryptedOnly).map(\.name.rawValue)
        #expect(only.contains("kidc"))
        for name in only {
            #expect(purpose { $0["optional"] = [name.asJSON] } == "purposes.x")
            #expect(purpose { $0["essential"] = [name.asJSON] } == "purposes.x")
        }
    }

    @Test func fuzzedDocumentsNeverCrash() throws {
        var generator = SeededGenerator(3)
        let seed = JSON.bytes(TestClients.document("bank"))
        var parsed = 0
        for _ in 0..<4000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
                    in: 32...126, using: &generator)
            }
            guard let object = try? JSON.parseObject(bytes) else { continue }
            guard let party = try? RelyingPartyDocument.parse(object) else { continue }
            parsed += 1
            #expect(!party.firstParty && !party.redirectURIs.isEmpty)
            #expect(party.redirectURIs.allSatisfy(RedirectURI.isRegistrable))
        }
        #expect(parsed > 0)
    }

    @Test(arguments: TestDatabases.kinds) func storedRegistrations(_ kind: DatabaseKind) async throws {
        try await TestClients.run(kind) { registry, database in
            // Secrets are made here, never brought.
            let brought = TestClients.document("x") {
                $0["client_secret_sha256"] = .string(Base64URL.encode([UInt8](repeating: 1, count: 32)))
            }
            #expect(await errorCode { try await registry.register(brought) } == "relying_party.invalid")
            let posing = TestClients.document("y") { $0["first_party"] = true }
            #expect(await errorCode { try await registry.register(posing) } == "relying_party.invalid")
            // Rumdul's own pages cannot be taken over by a file with their name.
            _ = try await registry.register(
                TestClients.document("own") {
                    $0["first_party"] = true
                    $0["token_endpoint_auth_method"] = "none"
                }, firstParty: true)
            #expect(
                await errorCode { try await registry.register(TestClients.document("own")) } == "relying_party.invalid")
            #expect(try await TestClients.party("own", registry, database).firstParty)
            // Keeping the secret, and giving a new one.
            let first = try await registry.register(TestClients.document("bank")).secret
            let kept = try await registry.register(TestClients.document("bank"), keepSecret: true)
            #expect(kept.secret == nil)
            let old = try await TestClients.party("bank", registry, database).secretHash
            let renewed = try await registry.register(TestClients.document("bank"))
            #expect(renewed.secret != nil && renewed.secret != first)
            #expect(try await TestClients.party("bank", registry, database).secretHash != old)
            // What lists show holds no secret.
            let listed = try await registry.page().records
            #expect(listed.count == 2 && listed.allSatisfy { !$0.document.has("client_secret_sha256") })
            // A suspended party stays suspended when its file is brought up to date, and keeps its secret.
            try await registry.setRelyingParty("bank", active: false)
            #expect(try await registry.register(TestClients.document("bank"), keepSecret: true).secret == nil)
            #expect(try await registry.registration("bank")?.state == .suspended)
            try await registry.setRelyingParty("bank", active: true)
            #expect(
                try await TestClients.party("bank", registry, database).secretHash
                    == sha256(Array((renewed.secret ?? "").utf8)))
            #expect(
                await errorCode { try await registry.setRelyingParty("nobody", active: true) }
                    == "relying_party.not_found")
        }
    }
}

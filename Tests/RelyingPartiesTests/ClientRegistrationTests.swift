import Codecs
import Database
import DatabaseTesting
import Kernel
import Testing

@testable import RelyingParties

/// Dynamic registration with one kind of initial access token.
struct RegistrationWorld: Sendable {
    static let endpoint = "https://id.example/connect/register"

    let registry: RelyingPartyRegistry
    let database: any Database
    let clock: TestClock
    let documents = TestDocuments()
    let registration: ClientRegistration
    let tokens: InitialAccessTokens

    static func run(
        _ kind: DatabaseKind, _ test: @escaping @Sendable (RegistrationWorld) async throws -> Void
    ) async throws {
        let clock = TestClock()
        try await TestClients.run(kind, clock: clock) { registry, database in
            try await test(RegistrationWorld(registry, database, clock))
        }
    }

    init(_ registry: RelyingPartyRegistry, _ database: any Database, _ clock: TestClock) {
        (self.registry, self.database, self.clock) = (registry, database, clock)
        registration = ClientRegistration(registry: registry, fetcher: documents, endpoint: Self.endpoint)
        tokens = InitialAccessTokens(database: database, ambient: clock.ambient)
    }

    static func grants(_ change: (inout JSONObject) -> Void = { _ in }) -> JSONObject {
        var grants: JSONObject = [
            "label": "test realm", "profiles": ["oidc-secure", "oidc-legacy", "fapi2"],
            "purposes": [["code": "login", "text": ["km": "ចូល", "en": "Log in"], "essential": ["name"]]],
        ]
        change(&grants)
        return grants
    }

    func token(uses: Int64 = 100, _ change: (inout JSONObject) -> Void = { _ in }) async throws -> String {
        try await tokens.make(RegistrationGrants(Self.grants(change)), uses: uses, lifetime: 86_400).token
    }

    /// Metadata that is right; `change` spoils it.
    static func metadata(_ change: (inout JSONObject) -> Void = { _ in }) -> JSONObject {
        var metadata: JSONObject = ["redirect_uris": ["https://shop.example/cb"], "client_name": "Shop"]
        change(&metadata)
        return metadata
    }

    func party(_ id: String) async throws -> RelyingParty? {
        try await database.read { try await registry.store.party(id, in: $0) }
    }
}

@Suite("Dynamic client registration")
struct ClientRegistrationTests {
    @Test(arguments: TestDatabases.kinds) func aClientIsRegistered(_ kind: DatabaseKind) async throws {
        try await RegistrationWorld.run(kind) { world in
            let token = try await world.token()
            let answer = try await world.registration.register(
                RegistrationWorld.metadata {
                    $0["client_name#km"] = "ហាង"
                    $0["initiate_login_uri"] = "https://shop.example/start"
                    $0["unknown_member"] = ["x": 1]
                    $0["logo_uri"] = .null
                }, initialAccessToken: token)
            let metadata = answer.metadata
            #expect(metadata.string("client_id") == answer.clientID && answer.clientID.hasPrefix("c-"))
            #expect(metadata.string("client_secret") == answer.clientSecret)
            #expect(answer.clientSecret.flatMap { Base64URL.decode($0) }?.count == 32, "256 bits")
            #expect(metadata.integer("client_secret_expires_at") == 0)
            #expect(metadata.integer("client_id_issued_at") == world.clock.now.seconds)
            #expect(metadata.string("registration_client_uri") == RegistrationWorld.endpoint + "/" + answer.clientID)
            #expect(metadata.string("registration_access_token") == answer.registrationAccessToken)
            // Defaults are spelt out; what is unknown is left out.
            #expect(metadata.string("token_endpoint_auth_method") == "client_secret_basic")
            #expect(metadata.string("id_token_signed_response_alg") == "RS256")
            #expect(metadata.strings("response_types") == ["code"])
            #expect(metadata.strings("grant_types") == ["authorization_code"])
            #expect(metadata.string("client_name") == "Shop" && metadata.string("client_name#km") == "ហាង")
            #expect(!metadata.has("unknown_member") && !metadata.has("logo_uri") && !metadata.has("purposes"))
            let party = try #require(try await world.party(answer.clientID))
            #expect(party.secretHash == sha256(Array((answer.clientSecret ?? "").utf8)))
            #expect(party.profile == .oidcLegacy && party.requiresPKCE && party.environment == .sandbox)
            #expect(party.purposes.map(\.code) == ["login"])
            // OC-59: the same by GET, without the secret.
            let read = try await world.registration.read(
                answer.clientID, registrationAccessToken: answer.registrationAccessToken)
            #expect(read.metadata.string("initiate_login_uri") == "https://shop.example/start")
            #expect(read.clientSecret == nil && !read.metadata.has("client_secret"))
            #expect(read.metadata.string("registration_access_token") == answer.registrationAccessToken)
            // Neither secrets nor tokens are in the database.
            let rows = try await world.database.read { connection in
                try await connection.query("SELECT document FROM idp_relying_parties", [])
                    .map { try $0.string(0) }
                    + (try await connection.query("SELECT grants FROM idp_initial_access_tokens", []).map {
                        try $0.string(0)
                    })
            }
            for text in rows {
                for secret in [token, answer.clientSecret ?? "-", answer.registrationAccessToken] {
                    #expect(!text.contains(secret))
                }
            }
        }
    }

    @Test(arguments: TestDatabases.kinds) func initialAccessTokensEnd(_ kind: DatabaseKind) async throws {
        try await RegistrationWorld.run(kind) { world in
            func register(_ token: String) async -> String? {
                await errorCode {
                    try await world.registration.register(RegistrationWorld.metadata(), initialAccessToken: token)
                }
            }
            #expect(await register("") == "invalid_token")
            #expect(await register(String(repeating: "a", count: 43)) == "invalid_token")
            #expect(await register(String(repeating: "a", count: 5000)) == "invalid_token")
            let once = try await world.token(uses: 1)
            // What is refused costs no use.
            #expect(
                await errorCode {
                    try await world.registration.register([:], initialAccessToken: once)
                } == "invalid_redirect_uri")
            #expect(await register(once) == nil)
            #expect(await register(once) == "invalid_token")
            let late = try await world.token()
            world.clock.advance(86_399)
            #expect(await register(late) == nil)
            world.clock.advance(1)
            #expect(await register(late) == "invalid_token")
            let made = try await world.tokens.make(
                RegistrationGrants(RegistrationWorld.grants()), uses: 5, lifetime: 60)
            try await world.tokens.revoke(made.id)
            #expect(await register(made.token) == "invalid_token")
            #expect(await errorCode { try await world.tokens.revoke(made.id) } == "relying_party.token_not_found")
            let listed = try await world.tokens.list()
            #expect(listed.count == 3 && listed.first { $0.id == made.id }?.revokedAt != nil)
            for (uses, lifetime) in [(0, 60), (1_000_001, 60), (1, 59), (1, 366 * 86_400 + 1)] as [(Int64, Int64)] {
                #expect(
                    await errorCode {
                        try await world.tokens.make(
                            RegistrationGrants(RegistrationWorld.grants()), uses: uses, lifetime: lifetime)
                    } == "relying_party.invalid")
            }
        }
    }

    @Test(arguments: TestDatabases.kinds) func parallelUsesOfOneTokenHaveOneWinner(_ kind: DatabaseKind) async throws {
        try await RegistrationWorld.run(kind) { world in
            let token = try await world.token(uses: 3)
            let won = await withTaskGroup(of: Int.self) { group in
                for _ in 0..<12 {
                    group.addTask {
                        let error = await errorCode {
                            try await world.registration.register(
                                RegistrationWorld.metadata(), initialAccessToken: token)
                        }
                        return error == nil ? 1 : 0
                    }
                }
                return await group.reduce(0, +)
            }
            #expect(won == 3)
            #expect(try await world.registry.page().records.count == 3)
        }
    }

    @Test(arguments: TestDatabases.kinds) func whatATokenAllows(_ kind: DatabaseKind) async throws {
        try await RegistrationWorld.run(kind) { world in
            let plain = try await world.token()
            let lab = try await world.token {
                $0["profiles"] = ["oidc-legacy"]
                $0["risk_acceptance"] = TestClients.risk(["id_token", "id_token token"])
                $0["require_pkce"] = false
                $0["public_subject_reason"] = "closed test realm"
                $0["grant_types"] = ["authorization_code", "implicit", "client_credentials"]
                $0["scope"] = ["person.read"]
            }
            func error(_ token: String, _ change: (inout JSONObject) -> Void) async -> String? {
                let metadata = RegistrationWorld.metadata(change)
                return await errorCode {
                    try await world.registration.register(metadata, initialAccessToken: token)
                }
            }
            let wrong = "invalid_client_metadata"
            #expect(await error(plain) { $0["response_types"] = ["id_token"] } == wrong)
            #expect(await error(lab) { $0["response_types"] = ["id_token"] } == nil)
            #expect(await error(plain) { $0["subject_type"] = "public" } == wrong)
            #expect(await error(lab) { $0["subject_type"] = "public" } == nil)
            #expect(await error(plain) { $0["grant_types"] = ["authorization_code", "client_credentials"] } == wrong)
            #expect(await error(plain) { $0["profile"] = "fapi2-ms" } == wrong)
            #expect(await error(lab) { $0["profile"] = "oidc-secure" } == wrong)
            // What only the operator sets has no effect.
            let posed = try await world.registration.register(
                RegistrationWorld.metadata {
                    $0["client_id"] = "bank"
                    $0["first_party"] = true
                    $0["environment"] = "production"
                    $0["require_pkce"] = false
                    $0["sector_identifier"] = "bank.example"
                    $0["purposes"] = [["code": "all", "text": ["km": "ក", "en": "x"], "essential": ["address"]]]
                    $0["risk_acceptance"] = TestClients.risk(["id_token"])
                    $0["client_secret_sha256"] = .string(Base64URL.encode([UInt8](repeating: 0, count: 32)))
                    $0["client_secret"] = "my own"
                    $0["resources"] = ["https://api.example/"]
                    $0["scope"] = "openid person.read"
                    $0["token_endpoint_auth_method"] = "none"
                }, initialAccessToken: plain)
            let party = try #require(try await world.party(posed.clientID))
            #expect(posed.clientID != "bank" && !party.firstParty && party.environment == .sandbox)
            #expect(party.requiresPKCE && party.sector == "shop.example" && party.secretHash == nil)
            #expect(party.purposes.map(\.code) == ["login"] && party.riskAcceptance == nil)
            #expect(party.resources.isEmpty && party.scope.isEmpty && posed.clientSecret == nil)
            #expect(party.profile == .oidcSecure)
            let free = try await world.registration.register(
                RegistrationWorld.metadata {
                    $0["scope"] = "openid person.read"
                    $0["grant_types"] = ["authorization_code", "client_credentials"]
                }, initialAccessToken: lab)
            let relaxed = try #require(try await world.party(free.clientID))
            #expect(!relaxed.requiresPKCE && relaxed.scope == ["person.read"])
            let open = try await world.registration.register(
                RegistrationWorld.metadata { $0["token_endpoint_auth_method"] = "none" }, initialAccessToken: lab)
            #expect(try await world.party(open.clientID)?.requiresPKCE == true, "a public client always needs PKCE")
        }
    }

    @Test(arguments: TestDatabases.kinds) func refusalsUseTheStandardsWords(_ kind: DatabaseKind) async throws {
        try await RegistrationWorld.run(kind) { world in
            let token = try await world.token()
            func refusal(_ change: (inout JSONObject) -> Void) async -> ClientRegistrationError? {
                do {
                    _ = try await world.registration.register(
                        RegistrationWorld.metadata(change), initialAccessToken: token)
                    return nil
                } catch {
                    return error as? ClientRegistrationError
                }
            }
            // OC-47 and OC-60.
            let fragment = await refusal { $0["redirect_uris"] = ["https://shop.example/cb#f"] }
            #expect(fragment?.error == "invalid_redirect_uri" && fragment?.status == 400)
            let login = await refusal { $0["initiate_login_uri"] = "http://shop.example/start" }
            #expect(login?.error == "invalid_client_metadata" && login?.status == 400)
            for (name, value) in [
                ("redirect_uris", "https://shop.example/cb"), ("redirect_uris", [1]), ("jwks", ["keys": 1]),
                ("grant_types", ["password"]), ("response_types", ["token"]), ("client_name", "\u{202E}x"),
                ("id_token_signed_response_alg", "none"), ("logo_uri", "javascript:alert('\\\"')"), ("contacts", "x"),
                ("profile", 7), ("token_endpoint_auth_method", ["x"]),
            ] as [(String, JSONValue)] {
                let found = await refusal { $0[name] = value }
                let expected = name == "redirect_uris" ? "invalid_redirect_uri" : "invalid_client_metadata"
                #expect(found?.error == expected, "\(name)")
                let clean = found?.description.utf8.allSatisfy {
                    (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C
                }
                #expect(clean == true)
            }
        }
    }

    @Test(arguments: TestDatabases.kinds) func sectors(_ kind: DatabaseKind) async throws {
        try await RegistrationWorld.run(kind) { world in
            let token = try await world.token()
            let uri = "https://sector.example/uris.json"
            func register(_ redirects: [String], sector: Bool = true) async -> String? {
                await errorCode {
                    try await world.registration.register(
                        RegistrationWorld.metadata {
                            $0["redirect_uris"] = .strings(redirects)
                            if sector { $0["sector_identifier_uri"] = .string(uri) }
                        }, initialAccessToken: token)
                }
            }
            let both = ["https://shop.example/cb", "https://till.example/cb"]
            #expect(await register(both) == "invalid_client_metadata", "there is no document")
            world.documents.put(uri, .strings(both))
            #expect(await register(both) == nil)
            #expect(await register([both[1]]) == nil)
            // OC-53.
            #expect(await register(both + ["https://shop.example/cb2"]) == "invalid_client_metadata")
            for wrong in [["redirect_uris": .strings(both)], "x", [1], [.string(both[0]), .null]] as [JSONValue] {
                world.documents.put(uri, wrong)
                #expect(await register(both) == "invalid_client_metadata")
            }
            #expect(await register(both, sector: false) == "invalid_client_metadata", "two hosts need a sector")
            // Nobody without a token makes the server fetch anything.
            let before = world.documents.count(uri)
            #expect(
                await errorCode {
                    try await world.registration.register(
                        RegistrationWorld.metadata { $0["sector_identifier_uri"] = .string(uri) },
                        initialAccessToken: "nothing")
                } == "invalid_token")
            #expect(world.documents.count(uri) == before)
        }
    }

    @Test(arguments: TestDatabases.kinds) func replacing(_ kind: DatabaseKind) async throws {
        try await RegistrationWorld.run(kind) { world in
            let initial = try await world.token(uses: 1)
            let made = try await world.registration.register(
                RegistrationWorld.metadata { $0["policy_uri"] = "https://shop.example/p" },
                initialAccessToken: initial)
            let (id, access) = (made.clientID, made.registrationAccessToken)
            func replace(_ change: (inout JSONObject) -> Void) async throws -> ClientRegistration.Answer {
                try await world.registration.replace(
                    id,
                    RegistrationWorld.metadata {
                        $0["client_id"] = .string(id)
                        change(&$0)
                    }, registrationAccessToken: access)
            }
            // The whole registration is replaced: what is left out is gone; the secret stays.
            let answer = try await replace { $0["tos_uri"] = "https://shop.example/t" }
            #expect(!answer.metadata.has("policy_uri") && answer.metadata.string("tos_uri") != nil)
            #expect(answer.clientSecret == nil)
            let party = try #require(try await world.party(id))
            #expect(party.secretHash == sha256(Array((made.clientSecret ?? "").utf8)))
            #expect(party.purposes.map(\.code) == ["login"])
            let wrong = "invalid_client_metadata"
            #expect(await errorCode { try await replace { $0["client_id"] = "other" } } == wrong)
            #expect(await errorCode { try await replace { $0["client_id"] = nil } } == wrong)
            #expect(await errorCode { try await replace { $0["client_secret"] = "guess" } } == wrong)
            #expect(
                await errorCode { try await replace { $0["registration_access_token"] = .string(access) } } == wrong)
            #expect(await errorCode { try await replace { $0["redirect_uris"] = nil } } == "invalid_redirect_uri")
            _ = try await replace { $0["client_secret"] = .string(made.clientSecret ?? "") }
            // The method may change: the secret ends with it, and a new one is made on the way back.
            let open = try await replace { $0["token_endpoint_auth_method"] = "none" }
            #expect(open.clientSecret == nil && !open.metadata.has("client_secret_expires_at"))
            #expect(try await world.party(id)?.secretHash == nil)
            let closed = try await replace { _ in }
            #expect(closed.clientSecret != nil && closed.clientSecret != made.clientSecret)
            #expect(try await world.registry.registration(id)?.initialTokenID != nil)
        }
    }

    @Test(arguments: TestDatabases.kinds) func registrationAccessTokens(_ kind: DatabaseKind) async throws {
        try await RegistrationWorld.run(kind) { world in
            let token = try await world.token()
            let one = try await world.registration.register(RegistrationWorld.metadata(), initialAccessToken: token)
            let two = try await world.registration.register(RegistrationWorld.metadata(), initialAccessToken: token)
            #expect(one.clientID != two.clientID)
            _ = try await world.registry.register(TestClients.document("bank"))
            func read(_ id: String, _ access: String) async -> String? {
                await errorCode { try await world.registration.read(id, registrationAccessToken: access) }
            }
            #expect(await read(one.clientID, one.registrationAccessToken) == nil)
            for (id, access) in [
                (one.clientID, two.registrationAccessToken), (one.clientID, ""), (one.clientID, token),
                ("nobody", one.registrationAccessToken), ("", ""), ("bank", ""), ("bank", one.registrationAccessToken),
                (one.clientID, one.registrationAccessToken + "A"), (String(repeating: "a", count: 9999), "x"),
            ] { #expect(await read(id, access) == "invalid_token") }
            try await world.registry.setRelyingParty(one.clientID, active: false)
            #expect(await read(one.clientID, one.registrationAccessToken) == "invalid_token")
            try await world.registry.setRelyingParty(one.clientID, active: true)
            #expect(
                await errorCode {
                    try await world.registration.delete(
                        one.clientID, registrationAccessToken: two.registrationAccessToken)
                } == "invalid_token")
            try await world.registration.delete(
                one.clientID, registrationAccessToken: one.registrationAccessToken)
            #expect(try await world.party(one.clientID) == nil)
            #expect(await read(one.clientID, one.registrationAccessToken) == "invalid_token")
            #expect(await read(two.clientID, two.registrationAccessToken) == nil)
        }
    }

    @Test func grantsComeBack() throws {
        let grants = try RegistrationGrants(
            RegistrationWorld.grants {
                $0["risk_acceptance"] = TestClients.risk(["id_token"])
                $0["require_pkce"] = false
                $0["organisation"] = ["code": "moi", "name": ["km": "ក", "en": "x"]]
                $0["environment"] = "production"
            })
        #expect(try RegistrationGrants(grants.json) == grants)
        #expect(grants.proofKeyRelaxed && grants.environment == .production)
        for (name, value) in [
            ("label", nil), ("label", ""), ("purposes", nil), ("purposes", []), ("profiles", ["x"]),
            ("grant_types", ["password"]), ("scope", "a"), ("risk_acceptance", "x"), ("purpose", []),
            ("require_pkce", "no"),
        ] as [(String, JSONValue?)] {
            #expect(throws: RumdulError.self, "\(name)") {
                try RegistrationGrants(RegistrationWorld.grants { $0[name] = value })
            }
        }
    }

    @Test func fuzzedMetadataIsRefusedInTheStandardsWords() throws {
        var generator = SeededGenerator(21)
        let rules = RegistrationRules(
            grants: try RegistrationGrants(
                RegistrationWorld.grants { $0["risk_acceptance"] = TestClients.risk(["id_token"]) }))
        let seed = JSON.bytes(try MetadataTests.full())
        var accepted = 0
        for _ in 0..<3000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[place] = UInt8.random(in: 32...126, using: &generator)
            }
            guard let object = try? JSON.parseObject(bytes) else { continue }
            do throws(ClientRegistrationError) {
                let party = try rules.party(object, clientID: "c-1")
                accepted += 1
                #expect(party.clientID == "c-1" && party.purposes.map(\.code) == ["login"])
            } catch {
                #expect(["invalid_redirect_uri", "invalid_client_metadata"].contains(error.error))
                #expect(error.status == 400 && error.description.utf8.count <= 300)
            }
        }
        #expect(accepted >= 0)
    }
}

import Codecs
import DatabaseTesting
import HTTPTypes
import JOSE
import Kernel
import RelyingParties
import Testing

@testable import IdentityProvider

@Suite("Backchannel authentication requests")
struct CIBARequestTests {
    @Test func exactlyOneHint() async throws {
        try await World.run(.sqlite) { world in
            let client = try await DecoupledClient.caller(in: world)
            let cases: [([String: String], String)] = [
                ([:], "invalid_request"),
                (["login_hint": World.loginHint, "id_token_hint": "x"], "invalid_request"),
                (["login_hint": World.loginHint, "login_hint_token": "x"], "invalid_request"),
                (["login_hint_token": "x", "id_token_hint": "x"], "invalid_request"),
                (["login_hint_token": "x"], "invalid_request"), (["id_token_hint": "x"], "invalid_request"),
                (["login_hint": "9999999999"], "unknown_user_id"), (["login_hint": "sokha"], "unknown_user_id"),
                (["login_hint": "12"], "unknown_user_id"),
            ]
            for (hints, expected) in cases {
                let fields = hints.merging(["scope": "openid"]) { mine, _ in mine }
                #expect(await errorCode { try await world.ciba(client, fields) } == expected, "\(hints)")
            }
            #expect(try await world.waiting().isEmpty, "nobody was asked")
            _ = try await world.ciba(client, ["scope": "openid", "login_hint": "២៣៤៥ ៦៧៨ ៩០១"])
            #expect(try await world.waiting().count == 1, "Khmer digits and blanks")
        }
    }

    @Test(arguments: TestDatabases.kinds) func onlyTrustedClientsBeginWithANumber(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let client = try await DecoupledClient.caller("shop", in: world, trusted: false)
            for hint in [World.loginHint, "9999999999"] {
                #expect(
                    await errorCode { try await world.ciba(client, ["scope": "openid", "login_hint": hint]) }
                        == "unauthorized_client", "the same answer for known and unknown")
            }
            #expect(try await world.waiting().isEmpty)
            // Somebody who logged in there before may be asked.
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let (_, code) = try await world.approved(phone, client: "shop")
            let form = try await client.form(World.tokenForm(code, client: "shop"))
            let idToken = try #require(try await world.provider.tokens.exchange(ClientRequest(form: form)).idToken)
            _ = try await world.ciba(client, ["scope": "openid", "id_token_hint": idToken])
            #expect(try await world.waiting().count == 1)
            // Another client's ID token names nobody here.
            let other = try await DecoupledClient.caller("other-shop", in: world, trusted: false)
            #expect(
                await errorCode { try await world.ciba(other, ["scope": "openid", "id_token_hint": idToken]) }
                    == "invalid_request")
            let forged = try await client.sign([
                "iss": .string(World.issuer), "sub": "x", "aud": "shop", "txn": .string(Ambient.system.newID()),
            ])
            #expect(
                await errorCode { try await world.ciba(client, ["scope": "openid", "id_token_hint": forged]) }
                    == "invalid_request")
        }
    }

    @Test func parametersAreChecked() async throws {
        try await World.run(.sqlite) { world in
            let client = try await DecoupledClient.caller(in: world)
            let cases: [(String, String?, String)] = [
                ("scope", nil, "invalid_scope"), ("scope", "profile", "invalid_scope"),
                ("purpose", "unknown", "invalid_request"), ("claims", "[", "invalid_request"),
                ("resource-not-registered", "x", "none"),
                ("authorization_details", "{}", "invalid_authorization_details"),
                ("request_uri", "https://bank.example/r", "invalid_request"),
                ("client_id", "bank", "invalid_client"),
                ("binding_message", "a\u{202E}b", "invalid_binding_message"),
                ("binding_message", "line\nbreak", "invalid_binding_message"),
                ("binding_message", "Раураl", "invalid_binding_message"),
                ("binding_message", String(repeating: "x", count: 201), "invalid_binding_message"),
                ("binding_message", "   ", "invalid_binding_message"),
            ]
            for (name, value, expected) in cases {
                let fields = World.backchannel(name, value)
                let code = await errorCode { try await world.ciba(client, fields) } ?? "none"
                #expect(code == expected, "\(name) \(value ?? "nil")")
            }
            world.clock.advance(86_401)
            for message in ["1234", String(repeating: "ក", count: 200), "Café №: 12 – ១២៣ ៛"] {
                let fields = World.backchannel("binding_message", message)
                let code = await errorCode { try await world.ciba(client, fields) }
                #expect(code == (message.contains("№") ? "invalid_binding_message" : nil), "\(message)")
            }
        }
    }

    @Test func whoMayUseIt() async throws {
        try await World.run(.sqlite) { world in
            // "robot" proves itself but is not registered for the grant.
            let robot = DecoupledClient(id: "robot", key: world.assertionKey, clock: world.clock)
            #expect(await errorCode { try await world.ciba(robot) } == "unauthorized_client")
            #expect(
                await errorCode {
                    try await world.provider.ciba.start(
                        ClientRequest(form: World.backchannel.merging(["client_id": "spa"]) { mine, _ in mine }))
                } == "unauthorized_client", "public clients")
            let client = try await DecoupledClient.caller(in: world)
            #expect(
                await errorCode {
                    try await world.provider.ciba.start(
                        ClientRequest(form: World.backchannel.merging(["client_id": "call"]) { mine, _ in mine }))
                } == "invalid_client", "no assertion")
            let elsewhere = try await client.form(World.backchannel) { $0["aud"] = "https://id.example/token" }
            #expect(
                await errorCode { try await world.provider.ciba.start(ClientRequest(form: elsewhere)) }
                    == "invalid_client")
        }
    }

    /// CB-10 to CB-25 and CB-28: what a signed request must have.
    @Test func signedRequestsAreStrict() async throws {
        try await World.run(.sqlite) { world in
            let client = try await DecoupledClient.caller(in: world) {
                $0["backchannel_authentication_request_signing_alg"] = "ES256"
            }
            let rsa = try await world.vault.create(.oidcSigning, .rs256, state: .active)
            let other = try await DecoupledClient.caller("rsa", in: world) { document in
                var keys = document.object("jwks")?.array("keys") ?? []
                if let key = rsa.publicKey { keys.append(.object(key.json)) }
                let set: JSONObject = ["keys": .array(keys)]
                document["jwks"] = .object(set)
            }
            let now = world.clock.now.seconds
            let cases: [(String, @Sendable (inout JSONObject) -> Void)] = [
                ("missing aud", { $0["aud"] = nil }), ("bad aud", { $0["aud"] = "https://other.example" }),
                ("missing iss", { $0["iss"] = nil }), ("bad iss", { $0["iss"] = "robot" }),
                ("missing exp", { $0["exp"] = nil }), ("expired", { $0["exp"] = .integer(now - 60) }),
                ("exp in 70 minutes", { $0["exp"] = .integer(now + 4200) }), ("missing iat", { $0["iat"] = nil }),
                ("missing nbf", { $0["nbf"] = nil }), ("nbf in 10 minutes", { $0["nbf"] = .integer(now + 600) }),
                ("nbf 70 minutes ago", { $0["nbf"] = .integer(now - 4200) }), ("missing jti", { $0["jti"] = nil }),
                ("other client_id", { $0["client_id"] = "robot" }),
            ]
            for (name, change) in cases {
                var claims = client.backchannelClaims(World.backchannel)
                change(&claims)
                let jwt = try await client.sign(claims)
                #expect(
                    await errorCode { try await world.ciba(client, ["request": jwt]) } == "invalid_request", "\(name)")
            }
            let claims = client.backchannelClaims(World.backchannel)
            let strange = try await client.sign(claims, with: world.strangerKey)
            let none =
                Base64URL.encode(Array(#"{"alg":"none"}"#.utf8)) + "." + Base64URL.encode(JSON.bytes(claims)) + "."
            let weak = try await JWSProducer(signer: world.vault.signer(rsa), type: "JWT").sign(
                other.backchannelClaims(World.backchannel))
            #expect(await errorCode { try await world.ciba(other, ["request": weak]) } == "invalid_request", "RS256")
            for jwt in [strange, none, "x", "a.b.c"] {
                #expect(await errorCode { try await world.ciba(client, ["request": jwt]) } == "invalid_request")
            }
            #expect(await errorCode { try await world.ciba(client) } == "invalid_request", "unsigned")
            #expect(try await world.waiting().isEmpty)
        }
    }

    @Test(arguments: TestDatabases.kinds) func aSignedRequestCountsOnce(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let client = try await DecoupledClient.caller(in: world)
            var claims = client.backchannelClaims(World.backchannel)
            claims["requested_expiry"] = 33
            let jwt = try await client.sign(claims)
            #expect(
                await errorCode { try await world.ciba(client, ["request": jwt, "scope": "openid"]) }
                    == "invalid_request", "nothing beside the signed request")
            #expect(try await world.ciba(client, ["request": jwt]).expiresIn == 33, "a number is good as well")
            #expect(await errorCode { try await world.ciba(client, ["request": jwt]) } == "invalid_request", "replayed")
            #expect(try await world.waiting().count == 1)
            claims["jti"] = "another"
            claims["requested_expiry"] = "44"
            #expect(try await world.ciba(client, ["request": try await client.sign(claims)]).expiresIn == 44)
        }
    }

    @Test func profilesThatMustSign() async throws {
        try await World.run(.sqlite) { world in
            let client = try await DecoupledClient.caller("fapi", in: world) {
                $0["profile"] = "fapi2"
                $0["dpop_bound_access_tokens"] = true
            }
            #expect(await errorCode { try await world.ciba(client) } == "invalid_request")
            let answer = try await world.ciba(
                client, ["request": try await client.sign(client.backchannelClaims(World.backchannel))])
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let item = try #require(try await world.waiting().first)
            try await world.decide(item, try await phone.decision(item), by: phone)
            #expect(await errorCode { try await world.poll(client, answer) } == "invalid_dpop_proof")
            var request = try await client.request([
                "grant_type": DecoupledClient.ciba, "auth_req_id": answer.authRequestID,
            ])
            request.keys.proofThumbprint = Base64URL.encode([UInt8](repeating: 7, count: 32))
            let tokens = try await world.provider.tokens.exchange(request)
            #expect(tokens.binding?.kind == .proof, "the refusal before did not spend the grant")
        }
    }

    @Test func fuzzedParametersNeverCrash() async throws {
        try await World.run(.sqlite) { world in
            let client = try await DecoupledClient.caller(in: world)
            let party = try await world.party("call")
            var generator = SeededGenerator(77)
            let names = [
                "binding_message", "requested_expiry", "client_notification_token", "scope", "claims", "acr_values",
            ]
            for _ in 0..<2000 {
                var values: [String: String] = [:]
                for name in names {
                    let scalars = (0..<Int.random(in: 0...12, using: &generator)).compactMap { _ in
                        UnicodeScalar(UInt32.random(in: 0...0x2FFFF, using: &generator))
                    }
                    values[name] = String(String.UnicodeScalarView(scalars))
                }
                let parameters = AuthorizationParameters(values)
                _ = try? CIBAService.bindingMessage(parameters)
                _ = try? CIBAService.lifetime(parameters, standard: 180)
                _ = try? CIBAService.notificationToken(parameters, client: party)
                _ = try? AuthorizationRequest(decoupled: parameters, client: party, policy: .scheme)
            }
            #expect(client.id == "call")
        }
    }

    @Test func overHTTP() async throws {
        try await World.serve { world, http in
            let client = try await DecoupledClient.caller(in: world)
            let machine = Browser(http, language: nil)
            let page = try await machine.post(
                "/connect/ciba", try await client.form(World.backchannel).map { ($0.key, $0.value) })
            #expect(page.status == 200 && page.headers[.cacheControl] == "no-store")
            let json = try page.json
            #expect(json.integer("expires_in") == 180 && json.integer("interval") == 5)
            #expect((10...99).contains(json.integer("user_number") ?? 0))
            let id = try #require(json.string("auth_req_id"))
            let poll = try await machine.post(
                "/token",
                try await client.form(["grant_type": DecoupledClient.ciba, "auth_req_id": id]).map {
                    ($0.key, $0.value)
                })
            #expect(poll.status == 400)
            #expect(try poll.json.string("error") == "authorization_pending")
            for _ in 0..<2 {
                _ = try await machine.post(
                    "/connect/ciba", try await client.form(World.backchannel).map { ($0.key, $0.value) })
            }
            let over = try await machine.post(
                "/connect/ciba", try await client.form(World.backchannel).map { ($0.key, $0.value) })
            #expect(over.status == 403 && over.headers[.retryAfter] == "300")
            #expect(try over.json.string("error") == "access_denied")
            let bare = try await machine.post("/connect/ciba", World.backchannel.map { ($0.key, $0.value) })
            #expect(bare.status == 401)
        }
    }
}

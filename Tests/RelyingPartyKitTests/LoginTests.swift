import Codecs
import Foundation
import JOSE
import Kernel
import RelyingPartyKit
import Testing

@Suite struct LoginTests {
    @Test func aLogin() async throws {
        let world = try World()
        let login = try await world.login(LoginOptions(scope: ["openid", "profile"]))
        #expect(login.idToken.subject == "person-1" && login.idToken.acr == "urn:kh:camdigikey:aal:1")
        #expect(login.idToken.amr == ["pin", "pop", "swk", "mfa"] && login.scope == ["openid", "profile"])
        #expect(login.accessTokenExpiresAt == world.clock.now.adding(seconds: 300))
        let person = try await world.party.userInfo(login)
        #expect(person["name_km"] == "សុខា" && person["email"] == nil && person.subject == "person-1")
    }

    @Test func theAuthorizationRequest() async throws {
        let world = try World()
        let start = try await world.party.authorizationRequest(
            LoginOptions(
                scope: ["profile"], claims: ["phone_number"], essentialClaims: ["name_km"],
                acrValues: ["urn:kh:camdigikey:aal:2", "urn:kh:camdigikey:aal:1"], requiresACR: true, purpose: "open",
                uiLocales: ["km", "en"], maxAge: 60))
        #expect(start.url.hasPrefix("https://id.example/authorize?response_type=code&client_id=bank.example&"))
        let items = try #require(URLComponents(string: start.url)?.queryItems)
        let values = Dictionary(items.map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { first, _ in first })
        #expect(values.count == items.count)
        #expect(values["redirect_uri"] == "https://bank.example/callback?x=1")
        #expect(values["scope"] == "openid profile" && values["purpose"] == "open" && values["max_age"] == "60")
        #expect(values["ui_locales"] == "km en" && values["code_challenge_method"] == "S256")
        #expect(values["acr_values"] == "urn:kh:camdigikey:aal:2 urn:kh:camdigikey:aal:1")
        #expect(values["state"] == start.session.state && values["nonce"] == start.session.nonce)
        #expect(values["code_challenge"] != start.session.codeVerifier && start.session.codeVerifier.count == 43)
        let claims = try JSON.parse(values["claims"] ?? "")
        #expect(claims["userinfo"]?["phone_number"] == .null)
        #expect(claims["userinfo"]?["name_km"]?["essential"] == true)
        #expect(claims["id_token"]?["acr"]?["values"]?.stringsValue?.count == 2)
        let other = try await world.party.authorizationRequest()
        #expect(other.session.state != start.session.state && other.session.nonce != start.session.nonce)
        #expect(other.session.codeVerifier != start.session.codeVerifier && !other.url.contains("claims="))
    }

    @Test func theSessionTravelsAsJSON() async throws {
        let world = try World()
        let start = try await world.party.authorizationRequest(LoginOptions(maxAge: 60))
        let kept = try JSONDecoder().decode(LoginSession.self, from: JSONEncoder().encode(start.session))
        #expect(kept == start.session)
        _ = try await world.party.handleCallback(try await world.provider.approve(start.url), session: kept)
    }

    @Test(arguments: ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"])
    func everyWayToAuthenticate(_ method: String) async throws {
        let key = try SigningKey.generate(.es256)
        let credentials: ClientCredentials =
            switch method {
            case "client_secret_basic": .clientSecretBasic(FakeProvider.secret)
            case "client_secret_post": .clientSecretPost(FakeProvider.secret)
            case "private_key_jwt": .privateKeyJWT(SoftwareSigner(key))
            default: .none
            }
        let world = try World(credentials: credentials)
        await world.provider.set(\.method, method)
        await world.provider.set(\.clientKeys, VerificationKeySet(try JWKSet([try #require(key.jwk.publicKey)])))
        _ = try await world.login()
        // The fake tells the methods apart: any other one is refused.
        await world.provider.set(\.method, method == "none" ? "client_secret_basic" : "none")
        if method != "private_key_jwt" {
            #expect(await failure { _ = try await world.login() } == "rp.token.invalid_client")
        }
    }

    @Test(arguments: [JWSAlgorithm.es256, .edDSA])
    func algorithmsOfTheAllowList(_ algorithm: JWSAlgorithm) async throws {
        let world = try World(algorithm: algorithm)
        _ = try await world.login()
    }

    @Test(arguments: [JWSAlgorithm.es384, .es512])
    func otherAlgorithmsAreRefused(_ algorithm: JWSAlgorithm) async throws {
        let world = try World(algorithm: algorithm)
        let found = await failure { _ = try await world.login() }
        #expect(found?.hasPrefix("rp.id_token:jose.algorithm") == true)
    }

    @Test func aCodeServesOnce() async throws {
        let world = try World()
        let start = try await world.party.authorizationRequest()
        let query = try await world.provider.approve(start.url)
        _ = try await world.party.handleCallback(query, session: start.session)
        let again = await failure { _ = try await world.party.handleCallback(query, session: start.session) }
        #expect(again == "rp.token.invalid_grant")
    }

    @Test func callbacksThatAreRefusedBeforeTheCodeIsUsed() async throws {
        let world = try World()
        let start = try await world.party.authorizationRequest()
        let state = start.session.state
        let iss = "iss=https%3A%2F%2Fid.example"
        let cases = [
            ("code=c&\(iss)", "rp.state_mismatch"), ("code=c&state=x&\(iss)", "rp.state_mismatch"),
            ("code=c&state=\(state)", "rp.issuer_mismatch"),
            ("code=c&state=\(state)&iss=https%3A%2F%2Fevil.example", "rp.issuer_mismatch"),
            ("code=c&state=\(state)&iss=https%3A%2F%2Fid.example%2F", "rp.issuer_mismatch"),
            ("state=\(state)&\(iss)", "rp.callback_malformed:no code"),
            ("code=&state=\(state)&\(iss)", "rp.callback_malformed:no code"),
            ("code=c&code=d&state=\(state)&\(iss)", "rp.callback_malformed:a parameter comes twice"),
            ("code=%zz&state=\(state)&\(iss)", "rp.callback_malformed:malformed escape"),
            ("code=%ff&state=\(state)&\(iss)", "rp.callback_malformed:not UTF-8"),
            ("error=access_denied&state=\(state)&\(iss)", "rp.authorization.access_denied"),
            ("error=login_required&state=\(state)&\(iss)", "rp.authorization.login_required"),
            ("error=%3Cscript%3E&state=\(state)&\(iss)", "rp.authorization.other"),
            ("error=access_denied&state=x&\(iss)", "rp.state_mismatch"), ("", "rp.state_mismatch"),
        ]
        for (query, expected) in cases {
            let found = await failure { _ = try await world.party.handleCallback(query, session: start.session) }
            #expect(found == expected, "\(query)")
        }
        #expect(await world.provider.count("/token") == 0)
    }

    @Test func aLoginThatTookTooLong() async throws {
        let world = try World()
        let start = try await world.party.authorizationRequest()
        let query = try await world.provider.approve(start.url)
        world.clock.advance(901)
        let found = await failure { _ = try await world.party.handleCallback(query, session: start.session) }
        #expect(found == "rp.session_expired")
    }

    @Test func anotherVerifierDoesNotRedeemTheCode() async throws {
        let world = try World()
        let start = try await world.party.authorizationRequest()
        var session = start.session
        session.codeVerifier = try await world.party.authorizationRequest().session.codeVerifier
        let query = try await world.provider.approve(start.url)
        #expect(
            await failure { _ = try await world.party.handleCallback(query, session: session) }
                == "rp.token.invalid_grant")
    }

    @Test func mutatedCallbacksNeverHarm() async throws {
        let world = try World()
        let start = try await world.party.authorizationRequest()
        let good = Array(("code=c&state=\(start.session.state)&iss=https%3A%2F%2Fid.example").utf8)
        var state: UInt64 = 5
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        for _ in 0..<3000 {
            var bytes = good
            for _ in 0...random(3) { bytes[random(bytes.count)] = UInt8(random(128)) }
            let query = String(decoding: bytes, as: UTF8.self)
            let found = await failure { _ = try await world.party.handleCallback(query, session: start.session) }
            #expect(found?.hasPrefix("rp.") == true)
        }
    }
}

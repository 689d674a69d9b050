import Codecs
import Foundation
import JOSE
import Kernel
import ProofOfPossession
import RelyingPartyKit
import Synchronization
import Testing

/// A key in a module: signs after a while, may be away, and gives nothing but its public half.
private final class ModuleKey: ProofKey {
    private let inner: SigningKey
    let isAway = Mutex(false)
    let signatures = Mutex(0)

    init() throws { inner = try SigningKey.generate(.es256) }

    var algorithm: JWSAlgorithm { .es256 }
    var keyID: String { "slot-7" }
    var publicKey: JWK { inner.jwk.publicKey ?? inner.jwk }

    func sign(_ input: [UInt8]) async throws -> [UInt8] {
        await Task.yield()
        if isAway.withLock({ $0 }) { throw RumdulError.internal("module") }
        signatures.withLock { $0 += 1 }
        return try inner.signature(for: input)
    }
}

/// What a provider of the FAPI profiles does beside the plain one: it takes pushed requests, checks proofs, hands out nonces.
private final class Fapi: Sendable {
    struct State {
        var wantsNonce: String?
        var tokenType = "DPoP"
        var pushAnswer: (Int, JSONObject) = (201, ["request_uri": "urn:x:1", "expires_in": 60])
        var pushed: [[String: String]] = []
        var proofs: [DPoPProof] = []
        var thumbprint: String?
        var assertions: [String] = []
    }

    let state = Mutex(State())
    let validator = DPoPValidator(memory: ProcessReplayMemory())
    let now: Instant

    init(now: Instant) { self.now = now }

    /// The answer to a request when it is this part's to answer; `nil` for the plain provider.
    func answer(_ request: OIDCRequest) throws -> OIDCResponse? {
        let path = request.url.dropFirst(FakeProvider.issuer.count)
        guard ["/par", "/token", "/userinfo"].contains(path) else { return nil }
        let form = Self.form(request)
        let fresh = state.withLock { state in
            guard let assertion = form["client_assertion"] else { return true }
            defer { state.assertions.append(assertion) }
            return !state.assertions.contains(assertion)
        }
        guard fresh else { return Self.json(["error": "invalid_client"], 401) }
        let token = path == "/userinfo" ? "access-token-1" : nil
        let proof = try validator.inspect(
            DPoPRequest(
                proofs: request.headers.filter { $0.name == "dpop" }.map(\.value), method: request.method,
                url: request.url, accessToken: token), now: now)
        let wanted = state.withLock { state in
            state.proofs.append(proof)
            return state.wantsNonce
        }
        if let wanted, proof.nonce != wanted {
            let challenge = #"DPoP realm="x", error="use_dpop_nonce", algs="ES256""#
            return Self.json(
                ["error": .string(token == nil ? "use_dpop_nonce" : "other")], token == nil ? 400 : 401,
                [("dpop-nonce", wanted)] + (token == nil ? [] : [("www-authenticate", challenge)]))
        }
        guard path == "/par" else { return nil }
        return state.withLock { state in
            state.pushed.append(form)
            return Self.json(state.pushAnswer.1, state.pushAnswer.0)
        }
    }

    static func form(_ request: OIDCRequest) -> [String: String] {
        var components = URLComponents()
        components.percentEncodedQuery = String(decoding: request.body, as: UTF8.self)
        return Dictionary((components.queryItems ?? []).map { ($0.name, $0.value ?? "") }) { _, last in last }
    }

    static func json(
        _ object: JSONObject, _ status: Int, _ headers: [(name: String, value: String)] = []
    ) -> OIDCResponse {
        OIDCResponse(status: status, contentType: "application/json", body: JSON.bytes(object), headers: headers)
    }
}

@Suite struct ProtectionTests {
    private struct Setting {
        let world: World
        let fapi: Fapi
        let key: ModuleKey
        let requestKey: SigningKey

        init(signed: Bool = false, _ change: (inout RelyingPartyConfiguration) -> Void = { _ in }) async throws {
            let (key, requestKey) = (try ModuleKey(), try SigningKey.generate(.es256))
            let signer = SoftwareSigner(requestKey)
            world = try World(credentials: .privateKeyJWT(signer)) {
                $0.protection =
                    signed ? .messageSigning(proofKey: key, requestSigner: signer) : .fapi2(proofKey: key)
                change(&$0)
            }
            fapi = Fapi(now: world.clock.now)
            (self.key, self.requestKey) = (key, requestKey)
            let provider = world.provider
            let half = fapi
            await provider.set(\.method, "private_key_jwt")
            await provider.set(
                \.clientKeys, VerificationKeySet(try JWKSet([try #require(requestKey.jwk.publicKey)])))
            await provider.set(
                \.metadataChanges, ["pushed_authorization_request_endpoint": "https://id.example/par"])
            await provider.set(\.tokenType, "DPoP")
            await provider.set(\.userInfoScheme, "DPoP")
            await provider.set(\.answerOverride, { try half.answer($0) })
        }

        /// The query with which the browser comes back, for what was pushed last.
        func approve(_ start: LoginStart) async throws -> String {
            let pushed = try #require(fapi.state.withLock { $0.pushed.last })
            let pairs = pushed.map { URLQueryItem(name: $0.key, value: $0.value) }
            var components = URLComponents()
            components.queryItems = pairs
            return try await world.provider.approve(
                "https://id.example/authorize?" + (components.percentEncodedQuery ?? ""))
        }

        /// A signed answer, right but for what a test changes.
        func response(_ state: String, _ change: (inout JSONObject) -> Void = { _ in }) async throws -> String {
            var claims: JSONObject = [
                "iss": .string(FakeProvider.issuer), "aud": .string(FakeProvider.clientID),
                "exp": .integer(world.clock.now.seconds + 300), "state": .string(state), "code": "code-x",
            ]
            change(&claims)
            return "response="
                + (try await JWSProducer(signer: SoftwareSigner(world.provider.signingKey)).sign(claims))
        }
    }

    @Test func pushedBoundAndProven() async throws {
        let setting = try await Setting()
        let start = try await setting.world.party.authorizationRequest(LoginOptions(claims: ["name_km"]))
        #expect(start.url == "https://id.example/authorize?client_id=bank.example&request_uri=urn%3Ax%3A1")
        let pushed = try #require(setting.fapi.state.withLock { $0.pushed.last })
        #expect(pushed["state"] == start.session.state && pushed["code_challenge_method"] == "S256")
        #expect(pushed["dpop_jkt"] == setting.key.publicKey.thumbprintText && pushed["client_assertion"] != nil)
        let login = try await setting.world.party.handleCallback(
            try await setting.approve(start), session: start.session)
        #expect(login.isBound)
        _ = try await setting.world.party.userInfo(login)
        let proofs = setting.fapi.state.withLock(\.proofs)
        #expect(proofs.map(\.jkt) == Array(repeating: setting.key.publicKey.thumbprintText, count: 3))
        #expect(Set(proofs.map(\.jti)).count == 3 && proofs.allSatisfy { $0.nonce == nil && $0.key.keyID == nil })
        #expect(setting.key.signatures.withLock { $0 } == 3, "nothing else was signed with this key")
    }

    @Test func aNonceIsTakenOnceAndKept() async throws {
        let setting = try await Setting()
        setting.fapi.state.withLock { $0.wantsNonce = "nonce-1" }
        let start = try await setting.world.party.authorizationRequest()
        let query = try await setting.approve(start)
        setting.fapi.state.withLock { $0.wantsNonce = "nonce-2" }
        let login = try await setting.world.party.handleCallback(query, session: start.session)
        setting.fapi.state.withLock { $0.wantsNonce = "nonce-3" }
        _ = try await setting.world.party.userInfo(login)
        _ = try await setting.world.party.userInfo(login)
        let nonces = setting.fapi.state.withLock { $0.proofs.map { $0.nonce ?? "" } }
        #expect(nonces == ["", "nonce-1", "nonce-1", "nonce-2", "nonce-2", "nonce-3", "nonce-3"])
        #expect(setting.fapi.state.withLock { Set($0.assertions).count == $0.assertions.count })
    }

    @Test func aServerThatIsNeverContentGetsTwoRequests() async throws {
        let setting = try await Setting()
        let calls = Mutex(0)
        await setting.world.provider.set(
            \.answerOverride,
            { request in
                guard request.url.hasSuffix("/par") else { return nil }
                let call = calls.withLock {
                    $0 += 1
                    return $0
                }
                return Fapi.json(["error": "use_dpop_nonce"], 400, [("dpop-nonce", "n-\(call)")])
            })
        let found = await failure { _ = try await setting.world.party.authorizationRequest() }
        #expect(found == "rp.authorization.use_dpop_nonce" && calls.withLock { $0 } == 2)
    }

    @Test func noncesStayWithTheirServer() async throws {
        let setting = try await Setting()
        setting.fapi.state.withLock { $0.wantsNonce = "nonce-1" }
        let start = try await setting.world.party.authorizationRequest()
        let login = try await setting.world.party.handleCallback(
            try await setting.approve(start), session: start.session)
        let seen = Mutex<[OIDCRequest]>([])
        await setting.world.provider.set(
            \.answerOverride,
            { request in
                seen.withLock { $0.append(request) }
                return Fapi.json([:], 200)
            })
        _ = try await setting.world.party.send(
            OIDCRequest(method: "POST", url: "https://api.example/pay?x=1", headers: []), with: login)
        let request = try #require(seen.withLock { $0.first })
        let claims = try JWT.unverifiedClaims(try #require(request.headers.first { $0.name == "dpop" }?.value)).claims
        #expect(claims["nonce"] == nil && claims.string("htu") == "https://api.example/pay")
        #expect(claims.string("htm") == "POST" && claims.has("ath"))
        #expect(request.headers.contains { $0 == ("authorization", "DPoP access-token-1") })
    }

    @Test func aTokenThatIsNotBoundIsRefused() async throws {
        let setting = try await Setting()
        await setting.world.provider.set(\.tokenType, "Bearer")
        let start = try await setting.world.party.authorizationRequest()
        let query = try await setting.approve(start)
        let found = await failure { _ = try await setting.world.party.handleCallback(query, session: start.session) }
        #expect(found == "rp.answer_malformed:token_type")
        // The other way round: a bound token for a party without key.
        let plain = try World()
        await plain.provider.set(\.tokenType, "DPoP")
        #expect(await failure { _ = try await plain.login() } == "rp.answer_malformed:token_type")
    }

    @Test func answersMustNameTheirIssuer() async throws {
        let setting = try await Setting()
        await setting.world.provider.set(
            \.metadataChanges,
            [
                "pushed_authorization_request_endpoint": "https://id.example/par",
                "authorization_response_iss_parameter_supported": false,
            ])
        let start = try await setting.world.party.authorizationRequest()
        let query = "code=c&state=\(start.session.state)"
        #expect(
            await failure { _ = try await setting.world.party.handleCallback(query, session: start.session) }
                == "rp.issuer_mismatch")
    }

    @Test func pushesThatFail() async throws {
        let setting = try await Setting()
        let cases: [((Int, JSONObject), String)] = [
            ((400, ["error": "invalid_request"]), "rp.authorization.invalid_request"),
            ((401, ["error": "invalid_client"]), "rp.authorization.invalid_client"),
            ((503, [:]), "rp.unreachable:status 503"), ((418, [:]), "rp.answer_malformed:pushed request status 418"),
            ((200, ["request_uri": "urn:x"]), "rp.answer_malformed:pushed request status 200"),
            ((201, [:]), "rp.answer_malformed:request_uri"),
            ((201, ["request_uri": ""]), "rp.answer_malformed:request_uri"),
        ]
        for (answer, expected) in cases {
            setting.fapi.state.withLock { $0.pushAnswer = answer }
            #expect(await failure { _ = try await setting.world.party.authorizationRequest() } == expected)
        }
        setting.key.isAway.withLock { $0 = true }
        #expect(
            await failure { _ = try await setting.world.party.authorizationRequest() }?.hasSuffix(":module") == true)
        let without = try World { $0.protection.pushesRequests = true }
        #expect(
            await failure { _ = try await without.party.authorizationRequest() }
                == "rp.discovery:pushed_authorization_request_endpoint")
    }

    @Test func aSignedRequestSaysItAll() async throws {
        let setting = try await Setting(signed: true)
        let options = LoginOptions(
            claims: ["name_km"], acrValues: ["urn:kh:camdigikey:aal:2"], purpose: "open", maxAge: 60)
        let start = try await setting.world.party.authorizationRequest(options)
        let pushed = try #require(setting.fapi.state.withLock { $0.pushed.last })
        #expect(
            Set(pushed.keys) == ["client_id", "request", "client_assertion", "client_assertion_type"],
            "nothing stands outside the signature")
        let validator = JWTValidator(
            issuer: FakeProvider.clientID, audiences: [FakeProvider.issuer], algorithms: [.es256],
            types: ["oauth-authz-req+jwt"], requiredClaims: ["exp", "nbf", "iat", "jti"], soleAudience: true,
            maximumLifetime: 3600)
        let request = try validator.validate(
            try #require(pushed["request"]), key: try setting.requestKey.verificationKey(), now: setting.world.clock.now
        )
        let claims = request.claims
        #expect(claims.string("state") == start.session.state && claims.string("response_mode") == "jwt")
        #expect(claims.string("client_id") == "bank.example" && claims.integer("max_age") == 60)
        #expect(claims["claims"]?["userinfo"]?["name_km"] == .null && claims.string("purpose") == "open")
        #expect(claims.string("dpop_jkt") == setting.key.publicKey.thumbprintText)
    }

    @Test func aSignedRequestInTheAddress() async throws {
        let key = try SigningKey.generate(.edDSA)
        let world = try World { $0.protection.requestSigner = SoftwareSigner(key) }
        let start = try await world.party.authorizationRequest()
        let items = try #require(URLComponents(string: start.url)?.queryItems)
        #expect(items.map(\.name).sorted() == ["client_id", "request", "response_type", "scope"])
    }

    @Test func signedAnswers() async throws {
        let setting = try await Setting(signed: true)
        let party = setting.world.party
        let start = try await party.authorizationRequest()
        let state = start.session.state
        let now = setting.world.clock.now.seconds
        func outcome(_ query: String) async -> String? {
            await failure { _ = try await party.handleCallback(query, session: start.session) }
        }
        // The signature is right and the state ours: only then the code is tried, which the fake does not know.
        #expect(await outcome(try await setting.response(state)) == "rp.token.invalid_grant")
        #expect(await outcome(try await setting.response(state) + "&code=y&state=x") == "rp.token.invalid_grant")
        let denied = try await setting.response(state) {
            $0["code"] = nil
            $0["error"] = "access_denied"
        }
        #expect(await outcome(denied) == "rp.authorization.access_denied")
        let iss = "iss=https%3A%2F%2Fid.example"
        #expect(await outcome("code=c&state=\(state)&\(iss)") == "rp.response:not signed")
        #expect(await outcome("error=access_denied&state=\(state)&\(iss)") == "rp.response:not signed")
        #expect(await outcome("response=x.y.z")?.hasPrefix("rp.response:jose.") == true)
        let changes: [(String, JSONValue?)] = [
            ("iss", "https://other.example"), ("iss", nil), ("aud", "other"), ("aud", nil),
            ("aud", ["bank.example", "other"]), ("exp", .integer(now - 60)), ("exp", nil),
        ]
        for (name, value) in changes {
            let query = try await setting.response(state) { $0[name] = value }
            #expect(await outcome(query)?.hasPrefix("rp.response:jose.") == true, "\(name)")
        }
        #expect(await outcome(try await setting.response("another")) == "rp.state_mismatch")
        #expect(await outcome(try await setting.response(state) { $0["state"] = nil }) == "rp.state_mismatch")
        let query = try await setting.response(state)
        try await setting.world.provider.rotate(publish: false)
        #expect(await outcome(try await setting.response(state))?.hasPrefix("rp.response:jose.") == true)
        #expect(await outcome(query.dropLast(6) + "AAAAAA")?.hasPrefix("rp.response:jose.") == true)
    }

    @Test func aKeyThatCannotProveAnything() async throws {
        struct Wrong: ProofKey {
            let publicKey: JWK
            let algorithm = JWSAlgorithm.es256
            let keyID = ""
            func sign(_ input: [UInt8]) async throws -> [UInt8] { [] }
        }
        let secret = try SigningKey.generate(.es256).jwk
        let other = try #require(try SigningKey.generate(.edDSA).jwk.publicKey)
        for key in [secret, other] {
            let setting = try await Setting { $0.protection.proofKey = Wrong(publicKey: key) }
            #expect(
                await failure { _ = try await setting.world.party.authorizationRequest() }
                    == "rp.configuration:proofKey")
        }
    }
}

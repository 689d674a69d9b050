import Codecs
import Crypto
import Foundation
import JOSE
import Kernel
import RelyingPartyKit

/// An OpenID Provider in memory. Its answers are right unless a test changes them.
actor FakeProvider: OIDCTransport {
    struct Grant {
        var redirectURI: String
        var challenge: String
        var nonce: String
    }

    /// What a test may change.
    struct Behaviour: Sendable {
        var method = "client_secret_basic"
        var clientKeys: VerificationKeySet?
        var tokenType = "Bearer"
        var userInfoScheme = "Bearer"
        var metadataChanges: JSONObject = [:]
        var idTokenChanges: [(String, JSONValue?)] = []
        var idTokenOverride: (@Sendable (JSONObject) async throws -> String)?
        var userInfoClaims: JSONObject = ["sub": "person-1", "name_km": "សុខា", "phone_number": "+85512345678"]
        var userInfoForm: (@Sendable (JSONObject, SigningKey) async throws -> (String, [UInt8]))?
        var answerOverride: (@Sendable (OIDCRequest) throws -> OIDCResponse?)?
    }

    static let issuer = "https://id.example"
    static let clientID = "bank.example"
    static let secret = "s3cret with: spaces & ភាសា"

    let now: Instant
    var signingKey: SigningKey
    var published: [SigningKey]
    var grants: [String: Grant] = [:]
    var requests: [OIDCRequest] = []
    var behaviour = Behaviour()

    init(now: Instant, algorithm: JWSAlgorithm = .es256) throws {
        self.now = now
        signingKey = try SigningKey.generate(algorithm)
        published = [signingKey]
    }

    func set<Value: Sendable>(_ path: any WritableKeyPath<Behaviour, Value> & Sendable, _ value: Value) {
        behaviour[keyPath: path] = value
    }
    func count(_ part: String) -> Int { requests.filter { $0.url.contains(part) }.count }
    func rotate(publish: Bool = true) throws {
        signingKey = try SigningKey.generate(.es256)
        if publish { published.append(signingKey) }
    }

    /// The browser at the provider: the person approves, and the query of the callback comes back.
    func approve(_ url: String) throws -> String {
        let components = URLComponents(string: url)
        var values: [String: String] = [:]
        for item in components?.queryItems ?? [] { values[item.name] = item.value }
        let code = "code-\(grants.count)"
        grants[code] = Grant(
            redirectURI: values["redirect_uri"] ?? "", challenge: values["code_challenge"] ?? "",
            nonce: values["nonce"] ?? "")
        return "?code=\(code)&state=\(values["state"] ?? "")&iss=https%3A%2F%2Fid.example"
    }

    nonisolated func send(_ request: OIDCRequest) async throws -> OIDCResponse { try await receive(request) }

    private func receive(_ request: OIDCRequest) async throws -> OIDCResponse {
        requests.append(request)
        if let answer = try behaviour.answerOverride?(request) { return answer }
        switch (request.method, request.url) {
        case ("GET", "https://id.example/.well-known/openid-configuration"): return json(metadata())
        case ("GET", "https://id.example/jwks"):
            return json(try JWKSet(published.compactMap { $0.jwk.publicKey }).publicJSON)
        case ("POST", "https://id.example/token"): return try await token(request)
        case ("GET", "https://id.example/userinfo"): return try await userInfo(request)
        default: return json(["error": "not_found"], status: 404)
        }
    }

    private func metadata() -> JSONObject {
        var object: JSONObject = [
            "issuer": "https://id.example", "authorization_endpoint": "https://id.example/authorize",
            "token_endpoint": "https://id.example/token", "userinfo_endpoint": "https://id.example/userinfo",
            "jwks_uri": "https://id.example/jwks", "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"], "authorization_response_iss_parameter_supported": true,
        ]
        for member in behaviour.metadataChanges.members {
            object[member.name] = member.value.isNull ? nil : member.value
        }
        return object
    }

    private func token(_ request: OIDCRequest) async throws -> OIDCResponse {
        var components = URLComponents()
        components.percentEncodedQuery = String(decoding: request.body, as: UTF8.self)
        var form: [String: String] = [:]
        for item in components.queryItems ?? [] { form[item.name] = item.value }
        guard isAuthentic(request, form) else { return json(["error": "invalid_client"], status: 401) }
        let verifier = form["code_verifier"] ?? ""
        guard form["grant_type"] == "authorization_code", let grant = grants.removeValue(forKey: form["code"] ?? ""),
            grant.redirectURI == form["redirect_uri"],
            grant.challenge == Base64URL.encode(Array(SHA256.hash(data: Array(verifier.utf8))))
        else { return json(["error": "invalid_grant", "error_description": "secret detail"], status: 400) }
        let accessToken = "access-token-1"
        let digest = Array(SHA256.hash(data: Array(accessToken.utf8)))
        var claims: JSONObject = [
            "iss": "https://id.example", "sub": "person-1", "aud": .string(FakeProvider.clientID),
            "exp": .integer(now.seconds + 300), "iat": .integer(now.seconds), "auth_time": .integer(now.seconds - 5),
            "nonce": .string(grant.nonce), "acr": "urn:kh:camdigikey:aal:1", "amr": ["pin", "pop", "swk", "mfa"],
        ]
        if signingKey.algorithm == .es256 { claims["at_hash"] = .string(Base64URL.encode(Array(digest[..<16]))) }
        for (name, value) in behaviour.idTokenChanges { claims[name] = value }
        let text: String
        if let idTokenOverride = behaviour.idTokenOverride {
            text = try await idTokenOverride(claims)
        } else {
            text = try await JWSProducer(
                signer: SoftwareSigner(signingKey), type: "JWT"
            ).sign(claims)
        }
        return json([
            "access_token": .string(accessToken), "token_type": .string(behaviour.tokenType), "expires_in": 300,
            "id_token": .string(text),
            "scope": "openid profile",
        ])
    }

    private func isAuthentic(_ request: OIDCRequest, _ form: [String: String]) -> Bool {
        let authorization = request.headers.first { $0.name == "authorization" }?.value
        switch behaviour.method {
        case "client_secret_basic":
            let pair = (authorization?.dropFirst(6)).flatMap { Base64.decode($0) } ?? []
            let parts = String(decoding: pair, as: UTF8.self).split(separator: ":").map {
                String($0).removingPercentEncoding
            }
            return parts == [FakeProvider.clientID, FakeProvider.secret]
        case "client_secret_post":
            return form["client_id"] == FakeProvider.clientID && form["client_secret"] == FakeProvider.secret
        case "private_key_jwt":
            guard form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                let keys = behaviour.clientKeys, let assertion = form["client_assertion"]
            else { return false }
            let validator = JWTValidator(
                issuer: FakeProvider.clientID, audiences: [FakeProvider.issuer], algorithms: [.es256],
                requiredClaims: ["sub", "jti", "exp"], soleAudience: true, maximumLifetime: 60)
            return (try? validator.validate(assertion, keys: keys, now: now))?.subject == FakeProvider.clientID
        default:
            return authorization == nil && form["client_id"] == FakeProvider.clientID && form["client_secret"] == nil
        }
    }

    private func userInfo(_ request: OIDCRequest) async throws -> OIDCResponse {
        let wanted = behaviour.userInfoScheme + " access-token-1"
        guard request.headers.contains(where: { $0.name == "authorization" && $0.value == wanted }) else {
            return json(["error": "invalid_token"], status: 401)
        }
        guard let userInfoForm = behaviour.userInfoForm else { return json(behaviour.userInfoClaims) }
        let (type, body) = try await userInfoForm(behaviour.userInfoClaims, signingKey)
        return OIDCResponse(status: 200, contentType: type, body: body)
    }

    private func json(_ object: JSONObject, status: Int = 200) -> OIDCResponse {
        OIDCResponse(status: status, contentType: "application/json; charset=utf-8", body: JSON.bytes(object))
    }
}

/// A clock that a test moves.
final class TestClock: @unchecked Sendable {
    private let lock = NSLock()
    private var moment = Instant(seconds: 1_800_000_000)
    var now: Instant { lock.withLock { moment } }
    func advance(_ seconds: Int64) { lock.withLock { moment = moment.adding(seconds: seconds) } }
}

/// A relying party and its provider.
struct World {
    let clock = TestClock()
    let provider: FakeProvider
    let party: RelyingParty

    init(
        algorithm: JWSAlgorithm = .es256, credentials: ClientCredentials = .clientSecretBasic(FakeProvider.secret),
        _ change: (inout RelyingPartyConfiguration) throws -> Void = { _ in }
    ) throws {
        provider = try FakeProvider(now: clock.now, algorithm: algorithm)
        var configuration = RelyingPartyConfiguration(
            issuer: FakeProvider.issuer, clientID: FakeProvider.clientID, credentials: credentials,
            redirectURI: "https://bank.example/callback?x=1")
        try change(&configuration)
        let clock = clock
        party = RelyingParty(
            configuration, transport: provider,
            ambient: Ambient(now: { clock.now }, randomBytes: secureRandomBytes))
    }

    func login(_ options: LoginOptions = LoginOptions()) async throws -> Login {
        let start = try await party.authorizationRequest(options)
        return try await party.handleCallback(try await provider.approve(start.url), session: start.session)
    }
}

/// The error that a block throws: its code, and its cause after a colon where there is one.
func failure(_ body: () async throws -> Void) async -> String? {
    do {
        try await body()
        return nil
    } catch let error as RumdulError {
        return error.code + (error.cause.map { ":" + $0 } ?? "")
    } catch {
        return "\(type(of: error))"
    }
}

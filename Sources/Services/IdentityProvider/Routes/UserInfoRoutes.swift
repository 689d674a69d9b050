import Codecs
import HTTPTypes
import Hummingbird
import JOSE
import Kernel
import KeyVault
import ProofOfPossession
import Synchronization
import Web

/// Discovery and key set: what programs read before they talk.
struct DiscoveryRoutes: Sendable {
    let provider: IdentityProvider
    let keySets: KeySetCache

    func add(to router: AppRouter, settings: WebSettings) {
        let metadata = StaticAnswer(
            Discovery.metadata(provider.settings), caching: .seconds(3600), anyOrigin: true, settings: settings)
        router.get("/.well-known/openid-configuration") { request, _ in metadata.response(to: request) }
        router.get("/.well-known/oauth-authorization-server") { request, _ in metadata.response(to: request) }
        router.get("/jwks") { request, _ in try await keySets.answer(settings).response(to: request) }
    }
}

/// The userinfo endpoint (OpenID Connect Core 1.0, section 5.3; RFC 6750; RFC 9449, section 7).
struct UserInfoRoutes: Sendable {
    let provider: IdentityProvider
    let keys: KeyPresentation
    let endpoint: ClientEndpoint

    func add(to router: AppRouter) {
        router.get("/userinfo") { request, context in try await answer(try credentials(request), request, context) }
        router.post("/userinfo", use: post)
    }

    private struct Credentials {
        var token: String
        var isProof: Bool
    }

    /// RFC 6750 section 2.2: the token in the form body.
    private func post(_ request: Request, _ context: AppContext) async throws -> Response {
        let sent = try credentials(request)
        if sent != nil, request.headers[.contentType] == nil { return try await answer(sent, request, context) }
        let form: FormFields
        do { form = try await FormBody.read(request, context: context) } catch {
            return refuse(OAuthError.invalidRequest("the body is not a form"), isProof: false, context: context)
        }
        guard sent != nil else {
            return try await answer(
                form["access_token"].map { Credentials(token: $0, isProof: false) }, request, context)
        }
        // One method a request (RFC 6750 section 2).
        guard !form.has("access_token") else {
            return refuse(OAuthError.invalidRequest("the token was sent twice"), isProof: false, context: context)
        }
        return try await answer(sent, request, context)
    }

    /// The token of the `Authorization` field; the scheme's case does not matter (RFC 9110, section 11.1).
    private func credentials(_ request: Request) throws -> Credentials? {
        guard let header = request.headers.one(.authorization) else { return nil }
        guard let field = AuthorizationField(header) else { return Credentials(token: "", isProof: false) }
        if field.isScheme("bearer") { return Credentials(token: String(field.credentials), isProof: false) }
        if field.isScheme("dpop") { return Credentials(token: String(field.credentials), isProof: true) }
        return Credentials(token: "", isProof: false)
    }

    private func answer(
        _ credentials: Credentials?, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        guard let credentials else {
            // No credentials at all: the challenge carries no error code (RFC 6750 section 3.1).
            var response = JSONResponse(["error": "invalid_token"], status: .unauthorized).response
            response.headers.append(HTTPField(name: .wwwAuthenticate, value: "Bearer realm=\"userinfo\""))
            response.headers.append(HTTPField(name: .wwwAuthenticate, value: DPoPError.challenge()))
            return response
        }
        var response: Response
        do {
            let shown = try await keys.read(request, context, path: "/userinfo", accessToken: credentials.token)
            let answer = try await provider.userInfo.respond(
                token: credentials.token, isProof: credentials.isProof, keys: shown, traceID: context.traceID)
            response =
                JSONResponse(
                    bytes: answer.body, headers: [.cacheControl: "no-store"], contentType: answer.contentType
                ).response
        } catch let error as OAuthError {
            response = refuse(error, isProof: credentials.isProof, context: context)
            let claims = try? JWT.unverifiedClaims(credentials.token).claims
            endpoint.note(error, clientID: claims?.string("client_id"), path: "/userinfo", context: context)
        }
        if credentials.isProof { try await keys.addNonce(to: &response) }
        return response
    }

    private func refuse(_ error: OAuthError, isProof: Bool, context: AppContext) -> Response {
        var response = endpoint.body(error, context: context)
        response.headers[.wwwAuthenticate] =
            isProof
            ? DPoPError.challenge(error: error.error, text: error.description)
            : "Bearer realm=\"userinfo\", error=\"\(error.error)\", error_description=\"\(error.description)\""
        return response
    }
}

/// The key set's bytes, made again at most once a second so that a rotation shows at once and a request costs nothing.
final class KeySetCache: Sendable {
    private let vault: any KeyVault
    private let ambient: Ambient
    private let cached = Mutex<(madeAt: Instant, answer: StaticAnswer)?>(nil)

    init(vault: any KeyVault, ambient: Ambient) {
        self.vault = vault
        self.ambient = ambient
    }

    func answer(_ settings: WebSettings) async throws -> StaticAnswer {
        let now = ambient.now()
        if let known = cached.withLock({ $0 }), now.microseconds - known.madeAt.microseconds < 1_000_000 {
            return known.answer
        }
        let answer = StaticAnswer(
            try await Discovery.keySet(vault), contentType: "application/jwk-set+json", caching: .seconds(300),
            anyOrigin: true, settings: settings)
        cached.withLock { $0 = (now, answer) }
        return answer
    }
}

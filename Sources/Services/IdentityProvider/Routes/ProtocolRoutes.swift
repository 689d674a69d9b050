import Codecs
import HTTPTypes
import Hummingbird
import Kernel
import KeyVault
import Synchronization
import Web

/// Discovery, key set, token and userinfo: what programs talk to.
struct ProtocolRoutes: Sendable {
    let provider: IdentityProvider
    let keySets: KeySetCache

    func add(to router: AppRouter, settings: WebSettings) {
        let metadata = StaticAnswer(
            Discovery.metadata(provider.settings), caching: .seconds(3600), anyOrigin: true, settings: settings)
        router.get("/.well-known/openid-configuration") { request, _ in metadata.response(to: request) }
        router.get("/.well-known/oauth-authorization-server") { request, _ in metadata.response(to: request) }
        router.get("/jwks") { request, _ in try await keySets.answer(settings).response(to: request) }
        router.post("/token", use: token)
        router.get("/userinfo") { request, context in
            try await answerUserInfo(try bearer(request), request, context)
        }
        router.post("/userinfo", use: userInfoPost)
    }

    private func token(_ request: Request, _ context: AppContext) async throws -> Response {
        do {
            let fields = try await FormBody.read(request, context: context, limit: 32 << 10)
            let form = Dictionary(
                fields.all.filter { !$0.value.isEmpty }.map { ($0.name, $0.value) },
                uniquingKeysWith: { first, _ in first })
            let answer = try await provider.tokens.exchange(form: form, authorization: request.headers[.authorization])
            return JSONResponse(bytes: answer.json).response
        } catch {
            return try oauthAnswer(error, context: context, basic: request.headers[.authorization] != nil)
        }
    }

    /// RFC 6750 section 2.2: the token in the form body.
    private func userInfoPost(_ request: Request, _ context: AppContext) async throws -> Response {
        let hasHeader = request.headers[.authorization] != nil
        if hasHeader, request.headers[.contentType] == nil {
            return try await answerUserInfo(try bearer(request), request, context)
        }
        let form: FormFields
        do { form = try await FormBody.read(request, context: context) } catch {
            return try bearerAnswer(OAuthError.invalidRequest("the body is not a form"), context: context)
        }
        if hasHeader {
            // One method a request (RFC 6750 section 2).
            guard !form.has("access_token") else {
                return try bearerAnswer(OAuthError.invalidRequest("the token was sent twice"), context: context)
            }
            return try await answerUserInfo(try bearer(request), request, context)
        }
        return try await answerUserInfo(form["access_token"], request, context)
    }

    private func bearer(_ request: Request) throws -> String? {
        guard let header = request.headers[.authorization] else { return nil }
        let parts = header.split(separator: " ")
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return "" }
        return String(parts[1])
    }

    private func answerUserInfo(_ token: String?, _ request: Request, _ context: AppContext) async throws -> Response {
        guard let token else {
            // No credentials at all: the challenge carries no error code (RFC 6750 section 3.1).
            var response = JSONResponse(["error": "invalid_token"], status: .unauthorized).response
            response.headers[.wwwAuthenticate] = "Bearer realm=\"userinfo\""
            return response
        }
        do {
            let answer = try await provider.userInfo.respond(token: token, traceID: context.traceID)
            return JSONResponse(bytes: answer.body, contentType: answer.contentType).response
        } catch let error as OAuthError {
            return try bearerAnswer(error, context: context)
        }
    }

    private func bearerAnswer(_ error: OAuthError, context: AppContext) throws -> Response {
        var response = errorBody(error, context: context)
        response.headers[.wwwAuthenticate] =
            "Bearer realm=\"userinfo\", error=\"\(error.error)\", error_description=\"\(error.description)\""
        return response
    }

    /// Token endpoint errors (RFC 6749 section 5.2). Bad bodies of our own vocabulary become `invalid_request`.
    private func oauthAnswer(_ error: any Error, context: AppContext, basic: Bool) throws -> Response {
        switch error {
        case let error as OAuthError:
            var response = errorBody(error, context: context)
            if error.status == 401, basic { response.headers[.wwwAuthenticate] = "Basic realm=\"token\"" }
            return response
        case let error as RumdulError where [.invalid, .tooLarge, .unsupportedMedia].contains(error.kind):
            let status = error.kind == .tooLarge ? 413 : 400
            return errorBody(OAuthError("invalid_request", error.message.en, status: status), context: context)
        default: throw error
        }
    }

    private func errorBody(_ error: OAuthError, context: AppContext) -> Response {
        var writer = JSONWriter(capacity: 160)
        writer.beginObject()
        writer.member("error", error.error)
        writer.member("error_description", error.description)
        writer.member("trace_id", context.traceID)
        writer.endObject()
        return JSONResponse(bytes: writer.bytes, status: .init(code: error.status))
            .response.logged(errorCode: "oauth.\(error.error)")
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

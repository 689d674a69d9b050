import Codecs
import HTTPTypes
import Hummingbird
import Kernel
import RelyingParties
import Web

/// Login with a passkey from the consent page. The page's script asks for options with the form as it stands, lets the
/// authenticator sign, and sends the answer; the browser then goes the same way on as after an approval on the device.
struct PasskeyRoutes: Sendable {
    let provider: IdentityProvider
    let limiter: RateLimiter
    let csrf: CSRF

    func add(to router: AppRouter, settings: WebSettings) {
        router.post("/authorize/passkey/options", use: options)
        router.post("/authorize/passkey", use: complete)
        let related = provider.authenticators.passkeys.relyingParty.origins.relatedOriginsDocument
        let document = StaticAnswer(
            JSON.bytes(related), caching: .seconds(3600), anyOrigin: true, settings: settings)
        // WebAuthn Level 3, section 5.11: other domains that may use the same passkeys.
        router.get("/.well-known/webauthn") { request, _ in document.response(to: request) }
    }

    private func options(_ request: Request, _ context: AppContext) async throws -> JSONResponse {
        let form = try await FormBody.read(request, context: context)
        try csrf.verifySource(request)
        try limiter.require("passkey:" + context.clientAddress)
        let binding = BrowserBinding(request: request, context: context, ambient: provider.ambient)
        guard !binding.isNew else { throw RumdulError.requestStale }
        let checked = try await provider.sealedRequests.open(form.required("request"), browserHash: binding.hash)
        let client = try await provider.client(checked.clientID)
        let answer = try await provider.passkeyLogin.options(
            checked.narrowed { form.has("attr.\($0)") }, client: client, browserHash: binding.hash,
            origin: TransactionDetails.origin(userAgent: request.headers[.userAgent]))
        return JSONResponse(bytes: JSON.bytes(answer))
    }

    private func complete(_ request: Request, _ context: AppContext) async throws -> JSONResponse {
        let form = try await FormBody.read(request, context: context)
        try csrf.verifySource(request)
        try limiter.require("passkey:" + context.clientAddress)
        let binding = BrowserBinding(request: request, context: context, ambient: provider.ambient)
        guard !binding.isNew else { throw RumdulError.requestStale }
        let credential = try JSON.parseObject(Array(form.required("credential").utf8))
        let item = try await provider.passkeyLogin.complete(
            state: try form.required("state"), credential: credential, browserHash: binding.hash,
            terminal: try await provider.terminal(of: request, context))
        return JSONResponse(bytes: JSON.bytes(.object(["next": .string("/authorize/\(item.id)/continue")])))
    }
}

extension AuthorizationRequest {
    /// The request with the attributes that the person left ticked.
    func narrowed(to isChosen: (String) -> Bool) -> AuthorizationRequest {
        let chosen = attributes.filter(isChosen)
        var narrowed = self
        narrowed.attributes = chosen
        narrowed.essential = essential.intersection(chosen)
        narrowed.idTokenAttributes = idTokenAttributes.filter(chosen.contains)
        narrowed.verifiedOnly = verifiedOnly.filter(chosen.contains)
        return narrowed
    }
}

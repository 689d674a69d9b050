import Codecs
import HTTPTypes
import Hummingbird
import Kernel
import RelyingParties
import Web

/// The device authorization endpoint (RFC 8628, section 3.1) and the page where people enter the code (section 3.3).
///
/// Entering a code is not enough: the next page says which service and which kind of device asks and warns of codes
/// that came from somebody else (section 5.4). After the person's yes the ordinary consent page follows, and at the
/// end a page instead of a redirect.
struct DeviceGrantRoutes: Sendable {
    let provider: IdentityProvider
    let endpoint: ClientEndpoint
    let csrf: CSRF
    /// For each address: pairs of codes begun in a minute, codes tried in ten minutes; for each code: tries in ten
    /// minutes.
    let starts: RateLimiter
    let attempts: RateLimiter
    let codes: RateLimiter

    static let path = "/device_authorization"

    init(provider: IdentityProvider, endpoint: ClientEndpoint, csrf: CSRF) {
        self.provider = provider
        self.endpoint = endpoint
        self.csrf = csrf
        let ambient = provider.ambient
        starts = RateLimiter(RateLimit(provider.settings.loginsPerMinute, per: 60), ambient: ambient)
        attempts = RateLimiter(RateLimit(20, per: 600), ambient: ambient)
        codes = RateLimiter(RateLimit(5, per: 600), ambient: ambient)
    }

    func add(to router: AppRouter) {
        router.post(
            "/device_authorization",
            use: endpoint.handler(path: Self.path) { client, request, context in
                let limit = starts.take("device:" + context.clientAddress)
                guard limit.isAllowed else {
                    var response = endpoint.body(
                        OAuthError("slow_down", "too many requests from this address", status: 429), context: context)
                    response.headers[.retryAfter] = String(limit.retryAfter)
                    return response
                }
                let answer = try await provider.deviceGrant.start(
                    client, origin: TransactionDetails.origin(userAgent: request.headers[.userAgent]))
                return JSONResponse(bytes: answer.json, headers: [.cacheControl: "no-store"]).response
            })
        router.get("/activate", use: page)
        router.post("/activate", use: enter)
        router.post("/activate/confirm", use: confirm)
    }

    private func page(_ request: Request, _ context: AppContext) async throws -> Response {
        let typed = try QueryParameters.read(request)["user_code"]
        let binding = BrowserBinding(request: request, context: context, ambient: provider.ambient)
        let code = typed.flatMap { UserCode.read($0) }
        var response = context.show(ActivationPages.enter(code.map { UserCode.shown($0) } ?? "", refused: nil))
        binding.keep(in: &response, language: nil, context: context)
        return response
    }

    /// The code was typed: who asks, and with which kind of device.
    private func enter(_ request: Request, _ context: AppContext) async throws -> Response {
        let form = try await FormBody.read(request, context: context)
        try csrf.verifySource(request)
        let typed = form["user_code"] ?? ""
        let found: DeviceCodeStore.Record
        do {
            try attempts.require("activate:" + context.clientAddress)
            if let code = UserCode.read(typed) { try codes.require("code:" + code) }
            found = try await provider.deviceGrant.open(typed)
        } catch let error as RumdulError where error == .activationCodeInvalid || error.kind == .rateLimited {
            return context.show(ActivationPages.enter(String(typed.prefix(40)), refused: error))
        }
        let client = try await provider.client(found.clientID)
        let binding = BrowserBinding(request: request, context: context, ambient: provider.ambient)
        let sealed = try await provider.sealedRequests.seal(found.request, browserHash: binding.hash)
        let code = UserCode.read(typed) ?? ""
        var response = context.show(
            ActivationPages.confirm(
                found, client: client, code: UserCode.shown(code), sealed: sealed, language: context.language))
        binding.keep(in: &response, language: nil, context: context)
        return response
    }

    /// "It is my device": on to the consent page.
    private func confirm(_ request: Request, _ context: AppContext) async throws -> Response {
        let form = try await FormBody.read(request, context: context)
        try csrf.verifySource(request)
        let binding = BrowserBinding(request: request, context: context, ambient: provider.ambient)
        guard !binding.isNew else { throw RumdulError.requestStale }
        let sealed = try form.required("request")
        let checked = try await provider.sealedRequests.open(sealed, browserHash: binding.hash)
        guard checked.deviceCodeID != nil else { throw RumdulError.requestStale }
        let client = try await provider.client(checked.clientID)
        guard let purpose = client.purpose(checked.purposeCode) else { throw RumdulError.requestStale }
        let session = try await provider.sessions.current(request, binding: binding, context: context)
        var page = ProviderPages.consent(
            ProviderPages.Consent(
                request: checked, client: client, purpose: purpose, sealed: sealed, identifier: nil, refused: nil,
                chosen: checked.essential, isKnown: session != nil, now: provider.ambient.now()),
            language: context.language)
        page.languageSwitch = .path(ProviderPages.consentPath(sealed))
        return context.show(page)
    }
}

import Codecs
import HTTPTypes
import Hummingbird
import Kernel
import KhmerText
import RelyingParties
import Web

/// The authorization endpoint and the consent page. Nothing is stored before a person asks for the approval: the checked request travels
/// sealed in the form, bound to the browser's cookie. That cookie is also the protection against cross-site requests: the sealed request opens
/// for the browser that loaded the page only.
struct AuthorizeRoutes: Sendable {
    let provider: IdentityProvider
    let limiter: RateLimiter
    let csrf: CSRF

    func add(to router: AppRouter) {
        router.get("/authorize") { request, context in
            let fields = try QueryParameters.read(request, repeatable: AuthorizationParameters.repeatable)
            return try await authorize(AuthorizationParameters(fields), request, context)
        }
        router.post("/authorize", use: post)
        router.post("/authorize/start", use: start)
        router.get("/authorize/cancel", use: cancel)
        router.get("/authorize/consent", use: consentAgain)
    }

    /// A form post from another site brings no cookies of ours (`SameSite=Lax`), so it goes round once as a GET and finds them: otherwise a
    /// fresh cookie would end whatever this browser has open in other tabs.
    private func post(_ request: Request, _ context: AppContext) async throws -> Response {
        let fields = try await FormBody.read(
            request, context: context, repeatable: AuthorizationParameters.repeatable)
        let binding = BrowserBinding(request: request, context: context, ambient: provider.ambient)
        // A hint may be somebody's number: it must not become part of an address.
        if binding.isNew, fields.has("client_id"), !fields.has("login_hint") {
            let target = AuthorizationResponse.location("/authorize", fields.all.map { ($0.name, $0.value) })
            if target.utf8.count <= 6000 { return Redirect.seeOther(target) }
        }
        return try await authorize(AuthorizationParameters(fields), request, context)
    }

    /// RFC 6749 section 4.1.1. Errors go to the redirect URI once client and URI are certain, to a page before.
    private func authorize(
        _ outer: AuthorizationParameters, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let client = try await provider.client(outer["client_id"] ?? "")
        do {
            let checked = try await check(outer, client: client)
            logDropped(checked, context: context)
            return try await answer(checked, client: client, request, context, uiLocales: outer["ui_locales"])
        } catch let refusal as AuthorizationRequest.Refusal {
            return try await refuse(refusal, client: client, request, context)
        } catch let error as RumdulError where error.code.hasPrefix("authorize.") {
            provider.surroundings.events.refused(
                ClientRefusal(
                    clientID: client.clientID, endpoint: "/authorize", code: error.code, description: error.message.en,
                    traceID: context.traceID, at: provider.ambient.now()))
            throw error
        }
    }

    /// The checked request. Throws `Refusal` for what the client may hear, `RumdulError` for a page.
    private func check(_ outer: AuthorizationParameters, client: RelyingParty) async throws -> AuthorizationRequest {
        let parameters: AuthorizationParameters
        do {
            parameters = try await provider.resolver.resolve(outer, client: client, isPushed: false)
        } catch let error as OAuthError {
            guard let uri = try? AuthorizationRequest.trustedRedirect(outer, client: client) else {
                throw RumdulError.authorizationRefused(error)
            }
            throw AuthorizationRequest.refusal(error, outer, client: client, redirectURI: uri)
        }
        let uri = try AuthorizationRequest.trustedRedirect(parameters, client: client)
        var checked = try AuthorizationRequest(
            parameters, client: client, redirectURI: uri, policy: provider.settings.policy)
        guard let hint = parameters["id_token_hint"] else { return checked }
        guard let read = try await provider.hints.read(hint), read.clientID == client.clientID else {
            throw AuthorizationRequest.refusal(
                .invalidRequest("id_token_hint is not an ID token of this client"), parameters, client: client,
                redirectURI: uri)
        }
        if let asked = checked.subject, asked != read.subject {
            throw AuthorizationRequest.refusal(.loginRequired, parameters, client: client, redirectURI: uri)
        }
        checked.subject = read.subject
        return checked
    }

    /// Silently when session and consent allow it; by asking otherwise.
    private func answer(
        _ checked: AuthorizationRequest, client: RelyingParty, _ request: Request, _ context: AppContext,
        uiLocales: String?
    ) async throws -> Response {
        let binding = BrowserBinding(request: request, context: context, ambient: provider.ambient)
        if let mark = try await provider.terminal(of: request, context) {
            return try await assisted(
                checked, mark, client: client, binding: binding, request, context,
                language: uiLocales.flatMap { Language(uiLocales: $0) })
        }
        let session = try await provider.sessions.current(request, binding: binding, context: context)
        let silent = try await provider.silentLogin.answer(
            checked, session: session, client: client, browserHash: binding.hash)
        let isSilent = checked.prompt.contains("none")
        switch silent {
        case .granted(let item):
            return try await provider.completion.respond(item, client: client, request, context)
        case .loginRequired where isSilent: return try await refuse(checked, .loginRequired, client, request, context)
        case .consentRequired where isSilent:
            return try await refuse(checked, .consentRequired, client, request, context)
        case .loginRequired, .consentRequired: break
        }
        let sealed = try await provider.sealedRequests.seal(checked, browserHash: binding.hash)
        let language = uiLocales.flatMap { Language(uiLocales: $0) }
        let mayContinue = session != nil && !checked.prompt.contains("select_account")
        var response = try consentPage(
            ConsentForm(
                request: checked, sealed: sealed, isKnown: mayContinue, isPosted: request.method == .post),
            client: client, language: language ?? context.language, context: context)
        binding.keep(in: &response, language: language, context: context)
        return response
    }

    /// At an officer's terminal: no session of anybody counts, and the page offers what is for terminals alone.
    private func assisted(
        _ checked: AuthorizationRequest, _ mark: AssistedMark, client: RelyingParty, binding: BrowserBinding,
        _ request: Request, _ context: AppContext, language: Language?
    ) async throws -> Response {
        guard !checked.prompt.contains("none") else {
            return try await refuse(checked, .loginRequired, client, request, context)
        }
        guard !client.firstParty else { throw RumdulError.assistOwnPages }
        var marked = checked
        marked.assisted = mark
        let sealed = try await provider.sealedRequests.seal(marked, browserHash: binding.hash)
        var response = try consentPage(
            ConsentForm(request: marked, sealed: sealed, isKnown: false, isPosted: request.method == .post),
            client: client, language: language ?? context.language, context: context)
        binding.keep(in: &response, language: language, context: context)
        return response
    }

    private func logDropped(_ checked: AuthorizationRequest, context: AppContext) {
        guard !checked.dropped.isEmpty else { return }
        provider.logger.notice(
            "attributes outside the registered purpose were dropped",
            metadata: [
                "client": .string(checked.clientID), "purpose": .string(checked.purposeCode),
                "dropped": .string(checked.dropped.joined(separator: " ")), "trace": .string(context.traceID),
            ])
    }

    /// The form of the consent page: stores the request for approval and shows the number.
    private func start(_ request: Request, _ context: AppContext) async throws -> Response {
        let form = try await FormBody.read(request, context: context)
        try csrf.verifySource(request)
        let binding = BrowserBinding(request: request, context: context, ambient: provider.ambient)
        guard !binding.isNew else { throw RumdulError.requestStale }
        let sealed = try form.required("request")
        let checked = try await provider.sealedRequests.open(sealed, browserHash: binding.hash)
        guard checked.assisted == nil else { throw RumdulError.assistMethod }
        let client = try await provider.client(checked.clientID)
        let chosen = checked.attributes.filter { form.has("attr.\($0)") }
        let typed = form["identifier"] ?? ""
        let session = try await provider.sessions.current(request, binding: binding, context: context)
        let known = typed.isEmpty && !checked.prompt.contains("select_account") ? session : nil
        do {
            try limiter.require("authorize:" + context.clientAddress)
            let isOpen = form["via"] == "qr"
            var identifier = ""
            if known == nil, !isOpen {
                guard let digits = try? KhmerDigits.identifier(typed) else { throw RumdulError.identifierInvalid }
                identifier = digits
            }
            let narrowed = checked.narrowed(to: chosen.contains)
            let start = ApprovalStart(
                request: narrowed, client: client, identifier: identifier, knownPerson: isOpen ? nil : known?.personID,
                session: session, browserHash: binding.hash,
                origin: TransactionDetails.origin(userAgent: request.headers[.userAgent]),
                address: context.clientAddress, network: NetworkName.words(address: context.clientAddress),
                place: provider.surroundings.places.place(of: context.clientAddress),
                alongside: provider.deviceGrant.attachment(narrowed))
            let item =
                isOpen ? try await provider.approvals.startOpen(start) : try await provider.approvals.start(start)
            return Redirect.seeOther("/authorize/\(item.id)")
        } catch let error as RumdulError where error == .identifierInvalid || error.kind == .rateLimited {
            return try consentPage(
                ConsentForm(
                    request: checked, sealed: sealed, isKnown: session != nil && typed.isEmpty, isPosted: true,
                    identifier: typed, refused: error, chosen: Set(chosen)),
                client: client, language: context.language, context: context)
        }
    }

    /// The consent page of a request that is sealed already. Where a form was posted the page has no address of its own; this
    /// is the one under which it shows in the other language. What was typed does not travel in an address.
    private func consentAgain(_ request: Request, _ context: AppContext) async throws -> Response {
        let binding = BrowserBinding(request: request, context: context, ambient: provider.ambient)
        guard !binding.isNew else { throw RumdulError.requestStale }
        let sealed = try QueryParameters.read(request).required("request")
        let checked = try await provider.sealedRequests.open(sealed, browserHash: binding.hash)
        let client = try await provider.client(checked.clientID)
        let session = try await provider.sessions.current(request, binding: binding, context: context)
        return try consentPage(
            ConsentForm(
                request: checked, sealed: sealed,
                isKnown: session != nil && checked.assisted == nil && !checked.prompt.contains("select_account"),
                isPosted: false),
            client: client, language: context.language, context: context)
    }

    /// "No": back to the relying party with `access_denied`; nothing was stored.
    private func cancel(_ request: Request, _ context: AppContext) async throws -> Response {
        let binding = BrowserBinding(request: request, context: context, ambient: provider.ambient)
        let checked = try await provider.sealedRequests.open(
            try QueryParameters.read(request).required("request"), browserHash: binding.hash)
        let client = try await provider.client(checked.clientID)
        try await provider.deviceGrant.cancelled(checked)
        return try await refuse(checked, .accessDenied, client, request, context)
    }

    private func refuse(
        _ checked: AuthorizationRequest, _ error: OAuthError, _ client: RelyingParty, _ request: Request,
        _ context: AppContext
    ) async throws -> Response {
        try await refuse(
            .init(redirectURI: checked.redirectURI, mode: checked.responseMode, state: checked.state, error: error),
            client: client, request, context)
    }

    private func refuse(
        _ refusal: AuthorizationRequest.Refusal, client: RelyingParty, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        try await provider.completion.refuse(refusal, client: client, request, context)
    }

    /// What the consent page shows besides the client.
    struct ConsentForm {
        var request: AuthorizationRequest
        var sealed: String
        /// Whether the browser is in a session, so that no number need be typed.
        var isKnown: Bool
        /// Whether the page answers a form, so that its own address would not show it again.
        var isPosted: Bool
        var identifier: String?
        var refused: RumdulError?
        var chosen: Set<String>?
    }

    private func consentPage(
        _ form: ConsentForm, client: RelyingParty, language: Language, context: AppContext
    ) throws -> Response {
        guard let purpose = client.purpose(form.request.purposeCode) else { throw RumdulError.requestStale }
        var page = ProviderPages.consent(
            ProviderPages.Consent(
                request: form.request, client: client, purpose: purpose, sealed: form.sealed,
                identifier: form.identifier ?? form.request.loginHint, refused: form.refused,
                chosen: form.chosen ?? form.request.essential, isKnown: form.isKnown, now: provider.ambient.now()),
            language: language)
        page.language = language
        if form.isPosted { page.languageSwitch = .path(ProviderPages.consentPath(form.sealed)) }
        if provider.passkeyLogin.isAvailable, let script = context.assetPath("passkey.js") { page.scripts = [script] }
        var response = context.show(page)
        if let seconds = form.refused?.retryAfter { response.headers[.retryAfter] = String(seconds) }
        return response
    }
}

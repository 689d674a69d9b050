import Codecs
import HTTPTypes
import Hummingbird
import Kernel
import KhmerText
import RelyingParties
import Web

/// The authorization endpoint and the pages between it and the redirect back: consent, wait, continue.
///
/// Nothing is stored before a person asks for the approval: the checked request travels sealed in the form, bound to the browser's cookie. That
/// cookie is also the protection against cross-site requests: the sealed request opens for the browser that loaded the page only.
struct AuthorizeRoutes: Sendable {
    let provider: IdentityProvider
    let limiter: RateLimiter
    let csrf: CSRF

    func add(to router: AppRouter) {
        router.get("/authorize") { request, context in
            try await authorize(try QueryParameters.read(request), request, context)
        }
        router.post("/authorize") { request, context in
            try await authorize(try await FormBody.read(request, context: context), request, context)
        }
        router.post("/authorize/start", use: start)
        router.get("/authorize/cancel", use: cancel)
        router.get("/authorize/{transaction}", use: wait)
        router.get("/authorize/{transaction}/status", use: status)
        router.get("/authorize/{transaction}/continue", use: proceed)
    }

    /// RFC 6749 section 4.1.1. Errors go to the redirect URI once client and URI are certain, to a page before.
    private func authorize(_ fields: FormFields, _ request: Request, _ context: AppContext) async throws -> Response {
        let parameters = Dictionary(
            fields.all.filter { !$0.value.isEmpty }.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }
        )
        let party = try await provider.database.read { connection in
            try await provider.parties.party(parameters["client_id"] ?? "", in: connection)
        }
        let (client, redirectURI) = try AuthorizationRequest.trustedRedirect(parameters, client: party)
        let checked: AuthorizationRequest
        do {
            checked = try AuthorizationRequest(
                parameters, client: client, redirectURI: redirectURI, policy: provider.settings.policy)
        } catch let refusal as AuthorizationRequest.Refusal {
            return redirect(to: refusal.redirectURI, error: refusal.error, state: refusal.state, after: request)
        }
        if !checked.dropped.isEmpty {
            provider.logger.notice(
                "attributes outside the registered purpose were dropped",
                metadata: [
                    "client": .string(client.clientID), "purpose": .string(checked.purposeCode),
                    "dropped": .string(checked.dropped.joined(separator: " ")), "trace": .string(context.traceID),
                ])
        }
        let binding = BrowserBinding(request: request, context: context, ambient: provider.ambient)
        let sealed = try await provider.sealedRequests.seal(checked, browserHash: binding.hash)
        let language = parameters["ui_locales"].flatMap { Language(uiLocales: $0) }
        var response = try consentPage(
            checked, client: client, sealed: sealed, identifier: nil, refused: nil, chosen: nil,
            language: language ?? context.language, context: context)
        binding.keep(in: &response, language: language, context: context)
        return response
    }

    /// The form of the consent page: stores the request for approval and shows the number.
    private func start(_ request: Request, _ context: AppContext) async throws -> Response {
        let form = try await FormBody.read(request, context: context)
        try csrf.verifySource(request)
        let binding = BrowserBinding(request: request, context: context, ambient: provider.ambient)
        guard !binding.isNew else { throw RumdulError.requestStale }
        let checked = try await provider.sealedRequests.open(try form.required("request"), browserHash: binding.hash)
        let client = try await party(checked.clientID)
        let chosen = checked.attributes.filter { form.has("attr.\($0)") }
        let typed = form["identifier"] ?? ""
        do {
            try limiter.require("authorize:" + context.clientAddress)
            guard let identifier = try? KhmerDigits.identifier(typed) else { throw RumdulError.identifierInvalid }
            var narrowed = checked
            narrowed.attributes = chosen
            narrowed.essential = checked.essential.intersection(chosen)
            let item = try await provider.approvals.start(
                ApprovalStart(
                    request: narrowed, client: client, identifier: identifier, browserHash: binding.hash,
                    origin: TransactionDetails.origin(userAgent: request.headers[.userAgent])))
            return Redirect.seeOther("/authorize/\(item.id)")
        } catch let error as RumdulError where error == .identifierInvalid || error.kind == .rateLimited {
            return try consentPage(
                checked, client: client, sealed: try form.required("request"), identifier: typed, refused: error,
                chosen: Set(chosen), language: context.language, context: context)
        }
    }

    /// "No": back to the relying party with `access_denied`; nothing was stored.
    private func cancel(_ request: Request, _ context: AppContext) async throws -> Response {
        let binding = BrowserBinding(request: request, context: context, ambient: provider.ambient)
        let checked = try await provider.sealedRequests.open(
            try QueryParameters.read(request).required("request"), browserHash: binding.hash)
        return redirect(to: checked.redirectURI, error: .accessDenied, state: checked.state, after: request)
    }

    private func wait(_ request: Request, _ context: AppContext) async throws -> Response {
        let binding = BrowserBinding(request: request, context: context, ambient: provider.ambient)
        let item = try await provider.approvals.transaction(
            try context.pathParameter("transaction"), browserHash: binding.hash)
        let now = provider.ambient.now()
        if item.status != .pending { return Redirect.found("/authorize/\(item.id)/continue") }
        let client = try await party(item.clientID)
        let page =
            item.isPending(at: now)
            ? ProviderPages.wait(item, client: client, language: context.language)
            : ProviderPages.expired(item, language: context.language)
        return context.show(page)
    }

    /// What the waiting page's script asks every second or two.
    private func status(_ request: Request, _ context: AppContext) async throws -> JSONResponse {
        let binding = BrowserBinding(request: request, context: context, ambient: provider.ambient)
        let id = try context.pathParameter("transaction")
        let (status, expired) = try await provider.approvals.status(id, browserHash: binding.hash)
        var writer = JSONWriter(capacity: 96)
        writer.beginObject()
        writer.member("state", status != .pending || expired ? "done" : "pending")
        writer.member("next", expired ? "/authorize/\(id)" : "/authorize/\(id)/continue")
        writer.endObject()
        return JSONResponse(bytes: writer.bytes)
    }

    /// Back to the relying party: with a code when the device approved, with an error otherwise.
    private func proceed(_ request: Request, _ context: AppContext) async throws -> Response {
        let binding = BrowserBinding(request: request, context: context, ambient: provider.ambient)
        let item = try await provider.approvals.transaction(
            try context.pathParameter("transaction"), browserHash: binding.hash)
        let uri = item.request.redirectURI
        let state = item.request.state
        switch item.status {
        case .pending:
            if item.isPending(at: provider.ambient.now()) { return Redirect.found("/authorize/\(item.id)") }
            return redirect(to: uri, error: .accessDenied, state: state, after: request)
        case .denied, .reported, .mismatch:
            return redirect(to: uri, error: .accessDenied, state: state, after: request)
        case .redeemed, .revoked: throw RumdulError.requestStale
        case .approved:
            let now = provider.ambient.now()
            guard let decided = item.decidedAt, now < decided.adding(seconds: ApprovalService.pickUpLifetime) else {
                throw RumdulError.requestStale
            }
            guard item.meetsEssentialLevel(provider.settings.policy) else {
                return redirect(to: uri, error: .unmetAuthentication, state: state, after: request)
            }
            let code = try await AuthorizationCode(transactionID: item.id, issuedAt: now)
                .encoded(vault: provider.vault)
            return Redirect.found(
                AuthorizationResponse.location(
                    uri, [("code", code), ("state", state), ("iss", provider.settings.issuer)]))
        }
    }

    private func party(_ clientID: String) async throws -> RelyingParty {
        let party = try await provider.database.read { connection in
            try await provider.parties.party(clientID, in: connection)
        }
        guard let party else { throw RumdulError.unknownClient }
        return party
    }

    private func consentPage(
        _ checked: AuthorizationRequest, client: RelyingParty, sealed: String, identifier: String?,
        refused: RumdulError?, chosen: Set<String>?, language: Language, context: AppContext
    ) throws -> Response {
        guard let purpose = client.purpose(checked.purposeCode) else { throw RumdulError.requestStale }
        var page = ProviderPages.consent(
            ProviderPages.Consent(
                request: checked, client: client, purpose: purpose, sealed: sealed, identifier: identifier,
                refused: refused, chosen: chosen ?? checked.essential, now: provider.ambient.now()),
            language: language)
        page.language = language
        return context.show(page)
    }

    private func redirect(to uri: String, error: OAuthError, state: String?, after request: Request) -> Response {
        Redirect.to(
            AuthorizationResponse.location(
                uri,
                [
                    ("error", error.error), ("error_description", error.description), ("state", state),
                    ("iss", provider.settings.issuer),
                ]), after: request
        ).logged(errorCode: "oauth.\(error.error)")
    }
}

/// The authorization response in the query (OAuth 2.0 Multiple Response Types, section 2.1), always with `iss` (RFC 9207).
enum AuthorizationResponse {
    /// The registered URI with these parameters added to whatever query it has.
    static func location(_ uri: String, _ parameters: [(String, String?)]) -> String {
        var location = uri
        for case (let name, let value?) in parameters {
            location += location.contains("?") ? "&" : "?"
            location += name + "=" + percentEncode(value)
        }
        return location
    }

    private static func percentEncode(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: bytes.append(byte)
            default: bytes += [37, hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

import Codecs
import HTTPTypes
import Hummingbird
import Kernel
import RelyingParties
import Web

/// RP-Initiated Logout 1.0. Without proof that the request comes from a client of this session the person is asked first, and only a registered
/// address of a proven client is ever redirected to.
struct LogoutRoutes: Sendable {
    let provider: IdentityProvider
    let csrf: CSRF

    static let path = "/connect/logout"

    func add(to router: AppRouter) {
        router.get("/connect/logout") { request, context in
            try await logout(try QueryParameters.read(request), request, context)
        }
        router.post("/connect/logout") { request, context in
            let form = try await FormBody.read(request, context: context)
            if form.has("confirm") { return try await confirmed(form, request, context) }
            return try await logout(form, request, context)
        }
    }

    private func logout(_ fields: FormFields, _ request: Request, _ context: AppContext) async throws -> Response {
        var hint: IDTokenHints.Hint?
        if let text = fields["id_token_hint"] {
            hint = try await provider.hints.read(text)
            guard hint != nil else { throw RumdulError.logoutHintInvalid }
        }
        if let id = fields["client_id"], let hint, hint.clientID != id { throw RumdulError.logoutHintInvalid }
        let client = try await party(hint?.clientID ?? fields["client_id"])
        let target = try target(fields, client: client)
        let binding = BrowserBinding(request: request, context: context, ambient: provider.ambient)
        let session = try await provider.sessions.current(request, binding: binding, context: context)
        guard let hint, let client else {
            guard session != nil else { return finish(nil, request, context) }
            return ask(request, context, fields: fields)
        }
        guard let session else { return finish(target, request, context) }
        // Proven: an ID token of this client, for the session of this browser.
        let own = try await provider.signOn.sessionIdentifier(session.root, clientID: client.clientID)
        let subject = try await provider.people.subject(of: session.personID, sector: client.subjectSector)
        guard hint.sessionIdentifier == own || (hint.sessionIdentifier == nil && hint.subject == subject) else {
            return ask(request, context, fields: fields)
        }
        try await provider.logout.end(session)
        return finish(target, request, context)
    }

    /// The person said yes on our own page. The way back counts only with a hint.
    private func confirmed(_ form: FormFields, _ request: Request, _ context: AppContext) async throws -> Response {
        try csrf.verifySource(request)
        try csrf.verify(form, request)
        let binding = BrowserBinding(request: request, context: context, ambient: provider.ambient)
        if let session = try await provider.sessions.current(request, binding: binding, context: context) {
            try await provider.logout.end(session)
        }
        var target: String?
        if let text = form["id_token_hint"], let hint = try await provider.hints.read(text) {
            target = try self.target(form, client: try await party(hint.clientID))
        }
        return finish(target, request, context)
    }

    private func party(_ id: String?) async throws -> RelyingParty? {
        guard let id else { return nil }
        return try await provider.database.read { connection in
            try await provider.parties.party(id, in: connection)
        }
    }

    /// The registered address to return to, with `state`; `nil` when none was asked for. Throws for one that is not registered.
    private func target(_ fields: FormFields, client: RelyingParty?) throws -> String? {
        guard let uri = fields["post_logout_redirect_uri"] else { return nil }
        guard let client, client.logout.postLogoutRedirectURIs.contains(where: { sameCodePoints($0, uri) }) else {
            throw RumdulError.logoutRedirectUnknown
        }
        return AuthorizationResponse.location(uri, [("state", fields["state"])])
    }

    private func ask(_ request: Request, _ context: AppContext, fields: FormFields) -> Response {
        let token = csrf.formToken(request)
        var response = context.show(
            ProviderPages.askLogout(
                csrf: token.value, hint: fields["id_token_hint"], target: fields["post_logout_redirect_uri"],
                state: fields["state"]))
        if let cookie = token.cookie { response.headers.append(cookie) }
        return response
    }

    private func finish(_ target: String?, _ request: Request, _ context: AppContext) -> Response {
        var response: Response
        if let target {
            response = Redirect.to(target, after: request)
        } else {
            response = context.show(ProviderPages.loggedOut())
        }
        response.headers.append(provider.sessions.clearedCookie(context))
        return response
    }
}

extension RumdulError {
    static let logoutHintInvalid = RumdulError(
        "logout.hint_invalid", .invalid, km: "សំណើចាកចេញមិនត្រឹមត្រូវ។ អ្នកនៅតែបានចូល។",
        en: "The request to log out is not valid. You are still logged in.")
    static let logoutRedirectUnknown = RumdulError(
        "logout.redirect_uri_mismatch", .invalid, km: "អាសយដ្ឋានត្រឡប់មិនត្រូវនឹងការចុះឈ្មោះទេ។ អ្នកនៅតែបានចូល។",
        en: "The return address does not match the registration. You are still logged in.")
}

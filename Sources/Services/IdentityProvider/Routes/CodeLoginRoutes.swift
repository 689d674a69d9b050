import HTTPTypes
import Hummingbird
import Kernel
import KhmerText
import RelyingParties
import Web

/// The pages of a login with a code: who is it, then the code. The sealed request, which opens for
/// the browser that loaded the consent page only, protects against cross-site requests.
struct CodeLoginRoutes: Sendable {
    let provider: IdentityProvider
    let limiter: RateLimiter
    let csrf: CSRF

    /// How long an answer about a number or a code takes at least, so that nobody can time what was found.
    static let pace = Duration.milliseconds(250)

    func add(to router: AppRouter) {
        router.post("/authorize/code", use: choose)
        router.post("/authorize/code/person", use: person)
        router.post("/authorize/code/enter", use: enter)
        router.get("/authorize/{transaction}/done", use: done)
        if provider.codeLogin.offersMessages { router.post("/authorize/code/message", use: message) }
    }

    /// From the consent page: "I have no phone", with the attributes that were chosen.
    private func choose(_ request: Request, _ context: AppContext) async throws -> Response {
        let (form, binding) = try await read(request, context)
        let checked = try await provider.sealedRequests.open(try form.required("request"), browserHash: binding.hash)
        guard checked.assisted == nil else { throw RumdulError.assistMethod }
        let client = try await provider.client(checked.clientID)
        guard provider.codeLogin.suffices(for: checked) else { throw RumdulError.codeLevel }
        let narrowed = checked.narrowed(to: checked.attributes.filter { form.has("attr.\($0)") })
        let sealed = try await provider.sealedRequests.seal(narrowed, browserHash: binding.hash)
        return context.show(
            CodeLoginPages.person(
                frame(narrowed, client, sealed), identifier: form["identifier"] ?? "",
                refused: nil, language: context.language))
    }

    /// The number was typed: asks for a printed code, whoever it is.
    private func person(_ request: Request, _ context: AppContext) async throws -> Response {
        try await identify(request, context) { checked, digits, client in
            try await provider.codeLogin.begin(checked, identifier: digits, client: client)
        }
    }

    /// The same, with a code by message.
    private func message(_ request: Request, _ context: AppContext) async throws -> Response {
        try await identify(request, context) { checked, digits, client in
            try await provider.codeLogin.sendMessage(
                checked, identifier: digits, client: client, address: context.clientAddress, traceID: context.traceID)
        }
    }

    private func identify(
        _ request: Request, _ context: AppContext,
        _ begin: (AuthorizationRequest, String, RelyingParty) async throws -> CodeLogin.Step
    ) async throws -> Response {
        let start = ContinuousClock.now
        let (form, binding) = try await read(request, context)
        let sealed = try form.required("request")
        let checked = try await provider.sealedRequests.open(sealed, browserHash: binding.hash)
        guard checked.assisted == nil else { throw RumdulError.assistMethod }
        let client = try await provider.client(checked.clientID)
        let typed = form["identifier"] ?? ""
        do {
            try limiter.require("code:" + context.clientAddress)
            guard let digits = try? KhmerDigits.identifier(typed) else { throw RumdulError.identifierInvalid }
            let step = try await begin(checked, digits, client)
            return try await hold(from: start, await ask(step, client: client, nil, binding, context))
        } catch let error as RumdulError where error == .identifierInvalid || error.kind == .rateLimited {
            return Self.limited(
                context.show(
                    CodeLoginPages.person(
                        frame(checked, client, sealed), identifier: typed, refused: error,
                        language: context.language)), error)
        }
    }

    /// The code was typed.
    private func enter(_ request: Request, _ context: AppContext) async throws -> Response {
        let start = ContinuousClock.now
        let (form, binding) = try await read(request, context)
        let step = try await provider.codeLogin.open(try form.required("login"), browserHash: binding.hash)
        let client = try await provider.client(step.request.clientID)
        do {
            try limiter.require("code:" + context.clientAddress)
        } catch {
            return Self.limited(try await ask(step, client: client, error, binding, context), error)
        }
        let code = (try? KhmerDigits.identifier(form["code"] ?? "")) ?? ""
        let item = try await provider.codeLogin.complete(
            step, code: code, client: client, browserHash: binding.hash, address: context.clientAddress,
            origin: TransactionDetails.origin(userAgent: request.headers[.userAgent]))
        if let item { return Redirect.seeOther("/authorize/\(item.id)/done").logged(outcome: "login.code") }
        var next = step
        // By now another number may be asked for: the code was used in another window.
        if step.message == nil {
            next = try await provider.codeLogin.begin(step.request, identifier: step.identifier, client: client)
        }
        return try await hold(from: start, await ask(next, client: client, .codeRefused, binding, context))
    }

    /// Between the form and the relying party: a browser that follows redirects of a form holds them to the page's own
    /// `form-action`, which lets nobody else in.
    private func done(_ request: Request, _ context: AppContext) async throws -> Response {
        let binding = BrowserBinding(request: request, context: context, ambient: provider.ambient)
        let item = try await provider.approvals.transaction(
            try context.pathParameter("transaction"), browserHash: binding.hash)
        return context.show(
            CodeLoginPages.done(item, client: try await provider.client(item.clientID), language: context.language))
    }

    // MARK: Within

    private func read(_ request: Request, _ context: AppContext) async throws -> (FormFields, BrowserBinding) {
        let form = try await FormBody.read(request, context: context)
        try csrf.verifySource(request)
        let binding = BrowserBinding(request: request, context: context, ambient: provider.ambient)
        guard !binding.isNew else { throw RumdulError.requestStale }
        return (form, binding)
    }

    private func ask(
        _ step: CodeLogin.Step, client: RelyingParty, _ refused: RumdulError?, _ binding: BrowserBinding,
        _ context: AppContext
    ) async throws -> Response {
        let request = try await provider.sealedRequests.seal(step.request, browserHash: binding.hash)
        return context.show(
            CodeLoginPages.code(
                frame(step.request, client, request), step,
                login: try await provider.codeLogin.seal(step, browserHash: binding.hash), refused: refused,
                language: context.language))
    }

    private func frame(
        _ request: AuthorizationRequest, _ client: RelyingParty, _ sealed: String
    ) -> CodeLoginPages.Frame {
        .init(
            request: request, client: client, sealed: sealed, offersMessages: provider.codeLogin.offersMessages)
    }

    private func hold(from start: ContinuousClock.Instant, _ response: Response) async throws -> Response {
        try await Task.sleep(until: start + Self.pace, clock: .continuous)
        return response
    }

    private static func limited(_ response: Response, _ error: RumdulError) -> Response {
        var response = response
        if let seconds = error.retryAfter { response.headers[.retryAfter] = String(seconds) }
        return response
    }
}

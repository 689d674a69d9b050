import Codecs
import HTTPTypes
import Hummingbird
import Kernel
import Web

/// What waits for the person, and the decision about it: a passkey approves; being logged in is enough to say no.
struct RequestRoutes: Sendable {
    let portal: CitizenPortal
    let csrf: CSRF
    /// Decisions and preparations of decisions, for each person.
    let limiter: RateLimiter

    static let path = "/app/requests"

    init(portal: CitizenPortal, csrf: CSRF) {
        self.portal = portal
        self.csrf = csrf
        limiter = RateLimiter(RateLimit(30, per: 60), ambient: portal.ambient)
    }

    func add(to router: AppRouter) {
        router.get("/app/requests", use: list)
        router.get("/app/open", use: open)
        router.get("/app/requests/{id}", use: show)
        router.post("/app/requests/{id}/options", use: options)
        router.post("/app/requests/{id}", use: approve)
        router.post("/app/requests/{id}/deny", use: deny)
        router.post("/app/requests/{id}/report", use: report)
    }

    /// Whether a text has the form of a request's identifier. It says nothing of whether there is one.
    static func isIdentifier(_ text: some StringProtocol) -> Bool {
        let bytes = text.utf8
        return bytes.count == 36
            && bytes.allSatisfy { (48...57).contains($0) || (97...102).contains($0) || $0 == UInt8(ascii: "-") }
    }

    private var requests: any WaitingRequests { portal.app.requests }

    /// `?go=1`, where notifications lead, opens the request itself when there is one alone: a push service and whoever sees the locked screen
    /// learn no identifier.
    private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let query = try QueryParameters.read(request)
        guard let (_, person) = try await portal.signedIn(request) else { return welcome(context, to: "requests") }
        let waiting = try await requests.waiting(for: person)
        if query["go"] != nil, waiting.count == 1, let only = waiting.first {
            return Redirect.seeOther(Self.path + "/" + only.id)
        }
        // Only the browser that began a login is led back to its service.
        var back: String?
        if let id = query["back"] { back = try await requests.continuation(id, request, context) }
        return context.show(
            AppViews.requests(
                waiting, notice: query["done"].flatMap(RequestViews.notice), back: back, language: context.language),
            at: .requests)
    }

    /// The address that a native app may have for itself; where there is none, the browser comes here.
    private func open(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let id = try QueryParameters.read(request)["request"], Self.isIdentifier(id) else {
            return Redirect.seeOther(Self.path)
        }
        return Redirect.seeOther(Self.path + "/" + id)
    }

    private func show(_ request: Request, _ context: AppContext) async throws -> Response {
        let id = try context.pathParameter("id")
        guard let (session, person) = try await portal.signedIn(request) else {
            return welcome(context, to: Self.isIdentifier(id) ? "requests/" + id : "requests")
        }
        let found = try await requests.request(id, of: person)
        let here = try await requests.continuation(id, request, context) != nil
        var page = RequestViews.request(
            RequestViews.Shown(
                found: found, isHere: here,
                isNear: found.request.network == NetworkName.words(address: context.clientAddress),
                isByCode: session.isByCode, csrf: session.csrfToken), language: context.language)
        if let script = context.assetPath("requests.js") { page.scripts = [script] }
        return context.show(page, at: .requests)
    }

    /// What the passkey is to sign: the number and the attributes as they were chosen.
    private func options(_ request: Request, _ context: AppContext) async throws -> JSONResponse {
        let (form, session, person) = try await approver(request, context)
        var reader = form.reader
        let number = reader.integer("number", in: 10...99)
        try reader.finish()
        let chosen = form.all.map(\.name).filter { $0.hasPrefix(Self.attributePrefix) }
        let answer = try await requests.options(
            try context.pathParameter("id"), of: person,
            attributes: chosen.map { String($0.dropFirst(Self.attributePrefix.count)) }, number: number,
            session: Self.name(session))
        return JSONResponse(bytes: JSON.bytes(.object(answer)))
    }

    private func approve(_ request: Request, _ context: AppContext) async throws -> JSONResponse {
        let (form, session, person) = try await approver(request, context)
        let id = try context.pathParameter("id")
        try await requests.approve(
            id, of: person, state: try form.required("state"),
            credential: try JSON.parseObject(Array(form.required("credential").utf8)), session: Self.name(session))
        let next = try await requests.continuation(id, request, context) ?? Self.path + "?done=approved"
        return JSONResponse(bytes: JSON.bytes(.object(["next": .string(next)])))
    }

    private func deny(_ request: Request, _ context: AppContext) async throws -> Response {
        try await decline(request, context, report: false)
    }

    private func report(_ request: Request, _ context: AppContext) async throws -> Response {
        try await decline(request, context, report: true)
    }

    private func decline(_ request: Request, _ context: AppContext, report: Bool) async throws -> Response {
        let form = try await FormBody.read(request, context: context)
        let session = try await portal.requireSession(request)
        try csrf.verify(form, request, session: session)
        let (id, person) = (try context.pathParameter("id"), PersonID(session.subject ?? ""))
        try limiter.require(person.text)
        try await requests.decline(id, of: person, report: report)
        // Not straight on to the service: the policy of pages lets forms end here alone.
        return Redirect.seeOther("\(Self.path)?done=\(report ? "reported" : "denied")&back=\(id)")
    }

    /// Who may approve: somebody who proved more than a one-time code.
    private func approver(
        _ request: Request, _ context: AppContext
    ) async throws -> (FormFields, Session, PersonID) {
        let form = try await FormBody.read(request, context: context)
        let session = try await portal.requireAuthenticator(request)
        try csrf.verify(form, request, session: session)
        let person = PersonID(session.subject ?? "")
        try limiter.require(person.text)
        return (form, session, person)
    }

    private static let attributePrefix = "attr."

    /// What names a session in challenges: derived from its secret, and not the secret.
    private static func name(_ session: Session) -> [UInt8] { Array(session.csrfToken.utf8) }

    private func welcome(_ context: AppContext, to place: String) -> Response {
        context.show(PortalViews.welcome(notice: nil, language: context.language, to: place), at: nil)
    }
}

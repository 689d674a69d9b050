import Accountability
import Hummingbird
import Kernel
import RelyingParties
import Web

/// Signing in to the operators' pages, and the officer behind each request, looked up anew so that a lost role counts at once.
struct OperatorDesk: Sendable {
    struct Seat: Sendable {
        let officer: Officer
        let session: Session

        var csrf: String { session.csrfToken }
    }

    let directory: OfficerDirectory
    let sessions: SessionStore
    let csrf: CSRF
    let limiter: RateLimiter

    init(_ world: DeveloperPortal.Surroundings, csrf: CSRF, settings: WebSettings) {
        directory = world.officers
        self.csrf = csrf
        sessions = SessionStore(
            database: world.database, settings: settings, ambient: world.ambient,
            policy: SessionPolicy(kind: "operator", idleSeconds: 1800, absoluteSeconds: 36_000, sameSite: .strict))
        limiter = RateLimiter(RateLimit(20, per: 60), ambient: world.ambient)
    }

    func seat(_ request: Request) async throws -> Seat? {
        guard let session = try await sessions.load(request), let id = session.subject,
            let officer = try await directory.officer(id), officer.may(.relyingPartyApprove, in: nil)
        else { return nil }
        return Seat(officer: officer, session: session)
    }

    /// The officer who sent a form. Throws `web.session_required`, `web.csrf`.
    func form(_ request: Request, _ context: AppContext) async throws -> (Seat, FormFields) {
        guard let seat = try await seat(request) else { throw RumdulError.sessionRequired }
        let form = try await FormBody.read(request, context: context)
        try csrf.verify(form, request, session: seat.session)
        return (seat, form)
    }
}

/// The operators' pages: the list of relying parties and the decision about each request.
struct OperatorRoutes: Sendable {
    let portal: DeveloperPortal
    let desk: OperatorDesk
    /// To see who sits at the developers' pages of the same browser.
    let developers: SessionStore

    static let list = "/operator/relying-parties"

    func add(to router: AppRouter) {
        router.get("/operator") { _, _ in Redirect.found(Self.list) }
        router.get("/operator/login") { try await loginPage($0, $1) }
        router.post("/operator/login") { try await login($0, $1) }
        router.post("/operator/logout") { try await logout($0, $1) }
        router.get("/operator/relying-parties") { try await list($0, $1) }
        router.get("/operator/relying-parties/{client}") { try await detail($0, $1) }
        router.post("/operator/relying-parties/{client}/approve") { try await approve($0, $1) }
        router.post("/operator/relying-parties/{client}/refuse") { try await refuse($0, $1) }
    }

    // MARK: Signing in

    private func loginPage(_ request: Request, _ context: AppContext) async throws -> Response {
        if try await desk.seat(request) != nil { return Redirect.found(Self.list) }
        return page(request, context, username: "", error: nil)
    }

    private func login(_ request: Request, _ context: AppContext) async throws -> Response {
        let form = try await FormBody.read(request, context: context)
        try desk.csrf.verify(form, request)
        try desk.limiter.require("operator:" + context.clientAddress)
        let username = form["username"] ?? ""
        let officer: Officer
        do {
            officer = try await desk.directory.authenticate(username: username, password: form["password"] ?? "")
        } catch let error as RumdulError where error.kind == .unauthenticated {
            return page(request, context, username: username, error: error)
        }
        try officer.require(.relyingPartyApprove, in: nil)
        if let old = try await desk.sessions.load(request) { _ = try await desk.sessions.end(old) }
        let started = try await desk.sessions.start(subject: officer.id)
        return Redirect.seeOther(Self.list).setting(started.cookie).logged(outcome: "operator.signed_in")
    }

    private func page(_ request: Request, _ context: AppContext, username: String, error: RumdulError?) -> Response {
        let token = desk.csrf.formToken(request)
        let view = OperatorViews.login(
            username: String(username.prefix(64)), error: error, csrf: token.value, language: context.language)
        var response = context.show(view)
        if let cookie = token.cookie { response = response.setting(cookie) }
        return error.map { response.logged(errorCode: $0.code) } ?? response
    }

    private func logout(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, _) = try await desk.form(request, context)
        return Redirect.seeOther("/operator/login").setting(try await desk.sessions.end(seat.session))
    }

    // MARK: The list

    /// Open requests, oldest first; or all relying parties by identifier, found by words. A page is an index read either way.
    private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await desk.seat(request) else { return Redirect.found("/operator/login") }
        let query = try QueryParameters.read(request)
        let text = String((query["q"] ?? "").trimmed.prefix(100))
        let show = OperatorViews.Filter(rawValue: query["show"] ?? "") ?? (text.isEmpty ? .waiting : .all)
        var view = OperatorViews.List(filter: text.isEmpty || show != .waiting ? show : .all, text: text)
        let store = portal.clients.store
        if view.filter == .waiting {
            let key = PageKey(query["after"])
            let page = try await portal.world.database.read { connection in
                try await store.openRequests(after: key.map { ($0.at, $0.id) }, limit: 50, in: connection)
            }
            for item in page.requests {
                if let record = try await portal.clients.registry.registration(item.clientID) {
                    view.rows.append((record, item.requestedAt))
                }
            }
            view.next = page.next.map { $0.joined(separator: "_") }
        } else {
            let page = try await portal.clients.registry.page(
                RelyingPartyQuery(text, environment: view.filter.environment, after: query["after"], limit: 50))
            let ids = page.records.map(\.clientID)
            let open = try await portal.world.database.read { try await store.open(among: ids, in: $0) }
            view.rows = page.records.map {
                ($0, open.contains($0.clientID) ? $0.requestedProductionAt ?? $0.updatedAt : nil)
            }
            view.next = page.next
        }
        return context.show(
            OperatorViews.list(view, account: seat.officer.username, csrf: seat.csrf, language: context.language))
    }

    // MARK: One client

    private func detail(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await desk.seat(request) else { return Redirect.found("/operator/login") }
        return try await detailPage(
            seat, context, done: try QueryParameters.read(request)["done"], errors: [])
    }

    private func detailPage(
        _ seat: OperatorDesk.Seat, _ context: AppContext, done: String?, errors: [FieldError]
    ) async throws -> Response {
        let dossier = try await portal.approvals.dossier(try context.pathParameter("client"))
        return context.show(
            OperatorViews.detail(
                dossier, account: seat.officer.username, done: done, errors: errors, csrf: seat.csrf,
                language: context.language))
    }

    private func approve(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await desk.form(request, context)
        let client = try context.pathParameter("client")
        try await portal.approvals.approve(
            client, request: try form.required("request"), by: seat.officer, developer: try await developer(request))
        return Redirect.seeOther("\(Self.list)/\(client)?done=approved").logged(outcome: "relying_party.approved")
    }

    private func refuse(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await desk.form(request, context)
        let client = try context.pathParameter("client")
        var read = form.reader
        let reason = read.text("reason", maximum: 1000, lines: true)
        guard read.errors.isEmpty else { return try await detailPage(seat, context, done: nil, errors: read.errors) }
        try await portal.approvals.refuse(
            client, request: try form.required("request"), reason: reason, by: seat.officer,
            developer: try await developer(request))
        return Redirect.seeOther("\(Self.list)/\(client)?done=refused").logged(outcome: "relying_party.refused")
    }

    private func developer(_ request: Request) async throws -> PersonID? {
        try await developers.load(request)?.subject.map { PersonID($0) }
    }
}

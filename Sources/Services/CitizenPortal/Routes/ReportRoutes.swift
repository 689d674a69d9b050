import Hummingbird
import Kernel
import Web

/// A citizen reports a birth or death of the family, and sees how far it is.
struct ReportRoutes: Sendable {
    let portal: CitizenPortal
    let reports: any CitizenReports
    let csrf: CSRF
    /// Each report is work for an office.
    let sent: RateLimiter

    init(portal: CitizenPortal, reports: any CitizenReports, csrf: CSRF) {
        self.portal = portal
        self.reports = reports
        self.csrf = csrf
        sent = RateLimiter(RateLimit(20, per: 86_400), ambient: portal.ambient)
    }

    func add(to router: AppRouter) {
        router.get("/app/report", use: start)
        router.post("/app/report/find", use: find)
        router.get("/app/report/sent/{tracking}", use: show)
        for event in ReportedEvent.allCases {
            router.get(RouterPath("/app/report/" + event.rawValue)) { try await form(event, $0, $1) }
            router.post(RouterPath("/app/report/" + event.rawValue)) { try await send(event, $0, $1) }
        }
    }

    private func start(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let (session, _) = try await portal.signedIn(request) else { return welcome(context) }
        return context.show(
            ReportViews.start(tracking: "", csrf: session.csrfToken, error: nil, language: context.language), at: .home)
    }

    /// First the place, level by level, then the form.
    private func form(_ event: ReportedEvent, _ request: Request, _ context: AppContext) async throws -> Response {
        guard try await portal.signedIn(request) != nil else { return welcome(context) }
        let session = try await portal.requireAuthenticator(request)
        let query = try QueryParameters.read(request)
        guard let office = query["office"], let words = try await reports.commune(office) else {
            return context.show(
                ReportViews.places(event, try await reports.places(in: query["in"]), language: context.language),
                at: .home)
        }
        let filled = ReportViews.Filled(
            event: event, office: office, place: words, fields: try await reports.form(event, commune: office),
            values: [:], key: portal.ambient.newSecret(bytes: 24))
        return context.show(
            ReportViews.form(filled, csrf: session.csrfToken, language: context.language), at: .home)
    }

    private func send(_ event: ReportedEvent, _ request: Request, _ context: AppContext) async throws -> Response {
        let form = try await FormBody.read(request, context: context)
        let session = try await portal.requireAuthenticator(request)
        try csrf.verify(form, request, session: session)
        let person = PersonID(session.subject ?? "")
        guard let office = form["office"], let words = try await reports.commune(office),
            let key = form["key"], (16...64).contains(key.utf8.count)
        else { return Redirect.seeOther("/app/report") }
        let fields = try await reports.form(event, commune: office)
        var values: [String: String] = [:]
        for field in fields { values[field.id] = form[field.id] }
        do {
            let missing = fields.filter { $0.isRequired && (values[$0.id] ?? "").isEmpty }
            guard missing.isEmpty else {
                throw RumdulError.invalidFields(missing.map { FieldError($0.id, FieldTexts.required) })
            }
            try sent.require(person.text)
            let tracking = try await reports.send(
                event, values.filter { !$0.value.isEmpty }, commune: office, key: key, by: person)
            return Redirect.seeOther("/app/report/sent/" + tracking).logged(outcome: "report.sent")
        } catch let error as RumdulError where !error.fields.isEmpty {
            let filled = ReportViews.Filled(
                event: event, office: office, place: words, fields: fields, values: values, key: key,
                errors: error.fields)
            var page = ReportViews.form(filled, csrf: session.csrfToken, language: context.language)
            page.status = .badRequest
            page.mainErrorCode = error.code
            return context.show(page, at: .home).logged(errorCode: error.code)
        }
    }

    /// The number goes from the form into the address, so that the page can be kept.
    private func find(_ request: Request, _ context: AppContext) async throws -> Response {
        let form = try await FormBody.read(request, context: context)
        let session = try await portal.requireSession(request)
        try csrf.verify(form, request, session: session)
        let typed = form["tracking"] ?? ""
        do {
            let report = try await reports.report(typed, of: PersonID(session.subject ?? ""))
            return Redirect.seeOther("/app/report/sent/" + report.trackingID)
        } catch let error as RumdulError where error.kind == .notFound {
            var page = ReportViews.start(
                tracking: typed, csrf: session.csrfToken, error: error, language: context.language)
            page.status = .notFound
            page.mainErrorCode = error.code
            page.languageSwitch = .path("/app/report")
            return context.show(page, at: .home).logged(errorCode: error.code)
        }
    }

    private func show(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let (_, person) = try await portal.signedIn(request) else { return welcome(context) }
        let report = try await reports.report(try context.pathParameter("tracking"), of: person)
        return context.show(ReportViews.report(report, language: context.language), at: .home)
    }

    private func welcome(_ context: AppContext) -> Response {
        context.show(PortalViews.welcome(notice: nil, language: context.language), at: nil)
    }
}

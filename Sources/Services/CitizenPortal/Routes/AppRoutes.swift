import Accountability
import HTTPTypes
import Hummingbird
import Kernel
import Ledger
import Web

extension CitizenPortal {
    /// The session of a request and whose it is; `nil` when nobody is logged in.
    func signedIn(_ request: Request) async throws -> (session: Session, person: PersonID)? {
        guard let session = try await session(request), let subject = session.subject else { return nil }
        return (session, PersonID(subject))
    }
}

/// The pages of the app besides the first: what waits for me, what is held about me, what happened to my devices.
struct AppRoutes: Sendable {
    let portal: CitizenPortal
    let csrf: CSRF
    /// Each look writes an entry for ever.
    let looks: RateLimiter

    init(portal: CitizenPortal, csrf: CSRF) {
        self.portal = portal
        self.csrf = csrf
        looks = RateLimiter(RateLimit(10, per: 600), ambient: portal.ambient)
    }

    func add(to router: AppRouter) {
        router.get("/app/data", use: askData)
        router.post("/app/data", use: showData)
        router.get("/app/notices", use: notices)
        router.get("/app/documents", use: documents)
        if portal.app.records != nil { router.post("/app/documents", use: showRecords) }
    }

    /// Says what will be shown and that the look is noted. Nothing is read before the person asks.
    private func askData(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let (session, _) = try await portal.signedIn(request) else { return welcome(context) }
        _ = try await portal.requireAuthenticator(request)
        return context.show(AppViews.askData(csrf: session.csrfToken), at: .data)
    }

    private func showData(_ request: Request, _ context: AppContext) async throws -> Response {
        let form = try await FormBody.read(request, context: context)
        let session = try await portal.requireAuthenticator(request)
        try csrf.verify(form, request, session: session)
        let person = PersonID(session.subject ?? "")
        try looks.require(person.text)
        let (app, wish) = (
            portal.app, Self.wish(person, for: OwnDataViews.attributes, service: "own-data", trace: context.traceID)
        )
        let data = try await portal.database.transaction { connection in
            try await app.gate.disclose(wish, from: app.register, in: connection)
        }
        return context.show(
            OwnDataViews.data(
                data, correctable: app.corrections.attributes, at: portal.ambient.now(), csrf: session.csrfToken,
                language: context.language),
            at: .data)
    }

    /// The person's own request: the journal keeps it, as it keeps everybody else's.
    private static func wish(
        _ person: PersonID, for attributes: [AttributeName], service: String, trace: String
    ) -> DisclosureRequest {
        DisclosureRequest(
            subject: person, actor: .subjectSelf,
            organisation: Organisation(
                code: "self", name: LocalizedText(km: "ខ្ញុំផ្ទាល់", en: "Myself")), system: "citizen-portal",
            service: service,
            purpose: Purpose(
                code: "own-data", text: LocalizedText(km: "មើលទិន្នន័យផ្ទាល់ខ្លួន", en: "See my own data")),
            basis: .ownRequest, attributes: attributes, traceID: trace)
    }

    private func notices(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let (_, person) = try await portal.signedIn(request) else { return welcome(context) }
        let before = try QueryParameters.read(request)["before"].map { text in
            guard let cursor = LedgerCursor(text: text) else { throw RumdulError.accessEntryNotFound }
            return cursor
        }
        let page = try await portal.app.audit.page(of: person, before: before)
        let authenticators = portal.authenticators
        let devices = try await portal.database.read { try await authenticators.devices(of: person, in: $0) }
        let names = Dictionary(devices.map { ($0.id, $0.name) }) { first, _ in first }
        return context.show(
            NoticeViews.list(page, devices: names, isFirst: before == nil, language: context.language), at: .notices)
    }

    private func documents(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let (session, _) = try await portal.signedIn(request) else { return welcome(context) }
        return context.show(
            AppViews.documents(csrf: portal.app.records == nil ? nil : session.csrfToken), at: .documents)
    }

    /// The records of civil status, once the person asks: the look is noted.
    private func showRecords(_ request: Request, _ context: AppContext) async throws -> Response {
        let form = try await FormBody.read(request, context: context)
        let session = try await portal.requireAuthenticator(request)
        try csrf.verify(form, request, session: session)
        let person = PersonID(session.subject ?? "")
        try looks.require(person.text)
        let wish = Self.wish(person, for: [.civilRecord], service: "own-records", trace: context.traceID)
        let found = try await portal.app.records?.records(wish) ?? []
        return context.show(OwnRecordViews.page(found, language: context.language), at: .documents)
    }

    private func welcome(_ context: AppContext) -> Response {
        context.show(PortalViews.welcome(notice: nil, language: context.language), at: nil)
    }
}

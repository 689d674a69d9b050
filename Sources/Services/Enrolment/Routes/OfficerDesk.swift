import Accountability
import Database
import Hummingbird
import Kernel
import Web

/// Who sits at the console: signing in and out, and the officer behind each request.
struct OfficerDesk: Sendable {
    /// An officer at work: looked up anew for each request, so that a disabled account or a lost role counts at once.
    struct Seat: Sendable {
        let officer: Officer
        let session: Session

        var csrf: String { session.csrfToken }
    }

    let directory: OfficerDirectory
    let sessions: SessionStore
    let csrf: CSRF
    let limits: EnrolmentLimits

    init(
        directory: OfficerDirectory, database: any Database, settings: WebSettings, ambient: Ambient,
        limits: EnrolmentLimits
    ) {
        self.directory = directory
        self.limits = limits
        csrf = CSRF(settings: settings, ambient: ambient)
        // Half an hour without a request, a working day in any case.
        sessions = SessionStore(
            database: database, settings: settings, ambient: ambient,
            policy: SessionPolicy(
                kind: "enrol-officer", idleSeconds: 1800, absoluteSeconds: 36_000, sameSite: .strict))
    }

    /// The officer of a request, or `nil` when nobody is signed in.
    func seat(_ request: Request) async throws -> Seat? {
        guard let session = try await sessions.load(request), let id = session.subject,
            let officer = try await directory.officer(id), officer.state == .active
        else { return nil }
        return Seat(officer: officer, session: session)
    }

    /// The officer of a request. Throws `web.session_required`.
    func require(_ request: Request) async throws -> Seat {
        guard let seat = try await seat(request) else { throw RumdulError.sessionRequired }
        return seat
    }

    /// The officer who sent a form, with its fields. Throws `web.session_required`, `web.csrf`, and what
    /// `FormBody.read` throws.
    func form(_ request: Request, _ context: AppContext) async throws -> (Seat, FormFields) {
        let seat = try await require(request)
        let form = try await FormBody.read(request, context: context)
        try csrf.verify(form, request, session: seat.session)
        return (seat, form)
    }

    // MARK: Pages

    func loginPage(_ request: Request, _ context: AppContext) async throws -> Response {
        if try await seat(request) != nil { return Redirect.found("/enrol") }
        return page(request, context, username: "", error: nil)
    }

    func login(_ request: Request, _ context: AppContext) async throws -> Response {
        let form = try await FormBody.read(request, context: context)
        try csrf.verify(form, request)
        let username = form["username"] ?? ""
        try await limits.takeLogin(address: context.clientAddress, username: String(username.prefix(64)))
        let officer: Officer
        do {
            officer = try await directory.authenticate(username: username, password: form["password"] ?? "")
        } catch let error as RumdulError where error == .officerCredentials {
            return page(request, context, username: username, error: error)
        }
        guard officer.mayEnrol || officer.mayAssist else { throw RumdulError.officerForbidden }
        if let old = try await sessions.load(request) { _ = try await sessions.end(old) }
        let started = try await sessions.start(subject: officer.id)
        return Redirect.seeOther("/enrol").setting(started.cookie).logged(outcome: "officer.signed_in")
    }

    func logout(_ request: Request, _ context: AppContext) async throws -> Response {
        let form = try await FormBody.read(request, context: context)
        guard let session = try await sessions.load(request) else { return Redirect.seeOther("/enrol/login") }
        try csrf.verify(form, request, session: session)
        return Redirect.seeOther("/enrol/login").setting(try await sessions.end(session))
    }

    private func page(_ request: Request, _ context: AppContext, username: String, error: RumdulError?) -> Response {
        let token = csrf.formToken(request)
        let language = context.language
        var data = FormField.form(
            [
                FormField(
                    "username", LocalizedText(km: "ឈ្មោះអ្នកប្រើ", en: "User name"), value: String(username.prefix(64)),
                    autocomplete: "username", maximumLength: 64),
                FormField(
                    "password", LocalizedText(km: "ពាក្យសម្ងាត់", en: "Password"), type: "password",
                    autocomplete: "current-password", maximumLength: 512),
            ], csrf: token.value, language: language)
        data["notice"] = false
        if let error { data["notice"] = ["kind": "bad", "text": error.message[language]] }
        var page = Page("enrol/login", title: EnrolmentTexts.title, data: data)
        page.languageSwitch = .path("/enrol/login")
        if let error {
            page.status = .unauthorized
            page.mainErrorCode = error.code
        }
        var response = context.show(page)
        if let cookie = token.cookie { response = response.setting(cookie) }
        return error.map { response.logged(errorCode: $0.code) } ?? response
    }
}

import Accountability
import Database
import Hummingbird
import Kernel
import KeyVault
import Web

/// Who sits at a console: signing in and out, and the officer behind each request. Every console of officers has one, with
/// a session of its own.
public struct OfficerDesk: Sendable {
    /// An officer at work: looked up anew for each request, so that a disabled account or a lost role counts at once.
    public struct Seat: Sendable {
        public let officer: Officer
        public let session: Session

        public var csrf: String { session.csrfToken }
    }

    /// One console.
    public struct Console: Sendable {
        /// The name of its sessions (`enrol-officer`).
        public let sessionKind: String
        /// Where it begins (`/enrol`); signing in is at `<home>/login`.
        public let home: String
        public let title: LocalizedText
        public let lead: LocalizedText
        /// The rights one of which lets an officer in.
        public let rights: [Permission]

        public init(
            sessionKind: String, home: String, title: LocalizedText, lead: LocalizedText, rights: [Permission]
        ) {
            self.sessionKind = sessionKind
            self.home = home
            self.title = title
            self.lead = lead
            self.rights = rights
        }

        var login: String { home + "/login" }
    }

    private let console: Console
    private let directory: OfficerDirectory
    private let database: any Database
    public let sessions: SessionStore
    private let csrf: CSRF
    private let loginAddress: SharedRateLimiter
    private let loginName: SharedRateLimiter

    /// - Parameter vault: keys the memory of the rate limits.
    public init(
        _ console: Console, directory: OfficerDirectory, database: any Database, vault: any KeyVault,
        settings: WebSettings, ambient: Ambient
    ) async throws {
        self.console = console
        self.directory = directory
        self.database = database
        csrf = CSRF(settings: settings, ambient: ambient)
        // Half an hour without a request, a working day in any case.
        sessions = SessionStore(
            database: database, settings: settings, ambient: ambient,
            policy: SessionPolicy(
                kind: console.sessionKind, idleSeconds: 1800, absoluteSeconds: 36_000, sameSite: .strict))
        // Tries count for all consoles together.
        let secret = try await vault.mac(Array("enrolment rate limits 1".utf8), purpose: .mac)
        func limiter(_ name: String, _ limit: RateLimit) -> SharedRateLimiter {
            SharedRateLimiter(name: "enrol.\(name)", limit: limit, secret: secret, ambient: ambient)
        }
        loginAddress = limiter("login.address", RateLimit(30, per: 300))
        loginName = limiter("login.name", RateLimit(10, per: 300))
    }

    /// The officer of a request, or `nil` when nobody is signed in.
    public func seat(_ request: Request) async throws -> Seat? {
        guard let session = try await sessions.load(request), let id = session.subject,
            let officer = try await directory.officer(id), officer.state == .active
        else { return nil }
        return Seat(officer: officer, session: session)
    }

    /// The officer of a request. Throws `web.session_required`.
    public func require(_ request: Request) async throws -> Seat {
        guard let seat = try await seat(request) else { throw RumdulError.sessionRequired }
        return seat
    }

    /// The officer who sent a form, with its fields. Throws `web.session_required`, `web.csrf`, and what
    /// `FormBody.read` throws.
    public func form(_ request: Request, _ context: AppContext) async throws -> (Seat, FormFields) {
        let seat = try await require(request)
        let form = try await FormBody.read(request, context: context)
        try csrf.verify(form, request, session: seat.session)
        return (seat, form)
    }

    /// Checks the token of a form that was read in another way. Throws `web.csrf`.
    public func verify(_ form: FormFields, _ request: Request, _ seat: Seat) throws {
        try csrf.verify(form, request, session: seat.session)
    }

    // MARK: Pages

    public func loginPage(_ request: Request, _ context: AppContext) async throws -> Response {
        if try await seat(request) != nil { return Redirect.found(console.home) }
        return page(request, context, username: "", error: nil)
    }

    public func login(_ request: Request, _ context: AppContext) async throws -> Response {
        let form = try await FormBody.read(request, context: context)
        try csrf.verify(form, request)
        let username = form["username"] ?? ""
        try await loginAddress.require(context.clientAddress, in: database)
        try await loginName.require(String(username.prefix(64)).lowercased(), in: database)
        let officer: Officer
        do {
            officer = try await directory.authenticate(username: username, password: form["password"] ?? "")
        } catch let error as RumdulError where error == .officerCredentials {
            return page(request, context, username: username, error: error)
        }
        guard officer.grants.contains(where: { !$0.role.permissions.isDisjoint(with: console.rights) }) else {
            throw RumdulError.officerForbidden
        }
        if let old = try await sessions.load(request) { _ = try await sessions.end(old) }
        let started = try await sessions.start(subject: officer.id)
        return Redirect.seeOther(console.home).setting(started.cookie).logged(outcome: "officer.signed_in")
    }

    public func logout(_ request: Request, _ context: AppContext) async throws -> Response {
        let form = try await FormBody.read(request, context: context)
        guard let session = try await sessions.load(request) else { return Redirect.seeOther(console.login) }
        try csrf.verify(form, request, session: session)
        return Redirect.seeOther(console.login).setting(try await sessions.end(session))
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
        data["title"] = console.title[language]
        data["lead"] = console.lead[language]
        data["action"] = console.login
        var page = Page("desk/login", title: console.title, data: data)
        page.languageSwitch = .path(console.login)
        if let error {
            page.status = .unauthorized
            page.mainErrorCode = error.code
        }
        var response = context.show(page)
        if let cookie = token.cookie { response = response.setting(cookie) }
        return error.map { response.logged(errorCode: $0.code) } ?? response
    }
}

extension OfficerDesk {
    /// The page for signing in: the module `desk`, for `WebApplication`.
    public static let templates = PageTemplates(
        module: "desk",
        templates: [
            "login": """
            <h1>{{title}}</h1>
            <p>{{lead}}</p>
            {{> web/notice}}{{> web/errors}}
            <form class="card" method="post" action="{{action}}" data-once>
            {{> web/csrf}}
            {{#fields}}{{> web/field}}{{/fields}}
            <div class="actions"><button type="submit">{{t.login}}</button></div>
            </form>

            """
        ], texts: [:])
}

import Codecs
import Hummingbird
import Kernel
import Web

/// Logging in, and organisations.
struct DeveloperRoutes: Sendable {
    let portal: DeveloperPortal
    let desk: DeveloperDesk

    func add(to router: AppRouter) {
        router.get("/developers") { try await home($0, $1) }
        router.get("/developers/login") { try await login($0, $1) }
        router.get("/developers/callback") { try await callback($0, $1) }
        router.post("/developers/logout") { try await logout($0, $1) }
        router.post("/developers/organisations") { try await create($0, $1) }
        router.post("/developers/join") { try await join($0, $1) }
        router.get("/developers/organisations/{id}") { try await organisation($0, $1) }
        router.post("/developers/organisations/{id}/invitations") { try await invite($0, $1) }
        router.post("/developers/organisations/{id}/members/{person}/remove") { try await remove($0, $1) }
    }

    // MARK: Logging in

    private func home(_ request: Request, _ context: AppContext) async throws -> Response {
        let done = try QueryParameters.read(request)["done"]
        guard let seat = try await desk.seat(request) else {
            return context.show(DeveloperViews.welcome(done: done, language: context.language))
        }
        return try await homePage(seat, context, done: done)
    }

    private func homePage(
        _ seat: DeveloperDesk.Seat, _ context: AppContext, done: String? = nil, sent: FormFields = FormFields(),
        errors: [FieldError] = []
    ) async throws -> Response {
        let memberships = try await portal.organisations.memberships(of: seat.person)
        return context.show(
            DeveloperViews.home(
                memberships, done: done, sent: sent, errors: errors, csrf: seat.csrf, language: context.language))
    }

    /// Begins the login: state and verifier stay in a session of this browser.
    private func login(_ request: Request, _ context: AppContext) async throws -> Response {
        let ambient = portal.world.ambient
        let (state, verifier) = (ambient.newSecret(), ambient.newSecret())
        let started = try await desk.sessions.start(
            subject: nil, data: ["state": .string(state), "verifier": .string(verifier)])
        return Redirect.found(
            portal.world.login.authorizationURL(
                state: state, codeChallenge: DeveloperDesk.challenge(verifier), language: context.language)
        ).setting(started.cookie)
    }

    /// The way back: the state must be this browser's, the code becomes the person, the session gets a new secret.
    private func callback(_ request: Request, _ context: AppContext) async throws -> Response {
        let query = try QueryParameters.read(request)
        guard let session = try await desk.sessions.load(request), session.subject == nil,
            let state = session.data.string("state"), let verifier = session.data.string("verifier"),
            constantTimeEquals(Array(state.utf8), Array((query["state"] ?? "").utf8))
        else { throw RumdulError.developerLogin }
        guard let code = query["code"] else {
            return Redirect.found("/developers?done=refused").setting(try await desk.sessions.end(session))
        }
        let person = try await portal.world.login.redeem(code: code, codeVerifier: verifier)
        let renewed = try await portal.world.database.transaction { connection in
            try await desk.sessions.renew(session, subject: person.text, data: [:], in: connection)
        }
        return Redirect.found("/developers").setting(renewed.cookie)
    }

    private func logout(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, _) = try await desk.form(request, context)
        return Redirect.seeOther("/developers").setting(try await desk.sessions.end(seat.session))
    }

    // MARK: Organisations

    private func create(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await desk.form(request, context)
        var read = form.reader
        let code = read.value("code", DeveloperViews.codeRule) { DeveloperOrganisation.isCode($0) ? $0 : nil }
        let name = LocalizedText(
            km: Self.shown("org_km", 120, &read), en: Self.shown("org_en", 120, &read))
        let displayName = Self.shown("display_name", 60, &read)
        do {
            try read.finish()
            let made = try await portal.organisations.create(
                code: code ?? "", name: name, displayName: displayName, by: seat.person)
            return Redirect.seeOther("/developers/organisations/\(made.id)")
        } catch let error as RumdulError where !error.fields.isEmpty {
            return try await homePage(seat, context, sent: form, errors: error.fields)
        }
    }

    private func join(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await desk.form(request, context)
        var read = form.reader
        let code = read.text("invitation", maximum: 64)
        let displayName = Self.shown("join_name", 60, &read)
        do {
            try read.finish()
            let joined = try await portal.organisations.join(code: code, displayName: displayName, by: seat.person)
            return Redirect.seeOther("/developers/organisations/\(joined.id)")
        } catch let error as RumdulError where !error.fields.isEmpty {
            return try await homePage(seat, context, sent: form, errors: error.fields)
        }
    }

    /// A text that others read: something must be visible in it, and nothing may turn the direction of writing.
    private static func shown(_ name: String, _ maximum: Int, _ read: inout FieldReader) -> String {
        let text = String(read.text(name, maximum: maximum).trimmed)
        let hidden = text.unicodeScalars.contains { scalar in
            switch scalar.value {
            case 0x7F..<0xA0, 0xAD, 0x61C, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB,
                0xE0000...0xE0FFF:
                true
            default: false
            }
        }
        if hidden { read.refuse(name, FieldTexts.characters) }
        if text.isEmpty, !read.errors.contains(where: { $0.field == name }) { read.refuse(name, FieldTexts.required) }
        return text
    }

    private func organisation(_ request: Request, _ context: AppContext) async throws -> Response {
        try await desk.page(request) { seat in
            try await organisationPage(
                seat, try context.pathParameter("id"), request, context, invitation: nil)
        }
    }

    private func organisationPage(
        _ seat: DeveloperDesk.Seat, _ id: String, _ request: Request, _ context: AppContext, invitation: String?
    ) async throws -> Response {
        let query = try QueryParameters.read(request)
        let member = try await portal.organisations.membership(of: seat.person, in: id)
        let page = try await portal.clients.list(of: id, after: query["after"] ?? "")
        let members = try await portal.organisations.members(of: id)
        return context.show(
            DeveloperViews.organisation(
                member, members: members, clients: page.clients, open: page.open, next: page.next,
                invitation: invitation, done: query["done"], csrf: seat.csrf, language: context.language))
    }

    /// The code is shown on the answer itself and nowhere else.
    private func invite(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await desk.form(request, context)
        let id = try context.pathParameter("id")
        let member = try await portal.organisations.membership(of: seat.person, in: id)
        let role = MemberRole(rawValue: form["role"] ?? "") ?? .developer
        let code = try await portal.organisations.invite(role, by: member)
        return try await organisationPage(seat, id, request, context, invitation: code)
    }

    private func remove(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, _) = try await desk.form(request, context)
        let id = try context.pathParameter("id")
        let member = try await portal.organisations.membership(of: seat.person, in: id)
        let handle = try context.pathParameter("person")
        let members = try await portal.organisations.members(of: id)
        guard let leaving = members.first(where: { $0.handle == handle })?.personID else {
            throw RumdulError.organisationNotFound
        }
        try await portal.organisations.remove(leaving, by: member)
        return Redirect.seeOther(
            leaving == seat.person ? "/developers?done=left" : "/developers/organisations/\(id)?done=removed")
    }
}

import Accountability
import HTTPTypes
import Hummingbird
import Kernel
import KhmerText
import OfficerDesk
import ReferenceData
import Web

/// The officer's page of assisted sessions.
extension ConsoleRoutes {
    /// The routes of assisted sessions.
    func addAssist(to router: AppRouter) {
        router.get("/enrol/assist") { try await assistPage($0, $1) }
        router.post("/enrol/assist/start") { try await startAssist($0, $1) }
        router.post("/enrol/assist/end") { try await endAssist($0, $1) }
    }

    private func assistPage(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await desk.seat(request) else { return Redirect.found("/enrol/login") }
        return try await assistPage(seat, context, errors: [])
    }

    private func assistPage(
        _ seat: OfficerDesk.Seat, _ context: AppContext, errors: [FieldError]
    ) async throws -> Response {
        guard seat.officer.mayAssist else { throw RumdulError.officerForbidden }
        let language = context.language
        let field = AssistViews.placeField(seat.officer)
        var data = FormField.form([field], errors: errors, csrf: seat.csrf, language: language)
        data["notice"] = false
        let session = try await assist.session(of: seat.officer)
        data.merge(AssistViews.session(session, language: language)) { own, _ in own }
        var page = page("enrol/assist", title: AssistViews.title, data: data, seat: seat)
        if !errors.isEmpty {
            page.languageSwitch = .path("/enrol/assist")
            page.status = .badRequest
        }
        return context.show(page)
    }

    /// What people had left in this browser goes before the session begins, and again at its end.
    private func startAssist(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await desk.form(request, context)
        guard seat.officer.mayAssist else { throw RumdulError.officerForbidden }
        guard let digits = try? KhmerDigits.identifier(form["place"] ?? "", limit: 8), let code = PlaceCode(digits),
            let place = try await reference.place(code, on: ambient.now().dayInCambodia),
            seat.officer.may(.assistSession, in: digits)
        else {
            return try await assistPage(
                seat, context, errors: [FieldError("place", RumdulError.assistPlace.message)])
        }
        try await limits.takeAssist(officer: seat.officer.id)
        let started = try await assist.start(at: digits, place.fullName, by: seat.officer)
        let cookie = WebCookie(AssistedSession.cookieName, settings: context.settings)
        return withoutPeople(Redirect.seeOther("/enrol/assist"), context)
            .setting(cookie.set(started.secret, maximumAge: Int(AssistedSession.lifetime)))
            .logged(outcome: "assist.started")
    }

    private func endAssist(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, _) = try await desk.form(request, context)
        try await assist.end(by: seat.officer)
        return forgetting(Redirect.seeOther("/enrol/assist"), context).logged(outcome: "assist.ended")
    }

    /// Logging out of the console ends the session, too.
    func logOut(_ request: Request, _ context: AppContext) async throws -> Response {
        if let seat = try await desk.seat(request) {
            let response = try await desk.logout(request, context)
            try await assist.end(by: seat.officer)
            return forgetting(response, context)
        }
        return try await desk.logout(request, context)
    }

    private func forgetting(_ response: Response, _ context: AppContext) -> Response {
        withoutPeople(response, context)
            .setting(WebCookie(AssistedSession.cookieName, settings: context.settings).clear)
    }

    private func withoutPeople(_ response: Response, _ context: AppContext) -> Response {
        peopleCookies.reduce(response) { $0.setting(WebCookie($1, settings: context.settings).clear) }
    }
}

extension Officer {
    /// Whether the officer has the right to assist anywhere.
    var mayAssist: Bool {
        state == .active && grants.contains { $0.role.permissions.contains(.assistSession) }
    }

    /// Whether the officer has the right to enrol anywhere.
    var mayEnrol: Bool {
        state == .active && grants.contains { $0.role.permissions.contains(.enrolmentOpen) }
    }
}

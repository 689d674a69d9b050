import Accountability
import Hummingbird
import Kernel
import OfficerDesk
import Web

/// Officers' pages for requests for correction.
struct CorrectionConsole: Sendable {
    let console: ConsoleRoutes
    let port: any CorrectionDesk

    static let path = "/enrol/corrections"

    func add(to router: AppRouter) {
        router.get("/enrol/corrections", use: list)
        router.get("/enrol/corrections/{id}", use: show)
        router.post("/enrol/corrections/{id}/propose", use: propose)
        router.post("/enrol/corrections/{id}/accept", use: accept)
        router.post("/enrol/corrections/{id}/refuse", use: refuse)
    }

    private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await console.desk.seat(request) else { return Redirect.found("/enrol/login") }
        let done = try QueryParameters.read(request)["done"].flatMap(CorrectionConsoleViews.notice)
        let waiting = try await port.waiting(for: seat.officer)
        let data = CorrectionConsoleViews.list(
            waiting, officer: seat.officer.id, notice: done, csrf: seat.csrf, language: context.language)
        var page = console.page(
            "enrol/corrections", title: CorrectionConsoleViews.title, data: data, seat: seat)
        page.isWide = true
        return context.show(page)
    }

    private func show(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await console.desk.seat(request) else { return Redirect.found("/enrol/login") }
        return try await show(try context.pathParameter("id"), seat, context)
    }

    private func show(
        _ id: String, _ seat: OfficerDesk.Seat, _ context: AppContext, sent: [String: String]? = nil,
        errors: [FieldError] = []
    ) async throws -> Response {
        let file = try await port.file(id, by: seat.officer, trace: context.traceID)
        let views = PersonViews(
            reference: console.reference, language: context.language, today: console.ambient.now().dayInCambodia)
        let data = CorrectionConsoleViews.file(
            file, facts: views.facts(file.present), officer: seat.officer, sent: sent, errors: errors, csrf: seat.csrf,
            language: context.language)
        var page = console.page("enrol/correction", title: CorrectionConsoleViews.title, data: data, seat: seat)
        page.languageSwitch = .path(Self.path + "/" + id)
        if !errors.isEmpty { page.status = .badRequest }
        return context.show(page)
    }

    private func propose(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await console.desk.form(request, context)
        let id = try context.pathParameter("id")
        var values: [String: String] = [:]
        for (name, value) in form.all where name.hasPrefix("value-") { values[String(name.dropFirst(6))] = value }
        do {
            try await port.propose(id, values: values, seen: form["seen"] ?? "", by: seat.officer)
        } catch let error as RumdulError where !error.fields.isEmpty {
            values["seen"] = form["seen"] ?? ""
            return try await show(id, seat, context, sent: values, errors: CorrectionConsoleViews.placed(error.fields))
                .logged(errorCode: error.code)
        }
        return Redirect.seeOther(Self.path + "?done=proposed").logged(outcome: "correction.proposed")
    }

    private func accept(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, _) = try await console.desk.form(request, context)
        try await port.accept(try context.pathParameter("id"), by: seat.officer)
        return Redirect.seeOther(Self.path + "?done=accepted").logged(outcome: "correction.accepted")
    }

    private func refuse(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await console.desk.form(request, context)
        let id = try context.pathParameter("id")
        do {
            try await port.refuse(id, reason: form["reason"] ?? "", by: seat.officer)
        } catch let error as RumdulError where !error.fields.isEmpty {
            return try await show(id, seat, context, errors: error.fields).logged(errorCode: error.code)
        }
        return Redirect.seeOther(Self.path + "?done=refused").logged(outcome: "correction.refused")
    }
}

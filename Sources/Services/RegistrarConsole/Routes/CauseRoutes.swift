import Accountability
import CivilRegister
import Hummingbird
import Kernel
import OfficerDesk
import Web

/// Causes of death: what waits for a physician or a coder, and the medical certificate of one death.
struct CauseRoutes: Sendable {
    let console: RegistrarConsole

    static let path = "/register/causes"

    func add(to router: AppRouter) {
        router.get("/register/causes", use: list)
        router.post("/register/causes", use: find)
        router.get("/register/causes/{id}", use: show)
        router.post("/register/causes/{id}", use: enter)
    }

    private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await console.desk.seat(request) else {
            return Redirect.found(RegistrarConsole.home + "/login")
        }
        return try await list(seat, context)
    }

    private func list(
        _ seat: OfficerDesk.Seat, _ context: AppContext, number: String = "", error: RumdulError? = nil
    ) async throws -> Response {
        guard !console.offices(of: seat.officer, .medicalWrite).isEmpty else { throw RumdulError.officerForbidden }
        let language = context.language
        let errors = error.map { [FieldError("number", $0.message)] } ?? []
        var data = FormField.form([CauseViews.number(number)], errors: errors, csrf: seat.csrf, language: language)
        var lists: [[String: Any]] = []
        for list in CauseList.allCases where !console.offices(of: seat.officer, list.permission).isEmpty {
            let records = try await console.civil.deaths(list, of: seat.officer)
            lists.append([
                "title": list.label[language], "hasRecords": !records.isEmpty,
                "records": records.map { record in
                    RecordViews.line(record, now: console.ambient.now(), language)
                        .merging(["path": "\(Self.path)/\(record.id)"]) { $1 }
                },
            ])
        }
        data["lists"] = lists
        var page = console.page("register/causes", title: CauseViews.title, data: data, seat: seat)
        page.languageSwitch = .path(Self.path)
        if let error {
            page.status = .init(code: error.kind == .notFound ? 404 : 400)
            page.mainErrorCode = error.code
        }
        return context.show(page)
    }

    /// A death by its number. What was typed travels in the body, never in an address.
    private func find(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await console.desk.form(request, context)
        try await console.searches.require(seat.officer.id, in: console.database)
        let number = String((form["number"] ?? "").prefix(60))
        do {
            let id = try await console.civil.death(numbered: number, by: seat.officer)
            return Redirect.seeOther("\(Self.path)/\(id)")
        } catch let error as RumdulError where error == .civilNotFound {
            return try await list(seat, context, number: number, error: error).logged(errorCode: error.code)
        }
    }

    private func show(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await console.desk.seat(request) else {
            return Redirect.found(RegistrarConsole.home + "/login")
        }
        return try await show(try context.pathParameter("id"), seat, context)
    }

    /// - Parameter sent: what was typed, when it was refused.
    private func show(
        _ id: String, _ seat: OfficerDesk.Seat, _ context: AppContext, sent: FormFields? = nil,
        error: RumdulError? = nil
    ) async throws -> Response {
        let death = try await console.civil.deathToCertify(id, by: seat.officer, traceID: context.traceID)
        let views = CauseViews(records: RecordViews(console: console, language: context.language))
        var data = try await views.data(death, officer: seat.officer, sent: sent, error: error, csrf: seat.csrf)
        data["path"] = "\(Self.path)/\(id)"
        var page = console.page("register/cause", title: CauseViews.title, data: data, seat: seat)
        page.languageSwitch = .path("\(Self.path)/\(id)")
        if let error {
            page.status = .init(code: error.kind == .invalid ? 400 : 409)
            page.mainErrorCode = error.code
        }
        return context.show(page)
    }

    private func enter(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await console.desk.form(request, context)
        let id = try context.pathParameter("id")
        var raw: [String: String] = [:]
        for field in MedicalForm.fields { raw[field.id] = form[field.id].flatMap { $0.isEmpty ? nil : $0 } }
        do {
            try await console.civil.certifyCause(
                id, raw, expectedVersion: form["version"].flatMap { Int($0) },
                by: CivilStep(seat.officer, expected: form["sequence"].flatMap { Int64($0) }))
        } catch let error as RumdulError
            where error.kind == .invalid && !error.fields.isEmpty || error == .civilChanged
        {
            return try await show(id, seat, context, sent: form, error: error).logged(errorCode: error.code)
        }
        return Redirect.seeOther(Self.path).logged(outcome: "civil.cause_stated")
    }
}

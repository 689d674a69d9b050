import CivilRegister
import Hummingbird
import Kernel
import OfficerDesk
import Web

/// Duplicate cases: the list, and both sides of one beside each other.
struct DuplicateRoutes: Sendable {
    let console: RegistrarConsole

    static let path = "/register/duplicates"
    /// Records that were found to be of the same event, of which one is to be revoked.
    static let agreed = "/register/agreed"

    func add(to router: AppRouter) {
        router.get("/register/duplicates", use: list)
        router.get("/register/agreed", use: agreedList)
        router.get("/register/duplicates/{case}", use: show)
        router.post("/register/duplicates/{case}", use: decide)
    }

    private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await console.desk.seat(request) else {
            return Redirect.found(RegistrarConsole.home + "/login")
        }
        let waiting = try await console.civil.waitingDuplicates(of: seat.officer)
        let data = DuplicateViews.list(waiting, csrf: seat.csrf, language: context.language)
        return context.show(console.page("register/duplicates", title: DuplicateViews.title, data: data, seat: seat))
    }

    private func agreedList(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await console.desk.seat(request) else {
            return Redirect.found(RegistrarConsole.home + "/login")
        }
        let agreed = try await console.civil.duplicatesToRevoke(of: seat.officer)
        var data = DuplicateViews.list(agreed, csrf: seat.csrf, language: context.language)
        data["heading"] = DuplicateViews.agreedTitle[context.language]
        data["lead"] = DuplicateViews.agreedLead[context.language]
        return context.show(
            console.page("register/duplicates", title: DuplicateViews.agreedTitle, data: data, seat: seat))
    }

    private func show(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await console.desk.seat(request) else {
            return Redirect.found(RegistrarConsole.home + "/login")
        }
        return try await show(try context.pathParameter("case"), seat, context)
    }

    private func show(
        _ id: String, _ seat: OfficerDesk.Seat, _ context: AppContext, error: RumdulError? = nil, reason: String = ""
    ) async throws -> Response {
        let opened = try await console.civil.duplicate(id, by: seat.officer, traceID: context.traceID)
        let views = DuplicateViews(records: RecordViews(console: console, language: context.language))
        let mayRevoke = seat.officer.may(.civilRevoke, in: opened.about.office)
        let data = try await views.data(
            opened, error: error, reason: reason, mayRevoke: mayRevoke, csrf: seat.csrf)
        var page = console.page("register/duplicate", title: DuplicateViews.title, data: data, seat: seat)
        page.languageSwitch = .path(Self.path + "/" + id)
        if let error {
            page.status = .init(code: error.kind == .invalid ? 400 : 409)
            page.mainErrorCode = error.code
        }
        return context.show(page)
    }

    private func decide(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await console.desk.form(request, context)
        let id = try context.pathParameter("case")
        guard let verdict = form["verdict"].flatMap(DuplicateCase.Verdict.init(rawValue:)) else {
            throw RumdulError.missingParameter("verdict")
        }
        do {
            _ = try await console.civil.decide(
                id, verdict, reason: form["reason"] ?? "", by: CivilStep(seat.officer))
        } catch let error as RumdulError where error.code.hasPrefix("civil.") && error != .civilNotFound {
            return try await show(id, seat, context, error: error, reason: form["reason"] ?? "")
                .logged(errorCode: error.code)
        }
        return Redirect.seeOther(Self.path).logged(outcome: "civil.duplicate_decided")
    }
}

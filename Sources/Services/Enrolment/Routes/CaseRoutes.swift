import Accountability
import Hummingbird
import Kernel
import OfficerDesk
import Web

extension ConsoleRoutes {
    /// The routes of one case.
    func addCases(to router: AppRouter) {
        router.get("/enrol/cases/{id}") { try await casePage($0, $1) }
        router.get("/enrol/cases/{id}/status") { try await status($0, $1) }
        router.post("/enrol/cases/{id}/code") { request, context in
            try await change(request, context) { seat, id, form in
                guard let serial = form["serial"].flatMap(Int.init) else {
                    throw RumdulError.missingParameter("serial")
                }
                _ = try await service.issueActivationCode(id, afterSerial: serial, by: seat.officer)
                return "enrolment.code_issued"
            }
        }
        router.post("/enrol/cases/{id}/confirm") { request, context in
            try await change(request, context) { seat, id, form in
                let device = try form.required("device")
                guard let same = form["same"], same == "yes" || same == "no" else {
                    throw RumdulError.missingParameter("same")
                }
                let enrolment = try await service.confirm(id, device: device, same: same == "yes", by: seat.officer)
                return "enrolment.\(enrolment.state.rawValue)"
            }
        }
        router.post("/enrol/cases/{id}/cancel") { request, context in
            try await change(request, context) { seat, id, _ in
                _ = try await service.cancel(id, by: seat.officer)
                return "enrolment.cancelled"
            }
        }
    }

    private func casePage(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await desk.seat(request) else { return Redirect.found("/enrol/login") }
        let enrolment = try await service.enrolment(try context.pathParameter("id"), by: seat.officer)
        let mayActivate = seat.officer.may(.enrolmentActivate, in: enrolment.area)
        var code: (issued: IssuedCode, picture: SafeHTML)?
        if mayActivate, let issued = try await service.currentCode(enrolment.id, by: seat.officer) {
            let label = EnrolmentTexts.all["scanTitle"]?[context.language] ?? "QR"
            code = (issued, SafeHTML(try QRCode.svg(issued.url, label: label)))
        }
        let views = CaseViews(
            language: context.language, now: ambient.now(), caseLifetime: service.settings.caseLifetime)
        let data = views.values(
            enrolment, code: code, rights: .init(mayActivate: mayActivate), csrf: seat.csrf)
        var page = page("enrol/case", title: EnrolmentTexts.enrolment, data: data, seat: seat)
        if data["poll"] is String { page.refreshWithoutScript = 5 }
        return context.show(page)
    }

    /// What the page's script asks: `pending` while nothing has changed since the page was made.
    private func status(_ request: Request, _ context: AppContext) async throws -> Response {
        let seat = try await desk.require(request)
        let enrolment = try await service.enrolment(try context.pathParameter("id"), by: seat.officer)
        let now = CaseViews.seen(enrolment, at: ambient.now(), caseLifetime: service.settings.caseLifetime)
        let seen = try QueryParameters.read(request)["seen"]
        return JSONResponse(["state": .string(seen == now ? "pending" : "changed")]).response
    }

    /// A form on a case's page: does it, and shows the page again.
    private func change(
        _ request: Request, _ context: AppContext,
        _ body: (OfficerDesk.Seat, String, FormFields) async throws -> String
    ) async throws -> Response {
        let (seat, form) = try await desk.form(request, context)
        let id = try context.pathParameter("id")
        let outcome = try await body(seat, id, form)
        return Redirect.seeOther("/enrol/cases/\(id)").logged(outcome: outcome)
    }
}

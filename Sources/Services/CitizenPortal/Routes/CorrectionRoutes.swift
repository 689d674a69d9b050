import Accountability
import Hummingbird
import Kernel
import Web

/// The person asks for a correction, and sees how it stands.
struct CorrectionRoutes: Sendable {
    let portal: CitizenPortal
    let csrf: CSRF

    private var requests: any CorrectionRequests { portal.app.corrections }

    func add(to router: AppRouter) {
        router.get("/app/corrections", use: list)
        router.post("/app/corrections", use: ask)
        router.post("/app/corrections/{id}/withdraw", use: takeBack)
    }

    private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let (session, person) = try await portal.signedIn(request) else {
            return context.show(PortalViews.welcome(notice: nil, language: context.language), at: nil)
        }
        let query = try QueryParameters.read(request)
        var form = CorrectionForm()
        form.attribute = query["field"] ?? ""
        return try await show(
            form, of: person, csrf: session.csrfToken, done: query["done"].flatMap(CorrectionViews.notice), context)
    }

    private func ask(_ request: Request, _ context: AppContext) async throws -> Response {
        let (sent, session, person) = try await form(request, context)
        let form = CorrectionForm(
            attribute: sent["field"] ?? "", wish: sent["wish"] ?? "", why: sent["why"] ?? "",
            evidence: sent["evidence"] ?? "")
        do {
            guard requests.attributes.contains(AttributeName(rawValue: form.attribute)) else {
                throw RumdulError.invalidFields([FieldError("field", CorrectionViews.choose)])
            }
            try await requests.ask(
                AttributeName(rawValue: form.attribute), wish: form.wish, why: form.why, evidence: sent["evidence"],
                by: person)
        } catch let error as RumdulError where !error.fields.isEmpty || error.kind == .conflict {
            // What was typed stays on the page.
            var again = form
            again.refusal = error
            return try await show(again, of: person, csrf: session.csrfToken, done: nil, context)
                .logged(errorCode: error.code)
        }
        return Redirect.seeOther("/app/corrections?done=asked").logged(outcome: "correction.requested")
    }

    private func takeBack(_ request: Request, _ context: AppContext) async throws -> Response {
        let (_, _, person) = try await form(request, context)
        try await requests.takeBack(try context.pathParameter("id"), by: person)
        return Redirect.seeOther("/app/corrections?done=withdrawn").logged(outcome: "correction.withdrawn")
    }

    private func form(
        _ request: Request, _ context: AppContext
    ) async throws -> (FormFields, Session, PersonID) {
        let form = try await FormBody.read(request, context: context)
        let session = try await portal.requireSession(request)
        try csrf.verify(form, request, session: session)
        return (form, session, PersonID(session.subject ?? ""))
    }

    private func show(
        _ form: CorrectionForm, of person: PersonID, csrf: String,
        done: (text: LocalizedText, kind: String)?, _ context: AppContext
    ) async throws -> Response {
        let page = CorrectionViews.page(
            try await requests.requests(of: person), form: form, port: requests, csrf: csrf, notice: done,
            language: context.language)
        return context.show(page, at: .data)
    }
}

/// What stands in the form.
struct CorrectionForm: Sendable {
    var attribute = ""
    var wish = ""
    var why = ""
    var evidence = ""
    /// Why it was not taken.
    var refusal: RumdulError?
}

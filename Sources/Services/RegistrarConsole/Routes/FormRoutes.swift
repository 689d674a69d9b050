import Accountability
import CivilRegister
import Hummingbird
import Kernel
import OfficerDesk
import Web

/// The forms: a new event, a draft or returned declaration taken up again, a correction.
struct FormRoutes: Sendable {
    let console: RegistrarConsole

    func add(to router: AppRouter) {
        router.get("/register/new/{kind}", use: new)
        router.post("/register/new/{kind}", use: sendNew)
        router.get("/register/records/{id}/edit", use: edit)
        router.post("/register/records/{id}/edit", use: sendEdit)
        router.get("/register/records/{id}/correct", use: correct)
        router.post("/register/records/{id}/correct", use: sendCorrection)
        router.get("/register/records/{id}/replace", use: replace)
        router.post("/register/records/{id}/replace", use: sendReplacement)
    }

    /// What a form is for and what stands in it.
    struct Filled {
        var kind: VitalEventKind
        var office: String
        var values: [String: String]
        var path: String
        var requestKey: String
        var sequence: Int64?
        var isCorrection = false
        /// Whether the change is a new record in this one's place.
        var isReplacement = false
        var reason = ""
        var basis = ""
        var notice: (kind: String, text: LocalizedText)?
    }

    // MARK: New

    private func new(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await console.desk.seat(request) else { return login }
        let kind = try kind(context)
        let areas = console.offices(of: seat.officer, .civilDeclare)
        guard !areas.isEmpty else { throw RumdulError.officerForbidden }
        let office = areas.first { $0.utf8.count == 6 } ?? ""
        return try await show(
            Filled(
                kind: kind, office: office, values: [:], path: "/register/new/\(kind.rawValue)",
                requestKey: console.ambient.newSecret(bytes: 24)), seat, context)
    }

    private func sendNew(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await console.desk.form(request, context)
        let kind = try kind(context)
        var filled = try await read(form, kind: kind, path: "/register/new/\(kind.rawValue)", context)
        return try await send(&filled, record: nil, form, seat, context)
    }

    // MARK: A record taken up again

    private func edit(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await console.desk.seat(request) else { return login }
        let id = try context.pathParameter("id")
        let record = try await console.civil.view(id, by: seat.officer, traceID: context.traceID).record
        guard record.allows(.declare) else { throw RumdulError.civilState }
        return try await show(
            Filled(
                kind: record.kind, office: record.office, values: record.declaration.values,
                path: "/register/records/\(id)/edit", requestKey: console.ambient.newSecret(bytes: 24),
                sequence: record.sequence,
                notice: record.reason.map {
                    (
                        "warn",
                        LocalizedText(km: "\(record.state.label.km)៖ \($0)", en: "\(record.state.label.en): \($0)")
                    )
                }), seat, context)
    }

    private func sendEdit(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await console.desk.form(request, context)
        let id = try context.pathParameter("id")
        let record = try await console.civil.view(id, by: seat.officer, traceID: context.traceID).record
        var filled = try await read(
            form, kind: record.kind, path: "/register/records/\(id)/edit", of: record.office, context)
        return try await send(&filled, record: id, form, seat, context)
    }

    private func send(
        _ filled: inout Filled, record: String?, _ form: FormFields, _ seat: OfficerDesk.Seat, _ context: AppContext
    ) async throws -> Response {
        let step = CivilStep(seat.officer, expected: filled.sequence, transactionID: filled.requestKey)
        do {
            switch form["action"] {
            case "fill":
                filled.values = try await console.civil.prefilled(
                    filled.kind, filled.values, office: filled.office, by: seat.officer, traceID: context.traceID)
                return try await show(filled, seat, context)
            case "draft" where record == nil:
                let draft = try await console.civil.draft(filled.kind, filled.values, office: filled.office, by: step)
                return Redirect.seeOther("/register/records/\(draft.id)").logged(outcome: "civil.drafted")
            default:
                let against = try await console.civil.standing(
                    filled.kind, filled.values, office: filled.office, by: seat.officer, traceID: context.traceID)
                guard against.isEmpty else { throw RumdulError.civilInvalid(against) }
                let declared = try await console.civil.declare(
                    filled.kind, filled.values, record: record, office: filled.office, by: step)
                return Redirect.seeOther("/register/records/\(declared.id)").logged(outcome: "civil.declared")
            }
        } catch let error as RumdulError where !error.fields.isEmpty {
            return try await show(filled, seat, context, errors: error.fields).logged(errorCode: error.code)
        }
    }

    // MARK: Corrections

    private func correct(_ request: Request, _ context: AppContext) async throws -> Response {
        try await change(request, context, .requestCorrection)
    }

    /// A birth registered anew in another's place, by the general department.
    private func replace(_ request: Request, _ context: AppContext) async throws -> Response {
        try await change(request, context, .requestReplacement)
    }

    private func change(_ request: Request, _ context: AppContext, _ action: VitalAction) async throws -> Response {
        guard let seat = try await console.desk.seat(request) else { return login }
        let id = try context.pathParameter("id")
        let record = try await console.civil.view(id, by: seat.officer, traceID: context.traceID).record
        guard record.allows(action) else { throw RumdulError.civilState }
        let isReplacement = action == .requestReplacement
        return try await show(
            Filled(
                kind: record.kind, office: record.office, values: record.declaration.values,
                path: "/register/records/\(id)/\(isReplacement ? "replace" : "correct")",
                requestKey: console.ambient.newSecret(bytes: 24),
                sequence: record.sequence, isCorrection: true, isReplacement: isReplacement), seat, context)
    }

    private func sendCorrection(_ request: Request, _ context: AppContext) async throws -> Response {
        try await send(request, context, isReplacement: false)
    }

    private func sendReplacement(_ request: Request, _ context: AppContext) async throws -> Response {
        try await send(request, context, isReplacement: true)
    }

    private func send(_ request: Request, _ context: AppContext, isReplacement: Bool) async throws -> Response {
        let (seat, form) = try await console.desk.form(request, context)
        let id = try context.pathParameter("id")
        let record = try await console.civil.view(id, by: seat.officer, traceID: context.traceID).record
        var filled = try await read(
            form, kind: record.kind, path: "/register/records/\(id)/\(isReplacement ? "replace" : "correct")",
            of: record.office, context)
        (filled.isCorrection, filled.isReplacement) = (true, isReplacement)
        filled.reason = form["reason"] ?? ""
        filled.basis = form["basis"] ?? ""
        var changed = filled.values
        for field in record.declaration.values.keys where changed[field] == nil { changed[field] = "" }
        do {
            let step = CivilStep(seat.officer, expected: filled.sequence, transactionID: filled.requestKey)
            if isReplacement {
                _ = try await console.civil.requestReplacement(
                    id, changed, reason: filled.reason, basis: filled.basis, by: step)
            } else {
                _ = try await console.civil.requestCorrection(
                    id, changed, reason: filled.reason, basis: filled.basis, by: step)
            }
            return Redirect.seeOther("/register/records/\(id)").logged(outcome: "civil.correction_requested")
        } catch let error as RumdulError where !error.fields.isEmpty || error == .civilCourtNeeded {
            let fields = error.fields.isEmpty ? [FieldError("basis", error.message)] : error.fields
            return try await show(filled, seat, context, errors: fields).logged(errorCode: error.code)
        }
    }

    // MARK: Within

    private var login: Response { Redirect.found(RegistrarConsole.home + "/login") }

    private func kind(_ context: AppContext) throws -> VitalEventKind {
        guard let kind = VitalEventKind(rawValue: try context.pathParameter("kind")) else {
            throw RumdulError.civilNotFound
        }
        return kind
    }

    /// The fields of a form; names of places become codes.
    /// - Parameter kept: the office of a record that is there already.
    private func read(
        _ form: FormFields, kind: VitalEventKind, path: String, of kept: String? = nil, _ context: AppContext
    ) async throws -> Filled {
        let definition = EventForm.of(kind)
        let office = kept ?? form["office"] ?? ""
        var typed: [String: String] = [:]
        for field in definition.fields { typed[field.id] = form[field.id].flatMap { $0.isEmpty ? nil : $0 } }
        let values = try await codes(
            typed, kind: kind, office: office, on: console.ambient.now().dayInCambodia)
        let key = form["request_key"] ?? ""
        return Filled(
            kind: kind, office: office, values: values, path: path,
            requestKey: (16...128).contains(key.utf8.count) ? key : console.ambient.newSecret(bytes: 24),
            sequence: form["sequence"].flatMap { Int64($0) })
    }

    /// What was typed, with names of places as codes.
    func codes(
        _ typed: [String: String], kind: VitalEventKind, office: String, on day: CalendarDate
    ) async throws -> [String: String] {
        var values = typed
        for field in EventForm.of(kind).fields {
            guard case .place = field.type, let text = typed[field.id] else { continue }
            values[field.id] = try await console.places.code(text, office: office, on: day)
        }
        return values
    }

    /// The places of a form in words, so that a clerk sees what a code or a name was taken for.
    private func words(
        of filled: Filled, on day: CalendarDate, _ language: Language
    ) async throws -> [String: String] {
        var words: [String: String] = [:]
        for field in EventForm.of(filled.kind).fields {
            guard case .place = field.type, let code = filled.values[field.id], words[code] == nil else { continue }
            let text = try await console.places.words(code, on: day, language)
            if text != code { words[code] = text }
        }
        return words
    }

    private func show(
        _ filled: Filled, _ seat: OfficerDesk.Seat, _ context: AppContext, errors: [FieldError] = []
    ) async throws -> Response {
        let language = context.language
        let today = console.ambient.now().dayInCambodia
        var data = FormViews.data(
            filled, errors: errors, places: try await words(of: filled, on: today, language), csrf: seat.csrf,
            language: language)
        data["places"] = try await console.places.suggestions(filled.office, on: today, language)
        let hasFixedOffice = filled.path.hasSuffix("/edit") || filled.isCorrection
        data["officeField"] =
            hasFixedOffice
            ? false as Any
            : FormField(
                "office", ConsoleTexts.office, value: filled.office, hint: ConsoleTexts.officeHint, autocomplete: "off",
                inputMode: "numeric", maximumLength: 6
            ).view(language, errors: errors)
        var page = console.page("register/form", title: filled.kind.label, data: data, seat: seat)
        page.languageSwitch = .path(filled.path)
        if let script = context.assetPath("register.js") { page.scripts = [script] }
        if !errors.isEmpty { page.status = .badRequest }
        return context.show(page)
    }
}

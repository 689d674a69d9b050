import Accountability
import Hummingbird
import Kernel
import KhmerText
import OfficerDesk
import PopulationRegister
import Web

/// Legal stay of foreigners, stateless people and refugees: looking at it and noting it. Codes of people travel in bodies
/// only, so each page about a person answers a form.
struct StayRoutes: Sendable {
    let console: RegistrarConsole

    static let path = "/register/stays"
    /// What the officer sees of the person.
    static let attributes: [AttributeName] = [.name, .nameLatin, .gender, .birthdate, .nationality, .legalStay]

    func add(to router: AppRouter) {
        router.get("/register/stays", use: ask)
        router.post("/register/stays", use: look)
        router.post("/register/stays/record", use: record)
    }

    private func ask(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await console.desk.seat(request) else {
            return Redirect.found(RegistrarConsole.home + "/login")
        }
        return try ask(seat, context, code: "", errors: [])
    }

    private func ask(
        _ seat: OfficerDesk.Seat, _ context: AppContext, code: String, errors: [FieldError]
    ) throws -> Response {
        guard !console.offices(of: seat.officer, .stayRead).isEmpty else { throw RumdulError.officerForbidden }
        let data = StayViews.asking(code: code, errors: errors, csrf: seat.csrf, language: context.language)
        return show("register/stays", data, seat, context, isRefused: !errors.isEmpty)
    }

    private func look(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await console.desk.form(request, context)
        return try await look(form, seat, context)
    }

    /// A person's page. Each look is an entry of the person's journal.
    private func look(
        _ form: FormFields, _ seat: OfficerDesk.Seat, _ context: AppContext, error: RumdulError? = nil,
        notice: LocalizedText? = nil
    ) async throws -> Response {
        let typed = String((form["code"] ?? "").prefix(60))
        let found = try await find(typed, form, seat, context)
        guard let found else {
            return try ask(seat, context, code: typed, errors: [FieldError("code", StayViews.nobody)])
        }
        let data = StayViews.person(
            found.attributes, code: typed, asked: found.asked, mayRecord: found.mayRecord, error: error,
            notice: notice, sent: error == nil ? FormFields() : form, today: console.ambient.now().dayInCambodia,
            csrf: seat.csrf, language: context.language)
        return show("register/stay", data, seat, context, error: error)
    }

    private struct Found: Sendable {
        let attributes: DisclosedAttributes
        let asked: StayViews.Asked
        let mayRecord: Bool
    }

    /// The person of a code, where the officer may see it; `nil` otherwise, and for who is not there.
    private func find(
        _ typed: String, _ form: FormFields, _ seat: OfficerDesk.Seat, _ context: AppContext
    ) async throws -> Found? {
        try await console.searches.require(seat.officer.id, in: console.database)
        guard let identifier = try? PersonIdentifier(entered: typed) else { return nil }
        let asked = StayViews.Asked(
            on: form["on"].flatMap { try? KhmerDates.parse($0) },
            known: form["known"].flatMap { try? KhmerDates.parse($0) })
        let (people, officer) = (console.people, seat.officer)
        guard
            let person = try await console.database.transaction({ connection in
                try await people.usable(identifier, in: connection)
            })
        else { return nil }
        let area = try await people.area(of: person)
        guard officer.may(.stayRead, in: area) else { return nil }
        let wish = DisclosureRequest(
            subject: person, actor: try officer.acting(.stayRead, in: area), organisation: officer.organisation,
            system: "civil-register", service: "legal-stay", purpose: StayViews.purpose,
            basis: .statute("KH-IMMIGRATION-1994"), attributes: Self.attributes, traceID: context.traceID)
        let day = asked.on ?? console.ambient.now().dayInCambodia
        let told = try await people.read(
            wish, on: day, knownAt: asked.known.map(HouseholdViews.endOfDay))
        return Found(
            attributes: told, asked: asked, mayRecord: !asked.isPast && officer.may(.stayWrite, in: area))
    }

    private func record(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await console.desk.form(request, context)
        let typed = String((form["code"] ?? "").prefix(60))
        try await console.searches.require(seat.officer.id, in: console.database)
        guard let identifier = try? PersonIdentifier(entered: typed),
            let person = try await console.database.transaction({ connection in
                try await console.people.usable(identifier, in: connection)
            })
        else { return try ask(seat, context, code: typed, errors: [FieldError("code", StayViews.nobody)]) }
        do {
            let stay = try stay(form)
            try await console.people.recordStay(
                stay, of: person, reference: form["reference"] ?? "", endedOn: try date(form, "ended"),
                by: .officer(seat.officer))
        } catch let error as RumdulError where error == .personInvalid([]) || error == .personChanged {
            return try await look(form, seat, context, error: error).logged(errorCode: error.code)
        }
        return try await look(
            FormFields([("code", typed)]), seat, context, notice: StayViews.noted
        ).logged(outcome: "person.stay_recorded")
    }

    /// What was typed; `nil` for the end of the last ground.
    private func stay(_ form: FormFields) throws -> LegalStay? {
        if form["action"] == "end" { return nil }
        var errors: [FieldError] = []
        let basis = form["basis"].flatMap(LegalStay.Basis.init(rawValue:))
        if basis == nil { errors.append(FieldError("basis", HouseholdViews.pick)) }
        var days: [String: CalendarDate] = [:]
        for name in ["from", "until"] {
            guard let text = form[name] else { continue }
            days[name] = try? KhmerDates.parse(text)
            if days[name] == nil { errors.append(FieldError(name, HouseholdViews.dayError)) }
        }
        if form["from"] == nil { errors.append(FieldError("from", HouseholdViews.dayError)) }
        guard errors.isEmpty, let basis, let from = days["from"] else { throw RumdulError.personInvalid(errors) }
        return LegalStay(basis, number: form["number"], office: form["office"] ?? "", from: from, until: days["until"])
    }

    private func date(_ form: FormFields, _ name: String) throws -> CalendarDate? {
        guard let text = form[name] else { return nil }
        guard let day = try? KhmerDates.parse(text) else {
            throw RumdulError.personInvalid([FieldError(name, HouseholdViews.dayError)])
        }
        return day
    }

    private func show(
        _ template: String, _ data: [String: Any], _ seat: OfficerDesk.Seat, _ context: AppContext,
        error: RumdulError? = nil, isRefused: Bool = false
    ) -> Response {
        var page = console.page(template, title: StayViews.title, data: data, seat: seat)
        page.languageSwitch = .path(Self.path)
        if isRefused { page.status = .badRequest }
        if let error {
            page.status = .init(code: error.kind == .invalid ? 400 : 409)
            page.mainErrorCode = error.code
        }
        return context.show(page)
    }
}

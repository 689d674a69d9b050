import Accountability
import CivilRegister
import Hummingbird
import Kernel
import KhmerText
import OfficerDesk
import PopulationRegister
import ReferenceData
import Web

/// Households: finding, opening, looking at, changing them. Codes of people travel in bodies only.
struct HouseholdRoutes: Sendable {
    let console: RegistrarConsole

    static let path = "/register/households"
    /// What an officer sees of each member.
    static let attributes: [AttributeName] = [.name, .nameLatin, .gender, .birthdate, .household]

    func add(to router: AppRouter) {
        router.get("/register/households", use: list)
        router.post("/register/households/search", use: search)
        router.get("/register/households/new", use: newForm)
        router.post("/register/households/new", use: open)
        router.get("/register/households/{id}", use: show)
        router.post("/register/households/{id}/do", use: act)
    }

    /// The steps that a household's page offers.
    enum Step: String, CaseIterable {
        case add, head, leave, relation, move, split, book, close
    }

    // MARK: Finding

    private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await console.desk.seat(request) else { return login }
        return try await list(seat, context, village: try QueryParameters.read(request)["village"])
    }

    private func list(
        _ seat: OfficerDesk.Seat, _ context: AppContext, village: String? = nil, query: String = "",
        notice: LocalizedText? = nil, error: FieldError? = nil
    ) async throws -> Response {
        let hand = RegisterHand.officer(seat.officer)
        guard !console.offices(of: seat.officer, .householdRead).isEmpty else { throw RumdulError.officerForbidden }
        let today = console.ambient.now().dayInCambodia
        var found: [HouseholdSummary] = []
        var errors = [error].compactMap(\.self)
        if let village, !village.isEmpty {
            if let code = try await self.village(village, seat.officer, on: today) {
                found = try await console.people.households(village: code, limit: 100, by: hand)
            } else {
                errors.append(FieldError("village", ConsoleTexts.searchPlaceError))
            }
        }
        let views = HouseholdViews(console: console, language: context.language)
        var data = FormField.form([], errors: errors, csrf: seat.csrf, language: context.language)
        data["notice"] = notice.map { ["kind": "warn", "text": $0[context.language]] as Any } ?? false
        data["queryField"] = HouseholdViews.query(query).view(context.language, errors: errors)
        data["villageField"] = HouseholdViews.villageField(village ?? "").view(context.language, errors: errors)
        data["places"] = try await places(seat.officer, on: today, context.language)
        data["searched"] = village?.isEmpty == false && errors.isEmpty
        data["found"] = try await views.lines(found, on: today)
        data["hasFound"] = !found.isEmpty
        let headless = try await console.people.headlessHouseholds(by: hand)
        data["headless"] = try await views.lines(headless, on: today)
        data["hasHeadless"] = !headless.isEmpty
        data["mayOpen"] = !console.offices(of: seat.officer, .householdWrite).isEmpty
        return show("register/households", data, seat, context, path: Self.path, refused: !errors.isEmpty)
    }

    private func search(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await console.desk.form(request, context)
        let typed = String((form["query"] ?? "").prefix(200))
        try await console.searches.require(seat.officer.id, in: console.database)
        let query: HouseholdQuery
        if let number = HouseholdNumber(KhmerDigits.toASCII(typed) ?? typed) {
            query = .number(number)
        } else if let identifier = try? PersonIdentifier(entered: typed) {
            let person = try await console.database.transaction { connection in
                try await console.people.usable(identifier, in: connection)
            }
            guard let person else {
                return try await list(seat, context, query: typed, notice: HouseholdViews.nothing)
            }
            query = .person(person)
        } else if !typed.isEmpty {
            query = .book(typed)
        } else {
            return try await list(seat, context, notice: HouseholdViews.nothing)
        }
        let found = try await console.people.findHousehold(
            query, by: .officer(seat.officer), as: self.request(seat.officer, context))
        guard let found else { return try await list(seat, context, query: typed, notice: HouseholdViews.nothing) }
        return Redirect.seeOther("\(Self.path)/\(found)").logged(outcome: "household.found")
    }

    // MARK: Opening

    private func newForm(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await console.desk.seat(request) else { return login }
        return try await newForm(seat, context, sent: FormFields(), error: nil)
    }

    private func newForm(
        _ seat: OfficerDesk.Seat, _ context: AppContext, sent: FormFields, error: RumdulError?
    ) async throws -> Response {
        guard !console.offices(of: seat.officer, .householdWrite).isEmpty else { throw RumdulError.officerForbidden }
        let today = console.ambient.now().dayInCambodia
        let errors = error?.fields ?? []
        var data = FormField.form([], errors: errors, csrf: seat.csrf, language: context.language)
        data["notice"] = error.map { ["kind": "bad", "text": $0.message[context.language]] as Any } ?? false
        data["requestKey"] = sent["request_key"] ?? console.ambient.newSecret(bytes: 24)
        data["places"] = try await places(seat.officer, on: today, context.language)
        data["openFields"] = HouseholdViews.opening(sent, today: today).map {
            $0.view(context.language, errors: errors)
        }
        data["villageField"] = HouseholdViews.villageField(sent["village"] ?? "").view(
            context.language, errors: errors)
        return show(
            "register/household_new", data, seat, context, path: Self.path + "/new", error: error)
    }

    private func open(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await console.desk.form(request, context)
        do {
            let head = try await person(form["head"] ?? "", field: "head", seat)
            let step = try step(form, seat, key: form["request_key"])
            let opened = try await console.people.openHousehold(
                at: try await place(form, seat), book: form["book"], members: [(head, .head)], by: step)
            return Redirect.seeOther("\(Self.path)/\(opened.id)").logged(outcome: "household.opened")
        } catch let error as RumdulError where Self.isShown(error) {
            return try await newForm(seat, context, sent: form, error: Self.renamed(error, "head"))
                .logged(errorCode: error.code)
        }
    }

    // MARK: One household

    private func show(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await console.desk.seat(request) else { return login }
        let query = try QueryParameters.read(request)
        var errors: [FieldError] = []
        func day(_ name: String) -> CalendarDate? {
            guard let text = query[name] else { return nil }
            let day = try? KhmerDates.parse(text)
            if day == nil { errors.append(FieldError(name, HouseholdViews.dayError)) }
            return day
        }
        let asked = HouseholdViews.Asked(
            on: day("on"), known: day("known"), onText: String((query["on"] ?? "").prefix(20)),
            knownText: String((query["known"] ?? "").prefix(20)))
        return try await show(
            try context.pathParameter("id"), seat, context, asked: asked, errors: errors)
    }

    private func show(
        _ id: String, _ seat: OfficerDesk.Seat, _ context: AppContext, asked: HouseholdViews.Asked = .init(),
        errors: [FieldError] = [], error: RumdulError? = nil, sent: FormFields = FormFields()
    ) async throws -> Response {
        let hand = RegisterHand.officer(seat.officer)
        let today = console.ambient.now().dayInCambodia
        let views = HouseholdViews(console: console, language: context.language)
        var asked = asked
        let opened: OpenedHousehold
        do {
            opened = try await console.people.household(
                id, on: asked.on, knownAt: asked.known.map(HouseholdViews.endOfDay), by: hand,
                as: request(seat.officer, context))
        } catch let refusal as RumdulError where refusal == .householdNotFound && asked.isPast {
            // It was not there yet on that day; whether the officer may see it at all is asked again.
            let notice = HouseholdViews.notThere
            asked.onText = ""
            asked.knownText = ""
            (asked.on, asked.known) = (nil, nil)
            asked.notice = notice
            return try await show(id, seat, context, asked: asked)
        }
        let history = try await console.people.householdChanges(id, by: hand)
        var data = try await views.page(
            opened, asked: asked, history: history, officer: seat.officer, today: today, error: error, sent: sent)
        data.merge(FormField.form([], errors: errors, csrf: seat.csrf, language: context.language)) { own, _ in own }
        data["asAtFields"] = HouseholdViews.asAt(asked).map { $0.view(context.language, errors: errors) }
        data["places"] = try await console.places.suggestions(
            opened.household.commune, on: today, context.language)
        return show(
            "register/household", data, seat, context, path: "\(Self.path)/\(id)", error: error,
            refused: !errors.isEmpty)
    }

    private func act(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await console.desk.form(request, context)
        let id = try context.pathParameter("id")
        guard let step = form["step"].flatMap(Step.init(rawValue:)) else { throw RumdulError.missingParameter("step") }
        do {
            let next = try await take(step, id, form, seat)
            return Redirect.seeOther("\(Self.path)/\(next)").logged(outcome: "household.\(step.rawValue)")
        } catch let error as RumdulError where Self.isShown(error) {
            return try await show(
                id, seat, context, error: Self.renamed(error, step == .add ? "code" : "member"), sent: form
            ).logged(errorCode: error.code)
        }
    }

    /// Takes a step, and says which household to show next.
    private func take(_ step: Step, _ id: String, _ form: FormFields, _ seat: OfficerDesk.Seat) async throws -> String {
        let people = console.people
        let by = try self.step(form, seat, key: form["request_key"])
        switch step {
        case .add:
            try await people.addMember(
                try await person(form["code"] ?? "", field: "code", seat), as: try relation(form), to: id, by: by)
        case .head: try await people.setHead(try member(form, "member"), of: id, by: by)
        case .leave: try await people.removeMember(try member(form, "member"), from: id, by: by)
        case .relation:
            try await people.setRelation(try relation(form), of: try member(form, "member"), in: id, by: by)
        case .move: try await people.moveHousehold(id, to: try await place(form, seat), by: by)
        case .split:
            let leaving = form.all.filter { $0.name == "members" || $0.name.hasPrefix("members.") }.map {
                PersonID($0.value)
            }
            return try await people.splitHousehold(
                id, members: leaving, head: try member(form, "head"), at: try await place(form, seat),
                book: form["book"], by: by
            ).id
        case .book: try await people.setBook(form["book"], of: id, by: by)
        case .close: try await people.closeHousehold(id, by: by)
        }
        return id
    }

    // MARK: Reading forms

    private func step(_ form: FormFields, _ seat: OfficerDesk.Seat, key: String?) throws -> HouseholdStep {
        var day: CalendarDate?
        if let text = form["day"] {
            guard let typed = try? KhmerDates.parse(text) else {
                throw RumdulError.householdInvalid([FieldError("day", HouseholdViews.dayError)])
            }
            day = typed
        }
        return HouseholdStep(
            .officer(seat.officer), from: day, reference: form["reference"] ?? "",
            expected: form["version"].flatMap { Int64($0) }, requestKey: key)
    }

    private func relation(_ form: FormFields) throws -> HouseholdRelation {
        guard let relation = form["relation"].flatMap(HouseholdRelation.init(rawValue:)) else {
            throw RumdulError.householdInvalid([FieldError("relation", HouseholdViews.pick)])
        }
        return relation
    }

    private func member(_ form: FormFields, _ field: String) throws -> PersonID {
        guard let id = form[field], id.utf8.count <= 64 else {
            throw RumdulError.householdInvalid([FieldError(field, HouseholdViews.pick)])
        }
        return PersonID(id)
    }

    /// The person of a code as typed. What it says to a code that nobody has is told to officers at the field; how often
    /// they may ask is bounded.
    private func person(_ typed: String, field: String, _ seat: OfficerDesk.Seat) async throws -> PersonID {
        try await console.searches.require(seat.officer.id, in: console.database)
        let identifier: PersonIdentifier
        do {
            identifier = try PersonIdentifier(entered: typed)
        } catch {
            throw RumdulError.householdInvalid([FieldError(field, HouseholdViews.codeError)])
        }
        let found = try await console.database.transaction { connection in
            try await console.people.usable(identifier, in: connection)
        }
        guard let found else {
            throw RumdulError.householdInvalid([FieldError(field, HouseholdViews.nobody)])
        }
        return found
    }

    private func place(_ form: FormFields, _ seat: OfficerDesk.Seat) async throws -> HouseholdPlace {
        let typed = String((form["village"] ?? "").prefix(60))
        let today = console.ambient.now().dayInCambodia
        let code = try await village(typed, seat.officer, on: today)?.text ?? typed
        return HouseholdPlace(village: code, address: form["address"])
    }

    /// A village as typed, by its code or its name near one of the officer's places.
    private func village(
        _ typed: String, _ officer: Officer, on day: CalendarDate
    ) async throws -> PlaceCode? {
        for office in console.offices(of: officer, .householdRead) where office.utf8.count == 6 {
            let code = try await console.places.code(typed, office: office, on: day)
            if let place = PlaceCode(code), place.level == .village { return place }
        }
        let digits = try? KhmerDigits.identifier(typed, limit: 8)
        return digits.flatMap { PlaceCode($0) }.flatMap { $0.level == .village ? $0 : nil }
    }

    private func places(
        _ officer: Officer, on day: CalendarDate, _ language: Language
    ) async throws -> [[String: Any]] {
        guard let office = console.offices(of: officer, .householdRead).first(where: { $0.utf8.count == 6 }) else {
            return []
        }
        return try await console.places.suggestions(office, on: day, language)
    }

    // MARK: Within

    private var login: Response { Redirect.found(RegistrarConsole.home + "/login") }

    /// Errors that go back to the form; others have a page of their own.
    private static func isShown(_ error: RumdulError) -> Bool {
        error == .householdInvalid([]) || error == .householdChanged || error == .householdClosed
            || error == .personInvalid([]) || error == .personChanged
    }

    /// The register names a field of its own `person`; forms have another name for it.
    private static func renamed(_ error: RumdulError, _ person: String) -> RumdulError {
        error.with(
            fields: error.fields.map { $0.field == "person" ? FieldError(person, $0.message) : $0 })
    }

    private func request(_ officer: Officer, _ context: AppContext) -> DisclosureRequest {
        DisclosureRequest(
            subject: PersonID("-"), actor: .officer(id: officer.id, role: ""), organisation: officer.organisation,
            system: "civil-register", service: "households", purpose: HouseholdViews.purpose,
            basis: .statute("KH-CRVSI-2023"), attributes: Self.attributes, traceID: context.traceID)
    }

    private func show(
        _ template: String, _ data: [String: Any], _ seat: OfficerDesk.Seat, _ context: AppContext, path: String,
        error: RumdulError? = nil, refused: Bool = false
    ) -> Response {
        var page = console.page(template, title: HouseholdViews.title, data: data, seat: seat)
        page.languageSwitch = .path(path)
        if refused { page.status = .badRequest }
        if let error {
            page.status = .init(code: error.kind == .invalid ? 400 : 409)
            page.mainErrorCode = error.code
        }
        return context.show(page)
    }
}

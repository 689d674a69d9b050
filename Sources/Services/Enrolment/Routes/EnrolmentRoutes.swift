import Accountability
import Authenticators
import Database
import Hummingbird
import Kernel
import KeyVault
import KhmerText
import OfficerDesk
import ReferenceData
import Web

/// Everything that enrolment serves over HTTP: the officer's console under `/enrol` and the device's part under
/// `/device/v1`.
public struct EnrolmentRoutes: Sendable {
    private let console: ConsoleRoutes
    private let devices: DeviceRoutes

    /// - Parameters:
    ///   - vault: keys the rate limits' memory.
    ///   - assist: the assisted sessions.
    ///   - peopleCookies: names of the cookies in which people's logins live; an assisted session begins and ends without.
    ///   - corrections: where requests for correction wait; `nil` where officers decide about them elsewhere.
    public init(
        service: EnrolmentService, directory: OfficerDirectory, reference: ReferenceData, database: any Database,
        vault: any KeyVault, ambient: Ambient, settings: WebSettings, assist: AssistDesk, peopleCookies: [String] = [],
        corrections: (any CorrectionDesk)? = nil
    ) async throws {
        let limits = try await EnrolmentLimits(database: database, vault: vault, ambient: ambient)
        let desk = try await OfficerDesk(
            OfficerDesk.Console(
                sessionKind: "enrol-officer", home: "/enrol", title: EnrolmentTexts.title,
                lead: EnrolmentTexts.loginLead, rights: [.enrolmentOpen, .assistSession] + (corrections?.rights ?? [])),
            directory: directory, database: database, vault: vault, settings: settings, ambient: ambient)
        console = ConsoleRoutes(
            service: service, desk: desk, limits: limits, reference: reference, ambient: ambient, assist: assist,
            peopleCookies: peopleCookies, corrections: corrections)
        devices = DeviceRoutes(service: service, limits: limits)
    }

    /// Registers all routes.
    public func add(to router: AppRouter) {
        devices.add(to: router)
        PINRoutes(service: devices.service).add(to: router)
        console.add(to: router)
    }
}

/// The officer's console.
struct ConsoleRoutes: Sendable {
    let service: EnrolmentService
    let desk: OfficerDesk
    let limits: EnrolmentLimits
    let reference: ReferenceData
    let ambient: Ambient
    let assist: AssistDesk
    let peopleCookies: [String]
    let corrections: (any CorrectionDesk)?

    func add(to router: AppRouter) {
        router.get("/enrol/login") { try await desk.loginPage($0, $1) }
        router.post("/enrol/login") { try await desk.login($0, $1) }
        router.post("/enrol/logout") { try await logOut($0, $1) }
        router.get("/enrol") { try await home($0, $1) }
        router.post("/enrol/people") { try await search($0, $1) }
        router.get("/enrol/people/{link}") { try await personPage($0, $1) }
        router.post("/enrol/people/{link}/enrolments") { try await open($0, $1) }
        router.post("/enrol/people/{link}/devices/{device}") { try await act($0, $1) }
        addCases(to: router)
        addCodeSheets(to: router)
        addRecoveries(to: router)
        addCards(to: router)
        addAssist(to: router)
        addSecurityCases(to: router)
        if let corrections { CorrectionConsole(console: self, port: corrections).add(to: router) }
    }

    // MARK: Finding

    private func home(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await desk.seat(request) else { return Redirect.found("/enrol/login") }
        // Who only assists or corrects has nothing to enrol.
        if !seat.officer.mayEnrol {
            if seat.officer.mayAssist { return Redirect.found("/enrol/assist") }
            guard mayCorrect(seat.officer) else { throw RumdulError.officerForbidden }
            return Redirect.found(CorrectionConsole.path)
        }
        return try await homePage(seat, context, notice: nil)
    }

    private func homePage(
        _ seat: OfficerDesk.Seat, _ context: AppContext, notice: (kind: String, text: LocalizedText)?,
        errors: [FieldError] = []
    ) async throws -> Response {
        let language = context.language
        let views = CaseViews(language: language, now: ambient.now(), caseLifetime: service.settings.caseLifetime)
        let cases = try await service.worklist(by: seat.officer)
        var data = FormField.form([], errors: errors, csrf: seat.csrf, language: language)
        data["identifierFields"] = SearchFields.identifier.map { $0.view(language, errors: errors) }
        data["nameFields"] = SearchFields.name.map { $0.view(language, errors: errors) }
        data["hasCases"] = !cases.isEmpty
        data["cases"] = cases.map(views.line)
        data["notice"] = false
        data.merge(try await securityCaseData(seat, language: language)) { own, _ in own }
        if let notice { data["notice"] = ["kind": notice.kind, "text": notice.text[language]] }
        var page = page("enrol/home", title: EnrolmentTexts.title, data: data, seat: seat)
        if notice != nil || !errors.isEmpty { page.languageSwitch = .path("/enrol") }
        if !errors.isEmpty { page.status = .badRequest }
        return context.show(page)
    }

    private func search(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await desk.form(request, context)
        var reader = form.reader
        guard let query = SearchFields.query(form, &reader) else {
            return try await homePage(seat, context, notice: nil, errors: reader.errors)
        }
        try await limits.takeSearch(officer: seat.officer.id)
        let links = try await service.find(query, by: seat.officer)
        if links.isEmpty { return try await homePage(seat, context, notice: ("warn", EnrolmentTexts.nobody)) }
        if links.count == 1 { return Redirect.seeOther("/enrol/people/\(links[0])") }
        let views = PersonViews(
            reference: reference, language: context.language, today: ambient.now().dayInCambodia)
        var people: [[String: Any]] = []
        for link in links {
            let card = try await service.card(link, full: false, trace: context.traceID, by: seat.officer)
            people.append(["path": "/enrol/people/\(link)", "facts": views.facts(card.attributes)])
        }
        var page = page("enrol/candidates", title: EnrolmentTexts.candidates, data: ["people": people], seat: seat)
        page.languageSwitch = .path("/enrol")
        return context.show(page)
    }

    // MARK: A person

    private func personPage(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await desk.seat(request) else { return Redirect.found("/enrol/login") }
        let link = try context.pathParameter("link")
        return try await personPage(seat, link, context, requestKey: ambient.newSecret(bytes: 24))
    }

    private func personPage(
        _ seat: OfficerDesk.Seat, _ link: String, _ context: AppContext, requestKey: String,
        sent: FormFields = FormFields(), errors: [FieldError] = []
    ) async throws -> Response {
        let language = context.language
        let match = try await service.person(link, by: seat.officer)
        let card = try await service.card(link, full: true, trace: context.traceID, by: seat.officer)
        let devices = try await service.devices(ofPerson: link, by: seat.officer)
        let views = PersonViews(reference: reference, language: language, today: ambient.now().dayInCambodia)
        let path = "/enrol/people/\(link)"
        let values = Dictionary(sent.all.map { ($0.name, $0.value) }) { first, _ in first }
        var data = FormField.form([], errors: errors, csrf: seat.csrf, language: language)
        data["facts"] = views.facts(card.attributes)
        data["notice"] = false
        data["action"] = path + "/enrolments"
        data["requestKey"] = requestKey
        data["evidence"] = views.evidence(values)
        data["reasonField"] = SearchFields.reason(values["reason"] ?? "").view(language, errors: errors)
        data["hasDevices"] = !devices.isEmpty
        data["devices"] = views.devices(
            devices, path: path, trustsSoftware: service.authenticators.attestation.trustsSoftware
        ) {
            service.actions(on: $0, area: match.area, by: seat.officer)
        }
        data.merge(
            try await codeSheetData(
                match, path: path, seat: seat, requestKey: ambient.newSecret(bytes: 24), language: language)
        ) { own, _ in own }
        data.merge(
            try await cardData(
                match, path: path, seat: seat, requestKey: ambient.newSecret(bytes: 24), language: language)
        ) { own, _ in own }
        data.merge(try await securityCaseData(match, path: path, seat: seat, language: language)) { own, _ in own }
        data.merge(try await recoveryData(match, path: path, seat: seat, language: language)) { own, _ in own }
        var page = page("enrol/person", title: EnrolmentTexts.person, data: data, seat: seat)
        page.languageSwitch = .path(path)
        if !errors.isEmpty { page.status = .badRequest }
        return context.show(page)
    }

    private func open(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await desk.form(request, context)
        let link = try context.pathParameter("link")
        let key = try form.required("request_key")
        let evidence: Evidence
        do {
            evidence = try EvidenceForm.read(form)
        } catch let error as RumdulError where error == .enrolmentEvidence {
            return try await personPage(seat, link, context, requestKey: key, sent: form, errors: error.fields)
        }
        let person = try await service.person(link, by: seat.officer)
        let enrolment = try await service.openEnrolment(
            person: person.personID, evidence: evidence, requestKey: key, by: seat.officer)
        return Redirect.seeOther(CaseViews.path(enrolment)).logged(outcome: "enrolment.opened")
    }

    private func act(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await desk.form(request, context)
        let person = try await service.person(try context.pathParameter("link"), by: seat.officer)
        guard let reason = form["reason"].flatMap(OfficerDeviceReason.init(rawValue:)) else {
            throw RumdulError.enrolmentReason
        }
        guard let action = form["action"].flatMap(OfficerDeviceAction.init(rawValue:)) else {
            throw RumdulError.missingParameter("action")
        }
        try await service.perform(
            action, on: try context.pathParameter("device"), of: person.personID, reason: reason, by: seat.officer)
        let fresh = try await service.link(to: person.personID, for: seat.officer)
        return Redirect.seeOther("/enrol/people/\(fresh)").logged(outcome: "device.\(action.rawValue)")
    }

    // MARK: Within

    /// Whether an officer has anything to do with requests for correction.
    private func mayCorrect(_ officer: Officer) -> Bool {
        guard let corrections else { return false }
        return officer.grants.contains { grant in corrections.rights.contains { grant.role.permissions.contains($0) } }
    }

    func page(
        _ template: String, title: LocalizedText, data: [String: Any], seat: OfficerDesk.Seat
    ) -> Page {
        var page = Page(template, title: title, data: data)
        page.account = seat.officer.username
        page.navigation =
            seat.officer.mayEnrol
            ? [.init(EnrolmentTexts.title, path: "/enrol", isCurrent: template == "enrol/home")] : []
        if mayCorrect(seat.officer) {
            page.navigation.append(
                .init(
                    CorrectionConsoleViews.title, path: CorrectionConsole.path,
                    isCurrent: template == "enrol/corrections"))
        }
        if seat.officer.mayAssist {
            page.navigation.append(
                .init(AssistViews.title, path: "/enrol/assist", isCurrent: template == "enrol/assist"))
        }
        page.isWide = template == "enrol/home" || template == "enrol/person"
        return page
    }
}

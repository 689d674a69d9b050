import Accountability
import Authenticators
import Hummingbird
import Kernel
import KhmerText
import OfficerDesk
import Web

extension ConsoleRoutes {
    /// The routes of printed codes.
    func addCodeSheets(to router: AppRouter) {
        router.post("/enrol/people/{link}/codes") { try await printSheet($0, $1) }
        router.post("/enrol/people/{link}/codes/{sheet}") { try await actOnSheet($0, $1) }
    }

    /// Prints: the answer is the only page that ever shows the codes, so there is no address to load it again.
    private func printSheet(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await desk.form(request, context)
        let match = try await service.person(try context.pathParameter("link"), by: seat.officer)
        guard form["present"] == "yes", let type = form["seen"].flatMap(EvidenceType.init(rawValue:)) else {
            throw RumdulError.enrolmentEvidence
        }
        let evidence = try Evidence([EvidenceItem(type)], reason: type.isAttestation ? "printed codes" : nil)
        let printed = try await service.printCodes(
            person: match.personID, evidence: evidence, requestKey: try form.required("request_key"), by: seat.officer)
        let fresh = try await service.link(to: match.personID, for: seat.officer)
        var page = page(
            "enrol/sheet", title: CodeSheetViews.title,
            data: CodeSheetViews.printed(printed, back: "/enrol/people/\(fresh)"), seat: seat)
        page.languageSwitch = .hidden
        return context.show(page).logged(outcome: "codes.printed")
    }

    private func actOnSheet(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await desk.form(request, context)
        let person = try await service.person(try context.pathParameter("link"), by: seat.officer)
        guard let reason = form["reason"].flatMap(OfficerDeviceReason.init(rawValue:)) else {
            throw RumdulError.enrolmentReason
        }
        guard let action = form["action"].flatMap(OfficerCodesAction.init(rawValue:)) else {
            throw RumdulError.missingParameter("action")
        }
        try await service.perform(
            action, onSheet: try context.pathParameter("sheet"), of: person.personID, reason: reason, by: seat.officer)
        let fresh = try await service.link(to: person.personID, for: seat.officer)
        return Redirect.seeOther("/enrol/people/\(fresh)").logged(outcome: "codes.\(action.rawValue)")
    }

    /// What the person's page shows of printed codes.
    func codeSheetData(
        _ match: PersonMatch, path: String, seat: OfficerDesk.Seat, requestKey: String, language: Language
    ) async throws -> [String: Any] {
        let sheet = try await service.codeSheet(of: match)
        return CodeSheetViews.section(
            sheet, actions: sheet.map { service.actions(on: $0, area: match.area, by: seat.officer) } ?? [],
            mayPrint: seat.officer.may(.codesPrint, in: match.area), path: path, requestKey: requestKey,
            language: language)
    }
}

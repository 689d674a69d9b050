import Accountability
import Authenticators
import HTTPTypes
import Hummingbird
import Kernel
import KhmerText
import OfficerDesk
import Web

extension ConsoleRoutes {
    /// The routes of PIN cards.
    func addCards(to router: AppRouter) {
        router.post("/enrol/people/{link}/cards") { try await printCard($0, $1) }
        router.get("/enrol/people/{link}/cards/pin") { try await pinPage($0, $1) }
        router.post("/enrol/people/{link}/cards/pin") { try await setPIN($0, $1) }
        router.post("/enrol/people/{link}/cards/{card}") { try await actOnCard($0, $1) }
    }

    /// Prints: the answer is the only page that ever shows the card, so there is no address to load it again.
    private func printCard(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await desk.form(request, context)
        let match = try await service.person(try context.pathParameter("link"), by: seat.officer)
        guard form["present"] == "yes", let type = form["seen"].flatMap(EvidenceType.init(rawValue:)) else {
            throw RumdulError.enrolmentEvidence
        }
        let evidence = try Evidence([EvidenceItem(type)], reason: type.isAttestation ? "PIN card" : nil)
        let printed = try await service.issueCard(
            person: match.personID, evidence: evidence, requestKey: try form.required("request_key"), by: seat.officer)
        let fresh = try await service.link(to: match.personID, for: seat.officer)
        var page = page(
            "enrol/card_printed", title: CardViews.title,
            data: try CardViews.printed(printed, next: "/enrol/people/\(fresh)/cards/pin", language: context.language),
            seat: seat)
        page.languageSwitch = .hidden
        return context.show(page).logged(outcome: "card.printed")
    }

    private func pinPage(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await desk.seat(request) else { return Redirect.found("/enrol/login") }
        let link = try context.pathParameter("link")
        _ = try await service.person(link, by: seat.officer)
        return pinPage(seat, link, context, refused: nil)
    }

    /// The person's own page: it names nobody, and never repeats what was typed.
    private func pinPage(
        _ seat: OfficerDesk.Seat, _ link: String, _ context: AppContext, refused: RumdulError?
    ) -> Response {
        let path = "/enrol/people/\(link)"
        var data = FormField.form(CardViews.pinFields, csrf: seat.csrf, language: context.language)
        data["notice"] = false
        if let refused { data["notice"] = ["kind": "bad", "text": refused.message[context.language]] }
        data["pinAction"] = path + "/cards/pin"
        data["refusedText"] = RumdulError.cardRefused.message[context.language]
        data["pinText"] = RumdulError.cardPINUnusable.message[context.language]
        data["back"] = path
        var page = page("enrol/card_pin", title: CardViews.title, data: data, seat: seat)
        page.languageSwitch = .path(path + "/cards/pin")
        if let script = context.assetPath(CardScript.name) { page.scripts = [script] }
        if let refused {
            page.status = refused.kind == .invalid ? .badRequest : .forbidden
            page.mainErrorCode = refused.code
        }
        return context.show(page)
    }

    private func setPIN(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await desk.form(request, context)
        let link = try context.pathParameter("link")
        let match = try await service.person(link, by: seat.officer)
        try await limits.takeAssist(officer: seat.officer.id)
        do {
            try await service.setCardPIN(
                card: form["card"] ?? "", proof: form["proof"] ?? "", of: match.personID, by: seat.officer)
        } catch let error as RumdulError where error == .cardPINUnusable || error == .cardRefused {
            return pinPage(seat, link, context, refused: error)
        }
        let fresh = try await service.link(to: match.personID, for: seat.officer)
        return Redirect.seeOther("/enrol/people/\(fresh)").logged(outcome: "card.pin_set")
    }

    private func actOnCard(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await desk.form(request, context)
        let person = try await service.person(try context.pathParameter("link"), by: seat.officer)
        guard let reason = form["reason"].flatMap(OfficerDeviceReason.init(rawValue:)) else {
            throw RumdulError.enrolmentReason
        }
        guard let action = form["action"].flatMap(OfficerCardAction.init(rawValue:)) else {
            throw RumdulError.missingParameter("action")
        }
        try await service.perform(
            action, onCard: try context.pathParameter("card"), of: person.personID, reason: reason, by: seat.officer)
        let fresh = try await service.link(to: person.personID, for: seat.officer)
        return Redirect.seeOther("/enrol/people/\(fresh)").logged(outcome: "card.\(action.rawValue)")
    }

    /// What the person's page shows of the card.
    func cardData(
        _ match: PersonMatch, path: String, seat: OfficerDesk.Seat, requestKey: String, language: Language
    ) async throws -> [String: Any] {
        let card = try await service.card(of: match)
        return CardViews.section(
            card, actions: card.map { service.actions(on: $0, area: match.area, by: seat.officer) } ?? [],
            mayPrint: seat.officer.may(.cardIssue, in: match.area), path: path, requestKey: requestKey,
            language: language)
    }
}

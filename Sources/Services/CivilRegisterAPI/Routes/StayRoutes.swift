import Accountability
import Codecs
import Hummingbird
import Kernel
import PopulationRegister
import Web

/// Legal stay of foreigners, stateless people and refugees, for systems of immigration: `/pr/v1/stays`. Codes travel in
/// bodies only.
struct StayRoutes: Sendable {
    let api: CivilRegisterAPI

    func add(to router: AppRouter) {
        router.post("/pr/v1/stays/search", use: api.guarded(by: .stayRead, search))
        router.post("/pr/v1/stays", use: api.guarded(by: .stayWrite, record))
    }

    private func search(_ client: RegisterClient, _ request: Request, _ context: AppContext) async throws -> Response {
        let body = try HouseholdBody(
            try await JSONBody.object(request, context: context, limit: 16 << 10), ["code", "on", "known_at", "case"])
        let code = try body.neededCode("code")
        let on = try body.day("on") ?? api.ambient.now().dayInCambodia
        let known = try body.text("known_at").map { text in
            guard let moment = HouseholdRoutes.moment(text) else {
                throw RumdulError.apiBody("known_at", km: "ត្រូវជាពេលវេលា UTC ដែលមាន Z", en: "RFC 3339 in UTC, with Z.")
            }
            return moment
        }
        let person = try await person(code, client)
        var wish = client.request(
            service: "pr.stay", traceID: context.traceID, caseReference: try body.text("case"),
            attributes: [.legalStay])
        wish.subject = person
        let told = try await api.people.read(wish, on: on, knownAt: known)
        return JSONResponse(["stay": told[.legalStay] ?? .null], headers: [.cacheControl: "no-store"]).response
            .logged(outcome: "person.stay_read")
    }

    private func record(_ client: RegisterClient, _ request: Request, _ context: AppContext) async throws -> Response {
        let body = try HouseholdBody(
            try await JSONBody.object(request, context: context, limit: 16 << 10),
            ["code", "basis", "number", "office", "from", "until", "ended", "reference"])
        let code = try body.neededCode("code")
        let ended = try body.day("ended")
        let stay = try ended == nil ? stay(body) : nil
        let reference = try body.needed("reference")
        let person = try await person(code, client)
        do {
            try await api.people.recordStay(stay, of: person, reference: reference, endedOn: ended, by: client.hand)
        } catch let error as RumdulError where error == .officerForbidden { throw RumdulError.apiArea }
        return Response(status: .noContent, headers: [.cacheControl: "no-store"])
            .logged(outcome: "person.stay_recorded")
    }

    private func stay(_ body: HouseholdBody) throws -> LegalStay {
        guard let basis = LegalStay.Basis(rawValue: try body.needed("basis")) else {
            throw RumdulError.apiBody(
                "basis", km: "មិនស្គាល់", en: LegalStay.Basis.allCases.map(\.rawValue).joined(separator: ", "))
        }
        guard let from = try body.day("from") else {
            throw RumdulError.apiBody("from", km: "ត្រូវមាន", en: "It is needed.")
        }
        return LegalStay(
            basis, number: try body.text("number"), office: try body.needed("office"), from: from,
            until: try body.day("until"))
    }

    private func person(_ code: PersonIdentifier, _ client: RegisterClient) async throws -> PersonID {
        try await api.guesses.take(client.id, code.digits, in: api.database)
        let found = try await api.database.transaction { connection in
            try await api.people.usable(code, in: connection)
        }
        guard let found else { throw RumdulError.personNotFound }
        try await api.guesses.hit(client.id, in: api.database)
        return found
    }
}

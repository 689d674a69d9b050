import Codecs
import Hummingbird
import Kernel
import PopulationRegister
import Web

/// What becomes of codes that a system reserved by OSIA's `generateUIN`, which says nothing about it: how a reservation
/// stands, that the person was registered, that the code is not needed. Each system knows its own ones only.
struct ReservationRoutes: Sendable {
    let api: CivilRegisterAPI

    func add(to router: AppRouter) {
        router.post("/ids/v1/codes/status", use: api.guarded(by: .generateUIN, status))
        router.post("/ids/v1/codes/confirm", use: api.guarded(by: .confirmUIN, confirm))
        router.post("/ids/v1/codes/release", use: api.guarded(by: .generateUIN, release))
    }

    private func status(
        _ client: RegisterClient, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let body = try await body(client, request, context, members: [])
        return try await answer(body, outcome: "person.reservation_read")
    }

    /// The person counts from now on, with the facts as they were registered.
    private func confirm(
        _ client: RegisterClient, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let body = try await body(client, request, context, members: ["person"])
        guard let person = body.object.object("person") else {
            throw RumdulError.apiBody("person", km: "ត្រូវជាវត្ថុ", en: "An object with the person's attributes.")
        }
        try await api.people.confirmReservation(
            once: body.request, of: body.code,
            as: try OSIAPerson.draft(person, source: FactSource(kind: "system", reference: client.id)),
            content: String(decoding: try CanonicalJSON.encode(.object(person)), as: UTF8.self), by: .client(client.id))
        return try await answer(body, outcome: "person.confirmed")
    }

    private func release(
        _ client: RegisterClient, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let body = try await body(client, request, context, members: [])
        try await api.people.releaseReservation(once: body.request, of: body.code, by: .client(client.id))
        return try await answer(body, outcome: "person.released")
    }

    // MARK: Within

    /// `{"transaction": "T-1", "code": "2345678901"}`, and more where it is needed.
    private struct Body {
        let object: JSONObject
        let request: String
        let code: KIDC
    }

    private func body(
        _ client: RegisterClient, _ request: Request, _ context: AppContext, members: [String]
    ) async throws -> Body {
        let object = try await JSONBody.object(request, context: context, limit: 16 << 10)
        for name in object.names where !(["transaction", "code"] + members).contains(name) {
            throw RumdulError.apiBody(name, km: "មិនស្គាល់", en: "There is no such member.")
        }
        guard let transaction = object.string("transaction"), (1...200).contains(transaction.utf8.count) else {
            throw RumdulError.apiBody("transaction", km: "ត្រូវជាអត្ថបទខ្លី", en: "A text of 1 to 200 bytes.")
        }
        guard let code = object.string("code"), code.utf8.count <= 40 else {
            throw RumdulError.apiBody("code", km: "ត្រូវជាលេខកូដ", en: "An identification code.")
        }
        try await api.reservations.require(client.id, in: api.database)
        return Body(
            object: object, request: IdempotencyHeader.transaction("uin", client.id, transaction),
            code: try KIDC(entered: code))
    }

    private func answer(_ body: Body, outcome: String) async throws -> Response {
        let (state, end) = try await api.people.reservation(once: body.request, of: body.code)
        var json: JSONObject = ["code": .string(body.code.digits), "state": .string(state.rawValue)]
        if state == .open { json["expires_at"] = .string(end.rfc3339) }
        return JSONResponse(.object(json), headers: [.cacheControl: "no-store"]).response.logged(outcome: outcome)
    }
}

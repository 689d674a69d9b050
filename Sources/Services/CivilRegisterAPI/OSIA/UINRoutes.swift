import Accountability
import Codecs
import Hummingbird
import Kernel
import PopulationRegister
import Web

/// OSIA UIN management 1.2.0, operation `generateUIN`: `POST /v1/uin?transactionId=`.
struct UINRoutes: Sendable {
    let api: CivilRegisterAPI

    func add(to router: AppRouter) {
        router.post("/v1/uin", use: api.osia(by: .generateUIN, handle: generate))
    }

    /// Reserves a code for the person of the document; the same transaction of the same system always gets the same.
    private func generate(
        _ client: RegisterClient, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let transaction = try OSIATransaction.require(request)
        let object = try await JSONBody.object(request, context: context, limit: 16 << 10)
        let draft = try OSIAPerson.draft(object, source: FactSource(kind: "system", reference: client.id))
        try await api.reservations.require(client.id, in: api.database)
        let reservation = try await api.people.reserve(
            draft, once: IdempotencyHeader.transaction("uin", client.id, transaction),
            content: String(decoding: try CanonicalJSON.encode(.object(object)), as: UTF8.self),
            days: api.reservationDays, by: .client(client.id))
        guard reservation.isSame else { throw RumdulError.idempotencyMismatch }
        return JSONResponse(.string(reservation.kidc.digits), headers: [.cacheControl: "no-store"])
            .response.logged(outcome: "person.reserved")
    }
}

/// The parameter `transactionId` of OSIA's operations.
enum OSIATransaction {
    static let name = "transactionId"

    /// Throws `web.missing_parameter`, `web.duplicate_parameter`, `api.body`.
    static func require(_ request: Request) throws -> String {
        let query = try QueryParameters.read(request)
        guard let text = query[name] else { throw RumdulError.missingParameter(name) }
        guard (1...200).contains(text.utf8.count) else {
            throw RumdulError.apiBody(name, km: "ត្រូវជាអត្ថបទខ្លី", en: "A text of 1 to 200 bytes.")
        }
        return text
    }
}

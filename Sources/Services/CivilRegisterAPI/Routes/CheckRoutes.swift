import CivilRegister
import Codecs
import Hummingbird
import Kernel
import Web

/// Checks by a system outside, between verification and registration: what waits, what it is about, the answer.
struct CheckRoutes: Sendable {
    let api: CivilRegisterAPI

    func add(to router: AppRouter) {
        router.get("/cr/v1/checks", use: api.guarded(by: .check, list))
        router.get("/cr/v1/checks/{id}", use: api.guarded(by: .check, show))
        router.post("/cr/v1/checks/{id}/answer", use: api.guarded(by: .check, answer))
    }

    /// What waits, the oldest first; nobody is named.
    private func list(_ client: RegisterClient, _ request: Request, _ context: AppContext) async throws -> Response {
        let query = try QueryParameters.read(request)
        try await api.checks.require(client.id, in: api.database)
        var limit = 20
        if let text = query["limit"] {
            guard let number = Int(text), (1...100).contains(number) else {
                throw RumdulError.apiBody("limit", km: "ពី ១ ដល់ ១០០", en: "A number from 1 to 100.")
            }
            limit = number
        }
        let cursors = api.checkCursors(client)
        var after: (Instant, String)?
        if let cursor = query["cursor"] {
            let values = try cursors.decode(cursor, count: 2)
            guard let at = Int64(values[0]) else { throw RumdulError.invalidCursor }
            after = (Instant(microseconds: at), values[1])
        }
        let page = try await api.civil.waitingChecks(areas: client.areas, after: after, limit: limit)
        var json: JSONObject = ["checks": .array(page.items.map { .object(Self.json($0)) })]
        if let next = page.next { json["next"] = .string(cursors.encode([String(next.0.microseconds), next.1])) }
        return JSONResponse(.object(json), headers: [.cacheControl: "no-store"]).response
            .logged(outcome: "civil.checks_listed")
    }

    private func show(_ client: RegisterClient, _ request: Request, _ context: AppContext) async throws -> Response {
        try await api.checks.require(client.id, in: api.database)
        let reader = SystemReader(
            client.request(service: "cr.check", traceID: context.traceID), areas: client.areas,
            seesCodes: client.attributes.contains(.kidc), seesCauses: false)
        let (item, found) = try await api.civil.check(try context.pathParameter("id"), by: reader)
        var json = Self.json(item)
        json["tracking"] = .string(found.record.trackingID)
        json["fields"] = .object(
            JSONObject(found.fields.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }))
        return JSONResponse(.object(json), headers: [.cacheControl: "no-store"]).response
            .logged(outcome: "civil.check_read")
    }

    /// `{"result": "passed"}`, or `{"result": "failed", "reason": "..."}`.
    private func answer(_ client: RegisterClient, _ request: Request, _ context: AppContext) async throws -> Response {
        let body = try await JSONBody.object(request, context: context, limit: 16 << 10)
        try await api.checks.require(client.id, in: api.database)
        for name in body.names where !["result", "reason"].contains(name) {
            throw RumdulError.apiBody(name, km: "មិនស្គាល់", en: "There is no such member.")
        }
        guard let result = body.string("result"), ["passed", "failed"].contains(result) else {
            throw RumdulError.apiBody("result", km: "ត្រូវជា passed ឬ failed", en: "passed or failed.")
        }
        if body.has("reason"), body.string("reason") == nil {
            throw RumdulError.apiBody("reason", km: "ត្រូវជាអត្ថបទ", en: "A text.")
        }
        let item = try await api.civil.answerCheck(
            try context.pathParameter("id"), passed: result == "passed", reason: body.string("reason"),
            areas: client.areas, client: client.id)
        return JSONResponse(.object(Self.json(item)), headers: [.cacheControl: "no-store"]).response
            .logged(outcome: "civil.check_\(result)")
    }

    private static func json(_ item: CheckItem) -> JSONObject {
        [
            "id": .string(item.id), "kind": .string(item.kind.rawValue), "office": .string(item.office),
            "state": .string(item.state.rawValue), "attempt": .integer(Int64(item.attempt)),
            "asked_at": .string(item.askedAt.rfc3339), "due_at": .string(item.dueAt.rfc3339),
        ]
    }
}

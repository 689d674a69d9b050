import Accountability
import CivilRegister
import Codecs
import HTTPTypes
import Hummingbird
import Kernel
import Ledger
import PopulationRegister
import Web

/// Records of the civil register for systems: `/cr/v1/records/...`. Sealed ones, and those that were never registered, are
/// not there.
struct RecordRoutes: Sendable {
    let api: CivilRegisterAPI

    func add(to router: AppRouter) {
        router.post("/cr/v1/records/search", use: api.guarded(by: .recordRead, search))
        router.get("/cr/v1/records/{id}", use: api.guarded(by: .recordRead, show))
        router.get("/cr/v1/records/{id}/history", use: api.guarded(by: .recordRead, history))
        router.get("/cr/v1/records/{id}/proof", use: api.guarded(by: .recordRead, proof))
    }

    private func show(_ client: RegisterClient, _ request: Request, _ context: AppContext) async throws -> Response {
        try await api.guesses.take(client.id, in: api.database)
        let known = request.headers.one(.ifNoneMatch).flatMap(Self.sequence)
        let found = try await api.civil.view(
            try context.pathParameter("id"), known: known, by: reader(client, "cr.record", context))
        try await api.guesses.hit(client.id, in: api.database)
        guard let found else {
            return Response(status: .notModified, headers: [.eTag: Self.tag(known ?? 0), .cacheControl: "no-store"])
        }
        return JSONResponse(
            Self.json(found), headers: [.eTag: Self.tag(found.record.sequence), .cacheControl: "no-store"]
        ).response.logged(outcome: "civil.record_read")
    }

    private func history(_ client: RegisterClient, _ request: Request, _ context: AppContext) async throws -> Response {
        try await api.guesses.take(client.id, in: api.database)
        let (record, actions) = try await api.civil.history(
            of: try context.pathParameter("id"), by: reader(client, "cr.history", context))
        try await api.guesses.hit(client.id, in: api.database)
        let keys = try await api.civil.historyKeys()
        let json: JSONValue = [
            "record": .string(record.id), "sequence": .integer(record.sequence),
            "actions": .array(actions.map(Self.json)), "keys": .array(keys.map { .object($0) }),
        ]
        return JSONResponse(json, headers: [.eTag: Self.tag(record.sequence), .cacheControl: "no-store"])
            .response.logged(outcome: "civil.history_read")
    }

    private func proof(_ client: RegisterClient, _ request: Request, _ context: AppContext) async throws -> Response {
        try await api.guesses.take(client.id, in: api.database)
        let (record, proof): (LedgerRecord, InclusionProof)
        do {
            (record, proof) = try await api.civil.proof(
                of: try context.pathParameter("id"), by: reader(client, "cr.proof", context))
        } catch let error as RumdulError where error.code == RumdulError.ledgerNotCovered.code {
            // It is there; who comes again is not guessing.
            try await api.guesses.hit(client.id, in: api.database)
            throw error
        }
        try await api.guesses.hit(client.id, in: api.database)
        var json = try proof.json(for: record)
        json["keys"] = .string(context.settings.baseURL + "/.well-known/ledger-keys")
        return JSONResponse(.object(json), headers: [.cacheControl: "no-store"]).response
            .logged(outcome: "civil.proof_read")
    }

    private func search(_ client: RegisterClient, _ request: Request, _ context: AppContext) async throws -> Response {
        let body = try RecordSearchBody(try await JSONBody.object(request, context: context, limit: 16 << 10))
        if case .participant(let identifier) = body.query {
            try await api.guesses.take(client.id, identifier.digits, in: api.database)
        } else {
            try await api.guesses.take(client.id, in: api.database)
        }
        let cursors = api.recordCursors(client)
        let after: (Instant, String)?
        if let cursor = body.cursor {
            let values = try cursors.decode(cursor, count: 2)
            guard let at = Int64(values[0]) else { throw RumdulError.invalidCursor }
            after = (Instant(microseconds: at), values[1])
        } else {
            after = nil
        }
        let page = try await api.civil.search(
            body.query, after: after, limit: body.limit, by: reader(client, "cr.search", context))
        if !page.found.isEmpty { try await api.guesses.hit(client.id, in: api.database) }
        var json: JSONObject = ["records": .array(page.found.map(Self.json))]
        if let next = page.next { json["next"] = .string(cursors.encode([String(next.0.microseconds), next.1])) }
        return JSONResponse(.object(json), headers: [.cacheControl: "no-store"]).response
            .logged(outcome: "civil.records_searched")
    }

    // MARK: Parts

    private func reader(_ client: RegisterClient, _ service: String, _ context: AppContext) -> SystemReader {
        SystemReader(
            client.request(service: service, traceID: context.traceID), areas: client.areas,
            seesCodes: client.attributes.contains(.kidc),
            seesCauses: client.scopes.contains(RegisterScope.medicalRead.rawValue))
    }

    /// A strong validator (RFC 9110, section 8.8.3): the number of the last action.
    static func tag(_ sequence: Int64) -> String { "\"\(sequence)\"" }

    static func sequence(_ tag: String) -> Int64? {
        guard tag.utf8.count <= 22, tag.hasPrefix("\""), tag.hasSuffix("\""), tag.utf8.count > 2 else { return nil }
        return Int64(tag.dropFirst().dropLast())
    }

    static func json(_ found: SystemRecord) -> JSONValue {
        let record = found.record
        var json: JSONObject = [
            "id": .string(record.id), "kind": .string(record.kind.rawValue), "state": .string(record.state.rawValue),
            "tracking": .string(record.trackingID), "office": .string(record.office),
            "version": .integer(Int64(record.version)), "sequence": .integer(record.sequence),
            "changed_at": .string(found.changedAt.rfc3339),
            "fields": .object(
                JSONObject(found.fields.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) })),
        ]
        json["number"] = record.number.map(JSONValue.string)
        json["registered_at"] = record.registeredAt.map { .string($0.rfc3339) }
        if let cause = found.cause { json["medical"] = ["underlying_cause": .string(cause)] }
        return .object(json)
    }

    private static func json(_ action: SignedAction) -> JSONValue {
        [
            "sequence": .integer(action.sequence), "action": .string(action.action.rawValue),
            "at": .string(action.at.rfc3339), "header": .string(Base64URL.encode(action.header)),
            "hash": .string(Base64URL.encode(action.hash)), "signature": .string(Base64URL.encode(action.signature)),
            "key_id": .string(action.keyID),
        ]
    }

    private static func json(_ listing: RecordListing) -> JSONValue {
        var json: JSONObject = [
            "id": .string(listing.id), "kind": .string(listing.kind.rawValue), "state": .string(listing.state.rawValue),
            "tracking": .string(listing.trackingID), "office": .string(listing.office),
            "version": .integer(Int64(listing.version)), "changed_at": .string(listing.changedAt.rfc3339),
        ]
        json["number"] = listing.number.map(JSONValue.string)
        return .object(json)
    }
}

/// `{"participant": "2345678901", "limit": 20, "cursor": "..."}`, or one of `number` and `tracking`.
struct RecordSearchBody {
    let query: SystemQuery
    let limit: Int
    let cursor: String?

    init(_ object: JSONObject) throws {
        for name in object.names where !["number", "tracking", "participant", "limit", "cursor"].contains(name) {
            throw RumdulError.apiBody(name, km: "មិនស្គាល់", en: "There is no such member.")
        }
        func text(_ name: String) throws -> String? {
            guard object.has(name) else { return nil }
            guard let text = object.string(name), (1...1_024).contains(text.utf8.count) else {
                throw RumdulError.apiBody(name, km: "ត្រូវជាអត្ថបទ", en: "A text.")
            }
            return text
        }
        let number = try text("number")
        let tracking = try text("tracking")
        let participant = try text("participant")
        guard [number, tracking, participant].compactMap(\.self).count == 1 else {
            throw RumdulError.apiBody(
                "participant", km: "ត្រូវមានមួយក្នុងចំណោម number tracking participant",
                en: "Send one of number, tracking, participant.")
        }
        if let participant {
            query = .participant(try PersonIdentifier(entered: participant))
        } else if let number {
            query = .number(number)
        } else {
            query = .tracking(tracking ?? "")
        }
        cursor = try text("cursor")
        if object.has("limit") {
            guard let number = object.integer("limit"), (1...100).contains(number) else {
                throw RumdulError.apiBody("limit", km: "ពី ១ ដល់ ១០០", en: "A number from 1 to 100.")
            }
            limit = Int(number)
        } else {
            limit = 20
        }
    }
}

import Accountability
import CivilRegister
import Codecs
import Database
import Kernel
import PopulationRegister
import Web

/// The answer to one single request (`search_response[]`).
struct DCIFound: Sendable {
    let reference: String
    var refusal: RumdulError?
    var records: [JSONValue] = []
    var total = 0
    var query: DCIQuery?

    /// - Parameter withData: false for the status of a transaction, which tells nobody anything about people.
    func json(at now: Instant, withData: Bool = true) -> JSONValue {
        var object: JSONObject = ["reference_id": .string(reference), "timestamp": .string(now.rfc3339)]
        if let refusal {
            object["status"] = .string(DCIStatus.rejected.rawValue)
            object["status_reason_code"] = .string(DCICode.search(refusal))
            object["status_reason_message"] = .string("\(refusal.message.en) (\(refusal.code))")
            return .object(object)
        }
        object["status"] = .string(DCIStatus.succeeded.rawValue)
        guard withData, let query else { return .object(object) }
        var data: JSONObject = [
            "version": "1.0.0", "reg_type": .string(DCIPerson.registryType),
            "reg_record_type": .string(DCIPerson.recordType), "reg_records": .array(records),
        ]
        data["reg_event_type"] = query.event.map { .string($0.rawValue) }
        object["data"] = .object(data)
        object["pagination"] = [
            "page_size": .integer(Int64(query.pageSize)), "page_number": .integer(Int64(query.page)),
            "total_count": .integer(Int64(total)),
        ]
        object["locale"] = query.isKhmer ? "khm" : "eng"
        return .object(object)
    }
}

/// Searches of one message that passed their first checks and their limits.
struct DCISearches: Sendable {
    let client: DCIClient
    let traceID: String
    let items: [(reference: String, query: Result<DCIQuery, RumdulError>)]
    let attributes: [AttributeName]
}

extension DCIRegistry {
    /// Reads the searches of a message and takes their limits. Throws `dci.scope`, `dci.nothing`, `dci.envelope`,
    /// `dci.total_*`, `web.rate_limited`.
    func searches(_ request: DCIRequest, _ client: DCIClient, traceID: String) async throws -> DCISearches {
        guard client.scopes.contains(DCIScope.search.rawValue) else {
            throw RumdulError.dciScope(DCIScope.search.rawValue)
        }
        let attributes = DCIPerson.attributes.filter(client.attributes.contains)
        guard !attributes.isEmpty else { throw RumdulError.dciNothing }
        var known: Set<String> = []
        var items: [(reference: String, query: Result<DCIQuery, RumdulError>)] = []
        for object in try request.items("search_request") {
            do {
                let item = try DCIItem(object, known: &known)
                guard let criteria = object.object("search_criteria") else {
                    throw RumdulError.dciCriteria(km: "search_criteria", en: "search_criteria is missing")
                }
                let query = try DCIQuery(criteria, isKhmer: item.isKhmer)
                if query.event != nil, !client.scopes.contains(Self.recordScope) {
                    throw RumdulError.dciScope(Self.recordScope)
                }
                items.append((item.reference, .success(query)))
            } catch let error as RumdulError where error.kind == .invalid {
                items.append((DCIItem.reference(object), .failure(error)))
            }
        }
        for case .success(let query) in items.map(\.query) {
            var digits: String?
            if case .person(let identifier) = query.identifier { digits = identifier.digits }
            try await limits.take(client.id, code: digits, in: database)
        }
        return DCISearches(client: client, traceID: traceID, items: items, attributes: attributes)
    }

    /// The scope that opens records of civil status, the same as in the interface of records.
    static let recordScope = "cr.record.read"

    /// Answers all of them, in the transaction that writes the access entries.
    func answer(_ searches: DCISearches, in connection: any SQLConnection) async throws -> [DCIFound] {
        var found: [DCIFound] = []
        for item in searches.items {
            switch item.query {
            case .failure(let error): found.append(DCIFound(reference: item.reference, refusal: error))
            case .success(let query):
                do {
                    let (records, total) = try await answer(query, searches, in: connection)
                    found.append(
                        DCIFound(reference: item.reference, records: records, total: total, query: query))
                } catch let error as RumdulError where error.kind == .invalid {
                    found.append(DCIFound(reference: item.reference, refusal: error))
                }
            }
        }
        return found
    }

    /// Gives back what does not count as a guess in vain.
    func settle(_ found: [DCIFound], of client: DCIClient) async throws {
        for item in found where item.total > 0 { try await limits.hit(client.id, in: database) }
    }

    private func answer(
        _ query: DCIQuery, _ searches: DCISearches, in connection: any SQLConnection
    ) async throws -> ([JSONValue], total: Int) {
        let reader = SystemReader(
            searches.request, areas: searches.client.areas, seesCodes: searches.attributes.contains(.kidc),
            seesCauses: false)
        var persons: [PersonID] = []
        var candidates: [EventCandidate] = []
        switch query.identifier {
        case .registration(let number):
            candidates = try await civil.eventCandidates(
                query.events(.number(number)), by: reader, in: connection)
            var fitting: [EventCandidate] = []
            for candidate in candidates
            where try await people.fits(query.claims, candidate.person, in: connection) { fitting.append(candidate) }
            candidates = fitting
        case .person(let identifier):
            persons = try await people.persons(
                identifier, matching: query.claims, as: searches.request, in: connection)
        case nil:
            persons = try await people.persons(
                named: query.fullNames, phone: query.phone, matching: query.claims, in: connection)
            guard persons.count < 50 else { throw RumdulError.dciTooMany }
        }
        guard query.event != nil else {
            let told = try await tell(persons.page(query), query, searches, in: connection)
            return (told, persons.count)
        }
        for person in persons {
            candidates += try await civil.eventCandidates(query.events(.person(person)), by: reader, in: connection)
        }
        if candidates.isEmpty, case .person = query.identifier, let person = persons.first {
            // That nothing is registered of somebody whose code was known tells something too.
            var request = searches.request
            request.subject = person
            request.attributes = [.civilRecord]
            _ = try await people.read(request, in: connection)
        }
        var told: [JSONValue] = []
        for candidate in candidates.page(query) {
            guard
                let subject = try await civil.tell(candidate, searches.attributes, by: reader, in: connection)
            else { continue }
            told.append(
                try await writer.person(subject.told, isKhmer: query.isKhmer, in: connection).json(subject))
        }
        return (told, candidates.count)
    }

    private func tell(
        _ persons: [PersonID], _ query: DCIQuery, _ searches: DCISearches, in connection: any SQLConnection
    ) async throws -> [JSONValue] {
        var told: [JSONValue] = []
        for person in persons {
            var request = searches.request
            request.subject = person
            request.attributes = searches.attributes
            told.append(
                try await writer.person(
                    try await people.read(request, in: connection), isKhmer: query.isKhmer, in: connection
                ).json())
        }
        return told
    }
}

extension DCISearches {
    /// What stands in the journal of a person who is answered about; the subject is filled in.
    var request: DisclosureRequest {
        client.request(service: "dci.search", traceID: traceID, attributes: attributes)
    }
}

extension DCIClient {
    func request(service: String, traceID: String, attributes: [AttributeName]) -> DisclosureRequest {
        DisclosureRequest(
            subject: PersonID(""), actor: .client(id), organisation: organisation, system: id, service: service,
            purpose: purpose, basis: .statute(basis), attributes: attributes, traceID: traceID)
    }
}

extension DCIQuery {
    func events(_ key: EventQuery.Key) -> EventQuery {
        EventQuery(key, kinds: event?.kinds ?? [], from: from, to: to)
    }
}

extension Array {
    fileprivate func page(_ query: DCIQuery) -> [Element] {
        Array(dropFirst((query.page - 1) * query.pageSize).prefix(query.pageSize))
    }
}

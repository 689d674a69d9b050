import Accountability
import Database
import Kernel
import KhmerText
import PopulationRegister
import RecordLinkage
import RegisterSearch

/// What an officer searches the register by: an identifier, or a name, a date and a place in any combination.
public struct RegisterQuery: Sendable {
    /// A registration number, tracking number or KIDC as typed, or a name in either script, perhaps with a slip.
    public var text: String
    /// The years in which the event happened, or a person was born, and
    public var years: ClosedRange<Int>?
    /// the date as far as it is known.
    public var date: LinkageDate?
    /// Where the event was registered or happened, where a person lives or was born.
    public var place: SearchQuery.Place?

    public init(
        _ text: String, years: ClosedRange<Int>? = nil, date: LinkageDate? = nil, place: SearchQuery.Place? = nil
    ) {
        self.text = text
        self.years = years
        self.date = date
        self.place = place
    }

    var details: SearchQuery { SearchQuery(name: text, years: years, date: date, place: place) }
}

/// Records that fit, nearest first.
public struct FoundRecords: Sendable {
    public var records: [(summary: RecordSummary, nearness: Nearness)]
    /// Others fit too, or may: more must be told to tell them apart.
    public var hasMore: Bool
}

/// A person of the population register as a search shows them.
public struct FoundSubject: Sendable {
    public let nearness: Nearness
    public let attributes: DisclosedAttributes
    /// The records with the person in them that the officer may open, newest first.
    public let records: [RecordSummary.Link]
}

extension RecordSummary {
    /// A record without anybody's data.
    public struct Link: Sendable {
        public let id: String
        public let kind: VitalEventKind
        /// Its registration number, or the tracking number.
        public let number: String
    }
}

extension CivilRegister {
    /// As `find(_:limit:by:traceID:)` for what one field says; nothing when it says too little.
    public func find(_ text: String, by officer: Officer, traceID: String) async throws -> [RecordSummary] {
        do {
            return try await find(RegisterQuery(text), limit: 50, by: officer, traceID: traceID).records.map(\.summary)
        } catch let error as RumdulError where error.code == RumdulError.searchTooVague.code {
            return []
        }
    }

    /// Finds records among those that the officer may read. Sealed ones are neither found nor counted without the right
    /// to them. Every registered person in one that is shown gets an access entry. Throws `officer.forbidden`,
    /// `person.search_vague`.
    /// - Parameter limit: at most so many, 1 to 50.
    public func find(
        _ query: RegisterQuery, limit: Int = 20, by officer: Officer, traceID: String
    ) async throws -> FoundRecords {
        guard !areas(officer, .civilRead).isEmpty else { throw RumdulError.officerForbidden }
        let limit = min(max(limit, 1), 50)
        return try await database.transaction { connection in
            let found = try await found(query, limit: limit, officer, in: connection)
            var records: [(RecordSummary, Nearness)] = []
            for (row, record, nearness) in found.rows.prefix(limit) {
                try await disclose(record, to: officer, traceID: traceID, in: connection)
                records.append((RecordSummary(row, record, masked: false), nearness))
            }
            return FoundRecords(records: records, hasMore: found.hasMore)
        }
    }

    /// Finds persons of the population register who live where the officer may look for people. Each one who is shown
    /// gets an access entry. Nobody for officers without that right, and for numbers of records. Throws
    /// `person.search_vague`.
    /// - Parameter limit: at most so many, 1 to 50.
    public func findPersons(
        _ query: RegisterQuery, limit: Int = 10, by officer: Officer, traceID: String
    ) async throws -> (persons: [FoundSubject], hasMore: Bool) {
        let areas = areas(officer, .personFind)
        guard !areas.isEmpty, RegistrationNumber(query.text) == nil, TrackingID(query.text) == nil else {
            return ([], false)
        }
        let asked: PersonQuery
        if let code = try? KIDC(entered: query.text) {
            guard code.range == people.codes else { return ([], false) }
            asked = .code(query.text)
        } else {
            asked = .details(query.details)
        }
        return try await database.transaction { connection in
            let answer = try await people.answer(
                asked, limit: limit, areas: areas.contains("") ? nil : areas, in: connection)
            var persons: [FoundSubject] = []
            for person in answer.persons {
                let request = DisclosureRequest(
                    subject: person.id, actor: try officer.acting(.personFind, in: person.home),
                    organisation: officer.organisation, system: "civil-register", service: "search",
                    purpose: Self.searching, basis: .statute("KH-CRVSI-2023"),
                    attributes: PopulationRegister.findAttributes, traceID: traceID)
                let attributes = try await gate.disclose(request, from: people, in: connection)
                let rows = try await store.records(of: person.id.text, in: connection).filter { mayRead($0, officer) }
                persons.append(
                    FoundSubject(
                        nearness: person.nearness, attributes: attributes,
                        records: rows.prefix(8).map {
                            RecordSummary.Link(id: $0.id, kind: $0.kind, number: $0.number ?? $0.trackingID)
                        }))
            }
            return (persons, answer.hasMore)
        }
    }

    private static let searching = Purpose(
        code: "civil-registration-search",
        text: LocalizedText(km: "ស្វែងរកក្នុងបញ្ជីអត្រានុកូលដ្ឋាន", en: "A search in the civil register"))

    // MARK: Within

    /// Rows with their records, nearest first, `limit` and one more at most.
    private func found(
        _ query: RegisterQuery, limit: Int, _ officer: Officer, in connection: any SQLConnection
    ) async throws -> (rows: [(RecordRow, VitalRecord, Nearness)], hasMore: Bool) {
        if let rows = try await rows(numbered: query.text, in: connection) {
            var found: [(RecordRow, VitalRecord, Nearness)] = []
            for row in rows where mayRead(row, officer) && found.count <= limit {
                found.append((row, try await open(row, in: connection).record, .exact))
            }
            return (found, found.count > limit)
        }
        var details = query.details
        guard details.isPrecise else { throw RumdulError.searchTooVague }
        let areas = areas(officer, .civilRead)
        details.within = areas.allSatisfy { $0.utf8.count >= 4 } ? areas : nil
        let candidates = try await index.candidates(details, enough: limit, in: connection)
        var found: [(RecordRow, VitalRecord, Nearness)] = []
        // Sealed records and those of older programs are not in the index; who types the whole name finds them.
        for group in [try await exact(details, in: connection)] + candidates.groups where found.count <= limit {
            let known = Set(found.map(\.0.id))
            let rows = Dictionary(uniqueKeysWithValues: try await rows(group, in: connection).map { ($0.id, $0) })
            for id in group where !known.contains(id) {
                guard let row = rows[id], mayRead(row, officer) else { continue }
                let record = try await open(row, in: connection).record
                if let nearness = details.rate(record.searchFacts) { found.append((row, record, nearness)) }
            }
        }
        found.sort { ($0.2, $1.0.changedAt, $0.0.id) < ($1.2, $0.0.changedAt, $1.0.id) }
        return (found, found.count > limit || (candidates.isCut && !found.isEmpty))
    }

    /// The rows of an identifier; `nil` when the text is none.
    private func rows(numbered text: String, in connection: any SQLConnection) async throws -> [RecordRow]? {
        if let number = RegistrationNumber(text) {
            return try await [store.record(number: number.text, in: connection)].compactMap(\.self)
        }
        if let tracking = TrackingID(text) {
            return try await [store.record(tracking: tracking.text, in: connection)].compactMap(\.self)
        }
        if let code = try? KIDC(entered: text), code.range == people.codes {
            guard let person = try await people.person(kidc: code, followingMerges: true, in: connection) else {
                return []
            }
            return try await store.records(of: person.text, in: connection)
        }
        return nil
    }

    private func rows(_ ids: [String], in connection: any SQLConnection) async throws -> [RecordRow] {
        var rows: [RecordRow] = []
        for start in stride(from: 0, to: ids.count, by: 200) {
            rows += try await store.records(Array(ids[start..<min(start + 200, ids.count)]), in: connection)
        }
        return rows
    }

    /// Records under the tag of the whole name.
    private func exact(_ query: SearchQuery, in connection: any SQLConnection) async throws -> [String] {
        guard let name = query.name else { return [] }
        let tag =
            NameScript(of: name) == .khmer ? try await tags.khmerName(name) : try await tags.latinName(name)
        guard let tag else { return [] }
        return try await store.records(tag: tag, limit: 200, in: connection).map(\.id)
    }

    // MARK: Keeping

    /// Enters a record as it stands under its tags and in the search index. A sealed one leaves the index.
    func setLookups(
        of record: VitalRecord, isNew: Bool = false, in connection: any SQLConnection
    ) async throws {
        try await store.setLookups(
            try await tags.all(record.declaration), of: record.id, isNew: isNew, in: connection)
        guard !record.isSealed else { return try await index.withdraw([record.id], in: connection) }
        try await index.put(
            [(record.id, try await index.entries(record.searchFacts))], areNew: isNew, in: connection)
    }

    /// Enters records that are not in the search index, or were entered by an older program; as
    /// `PopulationRegister.reindexNames`.
    public func reindexNames(after: String, limit: Int = 200) async throws -> (entered: Int, last: String?) {
        try await database.transaction { connection in
            let ids = try await store.unindexed(after: after, limit: min(max(limit, 1), 400), in: connection)
            var entries: [(String, SearchIndex.Entries)] = []
            for record in try await open(ids, in: connection) {
                entries.append((record.id, try await index.entries(record.searchFacts)))
            }
            try await index.put(entries, in: connection)
            return (ids.count, ids.last)
        }
    }
}

extension VitalRecord {
    /// What the search index knows of the record.
    var searchFacts: SearchFacts {
        let relatives = [ParticipantRole.mother, .father].filter { !kind.subjects.contains($0) }
        return SearchFacts(
            names: kind.subjects.map(declaration.linkageName), relatives: relatives.map(declaration.linkageName),
            date: declaration.occurredOn.map(LinkageDate.init), home: office, born: declaration.place?.text)
    }
}

extension CivilStore {
    /// Records that are not sealed and that the present program has not entered in the search index, by identifier.
    /// Drafts of which nothing was declared are found by their tracking number only.
    func unindexed(after: String, limit: Int, in connection: any SQLConnection) async throws -> [String] {
        try await connection.query(
            """
            SELECT r.id FROM civil_records r LEFT JOIN civil_search_subjects s ON s.subject = r.id
            WHERE r.id > $1 AND r.is_sealed = 0 AND r.state <> 'draft' AND (s.form IS NULL OR s.form <> \(SearchIndex.form))
            ORDER BY r.id LIMIT $2
            """, [after, limit]
        ).map { try $0.string(0) }
    }
}

import Accountability
import Codecs
import Database
import JOSE
import Kernel
import Ledger
import PopulationRegister

/// A system of an agency that reads records.
public struct SystemReader: Sendable {
    /// Who asks, why and for whom. Subject and attributes are set here; the basis must be a legal provision.
    public let request: DisclosureRequest
    /// Codes of the places whose offices' records it may read; empty for the whole country.
    public let areas: [String]
    /// Whether it may see the codes of the people in records.
    public let seesCodes: Bool
    /// Whether it may see causes of death.
    public let seesCauses: Bool

    public init(_ request: DisclosureRequest, areas: [String], seesCodes: Bool, seesCauses: Bool) {
        self.request = request
        self.areas = areas
        self.seesCodes = seesCodes
        self.seesCauses = seesCauses
    }

    func covers(_ office: String) -> Bool {
        areas.isEmpty || areas.contains { office.utf8.starts(with: $0.utf8) }
    }
}

/// A record as a system reads it.
public struct SystemRecord: Sendable {
    public let record: VitalRecord
    /// The values of the form's fields, without codes of people unless the system may see them.
    public let fields: [String: String]
    /// The cause of a death that was stated last; `nil` also for systems that may not see it.
    public let cause: String?
    /// When it last changed.
    public let changedAt: Instant
}

/// One entry of a record's history as it was signed.
public struct SignedAction: Sendable {
    public let sequence: Int64
    public let action: VitalAction
    public let at: Instant
    /// The canonical JSON that was hashed: of which record, who, what, when, the digest of the sealed content, the hash
    /// of the entry before.
    public let header: [UInt8]
    /// SHA-256 of the header.
    public let hash: [UInt8]
    /// ES256 over the hash.
    public let signature: [UInt8]
    public let keyID: String
}

/// What systems look records up by.
public enum SystemQuery: Sendable {
    case number(String)
    case tracking(String)
    /// The records that a person is in.
    case participant(PersonIdentifier)
}

extension CivilRegister {
    /// Opens a record for a system: one that was registered, of its areas, not sealed. Every registered person in it gets
    /// an access entry. Throws `civil.not_found`, `person.search_basis`.
    /// - Parameter known: the sequence number that the system has already; when it is still that, the answer is `nil` and
    ///   nothing was disclosed.
    public func view(_ id: String, known: Int64? = nil, by reader: SystemReader) async throws -> SystemRecord? {
        try await database.transaction { connection in
            let row = try await readable(id, by: reader, in: connection)
            if row.sequence == known { return nil }
            return try await systemRecord(row, by: reader, in: connection)
        }
    }

    /// A row as a system reads it, with the access entries.
    func systemRecord(
        _ row: RecordRow, by reader: SystemReader, in connection: any SQLConnection
    ) async throws -> SystemRecord {
        let open = try await open(row, in: connection)
        let cause = reader.seesCauses ? try await cause(open, in: connection)?.code : nil
        var attributes: [AttributeName] = [.civilRecord]
        if reader.seesCodes { attributes.append(.kidc) }
        try await disclose(
            open.record, attributes, withCause: reader.seesCauses && open.record.kind.endsLife, to: reader,
            in: connection)
        let fields = open.record.declaration.values.filter { reader.seesCodes || !$0.key.hasSuffix(".person") }
        return SystemRecord(record: open.record, fields: fields, cause: cause, changedAt: row.changedAt)
    }

    /// The signed history of a record, by the same rules; what the actions hold stays sealed. Throws as `view`.
    public func history(of id: String, by reader: SystemReader) async throws -> (record: VitalRecord, [SignedAction]) {
        try await database.transaction { connection in
            let row = try await readable(id, by: reader, in: connection)
            let open = try await open(row, in: connection)
            try await disclose(open.record, [.civilRecord], withCause: false, to: reader, in: connection)
            let rows = try await store.actions(of: id, in: connection)
            let signed = zip(rows, open.actions).map { row, action in
                SignedAction(
                    sequence: row.sequence, action: action.kind, at: action.at, header: row.header, hash: row.hash,
                    signature: row.signature, keyID: row.keyID)
            }
            return (open.record, signed)
        }
    }

    /// The public keys that sign histories, and that ever did.
    public func historyKeys() async throws -> [JSONObject] { try await vault.evidenceKeySet(Self.signing) }

    /// Proof that the last entry of a record's history stands in the ledger. It says nothing about people. Throws
    /// `civil.not_found`, `ledger.not_covered` until the next checkpoint.
    public func proof(
        of id: String, by reader: SystemReader
    ) async throws -> (record: LedgerRecord, proof: InclusionProof) {
        let found = try await database.read { connection in
            let row = try await readable(id, by: reader, in: connection)
            return try await ledger.entries(
                subject: id, streamPrefix: AuditTrail.streamPrefix, limit: 1_000, in: connection
            ).first { record in
                record.kind != "civil.cause" && (try? record.value())?["details"]?["seq"] == .integer(row.sequence)
            }
        }
        guard let found else { throw RumdulError.civilChain.because("record \(id): no entry in the ledger") }
        return (found, try await ledger.inclusionProof(stream: found.stream, sequence: found.sequence))
    }

    /// Finds records for a system, newest first, without names. Everybody registered in a record that is found gets an
    /// access entry; of a search for a person, that person only, once. Throws `person.search_basis`.
    /// - Parameters:
    ///   - after: where the page before ended.
    ///   - limit: 1 to 100.
    public func search(
        _ query: SystemQuery, after: (Instant, String)?, limit: Int, by reader: SystemReader
    ) async throws -> (found: [RecordListing], next: (Instant, String)?) {
        try reader.requireStatute()
        let limit = min(max(limit, 1), 100)
        return try await database.transaction { connection in
            var rows: [RecordRow] = []
            switch query {
            case .number(let text):
                if let number = RegistrationNumber(text)?.text {
                    rows = try await [store.record(number: number, in: connection)].compactMap(\.self)
                }
            case .tracking(let text):
                if let tracking = TrackingID(text)?.text {
                    rows = try await [store.record(tracking: tracking, in: connection)].compactMap(\.self)
                }
            case .participant(let identifier):
                guard let person = try await people.usable(identifier, in: connection) else { return ([], nil) }
                rows = try await store.registered(
                    of: person.text, areas: reader.areas, after: after, limit: limit + 1, in: connection)
                var request = reader.request
                request.subject = person
                request.attributes = [.civilRecord]
                _ = try await gate.disclose(request, from: self, in: connection)
                let shown = rows.prefix(limit)
                return (
                    shown.map(RecordListing.init),
                    rows.count > limit ? shown.last.map { ($0.createdAt, $0.id) } : nil
                )
            }
            rows = rows.filter { Self.isReadable($0, by: reader) }
            for row in rows {
                try await disclose(
                    try await open(row, in: connection).record, [.civilRecord], withCause: false, to: reader,
                    in: connection)
            }
            return (rows.map(RecordListing.init), nil)
        }
    }

    // MARK: Within

    /// The row of a record that the system may read; to everything else there is none.
    private func readable(
        _ id: String, by reader: SystemReader, in connection: any SQLConnection
    ) async throws -> RecordRow {
        try reader.requireStatute()
        guard let row = try await store.record(id, in: connection), Self.isReadable(row, by: reader) else {
            throw RumdulError.civilNotFound
        }
        return row
    }

    private static func isReadable(_ row: RecordRow, by reader: SystemReader) -> Bool {
        CivilStore.readableStates.contains(row.state) && !row.isSealed && reader.covers(row.office)
    }

    /// Writes the access entries of everybody registered in a record; that of the deceased names the cause as well.
    private func disclose(
        _ record: VitalRecord, _ attributes: [AttributeName], withCause: Bool, to reader: SystemReader,
        in connection: any SQLConnection
    ) async throws {
        for person in Set(record.persons.values).sorted(by: { $0.text < $1.text }) {
            guard try await people.state(of: person, in: connection) != nil else { continue }
            var request = reader.request
            request.subject = person
            request.attributes = attributes
            if withCause, person == record.persons[.deceased] { request.attributes.append(.causeOfDeath) }
            request.caseReference = request.caseReference ?? record.number ?? record.trackingID
            _ = try await gate.disclose(request, from: self, in: connection)
        }
    }
}

extension SystemReader {
    func requireStatute() throws(RumdulError) {
        guard case .statute = request.basis else { throw .searchBasis }
    }
}

/// A record in a list for systems: no names.
public struct RecordListing: Sendable {
    public let id: String
    public let kind: VitalEventKind
    public let state: VitalRecordState
    public let number: String?
    public let trackingID: String
    public let office: String
    public let version: Int
    public let changedAt: Instant

    init(_ row: RecordRow) {
        id = row.id
        kind = row.kind
        state = row.state
        number = row.number
        trackingID = row.trackingID
        office = row.office
        version = row.version
        changedAt = row.changedAt
    }
}

extension CivilStore {
    /// The states of records that systems may read: those that are or were in force.
    static let readableStates: Set<VitalRecordState> = [.registered, .inactive, .revoked]

    /// Records of a person that systems may read, newest first.
    func registered(
        of person: String, areas: [String], after: (Instant, String)?, limit: Int, in connection: any SQLConnection
    ) async throws -> [RecordRow] {
        let states = Self.readableStates.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
        var arguments: [any SQLValueConvertible] = [person]
        var condition =
            "id IN (SELECT record_id FROM civil_participants WHERE person_id = $1) AND is_sealed = 0 AND state IN (\(states))"
        if let after {
            condition += " AND (created_at, id) < ($2, $3)"
            arguments += [after.0, after.1] as [any SQLValueConvertible]
        }
        if !areas.isEmpty {
            var parts: [String] = []
            for area in areas {
                arguments += [area, area + "999999"] as [any SQLValueConvertible]
                parts.append("(office >= $\(arguments.count - 1) AND office <= $\(arguments.count))")
            }
            condition += " AND (" + parts.joined(separator: " OR ") + ")"
        }
        return try await list(condition, arguments, order: "created_at DESC, id DESC", limit: limit, in: connection)
    }
}

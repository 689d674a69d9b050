import Database
import Kernel
import PopulationRegister
import RegisterSearch

/// The row of a record: what is needed to find and list it. Everything about people is in the sealed actions.
struct RecordRow: Sendable {
    var id: String
    var kind: VitalEventKind
    var state: VitalRecordState
    var trackingID: String
    var number: String?
    var office: String
    var sequence: Int64
    var version: Int
    var pending: String?
    var needsApproval: Bool
    var isSealed: Bool
    var dataKey: [UInt8]
    var createdAt: Instant
    var changedAt: Instant
}

/// A row of a record's history as it lies in the table.
struct ActionRow: Sendable {
    var sequence: Int64
    var header: [UInt8]
    var sealed: [UInt8]
    var hash: [UInt8]
    var signature: [UInt8]
    var keyID: String
    var transactionID: String?
}

/// The only place that touches the tables of this module.
struct CivilStore: Sendable {
    static let migrations = ModuleMigrations(
        "civil",
        [
            .init(
                "records, actions, participants, lookups, serials",
                [
                    """
                    CREATE TABLE civil_records (
                        id TEXT PRIMARY KEY,
                        kind TEXT NOT NULL,
                        state TEXT NOT NULL,
                        tracking TEXT NOT NULL UNIQUE,
                        number TEXT UNIQUE,
                        office TEXT NOT NULL,
                        sequence BIGINT NOT NULL,
                        version BIGINT NOT NULL,
                        pending TEXT,
                        needs_approval BIGINT NOT NULL,
                        is_sealed BIGINT NOT NULL,
                        data_key BLOB NOT NULL,
                        created_at BIGINT NOT NULL,
                        changed_at BIGINT NOT NULL
                    )
                    """,
                    "CREATE INDEX civil_records_queue ON civil_records (state, office, changed_at)",
                    "CREATE INDEX civil_records_pending ON civil_records (pending, office) WHERE pending IS NOT NULL",
                    """
                    CREATE TABLE civil_actions (
                        record_id TEXT NOT NULL,
                        seq BIGINT NOT NULL,
                        header BLOB NOT NULL,
                        sealed BLOB NOT NULL,
                        hash BLOB NOT NULL,
                        signature BLOB NOT NULL,
                        key_id TEXT NOT NULL,
                        transaction_id TEXT,
                        PRIMARY KEY (record_id, seq)
                    )
                    """,
                    "CREATE UNIQUE INDEX civil_actions_once ON civil_actions (transaction_id) WHERE transaction_id IS NOT NULL",
                    """
                    CREATE TABLE civil_participants (
                        record_id TEXT NOT NULL,
                        role TEXT NOT NULL,
                        person_id TEXT NOT NULL,
                        PRIMARY KEY (record_id, role)
                    )
                    """,
                    "CREATE INDEX civil_participants_person ON civil_participants (person_id)",
                    // Blind tags of names and dates.
                    "CREATE TABLE civil_lookups (tag BLOB NOT NULL, record_id TEXT NOT NULL, PRIMARY KEY (tag, record_id))",
                    "CREATE INDEX civil_lookups_record ON civil_lookups (record_id)",
                    """
                    CREATE TABLE civil_serials (
                        series TEXT PRIMARY KEY,
                        last BIGINT NOT NULL
                    )
                    """,
                ]),
            EvidenceStore.migration, DuplicateStore.migration, CertificateStore.migration, StatisticsStore.migration,
            LegacyStore.migration, KeyingStore.migration,
            SearchIndex.migration(prefix: "civil"), StatisticsStore.certificates, CheckStore.migration,
        ])

    private static let columns =
        "id, kind, state, tracking, number, office, sequence, version, pending, needs_approval, is_sealed, data_key, created_at, changed_at"

    // MARK: Records

    func insert(_ row: RecordRow, in connection: any SQLConnection) async throws {
        try await connection.post(
            """
            INSERT INTO civil_records (\(Self.columns))
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            """,
            [
                row.id, row.kind.rawValue, row.state.rawValue, row.trackingID, row.number, row.office, row.sequence,
                row.version, row.pending, row.needsApproval ? 1 : 0, row.isSealed ? 1 : 0, row.dataKey, row.createdAt,
                row.changedAt,
            ])
    }

    /// Writes what the fold of a record says, unless somebody else was faster. Throws `civil.changed`.
    /// - Parameter isNew: whether the record was begun in this transaction, so that nobody else has it.
    func update(
        _ record: VitalRecord, from sequence: Int64, at now: Instant, isNew: Bool, in connection: any SQLConnection
    ) async throws {
        let statement = """
            UPDATE civil_records SET state = $3, number = $4, sequence = $5, version = $6, pending = $7,
                needs_approval = $8, is_sealed = $9, changed_at = $10
            WHERE id = $1 AND sequence = $2
            """
        let values: [any SQLValueConvertible] = [
            record.id, sequence, record.state.rawValue, record.number, record.sequence, record.version,
            record.pending?.kind.rawValue, record.needsApproval ? 1 : 0, record.isSealed ? 1 : 0, now,
        ]
        if isNew { return try await connection.post(statement, values) }
        guard try await connection.execute(statement, values) == 1 else { throw RumdulError.civilChanged }
    }

    func record(_ id: String, in connection: any SQLConnection) async throws -> RecordRow? {
        try await list("id = $1", [id], limit: 1, in: connection).first
    }

    func record(tracking: String, in connection: any SQLConnection) async throws -> RecordRow? {
        try await list("tracking = $1", [tracking], limit: 1, in: connection).first
    }

    func record(number: String, in connection: any SQLConnection) async throws -> RecordRow? {
        try await list("number = $1", [number], limit: 1, in: connection).first
    }

    /// Records in a state whose office lies in an area (a prefix of the code; empty for the whole country), longest
    /// waiting first.
    func queue(
        _ states: [VitalRecordState], area: String, condition: String = "1 = 1", limit: Int,
        in connection: any SQLConnection
    ) async throws -> [RecordRow] {
        let names = states.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        // Digits come in their order in every collation; a sign behind them need not.
        return try await list(
            "state IN (\(names)) AND office >= $1 AND office <= $2 AND \(condition)", [area, area + "999999"],
            limit: limit, in: connection)
    }

    /// Records by their identifiers, at most 400.
    func records(_ ids: [String], in connection: any SQLConnection) async throws -> [RecordRow] {
        guard !ids.isEmpty else { return [] }
        return try await list("id IN (\(Self.places(ids.count)))", ids, limit: ids.count, in: connection)
    }

    /// The histories of several records, by record.
    func actions(of records: [String], in connection: any SQLConnection) async throws -> [String: [ActionRow]] {
        guard !records.isEmpty else { return [:] }
        var found: [String: [ActionRow]] = [:]
        for row in try await connection.query(
            """
            SELECT seq, header, sealed, hash, signature, key_id, transaction_id, record_id FROM civil_actions
            WHERE record_id IN (\(Self.places(records.count))) ORDER BY record_id, seq
            """, records)
        {
            found[try row.string(7), default: []].append(try Self.action(row))
        }
        return found
    }

    private static func places(_ count: Int) -> String { (1...count).map { "$\($0)" }.joined(separator: ", ") }

    /// Records of a person in any role, newest first.
    func records(of person: String, in connection: any SQLConnection) async throws -> [RecordRow] {
        try await list(
            "id IN (SELECT record_id FROM civil_participants WHERE person_id = $1)", [person], order: "created_at DESC",
            limit: 200, in: connection)
    }

    /// Records that carry a tag.
    func records(tag: [UInt8], limit: Int, in connection: any SQLConnection) async throws -> [RecordRow] {
        try await list(
            "id IN (SELECT record_id FROM civil_lookups WHERE tag = $1 ORDER BY record_id LIMIT \(limit))", [tag],
            limit: limit, in: connection)
    }

    func list(
        _ condition: String, _ arguments: [any SQLValueConvertible], order: String = "changed_at, id", limit: Int,
        in connection: any SQLConnection
    ) async throws -> [RecordRow] {
        try await connection.query(
            "SELECT \(Self.columns) FROM civil_records WHERE \(condition) ORDER BY \(order) LIMIT \(limit)", arguments
        ).map(Self.row)
    }

    private static func row(_ row: Row) throws -> RecordRow {
        guard let kind = VitalEventKind(rawValue: try row.string(1)),
            let state = VitalRecordState(rawValue: try row.string(2))
        else { throw RumdulError.internal("civil.record_row") }
        return RecordRow(
            id: try row.string(0), kind: kind, state: state, trackingID: try row.string(3),
            number: try row.optionalString(4), office: try row.string(5), sequence: try row.int64(6),
            version: try row.int(7), pending: try row.optionalString(8), needsApproval: try row.int64(9) == 1,
            isSealed: try row.int64(10) == 1, dataKey: try row.blob(11), createdAt: try row.instant(12),
            changedAt: try row.instant(13))
    }

    // MARK: Actions

    func insert(_ action: ActionRow, of record: String, in connection: any SQLConnection) async throws {
        try await connection.post(
            """
            INSERT INTO civil_actions (record_id, seq, header, sealed, hash, signature, key_id, transaction_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            [
                record, action.sequence, action.header, action.sealed, action.hash, action.signature, action.keyID,
                action.transactionID,
            ])
    }

    func actions(of record: String, in connection: any SQLConnection) async throws -> [ActionRow] {
        try await connection.query(
            """
            SELECT seq, header, sealed, hash, signature, key_id, transaction_id FROM civil_actions
            WHERE record_id = $1 ORDER BY seq
            """, [record]
        ).map(Self.action)
    }

    private static func action(_ row: Row) throws -> ActionRow {
        ActionRow(
            sequence: try row.int64(0), header: try row.blob(1), sealed: try row.blob(2), hash: try row.blob(3),
            signature: try row.blob(4), keyID: try row.string(5), transactionID: try row.optionalString(6))
    }

    /// The record that a request of this identifier changed already.
    func recordOf(transaction: String, in connection: any SQLConnection) async throws -> String? {
        try await connection.first(
            "SELECT record_id FROM civil_actions WHERE transaction_id = $1", [transaction]
        )?.string(0)
    }

    // MARK: Participants, lookups, serial numbers

    /// - Parameter before: who took part until now.
    func setParticipants(
        _ record: VitalRecord, before: [ParticipantRole: PersonID], in connection: any SQLConnection
    ) async throws {
        if !before.isEmpty {
            try await connection.post("DELETE FROM civil_participants WHERE record_id = $1", [record.id])
        }
        for (role, person) in record.persons.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            try await connection.post(
                "INSERT INTO civil_participants (record_id, role, person_id) VALUES ($1, $2, $3)",
                [record.id, role.rawValue, person.text])
        }
    }

    /// - Parameter isNew: whether the record never had any. Deleting nothing would still be a look at where others, who
    ///   enter theirs at this moment, write.
    func setLookups(
        _ tags: Set<[UInt8]>, of record: String, isNew: Bool, in connection: any SQLConnection
    ) async throws {
        if !isNew { try await connection.post("DELETE FROM civil_lookups WHERE record_id = $1", [record]) }
        try await insertTags(
            tags.sorted { $0.lexicographicallyPrecedes($1) }, of: record, into: "civil_lookups", in: connection)
    }

    /// Inserts the tags of a record in one statement.
    func insertTags(
        _ tags: [[UInt8]], of record: String, into table: String, in connection: any SQLConnection
    ) async throws {
        guard !tags.isEmpty else { return }
        let rows = tags.indices.map { "($\($0 + 2), $1)" }.joined(separator: ", ")
        try await connection.post(
            "INSERT INTO \(table) (tag, record_id) VALUES \(rows) ON CONFLICT DO NOTHING",
            [record] + tags.map { $0 as any SQLValueConvertible })
    }

    /// Counts a number as given that another system gave: none is given twice.
    func keep(_ number: RegistrationNumber, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            INSERT INTO civil_serials (series, last) VALUES ($1, $2)
            ON CONFLICT (series) DO UPDATE SET last = excluded.last WHERE civil_serials.last < excluded.last
            """, [number.series, number.serial])
    }

    /// The next number of a series, from 1.
    func next(_ series: String, in connection: any SQLConnection) async throws -> Int {
        try await connection.first(
            """
            INSERT INTO civil_serials (series, last) VALUES ($1, 1)
            ON CONFLICT (series) DO UPDATE SET last = civil_serials.last + 1 RETURNING last
            """, [series])?.int(0) ?? 1
    }
}

import Database
import Kernel
import RegisterSearch

/// Whether a record stands.
public enum RecordState: String, Sendable, Codable, CaseIterable {
    case active
    /// Entered by a registration that is verified and not yet in force: the code is reserved, and nobody finds the
    /// record or can log in.
    case provisional
    /// Another record of the same person survives.
    case merged
    /// Annulled by decision.
    case annulled
    /// Entered by mistake; there is no such person.
    case error
}

/// The row of a person as it lies in the table: everything about the person is sealed.
struct PersonRow: Sendable {
    var id: PersonID
    var record: RecordState
    var survivor: PersonID?
    var life: LifeState
    var ial: Int
    /// The wrapped data key; `nil` after erasure.
    var dataKey: [UInt8]?
    var snapshot: [UInt8]?
    var version: Int64
}

/// A row of the history.
struct FactRow: Sendable {
    var sequence: Int64
    var recordedTo: Instant?
    var sealed: [UInt8]
}

/// Where a code stands while it is no retired one.
enum CodeState: String, Sendable {
    case active
    /// Allocated by a verification and given out by the registration.
    case reserved
}

/// The only place that touches the tables of this module.
struct PopulationStore: Sendable {
    static let migrations = ModuleMigrations(
        "population",
        [
            .init(
                "persons, codes, aliases, lookups, facts",
                [
                    """
                    CREATE TABLE population_persons (
                        id TEXT PRIMARY KEY,
                        record_state TEXT NOT NULL,
                        survivor TEXT,
                        life_state TEXT NOT NULL,
                        ial BIGINT NOT NULL,
                        data_key BLOB,
                        snapshot BLOB,
                        version BIGINT NOT NULL,
                        registered_at BIGINT NOT NULL,
                        changed_at BIGINT NOT NULL
                    )
                    """,
                    // A code's row is never deleted: that it was given out once is why it is never given out again.
                    """
                    CREATE TABLE population_codes (
                        tag BLOB PRIMARY KEY,
                        person_id TEXT NOT NULL,
                        profile TEXT NOT NULL,
                        state TEXT NOT NULL,
                        sealed BLOB,
                        issued_at BIGINT NOT NULL,
                        retired_at BIGINT
                    )
                    """,
                    """
                    CREATE UNIQUE INDEX population_codes_active ON population_codes (person_id) WHERE state = 'active'
                    """,
                    """
                    CREATE TABLE population_aliases (
                        tag BLOB PRIMARY KEY,
                        person_id TEXT NOT NULL,
                        kind TEXT NOT NULL,
                        state TEXT NOT NULL,
                        expires_at BIGINT,
                        uses_left BIGINT,
                        issued_at BIGINT NOT NULL
                    )
                    """,
                    "CREATE INDEX population_aliases_person ON population_aliases (person_id)",
                    // Blind tags of names with birth years, and of phone numbers.
                    """
                    CREATE TABLE population_lookups (
                        tag BLOB NOT NULL, person_id TEXT NOT NULL, PRIMARY KEY (tag, person_id)
                    )
                    """,
                    "CREATE INDEX population_lookups_person ON population_lookups (person_id)",
                    // Versions of facts that are no longer the present one.
                    """
                    CREATE TABLE population_facts (
                        person_id TEXT NOT NULL,
                        kind TEXT NOT NULL,
                        seq BIGINT NOT NULL,
                        recorded_at BIGINT NOT NULL,
                        recorded_to BIGINT,
                        sealed BLOB NOT NULL,
                        PRIMARY KEY (person_id, kind, seq)
                    )
                    """,
                ]),
            CorrectionStore.migration, RelationshipStore.migration, ReservationStore.migration,
            SearchIndex.migration(prefix: "population"), ReservationStore.ending,
            // The rows of codes that are reserved are few, and found by whom they are for.
            .init(
                "reserved codes by person",
                ["CREATE INDEX population_codes_reserved ON population_codes (person_id) WHERE state = 'reserved'"]),
            HouseholdStore.migration,
        ])

    // MARK: Persons

    func insert(_ persons: [PersonRow], at now: Instant, in connection: any SQLConnection) async throws {
        try await postRows(
            "INSERT INTO population_persons (id, record_state, survivor, life_state, ial, data_key, snapshot, version, "
                + "registered_at, changed_at) VALUES ", width: 10, persons, in: connection
        ) { person in
            [
                person.id.text, person.record.rawValue, person.survivor?.text, person.life.rawValue, person.ial,
                person.dataKey,
                person.snapshot, person.version, now, now,
            ]
        }
    }

    /// The rows of several persons, in no order; those that do not exist are left out.
    func persons(_ ids: [PersonID], in connection: any SQLConnection) async throws -> [PersonRow] {
        var rows: [PersonRow] = []
        for start in stride(from: 0, to: ids.count, by: 32) {
            let chunk = ids[start..<min(start + 32, ids.count)].map(\.text)
            // Few sizes, so that few statements are prepared.
            let size = chunk.count > 4 ? 32 : chunk.count > 1 ? 4 : 1
            let places = (1...size).map { "$\($0)" }.joined(separator: ", ")
            rows += try await connection.query(
                """
                SELECT record_state, survivor, life_state, ial, data_key, snapshot, version, id FROM population_persons
                WHERE id IN (\(places))
                """, chunk + Array(repeating: chunk[0], count: size - chunk.count)
            ).map { try Self.row(PersonID(try $0.string(7)), $0) }
        }
        return rows
    }

    func person(_ id: PersonID, in connection: any SQLConnection) async throws -> PersonRow? {
        try await connection.first(
            """
            SELECT record_state, survivor, life_state, ial, data_key, snapshot, version FROM population_persons WHERE id = $1
            """, [id.text]
        ).map { try Self.row(id, $0) }
    }

    private static func row(_ id: PersonID, _ row: Row) throws -> PersonRow {
        guard let record = RecordState(rawValue: try row.string(0)), let life = LifeState(rawValue: try row.string(2))
        else { throw RumdulError.internal("population.person_row") }
        return PersonRow(
            id: id, record: record, survivor: try row.optionalString(1).map { PersonID($0) }, life: life,
            ial: try row.int(3), dataKey: try row.optionalBlob(4), snapshot: try row.optionalBlob(5),
            version: try row.int64(6))
    }

    /// What is not personal about a record, without its sealed part.
    func state(_ id: PersonID, in connection: any SQLConnection) async throws -> PersonState? {
        try await connection.first(
            "SELECT record_state, life_state, ial FROM population_persons WHERE id = $1", [id.text]
        ).map { row in
            guard let record = RecordState(rawValue: try row.string(0)),
                let life = LifeState(rawValue: try row.string(1))
            else {
                throw RumdulError.internal("population.person_row")
            }
            return PersonState(
                record: record, life: life, assurance: IdentityAssuranceLevel(rawValue: try row.int(2)))
        }
    }

    /// Writes a changed row unless somebody else changed it since it was read.
    func update(_ person: PersonRow, at now: Instant, in connection: any SQLConnection) async throws {
        let changed = try await connection.execute(
            """
            UPDATE population_persons SET record_state = $3, survivor = $4, life_state = $5, ial = $6, data_key = $7,
                snapshot = $8, version = version + 1, changed_at = $9
            WHERE id = $1 AND version = $2
            """,
            [
                person.id.text, person.version, person.record.rawValue, person.survivor?.text, person.life.rawValue,
                person.ial,
                person.dataKey, person.snapshot, now,
            ])
        guard changed == 1 else { throw RumdulError.personChanged }
    }

    /// About how many records there are: exactly while they are few.
    func size(in connection: any SQLConnection) async throws -> Int {
        let estimate =
            connection.dialect == .sqlite
            ? "SELECT MAX(rowid) FROM population_persons"
            : "SELECT reltuples::bigint FROM pg_class WHERE oid = 'population_persons'::regclass"
        let about = try await connection.first(estimate)?.optionalInt64(0) ?? 0
        return about > 100_000 ? Int(about) : try await count(in: connection)
    }

    func count(in connection: any SQLConnection) async throws -> Int {
        try await connection.first("SELECT COUNT(*) FROM population_persons WHERE record_state = 'active'", [])?.int(0)
            ?? 0
    }

    // MARK: Codes

    /// Gives out codes, and says which persons got theirs: the tags of the others are taken.
    func claim(
        _ codes: [(tag: [UInt8], person: PersonID, sealed: [UInt8])], as state: CodeState, profile: String,
        at now: Instant, in connection: any SQLConnection
    ) async throws -> Set<PersonID> {
        var claimed: Set<PersonID> = []
        let rows = try await insertRows(
            "INSERT INTO population_codes (tag, person_id, profile, state, sealed, issued_at) VALUES ", width: 6, codes,
            suffix: " ON CONFLICT (tag) DO NOTHING RETURNING person_id", in: connection
        ) { code in [code.tag, code.person.text, profile, state.rawValue, code.sealed, now] }
        for row in rows { claimed.insert(PersonID(try row.string(0))) }
        return claimed
    }

    func personOfCode(
        _ tag: [UInt8], in connection: any SQLConnection
    ) async throws -> (person: PersonID, isActive: Bool)? {
        try await connection.first("SELECT person_id, state FROM population_codes WHERE tag = $1", [tag]).map { row in
            (PersonID(try row.string(0)), try row.string(1) == "active")
        }
    }

    /// Moves the codes of a person from one state to another.
    func moveCodes(
        of person: PersonID, from: CodeState, to: String, at now: Instant?, in connection: any SQLConnection
    ) async throws {
        // The state stands in the text, so that the index of those in it serves.
        try await connection.post(
            "UPDATE population_codes SET state = $2, retired_at = $3 WHERE person_id = $1 AND state = '\(from.rawValue)'",
            [person.text, to, now])
    }

    /// The sealed active code of a person.
    func code(of person: PersonID, in connection: any SQLConnection) async throws -> [UInt8]? {
        try await connection.first(
            "SELECT sealed FROM population_codes WHERE person_id = $1 AND state = 'active'", [person.text]
        )?.optionalBlob(0)
    }

    func retireCodes(of person: PersonID, as state: RecordState, at now: Instant, in connection: any SQLConnection)
        async throws
    {
        try await connection.execute(
            "UPDATE population_codes SET state = $2, retired_at = $3 WHERE person_id = $1 AND state = 'active'",
            [person.text, state.rawValue, now])
    }

    // MARK: Lookups

    func insertLookups(_ lookups: [(tag: [UInt8], person: PersonID)], in connection: any SQLConnection) async throws {
        try await postRows(
            "INSERT INTO population_lookups (tag, person_id) VALUES ", width: 2, lookups,
            suffix: " ON CONFLICT DO NOTHING",
            in: connection
        ) { [$0.tag, $0.person.text] }
    }

    func deleteLookup(_ tag: [UInt8], of person: PersonID, in connection: any SQLConnection) async throws {
        try await connection.execute(
            "DELETE FROM population_lookups WHERE tag = $1 AND person_id = $2", [tag, person.text])
    }

    /// Persons of active records that carry a tag, oldest first.
    func persons(tag: [UInt8], limit: Int, in connection: any SQLConnection) async throws -> [PersonID] {
        try await connection.query(
            """
            SELECT l.person_id FROM population_lookups l JOIN population_persons p ON p.id = l.person_id
            WHERE l.tag = $1 AND p.record_state = 'active' ORDER BY l.person_id LIMIT $2
            """, [tag, limit]
        ).map { PersonID(try $0.string(0)) }
    }

    // MARK: History

    func history(
        of person: PersonID, _ kind: FactKind, in connection: any SQLConnection
    ) async throws -> [FactRow] {
        try await connection.query(
            "SELECT seq, recorded_to, sealed FROM population_facts WHERE person_id = $1 AND kind = $2 ORDER BY seq",
            [person.text, kind.rawValue]
        ).map { FactRow(sequence: try $0.int64(0), recordedTo: try $0.optionalInstant(1), sealed: try $0.blob(2)) }
    }

    func insertFact(
        _ fact: FactRow, of person: PersonID, _ kind: FactKind, recordedAt: Instant, in connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            """
            INSERT INTO population_facts (person_id, kind, seq, recorded_at, recorded_to, sealed)
            VALUES ($1, $2, $3, $4, $5, $6)
            """, [person.text, kind.rawValue, fact.sequence, recordedAt, fact.recordedTo, fact.sealed])
    }

    func endFact(
        _ sequence: Int64, of person: PersonID, _ kind: FactKind, at now: Instant, in connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            "UPDATE population_facts SET recorded_to = $4 WHERE person_id = $1 AND kind = $2 AND seq = $3",
            [person.text, kind.rawValue, sequence, now])
    }

    /// Removes everything that a data key protected, and every tag by which the person could be found.
    func erase(_ person: PersonID, in connection: any SQLConnection) async throws {
        for table in ["population_facts", "population_lookups", "population_aliases", "population_corrections"] {
            try await connection.execute("DELETE FROM \(table) WHERE person_id = $1", [person.text])
        }
        try await connection.execute("UPDATE population_codes SET sealed = NULL WHERE person_id = $1", [person.text])
    }

    // MARK: Many rows

    /// Inserts rows in statements of few sizes, so that few are prepared, and returns what they return.
    @discardableResult
    private func insertRows<Element>(
        _ prefix: String, width: Int, _ elements: [Element], suffix: String = "", in connection: any SQLConnection,
        _ values: (Element) -> [any SQLValueConvertible]
    ) async throws -> [Row] {
        var rows: [Row] = []
        for piece in Self.pieces(prefix, width, elements, suffix, values) {
            rows += try await connection.query(piece.0, piece.1)
        }
        return rows
    }

    /// As `insertRows`, without waiting for an answer.
    private func postRows<Element>(
        _ prefix: String, width: Int, _ elements: [Element], suffix: String = "", in connection: any SQLConnection,
        _ values: (Element) -> [any SQLValueConvertible]
    ) async throws {
        for piece in Self.pieces(prefix, width, elements, suffix, values) {
            try await connection.post(piece.0, piece.1)
        }
    }

    /// The statements of many rows: of few sizes, so that few are prepared.
    private static func pieces<Element>(
        _ prefix: String, _ width: Int, _ elements: [Element], _ suffix: String,
        _ values: (Element) -> [any SQLValueConvertible]
    ) -> [(String, [any SQLValueConvertible])] {
        var pieces: [(String, [any SQLValueConvertible])] = []
        var rest = elements[...]
        for size in [64, 8, 1] {
            guard rest.count >= size else { continue }
            let tuples = (0..<size).map { row in
                "(" + (1...width).map { "$\(row * width + $0)" }.joined(separator: ",") + ")"
            }
            let statement = prefix + tuples.joined(separator: ",") + suffix
            while rest.count >= size {
                pieces.append((statement, rest.prefix(size).flatMap(values)))
                rest = rest.dropFirst(size)
            }
        }
        return pieces
    }
}

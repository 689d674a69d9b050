import Codecs
import Database
import Kernel

/// Touches the tables of duplicate cases and of blocking tags.
struct DuplicateStore: Sendable {
    static let migration = ModuleMigrations.Step(
        "duplicate cases and blocking tags",
        [
            """
            CREATE TABLE civil_duplicates (
                id TEXT PRIMARY KEY,
                record_id TEXT NOT NULL,
                other_record TEXT,
                other_person TEXT,
                office TEXT NOT NULL,
                state TEXT NOT NULL,
                score BLOB NOT NULL,
                first_officer TEXT, first_verdict TEXT,
                second_officer TEXT, second_verdict TEXT,
                third_officer TEXT, third_verdict TEXT,
                outcome TEXT,
                opened_at BIGINT NOT NULL,
                changed_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX civil_duplicates_record ON civil_duplicates (record_id)",
            "CREATE INDEX civil_duplicates_other ON civil_duplicates (other_record)",
            "CREATE INDEX civil_duplicates_waiting ON civil_duplicates (state, office, opened_at)",
            // Blind tags by which records of the same kind find each other.
            """
            CREATE TABLE civil_blocks (tag BLOB NOT NULL, record_id TEXT NOT NULL, PRIMARY KEY (tag, record_id))
            """,
            "CREATE INDEX civil_blocks_record ON civil_blocks (record_id)",
        ])

    private static let columns = """
        id, record_id, other_record, other_person, office, state, first_officer, first_verdict, second_officer,
        second_verdict, third_officer, third_verdict, outcome, opened_at
        """

    // MARK: Blocks

    /// - Parameter isNew: whether the record never had any.
    func setBlocks(
        _ tags: [[UInt8]], of record: String, isNew: Bool = false, in connection: any SQLConnection
    ) async throws {
        if !isNew { try await connection.post("DELETE FROM civil_blocks WHERE record_id = $1", [record]) }
        try await CivilStore().insertTags(tags, of: record, into: "civil_blocks", in: connection)
    }

    /// Records that share a tag, those with the most shared tags first.
    func neighbours(of record: String, _ tags: [[UInt8]], limit: Int, in connection: any SQLConnection) async throws
        -> [String]
    {
        let places = tags.indices.map { "$\($0 + 2)" }.joined(separator: ", ")
        return try await connection.query(
            """
            SELECT record_id, COUNT(*) FROM civil_blocks WHERE tag IN (\(places)) AND record_id <> $1
            GROUP BY record_id ORDER BY 2 DESC, 1 LIMIT \(limit)
            """, [record] + tags.map { $0 as any SQLValueConvertible }
        ).map { try $0.string(0) }
    }

    // MARK: Cases

    func insert(_ item: DuplicateCase, score: [UInt8], in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            INSERT INTO civil_duplicates (id, record_id, other_record, other_person, office, state, score, opened_at, changed_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
            """,
            [
                item.id, item.record, item.otherRecord, item.otherPerson?.text, item.office, item.state.rawValue, score,
                item.openedAt,
            ])
    }

    /// Writes who decided what, unless somebody was faster. Throws `civil.changed`.
    func update(
        _ item: DuplicateCase, from state: DuplicateCase.State, at now: Instant, in connection: any SQLConnection
    ) async throws {
        let changed = try await connection.execute(
            """
            UPDATE civil_duplicates SET state = $3, first_officer = $4, first_verdict = $5, second_officer = $6,
                second_verdict = $7, third_officer = $8, third_verdict = $9, outcome = $10, changed_at = $11
            WHERE id = $1 AND state = $2
            """,
            [
                item.id, state.rawValue, item.state.rawValue, item.first?.officer, item.first?.verdict.rawValue,
                item.second?.officer, item.second?.verdict.rawValue, item.third?.officer, item.third?.verdict.rawValue,
                item.outcome?.rawValue, now,
            ])
        guard changed == 1 else { throw RumdulError.civilChanged }
    }

    func find(_ id: String, in connection: any SQLConnection) async throws -> DuplicateCase? {
        try await list("id = $1", [id], in: connection).first
    }

    func score(_ id: String, in connection: any SQLConnection) async throws -> [UInt8]? {
        try await connection.first("SELECT score FROM civil_duplicates WHERE id = $1", [id])?.blob(0)
    }

    func cases(of record: String, in connection: any SQLConnection) async throws -> [DuplicateCase] {
        try await list("record_id = $1", [record], in: connection)
    }

    /// The records with which a record met before, in either order.
    func met(_ record: String, in connection: any SQLConnection) async throws -> Set<String> {
        var found: Set<String> = []
        for row in try await connection.query(
            "SELECT record_id, other_record FROM civil_duplicates WHERE record_id = $1 OR other_record = $1", [record])
        {
            found.insert(try row.string(0))
            if let other = try row.optionalString(1) { found.insert(other) }
        }
        return found
    }

    func waiting(
        _ states: [DuplicateCase.State], area: String, limit: Int, in connection: any SQLConnection
    ) async throws -> [DuplicateCase] {
        let names = states.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return try await list(
            "state IN (\(names)) AND office >= $1 AND office < $2", [area, area + "~"], limit: limit, in: connection)
    }

    /// Cases in which officers agreed that two records are of the same event, while both are still in force and nobody has
    /// asked to revoke one of them.
    func agreed(area: String, limit: Int, in connection: any SQLConnection) async throws -> [DuplicateCase] {
        let inForce = { (column: String) in
            """
            EXISTS (SELECT 1 FROM civil_records r WHERE r.id = \(column) AND r.state = 'registered'
                AND (r.pending IS NULL OR r.pending <> 'revocation'))
            """
        }
        return try await list(
            """
            state = 'closed' AND outcome = 'same' AND office >= $1 AND office < $2
            AND \(inForce("record_id")) AND \(inForce("other_record"))
            """, [area, area + "~"], limit: limit, in: connection)
    }

    private func list(
        _ condition: String, _ arguments: [any SQLValueConvertible], limit: Int = 200, in connection: any SQLConnection
    ) async throws -> [DuplicateCase] {
        try await connection.query(
            "SELECT \(Self.columns) FROM civil_duplicates WHERE \(condition) ORDER BY opened_at, id LIMIT \(limit)",
            arguments
        ).map { row in
            guard let state = DuplicateCase.State(rawValue: try row.string(5)) else {
                throw RumdulError.internal("civil.duplicate_row")
            }
            func decision(_ column: Int) throws -> DuplicateCase.Decision? {
                guard let officer = try row.optionalString(column),
                    let verdict = try row.optionalString(column + 1).flatMap({ DuplicateCase.Verdict(rawValue: $0) })
                else { return nil }
                return DuplicateCase.Decision(officer: officer, verdict: verdict)
            }
            var item = DuplicateCase(
                id: try row.string(0), record: try row.string(1), otherRecord: try row.optionalString(2),
                otherPerson: try row.optionalString(3).map { PersonID($0) }, office: try row.string(4),
                openedAt: try row.instant(13), state: state)
            item.first = try decision(6)
            item.second = try decision(8)
            item.third = try decision(10)
            item.outcome = try row.optionalString(12).flatMap { DuplicateCase.Verdict(rawValue: $0) }
            return item
        }
    }
}

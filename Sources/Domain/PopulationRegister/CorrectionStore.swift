import Accountability
import Database
import Kernel

/// The row of a request for correction as it lies in the table: what people wrote is sealed.
struct CorrectionRow: Sendable {
    var about: CorrectionCase
    var wish: [UInt8]
    var proposal: [UInt8]?
    var refusal: [UInt8]?
}

/// The SQL of requests for correction; the only place that touches `population_corrections`.
struct CorrectionStore: Sendable {
    static let migration = ModuleMigrations.Step(
        "requests for correction",
        [
            """
            CREATE TABLE population_corrections (
                id TEXT PRIMARY KEY,
                person_id TEXT NOT NULL,
                attribute TEXT NOT NULL,
                state TEXT NOT NULL,
                area TEXT NOT NULL,
                wish BLOB NOT NULL,
                proposal BLOB,
                refusal BLOB,
                proposed_by TEXT,
                decided_by TEXT,
                filed_at BIGINT NOT NULL,
                changed_at BIGINT NOT NULL,
                CHECK (state <> 'accepted' OR (proposed_by IS NOT NULL AND decided_by <> proposed_by))
            )
            """,
            "CREATE INDEX population_corrections_person ON population_corrections (person_id, filed_at)",
            """
            CREATE INDEX population_corrections_live ON population_corrections (area, filed_at)
                WHERE state IN ('open', 'proposed')
            """,
            // One at a time for each attribute.
            """
            CREATE UNIQUE INDEX population_corrections_one ON population_corrections (person_id, attribute)
                WHERE state IN ('open', 'proposed')
            """,
        ])

    private static let columns = "id, person_id, attribute, state, area, filed_at, changed_at, proposed_by"
    private static let all = columns + ", wish, proposal, refusal"

    /// Inserts a request; false when one about the same attribute is under way.
    func insert(_ new: CorrectionCase, wish: [UInt8], in connection: any SQLConnection) async throws -> Bool {
        try await connection.query(
            """
            INSERT INTO population_corrections (id, person_id, attribute, state, area, wish, filed_at, changed_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id
            """,
            [
                new.id, new.personID.text, new.attribute.rawValue, new.state.rawValue, new.area ?? "", wish,
                new.filedAt,
                new.changedAt,
            ]
        ).count == 1
    }

    func find(_ id: String, in connection: any SQLConnection) async throws -> CorrectionRow? {
        try await connection.first("SELECT \(Self.all) FROM population_corrections WHERE id = $1", [id])
            .map(Self.row)
    }

    /// A person's requests, newest first.
    func list(of person: PersonID, limit: Int, in connection: any SQLConnection) async throws -> [CorrectionRow] {
        try await connection.query(
            "SELECT \(Self.all) FROM population_corrections WHERE person_id = $1 ORDER BY filed_at DESC, id DESC LIMIT $2",
            [person.text, limit]
        ).map(Self.row)
    }

    /// How many requests of a person wait, and how many were made since a moment.
    func counts(
        of person: PersonID, since: Instant, in connection: any SQLConnection
    ) async throws -> (live: Int, recent: Int) {
        let row = try await connection.first(
            """
            SELECT COUNT(CASE WHEN state IN ('open', 'proposed') THEN 1 END), COUNT(CASE WHEN filed_at > $2 THEN 1 END)
            FROM population_corrections WHERE person_id = $1
            """, [person.text, since])
        return (try row?.int(0) ?? 0, try row?.int(1) ?? 0)
    }

    /// What waits in an area (`nil`: everywhere), longest first.
    func waiting(area: String?, limit: Int, in connection: any SQLConnection) async throws -> [CorrectionCase] {
        // Place codes are digits, and no digit follows ':'.
        try await connection.query(
            """
            SELECT \(Self.columns) FROM population_corrections
            WHERE state IN ('open', 'proposed') AND area >= $1 AND area < $2 ORDER BY filed_at, id LIMIT $3
            """, [area ?? "", area.map { $0 + ":" } ?? ":", limit]
        ).map(Self.about)
    }

    /// Moves a request on from the state in which it was read; false when somebody else was faster.
    func move(
        _ about: CorrectionCase, to state: CorrectionState, officer: String?, proposal: [UInt8]? = nil,
        refusal: [UInt8]? = nil, at now: Instant, in connection: any SQLConnection
    ) async throws -> Bool {
        try await connection.execute(
            """
            UPDATE population_corrections SET state = $3, changed_at = $4, proposal = COALESCE($5, proposal),
                refusal = COALESCE($6, refusal), proposed_by = COALESCE($7, proposed_by), decided_by = $8
            WHERE id = $1 AND state = $2
            """,
            [
                about.id, about.state.rawValue, state.rawValue, now, proposal, refusal,
                state == .proposed ? officer : nil, state.isLive ? nil : officer,
            ]) == 1
    }

    private static func about(_ row: Row) throws -> CorrectionCase {
        guard let state = CorrectionState(rawValue: try row.string(3)) else {
            throw RumdulError.internal("population.correction_row")
        }
        let area = try row.string(4)
        return CorrectionCase(
            id: try row.string(0), personID: PersonID(try row.string(1)),
            attribute: AttributeName(rawValue: try row.string(2)), state: state, area: area.isEmpty ? nil : area,
            filedAt: try row.instant(5), changedAt: try row.instant(6), proposedBy: try row.optionalString(7))
    }

    private static func row(_ row: Row) throws -> CorrectionRow {
        CorrectionRow(
            about: try about(row), wish: try row.blob(8), proposal: try row.optionalBlob(9),
            refusal: try row.optionalBlob(10))
    }
}

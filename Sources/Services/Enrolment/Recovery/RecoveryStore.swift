import Database
import Kernel

/// The SQL of recoveries; the only place that touches `enrol_recoveries`.
struct RecoveryStore: Sendable {
    static let migration = ModuleMigrations.Step(
        "recoveries",
        [
            """
            CREATE TABLE enrol_recoveries (
                id TEXT PRIMARY KEY,
                request_key TEXT NOT NULL UNIQUE,
                person_id TEXT NOT NULL,
                area TEXT NOT NULL,
                opened_by TEXT NOT NULL,
                reason TEXT NOT NULL,
                evidence_types TEXT NOT NULL,
                state TEXT NOT NULL,
                opened_at BIGINT NOT NULL,
                confirmed_by TEXT,
                confirmed_at BIGINT,
                CHECK (confirmed_by IS NULL OR confirmed_by <> opened_by)
            )
            """,
            // One at a time for a person.
            """
            CREATE UNIQUE INDEX enrol_recoveries_live ON enrol_recoveries (person_id) WHERE state IN ('open', 'confirmed')
            """,
        ])

    private static let columns =
        "id, person_id, area, opened_by, reason, evidence_types, state, opened_at, confirmed_by"

    /// Inserts a case; false when one was opened with the same request key or one is under way for the person.
    func insert(_ new: RecoveryCase, requestKey: String, in connection: any SQLConnection) async throws -> Bool {
        try await connection.query(
            """
            INSERT INTO enrol_recoveries (id, request_key, person_id, area, opened_by, reason, evidence_types, state,
                opened_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING id
            """,
            [
                new.id, requestKey, new.personID.text, new.area ?? "", new.openedBy, new.reason.rawValue,
                new.evidenceTypes.map(\.rawValue).joined(separator: " "), new.state.rawValue, new.openedAt,
            ]
        ).count == 1
    }

    func find(_ id: String, in connection: any SQLConnection) async throws -> RecoveryCase? {
        try await connection.first("SELECT \(Self.columns) FROM enrol_recoveries WHERE id = $1", [id])
            .map(Self.recovery)
    }

    func find(requestKey: String, in connection: any SQLConnection) async throws -> RecoveryCase? {
        try await connection.first("SELECT \(Self.columns) FROM enrol_recoveries WHERE request_key = $1", [requestKey])
            .map(Self.recovery)
    }

    /// The recovery of a person that is under way.
    func live(of person: PersonID, in connection: any SQLConnection) async throws -> RecoveryCase? {
        try await connection.first(
            "SELECT \(Self.columns) FROM enrol_recoveries WHERE person_id = $1 AND state IN ('open', 'confirmed')",
            [person.text]
        ).map(Self.recovery)
    }

    func confirm(_ id: String, by officer: String, at now: Instant, in connection: any SQLConnection) async throws
        -> Bool
    {
        try await connection.execute(
            """
            UPDATE enrol_recoveries SET state = 'confirmed', confirmed_by = $2, confirmed_at = $3
            WHERE id = $1 AND state = 'open' AND opened_by <> $2
            """, [id, officer, now]) == 1
    }

    func move(
        _ id: String, from: RecoveryState, to: RecoveryState, in connection: any SQLConnection
    ) async throws -> Bool {
        try await connection.execute(
            "UPDATE enrol_recoveries SET state = $3 WHERE id = $1 AND state = $2", [id, from.rawValue, to.rawValue])
            == 1
    }

    private static func recovery(_ row: Row) throws -> RecoveryCase {
        guard let reason = RecoveryReason(rawValue: try row.string(4)),
            let state = RecoveryState(rawValue: try row.string(6))
        else { throw RumdulError.internal("enrol_recoveries row") }
        let area = try row.string(2)
        return RecoveryCase(
            id: try row.string(0), personID: PersonID(try row.string(1)), area: area.isEmpty ? nil : area,
            openedBy: try row.string(3), reason: reason,
            evidenceTypes: try row.string(5).split(separator: " ").compactMap { EvidenceType(rawValue: String($0)) },
            state: state, openedAt: try row.instant(7), confirmedBy: try row.optionalString(8))
    }
}

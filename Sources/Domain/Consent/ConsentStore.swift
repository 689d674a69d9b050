import Codecs
import Database
import Kernel

/// The SQL of consent records; the only place that touches `consent_records`.
struct ConsentStore: Sendable {
    static let migrations = ModuleMigrations(
        "consent",
        [
            .init(
                "records",
                [
                    """
                    CREATE TABLE consent_records (
                        id TEXT PRIMARY KEY,
                        person_id TEXT NOT NULL,
                        client_id TEXT NOT NULL,
                        client_name_km TEXT NOT NULL,
                        client_name_en TEXT NOT NULL,
                        purpose_code TEXT NOT NULL,
                        purpose_km TEXT NOT NULL,
                        purpose_en TEXT NOT NULL,
                        granted TEXT NOT NULL,
                        refused TEXT NOT NULL,
                        granted_at BIGINT NOT NULL,
                        valid_to BIGINT NOT NULL,
                        channel TEXT NOT NULL,
                        acr TEXT NOT NULL,
                        notice_hash TEXT NOT NULL,
                        device_id TEXT NOT NULL,
                        decision TEXT NOT NULL,
                        withdrawn_at BIGINT
                    )
                    """,
                    "CREATE INDEX consent_records_by_person ON consent_records (person_id, granted_at)",
                ])
        ])

    private static let columns = """
        id, person_id, client_id, client_name_km, client_name_en, purpose_code, purpose_km, purpose_en, granted, refused,
        granted_at, valid_to, channel, acr, notice_hash, device_id, decision, withdrawn_at
        """

    func insert(_ id: String, _ grant: ConsentGrant, at now: Instant, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            INSERT INTO consent_records (\(Self.columns))
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, NULL)
            """,
            [
                id, grant.personID.text, grant.clientID, grant.clientName.km, grant.clientName.en, grant.purposeCode,
                grant.purposeText.km, grant.purposeText.en, grant.granted.joined(separator: " "),
                grant.refused.joined(separator: " "), now, grant.validTo, grant.channel, grant.acr, grant.noticeHash,
                grant.deviceID, grant.decision,
            ])
    }

    func record(_ id: String, in connection: any SQLConnection) async throws -> ConsentRecord? {
        try await connection.first("SELECT \(Self.columns) FROM consent_records WHERE id = $1", [id]).map(Self.record)
    }

    /// Validity alone, for the hot path of userinfo: owner, end, withdrawal.
    func validity(_ id: String, in connection: any SQLConnection) async throws -> (validTo: Instant, withdrawn: Bool)? {
        guard
            let row = try await connection.first(
                "SELECT valid_to, withdrawn_at FROM consent_records WHERE id = $1", [id])
        else { return nil }
        return (try row.instant(0), try row.optionalInt64(1) != nil)
    }

    /// What was decided in the living consents for one client and purpose, newest first, at most five.
    func decisions(
        person: PersonID, clientID: String, purposeCode: String, at now: Instant, in connection: any SQLConnection
    ) async throws -> [(id: String, granted: Set<String>, refused: Set<String>)] {
        try await connection.query(
            """
            SELECT id, granted, refused FROM consent_records
            WHERE person_id = $1 AND client_id = $2 AND purpose_code = $3 AND withdrawn_at IS NULL AND valid_to > $4
            ORDER BY granted_at DESC, id DESC LIMIT 5
            """, [person.text, clientID, purposeCode, now]
        ).map { row in
            (
                try row.string(0), Set(try row.string(1).words),
                Set(try row.string(2).words)
            )
        }
    }

    func records(of person: PersonID, limit: Int, in connection: any SQLConnection) async throws -> [ConsentRecord] {
        try await connection.query(
            "SELECT \(Self.columns) FROM consent_records WHERE person_id = $1 ORDER BY granted_at DESC, id DESC LIMIT $2",
            [person.text, limit]
        ).map(Self.record)
    }

    /// Marks the person's living consents to one relying party as withdrawn; returns their ids.
    func withdraw(
        person: PersonID, clientID: String, at now: Instant, in connection: any SQLConnection
    ) async throws -> [String] {
        try await connection.query(
            """
            UPDATE consent_records SET withdrawn_at = $3
            WHERE person_id = $1 AND client_id = $2 AND withdrawn_at IS NULL AND valid_to > $3 RETURNING id
            """, [person.text, clientID, now]
        ).map { try $0.string(0) }
    }

    func withdraw(
        _ id: String, person: PersonID, at now: Instant, in connection: any SQLConnection
    ) async throws -> Bool {
        try await connection.execute(
            """
            UPDATE consent_records SET withdrawn_at = $3
            WHERE id = $1 AND person_id = $2 AND withdrawn_at IS NULL
            """, [id, person.text, now]) == 1
    }

    private static func record(_ row: Row) throws -> ConsentRecord {
        func words(_ column: Int) throws -> [String] { try row.string(column).words }
        return ConsentRecord(
            id: try row.string(0),
            grant: ConsentGrant(
                personID: PersonID(try row.string(1)), clientID: try row.string(2),
                clientName: LocalizedText(km: try row.string(3), en: try row.string(4)), purposeCode: try row.string(5),
                purposeText: LocalizedText(km: try row.string(6), en: try row.string(7)), granted: try words(8),
                refused: try words(9), validTo: try row.instant(11), channel: try row.string(12),
                acr: try row.string(13), noticeHash: try row.string(14), deviceID: try row.string(15),
                decision: try row.string(16)),
            grantedAt: try row.instant(10), withdrawnAt: try row.optionalInstant(17))
    }
}

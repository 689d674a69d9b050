import Accountability
import Database
import Kernel

/// The SQL of assisted sessions; the only place that touches `enrol_assist_sessions`.
struct AssistStore: Sendable {
    static let migration = ModuleMigrations.Step(
        "assisted sessions",
        [
            """
            CREATE TABLE enrol_assist_sessions (
                id TEXT PRIMARY KEY,
                secret_hash BLOB NOT NULL UNIQUE,
                officer_id TEXT NOT NULL,
                officer_person TEXT NOT NULL,
                organisation TEXT NOT NULL,
                organisation_km TEXT NOT NULL,
                organisation_en TEXT NOT NULL,
                place_code TEXT NOT NULL,
                place_km TEXT NOT NULL,
                place_en TEXT NOT NULL,
                started_at BIGINT NOT NULL,
                ends_at BIGINT NOT NULL,
                person_id TEXT,
                refusals BIGINT NOT NULL,
                ended_at BIGINT,
                CHECK (person_id IS NULL OR person_id <> officer_person)
            )
            """,
            // One at a time for an officer.
            """
            CREATE UNIQUE INDEX enrol_assist_sessions_live ON enrol_assist_sessions (officer_id) WHERE ended_at IS NULL
            """,
        ])

    private static let columns = """
        id, officer_id, organisation, organisation_km, organisation_en, place_code, place_km, place_en, started_at,
        ends_at, person_id
        """

    func insert(
        _ session: AssistedSession, secretHash: [UInt8], officerPerson: PersonID, in connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            """
            INSERT INTO enrol_assist_sessions (id, secret_hash, officer_id, officer_person, organisation, organisation_km,
                organisation_en, place_code, place_km, place_en, started_at, ends_at, refusals)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0)
            """,
            [
                session.id, secretHash, session.officerID, officerPerson.text, session.organisation.code,
                session.organisation.name.km, session.organisation.name.en, session.placeCode, session.place.km,
                session.place.en, session.startedAt, session.endsAt,
            ])
    }

    /// The living session of a terminal's secret.
    func live(
        secretHash: [UInt8], at now: Instant, in connection: any SQLConnection
    ) async throws -> AssistedSession? {
        try await connection.first(
            """
            SELECT \(Self.columns) FROM enrol_assist_sessions
            WHERE secret_hash = $1 AND ended_at IS NULL AND ends_at > $2
            """, [secretHash, now]
        ).map(Self.session)
    }

    /// The living session of an officer.
    func live(officer: String, at now: Instant, in connection: any SQLConnection) async throws -> AssistedSession? {
        try await connection.first(
            """
            SELECT \(Self.columns) FROM enrol_assist_sessions
            WHERE officer_id = $1 AND ended_at IS NULL AND ends_at > $2
            """, [officer, now]
        ).map(Self.session)
    }

    /// A session that lives, and who its officer is as a person.
    func live(
        id: String, at now: Instant, in connection: any SQLConnection
    ) async throws -> (session: AssistedSession, officerPerson: PersonID)? {
        try await connection.first(
            """
            SELECT \(Self.columns), officer_person FROM enrol_assist_sessions
            WHERE id = $1 AND ended_at IS NULL AND ends_at > $2
            """, [id, now]
        ).map { (try Self.session($0), PersonID(try $0.string(11))) }
    }

    /// Ends whatever session an officer has; its identifier.
    func end(officer: String, at now: Instant, in connection: any SQLConnection) async throws -> String? {
        try await connection.first(
            """
            UPDATE enrol_assist_sessions SET ended_at = $2 WHERE officer_id = $1 AND ended_at IS NULL RETURNING id
            """, [officer, now]
        ).map { try $0.string(0) }
    }

    /// Makes a session a person's; false when it is another's.
    func take(_ id: String, person: PersonID, in connection: any SQLConnection) async throws -> Bool {
        try await connection.execute(
            """
            UPDATE enrol_assist_sessions SET person_id = $2
            WHERE id = $1 AND (person_id IS NULL OR person_id = $2) AND ended_at IS NULL
            """, [id, person.text]) == 1
    }

    /// Counts a refused try; so many of them end the session.
    func refuse(_ id: String, most: Int, at now: Instant, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            UPDATE enrol_assist_sessions SET refusals = refusals + 1,
                ended_at = CASE WHEN refusals + 1 >= $2 THEN $3 ELSE ended_at END
            WHERE id = $1 AND ended_at IS NULL
            """, [id, most, now])
    }

    private static func session(_ row: Row) throws -> AssistedSession {
        AssistedSession(
            id: try row.string(0), officerID: try row.string(1),
            organisation: Organisation(
                code: try row.string(2), name: LocalizedText(km: try row.string(3), en: try row.string(4))),
            placeCode: try row.string(5), place: LocalizedText(km: try row.string(6), en: try row.string(7)),
            startedAt: try row.instant(8), endsAt: try row.instant(9),
            personID: try row.optionalString(10).map(PersonID.init))
    }
}

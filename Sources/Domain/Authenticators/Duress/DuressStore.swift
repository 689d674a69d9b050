import Database
import Kernel

/// The SQL of duress PINs and security cases; the only place that touches `auth_duress`, `auth_pin_changes` and
/// `auth_security_cases`.
struct DuressStore: Sendable {
    static let migration = ModuleMigrations.Step(
        "duress PINs and security cases",
        [
            """
            CREATE TABLE auth_duress (
                device_id TEXT PRIMARY KEY,
                pin_key TEXT NOT NULL,
                has_reset BIGINT NOT NULL,
                set_at BIGINT NOT NULL
            )
            """,
            "CREATE TABLE auth_pin_changes (device_id TEXT NOT NULL, at BIGINT NOT NULL)",
            "CREATE INDEX auth_pin_changes_by_device ON auth_pin_changes (device_id, at)",
            """
            CREATE TABLE auth_security_cases (
                id TEXT PRIMARY KEY,
                person_id TEXT NOT NULL,
                device_id TEXT NOT NULL,
                kind TEXT NOT NULL,
                client_id TEXT NOT NULL,
                opened_at BIGINT NOT NULL,
                last_at BIGINT NOT NULL,
                uses BIGINT NOT NULL,
                closed_at BIGINT,
                closed_by TEXT
            )
            """,
            """
            CREATE UNIQUE INDEX auth_security_cases_open ON auth_security_cases (person_id, kind, device_id, client_id)
            WHERE closed_at IS NULL
            """,
            "CREATE INDEX auth_security_cases_by_time ON auth_security_cases (opened_at)",
        ])

    /// A duress PIN as it is stored.
    struct PINRecord: Sendable {
        let key: DeviceKey
        /// Whether it has made wrong tries forgotten since the real PIN was used last.
        let hasReset: Bool
    }

    func pin(of device: String, in connection: any SQLConnection) async throws -> PINRecord? {
        try await connection.first("SELECT pin_key, has_reset FROM auth_duress WHERE device_id = $1", [device]).map {
            PINRecord(key: try DeviceKey(stored: try $0.string(0)), hasReset: try $0.int(1) != 0)
        }
    }

    /// Sets or replaces the duress PIN.
    func set(_ key: DeviceKey, of device: String, at now: Instant, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            INSERT INTO auth_duress (device_id, pin_key, has_reset, set_at) VALUES ($1, $2, 0, $3)
            ON CONFLICT (device_id) DO UPDATE SET pin_key = $2, set_at = $3
            """, [device, key.stored, now])
    }

    func clear(_ device: String, in connection: any SQLConnection) async throws {
        try await connection.execute("DELETE FROM auth_duress WHERE device_id = $1", [device])
    }

    /// Takes the one time that the duress PIN may make wrong tries forgotten; false when it was taken.
    func takeReset(_ device: String, in connection: any SQLConnection) async throws -> Bool {
        try await connection.execute(
            "UPDATE auth_duress SET has_reset = 1 WHERE device_id = $1 AND has_reset = 0", [device]) == 1
    }

    /// Gives that time back: the real PIN was used.
    func giveReset(_ device: String, in connection: any SQLConnection) async throws {
        try await connection.execute("UPDATE auth_duress SET has_reset = 0 WHERE device_id = $1", [device])
    }

    /// Takes one of so many changes within a day; false when they are used up.
    func takeChange(
        _ device: String, most: Int, at now: Instant, in connection: any SQLConnection
    ) async throws -> Bool {
        try await connection.lock("pin-changes:" + device)
        let day = now.adding(seconds: -86_400)
        try await connection.execute("DELETE FROM auth_pin_changes WHERE device_id = $1 AND at <= $2", [device, day])
        let taken =
            try await connection.first("SELECT COUNT(*) FROM auth_pin_changes WHERE device_id = $1", [device])
            .map { try $0.int(0) } ?? 0
        guard taken < most else { return false }
        try await connection.execute("INSERT INTO auth_pin_changes (device_id, at) VALUES ($1, $2)", [device, now])
        return true
    }

    // MARK: Cases

    private static let columns = "id, person_id, device_id, kind, opened_at, last_at, uses, client_id"

    /// Opens a case, or counts one more use in the one that is open; its identifier.
    func note(
        _ id: String, kind: SecurityCase.Kind, person: PersonID, device: String, client: String = "", at now: Instant,
        in connection: any SQLConnection
    ) async throws -> String {
        let row = try await connection.first(
            """
            INSERT INTO auth_security_cases (id, person_id, device_id, kind, client_id, opened_at, last_at, uses)
            VALUES ($1, $2, $3, $4, $6, $5, $5, 1)
            ON CONFLICT (person_id, kind, device_id, client_id) WHERE closed_at IS NULL
            DO UPDATE SET last_at = $5, uses = auth_security_cases.uses + 1 RETURNING id
            """, [id, person.text, device, kind.rawValue, now, client])
        guard let row else { throw RumdulError.internal("auth_security_cases row") }
        return try row.string(0)
    }

    /// Whether a case is open that holds levels down.
    func isHeldDown(_ person: PersonID, in connection: any SQLConnection) async throws -> Bool {
        try await connection.first(
            """
            SELECT id FROM auth_security_cases WHERE person_id = $1 AND kind = 'duress' AND closed_at IS NULL LIMIT 1
            """, [person.text]) != nil
    }

    func openCases(of person: PersonID?, in connection: any SQLConnection) async throws -> [SecurityCase] {
        let wanted = person == nil ? "" : "AND person_id = $1"
        return try await connection.query(
            """
            SELECT \(Self.columns) FROM auth_security_cases WHERE closed_at IS NULL \(wanted)
            ORDER BY opened_at DESC, id DESC LIMIT 200
            """, person.map { [$0.text] } ?? []
        ).map(Self.securityCase)
    }

    /// Closes a case of a person; false when there is no such open one.
    func close(
        _ id: String, of person: PersonID, by officer: String, at now: Instant, in connection: any SQLConnection
    ) async throws -> Bool {
        try await connection.execute(
            """
            UPDATE auth_security_cases SET closed_at = $4, closed_by = $3
            WHERE id = $1 AND person_id = $2 AND closed_at IS NULL
            """, [id, person.text, officer, now]) == 1
    }

    private static func securityCase(_ row: Row) throws -> SecurityCase {
        guard let kind = SecurityCase.Kind(rawValue: try row.string(3)) else {
            throw RumdulError.internal("auth_security_cases row")
        }
        return SecurityCase(
            id: try row.string(0), personID: PersonID(try row.string(1)), deviceID: try row.string(2), kind: kind,
            clientID: try row.string(7), openedAt: try row.instant(4), lastAt: try row.instant(5), uses: try row.int(6))
    }
}

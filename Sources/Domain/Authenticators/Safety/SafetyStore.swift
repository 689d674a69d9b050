import Database
import Kernel

/// The SQL of holds and notices; the only place that touches `auth_holds`, `auth_notices` and `auth_notice_marks`.
struct SafetyStore: Sendable {
    static let migration = ModuleMigrations.Step(
        "holds and notices",
        [
            """
            CREATE TABLE auth_holds (
                person_id TEXT PRIMARY KEY,
                ends_at BIGINT NOT NULL,
                highest_rank BIGINT NOT NULL,
                reason TEXT NOT NULL,
                rules TEXT NOT NULL
            )
            """,
            """
            CREATE TABLE auth_notices (
                person_id TEXT NOT NULL,
                serial BIGINT NOT NULL,
                kind TEXT NOT NULL,
                device_id TEXT NOT NULL,
                device_name TEXT NOT NULL,
                at BIGINT NOT NULL,
                PRIMARY KEY (person_id, serial)
            )
            """,
            "CREATE TABLE auth_notice_marks (device_id TEXT PRIMARY KEY, serial BIGINT NOT NULL)",
        ])

    func hold(of person: PersonID, at now: Instant, in connection: any SQLConnection) async throws -> AssuranceHold? {
        try await connection.first(
            "SELECT ends_at, highest_rank, reason FROM auth_holds WHERE person_id = $1 AND ends_at > $2",
            [person.text, now]
        ).map { AssuranceHold(until: try $0.instant(0), highestRank: try $0.int(1), reason: try $0.string(2)) }
    }

    /// Holds; a hold that lasts longer stays.
    func hold(_ person: PersonID, _ hold: AssuranceHold, rules: String, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            INSERT INTO auth_holds (person_id, ends_at, highest_rank, reason, rules) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (person_id) DO UPDATE SET ends_at = $2, highest_rank = $3, reason = $4, rules = $5
            WHERE auth_holds.ends_at <= $2
            """, [person.text, hold.until, hold.highestRank, hold.reason, rules])
    }

    /// How many devices of a person are active, and whether any was before.
    func standing(
        of person: PersonID, except device: String, in connection: any SQLConnection
    ) async throws -> (active: Int, former: Int) {
        guard
            let row = try await connection.first(
                """
                SELECT COUNT(*) FILTER (WHERE state = 'active'),
                    COUNT(*) FILTER (WHERE state <> 'active' AND activated_at IS NOT NULL)
                FROM auth_devices WHERE person_id = $1 AND id <> $2
                """, [person.text, device])
        else { return (0, 0) }
        return (try row.int(0), try row.int(1))
    }

    /// Writes a notice under the lock of the person's notices; its serial.
    func add(
        _ notice: DeviceNotice, device: String, person: PersonID, in connection: any SQLConnection
    ) async throws -> Int64 {
        try await connection.lock("notices:" + person.text)
        let serial =
            try await connection.first(
                "SELECT COALESCE(MAX(serial), 0) + 1 FROM auth_notices WHERE person_id = $1", [person.text]
            ).map { try $0.int(0) } ?? 1
        try await connection.execute(
            """
            INSERT INTO auth_notices (person_id, serial, kind, device_id, device_name, at)
            VALUES ($1, $2, $3, $4, $5, $6)
            """, [person.text, serial, notice.kind.rawValue, device, notice.deviceName, notice.at])
        return Int64(serial)
    }

    /// From which serial on a device has not been told.
    func mark(_ device: String, serial: Int64, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            INSERT INTO auth_notice_marks (device_id, serial) VALUES ($1, $2)
            ON CONFLICT (device_id) DO UPDATE SET serial = $2 WHERE auth_notice_marks.serial < $2
            """, [device, serial])
    }

    /// What happened to the person's other devices since this device was told, oldest first.
    func notices(
        for device: Device, in connection: any SQLConnection
    ) async throws -> [(serial: Int64, notice: DeviceNotice)] {
        try await connection.query(
            """
            SELECT serial, kind, at, device_name FROM auth_notices
            WHERE person_id = $1 AND device_id <> $2
                AND serial > COALESCE((SELECT serial FROM auth_notice_marks WHERE device_id = $2), 0)
            ORDER BY serial LIMIT 50
            """, [device.personID.text, device.id]
        ).compactMap { row in
            guard let kind = DeviceNotice.Kind(rawValue: try row.string(1)) else { return nil }
            return (
                Int64(try row.int(0)),
                DeviceNotice(kind: kind, at: try row.instant(2), deviceName: try row.string(3))
            )
        }
    }
}

import Database
import Kernel

/// Touches the table of devices that registrars declare with when the line is down.
struct OfflineStore: Sendable {
    static let migrations = ModuleMigrations(
        "register",
        [
            .init(
                "devices of registrars",
                [
                    """
                    CREATE TABLE register_devices (
                        id TEXT PRIMARY KEY,
                        officer_id TEXT NOT NULL,
                        last_counter BIGINT NOT NULL,
                        added_at BIGINT NOT NULL
                    )
                    """
                ])
        ])

    /// The officer to whom a device belongs and the last draft that came from it; a new device belongs to who brings it.
    func device(
        _ id: String, officer: String, at now: Instant, in connection: any SQLConnection
    ) async throws -> (officer: String, counter: Int64) {
        try await connection.execute(
            """
            INSERT INTO register_devices (id, officer_id, last_counter, added_at) VALUES ($1, $2, 0, $3)
            ON CONFLICT (id) DO NOTHING
            """, [id, officer, now])
        guard
            let row = try await connection.first(
                "SELECT officer_id, last_counter FROM register_devices WHERE id = $1", [id])
        else { throw RumdulError.internal("register.device") }
        return (try row.string(0), try row.int64(1))
    }

    func setCounter(_ counter: Int64, of id: String, in connection: any SQLConnection) async throws {
        try await connection.execute(
            "UPDATE register_devices SET last_counter = $2 WHERE id = $1 AND last_counter < $2", [id, counter])
    }
}

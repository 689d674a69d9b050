import Database
import Kernel

/// The SQL of clients' error logs and login counts.
struct EventStore: Sendable {
    static let migration = ModuleMigrations.Step(
        "events",
        [
            """
            CREATE TABLE dev_events (
                id TEXT PRIMARY KEY,
                client_id TEXT NOT NULL,
                at BIGINT NOT NULL,
                endpoint TEXT NOT NULL,
                code TEXT NOT NULL,
                description TEXT NOT NULL,
                trace_id TEXT NOT NULL
            )
            """,
            "CREATE INDEX dev_events_by_client ON dev_events (client_id, at, id)",
            """
            CREATE TABLE dev_logins (
                client_id TEXT NOT NULL,
                day TEXT NOT NULL,
                logins BIGINT NOT NULL,
                last_at BIGINT NOT NULL,
                PRIMARY KEY (client_id, day)
            )
            """,
        ])

    /// Events that are kept for each client.
    static let kept = 500
    /// Days for which logins are counted.
    static let keptDays = 400

    /// Adds events, and forgets the oldest of the same clients beyond ``kept``.
    func append(_ events: [(id: String, event: ClientEvent)], in connection: any SQLConnection) async throws {
        guard !events.isEmpty else { return }
        try await connection.bulkInsert(
            "dev_events", columns: ["id", "client_id", "at", "endpoint", "code", "description", "trace_id"],
            rows: events.map { id, event -> [any SQLValueConvertible] in
                [id, event.clientID, event.at, event.endpoint, event.code, event.description, event.traceID]
            })
        for client in Set(events.map(\.event.clientID)).sorted() {
            guard
                let last = try await connection.first(
                    "SELECT at, id FROM dev_events WHERE client_id = $1 ORDER BY at DESC, id DESC LIMIT 1 OFFSET $2",
                    [client, Self.kept - 1])
            else { continue }
            try await connection.execute(
                "DELETE FROM dev_events WHERE client_id = $1 AND (at < $2 OR (at = $2 AND id < $3))",
                [client, try last.int64(0), try last.string(1)])
        }
    }

    /// The newest events of a client, newest first, after a page's last one.
    func events(
        of client: String, before keys: (at: Instant, id: String)?, traceID: String?, limit: Int,
        in connection: any SQLConnection
    ) async throws -> [(id: String, event: ClientEvent)] {
        let end = keys ?? (Instant(microseconds: .max), "")
        var arguments: [any SQLValueConvertible] = [client, end.at, end.id, limit]
        var condition = ""
        if let traceID {
            arguments.append(traceID)
            condition = "AND trace_id = $5 "
        }
        return try await connection.query(
            """
            SELECT id, at, endpoint, code, description, trace_id FROM dev_events
            WHERE client_id = $1 AND (at < $2 OR (at = $2 AND id < $3)) \(condition)
            ORDER BY at DESC, id DESC LIMIT $4
            """, arguments
        ).map { row in
            (
                try row.string(0),
                ClientEvent(
                    clientID: client, endpoint: try row.string(2), code: try row.string(3),
                    description: try row.string(4), traceID: try row.string(5), at: try row.instant(1))
            )
        }
    }

    func add(
        _ count: Int, loginsTo client: String, on day: CalendarDate, last: Instant, in connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            """
            INSERT INTO dev_logins (client_id, day, logins, last_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (client_id, day) DO UPDATE SET logins = dev_logins.logins + $3,
                last_at = CASE WHEN dev_logins.last_at > $4 THEN dev_logins.last_at ELSE $4 END
            """, [client, day, count, last])
    }

    /// The last days on which somebody logged in, newest first.
    func logins(of client: String, limit: Int, in connection: any SQLConnection) async throws -> [LoginDay] {
        try await connection.query(
            "SELECT day, logins FROM dev_logins WHERE client_id = $1 ORDER BY day DESC LIMIT $2", [client, limit]
        ).map { LoginDay(day: try $0.date(0), count: try $0.int(1)) }
    }

    func lastLogin(of client: String, in connection: any SQLConnection) async throws -> Instant? {
        try await connection.first(
            "SELECT last_at FROM dev_logins WHERE client_id = $1 ORDER BY day DESC LIMIT 1", [client])?.instant(0)
    }

    func purge(before day: CalendarDate, in connection: any SQLConnection) async throws -> Int {
        try await connection.execute("DELETE FROM dev_logins WHERE day < $1", [day])
    }
}

import Database
import Kernel

/// The SQL of push subscriptions; the only place that touches `citizen_push` and `citizen_push_budget`.
///
/// An endpoint is a capability and `auth` a secret, so the browser's values are sealed by the vault, and found by a blind index of the
/// endpoint.
struct PushSubscriptionStore: Sendable {
    static let migrations = ModuleMigrations(
        "citizen",
        [
            .init(
                "push subscriptions",
                [
                    """
                    CREATE TABLE citizen_push (
                        id TEXT PRIMARY KEY,
                        person_id TEXT NOT NULL,
                        sealed BLOB NOT NULL,
                        browser TEXT NOT NULL,
                        created_at BIGINT NOT NULL,
                        delivered_at BIGINT
                    )
                    """,
                    "CREATE INDEX citizen_push_by_person ON citizen_push (person_id, created_at)",
                    """
                    CREATE TABLE citizen_push_budget (
                        person_id TEXT PRIMARY KEY,
                        sent TEXT NOT NULL,
                        last_at BIGINT NOT NULL
                    )
                    """,
                ])
        ])

    /// One browser of one person.
    struct Record: Sendable {
        /// The blind index of the endpoint, in hexadecimal.
        var id: String
        var personID: PersonID
        var sealed: [UInt8]
        /// The browser, as in ``BrowserLogin/browser``.
        var browser: String
        var createdAt: Instant
        var deliveredAt: Instant?
    }

    /// Stores a browser, whoever had it before: the one who turned notifications on last gets them. False, and nothing changed, when the person
    /// has `most` others.
    func put(_ record: Record, most: Int, in connection: any SQLConnection) async throws -> Bool {
        let others = try await connection.first(
            "SELECT COUNT(*) FROM citizen_push WHERE person_id = $1 AND id <> $2", [record.personID.text, record.id])
        guard try others?.int(0) ?? 0 < most else { return false }
        try await connection.execute(
            """
            INSERT INTO citizen_push (id, person_id, sealed, browser, created_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (id) DO UPDATE SET person_id = excluded.person_id, sealed = excluded.sealed,
                browser = excluded.browser, created_at = excluded.created_at, delivered_at = NULL
            """, [record.id, record.personID.text, record.sealed, record.browser, record.createdAt])
        return true
    }

    /// A person's browsers, newest first.
    func records(of person: PersonID, in connection: any SQLConnection) async throws -> [Record] {
        try await connection.query(
            """
            SELECT id, sealed, browser, created_at, delivered_at FROM citizen_push
            WHERE person_id = $1 ORDER BY created_at DESC, id
            """, [person.text]
        ).map { row in
            Record(
                id: try row.string(0), personID: person, sealed: try row.blob(1), browser: try row.string(2),
                createdAt: try row.instant(3), deliveredAt: try row.optionalInstant(4))
        }
    }

    /// Deletes a browser of a person; false when it is not theirs.
    func delete(_ id: String, of person: PersonID, in connection: any SQLConnection) async throws -> Bool {
        try await connection.execute("DELETE FROM citizen_push WHERE id = $1 AND person_id = $2", [id, person.text])
            == 1
    }

    func delivered(_ id: String, at now: Instant, in connection: any SQLConnection) async throws {
        try await connection.execute("UPDATE citizen_push SET delivered_at = $2 WHERE id = $1", [id, now])
    }

    /// Takes one of so many messages to a person in so many seconds, exactly: the row holds the times of the last ones. False when none is left.
    func take(
        _ person: PersonID, most: Int, seconds: Int64, now: Instant, in connection: any SQLConnection
    ) async throws -> Bool {
        try await connection.lock("citizen_push:" + person.text)
        let row = try await connection.first(
            "SELECT sent FROM citizen_push_budget WHERE person_id = $1", [person.text])
        let since = now.adding(seconds: -seconds).microseconds
        var sent = try row?.string(0).split(separator: " ").compactMap { Int64($0) }.filter { $0 > since } ?? []
        guard sent.count < most else { return false }
        sent.append(now.microseconds)
        try await connection.execute(
            """
            INSERT INTO citizen_push_budget (person_id, sent, last_at) VALUES ($1, $2, $3)
            ON CONFLICT (person_id) DO UPDATE SET sent = excluded.sent, last_at = excluded.last_at
            """, [person.text, sent.map { String($0) }.joined(separator: " "), now])
        return true
    }

    /// Forgets budgets that are whole again.
    func purge(before: Instant, in connection: any SQLConnection) async throws -> Int {
        try await connection.execute("DELETE FROM citizen_push_budget WHERE last_at < $1", [before])
    }
}

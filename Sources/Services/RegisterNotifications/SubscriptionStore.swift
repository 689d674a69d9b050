import Database
import Kernel

/// The SQL of topics and subscriptions.
struct SubscriptionStore: Sendable {
    static let migration = ModuleMigrations.Step(
        "topics, subscriptions",
        [
            """
            CREATE TABLE notif_topics (
                id TEXT PRIMARY KEY,
                name TEXT NOT NULL UNIQUE,
                owner TEXT,
                created_at BIGINT NOT NULL
            )
            """,
            """
            CREATE TABLE notif_subscriptions (
                id TEXT PRIMARY KEY,
                client TEXT NOT NULL,
                topic_id TEXT NOT NULL,
                address TEXT NOT NULL,
                countdown BIGINT NOT NULL,
                most BIGINT NOT NULL,
                state TEXT NOT NULL,
                token_hash BLOB,
                token_ends_at BIGINT,
                created_at BIGINT NOT NULL,
                confirmed_at BIGINT,
                ended_at BIGINT
            )
            """,
            """
            CREATE UNIQUE INDEX notif_subscriptions_once ON notif_subscriptions (client, topic_id, address)
            WHERE state <> 'ended'
            """,
            "CREATE INDEX notif_subscriptions_topic ON notif_subscriptions (topic_id) WHERE state = 'active'",
            "CREATE UNIQUE INDEX notif_subscriptions_token ON notif_subscriptions (token_hash) WHERE token_hash IS NOT NULL",
        ])

    static let forms = ModuleMigrations.Step(
        "forms of subscriptions",
        [
            "ALTER TABLE notif_subscriptions ADD COLUMN form TEXT NOT NULL DEFAULT 'osia'",
            "ALTER TABLE notif_subscriptions ADD COLUMN subject TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE notif_subscriptions ADD COLUMN details BLOB",
            "DROP INDEX notif_subscriptions_once",
            """
            CREATE UNIQUE INDEX notif_subscriptions_each ON notif_subscriptions
                (client, topic_id, address, form, subject) WHERE state <> 'ended'
            """,
        ])

    // MARK: Topics

    /// Makes a topic unless the name is taken.
    func insert(_ topic: NotificationTopic, at now: Instant, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            INSERT INTO notif_topics (id, name, owner, created_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (name) DO NOTHING
            """, [topic.id, topic.name, topic.owner, now])
    }

    func topic(id: String, in connection: any SQLConnection) async throws -> NotificationTopic? {
        try await connection.first("SELECT id, name, owner FROM notif_topics WHERE id = $1", [id]).map(Self.topic)
    }

    func topic(name: String, in connection: any SQLConnection) async throws -> NotificationTopic? {
        try await connection.first("SELECT id, name, owner FROM notif_topics WHERE name = $1", [name])
            .map(Self.topic)
    }

    func topics(in connection: any SQLConnection) async throws -> [NotificationTopic] {
        try await connection.query("SELECT id, name, owner FROM notif_topics ORDER BY name").map(Self.topic)
    }

    func countTopics(of client: String, in connection: any SQLConnection) async throws -> Int {
        try await connection.first("SELECT COUNT(*) FROM notif_topics WHERE owner = $1", [client])?.int(0) ?? 0
    }

    func deleteTopic(_ id: String, in connection: any SQLConnection) async throws {
        try await connection.execute("DELETE FROM notif_topics WHERE id = $1", [id])
    }

    private static func topic(_ row: Row) throws -> NotificationTopic {
        NotificationTopic(id: try row.string(0), name: try row.string(1), owner: try row.optionalString(2))
    }

    // MARK: Subscriptions

    private static let columns = """
        s.id, s.client, s.address, s.countdown, s.most, s.state, s.created_at, t.id, t.name, t.owner, s.form, s.subject,
        s.details
        FROM notif_subscriptions s JOIN notif_topics t ON t.id = s.topic_id
        """

    func insert(_ item: Subscription, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            INSERT INTO notif_subscriptions
                (id, client, topic_id, address, countdown, most, state, created_at, form, subject, details)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            [
                item.id, item.client, item.topic.id, item.address, item.policy.countdown, item.policy.most,
                item.state.rawValue, item.createdAt, item.form, item.subject?.text ?? "", item.details,
            ])
    }

    func subscription(_ id: String, in connection: any SQLConnection) async throws -> Subscription? {
        try await list("s.id = $1 AND s.state <> 'ended'", [id], in: connection).first
    }

    func subscription(
        of client: String, topic: String, address: String, form: String = Subscription.osia, subject: PersonID? = nil,
        in connection: any SQLConnection
    ) async throws -> Subscription? {
        try await list(
            """
            s.client = $1 AND s.topic_id = $2 AND s.address = $3 AND s.form = $4 AND s.subject = $5
            AND s.state <> 'ended'
            """, [client, topic, address, form, subject?.text ?? ""], in: connection
        ).first
    }

    func subscriptions(of client: String, in connection: any SQLConnection) async throws -> [Subscription] {
        try await list("s.client = $1 AND s.state <> 'ended'", [client], in: connection)
    }

    func active(on topic: String, in connection: any SQLConnection) async throws -> [Subscription] {
        try await list("s.topic_id = $1 AND s.state = 'active'", [topic], in: connection)
    }

    private func list(
        _ condition: String, _ arguments: [any SQLValueConvertible], in connection: any SQLConnection
    ) async throws -> [Subscription] {
        try await connection.query("SELECT \(Self.columns) WHERE \(condition) ORDER BY s.id", arguments).map { row in
            let subject = try row.string(11)
            var item = Subscription(
                id: try row.string(0), client: try row.string(1),
                topic: NotificationTopic(
                    id: try row.string(7), name: try row.string(8), owner: try row.optionalString(9)),
                address: try row.string(2),
                policy: RetryPolicy(countdown: try row.int64(3), most: try row.int64(4)),
                state: Subscription.State(rawValue: try row.string(5)) ?? .ended, createdAt: try row.instant(6))
            item.form = try row.string(10)
            item.subject = subject.isEmpty ? nil : PersonID(subject)
            item.details = try row.optionalBlob(12)
            return item
        }
    }

    func setPolicy(_ policy: RetryPolicy, of id: String, in connection: any SQLConnection) async throws {
        try await connection.execute(
            "UPDATE notif_subscriptions SET countdown = $2, most = $3 WHERE id = $1",
            [id, policy.countdown, policy.most])
    }

    func setToken(
        _ hash: [UInt8], until end: Instant, of id: String, in connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            "UPDATE notif_subscriptions SET token_hash = $2, token_ends_at = $3 WHERE id = $1", [id, hash, end])
    }

    /// Confirms the waiting subscription of a token, once. False when there is none of this client.
    func confirm(
        _ hash: [UInt8], client: String, at now: Instant, in connection: any SQLConnection
    ) async throws -> Bool {
        try await connection.execute(
            """
            UPDATE notif_subscriptions SET state = 'active', confirmed_at = $3, token_hash = NULL, token_ends_at = NULL
            WHERE token_hash = $1 AND client = $2 AND state = 'waiting' AND token_ends_at > $3
            """, [hash, client, now]) == 1
    }

    func end(_ id: String, at now: Instant, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            UPDATE notif_subscriptions SET state = 'ended', ended_at = $2, token_hash = NULL, token_ends_at = NULL
            WHERE id = $1
            """, [id, now])
    }

    /// Deletes subscriptions that ended, or whose token ended unused, before a moment, and of which no message is left.
    func purge(before moment: Instant, in connection: any SQLConnection) async throws -> Int {
        try await connection.execute(
            """
            DELETE FROM notif_subscriptions
            WHERE ((state = 'ended' AND ended_at < $1) OR (state = 'waiting' AND token_ends_at < $1))
                AND NOT EXISTS (SELECT 1 FROM notif_messages m WHERE m.subscription_id = notif_subscriptions.id)
            """, [moment])
    }

    /// Ends every subscription to a topic; their identifiers.
    func endAll(on topic: String, at now: Instant, in connection: any SQLConnection) async throws -> [String] {
        try await connection.query(
            """
            UPDATE notif_subscriptions SET state = 'ended', ended_at = $2, token_hash = NULL, token_ends_at = NULL
            WHERE topic_id = $1 AND state <> 'ended' RETURNING id
            """, [topic, now]
        ).map { try $0.string(0) }
    }
}

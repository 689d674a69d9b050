import CivilRegister
import Codecs
import Database
import Kernel

/// The SQL of events and of the messages about them.
struct OutboxStore: Sendable {
    static let migration = ModuleMigrations.Step(
        "events, messages",
        [
            """
            CREATE TABLE notif_events (
                id TEXT PRIMARY KEY,
                topic TEXT NOT NULL,
                name TEXT NOT NULL,
                record TEXT,
                office TEXT NOT NULL,
                seq BIGINT NOT NULL,
                change TEXT NOT NULL,
                is_sealed BIGINT NOT NULL,
                participants TEXT NOT NULL,
                body BLOB,
                at BIGINT NOT NULL,
                dispatched_at BIGINT
            )
            """,
            "CREATE INDEX notif_events_new ON notif_events (id) WHERE dispatched_at IS NULL",
            "CREATE INDEX notif_events_record ON notif_events (record)",
            "CREATE INDEX notif_events_done ON notif_events (dispatched_at) WHERE dispatched_at IS NOT NULL",
            """
            CREATE TABLE notif_messages (
                id TEXT PRIMARY KEY,
                subscription_id TEXT NOT NULL,
                event_id TEXT,
                host TEXT NOT NULL,
                content BLOB,
                state TEXT NOT NULL,
                attempts BIGINT NOT NULL,
                next_attempt_at BIGINT NOT NULL,
                claim TEXT,
                last_error TEXT,
                last_status BIGINT,
                created_at BIGINT NOT NULL,
                finished_at BIGINT
            )
            """,
            "CREATE INDEX notif_messages_due ON notif_messages (next_attempt_at) WHERE state = 'pending'",
            "CREATE INDEX notif_messages_subscription ON notif_messages (subscription_id, id)",
            "CREATE INDEX notif_messages_event ON notif_messages (event_id)",
            "CREATE INDEX notif_messages_done ON notif_messages (finished_at) WHERE state <> 'pending'",
            // What a waiting message is about: the next one about the same waits for it.
            """
            CREATE TABLE notif_order (
                subscription_id TEXT NOT NULL,
                subject TEXT NOT NULL,
                place BIGINT NOT NULL,
                message_id TEXT NOT NULL,
                PRIMARY KEY (subscription_id, subject, place)
            )
            """,
            "CREATE INDEX notif_order_message ON notif_order (message_id)",
            "CREATE TABLE notif_counters (name TEXT PRIMARY KEY, last BIGINT NOT NULL)",
        ])

    // MARK: Events

    private static let eventColumns =
        "id, topic, name, record, office, seq, change, is_sealed, participants, body, at"

    func insert(_ event: OutboxEvent, in connection: any SQLConnection) async throws {
        let people = event.participants.flatMap { [$0.member, $0.person.text] }
        try await connection.post(
            """
            INSERT INTO notif_events (\(Self.eventColumns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            [
                event.id, event.topic, event.name, event.record, event.office, event.sequence, event.change,
                event.isSealed ? 1 : 0, JSON.text(.strings(people)), event.body, event.at,
            ])
    }

    func setSealed(record: String, _ isSealed: Bool, in connection: any SQLConnection) async throws {
        try await connection.execute(
            "UPDATE notif_events SET is_sealed = $2 WHERE record = $1", [record, isSealed ? 1 : 0])
    }

    /// Whether any event waits to be dispatched.
    func hasNew(in connection: any SQLConnection) async throws -> Bool {
        try await connection.first("SELECT id FROM notif_events WHERE dispatched_at IS NULL LIMIT 1") != nil
    }

    func new(limit: Int, in connection: any SQLConnection) async throws -> [OutboxEvent] {
        try await connection.query(
            // Identifiers of one millisecond are in no order; the numbers of a record's entries are.
            """
            SELECT \(Self.eventColumns) FROM notif_events WHERE dispatched_at IS NULL
            ORDER BY at, seq, topic, id LIMIT \(limit)
            """
        ).map(Self.event)
    }

    func event(_ id: String, in connection: any SQLConnection) async throws -> OutboxEvent? {
        try await connection.first("SELECT \(Self.eventColumns) FROM notif_events WHERE id = $1", [id])
            .map(Self.event)
    }

    func setDispatched(_ id: String, at now: Instant, in connection: any SQLConnection) async throws {
        try await connection.execute("UPDATE notif_events SET dispatched_at = $2 WHERE id = $1", [id, now])
    }

    private static func event(_ row: Row) throws -> OutboxEvent {
        guard let people = try JSON.parse(Array(row.string(8).utf8)).stringsValue, people.count % 2 == 0 else {
            throw RumdulError.internal("notif_events: participants")
        }
        return OutboxEvent(
            id: try row.string(0), topic: try row.string(1), name: try row.string(2),
            record: try row.optionalString(3), office: try row.string(4), sequence: try row.int64(5),
            change: try row.string(6), isSealed: try row.int64(7) == 1,
            participants: stride(from: 0, to: people.count, by: 2).map {
                .init(people[$0], PersonID(people[$0 + 1]))
            }, body: try row.optionalBlob(9), at: try row.instant(10))
    }

    // MARK: Messages

    /// A message that waits from now on, after those about the same that wait already.
    func insert(
        _ id: String, subscription: String, event: String?, host: String, content: [UInt8]? = nil,
        subjects: [String], at now: Instant, in connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            """
            INSERT INTO notif_messages (id, subscription_id, event_id, host, content, state, attempts,
                next_attempt_at, created_at)
            VALUES ($1, $2, $3, $4, $5, 'pending', 0, $6, $6)
            """, [id, subscription, event, host, content, now])
        try await queue(id, subscription: subscription, subjects: subjects, in: connection)
    }

    /// Puts a message behind all that are about the same.
    func queue(
        _ id: String, subscription: String, subjects: [String], in connection: any SQLConnection
    ) async throws {
        guard !subjects.isEmpty else { return }
        let place =
            try await connection.first(
                """
                INSERT INTO notif_counters (name, last) VALUES ('place', 1)
                ON CONFLICT (name) DO UPDATE SET last = notif_counters.last + 1 RETURNING last
                """)?.int64(0) ?? 1
        for subject in subjects {
            try await connection.execute(
                "INSERT INTO notif_order (subscription_id, subject, place, message_id) VALUES ($1, $2, $3, $4)",
                [subscription, subject, place, id])
        }
    }

    /// A message that this node has taken on.
    struct Claimed: Sendable {
        var id: String
        var claim: String
        var host: String
        var attempts: Int
    }

    /// What is due and has nothing about the same before it, so many for each host at most: one host that does not
    /// answer must not keep the others waiting.
    func due(
        at now: Instant, limit: Int, perHost: Int, without hosts: [String], in connection: any SQLConnection
    ) async throws -> [String] {
        let excluded = hosts.indices.map { "$\($0 + 4)" }.joined(separator: ", ")
        let arguments: [any SQLValueConvertible] = [now, limit, perHost]
        return try await connection.query(
            """
            SELECT id FROM (
                SELECT id, next_attempt_at, row_number() OVER (PARTITION BY host ORDER BY next_attempt_at, id) AS place
                FROM (
                    SELECT m.id, m.next_attempt_at, m.host FROM notif_messages m
                    WHERE m.state = 'pending' AND m.next_attempt_at <= $1
                        \(hosts.isEmpty ? "" : "AND m.host NOT IN (\(excluded))")
                        AND NOT EXISTS (
                            SELECT 1 FROM notif_order mine JOIN notif_order earlier
                                ON earlier.subscription_id = mine.subscription_id AND earlier.subject = mine.subject
                                AND earlier.place < mine.place
                            WHERE mine.message_id = m.id
                        )
                    ORDER BY m.next_attempt_at LIMIT 1000
                ) AS waiting
            ) AS ranked
            WHERE place <= CAST($3 AS BIGINT) ORDER BY next_attempt_at, id LIMIT $2
            """, arguments + hosts
        ).map { try $0.string(0) }
    }

    /// Takes on those of the named messages that are still due, until the lease ends. No two nodes get the same one.
    func claim(
        _ ids: [String], as claim: String, at now: Instant, lease: Instant, in connection: any SQLConnection
    ) async throws -> [Claimed] {
        let places = ids.indices.map { "$\($0 + 4)" }.joined(separator: ", ")
        let arguments: [any SQLValueConvertible] = [now, lease, claim]
        return try await connection.query(
            """
            UPDATE notif_messages SET claim = $3, next_attempt_at = $2, attempts = attempts + 1
            WHERE id IN (\(places)) AND state = 'pending' AND next_attempt_at <= $1
            RETURNING id, host, attempts
            """, arguments + ids
        ).map { row in
            Claimed(
                id: try row.string(0), claim: claim, host: try row.string(1), attempts: try row.int(2))
        }
    }

    /// A claimed message as it lies in the table; `nil` when another node has it by now, or it has ended.
    func held(
        _ claimed: Claimed, in connection: any SQLConnection
    ) async throws -> (subscription: String, event: String?, content: [UInt8]?)? {
        try await connection.first(
            """
            SELECT subscription_id, event_id, content FROM notif_messages
            WHERE id = $1 AND claim = $2 AND state = 'pending'
            """, [claimed.id, claimed.claim]
        ).map { (try $0.string(0), try $0.optionalString(1), try $0.optionalBlob(2)) }
    }

    func setContent(_ content: [UInt8], of id: String, in connection: any SQLConnection) async throws {
        try await connection.execute("UPDATE notif_messages SET content = $2 WHERE id = $1", [id, content])
    }

    /// Ends a message and erases its content. What was delivered is so whoever holds the claim; anything else counts
    /// only from the node that holds it.
    func finish(
        _ claimed: Claimed, _ state: MessageRecord.State, error: String?, status: Int?, at now: Instant,
        in connection: any SQLConnection
    ) async throws {
        let fence = state == .delivered ? "" : "AND claim = $6"
        let arguments: [any SQLValueConvertible] = [claimed.id, state.rawValue, error, status, now]
        let changed = try await connection.execute(
            """
            UPDATE notif_messages
            SET state = $2, last_error = $3, last_status = $4, finished_at = $5, content = NULL, claim = NULL
            WHERE id = $1 AND state = 'pending' \(fence)
            """, arguments + (state == .delivered ? [] : [claimed.claim]))
        guard changed == 1 else { return }
        try await connection.execute("DELETE FROM notif_order WHERE message_id = $1", [claimed.id])
    }

    /// Gives a message back until its next attempt.
    func release(
        _ claimed: Claimed, until next: Instant, attempts: Int, error: String?, status: Int?,
        in connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            """
            UPDATE notif_messages
            SET next_attempt_at = $3, attempts = $4, last_error = COALESCE($5, last_error),
                last_status = COALESCE(CAST($6 AS BIGINT), last_status), claim = NULL
            WHERE id = $1 AND claim = $2 AND state = 'pending'
            """, [claimed.id, claimed.claim, next, attempts, error, status])
    }

    /// Ends what waits on a subscription that ended.
    func withhold(subscription: String, at now: Instant, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            UPDATE notif_messages SET state = 'withheld', content = NULL, claim = NULL, finished_at = $2
            WHERE subscription_id = $1 AND state = 'pending'
            """, [subscription, now])
        try await connection.execute("DELETE FROM notif_order WHERE subscription_id = $1", [subscription])
    }

    // MARK: Lists and replay

    private static let recordColumns = """
        m.id, m.subscription_id, s.client, COALESCE(t.name, s.topic_id), e.name, m.state, m.attempts, m.last_error,
        m.last_status, m.created_at, m.next_attempt_at, m.finished_at
        FROM notif_messages m JOIN notif_subscriptions s ON s.id = m.subscription_id
        LEFT JOIN notif_topics t ON t.id = s.topic_id LEFT JOIN notif_events e ON e.id = m.event_id
        """

    /// The latest messages, newest first; of one subscription, of one client, in one state, or of all.
    func records(
        subscription: String?, client: String?, state: MessageRecord.State?, limit: Int,
        in connection: any SQLConnection
    ) async throws -> [MessageRecord] {
        var conditions = ["1 = 1"]
        var arguments: [any SQLValueConvertible] = []
        for (column, value) in [
            ("m.subscription_id", subscription), ("s.client", client), ("m.state", state?.rawValue),
        ] {
            guard let value else { continue }
            arguments.append(value)
            conditions.append("\(column) = $\(arguments.count)")
        }
        return try await connection.query(
            """
            SELECT \(Self.recordColumns) WHERE \(conditions.joined(separator: " AND "))
            ORDER BY m.created_at DESC, m.id DESC LIMIT \(limit)
            """, arguments
        ).map(Self.record)
    }

    private static func record(_ row: Row) throws -> MessageRecord {
        MessageRecord(
            id: try row.string(0), subscription: try row.string(1), client: try row.string(2),
            topic: try row.string(3), event: try row.optionalString(4),
            state: MessageRecord.State(rawValue: try row.string(5)) ?? .dead, attempts: try row.int(6),
            lastError: try row.optionalString(7), lastStatus: try row.optionalInt64(8).map(Int.init),
            createdAt: try row.instant(9), nextAttemptAt: try row.instant(10),
            finishedAt: try row.optionalInstant(11))
    }

    /// Messages of events that ended and may be sent again: the dead ones, or one that was delivered or died.
    func replayable(
        subscription: String, message: String?, limit: Int, in connection: any SQLConnection
    ) async throws -> [(id: String, event: String)] {
        let condition = message == nil ? "m.state = 'dead'" : "m.id = $2 AND m.state IN ('dead', 'delivered')"
        let arguments: [any SQLValueConvertible] = [subscription]
        return try await connection.query(
            """
            SELECT m.id, m.event_id FROM notif_messages m
            WHERE m.subscription_id = $1 AND m.event_id IS NOT NULL AND \(condition) ORDER BY m.id LIMIT \(limit)
            """, arguments + [message].compactMap { $0 }
        ).map { (try $0.string(0), try $0.string(1)) }
    }

    /// Makes an ended message wait again, as if it had never been sent. Its identifier stays.
    func revive(_ id: String, at now: Instant, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            UPDATE notif_messages
            SET state = 'pending', attempts = 0, next_attempt_at = $2, content = NULL, claim = NULL, finished_at = NULL
            WHERE id = $1 AND state IN ('dead', 'delivered')
            """, [id, now])
    }

    /// Deletes messages that ended before a moment, and events that no message is about any more.
    func purge(before moment: Instant, in connection: any SQLConnection) async throws -> Int {
        let messages = try await connection.execute(
            "DELETE FROM notif_messages WHERE state <> 'pending' AND finished_at < $1", [moment])
        let events = try await connection.execute(
            """
            DELETE FROM notif_events WHERE dispatched_at < $1
                AND NOT EXISTS (SELECT 1 FROM notif_messages m WHERE m.event_id = notif_events.id)
            """, [moment])
        return messages + events
    }
}

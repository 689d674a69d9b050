import Database
import Kernel

/// The SQL of the façade: which messages were taken, and what became of transactions. Whatever a system chose itself (its
/// identifiers) is there as a MAC or sealed, since anything could stand in it.
struct DCIStore: Sendable {
    static let migrations = ModuleMigrations(
        "dci",
        [
            ModuleMigrations.Step(
                "messages, transactions",
                [
                    "CREATE TABLE dci_messages (tag BLOB PRIMARY KEY, seen_at BIGINT NOT NULL)",
                    "CREATE INDEX dci_messages_age ON dci_messages (seen_at)",
                    """
                    CREATE TABLE dci_transactions (
                        id TEXT PRIMARY KEY,
                        client TEXT NOT NULL,
                        kind TEXT NOT NULL,
                        content BLOB NOT NULL,
                        delivery_id TEXT,
                        created_at BIGINT NOT NULL
                    )
                    """,
                    "CREATE INDEX dci_transactions_age ON dci_transactions (created_at)",
                    // What a transaction can be asked for by.
                    """
                    CREATE TABLE dci_names (
                        tag BLOB NOT NULL,
                        transaction_id TEXT NOT NULL,
                        PRIMARY KEY (tag, transaction_id)
                    )
                    """,
                    "CREATE INDEX dci_names_transaction ON dci_names (transaction_id)",
                ])
        ])

    /// Notes that a message was taken; false when it was before.
    func take(_ tag: [UInt8], at now: Instant, in connection: any SQLConnection) async throws -> Bool {
        try await connection.execute(
            "INSERT INTO dci_messages (tag, seen_at) VALUES ($1, $2) ON CONFLICT (tag) DO NOTHING", [tag, now]) == 1
    }

    struct Transaction: Sendable {
        var id: String
        var client: String
        var kind: String
        var content: [UInt8]
        var delivery: String?
        var createdAt: Instant
    }

    func insert(_ item: Transaction, names: [[UInt8]], in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            INSERT INTO dci_transactions (id, client, kind, content, delivery_id, created_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            """, [item.id, item.client, item.kind, item.content, item.delivery, item.createdAt])
        for tag in names {
            try await connection.execute(
                "INSERT INTO dci_names (tag, transaction_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", [tag, item.id])
        }
    }

    /// The latest transaction of a client that has one of these names.
    func transaction(
        named tags: [[UInt8]], client: String, kind: String, in connection: any SQLConnection
    ) async throws -> Transaction? {
        guard !tags.isEmpty else { return nil }
        let places = (0..<tags.count).map { "$\($0 + 3)" }.joined(separator: ", ")
        let row = try await connection.first(
            """
            SELECT t.id, t.client, t.kind, t.content, t.delivery_id, t.created_at
            FROM dci_transactions t JOIN dci_names n ON n.transaction_id = t.id
            WHERE t.client = $1 AND t.kind = $2 AND n.tag IN (\(places))
            ORDER BY t.created_at DESC, t.id DESC LIMIT 1
            """, [client, kind] + tags.map { $0 as any SQLValueConvertible })
        return try row.map { row in
            Transaction(
                id: try row.string(0), client: try row.string(1), kind: try row.string(2), content: try row.blob(3),
                delivery: try row.optionalString(4), createdAt: try row.instant(5))
        }
    }

    /// Forgets messages that are too old to come again, and transactions that began before a moment.
    func purge(
        messagesBefore old: Instant, transactionsBefore moment: Instant, in connection: any SQLConnection
    ) async throws -> Int {
        let messages = try await connection.execute("DELETE FROM dci_messages WHERE seen_at < $1", [old])
        try await connection.execute(
            "DELETE FROM dci_names WHERE transaction_id IN (SELECT id FROM dci_transactions WHERE created_at < $1)",
            [moment])
        return try await messages
            + connection.execute("DELETE FROM dci_transactions WHERE created_at < $1", [moment])
    }
}

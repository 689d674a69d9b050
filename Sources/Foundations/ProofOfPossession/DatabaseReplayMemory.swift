import Database
import Kernel

/// The table of this module.
public enum PossessionStorage {
    /// What was used once, as hashes.
    public static let migrations = ModuleMigrations(
        "proof_of_possession",
        [
            .init(
                "replay memory",
                [
                    "CREATE TABLE pop_seen (key_hash BLOB PRIMARY KEY, ends_at BIGINT NOT NULL)",
                    "CREATE INDEX pop_seen_end ON pop_seen (ends_at)",
                ])
        ])

    /// Forgets what has ended. For a job that runs every few minutes; returns the number of rows deleted.
    @discardableResult
    public static func purge(now: Instant, in connection: any SQLConnection) async throws -> Int {
        try await connection.execute("DELETE FROM pop_seen WHERE ends_at <= $1", [now])
    }
}

/// A memory in the database, which all nodes share. A key counts as used until ``PossessionStorage/purge(now:in:)``
/// takes its row away.
public struct DatabaseReplayMemory: ReplayMemory {
    private let database: any Database

    public init(database: any Database) { self.database = database }

    public func isFirst(_ key: ReplayKey, until end: Instant, now: Instant) async throws -> Bool {
        try await database.transaction { try await Self.isFirst(key, until: end, in: $0) }
    }

    /// The same inside a transaction of the caller: when that is rolled back, the key counts as unused.
    public static func isFirst(
        _ key: ReplayKey, until end: Instant, in connection: any SQLConnection
    ) async throws -> Bool {
        try await connection.execute(
            "INSERT INTO pop_seen (key_hash, ends_at) VALUES ($1, $2) ON CONFLICT (key_hash) DO NOTHING",
            [key.hash, end]) == 1
    }
}

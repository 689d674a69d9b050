import Crypto
import Database
import Kernel

/// A rate limit that all nodes share, in the database: one upsert for each event. Keys are stored as keyed hashes
/// only, so the table
/// tells nothing about anyone.
public struct SharedRateLimiter: Sendable {
    private let name: String
    private let limit: RateLimit
    private let secret: SymmetricKey
    private let ambient: Ambient

    /// - Parameters:
    ///   - name: keeps limits apart (`login.push`).
    ///   - secret: the key of the hash, the same on every node; from the key vault.
    public init(name: String, limit: RateLimit, secret: [UInt8], ambient: Ambient) {
        self.name = name
        self.limit = limit
        self.secret = SymmetricKey(data: secret)
        self.ambient = ambient
    }

    /// Takes one event of a key, if there is one left.
    public func take(_ key: String, in connection: any SQLConnection) async throws -> RateDecision {
        let now = ambient.now().microseconds
        let row = try await connection.first(
            """
            INSERT INTO web_rate_limits (key_hash, free_at, allowed)
            VALUES ($1, CAST($2 AS BIGINT) + CAST($3 AS BIGINT), 1)
            ON CONFLICT (key_hash) DO UPDATE SET
                allowed = CASE WHEN web_rate_limits.free_at + CAST($3 AS BIGINT) - CAST($2 AS BIGINT)
                    <= CAST($4 AS BIGINT) THEN 1 ELSE 0 END,
                free_at = CASE
                    WHEN web_rate_limits.free_at <= CAST($2 AS BIGINT) THEN CAST($2 AS BIGINT) + CAST($3 AS BIGINT)
                    WHEN web_rate_limits.free_at + CAST($3 AS BIGINT) - CAST($2 AS BIGINT) <= CAST($4 AS BIGINT)
                        THEN web_rate_limits.free_at + CAST($3 AS BIGINT)
                    ELSE web_rate_limits.free_at END
            RETURNING free_at, allowed
            """, [hash(key), now, limit.interval, limit.tolerance])
        guard let row else { throw RumdulError.internal("web.rate_limit: no row") }
        if try row.int64(1) == 1 { return .allowed }
        return .wait(microseconds: try row.int64(0) + limit.interval - now - limit.tolerance)
    }

    /// Takes one event of a key in a transaction of its own.
    public func take(_ key: String, in database: any Database) async throws -> RateDecision {
        try await database.transaction { try await take(key, in: $0) }
    }

    /// Takes one event of a key in a transaction of its own.
    /// - Throws: `web.rate_limited`
    public func require(_ key: String, in database: any Database) async throws {
        try await take(key, in: database).check()
    }

    /// Forgets what a key has used up (after a success).
    public func reset(_ key: String, in connection: any SQLConnection) async throws {
        try await connection.execute("DELETE FROM web_rate_limits WHERE key_hash = $1", [hash(key)])
    }

    /// Gives an event of a key back that turned out not to count.
    public func giveBack(_ key: String, in connection: any SQLConnection) async throws {
        try await connection.execute(
            "UPDATE web_rate_limits SET free_at = free_at - CAST($2 AS BIGINT) WHERE key_hash = $1",
            [hash(key), limit.interval])
    }

    private func hash(_ key: String) -> [UInt8] {
        var text = Array(name.utf8)
        text.append(0)
        text.append(contentsOf: key.utf8)
        return Array(HMAC<SHA256>.authenticationCode(for: text, using: secret).prefix(20))
    }
}

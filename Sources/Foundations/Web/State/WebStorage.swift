import Database
import Kernel

/// The tables of this module.
public enum WebStorage {
    /// Sessions, shared rate limits, stored answers of idempotent requests.
    public static let migrations = ModuleMigrations(
        "web",
        [
            .init(
                "sessions, rate limits, idempotency",
                [
                    """
                    CREATE TABLE web_sessions (
                        token_hash BLOB PRIMARY KEY,
                        kind TEXT NOT NULL,
                        subject TEXT,
                        data TEXT NOT NULL,
                        created_at BIGINT NOT NULL,
                        seen_at BIGINT NOT NULL,
                        expires_at BIGINT NOT NULL
                    )
                    """,
                    "CREATE INDEX web_sessions_subject ON web_sessions (kind, subject)",
                    "CREATE INDEX web_sessions_expiry ON web_sessions (expires_at)",
                    """
                    CREATE TABLE web_rate_limits (
                        key_hash BLOB PRIMARY KEY,
                        free_at BIGINT NOT NULL,
                        allowed BIGINT NOT NULL
                    )
                    """,
                    "CREATE INDEX web_rate_limits_free ON web_rate_limits (free_at)",
                    """
                    CREATE TABLE web_idempotency (
                        id BLOB PRIMARY KEY,
                        request_hash BLOB NOT NULL,
                        status BIGINT,
                        content_type TEXT,
                        body BLOB,
                        started_at BIGINT NOT NULL,
                        expires_at BIGINT NOT NULL
                    )
                    """,
                    "CREATE INDEX web_idempotency_expiry ON web_idempotency (expires_at)",
                ])
        ])

    /// Deletes what has expired. For a job that runs now and then; returns the number of rows deleted.
    @discardableResult
    public static func purge(now: Instant, in connection: any SQLConnection) async throws -> Int {
        try await connection.execute("DELETE FROM web_sessions WHERE expires_at <= $1", [now])
            + connection.execute("DELETE FROM web_rate_limits WHERE free_at <= $1", [now])
            + connection.execute("DELETE FROM web_idempotency WHERE expires_at <= $1", [now])
    }
}

import Codecs
import Database
import Kernel

/// The SQL of backchannel authentication requests (CIBA). A row names the transaction that asks the person; its key
/// is the SHA-256 of the `auth_req_id`, which is not stored itself.
struct CIBAStore: Sendable {
    static let migration = ModuleMigrations.Step(
        "backchannel authentication",
        [
            """
            CREATE TABLE idp_ciba_requests (
                id TEXT PRIMARY KEY,
                transaction_id TEXT NOT NULL,
                client_id TEXT NOT NULL,
                expires_at BIGINT NOT NULL,
                poll_interval BIGINT NOT NULL,
                polled_at BIGINT,
                ping BLOB
            )
            """,
            "CREATE UNIQUE INDEX idp_ciba_requests_by_transaction ON idp_ciba_requests (transaction_id)",
            "CREATE INDEX idp_ciba_requests_by_end ON idp_ciba_requests (expires_at)",
        ])

    struct Record: Sendable {
        /// The row key.
        var id: String
        var transactionID: String
        var clientID: String
        var expiresAt: Instant
        var pace: PollingPace
        /// What a ping needs, sealed; `nil` for poll mode and when the ping is in the queue.
        var ping: [UInt8]?
    }

    /// The row key of an `auth_req_id`, or `nil` when it cannot be one of ours.
    static func key(_ authRequestID: String) -> String? {
        guard authRequestID.utf8.count == 43, Base64URL.decode(authRequestID) != nil else { return nil }
        return Base64URL.encode(sha256(Array(authRequestID.utf8)))
    }

    func insert(_ record: Record, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            INSERT INTO idp_ciba_requests (id, transaction_id, client_id, expires_at, poll_interval, ping)
            VALUES ($1, $2, $3, $4, $5, $6)
            """,
            [
                record.id, record.transactionID, record.clientID, record.expiresAt, record.pace.interval, record.ping,
            ])
    }

    private static let columns = "id, transaction_id, client_id, expires_at, poll_interval, polled_at, ping"

    func find(_ key: String, in connection: any SQLConnection) async throws -> Record? {
        try await connection.first("SELECT \(Self.columns) FROM idp_ciba_requests WHERE id = $1", [key])
            .map(Self.record)
    }

    func find(transaction id: String, in connection: any SQLConnection) async throws -> Record? {
        try await connection.first("SELECT \(Self.columns) FROM idp_ciba_requests WHERE transaction_id = $1", [id])
            .map(Self.record)
    }

    /// Requests that ended without a decision and whose client still waits for a ping, the oldest first.
    func unpinged(endedBefore now: Instant, limit: Int, in connection: any SQLConnection) async throws -> [Record] {
        try await connection.query(
            """
            SELECT \(Self.columns) FROM idp_ciba_requests
            WHERE expires_at <= $1 AND ping IS NOT NULL ORDER BY expires_at LIMIT $2
            """, [now, limit]
        ).map(Self.record)
    }

    func setPace(_ key: String, _ pace: PollingPace, in connection: any SQLConnection) async throws {
        try await connection.execute(
            "UPDATE idp_ciba_requests SET poll_interval = $2, polled_at = $3 WHERE id = $1",
            [key, pace.interval, pace.lastAt])
    }

    /// Takes the ping of a request: true once, then never again.
    func takePing(_ key: String, in connection: any SQLConnection) async throws -> Bool {
        try await connection.execute(
            "UPDATE idp_ciba_requests SET ping = NULL WHERE id = $1 AND ping IS NOT NULL", [key]) == 1
    }

    func purge(before: Instant, in connection: any SQLConnection) async throws -> Int {
        try await connection.execute("DELETE FROM idp_ciba_requests WHERE expires_at < $1", [before])
    }

    private static func record(_ row: Row) throws -> Record {
        Record(
            id: try row.string(0), transactionID: try row.string(1), clientID: try row.string(2),
            expiresAt: try row.instant(3),
            pace: PollingPace(interval: try row.int64(4), lastAt: try row.optionalInstant(5)),
            ping: try row.optionalBlob(6))
    }
}

import Database
import Kernel

/// The SQL of waiting notifications; the only place that touches `outbound_deliveries`.
struct DeliveryStore: Sendable {
    static let migrations = ModuleMigrations(
        "outbound",
        [
            .init(
                "deliveries",
                [
                    """
                    CREATE TABLE outbound_deliveries (
                        id TEXT PRIMARY KEY,
                        kind TEXT NOT NULL,
                        reference TEXT NOT NULL,
                        url TEXT NOT NULL,
                        host TEXT NOT NULL,
                        content BLOB,
                        state TEXT NOT NULL,
                        next_attempt_at BIGINT NOT NULL,
                        claim TEXT,
                        attempts BIGINT NOT NULL,
                        last_error TEXT,
                        last_status BIGINT,
                        created_at BIGINT NOT NULL,
                        ends_at BIGINT NOT NULL,
                        finished_at BIGINT
                    )
                    """,
                    "CREATE INDEX outbound_deliveries_due ON outbound_deliveries (next_attempt_at) WHERE state = 'pending'",
                    "CREATE INDEX outbound_deliveries_done ON outbound_deliveries (finished_at) WHERE state <> 'pending'",
                    "CREATE INDEX outbound_deliveries_reference ON outbound_deliveries (reference, id)",
                ])
        ])

    /// One delivery that this node has taken on.
    struct Claimed: Sendable {
        var id: String
        var claim: String
        var kind: DeliveryKind
        var url: String
        var host: String
        var content: [UInt8]
        var attempts: Int
        var endsAt: Instant
    }

    func insert(
        _ id: String, _ delivery: Delivery, host: String, content: [UInt8], at now: Instant,
        in connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            """
            INSERT INTO outbound_deliveries (id, kind, reference, url, host, content, state, next_attempt_at, attempts,
                created_at, ends_at)
            VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7, 0, $7, $8)
            """,
            [id, delivery.kind.rawValue, delivery.reference, delivery.url, host, content, now, delivery.endsAt])
    }

    /// Identifiers and hosts of what is due, the longest waiting first, without the hosts that are busy already, and so
    /// many for each host at most: one host that does not answer must not keep the others waiting.
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
                    SELECT id, next_attempt_at, host FROM outbound_deliveries
                    WHERE state = 'pending' AND next_attempt_at <= $1
                        \(hosts.isEmpty ? "" : "AND host NOT IN (\(excluded))")
                    ORDER BY next_attempt_at LIMIT 1000
                ) AS waiting
            ) AS ranked
            WHERE place <= CAST($3 AS BIGINT) ORDER BY next_attempt_at, id LIMIT $2
            """, arguments + hosts
        ).map { try $0.string(0) }
    }

    /// Takes on those of the named deliveries that are still due, until the lease ends. No two nodes get the same one.
    func claim(
        _ ids: [String], as claim: String, at now: Instant, lease: Instant, in connection: any SQLConnection
    ) async throws -> [Claimed] {
        let places = ids.indices.map { "$\($0 + 4)" }.joined(separator: ", ")
        let arguments: [any SQLValueConvertible] = [now, lease, claim]
        return try await connection.query(
            """
            UPDATE outbound_deliveries SET claim = $3, next_attempt_at = $2, attempts = attempts + 1
            WHERE id IN (\(places)) AND state = 'pending' AND next_attempt_at <= $1
            RETURNING id, kind, url, host, content, attempts, ends_at
            """, arguments + ids
        ).map { row in
            Claimed(
                id: try row.string(0), claim: claim, kind: DeliveryKind(rawValue: try row.string(1)),
                url: try row.string(2), host: try row.string(3), content: try row.optionalBlob(4) ?? [],
                attempts: try row.int(5), endsAt: try row.instant(6))
        }
    }

    /// Ends a delivery and erases its content. What was delivered is so whoever holds the claim; a failure counts only
    /// from the node that holds it.
    func finish(
        _ claimed: Claimed, _ state: DeliveryState, error: String?, status: Int?, at now: Instant,
        in connection: any SQLConnection
    ) async throws {
        let fence = state == .delivered ? "" : "AND claim = $6"
        let arguments: [any SQLValueConvertible] = [claimed.id, state.rawValue, error, status, now]
        try await connection.execute(
            """
            UPDATE outbound_deliveries
            SET state = $2, last_error = $3, last_status = $4, finished_at = $5, content = NULL, claim = NULL
            WHERE id = $1 AND state = 'pending' \(fence)
            """, arguments + (state == .delivered ? [] : [claimed.claim]))
    }

    /// Ends a delivery whose time was over before this attempt: what the last real attempt said stays.
    func expire(_ claimed: Claimed, code: String, at now: Instant, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            UPDATE outbound_deliveries
            SET state = 'failed', last_error = COALESCE(last_error, $3), attempts = attempts - 1, finished_at = $4,
                content = NULL, claim = NULL
            WHERE id = $1 AND claim = $2 AND state = 'pending'
            """, [claimed.id, claimed.claim, code, now])
    }

    /// Gives a delivery back until its next attempt.
    /// - Parameter attempts: how many count.
    func release(
        _ claimed: Claimed, until next: Instant, attempts: Int, error: String?, status: Int?,
        in connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            """
            UPDATE outbound_deliveries
            SET next_attempt_at = $3, attempts = $4, last_error = COALESCE($5, last_error),
                last_status = COALESCE(CAST($6 AS BIGINT), last_status), claim = NULL
            WHERE id = $1 AND claim = $2 AND state = 'pending'
            """, [claimed.id, claimed.claim, next, attempts, error, status])
    }

    private static let columns = """
        id, kind, reference, host, state, attempts, last_error, last_status, created_at, next_attempt_at, ends_at,
        finished_at
        """

    func record(_ id: String, in connection: any SQLConnection) async throws -> DeliveryRecord? {
        try await connection.first("SELECT \(Self.columns) FROM outbound_deliveries WHERE id = $1", [id])
            .map(Self.record)
    }

    func records(reference: String, limit: Int, in connection: any SQLConnection) async throws -> [DeliveryRecord] {
        try await connection.query(
            "SELECT \(Self.columns) FROM outbound_deliveries WHERE reference = $1 ORDER BY id DESC LIMIT $2",
            [reference, limit]
        ).map(Self.record)
    }

    func purge(before moment: Instant, in connection: any SQLConnection) async throws -> Int {
        try await connection.execute(
            "DELETE FROM outbound_deliveries WHERE state <> 'pending' AND finished_at < $1", [moment])
    }

    private static func record(_ row: Row) throws -> DeliveryRecord {
        DeliveryRecord(
            id: try row.string(0), kind: DeliveryKind(rawValue: try row.string(1)), reference: try row.string(2),
            host: try row.string(3), state: DeliveryState(rawValue: try row.string(4)) ?? .failed,
            attempts: try row.int(5), lastError: try row.optionalString(6),
            lastStatus: try row.optionalInt64(7).map(Int.init), createdAt: try row.instant(8),
            nextAttemptAt: try row.instant(9), endsAt: try row.instant(10), finishedAt: try row.optionalInstant(11))
    }
}

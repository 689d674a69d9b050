import Codecs
import Database
import Kernel

/// Pushed authorization requests (RFC 9126): stored until they are used or a minute and a half has passed. The row's key is the SHA-256 of
/// the `request_uri`'s secret.
struct PushedRequestStore: Sendable {
    static let migration = ModuleMigrations.Step(
        "pushed requests",
        [
            """
            CREATE TABLE idp_pushed_requests (
                id TEXT PRIMARY KEY,
                client_id TEXT NOT NULL,
                parameters TEXT NOT NULL,
                expires_at BIGINT NOT NULL,
                used_by TEXT
            )
            """,
            "CREATE INDEX idp_pushed_requests_by_end ON idp_pushed_requests (expires_at)",
        ])

    static let prefix = "urn:ietf:params:oauth:request_uri:"
    /// Seconds within which the browser must come. FAPI 2.0 section 5.3.2.2 asks for less than 600.
    static let lifetime: Int64 = 90

    /// The row key of a `request_uri`, or `nil` when it cannot be one of ours.
    static func id(_ requestURI: String) -> String? {
        guard requestURI.hasPrefix(prefix) else { return nil }
        let secret = requestURI.dropFirst(prefix.count)
        guard secret.utf8.count == 43, Base64URL.decode(secret) != nil else { return nil }
        return Base64URL.encode(sha256(Array(secret.utf8)))
    }

    func insert(
        _ id: String, clientID: String, parameters: AuthorizationParameters, expiresAt: Instant,
        in connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            "INSERT INTO idp_pushed_requests (id, client_id, parameters, expires_at) VALUES ($1, $2, $3, $4)",
            [id, clientID, JSON.text(parameters.json), expiresAt])
    }

    /// The stored parameters, or `nil` when there are none for this client, or they are too old or spent. The page may be loaded again as long
    /// as the authorization is not complete, up to a quarter of an hour.
    func find(
        _ id: String, clientID: String, now: Instant, in connection: any SQLConnection
    ) async throws -> AuthorizationParameters? {
        guard
            let row = try await connection.first(
                "SELECT client_id, parameters, expires_at, used_by FROM idp_pushed_requests WHERE id = $1", [id]),
            try row.string(0) == clientID, try row.optionalString(3) == nil, now < (try row.instant(2))
        else { return nil }
        var parameters = AuthorizationParameters(json: try JSON.parseObject(Array(try row.string(1).utf8)))
        parameters.pushedID = id
        return parameters
    }

    /// Spends a pushed request, or notes the identifier of a request object, for one transaction; false when another one was first.
    func spend(
        _ id: String, for transactionID: String, now: Instant, in connection: any SQLConnection
    ) async throws -> Bool {
        let row = try await connection.first(
            """
            INSERT INTO idp_pushed_requests (id, client_id, parameters, expires_at, used_by)
            VALUES ($1, '', '', $2, $3)
            ON CONFLICT (id) DO UPDATE SET used_by = COALESCE(idp_pushed_requests.used_by, $3) RETURNING used_by
            """, [id, now.adding(seconds: 7200), transactionID])
        return try row?.string(0) == transactionID
    }

    func purge(before: Instant, in connection: any SQLConnection) async throws -> Int {
        try await connection.execute("DELETE FROM idp_pushed_requests WHERE expires_at < $1", [before])
    }
}

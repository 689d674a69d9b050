import Codecs
import Database
import Kernel

/// The initial access tokens that the operator gives out; only their SHA-256 is kept.
public struct InitialAccessTokens: Sendable {
    /// The greatest number of registrations with one token.
    public static let maximumUses: Int64 = 1_000_000
    /// The longest life in seconds.
    public static let maximumLifetime: Int64 = 366 * 86_400

    let database: any Database
    let ambient: Ambient

    public init(database: any Database, ambient: Ambient) {
        self.database = database
        self.ambient = ambient
    }

    /// Makes a token and shows it this once. Throws `relying_party.invalid` for a number out of range.
    /// - Parameters:
    ///   - uses: registrations, 1...1,000,000.
    ///   - lifetime: seconds, 60...366 days.
    public func make(
        _ grants: RegistrationGrants, uses: Int64, lifetime: Int64
    ) async throws -> (token: String, id: String, expiresAt: Instant) {
        guard (1...Self.maximumUses).contains(uses) else {
            throw RumdulError.relyingPartyInvalid("uses", km: "លេខមិនត្រឹមត្រូវ", en: "1 to \(Self.maximumUses)")
        }
        guard (60...Self.maximumLifetime).contains(lifetime) else {
            throw RumdulError.relyingPartyInvalid("lifetime", km: "លេខមិនត្រឹមត្រូវ", en: "a minute to 366 days")
        }
        let (token, id, now) = (ambient.newSecret(), ambient.newID(), ambient.now())
        let end = now.adding(seconds: lifetime)
        try await database.transaction { connection in
            _ = try await connection.execute(
                """
                INSERT INTO idp_initial_access_tokens (id, token_hash, grants, uses_left, expires_at, created_at)
                VALUES ($1, $2, $3, $4, $5, $6)
                """, [id, sha256(Array(token.utf8)), JSON.text(grants.json), uses, end, now])
        }
        return (token, id, end)
    }

    /// Ends a token; registrations made with it stay. Throws `relying_party.token_not_found`.
    public func revoke(_ id: String) async throws {
        let now = ambient.now()
        let changed = try await database.transaction { connection in
            try await connection.execute(
                "UPDATE idp_initial_access_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL", [id, now])
        }
        guard changed == 1 else { throw RumdulError.initialAccessTokenNotFound }
    }

    /// The newest tokens, at most 200.
    public func list() async throws -> [InitialAccessToken] {
        try await database.read { connection in
            try await connection.query(
                "SELECT \(Self.columns) FROM idp_initial_access_tokens ORDER BY created_at DESC, id DESC LIMIT 200", []
            ).map(Self.token)
        }
    }

    private static let columns = "id, grants, uses_left, expires_at, created_at, revoked_at"

    func find(_ token: String, in connection: any SQLConnection) async throws -> InitialAccessToken? {
        guard token.utf8.count <= 256 else { return nil }
        return try await connection.first(
            "SELECT \(Self.columns) FROM idp_initial_access_tokens WHERE token_hash = $1", [sha256(Array(token.utf8))]
        ).map(Self.token)
    }

    func find(id: String, in connection: any SQLConnection) async throws -> InitialAccessToken? {
        try await connection.first("SELECT \(Self.columns) FROM idp_initial_access_tokens WHERE id = $1", [id]).map(
            Self.token)
    }

    /// Takes one use; false when the token ended meanwhile.
    func use(_ id: String, at now: Instant, in connection: any SQLConnection) async throws -> Bool {
        try await connection.execute(
            """
            UPDATE idp_initial_access_tokens SET uses_left = uses_left - 1
            WHERE id = $1 AND uses_left > 0 AND expires_at > $2 AND revoked_at IS NULL
            """, [id, now]) == 1
    }

    private static func token(_ row: Row) throws -> InitialAccessToken {
        InitialAccessToken(
            id: try row.string(0), grants: try RegistrationGrants(JSON.parseObject(Array(try row.string(1).utf8))),
            usesLeft: try row.int64(2), expiresAt: try row.instant(3), createdAt: try row.instant(4),
            revokedAt: try row.optionalInstant(5))
    }
}

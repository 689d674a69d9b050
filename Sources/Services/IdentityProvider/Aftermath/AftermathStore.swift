import Database
import Kernel

/// The SQL of what has yet to follow from the life of authenticators; the only place that touches `idp_aftermath`.
struct AftermathStore: Sendable {
    static let migration = ModuleMigrations.Step(
        "what follows when authenticators come and go",
        [
            """
            CREATE TABLE idp_aftermath (
                id TEXT PRIMARY KEY,
                kind TEXT NOT NULL,
                person_id TEXT NOT NULL,
                at BIGINT NOT NULL,
                done_at BIGINT
            )
            """,
            "CREATE INDEX idp_aftermath_waiting ON idp_aftermath (at) WHERE done_at IS NULL",
            "CREATE INDEX idp_aftermath_by_person ON idp_aftermath (person_id, done_at)",
        ])

    /// What is to be done.
    enum Kind: String, Sendable, CaseIterable {
        /// The relying parties of an ended session are told; the identifier is the session's.
        case session
        /// The person is told by text message.
        case device, passkey
        case reportedGone = "reported_gone"

        static let texts: [Kind] = [.device, .passkey, .reportedGone]
    }

    struct Item: Sendable {
        var id: String
        var kind: Kind
        var personID: PersonID
    }

    /// Notes something down; once for each identifier.
    func insert(_ item: Item, at now: Instant, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            INSERT INTO idp_aftermath (id, kind, person_id, at) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING
            """, [item.id, item.kind.rawValue, item.personID.text, now])
    }

    /// What waits to be done, oldest first.
    func waiting(
        _ kinds: [Kind], limit: Int, in connection: any SQLConnection
    ) async throws -> [Item] {
        let names = kinds.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return try await connection.query(
            """
            SELECT id, kind, person_id FROM idp_aftermath
            WHERE done_at IS NULL AND kind IN (\(names)) ORDER BY at, id LIMIT $1
            """, [limit]
        ).compactMap { row in
            guard let kind = Kind(rawValue: try row.string(1)) else { return nil }
            return Item(id: try row.string(0), kind: kind, personID: PersonID(try row.string(2)))
        }
    }

    /// Marks something as done; false when another node was first.
    func finish(_ id: String, at now: Instant, in connection: any SQLConnection) async throws -> Bool {
        try await connection.execute(
            "UPDATE idp_aftermath SET done_at = $2 WHERE id = $1 AND done_at IS NULL", [id, now]) == 1
    }

    /// How many texts were done for a person since a moment.
    func texts(to person: PersonID, since: Instant, in connection: any SQLConnection) async throws -> Int {
        try await connection.first(
            "SELECT COUNT(*) FROM idp_aftermath WHERE person_id = $1 AND done_at > $2 AND kind <> 'session'",
            [person.text, since]
        ).map { try $0.int(0) } ?? 0
    }

    /// Forgets what is done and no longer counted, and what nobody did in time.
    func purge(doneBefore: Instant, waitingBefore: Instant, in connection: any SQLConnection) async throws {
        try await connection.execute(
            "DELETE FROM idp_aftermath WHERE done_at < $1 OR (done_at IS NULL AND at < $2)",
            [doneBefore, waitingBefore])
    }
}

extension TransactionStore {
    /// The sessions, newest first, in which an authenticator holds something open: a login, or a grant.
    func sessions(
        approvedBy authenticator: String, subjectKey: String, now: Instant, in connection: any SQLConnection
    ) async throws -> [String] {
        try await connection.query(
            """
            SELECT COALESCE(session_id, id) AS session, MAX(created_at) FROM idp_transactions
            WHERE subject_key = $1 AND device_id = $2
                AND (status IN ('approved', 'redeemed') OR session_ends_at > $3)
            GROUP BY COALESCE(session_id, id) ORDER BY MAX(created_at) DESC LIMIT 50
            """, [subjectKey, authenticator, now]
        ).map { try $0.string(0) }
    }

    /// Kills every grant that an authenticator approved, and closes every login.
    func revokeGrants(
        approvedBy authenticator: String, subjectKey: String, in connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            """
            UPDATE idp_transactions SET status = 'revoked', refresh_hash = NULL, refresh_previous = NULL
            WHERE subject_key = $1 AND device_id = $2 AND status IN ('approved', 'redeemed')
            """, [subjectKey, authenticator])
        try await connection.execute(
            """
            UPDATE idp_transactions SET session_ends_at = NULL
            WHERE subject_key = $1 AND device_id = $2 AND session_ends_at IS NOT NULL
            """, [subjectKey, authenticator])
    }
}

import Codecs
import Database
import Kernel

/// The SQL of transactions. A complete login writes its row three times: at the start, at the decision, at the token.
struct TransactionStore: Sendable {
    static let migration = ModuleMigrations.Step(
        "transactions",
        [
            """
            CREATE TABLE idp_transactions (
                id TEXT PRIMARY KEY,
                client_id TEXT NOT NULL,
                person_id TEXT,
                subject_key TEXT NOT NULL,
                status TEXT NOT NULL,
                created_at BIGINT NOT NULL,
                expires_at BIGINT NOT NULL,
                browser_hash BLOB NOT NULL,
                request TEXT NOT NULL,
                details TEXT NOT NULL,
                details_hash TEXT NOT NULL,
                number BIGINT NOT NULL,
                numbers TEXT NOT NULL,
                device_id TEXT,
                decided_at BIGINT,
                granted TEXT NOT NULL,
                consent_id TEXT,
                factors TEXT NOT NULL,
                acr TEXT,
                session_id TEXT,
                session_ends_at BIGINT,
                binding TEXT,
                refresh_hash BLOB,
                refresh_previous BLOB,
                refresh_rotated_at BIGINT,
                refresh_ends_at BIGINT
            )
            """,
            "CREATE INDEX idp_transactions_by_subject ON idp_transactions (subject_key, created_at)",
            "CREATE INDEX idp_transactions_by_session ON idp_transactions (session_id) WHERE session_id IS NOT NULL",
        ])
    /// Where a request came from, as a keyed tag: what "this was not me" silences.
    static let askerMigration = ModuleMigrations.Step(
        "transaction-asker", ["ALTER TABLE idp_transactions ADD COLUMN asker BLOB"])

    private static let columns = """
        id, client_id, person_id, status, created_at, expires_at, browser_hash, request, details, details_hash, number,
        numbers, device_id, decided_at, granted, consent_id, factors, acr, session_id,
        session_ends_at, binding, refresh_hash, refresh_previous, refresh_rotated_at, refresh_ends_at
        """

    /// Stores a request that waits. `asker` is the tag of the network that it came from.
    func insert(
        _ item: Transaction, subjectKey: String, asker: [UInt8], in connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            """
            INSERT INTO idp_transactions (id, client_id, person_id, subject_key, status, created_at, expires_at,
                browser_hash, request, details, details_hash, number, numbers, granted, factors, session_id, asker)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '', '', $14, $15)
            """,
            [
                item.id, item.clientID, item.personID?.text, subjectKey, item.status.rawValue, item.createdAt,
                item.expiresAt, item.browserHash, JSON.text(item.request.json), item.detailsText,
                item.detailsHash, item.number, item.numbers.map(String.init).joined(separator: " "), item.sessionID,
                asker,
            ])
    }

    func find(_ id: String, in connection: any SQLConnection) async throws -> Transaction? {
        try await connection.first("SELECT \(Self.columns) FROM idp_transactions WHERE id = $1", [id])
            .map(Self.transaction)
    }

    /// What lets a grant's tokens live, alone.
    func grant(
        _ id: String, in connection: any SQLConnection
    ) async throws -> (status: TransactionStatus, consentID: String?, deviceID: String?)? {
        guard
            let row = try await connection.first(
                "SELECT status, consent_id, device_id FROM idp_transactions WHERE id = $1", [id]),
            let status = TransactionStatus(rawValue: try row.string(0))
        else { return nil }
        return (status, try row.optionalString(1), try row.optionalString(2))
    }

    /// Status and end alone, for the page that waits.
    func status(
        _ id: String, in connection: any SQLConnection
    ) async throws -> (status: TransactionStatus, expiresAt: Instant, browserHash: [UInt8])? {
        guard
            let row = try await connection.first(
                "SELECT status, expires_at, browser_hash FROM idp_transactions WHERE id = $1", [id]),
            let status = TransactionStatus(rawValue: try row.string(0))
        else { return nil }
        return (status, try row.instant(1), try row.blob(2))
    }

    func pending(subjectKey: String, now: Instant, in connection: any SQLConnection) async throws -> [Transaction] {
        try await connection.query(
            """
            SELECT \(Self.columns) FROM idp_transactions
            WHERE subject_key = $1 AND created_at > $2 AND status = 'pending' AND expires_at > $3
            ORDER BY created_at LIMIT 10
            """, [subjectKey, now.adding(seconds: -3600), now]
        ).map(Self.transaction)
    }

    /// What counts against a person's budget of prompts.
    struct Unapproved: Sendable {
        /// Undecided and not expired.
        var open = 0
        /// Begun within five minutes and not approved, whether decided or not.
        var recent = 0
        /// Begun within a day and not approved.
        var day = 0
        /// "Not me" reports within a day on this client, asking from this network.
        var reported = 0

        /// Whether one prompt more would be too many.
        func isExhausted(_ settings: ProviderSettings) -> Bool {
            open >= settings.openPrompts || recent >= settings.promptsPerFiveMinutes || day >= settings.promptsPerDay
        }
    }

    /// Prompts that the person did not approve. `asker` is the tag of the network that asks now.
    func unapproved(
        subjectKey: String, clientID: String, asker: [UInt8], now: Instant, in connection: any SQLConnection
    ) async throws -> Unapproved {
        guard
            let row = try await connection.first(
                """
                SELECT COUNT(*) FILTER (WHERE created_at > $3), COUNT(*),
                    COUNT(*) FILTER (WHERE status = 'reported' AND client_id = $2 AND asker = $6),
                    COUNT(*) FILTER (WHERE status = 'pending' AND expires_at > $5)
                FROM idp_transactions
                WHERE subject_key = $1 AND created_at > $4 AND status IN ('pending', 'denied', 'reported', 'mismatch')
                """, [subjectKey, clientID, now.adding(seconds: -300), now.adding(seconds: -86_400), now, asker])
        else { return Unapproved() }
        return Unapproved(
            open: try row.int(3), recent: try row.int(0), day: try row.int(1), reported: try row.int(2))
    }

    /// Stores an authorization that is approved from the start: by single sign-on, or by a passkey. False when there is one
    /// with this identifier.
    func insertApproved(
        _ item: Transaction, subjectKey: String, in connection: any SQLConnection
    ) async throws -> Bool {
        try await connection.execute(
            """
            INSERT INTO idp_transactions (id, client_id, person_id, subject_key, status, created_at, expires_at,
                browser_hash, request, details, details_hash, number, numbers, granted, factors, device_id, decided_at,
                consent_id, acr, session_id, session_ends_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $17, $18, 0, '', $10, $11, $12, $13, $14, $15, $16, $19)
            ON CONFLICT (id) DO NOTHING
            """,
            [
                item.id, item.clientID, item.personID?.text, subjectKey, item.status.rawValue, item.createdAt,
                item.expiresAt, item.browserHash, JSON.text(item.request.json), item.granted.joined(separator: " "),
                Self.text(item.factors), item.deviceID, item.decidedAt, item.consentID, item.acr, item.sessionID,
                item.detailsText, item.detailsHash, item.sessionEndsAt,
            ]) == 1
    }

    /// Makes an open request a person's; false when another was first.
    func claim(
        _ id: String, by person: PersonID, subjectKey: String, in connection: any SQLConnection
    ) async throws -> Bool {
        try await connection.execute(
            """
            UPDATE idp_transactions SET person_id = $2, subject_key = $3
            WHERE id = $1 AND person_id IS NULL AND status = 'pending'
            """, [id, person.text, subjectKey]) == 1
    }

    /// Ends a pending transaction; false when it was no longer pending.
    func decide(_ item: Transaction, in connection: any SQLConnection) async throws -> Bool {
        try await connection.execute(
            """
            UPDATE idp_transactions SET status = $2, device_id = $3, decided_at = $4, granted = $5, consent_id = $6,
                factors = $7, acr = $8, session_ends_at = $9
            WHERE id = $1 AND status = 'pending'
            """,
            [
                item.id, item.status.rawValue, item.deviceID, item.decidedAt, item.granted.joined(separator: " "),
                item.consentID, Self.text(item.factors), item.acr, item.sessionEndsAt,
            ]) == 1
    }

    /// Turns an approved transaction into a redeemed one; false when another request was first.
    func redeem(
        _ id: String, binding: TokenBinding?, refresh: Transaction.RefreshState?, in connection: any SQLConnection
    ) async throws -> Bool {
        try await connection.execute(
            """
            UPDATE idp_transactions SET status = 'redeemed', binding = $2, refresh_hash = $3, refresh_ends_at = $4
            WHERE id = $1 AND status = 'approved'
            """, [id, binding?.text, refresh?.hash, refresh?.endsAt]) == 1
    }

    /// Replaces the refresh token; false when another request was first.
    func rotate(
        _ id: String, from old: [UInt8], to new: [UInt8], at now: Instant, in connection: any SQLConnection
    ) async throws -> Bool {
        try await connection.execute(
            """
            UPDATE idp_transactions SET refresh_hash = $3, refresh_previous = $2, refresh_rotated_at = $4
            WHERE id = $1 AND refresh_hash = $2 AND status = 'redeemed'
            """, [id, old, new, now]) == 1
    }

    /// Kills the tokens of a transaction.
    func revoke(_ id: String, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            UPDATE idp_transactions SET status = 'revoked', refresh_hash = NULL, refresh_previous = NULL
            WHERE id = $1 AND status IN ('approved', 'redeemed')
            """, [id])
    }

    /// Ends the session that an approval opened; false when it had ended or was never open.
    func endSession(_ id: String, in connection: any SQLConnection) async throws -> Bool {
        try await connection.execute(
            """
            UPDATE idp_transactions SET session_ends_at = NULL
            WHERE (id = $1 OR session_id = $1) AND session_ends_at IS NOT NULL
            """, [id]) > 0
    }

    /// The clients that got tokens in a session.
    func clients(ofSession id: String, in connection: any SQLConnection) async throws -> [String] {
        try await connection.query(
            """
            SELECT DISTINCT client_id FROM idp_transactions
            WHERE (id = $1 OR session_id = $1) AND status IN ('redeemed', 'revoked')
            """, [id]
        ).map { try $0.string(0) }
    }

    /// Kills what the clients of an ended session still hold, but for offline access (OpenID Connect Back-Channel Logout 1.0, section 2.7).
    func revokeSession(_ id: String, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            UPDATE idp_transactions SET status = 'revoked'
            WHERE (id = $1 OR session_id = $1) AND status IN ('approved', 'redeemed') AND refresh_hash IS NULL
            """, [id])
    }

    /// A person's open sessions, newest first.
    func sessions(subjectKey: String, now: Instant, in connection: any SQLConnection) async throws -> [Transaction] {
        try await connection.query(
            """
            SELECT \(Self.columns) FROM idp_transactions
            WHERE subject_key = $1 AND session_ends_at > $2 ORDER BY created_at DESC LIMIT 50
            """, [subjectKey, now]
        ).map(Self.transaction)
    }

    /// Deletes what ended before a moment; decisions live on in the consent register and the ledger.
    func purge(before: Instant, in connection: any SQLConnection) async throws -> Int {
        try await connection.execute(
            """
            DELETE FROM idp_transactions WHERE created_at < $1
                AND (refresh_ends_at IS NULL OR refresh_ends_at < $1 OR status <> 'redeemed')
            """, [before])
    }

    private static func transaction(_ row: Row) throws -> Transaction {
        let id = try row.string(0)
        guard let status = TransactionStatus(rawValue: try row.string(3)), let request = try request(id, row) else {
            throw RumdulError.internal("idp_transactions holds a row that this version cannot read")
        }
        return Transaction(
            id: id, clientID: try row.string(1), personID: try row.optionalString(2).map(PersonID.init),
            status: status, createdAt: try row.instant(4), expiresAt: try row.instant(5), browserHash: try row.blob(6),
            sharedRequest: request, detailsText: try row.string(8),
            detailsHash: try row.string(9), number: try row.int(10),
            numbers: try row.string(11).split(separator: " ").compactMap { Int($0) },
            deviceID: try row.optionalString(12), decidedAt: try row.optionalInstant(13),
            granted: try row.string(14).words, consentID: try row.optionalString(15),
            factors: Set(
                try row.string(16).split(separator: " ").compactMap { AuthenticationFactor(rawValue: String($0)) }),
            acr: try row.optionalString(17), sessionID: try row.optionalString(18),
            sessionEndsAt: try row.optionalInstant(19),
            binding: try row.optionalString(20).flatMap { TokenBinding($0) }, refresh: try refresh(row))
    }

    /// A request never changes, so it is parsed once.
    private static let requests = GenerationCache<String, Shared<AuthorizationRequest>>(capacity: 8192)

    /// Whether a request that was read lately asked for no attributes. Only a hint: `false` says nothing.
    func asksNothing(_ id: String) -> Bool {
        guard let request = Self.requests[id]?.value else { return false }
        return request.attributes.allSatisfy { $0 == "offline_access" } && request.verifiedUserInfo.isEmpty
    }

    private static func request(_ id: String, _ row: Row) throws -> Shared<AuthorizationRequest>? {
        if let known = requests[id] { return known }
        let object = try JSON.parseObject(Array(try row.string(7).utf8))
        guard let request = AuthorizationRequest(json: object).map(Shared.init) else { return nil }
        requests.insert(request, for: id)
        return request
    }

    private static func refresh(_ row: Row) throws -> Transaction.RefreshState? {
        guard let hash = try row.optionalBlob(21), let endsAt = try row.optionalInstant(24) else { return nil }
        return .init(
            hash: hash, previous: try row.optionalBlob(22), rotatedAt: try row.optionalInstant(23), endsAt: endsAt)
    }

    private static func text(_ factors: Set<AuthenticationFactor>) -> String {
        factors.map(\.rawValue).sorted().joined(separator: " ")
    }
}

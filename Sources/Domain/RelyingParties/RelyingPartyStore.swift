import Codecs
import Database
import Kernel

/// Whether a registration serves.
public enum RelyingPartyState: String, Sendable, CaseIterable {
    case active
    /// Stopped at once, and can go on.
    case suspended
    /// For ever; its identifier is never given out again.
    case deleted
}

/// The SQL of relying parties, and a small cache of their parsed form: a row that has not changed is not parsed again.
public final class RelyingPartyStore: Sendable {
    private let cache = GenerationCache<String, KnownRelyingParty>(capacity: 8192)

    public init() {}

    /// The active relying party, or `nil` when unknown, suspended or deleted.
    ///
    /// A row that was looked at less than ``KnownRelyingParty/trusted`` ago is not looked at again, so a change
    /// counts at most that much later. A login asks seven times, and under load the rows of the large parties are asked
    /// for thousands of times a second.
    public func party(_ clientID: String, in database: any Database) async throws -> RelyingParty? {
        if let known = cache[clientID], known.isFresh { return known.party }
        let start = SuspendingClock.now
        guard let party = try await party(clientID, in: database.statements) else { return nil }
        cache[clientID]?.look(at: start)
        return party
    }

    /// Reads the row of a relying party whether or not it was looked at a moment ago.
    public func lookAgain(_ clientID: String, in database: any Database) async throws {
        cache[clientID]?.doubt()
        _ = try await party(clientID, in: database)
    }

    /// The active relying party, or `nil` when unknown, suspended or deleted. One point read, none if the row was looked at
    /// a moment ago; parsed only when its revision is new.
    public func party(_ clientID: String, in connection: any SQLConnection) async throws -> RelyingParty? {
        guard !clientID.isEmpty, clientID.utf8.count <= 64 else { return nil }
        if let known = cache[clientID], known.isFresh { return known.party }
        guard
            let row = try await connection.first(
                "SELECT revision, state FROM idp_relying_parties WHERE client_id = $1", [clientID]),
            try row.string(1) == "active"
        else { return nil }
        let revision = try row.int64(0)
        if let known = cache[clientID], known.revision == revision { return known.party }
        guard
            let row = try await connection.first(
                "SELECT document, revision FROM idp_relying_parties WHERE client_id = $1", [clientID])
        else { return nil }
        let party = try Self.parse(row.string(0))
        cache.insert(KnownRelyingParty(party, revision: try row.int64(1)), for: clientID)
        return party
    }

    /// State and revision; `nil` when unknown. The revision grows with each change of registration or state.
    public func status(
        _ clientID: String, in connection: any SQLConnection
    ) async throws -> (state: RelyingPartyState, revision: Int64)? {
        guard
            let row = try await connection.first(
                "SELECT state, revision FROM idp_relying_parties WHERE client_id = $1", [clientID])
        else { return nil }
        return (try Self.state(row.string(0)), try row.int64(1))
    }

    /// The whole record in any state, or `nil` when unknown.
    func record(_ clientID: String, in connection: any SQLConnection) async throws -> RelyingPartyRecord? {
        guard !clientID.isEmpty, clientID.utf8.count <= 64 else { return nil }
        return try await connection.first(
            "SELECT \(Self.columns) FROM idp_relying_parties WHERE client_id = $1", [clientID]
        ).map(Self.record)
    }

    /// Adds a registration, or replaces one and leaves its state, its registration token and its origin as they are.
    func save(_ record: RelyingPartyRecord, in connection: any SQLConnection) async throws {
        let party = try Self.parse(JSON.text(record.document))
        cache[record.clientID]?.doubt()
        try await connection.execute(
            """
            INSERT INTO idp_relying_parties (\(Self.columns))
            VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $9)
            ON CONFLICT (client_id) DO UPDATE SET document = $2, environment = $4, organisation = $5,
                requested_production_at = $8, revision = idp_relying_parties.revision + 1, updated_at = $9
            """,
            [
                record.clientID, JSON.text(record.document), record.state.rawValue, party.environment.rawValue,
                party.organisation?.code, record.registrationTokenHash, record.initialTokenID,
                record.requestedProductionAt, record.updatedAt,
            ])
        try await connection.execute(
            "DELETE FROM idp_relying_party_words WHERE client_id = $1", [record.clientID])
        try await connection.bulkInsert(
            "idp_relying_party_words", columns: ["word", "client_id"],
            rows: SearchWords.index(party).sorted().map { word -> [any SQLValueConvertible] in
                [Array(word.utf8), record.clientID]
            })
    }

    /// Suspends, reactivates or deletes; false when there is no such party, or it was deleted before.
    func setState(
        _ clientID: String, _ state: RelyingPartyState, at now: Instant, in connection: any SQLConnection
    ) async throws -> Bool {
        cache[clientID]?.doubt()
        let changed = try await connection.execute(
            """
            UPDATE idp_relying_parties SET state = $2, revision = revision + 1, updated_at = $3
            WHERE client_id = $1 AND state <> 'deleted'
            """, [clientID, state.rawValue, now])
        if changed == 1, state == .deleted {
            try await connection.execute("DELETE FROM idp_relying_party_words WHERE client_id = $1", [clientID])
            try await connection.execute(
                "UPDATE idp_relying_parties SET registration_token_hash = NULL WHERE client_id = $1", [clientID])
        }
        return changed == 1
    }

    /// Notes that a sandbox client asks to serve people; the first moment counts. False when there is no such party.
    func requestProduction(
        _ clientID: String, at now: Instant, in connection: any SQLConnection
    ) async throws -> Bool {
        try await connection.execute(
            """
            UPDATE idp_relying_parties
            SET requested_production_at = COALESCE(requested_production_at, $2), updated_at = $2
            WHERE client_id = $1 AND state <> 'deleted' AND environment = 'sandbox'
            """, [clientID, now]) == 1
    }

    /// One page in the order of client identifiers. Each page is index reads, however many registrations there are.
    func page(_ query: RelyingPartyQuery, in connection: any SQLConnection) async throws -> RelyingPartyPage {
        let limit = min(max(query.limit, 1), 200)
        var conditions = ["client_id > $1"]
        var arguments: [any SQLValueConvertible] = [query.after ?? ""]
        func add(_ condition: (Int) -> String, _ values: any SQLValueConvertible...) {
            conditions.append(condition(arguments.count + 1))
            arguments.append(contentsOf: values)
        }
        if let state = query.state {
            add({ "state = $\($0)" }, state.rawValue)
        } else {
            add({ "state <> $\($0)" }, "deleted")
        }
        if let environment = query.environment { add({ "environment = $\($0)" }, environment.rawValue) }
        if let organisation = query.organisation { add({ "organisation = $\($0)" }, organisation) }
        for word in SearchWords.query(query.text) {
            let bytes = Array(word.utf8)
            add(
                {
                    "client_id IN (SELECT client_id FROM idp_relying_party_words WHERE word >= $\($0) AND word < $\($0 + 1))"
                }, bytes, bytes + [0xFF])
        }
        arguments.append(limit + 1)
        var records = try await connection.query(
            """
            SELECT \(Self.columns) FROM idp_relying_parties WHERE \(conditions.joined(separator: " AND "))
            ORDER BY client_id LIMIT $\(arguments.count)
            """, arguments
        ).map(Self.record)
        let more = records.count > limit
        if more { records.removeLast() }
        return RelyingPartyPage(records: records, next: more ? records.last?.clientID : nil)
    }

    // MARK: Rows

    private static let columns = """
        client_id, document, state, revision, environment, organisation, registration_token_hash, initial_token_id,
        requested_production_at, created_at, updated_at
        """

    private static func record(_ row: Row) throws -> RelyingPartyRecord {
        RelyingPartyRecord(
            clientID: try row.string(0), document: try JSON.parseObject(Array(try row.string(1).utf8)),
            state: try state(row.string(2)), revision: try row.int64(3), registrationTokenHash: try row.optionalBlob(6),
            initialTokenID: try row.optionalString(7), requestedProductionAt: try row.optionalInstant(8),
            createdAt: try row.instant(9), updatedAt: try row.instant(10))
    }

    private static func state(_ text: String) throws -> RelyingPartyState {
        guard let state = RelyingPartyState(rawValue: text) else {
            throw RumdulError.internal("relying party state \(text)")
        }
        return state
    }

    private static func parse(_ document: String) throws -> RelyingParty {
        try RelyingPartyDocument.parse(JSON.parseObject(Array(document.utf8)), allowFirstParty: true)
    }
}

extension RelyingPartyStore {
    /// The tables of this module.
    public static let migrations = ModuleMigrations(
        "relying_parties",
        [
            .init(
                "registrations",
                [
                    """
                    CREATE TABLE idp_relying_parties (
                        client_id TEXT PRIMARY KEY,
                        document TEXT NOT NULL,
                        state TEXT NOT NULL,
                        revision BIGINT NOT NULL,
                        environment TEXT NOT NULL,
                        organisation TEXT,
                        registration_token_hash BLOB,
                        initial_token_id TEXT,
                        requested_production_at BIGINT,
                        created_at BIGINT NOT NULL,
                        updated_at BIGINT NOT NULL
                    )
                    """,
                    "CREATE INDEX idp_relying_parties_by_organisation ON idp_relying_parties (organisation, client_id)",
                    """
                    CREATE TABLE idp_relying_party_words (
                        word BLOB NOT NULL,
                        client_id TEXT NOT NULL,
                        PRIMARY KEY (word, client_id)
                    )
                    """,
                    "CREATE INDEX idp_relying_party_words_by_client ON idp_relying_party_words (client_id)",
                    """
                    CREATE TABLE idp_initial_access_tokens (
                        id TEXT PRIMARY KEY,
                        token_hash BLOB NOT NULL UNIQUE,
                        grants TEXT NOT NULL,
                        uses_left BIGINT NOT NULL,
                        expires_at BIGINT NOT NULL,
                        created_at BIGINT NOT NULL,
                        revoked_at BIGINT
                    )
                    """,
                ])
        ])
}

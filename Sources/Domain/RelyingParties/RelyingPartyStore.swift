import Codecs
import Database
import Kernel
import Synchronization

/// The SQL of relying parties, and a small cache of their parsed form: a row that has not changed is not parsed again.
public final class RelyingPartyStore: Sendable {
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
                        created_at BIGINT NOT NULL,
                        updated_at BIGINT NOT NULL
                    )
                    """
                ])
        ])

    private let cache = Mutex<[String: (revision: Int64, party: RelyingParty)]>([:])

    public init() {}

    /// The active relying party, or `nil` when unknown or suspended. One point read; parsed only when its revision is new.
    public func party(_ clientID: String, in connection: any SQLConnection) async throws -> RelyingParty? {
        guard !clientID.isEmpty, clientID.utf8.count <= 64 else { return nil }
        guard
            let row = try await connection.first(
                "SELECT revision, state FROM idp_relying_parties WHERE client_id = $1", [clientID]),
            try row.string(1) == "active"
        else { return nil }
        let revision = try row.int64(0)
        if let known = cache.withLock({ $0[clientID] }), known.revision == revision { return known.party }
        guard
            let document = try await connection.first(
                "SELECT document FROM idp_relying_parties WHERE client_id = $1", [clientID])
        else { return nil }
        let party = try RelyingPartyDocument.parse(
            JSON.parseObject(Array(try document.string(0).utf8)), allowFirstParty: true)
        cache.withLock { entries in
            if entries.count >= 4096 { entries.removeAll() }
            entries[clientID] = (revision, party)
        }
        return party
    }

    /// The relying party in any state, or `nil` when unknown.
    func registered(_ clientID: String, in connection: any SQLConnection) async throws -> RelyingParty? {
        try await connection.first("SELECT document FROM idp_relying_parties WHERE client_id = $1", [clientID]).map {
            try RelyingPartyDocument.parse(JSON.parseObject(Array(try $0.string(0).utf8)), allowFirstParty: true)
        }
    }

    /// Adds a registration, or replaces one and leaves its state as it is.
    func save(_ clientID: String, document: JSONObject, at now: Instant, in connection: any SQLConnection) async throws
    {
        try await connection.execute(
            """
            INSERT INTO idp_relying_parties (client_id, document, state, revision, created_at, updated_at)
            VALUES ($1, $2, 'active', 1, $3, $3)
            ON CONFLICT (client_id) DO UPDATE SET document = $2,
                revision = idp_relying_parties.revision + 1, updated_at = $3
            """, [clientID, JSON.text(document), now])
    }

    /// Suspends or reactivates; false when there is no such party.
    func setState(
        _ clientID: String, active: Bool, at now: Instant, in connection: any SQLConnection
    ) async throws -> Bool {
        try await connection.execute(
            """
            UPDATE idp_relying_parties SET state = $2, revision = revision + 1, updated_at = $3 WHERE client_id = $1
            """, [clientID, active ? "active" : "suspended", now]) == 1
    }

    func all(in connection: any SQLConnection) async throws -> [(clientID: String, state: String, document: JSONObject)]
    {
        try await connection.query("SELECT client_id, state, document FROM idp_relying_parties ORDER BY client_id").map
        {
            (try $0.string(0), try $0.string(1), try JSON.parseObject(Array(try $0.string(2).utf8)))
        }
    }
}

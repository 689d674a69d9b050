import Codecs
import Database
import Kernel

/// The SQL of the portal's clients and of their requests for production.
struct ClientStore: Sendable {
    static let migration = ModuleMigrations.Step(
        "clients",
        [
            """
            CREATE TABLE dev_clients (
                client_id TEXT PRIMARY KEY,
                organisation_id TEXT NOT NULL,
                statement TEXT NOT NULL,
                draft TEXT,
                draft_statement TEXT,
                created_by TEXT NOT NULL,
                created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX dev_clients_by_organisation ON dev_clients (organisation_id, client_id)",
            """
            CREATE TABLE dev_requests (
                id TEXT PRIMARY KEY,
                client_id TEXT NOT NULL,
                document TEXT NOT NULL,
                statement TEXT NOT NULL,
                state TEXT NOT NULL,
                requested_by TEXT NOT NULL,
                requested_at BIGINT NOT NULL,
                decided_by TEXT,
                decided_at BIGINT,
                reason TEXT
            )
            """,
            "CREATE INDEX dev_requests_by_client ON dev_requests (client_id, state, requested_at)",
            "CREATE INDEX dev_requests_by_state ON dev_requests (state, requested_at, id)",
        ])

    // MARK: Clients

    func insert(_ client: DeveloperClient, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            INSERT INTO dev_clients (client_id, organisation_id, statement, created_by, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $5)
            """,
            [
                client.clientID, client.organisationID, JSON.text(client.statement.json), client.createdBy.text,
                client.createdAt,
            ])
    }

    func client(_ id: String, in connection: any SQLConnection) async throws -> DeveloperClient? {
        guard !id.isEmpty, id.utf8.count <= 64 else { return nil }
        return try await connection.first(
            """
            SELECT client_id, organisation_id, statement, draft, draft_statement, created_by, created_at, updated_at
            FROM dev_clients WHERE client_id = $1
            """, [id]
        ).map(Self.client)
    }

    /// Identifiers of an organisation's clients in their order, after a given one.
    func clients(
        of organisation: String, after: String, limit: Int, in connection: any SQLConnection
    ) async throws -> [String] {
        try await connection.query(
            """
            SELECT client_id FROM dev_clients WHERE organisation_id = $1 AND client_id > $2
            ORDER BY client_id LIMIT $3
            """, [organisation, after, limit]
        ).map { try $0.string(0) }
    }

    func count(of organisation: String, in connection: any SQLConnection) async throws -> Int {
        try await connection.first("SELECT COUNT(*) FROM dev_clients WHERE organisation_id = $1", [organisation])?
            .int(0) ?? 0
    }

    func setStatement(
        _ statement: LegalStatement, of id: String, at now: Instant, in connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            "UPDATE dev_clients SET statement = $2, updated_at = $3 WHERE client_id = $1",
            [id, JSON.text(statement.json), now])
    }

    func setDraft(
        _ draft: ClientVersion?, of id: String, at now: Instant, in connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            "UPDATE dev_clients SET draft = $2, draft_statement = $3, updated_at = $4 WHERE client_id = $1",
            [id, draft.map { JSON.text($0.document) }, draft.map { JSON.text($0.statement.json) }, now])
    }

    /// Those of these identifiers that the portal knows.
    func known(_ ids: [String], in connection: any SQLConnection) async throws -> Set<String> {
        var known: Set<String> = []
        for start in stride(from: 0, to: ids.count, by: 200) {
            let part = Array(ids[start..<min(start + 200, ids.count)])
            let places = part.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
            let rows = try await connection.query(
                "SELECT client_id FROM dev_clients WHERE client_id IN (\(places))", part)
            for row in rows { known.insert(try row.string(0)) }
        }
        return known
    }

    // MARK: Requests

    func insert(_ request: ApprovalRequest, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            INSERT INTO dev_requests (id, client_id, document, statement, state, requested_by, requested_at)
            VALUES ($1, $2, $3, $4, 'open', $5, $6)
            """,
            [
                request.id, request.clientID, JSON.text(request.version.document),
                JSON.text(request.version.statement.json), request.requestedBy.text, request.requestedAt,
            ])
    }

    /// The newest request of a client in a state, or in any.
    func request(
        of client: String, _ state: ApprovalState? = nil, in connection: any SQLConnection
    ) async throws -> ApprovalRequest? {
        let condition = state == nil ? "" : "AND state = $2 "
        let arguments: [any SQLValueConvertible] = state.map { [client, $0.rawValue] } ?? [client]
        return try await connection.first(
            Self.requests + "WHERE client_id = $1 \(condition)ORDER BY requested_at DESC, id DESC LIMIT 1", arguments
        ).map(Self.request)
    }

    /// Which of these clients have an open request.
    func open(among ids: [String], in connection: any SQLConnection) async throws -> Set<String> {
        guard !ids.isEmpty else { return [] }
        let places = ids.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        let rows = try await connection.query(
            "SELECT DISTINCT client_id FROM dev_requests WHERE state = 'open' AND client_id IN (\(places))", ids)
        return Set(try rows.map { try $0.string(0) })
    }

    /// Open requests, oldest first, after the sort keys of a page before. An index read, however many there are.
    func openRequests(
        after keys: (at: Instant, id: String)?, limit: Int, in connection: any SQLConnection
    ) async throws -> ApprovalPage {
        let start = keys ?? (Instant(microseconds: .min), "")
        var found = try await connection.query(
            Self.requests + """
                WHERE state = 'open' AND (requested_at > $1 OR (requested_at = $1 AND id > $2))
                ORDER BY requested_at, id LIMIT $3
                """, [start.at, start.id, limit + 1]
        ).map(Self.request)
        guard found.count > limit else { return ApprovalPage(requests: found, next: nil) }
        found.removeLast()
        let last = found.last.map { [String($0.requestedAt.microseconds), $0.id] }
        return ApprovalPage(requests: found, next: last)
    }

    /// Ends an open request; false when it is not open any more.
    func decide(
        _ id: String, _ state: ApprovalState, by officer: String?, reason: String?, at now: Instant,
        in connection: any SQLConnection
    ) async throws -> Bool {
        try await connection.execute(
            """
            UPDATE dev_requests SET state = $2, decided_by = $3, reason = $4, decided_at = $5
            WHERE id = $1 AND state = 'open'
            """, [id, state.rawValue, officer, reason, now]) == 1
    }

    /// Takes every open request of a client back.
    @discardableResult
    func withdraw(of client: String, at now: Instant, in connection: any SQLConnection) async throws -> Bool {
        try await connection.execute(
            """
            UPDATE dev_requests SET state = 'withdrawn', decided_at = $2 WHERE client_id = $1 AND state = 'open'
            """, [client, now]) > 0
    }

    // MARK: Rows

    private static let requests = """
        SELECT id, client_id, document, statement, state, requested_by, requested_at, decided_by, decided_at, reason
        FROM dev_requests\u{20}
        """

    private static func object(_ text: String) throws -> JSONObject { try JSON.parseObject(Array(text.utf8)) }

    private static func client(_ row: Row) throws -> DeveloperClient {
        var draft: ClientVersion?
        if let text = try row.optionalString(3) {
            draft = ClientVersion(
                document: try object(text), statement: LegalStatement(try object(row.optionalString(4) ?? "{}")))
        }
        return DeveloperClient(
            clientID: try row.string(0), organisationID: try row.string(1),
            statement: LegalStatement(try object(row.string(2))), draft: draft,
            createdBy: PersonID(try row.string(5)), createdAt: try row.instant(6), updatedAt: try row.instant(7))
    }

    private static func request(_ row: Row) throws -> ApprovalRequest {
        guard let state = ApprovalState(rawValue: try row.string(4)) else {
            throw RumdulError.internal("state of a request")
        }
        return ApprovalRequest(
            id: try row.string(0), clientID: try row.string(1),
            version: ClientVersion(
                document: try object(row.string(2)), statement: LegalStatement(try object(row.string(3)))),
            state: state, requestedBy: PersonID(try row.string(5)), requestedAt: try row.instant(6),
            decidedBy: try row.optionalString(7), decidedAt: try row.optionalInstant(8),
            reason: try row.optionalString(9))
    }
}

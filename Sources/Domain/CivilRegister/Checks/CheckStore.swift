import Database
import Kernel

/// A question to a system outside about one record.
public struct CheckItem: Sendable, Hashable {
    public enum State: String, Sendable, CaseIterable {
        case waiting, passed, failed
        /// No answer came in time.
        case expired
        /// The record was given back, or went on without an answer.
        case withdrawn
    }

    public let id: String
    let record: String
    public let kind: VitalEventKind
    /// The commune whose office keeps the record.
    public let office: String
    public internal(set) var state: State
    /// How often the record was asked about: 1, 2, 3 ...
    public let attempt: Int
    public let askedAt: Instant
    /// When the question ends without an answer.
    public let dueAt: Instant
}

/// Touches the table of questions to systems outside.
struct CheckStore: Sendable {
    static let migration = ModuleMigrations.Step(
        "external checks",
        [
            """
            CREATE TABLE civil_checks (
                id TEXT PRIMARY KEY,
                record_id TEXT NOT NULL,
                kind TEXT NOT NULL,
                office TEXT NOT NULL,
                state TEXT NOT NULL,
                attempt BIGINT NOT NULL,
                asked_at BIGINT NOT NULL,
                due_at BIGINT NOT NULL,
                decided_at BIGINT
            )
            """,
            "CREATE UNIQUE INDEX civil_checks_waiting ON civil_checks (record_id) WHERE state = 'waiting'",
            "CREATE INDEX civil_checks_due ON civil_checks (due_at) WHERE state = 'waiting'",
            "CREATE INDEX civil_checks_asked ON civil_checks (asked_at, id) WHERE state = 'waiting'",
        ])

    private static let columns = "id, record_id, kind, office, state, attempt, asked_at, due_at"

    func insert(_ item: CheckItem, in connection: any SQLConnection) async throws {
        try await connection.execute(
            "INSERT INTO civil_checks (\(Self.columns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            [
                item.id, item.record, item.kind.rawValue, item.office, item.state.rawValue, item.attempt, item.askedAt,
                item.dueAt,
            ])
    }

    func find(_ id: String, in connection: any SQLConnection) async throws -> CheckItem? {
        try await list("id = $1", [id], order: "id", limit: 1, in: connection).first
    }

    func set(_ id: String, _ state: CheckItem.State, at now: Instant, in connection: any SQLConnection) async throws {
        try await connection.execute(
            "UPDATE civil_checks SET state = $2, decided_at = $3 WHERE id = $1", [id, state.rawValue, now])
    }

    /// Ends what still waits about a record.
    func close(
        _ record: String, as state: CheckItem.State, at now: Instant, in connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            "UPDATE civil_checks SET state = $2, decided_at = $3 WHERE record_id = $1 AND state = 'waiting'",
            [record, state.rawValue, now])
    }

    func due(at now: Instant, limit: Int, in connection: any SQLConnection) async throws -> [CheckItem] {
        try await list("state = 'waiting' AND due_at <= $1", [now], order: "due_at", limit: limit, in: connection)
    }

    /// Waiting questions of some areas (empty: everywhere), the oldest first.
    func waiting(
        areas: [String], after: (Instant, String)?, limit: Int, in connection: any SQLConnection
    ) async throws -> [CheckItem] {
        var condition = "state = 'waiting'"
        var arguments: [any SQLValueConvertible] = []
        if let after {
            condition += " AND (asked_at, id) > ($1, $2)"
            arguments = [after.0, after.1]
        }
        if !areas.isEmpty {
            let parts = areas.map { area in
                arguments += [area, area + "999999"] as [any SQLValueConvertible]
                return "(office >= $\(arguments.count - 1) AND office <= $\(arguments.count))"
            }
            condition += " AND (" + parts.joined(separator: " OR ") + ")"
        }
        return try await list(condition, arguments, order: "asked_at, id", limit: limit, in: connection)
    }

    private func list(
        _ condition: String, _ arguments: [any SQLValueConvertible], order: String, limit: Int,
        in connection: any SQLConnection
    ) async throws -> [CheckItem] {
        try await connection.query(
            "SELECT \(Self.columns) FROM civil_checks WHERE \(condition) ORDER BY \(order) LIMIT \(limit)", arguments
        ).map { row in
            guard let kind = VitalEventKind(rawValue: try row.string(2)),
                let state = CheckItem.State(rawValue: try row.string(4))
            else { throw RumdulError.internal("civil.check_row") }
            return CheckItem(
                id: try row.string(0), record: try row.string(1), kind: kind, office: try row.string(3), state: state,
                attempt: try row.int(5), askedAt: try row.instant(6), dueAt: try row.instant(7))
        }
    }
}

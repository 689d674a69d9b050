import Kernel

/// Which engine stands behind a `Database`. Statements are written once for both; only locks and triggers may differ.
public enum Dialect: String, Sendable {
    case sqlite
    case postgresql
}

/// Runs statements inside one transaction. Valid only inside the closure that received it.
///
/// Statements use the common subset of both engines: `$1` placeholders (numbered, each bound by its number), `INSERT
/// ... ON CONFLICT ... RETURNING`, `BIGINT` microseconds UTC, `TEXT` for JSON and ISO dates, `BLOB` columns (migrations
/// write `BLOB`; the PostgreSQL driver's migrator turns the column type into `BYTEA`).
public protocol SQLConnection: Sendable {
    var dialect: Dialect { get }

    /// The rows of one statement. Throws `database.unique` when a unique constraint refuses, `database.unavailable`,
    /// `database.statement`.
    @discardableResult
    func query(_ sql: String, _ arguments: [any SQLValueConvertible]) async throws -> [Row]

    /// Runs one statement and returns how many rows it changed. Same errors as `query`.
    @discardableResult
    func execute(_ sql: String, _ arguments: [any SQLValueConvertible]) async throws -> Int

    /// Runs one statement of whose outcome nobody needs to know more than whether it failed. On PostgreSQL it is sent
    /// without waiting for the answer, so that many of them cost one round trip; if it fails, the next statement that is
    /// waited for throws its error, or the transaction does. Not for statements whose refusal (`database.unique`) the
    /// closure would answer to.
    func post(_ sql: String, _ arguments: [any SQLValueConvertible]) async throws

    /// Serialises writers by name until the transaction ends: an advisory lock on PostgreSQL; nothing on SQLite, which
    /// has one writer.
    func lock(_ name: String) async throws

    /// What modules remember of this transaction; `nil` where statements are on their own.
    var notes: TransactionNotes? { get }
}

extension SQLConnection {
    @discardableResult
    public func query(_ sql: String) async throws -> [Row] { try await query(sql, []) }

    @discardableResult
    public func execute(_ sql: String) async throws -> Int { try await execute(sql, []) }

    public func post(_ sql: String, _ arguments: [any SQLValueConvertible]) async throws {
        try await execute(sql, arguments)
    }

    public var notes: TransactionNotes? { nil }

    /// The first row, or `nil`.
    public func first(_ sql: String, _ arguments: [any SQLValueConvertible] = []) async throws -> Row? {
        try await query(sql, arguments).first
    }
}

/// A database of either kind. Transactions are serialisable in effect and are run again when the engine reports a
/// conflict, so their closures must have no effects outside the database.
public protocol Database: Sendable {
    var dialect: Dialect { get }

    /// Runs statements that only read, on one snapshot.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) async throws -> Value
    ) async throws -> Value

    /// Runs single statements that only read, each on a snapshot of its own: what `read` does for one statement, without
    /// opening and ending a transaction. Everything that may change rows is refused as `database.statement`.
    var statements: any SQLConnection { get }

    /// Runs statements in one transaction: all of it is durable when this returns, none of it when it throws.
    func transaction<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) async throws -> Value
    ) async throws -> Value

    /// Brings every module's tables up to date, under a lock, in the order given. Migrations are named, numbered and
    /// never edited.
    func migrate(_ modules: [ModuleMigrations]) async throws

    /// Ends all connections, after the running transactions.
    func close() async
}

/// The numbered migrations of one module, which owns the tables that they make. Table names begin with the module's
/// prefix.
public struct ModuleMigrations: Sendable {
    /// One step: its number is its place in the list, from 1.
    public struct Step: Sendable {
        public var name: String
        /// Statements for both engines, run in order. `BLOB` becomes `BYTEA` on PostgreSQL.
        public var statements: [String]
        /// Further statements for one engine only (triggers).
        public var sqlite: [String]
        public var postgresql: [String]

        public init(_ name: String, _ statements: [String], sqlite: [String] = [], postgresql: [String] = []) {
            self.name = name
            self.statements = statements
            self.sqlite = sqlite
            self.postgresql = postgresql
        }
    }

    public var module: String
    public var steps: [Step]

    public init(_ module: String, _ steps: [Step]) {
        self.module = module
        self.steps = steps
    }
}

extension RumdulError {
    /// A unique constraint refused the row.
    public static let databaseUnique = RumdulError(
        "database.unique", .conflict, km: "មានកំណត់ត្រានេះរួចហើយ។", en: "This record exists already.")

    /// The database cannot be reached, or is too busy.
    public static let databaseUnavailable = RumdulError(
        "database.unavailable", .unavailable, km: "ប្រព័ន្ធមិនទាន់អាចប្រើបានទេ។ សូមព្យាយាមម្តងទៀត។",
        en: "The system cannot be reached just now. Please try again.", retryAfter: 2)

    /// A column does not hold the type that was read.
    static func databaseColumnType(_ column: Int) -> RumdulError {
        .internal("database.column_type: column \(column)")
    }
}

import Kernel

/// An embedded database in one file: a writer with group commit and several readers on snapshots, WAL mode,
/// `synchronous=FULL` on every connection (an acknowledged transaction survives a power cut).
///
/// A statement that fails breaks its transaction, as it does on PostgreSQL: nothing of it can be kept. For expected
/// conflicts write `ON CONFLICT DO NOTHING`. A read or transaction inside another one on the same task throws
/// `database.nested`.
public final class SQLiteDatabase: Database {
    /// Limits of one database.
    public struct Options: Sendable {
        /// Connections for reading, at least 1. One closure uses one until it ends.
        public var readers = 8
        /// Transactions that may share one commit, at least 1.
        public var groupLimit = 256
        /// Closures that may wait before further ones are refused as `database.unavailable`.
        public var waiterLimit = 10_000
        /// Seconds to wait for a lock that another process holds.
        public var busySeconds = 5.0

        public init() {}
    }

    public let dialect = Dialect.sqlite
    private let writer: SQLiteWriter
    private let readers: LeasePool<SQLiteSession>

    /// Opens or creates the database in a file. Throws `database.unavailable` when the file cannot be used.
    public init(path: String, options: Options = Options()) throws {
        // The writer comes first: it makes the file and its WAL, which readers need.
        let session = try SQLiteSession(path: path, readOnly: false, busySeconds: options.busySeconds)
        writer = SQLiteWriter(
            session, groupLimit: max(1, options.groupLimit), waiterLimit: options.waiterLimit,
            busySeconds: options.busySeconds)
        readers = LeasePool(
            try (0..<max(1, options.readers)).map { _ in
                try SQLiteSession(path: path, readOnly: true, busySeconds: options.busySeconds)
            }, waiterLimit: options.waiterLimit)
    }

    /// Runs statements that only read, on one snapshot, which holds every transaction that has returned before.
    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) async throws -> Value
    ) async throws -> Value {
        let scope = try DatabaseScope(of: self)
        let session = try await readers.acquire()
        defer {
            scope.end()
            if session.isInTransaction { _ = try? session.run("ROLLBACK", []) }
            readers.release(session)
        }
        _ = try session.run("BEGIN DEFERRED", [])
        let connection = SQLiteConnection(session)
        do {
            let value = try await DatabaseScope.$current.withValue(scope) { try await body(connection) }
            try connection.end()
            _ = try session.run("COMMIT", [])
            return value
        } catch {
            try? connection.end()
            throw error
        }
    }

    public var statements: any SQLConnection { SQLiteStatements(readers, owner: self) }

    /// Runs statements in one transaction. It is on the disk when this returns; see `SQLiteWriter` for the group
    /// commit.
    public func transaction<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) async throws -> Value
    ) async throws -> Value {
        try await writer.run(try DatabaseScope(of: self), body)
    }

    public func migrate(_ modules: [ModuleMigrations]) async throws {
        try await transaction { try await Migrator(modules, .sqlite).run(on: $0) }
    }

    public func close() async {
        for session in await readers.close() { session.close() }
        await writer.close()
    }
}

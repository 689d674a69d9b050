import Kernel
import Synchronization

/// A database on a PostgreSQL server, through libpq.
///
/// **Isolation.** Transactions are `SERIALIZABLE` and run again, at most `attempts` times with a growing random pause, when
/// the server reports a conflict (40001, 40P01). Those that failed at the same statement take an advisory lock first,
/// so that they queue instead of starving each other; after a second failure at a statement newcomers join that queue
/// too. Reads are `REPEATABLE READ READ ONLY`: one snapshot, no conflicts.
///
/// **Locks.** A serialisable transaction takes its snapshot at its first statement, so "lock, read the last row,
/// append" would read what was last *before* it waited, and fail each time. Hence `lock` before the first statement
/// takes a session lock before `BEGIN`, and the snapshot comes after the wait; it is given back right after the commit.
/// A `lock` after the first statement is tried without waiting: mostly it is free and costs one round trip; if it is
/// busy, or if a unique constraint then shows that the snapshot was too old, the closure runs again with that lock
/// taken first. Lower isolation would make late locks simple too, but would give up that transactions are serialisable
/// without everyone naming the right locks.
///
/// **Failures.** A connection that breaks before `COMMIT` is sent is replaced and the transaction runs once more. When
/// it breaks after, nobody knows the outcome: that is `database.unavailable` and never run again. A cancelled task
/// leaves the waiting line at once, but a statement on its way is waited for (the server ends it after
/// `statementSeconds`).
public final class PostgreSQLDatabase: Database {
    /// Limits of one database.
    public struct Options: Sendable {
        /// Connections, at least 1. One closure uses one until it ends.
        public var connections = 16
        /// Closures that may wait for a connection before further ones are refused as `database.unavailable`.
        public var waiterLimit = 10_000
        /// Seconds after which the server ends a statement, a wait for a lock included.
        public var statementSeconds = 30
        /// How many times a transaction runs at most when it meets conflicts.
        public var attempts = 25

        public init() {}
    }

    /// A place for one connection, made when it is first needed and again when it broke.
    private final class Slot: Sendable {
        let session = Mutex<PGSession?>(nil)
    }

    private enum Attempt<Value: Sendable>: Sendable {
        case done(Value)
        case failed(any Error)
        /// Did not commit; may run again, with these locks taken first.
        case conflict(PGFailure, locks: Set<Int64>, statement: String)
        /// Did not commit; the connection broke.
        case lost(PGFailure)
    }

    public let dialect = Dialect.postgresql
    private let location: String
    private let options: Options
    private let pool: LeasePool<Slot>
    private let hot = PGHotStatements()

    /// A database at a connection string (`postgresql://user@host/name` or libpq's `key=value` form). Connects once, to
    /// say at start if it cannot. Throws `database.unavailable`.
    public init(_ location: String, options: Options = Options()) async throws {
        self.location = location
        self.options = options
        pool = LeasePool((0..<max(1, options.connections)).map { _ in Slot() }, waiterLimit: options.waiterLimit)
        let slot = try await pool.acquire()
        defer { pool.release(slot) }
        _ = try await connected(slot)
    }

    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) async throws -> Value
    ) async throws -> Value {
        try await repeating { session, _ in
            await self.attemptRead(session, try DatabaseScope(of: self), body)
        }
    }

    public var statements: any SQLConnection { PostgreSQLStatements(database: self) }

    public func transaction<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) async throws -> Value
    ) async throws -> Value {
        try await repeating { session, locks in
            await self.attemptTransaction(session, locks, try DatabaseScope(of: self), body)
        }
    }

    public func migrate(_ modules: [ModuleMigrations]) async throws {
        try await transaction { connection in
            try await connection.lock(Migrator.lockName)
            // Building an index on a large table may take long.
            try await connection.execute("SET LOCAL statement_timeout = 0")
            try await Migrator(modules, .postgresql).run(on: connection)
        }
    }

    public func close() async {
        for slot in await pool.close() {
            slot.session.withLock { session in
                defer { session = nil }
                return session
            }?.close()
        }
    }

    /// Runs one statement that must not be in a transaction (`CREATE DATABASE`), for tests and administration.
    package func executeAlone(_ sql: String) async throws {
        let slot = try await pool.acquire()
        defer { pool.release(slot) }
        if case .failure(let failure) = try await connected(slot).run([PGSession.Command(sql: sql)]) {
            throw failure.asRumdulError
        }
    }

    /// Runs one command in a transaction that the server makes for it.
    func alone(_ command: PGSession.Command) async throws -> PGResult {
        try await repeating { session, _ in
            switch await session.run([command]) {
            case .success(let result): return .done(result)
            case .failure(let failure):
                if case .lost = failure {
                    session.close()
                    return .lost(failure)
                }
                guard failure.isStalePlan else { return .failed(failure.asRumdulError) }
                session.close()
                return .conflict(failure, locks: [], statement: command.sql)
            }
        }
    }

    // MARK: Attempts

    private func repeating<Value: Sendable>(
        _ attempt: @Sendable (PGSession, Set<Int64>) async throws -> Attempt<Value>
    ) async throws -> Value {
        try DatabaseScope.requireNone(of: self)
        var locks: Set<Int64> = []
        var conflicts = 0
        var losses = 0
        while true {
            let slot = try await pool.acquire()
            let outcome: Attempt<Value>
            do {
                defer { pool.release(slot) }
                outcome = try await attempt(try await connected(slot), locks)
            }
            switch outcome {
            case .done(let value): return value
            case .failed(let error): throw error
            case .lost(let failure):
                losses += 1
                if losses > 1 { throw failure.asRumdulError }
            case .conflict(let failure, let learned, let statement):
                conflicts += 1
                if conflicts >= options.attempts { throw failure.asRumdulError }
                locks.formUnion(learned)
                if case .lockBusy = failure { continue }
                locks.insert(PGHotStatements.key(statement))
                if conflicts >= 2 { hot.heat(statement) }
                // Up to a quarter of a second: behind a conflict may stand a transaction that takes as long.
                let ceiling = UInt64(1) << UInt64(min(conflicts, 8))
                try await Task.sleep(for: .microseconds(Int64.random(in: 0...Int64(ceiling * 1000))))
            }
        }
    }

    private func connected(_ slot: Slot) async throws -> PGSession {
        if let session = slot.session.withLock({ $0 }), session.isUsable { return session }
        let session = try await PGSession.connect(
            location,
            setup: [
                "SET statement_timeout = \(options.statementSeconds * 1000)",
                "SET idle_in_transaction_session_timeout = 60000",
            ])
        slot.session.withLock { $0 = session }
        return session
    }

    private func attemptRead<Value: Sendable>(
        _ session: PGSession, _ scope: DatabaseScope,
        _ body: @escaping @Sendable (any SQLConnection) async throws -> Value
    ) async -> Attempt<Value> {
        let connection = PostgreSQLConnection(
            session, begin: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", locks: [])
        let result: Result<Value, any Error>
        do {
            result = .success(try await DatabaseScope.$current.withValue(scope) { try await body(connection) })
        } catch { result = .failure(error) }
        scope.end()
        let ending = connection.end()
        // Nobody waits for the end of a read: the next user's statements queue behind it.
        if ending.began { finish("ROLLBACK", session, ending) }
        return judge(result, ending, session) ?? .failed(RumdulError.databaseTransactionFailed)
    }

    private func attemptTransaction<Value: Sendable>(
        _ session: PGSession, _ locks: Set<Int64>, _ scope: DatabaseScope,
        _ body: @escaping @Sendable (any SQLConnection) async throws -> Value
    ) async -> Attempt<Value> {
        let connection = PostgreSQLConnection(
            session, begin: "BEGIN ISOLATION LEVEL SERIALIZABLE", locks: locks, hot: hot)
        let result: Result<Value, any Error>
        do {
            result = .success(try await DatabaseScope.$current.withValue(scope) { try await body(connection) })
        } catch { result = .failure(error) }
        scope.end()
        let ending = connection.end()
        guard case .success(let value) = result, ending.failure == nil else {
            if ending.began { finish("ROLLBACK", session, ending) }
            return judge(result, ending, session) ?? .failed(RumdulError.databaseTransactionFailed)
        }
        guard ending.began else { return .done(value) }
        let answer = await withUnsafeContinuation { continuation in
            session.send(ending.posted + [PGSession.Command(sql: "COMMIT")], .task(continuation))
            releaseLocks(session, ending)
        }
        switch answer {
        case .success(let commit):
            return commit.tag == "COMMIT" ? .done(value) : .failed(RumdulError.databaseTransactionFailed)
        case .failure(.lost(let cause)):
            return .failed(RumdulError.databaseUnavailable.because("the outcome of a commit is unknown: \(cause)"))
        case .failure(let failure):
            // The commit's own, or that of a statement for whose answer nobody waited: then the commit was left out, and the
            // transaction is still open.
            finish("ROLLBACK", session, ending)
            let snapshotMayBeOld = failure.isUniqueViolation && !ending.late.isEmpty
            if failure.isStalePlan { session.close() }
            if failure.isConflict || failure.isStalePlan || snapshotMayBeOld {
                return .conflict(failure, locks: ending.early.union(ending.late), statement: "COMMIT")
            }
            return .failed(failure.asRumdulError)
        }
    }

    private func finish(_ statement: String, _ session: PGSession, _ ending: PostgreSQLConnection.Ending) {
        session.send([PGSession.Command(sql: statement)], .nobody)
        releaseLocks(session, ending)
    }

    private func releaseLocks(_ session: PGSession, _ ending: PostgreSQLConnection.Ending) {
        guard !ending.early.isEmpty else { return }
        session.send([PGSession.Command(sql: "SELECT pg_advisory_unlock_all()")], .nobody)
    }

    /// What follows from a closure that is over and not to be committed (or was a read). The first failure of a
    /// statement counts, whatever the closure made of it.
    private func judge<Value: Sendable>(
        _ result: Result<Value, any Error>, _ ending: PostgreSQLConnection.Ending, _ session: PGSession
    ) -> Attempt<Value>? {
        guard let failure = ending.failure as? PGFailure else {
            if let failure = ending.failure { return .failed(failure) }
            switch result {
            case .success(let value): return .done(value)
            case .failure(let error): return .failed(error)
            }
        }
        if case .lost = failure {
            session.close()
            return .lost(failure)
        }
        let locks = ending.early.union(ending.late)
        if failure.isStalePlan {
            session.close()
            return .conflict(failure, locks: locks, statement: ending.failedStatement)
        }
        let snapshotMayBeOld = failure.isUniqueViolation && !ending.late.isEmpty
        if failure.isConflict || snapshotMayBeOld {
            return .conflict(failure, locks: locks, statement: ending.failedStatement)
        }
        if case .success = result { return .failed(failure.asRumdulError) }
        if case .failure(let error) = result { return .failed(error) }
        return nil
    }
}

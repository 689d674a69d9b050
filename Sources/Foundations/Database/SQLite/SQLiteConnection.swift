import Kernel
import Synchronization

/// The connection that a SQLite closure receives. Its statements run at once on the calling task.
final class SQLiteConnection: SQLConnection {
    private struct State {
        var ended = false
        var failure: (any Error)?
    }

    let dialect = Dialect.sqlite
    let notes: TransactionNotes? = TransactionNotes()
    private let session: SQLiteSession
    private let state = Mutex(State())

    init(_ session: SQLiteSession) { self.session = session }

    @discardableResult
    func query(_ sql: String, _ arguments: [any SQLValueConvertible]) async throws -> [Row] {
        try run(sql, arguments).rows
    }

    @discardableResult
    func execute(_ sql: String, _ arguments: [any SQLValueConvertible]) async throws -> Int {
        try run(sql, arguments).changes
    }

    func lock(_ name: String) async throws {}

    /// Ends the use of this connection. Throws what broke the transaction, even if the closure swallowed it: PostgreSQL
    /// would not commit after a failed statement either, so neither engine does.
    func end() throws {
        let failure = state.withLock { state in
            state.ended = true
            return state.failure
        }
        if let failure { throw failure }
    }

    private func run(_ sql: String, _ arguments: [any SQLValueConvertible]) throws -> SQLiteSession.Outcome {
        try state.withLock { state in
            if state.ended { throw RumdulError.databaseScopeEnded }
            if state.failure != nil { throw RumdulError.databaseTransactionFailed }
            do {
                return try session.run(sql, arguments)
            } catch {
                state.failure = error
                throw error
            }
        }
    }
}

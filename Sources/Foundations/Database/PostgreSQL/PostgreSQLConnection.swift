import Kernel
import Synchronization

/// The connection that a PostgreSQL closure receives. `BEGIN` travels with the first statement, so a transaction of one
/// statement costs two round trips and a read of one statement costs one.
final class PostgreSQLConnection: SQLConnection {
    private struct State {
        var ended = false
        var began = false
        /// Statements for whose answers nobody waits, to be sent with the next one that is waited for: one round trip and
        /// one flush of the server for all of them. A transaction that is given up never sends them.
        var posted: [PGSession.Command] = []
        /// The statement with which the transaction began.
        var opening = ""
        var failure: (any Error)?
        var failedStatement = ""
        /// Locks to take before the snapshot.
        var early: Set<Int64>
        /// Locks taken after the snapshot.
        var late: Set<Int64> = []
    }

    let dialect = Dialect.postgresql
    let notes: TransactionNotes? = TransactionNotes()
    private let session: PGSession
    /// How many statements may be held back.
    private static let mostPosted = 128
    private let beginning: String
    private let hot: PGHotStatements?
    private let state: Mutex<State>

    /// - Parameters:
    ///   - begin: the statement that opens the transaction.
    ///   - locks: keys of advisory locks to take before the transaction's snapshot.
    ///   - hot: the statements before which to queue; none for a read, which has no conflicts.
    init(_ session: PGSession, begin: String, locks: Set<Int64>, hot: PGHotStatements? = nil) {
        self.session = session
        beginning = begin
        self.hot = hot
        state = Mutex(State(early: locks))
    }

    @discardableResult
    func query(_ sql: String, _ arguments: [any SQLValueConvertible]) async throws -> [Row] {
        let result = try await run(sql, arguments)
        do {
            return try result.rows()
        } catch {
            note(error, sql)
            throw error
        }
    }

    @discardableResult
    func execute(_ sql: String, _ arguments: [any SQLValueConvertible]) async throws -> Int {
        try await run(sql, arguments).changes
    }

    func post(_ sql: String, _ arguments: [any SQLValueConvertible]) async throws {
        let command = try prepared(sql, arguments)
        state.withLock { state in
            begin(opening: sql, &state)
            state.posted.append(command)
            guard state.posted.count >= Self.mostPosted else { return }
            session.send(state.posted, .next)
            state.posted = []
        }
    }

    /// Before the first statement the lock is taken before the transaction's snapshot, so what is read afterwards is
    /// current. After it, the lock is only tried: if another holds it, the whole closure runs again with the lock taken
    /// first.
    func lock(_ name: String) async throws {
        let key = PostgreSQLConnection.key(name)
        let mustTry = try state.withLock { state -> Bool in
            try check(state)
            if state.early.contains(key) || state.late.contains(key) { return false }
            if state.began { return true }
            state.early.insert(key)
            return false
        }
        guard mustTry else { return }
        let row = try await first("SELECT pg_try_advisory_xact_lock($1)", [key])
        state.withLock { state in _ = state.late.insert(key) }
        if try row?.bool(0) != true {
            note(PGFailure.lockBusy, "lock")
            throw PGFailure.lockBusy.asRumdulError
        }
    }

    /// What is left to do when the closure is over.
    struct Ending {
        var began: Bool
        var failure: (any Error)?
        var failedStatement: String
        var early: Set<Int64>
        var late: Set<Int64>
        /// What must still be sent before `COMMIT`.
        var posted: [PGSession.Command]
    }

    func end() -> Ending {
        state.withLock { state in
            state.ended = true
            return Ending(
                began: state.began, failure: state.failure, failedStatement: state.failedStatement, early: state.early,
                late: state.late, posted: state.posted)
        }
    }

    /// The key of an advisory lock: 64 bits of FNV-1a over the name. Two names with one key only wait for each other
    /// needlessly.
    static func key(_ name: String) -> Int64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int64(bitPattern: hash)
    }

    private func check(_ state: borrowing State) throws {
        if state.ended { throw RumdulError.databaseScopeEnded }
        if state.failure != nil { throw RumdulError.databaseTransactionFailed }
    }

    /// The command of a statement that may be sent now.
    private func prepared(_ sql: String, _ arguments: [any SQLValueConvertible]) throws -> PGSession.Command {
        let command = PGSession.Command(sql: sql, arguments: arguments.map(\.sqlValue))
        try state.withLock { state in
            try check(state)
            if !state.began, let hot { state.early.formUnion(hot.keys(opening: sql)) }
            guard let hot, let key = hot.key(ifHot: sql), !state.early.contains(key) else { return }
            if state.began {
                // The snapshot is older than the queue: begin again behind it.
                hot.note(sql, ahead: state.opening)
                state.late.insert(key)
                state.failure = PGFailure.lockBusy
                state.failedStatement = sql
                throw PGFailure.lockBusy.asRumdulError
            }
            state.early.insert(key)
        }
        return command
    }

    /// Sends the early locks and makes ready to begin. The locks are a unit of their own: the snapshot of what comes with
    /// `BEGIN` must not be older than they are. Called under the lock: two statements at once in one closure stay behind
    /// their BEGIN.
    private func begin(opening sql: String, _ state: inout State) {
        guard !state.began else { return }
        state.began = true
        state.opening = sql
        if !state.early.isEmpty {
            session.send(
                state.early.sorted().map { key in
                    PGSession.Command(sql: "SELECT pg_advisory_lock($1)", arguments: [.integer(key)])
                }, .next)
        }
        state.posted = [PGSession.Command(sql: beginning)]
    }

    private func run(_ sql: String, _ arguments: [any SQLValueConvertible]) async throws -> PGResult {
        let command = try prepared(sql, arguments)
        let answer = await withUnsafeContinuation { continuation in
            state.withLock { state in
                begin(opening: sql, &state)
                session.send(state.posted + [command], .task(continuation))
                state.posted = []
            }
        }
        switch answer {
        case .success(let result): return result
        case .failure(let failure):
            note(failure, sql)
            throw failure.asRumdulError
        }
    }

    private func note(_ failure: any Error, _ sql: String) {
        state.withLock { state in
            guard state.failure == nil else { return }
            state.failure = failure
            state.failedStatement = sql
        }
    }
}

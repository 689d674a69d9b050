import Dispatch
import Kernel
import Synchronization

/// The one writing connection, shared by a group commit.
///
/// Transactions take turns in order of arrival. Each runs on its own task inside one outer `BEGIN IMMEDIATE`. Whoever
/// ends its turn hands it to the next in line; when nobody waits, or the group is full, the group is committed (one
/// fsync, on a thread of its own, off the threads that serve), and only then all members return. What arrives meanwhile
/// makes the next group.
///
/// A member that fails is undone: to its savepoint, or, the first of a group, by ending the outer transaction. One with
/// a savepoint waits for the commit too, since what it saw (a conflict with an earlier member's row, say) is true only
/// if the group is. If the commit fails, every member throws `database.unavailable`.
final class SQLiteWriter: Sendable {
    private enum Phase { case idle, running, committing }

    private struct State {
        var phase = Phase.idle
        var group: [UnsafeContinuation<Void, any Error>] = []
        var waiters = WaiterQueue<Void>()
        var nextNumber: UInt64 = 0
        var closed = false
        var closers: [UnsafeContinuation<Void, Never>] = []
    }

    private let session: SQLiteSession
    private let groupLimit: Int
    private let waiterLimit: Int
    private let busyMilliseconds: Int32
    private let state = Mutex(State())
    private let commits = DispatchQueue(label: "rumdul.sqlite.commit", qos: .userInitiated)

    init(_ session: SQLiteSession, groupLimit: Int, waiterLimit: Int, busySeconds: Double) {
        self.session = session
        self.groupLimit = groupLimit
        self.waiterLimit = waiterLimit
        busyMilliseconds = Int32(busySeconds * 1000)
        // The first try never waits on the caller's thread; see `open`.
        session.setBusyTimeout(milliseconds: 0)
    }

    func run<Value: Sendable>(
        _ scope: DatabaseScope, _ body: @escaping @Sendable (any SQLConnection) async throws -> Value
    ) async throws -> Value {
        try await takeTurn()
        let isFirst: Bool
        do {
            isFirst = try await open()
        } catch {
            abandonTurn()
            throw error
        }
        let result = await member(scope, isFirst: isFirst, body)
        if isFirst, case .failure(let error) = result, !session.isInTransaction {
            // It saw what was committed before and left nothing: there is no commit to wait for.
            abandonTurn()
            throw error
        }
        try await finishTurn()
        return try result.get()
    }

    /// Refuses new transactions, lets those in line finish, and ends the connection.
    func close() async {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            let ready = state.withLock { state in
                state.closed = true
                if state.phase == .idle { return true }
                state.closers.append(continuation)
                return false
            }
            if ready { continuation.resume() }
        }
        session.close()
    }

    // MARK: One member

    /// - Parameter isFirst: whether the group has no other member yet: undoing this one is then undoing the group, and a
    ///   savepoint, which copies every page that is changed, is not needed.
    private func member<Value: Sendable>(
        _ scope: DatabaseScope, isFirst: Bool, _ body: @escaping @Sendable (any SQLConnection) async throws -> Value
    ) async -> Result<Value, any Error> {
        let connection = SQLiteConnection(session)
        do {
            if !isFirst { _ = try session.run("SAVEPOINT member", []) }
            let value = try await DatabaseScope.$current.withValue(scope) { try await body(connection) }
            scope.end()
            try connection.end()
            // A deferred foreign key would otherwise fail the commit of the whole group.
            if session.hasUnmetForeignKeys { throw RumdulError.databaseStatement("a foreign key is not met") }
            if !isFirst { _ = try session.run("RELEASE member", []) }
            return .success(value)
        } catch {
            scope.end()
            try? connection.end()
            if session.isInTransaction {
                do {
                    if isFirst {
                        _ = try session.run("ROLLBACK", [])
                    } else {
                        _ = try session.run("ROLLBACK TO member", [])
                        _ = try session.run("RELEASE member", [])
                    }
                } catch {
                    // The member cannot be undone alone, so nothing of the group may stay.
                    _ = try? session.run("ROLLBACK", [])
                }
            }
            return .failure(error)
        }
    }

    // MARK: Turns

    private func takeTurn() async throws {
        let (free, number) = try state.withLock { state in
            if state.closed { throw RumdulError.databaseUnavailable.because("closed") }
            if state.phase == .idle {
                state.phase = .running
                return (true, UInt64(0))
            }
            if state.waiters.count >= waiterLimit {
                throw RumdulError.databaseUnavailable.because("too many transactions wait for the writer")
            }
            state.nextNumber += 1
            return (false, state.nextNumber)
        }
        if free { return }
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                let answer: Result<Void, any Error>? = state.withLock { state in
                    // Asked inside the lock: a later cancellation then finds the waiter in the line.
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.phase == .idle {
                        if state.closed { return .failure(RumdulError.databaseUnavailable.because("closed")) }
                        state.phase = .running
                        return .success(())
                    }
                    state.waiters.append(continuation, number: number)
                    return nil
                }
                if let answer { continuation.resume(with: answer) }
            }
        } onCancel: {
            state.withLock { $0.waiters.remove(number) }?.resume(throwing: CancellationError())
        }
    }

    /// Opens the outer transaction unless an earlier member has. When another process writes, the wait is on the commit
    /// thread.
    /// - Returns: whether it did.
    private func open() async throws -> Bool {
        if session.isInTransaction { return false }
        do {
            _ = try session.run("BEGIN IMMEDIATE", [])
        } catch let error as RumdulError where error == .databaseUnavailable {
            try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Void, any Error>) in
                commits.async { [self] in
                    session.setBusyTimeout(milliseconds: busyMilliseconds)
                    let result = Result { _ = try session.run("BEGIN IMMEDIATE", []) }
                    session.setBusyTimeout(milliseconds: 0)
                    continuation.resume(with: result)
                }
            }
        }
        return true
    }

    private func abandonTurn() {
        let (next, closers) = state.withLock { state in advance(&state) }
        next?.resume()
        for closer in closers { closer.resume() }
    }

    private func finishTurn() async throws {
        let lost = !session.isInTransaction
        try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Void, any Error>) in
            let next = state.withLock { state -> WaiterQueue<Void>.Continuation? in
                state.group.append(continuation)
                if !lost, state.group.count < groupLimit, let next = state.waiters.popFirst() { return next }
                state.phase = .committing
                return nil
            }
            if let next {
                next.resume()
            } else {
                commits.async { self.commit() }
            }
        }
    }

    private func commit() {
        var failure: (any Error)?
        do {
            // Without a transaction the engine has rolled back by itself, and COMMIT says so.
            _ = try session.run("COMMIT", [])
        } catch {
            failure = RumdulError.databaseUnavailable.because("commit failed: \(error)")
            if session.isInTransaction { _ = try? session.run("ROLLBACK", []) }
        }
        let (members, next, closers) = state.withLock { state in
            let members = state.group
            state.group = []
            let (next, closers) = advance(&state)
            return (members, next, closers)
        }
        next?.resume()
        for member in members {
            if let failure { member.resume(throwing: failure) } else { member.resume() }
        }
        for closer in closers { closer.resume() }
    }

    /// Gives the turn to the next in line or lets the writer rest.
    private func advance(_ state: inout State) -> (WaiterQueue<Void>.Continuation?, [UnsafeContinuation<Void, Never>]) {
        if let next = state.waiters.popFirst() {
            state.phase = .running
            return (next, [])
        }
        state.phase = .idle
        defer { state.closers = [] }
        return (nil, state.closed ? state.closers : [])
    }
}

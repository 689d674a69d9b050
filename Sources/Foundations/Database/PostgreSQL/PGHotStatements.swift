import Synchronization

/// The statements at which transactions keep meeting conflicts just now. Whoever comes to one of them first takes its
/// advisory lock (of all processes), so that those in conflict queue up instead of starving each other. A statement
/// cools off a second after its last conflict.
///
/// A transaction that is already under way when it comes to a hot statement has to begin again behind the queue. So that
/// this happens once for each kind of transaction and not each time, the statement with which such a transaction opened
/// is remembered: the next one that opens with it takes the lock before it begins.
final class PGHotStatements: Sendable {
    private struct State {
        var until: [String: ContinuousClock.Instant] = [:]
        /// The hot statements to which transactions came, by the statement that opened them.
        var ahead: [String: Set<String>] = [:]

        /// Whether a statement is hot; forgets it when it has cooled off.
        mutating func isHot(_ sql: String) -> Bool {
            guard let end = until[sql] else { return false }
            if end > .now { return true }
            until[sql] = nil
            return false
        }
    }

    private static let seconds = 1.0
    private let any = Atomic<Bool>(false)
    private let state = Mutex(State())

    /// The key of the lock under which a statement's conflicts queue.
    static func key(_ sql: String) -> Int64 { PostgreSQLConnection.key("conflict:\(sql)") }

    func heat(_ sql: String) {
        state.withLock { $0.until[sql] = .now.advanced(by: .seconds(PGHotStatements.seconds)) }
        any.store(true, ordering: .releasing)
    }

    /// The lock to take before this statement, if it is hot. Costs one atomic load while nothing is.
    func key(ifHot sql: String) -> Int64? {
        guard any.load(ordering: .acquiring) else { return nil }
        return state.withLock { state in
            if state.isHot(sql) { return PGHotStatements.key(sql) }
            if state.until.isEmpty { any.store(false, ordering: .releasing) }
            return nil
        }
    }

    /// Remembers that a transaction that opened with one statement came to another one that is hot.
    func note(_ sql: String, ahead opening: String) {
        state.withLock { state in _ = state.ahead[opening, default: []].insert(sql) }
    }

    /// The locks to take before a transaction that opens with this statement.
    func keys(opening sql: String) -> [Int64] {
        guard any.load(ordering: .acquiring) else { return [] }
        return state.withLock { state in
            (state.ahead[sql] ?? []).filter { state.isHot($0) }.map(PGHotStatements.key)
        }
    }
}

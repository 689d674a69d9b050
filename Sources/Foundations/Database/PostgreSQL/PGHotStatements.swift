import Synchronization

/// The statements at which transactions keep meeting conflicts just now. Whoever comes to one of them first takes its
/// advisory lock (of all processes), so that those in conflict queue up instead of starving each other. A statement
/// cools off a second after its last conflict.
final class PGHotStatements: Sendable {
    private static let seconds = 1.0
    private let any = Atomic<Bool>(false)
    private let until = Mutex<[String: ContinuousClock.Instant]>([:])

    /// The key of the lock under which a statement's conflicts queue.
    static func key(_ sql: String) -> Int64 { PostgreSQLConnection.key("conflict:\(sql)") }

    func heat(_ sql: String) {
        until.withLock { $0[sql] = .now.advanced(by: .seconds(PGHotStatements.seconds)) }
        any.store(true, ordering: .releasing)
    }

    /// The lock to take before this statement, if it is hot. Costs one atomic load while nothing is.
    func key(ifHot sql: String) -> Int64? {
        guard any.load(ordering: .acquiring) else { return nil }
        return until.withLock { until in
            guard let end = until[sql] else { return nil }
            if end > .now { return PGHotStatements.key(sql) }
            until[sql] = nil
            if until.isEmpty { any.store(false, ordering: .releasing) }
            return nil
        }
    }
}

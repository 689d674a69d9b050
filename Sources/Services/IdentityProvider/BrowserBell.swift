import Kernel
import Synchronization

/// Wakes browsers that wait for a decision. A decision in this process wakes its browser at once; those of other nodes are found by one
/// task for all, which asks the database about all waiting transactions together and also gives the signs of life. So a waiting browser
/// costs its connection and one suspended task, and no timer.
final class BrowserBell: Sendable {
    /// What a waiting browser hears.
    enum Signal: Int, Sendable {
        /// Nothing new: write a sign of life.
        case beat
        /// This node goes away.
        case closed
        /// The transaction has changed or ended: look.
        case changed
    }

    /// One waiting browser. `next()` is for one task.
    final class Waiter: Sendable {
        private struct State {
            var signal: Signal?
            var continuation: CheckedContinuation<Signal, Never>?
            var beatAt: Instant
        }

        let transaction: String
        let expiresAt: Instant
        fileprivate let number: UInt64
        private let state: Mutex<State>

        fileprivate init(_ transaction: String, number: UInt64, expiresAt: Instant, beatAt: Instant) {
            self.transaction = transaction
            self.number = number
            self.expiresAt = expiresAt
            state = Mutex(State(beatAt: beatAt))
        }

        /// The next signal; one that came before the call is not lost.
        func next() async -> Signal {
            await withCheckedContinuation { continuation in
                let signal = state.withLock { state in
                    let waiting = state.signal
                    state.signal = nil
                    if waiting == nil { state.continuation = continuation }
                    return waiting
                }
                if let signal { continuation.resume(returning: signal) }
            }
        }

        fileprivate func wake(_ signal: Signal) {
            let continuation = state.withLock { state in
                defer { state.continuation = nil }
                if state.continuation == nil, (state.signal?.rawValue ?? -1) < signal.rawValue { state.signal = signal }
                return state.continuation
            }
            continuation?.resume(returning: signal)
        }

        /// Whether a sign of life is due; the next one is then due a while later.
        fileprivate func takeBeat(_ now: Instant) -> Bool {
            state.withLock { state in
                guard now >= state.beatAt else { return false }
                state.beatAt = now.adding(seconds: BrowserBell.beatSeconds)
                return true
            }
        }
    }

    /// A browser that waits, and leaves with the last reference at the latest.
    final class Seat: Sendable {
        let waiter: Waiter
        private let bell: BrowserBell

        init(_ bell: BrowserBell, _ transaction: String, expiresAt: Instant) {
            self.bell = bell
            waiter = bell.join(transaction, expiresAt: expiresAt)
        }

        deinit { bell.leave(waiter) }

        func leave() { bell.leave(waiter) }
    }

    /// Seconds between two signs of life.
    static let beatSeconds: Int64 = 15
    /// Waiting browsers of one node.
    static let most = 20_000
    /// Waiting pages of one transaction.
    static let mostOfOne = 4
    /// Transactions that one question to the database is about.
    static let chunk = 256

    private struct State {
        var waiters: [String: [UInt64: Waiter]] = [:]
        var count = 0
        var number: UInt64 = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let ambient: Ambient

    init(ambient: Ambient) { self.ambient = ambient }

    /// How many browsers wait.
    var count: Int { state.withLock { $0.count } }

    /// Whether one more browser may wait for a transaction.
    func hasRoom(for transaction: String) -> Bool {
        state.withLock { state in
            !state.isClosed && state.count < Self.most && (state.waiters[transaction]?.count ?? 0) < Self.mostOfOne
        }
    }

    /// A new waiting browser. Whoever joined must leave.
    func join(_ transaction: String, expiresAt: Instant) -> Waiter {
        let beatAt = ambient.now().adding(seconds: Self.beatSeconds)
        return state.withLock { state in
            state.number += 1
            let waiter = Waiter(transaction, number: state.number, expiresAt: expiresAt, beatAt: beatAt)
            state.waiters[transaction, default: [:]][waiter.number] = waiter
            state.count += 1
            if state.isClosed { waiter.wake(.closed) }
            return waiter
        }
    }

    func leave(_ waiter: Waiter) {
        state.withLock { state in
            guard state.waiters[waiter.transaction]?.removeValue(forKey: waiter.number) != nil else { return }
            state.count -= 1
            if state.waiters[waiter.transaction]?.isEmpty == true { state.waiters[waiter.transaction] = nil }
        }
    }

    /// A transaction has changed.
    func ring(_ transaction: String) {
        let waiting = state.withLock { $0.waiters[transaction].map { Array($0.values) } ?? [] }
        for waiter in waiting { waiter.wake(.changed) }
    }

    /// Every browser is told that the node goes away, those that come later too.
    func close() {
        let waiting = state.withLock { state in
            state.isClosed = true
            return state.waiters.values.flatMap(\.values)
        }
        for waiter in waiting { waiter.wake(.closed) }
    }

    /// One round for all: ended transactions, signs of life, and what other nodes decided.
    /// - Parameter decided: which of these transactions no longer wait.
    func round(_ decided: ([String]) async throws -> [String]) async throws {
        let now = ambient.now()
        let waiting = state.withLock { $0.waiters.mapValues { Array($0.values) } }
        guard !waiting.isEmpty else { return }
        var open: [String] = []
        open.reserveCapacity(waiting.count)
        for (transaction, waiters) in waiting {
            if waiters.allSatisfy({ now >= $0.expiresAt }) {
                for waiter in waiters { waiter.wake(.changed) }
                continue
            }
            open.append(transaction)
            for waiter in waiters where waiter.takeBeat(now) { waiter.wake(.beat) }
        }
        for start in stride(from: 0, to: open.count, by: Self.chunk) {
            for id in try await decided(Array(open[start..<min(start + Self.chunk, open.count)])) { ring(id) }
        }
    }
}

import Crypto
import Synchronization

/// Remembers which proofs were seen, for as long as they would still be accepted, in bounded memory.
///
/// It lives in one process. With several nodes a captured proof could be used once more on each other node within its
/// time window; see `Authenticators.authenticate` for why that gains nothing, and for how to close it.
final class ReplayCache: Sendable {
    /// Half of a SHA-256: enough to tell proofs apart, small enough to keep many.
    struct Key: Hashable, Sendable {
        let high: UInt64
        let low: UInt64

        /// The key of one `jti` of one device.
        init(device: String, jti: String) {
            var hash = SHA256()
            hash.update(data: Array(device.utf8))
            hash.update(data: [0])
            hash.update(data: Array(jti.utf8))
            var words: (UInt64, UInt64) = (0, 0)
            for (index, byte) in hash.finalize().prefix(16).enumerated() {
                if index < 8 { words.0 = words.0 << 8 | UInt64(byte) } else { words.1 = words.1 << 8 | UInt64(byte) }
            }
            (high, low) = words
        }
    }

    /// What became of a try.
    enum Outcome: Equatable { case fresh, seen, full }

    private struct State {
        /// Seen keys by the span of time in which they stop mattering.
        var spans: [Int64: Set<Key>] = [:]
        var count = 0
    }

    /// Width of a span, seconds.
    private static let width: Int64 = 32
    private let state = Mutex(State())
    private let capacity: Int

    /// - Parameter capacity: how many proofs are remembered at most; beyond it the answer is `full`: no proof is forgotten
    ///   early.
    init(capacity: Int) { self.capacity = capacity }

    /// Records a proof that stays acceptable until `expiry` (seconds since the epoch).
    func insert(_ key: Key, expiry: Int64, now: Int64) -> Outcome {
        let span = Self.span(expiry)
        return state.withLock { state in
            let current = Self.span(now)
            for old in state.spans.keys where old < current {
                state.count -= state.spans.removeValue(forKey: old)?.count ?? 0
            }
            // A proof is signed over its iat, so it always falls into the same span.
            if state.spans[span]?.contains(key) == true { return .seen }
            guard state.count < capacity else { return .full }
            state.spans[span, default: []].insert(key)
            state.count += 1
            return .fresh
        }
    }

    /// How many proofs are remembered.
    var count: Int { state.withLock { $0.count } }

    private static func span(_ seconds: Int64) -> Int64 {
        seconds >= 0 ? seconds / width : (seconds - width + 1) / width
    }
}

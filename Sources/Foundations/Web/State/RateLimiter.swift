import Crypto
import Kernel
import Synchronization

/// How often something may happen: `burst` times at once, and on average `burst` times in `seconds`.
public struct RateLimit: Sendable, Hashable {
    /// How many may come at once.
    public let burst: Int
    /// How long it takes until all of them are free again, in seconds.
    public let seconds: Int64

    public init(_ burst: Int, per seconds: Int64) {
        precondition(burst > 0 && seconds > 0, "a limit lets something through")
        self.burst = burst
        self.seconds = seconds
    }

    /// Microseconds that one event uses up.
    var interval: Int64 { max(1, seconds * 1_000_000 / Int64(burst)) }
    /// Microseconds that may be used up in advance.
    var tolerance: Int64 { interval * Int64(burst) }
}

/// Whether an event may happen now.
public struct RateDecision: Sendable, Hashable {
    /// Whether it may.
    public let isAllowed: Bool
    /// Seconds to wait, rounded up; 0 when allowed.
    public let retryAfter: Int

    static let allowed = RateDecision(isAllowed: true, retryAfter: 0)

    static func wait(microseconds: Int64) -> RateDecision {
        RateDecision(isAllowed: false, retryAfter: Int(max(1, (microseconds + 999_999) / 1_000_000)))
    }

    /// - Throws: `web.rate_limited` when the event may not happen.
    public func check() throws(RumdulError) {
        guard isAllowed else { throw .rateLimited(retryAfter: retryAfter) }
    }
}

/// A rate limit of one node, in memory (generic cell rate algorithm: one number for each key). Keys are kept as keyed
/// hashes only.
///
/// The memory is bounded: when half of `capacity` keys were seen, those of the generation before are forgotten.
public final class RateLimiter: Sendable {
    private struct State {
        var current: [RateKey: Int64] = [:]
        var previous: [RateKey: Int64] = [:]
    }

    private let limit: RateLimit
    private let capacity: Int
    private let ambient: Ambient
    private let secret: SymmetricKey
    private let state = Mutex(State())

    /// - Parameter capacity: the most keys that are remembered.
    public init(_ limit: RateLimit, capacity: Int = 100_000, ambient: Ambient) {
        self.limit = limit
        self.capacity = max(2, capacity)
        self.ambient = ambient
        secret = SymmetricKey(data: ambient.randomBytes(32))
    }

    /// Takes one event of a key, if there is one left.
    public func take(_ key: String) -> RateDecision {
        let hash = RateKey(key, secret)
        let now = ambient.now().microseconds
        return state.withLock { state in
            let free = max(state.current[hash] ?? state.previous[hash] ?? now, now)
            let next = free + limit.interval
            guard next - now <= limit.tolerance else { return .wait(microseconds: next - now - limit.tolerance) }
            if state.current.count >= capacity / 2 {
                state.previous = state.current
                state.current = [:]
            }
            state.current[hash] = next
            return .allowed
        }
    }

    /// Takes one event of a key.
    /// - Throws: `web.rate_limited`
    public func require(_ key: String) throws(RumdulError) { try take(key).check() }

    var remembered: Int { state.withLock { $0.current.count + $0.previous.count } }
}

/// A key as 128 bits of its HMAC-SHA-256.
struct RateKey: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    init(_ key: String, _ secret: SymmetricKey) {
        let code = HMAC<SHA256>.authenticationCode(for: Array(key.utf8), using: secret)
        (high, low) = code.withUnsafeBytes {
            ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
    }
}

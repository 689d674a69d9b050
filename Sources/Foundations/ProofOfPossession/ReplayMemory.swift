import Crypto
import Kernel
import Synchronization

/// What may happen once, as a hash: nothing of a proof or an assertion is kept.
public struct ReplayKey: Sendable, Hashable {
    /// SHA-256 over the parts.
    public let hash: [UInt8]

    /// - Parameter parts: the kind of thing first (`dpop`, `assertion`), then whose it is, then its identifier. Each is
    ///   hashed with its length, so that no two lists give the same key.
    public init(_ parts: String...) {
        var hasher = SHA256()
        for part in parts {
            let bytes = Array(part.utf8)
            withUnsafeBytes(of: UInt64(bytes.count).bigEndian) { hasher.update(bufferPointer: $0) }
            hasher.update(data: bytes)
        }
        hash = Array(hasher.finalize())
    }
}

/// Remembers what came before, for as long as it could come again.
public protocol ReplayMemory: Sendable {
    /// True the first time a key comes, false every further time before its end.
    /// - Parameters:
    ///   - end: when the key may be forgotten: it would be refused anyway.
    ///   - now: the present moment.
    /// - Throws: `database.*` when the memory lies in the database.
    func isFirst(_ key: ReplayKey, until end: Instant, now: Instant) async throws -> Bool
}

/// The memory of one process, bounded. When it is full of keys that have not ended it says "not the first": nothing is
/// let through that could be a replay. Behind it a ``LayeredReplayMemory`` asks the database then.
public final class ProcessReplayMemory: ReplayMemory {
    enum Answer: Sendable { case first, seen, full }

    private struct State {
        var ends: [ReplayKey: Int64] = [:]
        /// No key ends before this moment, so that a full memory is not searched again and again.
        var nextEnd = Int64.min
    }

    private let capacity: Int
    private let state = Mutex(State())

    /// - Parameter capacity: the most keys, 1 or more; each takes about 100 bytes.
    public init(capacity: Int = 100_000) { self.capacity = max(1, capacity) }

    public func isFirst(_ key: ReplayKey, until end: Instant, now: Instant) async throws -> Bool {
        remember(key, until: end, now: now) == .first
    }

    func remember(_ key: ReplayKey, until end: Instant, now: Instant) -> Answer {
        let now = now.microseconds
        let end = end.microseconds
        return state.withLock { state in
            if let known = state.ends[key], known > now { return .seen }
            if state.ends.count >= capacity, state.nextEnd <= now {
                state.ends = state.ends.filter { $0.value > now }
                state.nextEnd = state.ends.values.min() ?? .min
            }
            guard state.ends.count < capacity else { return .full }
            state.ends[key] = end
            state.nextEnd = min(state.nextEnd, end)
            return .first
        }
    }

    var count: Int { state.withLock { $0.ends.count } }
}

/// Asks the process first, which is quick, and then a memory that all nodes share.
public struct LayeredReplayMemory: ReplayMemory {
    private let near: ProcessReplayMemory
    private let shared: any ReplayMemory

    public init(_ near: ProcessReplayMemory = ProcessReplayMemory(), shared: any ReplayMemory) {
        self.near = near
        self.shared = shared
    }

    public func isFirst(_ key: ReplayKey, until end: Instant, now: Instant) async throws -> Bool {
        if near.remember(key, until: end, now: now) == .seen { return false }
        return try await shared.isFirst(key, until: end, now: now)
    }
}

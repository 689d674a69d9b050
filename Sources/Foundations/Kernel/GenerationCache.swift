import Synchronization

/// Remembers what was used lately, in bounded memory: two generations, of which the older is dropped when the younger is
/// full. Losing an entry costs time only, so nothing may be kept here that is not known elsewhere.
public final class GenerationCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct State {
        var young: [Key: Value] = [:]
        var old: [Key: Value] = [:]
    }

    private let state = Mutex(State())
    private let generation: Int

    /// - Parameter capacity: how many entries are kept at most.
    public init(capacity: Int) { generation = max(1, capacity / 2) }

    /// The entry of a key, or `nil`. An entry of the older generation that is still used moves to the younger.
    public subscript(key: Key) -> Value? {
        state.withLock { state in
            if let value = state.young[key] { return value }
            guard let value = state.old[key] else { return nil }
            Self.insert(value, key, generation, &state)
            return value
        }
    }

    /// Keeps an entry, in place of an earlier one with the same key.
    public func insert(_ value: Value, for key: Key) {
        state.withLock { Self.insert(value, key, generation, &$0) }
    }

    /// Forgets an entry.
    public func remove(_ key: Key) {
        state.withLock { state in
            state.young[key] = nil
            state.old[key] = nil
        }
    }

    /// How many entries are kept.
    public var count: Int {
        state.withLock { $0.young.count + $0.old.keys.count { [young = $0.young] in young[$0] == nil } }
    }

    private static func insert(_ value: Value, _ key: Key, _ generation: Int, _ state: inout State) {
        if state.young.count >= generation, state.young[key] == nil {
            state.old = state.young
            state.young = [:]
        }
        state.young[key] = value
    }
}

/// An immutable value behind one reference: cheap to copy, however large it is.
public final class Shared<Value: Sendable>: Sendable {
    /// The value.
    public let value: Value

    public init(_ value: Value) { self.value = value }
}

import Synchronization

/// What modules remember for the length of one transaction: what they have read under a lock that they hold, or have
/// written themselves, need not be read again. It is gone with the transaction, also when that runs again.
public final class TransactionNotes: Sendable {
    private let values = Mutex<[String: any Sendable]>([:])

    init() {}

    /// What was noted under a name, if it is of this type. A name begins with that of its module.
    public func value<Value: Sendable>(_ name: String, as type: Value.Type = Value.self) -> Value? {
        values.withLock { $0[name] } as? Value
    }

    /// Notes a value under a name, in place of what was there.
    public func set(_ name: String, _ value: some Sendable) {
        values.withLock { $0[name] = value }
    }
}

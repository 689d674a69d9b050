/// Continuations in order of arrival, each of which can be taken out by its number when its task is cancelled.
struct WaiterQueue<Value: Sendable> {
    typealias Continuation = UnsafeContinuation<Value, any Error>

    private var byNumber: [UInt64: Continuation] = [:]
    private var order: [UInt64] = []
    private var head = 0

    var count: Int { byNumber.count }

    mutating func append(_ continuation: Continuation, number: UInt64) {
        byNumber[number] = continuation
        order.append(number)
    }

    /// The one that waited longest, taken out.
    mutating func popFirst() -> Continuation? {
        while head < order.count {
            let number = order[head]
            head += 1
            if head > 1024 && head * 2 > order.count {
                order.removeFirst(head)
                head = 0
            }
            if let continuation = byNumber.removeValue(forKey: number) { return continuation }
        }
        order.removeAll(keepingCapacity: true)
        head = 0
        return nil
    }

    /// Takes out one that gave up; `nil` when it is not (or no more) in the queue.
    mutating func remove(_ number: UInt64) -> Continuation? { byNumber.removeValue(forKey: number) }

    /// Takes out all.
    mutating func removeAll() -> [Continuation] {
        var all: [Continuation] = []
        while let next = popFirst() { all.append(next) }
        return all
    }
}

import Kernel
import Synchronization

/// A fixed set of resources that tasks borrow one at a time, first come first served. Taking a free one does not
/// suspend.
final class LeasePool<Resource: Sendable>: Sendable {
    private struct State {
        var free: [Resource]
        var waiters = WaiterQueue<Resource>()
        var nextNumber: UInt64 = 0
        var closed = false
        var closers: [UnsafeContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>
    private let size: Int
    private let waiterLimit: Int

    /// - Parameter waiterLimit: how many tasks may wait before further ones are refused as `database.unavailable`.
    init(_ resources: [Resource], waiterLimit: Int) {
        size = resources.count
        self.waiterLimit = waiterLimit
        state = Mutex(State(free: resources))
    }

    /// Borrows one, waiting in line when all are lent. Throws `database.unavailable` when the pool is closed or the
    /// line too long, `CancellationError` when the task is cancelled while it waits.
    func acquire() async throws -> Resource {
        let quick = try state.withLock { state -> Resource? in
            if state.closed { throw RumdulError.databaseUnavailable.because("closed") }
            return state.free.popLast()
        }
        if let quick { return quick }
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        return try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                let answer: Result<Resource, any Error>? = state.withLock { state in
                    if state.closed { return .failure(RumdulError.databaseUnavailable.because("closed")) }
                    // Asked inside the lock: a later cancellation then finds the waiter in the line.
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if let resource = state.free.popLast() { return .success(resource) }
                    if state.waiters.count >= waiterLimit {
                        return .failure(RumdulError.databaseUnavailable.because("too many tasks wait for a connection"))
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

    /// Gives a borrowed one back, to the task that waited longest.
    func release(_ resource: Resource) {
        let (waiter, closers) = state.withLock {
            state -> (WaiterQueue<Resource>.Continuation?, [UnsafeContinuation<Void, Never>]) in
            if let waiter = state.waiters.popFirst() { return (waiter, []) }
            state.free.append(resource)
            guard state.closed, state.free.count == size else { return (nil, []) }
            defer { state.closers = [] }
            return (nil, state.closers)
        }
        waiter?.resume(returning: resource)
        for closer in closers { closer.resume() }
    }

    /// Refuses new and waiting borrowers, waits until all resources are back, and returns them (none on a second call).
    func close() async -> [Resource] {
        let waiters = state.withLock { state in
            state.closed = true
            return state.waiters.removeAll()
        }
        for waiter in waiters { waiter.resume(throwing: RumdulError.databaseUnavailable.because("closed")) }
        await withUnsafeContinuation { continuation in
            let ready = state.withLock { state in
                if state.free.count == size || size == 0 { return true }
                state.closers.append(continuation)
                return false
            }
            if ready { continuation.resume() }
        }
        return state.withLock { state in
            // The resources stay in `free`, so that a second close does not wait for them; each is closed idempotently.
            state.free
        }
    }
}

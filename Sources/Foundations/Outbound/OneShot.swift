import Synchronization

/// A result that several parties race to give and one task waits for. The first one counts.
final class OneShot<Value: Sendable>: Sendable {
    private enum State {
        case open
        case waiting(CheckedContinuation<Value, any Error>)
        case done(Result<Value, any Error>)
        case taken
    }

    private let state = Mutex(State.open)

    /// Whether the race is over.
    var isDone: Bool {
        state.withLock { state in
            switch state {
            case .open, .waiting: false
            case .done, .taken: true
            }
        }
    }

    /// Gives the result, unless there is one.
    func complete(_ result: Result<Value, any Error>) {
        let waiter: CheckedContinuation<Value, any Error>? = state.withLock { state in
            switch state {
            case .open:
                state = .done(result)
                return nil
            case .waiting(let continuation):
                state = .taken
                return continuation
            case .done, .taken: return nil
            }
        }
        waiter?.resume(with: result)
    }

    /// Waits for the result. For one task, once. Cancelling the task ends the race with `CancellationError`.
    func value() async throws -> Value {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result: Result<Value, any Error>? = state.withLock { state in
                    switch state {
                    case .open:
                        state = .waiting(continuation)
                        return nil
                    case .done(let result):
                        state = .taken
                        return result
                    case .waiting, .taken: return .failure(CancellationError())
                    }
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            complete(.failure(CancellationError()))
        }
    }
}

import NIOCore
import Synchronization

/// The body of a large request, part by part, as the connection delivers it. One reader.
final class StreamedBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    private struct State {
        var parts = CircularBuffer<ByteBuffer>()
        var end: Result<Void, any Error>?
        var waiter: UnsafeContinuation<ByteBuffer?, any Error>?
    }

    private let state = Mutex(State())
    /// Asks the connection for more; called when the reader has taken everything.
    private let more: @Sendable () -> Void

    init(more: @escaping @Sendable () -> Void) { self.more = more }

    /// Hands over a part.
    func yield(_ part: ByteBuffer) {
        let waiter = state.withLock { state -> UnsafeContinuation<ByteBuffer?, any Error>? in
            if let waiter = state.waiter {
                state.waiter = nil
                return waiter
            }
            state.parts.append(part)
            return nil
        }
        waiter?.resume(returning: part)
    }

    /// No further parts come: the body is whole, or it broke.
    func finish(_ end: Result<Void, any Error> = .success(())) {
        let waiter = state.withLock { state in
            if state.end == nil { state.end = end }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(with: end.map { nil })
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        let body: StreamedBody

        func next() async throws -> ByteBuffer? { try await body.next() }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(body: self) }

    private func next() async throws -> ByteBuffer? {
        try await withUnsafeThrowingContinuation { continuation in
            let answer: Result<ByteBuffer?, any Error>? = state.withLock { state in
                if let part = state.parts.popFirst() { return .success(part) }
                if let end = state.end { return end.map { nil } }
                state.waiter = continuation
                return nil
            }
            if let answer { continuation.resume(with: answer) } else { more() }
        }
    }
}

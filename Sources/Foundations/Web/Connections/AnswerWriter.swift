import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTPTypes
import Synchronization

/// Takes the body of an answer from its handler: a short one is kept and written in one go with its head, a long or
/// endless one goes out part by part, each awaited until it is in the socket's hands.
final class AnswerWriter: ResponseBodyWriter, Sendable {
    private struct State {
        var head: HTTPResponse?
        var parts: [ByteBuffer] = []
        var trailers: HTTPFields?
        var isWhole = false
    }

    private let channel: any Channel
    private let isShort: Bool
    private let state: Mutex<State>

    init(channel: any Channel, head: HTTPResponse, isShort: Bool) {
        self.channel = channel
        self.isShort = isShort
        state = Mutex(State(head: head))
    }

    func write(_ buffer: ByteBuffer) async throws {
        let head = state.withLock { state -> HTTPResponse? in
            if isShort {
                state.parts.append(buffer)
                return nil
            }
            defer { state.head = nil }
            return state.head
        }
        if isShort { return }
        if let head { channel.write(HTTPResponsePart.head(head), promise: nil) }
        try await channel.writeAndFlush(HTTPResponsePart.body(buffer)).get()
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {
        state.withLock { state in
            state.trailers = trailingHeaders
            state.isWhole = true
        }
    }

    /// What is still to be written, and whether the body came to its end.
    func take() -> (head: HTTPResponse?, parts: [ByteBuffer], trailers: HTTPFields?, isWhole: Bool) {
        state.withLock { ($0.head, $0.parts, $0.trailers, $0.isWhole) }
    }
}

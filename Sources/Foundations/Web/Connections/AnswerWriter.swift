import HTTPTypes
import HummingbirdCore
import NIOCore
import Synchronization

/// Takes the body of an answer from its handler: a short one is kept and written in one go with its head, a long or
/// endless one goes out part by part, each awaited until the socket has taken it.
final class AnswerWriter: ResponseBodyWriter, Sendable {
    private struct State {
        var isHeadOut = false
        var parts: [ByteBuffer] = []
        var isWhole = false
    }

    let head: AnswerHead
    private let channel: any Channel
    private let isShort: Bool
    private let closes: Bool
    private let state = Mutex(State())

    /// - Parameters:
    ///   - isShort: whether the body is kept until it is whole.
    ///   - closes: whether this is the connection's last answer.
    init(channel: any Channel, head: AnswerHead, isShort: Bool, closes: Bool) {
        self.channel = channel
        self.head = head
        self.isShort = isShort
        self.closes = closes
    }

    func write(_ part: ByteBuffer) async throws {
        let needsHead = state.withLock { state in
            if isShort {
                state.parts.append(part)
                return false
            }
            defer { state.isHeadOut = true }
            return !state.isHeadOut
        }
        if isShort { return }
        var bytes = channel.allocator.buffer(capacity: part.readableBytes + 512)
        if needsHead { head.write(into: &bytes, closes: closes) }
        head.frame(part, into: &bytes)
        guard bytes.readableBytes > 0 else { return }
        try await channel.writeAndFlush(bytes).get()
    }

    /// Fields after the body are not sent: nothing here makes any.
    func finish(_ trailingHeaders: HTTPFields?) async throws { state.withLock { $0.isWhole = true } }

    /// The bytes still to be written; `nil` when the body never came to its end.
    func rest() -> ByteBuffer? {
        let (isHeadOut, parts, isWhole) = state.withLock { ($0.isHeadOut, $0.parts, $0.isWhole) }
        guard isWhole else { return nil }
        var bytes = channel.allocator.buffer(capacity: 1024 + parts.reduce(0) { $0 + $1.readableBytes })
        if !isHeadOut { head.write(into: &bytes, closes: closes) }
        for part in parts { head.frame(part, into: &bytes) }
        head.end(into: &bytes)
        return bytes
    }
}

import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Collects the requests of one connection and writes the answers, one after the other. Lives on the connection's event
/// loop.
///
/// A body of up to `collectLimit` bytes is collected before the request is answered; a longer one is handed over part
/// by part while the answer is made. Requests that a client sends before it has its answer wait unread.
final class RequestHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Bodies up to here, in bytes, are collected.
    static let collectLimit = 256 << 10

    private enum Incoming {
        case idle
        case collecting(HTTPRequest, ByteBuffer?)
        case streaming(StreamedBody)
        /// The answer is out, and the rest of the request's body is passed over.
        case draining
        /// The request is complete; its answer is not.
        case complete
    }

    private let channel: any Channel
    private let executor: LoopExecutor
    private let respond: LoopChannel.Respond
    private var incoming = Incoming.idle
    private var isAnswering = false
    private var closesAfterAnswer = false
    private var wantsRead = false
    private var waiting = CircularBuffer<HTTPRequestPart>()
    private var context: ChannelHandlerContext?

    init(channel: any Channel, executor: LoopExecutor, respond: @escaping LoopChannel.Respond) {
        self.channel = channel
        self.executor = executor
        self.respond = respond
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if case .complete = incoming {
            waiting.append(part)
        } else {
            take(part)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(ChannelError.ioOnClosedChannel)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is HTTPParserError, !isAnswering {
            context.write(
                wrapOutboundOut(
                    .head(HTTPResponse(status: .badRequest, headerFields: [.connection: "close", .contentLength: "0"]))),
                promise: nil)
            endAndClose(context, nil)
            fail(error)
            return
        }
        fail(error)
        // An answer that is being made is still written; it is the last one.
        if isAnswering, error is HTTPParserError { closesAfterAnswer = true } else { context.close(promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            // The client sends no more; it still gets the answer to what it sent whole.
            if case .streaming(let body) = incoming { body.finish(.failure(ChannelError.inputClosed)) }
            if isAnswering { closesAfterAnswer = true } else { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Holds back reading while an answer is made, or while the reader of a streamed body is behind.
    func read(context: ChannelHandlerContext) {
        switch incoming {
        case .complete, .streaming: wantsRead = true
        case .idle, .collecting, .draining: context.read()
        }
    }

    private func take(_ part: HTTPRequestPart) {
        switch (incoming, part) {
        case (.idle, .head(let head)): begin(head)
        case (.collecting(let head, var buffer), .body(var part)):
            // Let go of the stored buffer first: appending must not copy it.
            incoming = .idle
            if buffer == nil { buffer = part } else { buffer?.writeBuffer(&part) }
            if let whole = buffer, whole.readableBytes > Self.collectLimit {
                let body = streamedBody()
                body.yield(whole)
                answer(Request(head: head, body: RequestBody(asyncSequence: body)))
            } else {
                incoming = .collecting(head, buffer)
            }
        case (.collecting(let head, let buffer), .end):
            incoming = .complete
            answer(Request(head: head, body: RequestBody(buffer: buffer ?? ByteBuffer())))
        case (.streaming(let body), .body(let part)): body.yield(part)
        case (.streaming(let body), .end):
            incoming = .complete
            body.finish()
        case (.draining, .end): incoming = .idle
        case (.draining, .body): break
        default: context?.close(promise: nil)
        }
    }

    private func begin(_ head: HTTPRequest) {
        incoming = .collecting(head, nil)
        if head.headerFields[.expect]?.lowercased() == "100-continue" {
            context?.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
        }
    }

    private func streamedBody() -> StreamedBody {
        let handler = NIOLoopBound(self, eventLoop: channel.eventLoop)
        let body = StreamedBody { [channel] in
            channel.eventLoop.execute { handler.value.readMore() }
        }
        incoming = .streaming(body)
        return body
    }

    private func readMore() {
        guard wantsRead else { return }
        wantsRead = false
        context?.read()
    }

    private func fail(_ error: any Error) {
        if case .streaming(let body) = incoming { body.finish(.failure(error)) }
        incoming = .draining
    }

    // MARK: Out

    private func answer(_ request: Request) {
        isAnswering = true
        if let connection = request.headers[.connection], connection.lowercased() == "close" { closesAfterAnswer = true }
        let handler = NIOLoopBound(self, eventLoop: channel.eventLoop)
        let (respond, channel) = (respond, channel)
        startNow(on: executor) {
            let response = await respond(request, channel)
            await Self.write(response, to: channel, handler)
        }
    }

    private static func write(
        _ response: Response, to channel: any Channel, _ handler: NIOLoopBound<RequestHandler>
    ) async {
        let collector = AnswerWriter(channel: channel, head: response.head, isShort: response.isShort)
        do {
            try await response.body.write(collector)
        } catch {
            channel.close(promise: nil)
            return
        }
        if channel.eventLoop.inEventLoop {
            handler.value.finish(collector)
        } else {
            channel.eventLoop.execute { handler.value.finish(collector) }
        }
    }

    /// Writes what the collector holds, and turns to the next request.
    private func finish(_ answer: AnswerWriter) {
        guard let context, isAnswering else { return }
        isAnswering = false
        let closes = closesAfterAnswer
        let (head, parts, trailers, isWhole) = answer.take()
        if let head { context.write(wrapOutboundOut(.head(head)), promise: nil) }
        for part in parts { context.write(wrapOutboundOut(.body(part)), promise: nil) }
        guard isWhole else {
            // The body ended early: the client must not take what it has for the whole.
            context.close(promise: nil)
            return
        }
        if closes {
            endAndClose(context, trailers)
            return
        }
        context.writeAndFlush(wrapOutboundOut(.end(trailers)), promise: nil)
        switch incoming {
        case .complete: incoming = .idle
        case .streaming, .collecting: incoming = .draining
        case .idle, .draining: break
        }
        takeWaiting()
    }

    /// Ends the answer, and the connection once all of it has left.
    private func endAndClose(_ context: ChannelHandlerContext, _ trailers: HTTPFields?) {
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.whenComplete { [channel] _ in channel.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(trailers)), promise: written)
    }

    private func takeWaiting() {
        while !waiting.isEmpty {
            if case .complete = incoming { return }
            take(waiting.removeFirst())
        }
        if case .complete = incoming { return }
        readMore()
    }
}

extension Response {
    /// Whether the body is written at once instead of part by part.
    fileprivate var isShort: Bool { body.contentLength.map { $0 <= RequestHandler.collectLimit } ?? false }
}

/// Starts a task at once on the caller's thread where the system can.
private func startNow(
    on executor: LoopExecutor, _ work: @escaping @concurrent @Sendable () async -> Void
) {
    if #available(macOS 26, *) {
        Task.immediateDetached(executorPreference: executor, operation: work)
    } else {
        Task.detached(executorPreference: executor, operation: work)
    }
}

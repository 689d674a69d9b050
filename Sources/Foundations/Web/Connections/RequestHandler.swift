import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import NIOHTTP1

/// Collects the requests of one connection and writes the answers, one after the other. Lives on the connection's event
/// loop.
///
/// A body of up to `collectLimit` bytes is collected before the request is answered; a longer one is handed over part
/// by part while the answer is made. Requests that a client sends before it has its answer wait unread. A connection
/// on which nothing happens for a while is closed, one that is told to quiesce after its present answer.
final class RequestHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

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
    private let idleTimeout: TimeAmount
    private var incoming = Incoming.idle
    private var isAnswering = false
    /// Of the request that is being read or answered.
    private var isOld = false
    private var closesAfterAnswer = false
    private var wantsRead = false
    /// Whether waiting parts are being taken further up on the stack.
    private var isTaking = false
    private var waiting = CircularBuffer<HTTPServerRequestPart>()
    private var context: ChannelHandlerContext?
    private var lastActive = NIODeadline.now()
    private var idleCheck: Scheduled<Void>?

    init(
        channel: any Channel, executor: LoopExecutor, idleTimeout: TimeAmount, respond: @escaping LoopChannel.Respond
    ) {
        self.channel = channel
        self.executor = executor
        self.idleTimeout = idleTimeout
        self.respond = respond
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        checkIdle(after: idleTimeout)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        idleCheck?.cancel()
        idleCheck = nil
    }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        lastActive = .now()
        if case .complete = incoming { return waiting.append(part) }
        // What came before has its turn first; an answer that the client does not take holds up all that follow.
        if waiting.isEmpty, context.channel.isWritable { take(part) } else { waiting.append(part) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        abandon(ChannelError.ioOnClosedChannel)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError, context.channel.isActive else {
            abandon(error)
            context.close(promise: nil)
            return
        }
        abandon(error)
        // An answer that is being made is still written; it is the last one.
        if isAnswering { closesAfterAnswer = true } else { refuse(context) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            // The client sends no more; it still gets the answer to what it sent whole.
            if case .streaming(let body) = incoming { body.finish(.failure(ChannelError.inputClosed)) }
            if isAnswering { closesAfterAnswer = true } else { context.close(promise: nil) }
        } else if event is ChannelShouldQuiesceEvent {
            if case .idle = incoming, !isAnswering { context.close(promise: nil) } else { closesAfterAnswer = true }
            return
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Holds back reading while an answer is made, while the reader of a streamed body is behind, and while the client does
    /// not take the answers that it has.
    func read(context: ChannelHandlerContext) {
        switch incoming {
        case .idle, .collecting, .draining:
            if context.channel.isWritable { context.read() } else { wantsRead = true }
        case .complete, .streaming: wantsRead = true
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { takeWaiting() }
        context.fireChannelWritabilityChanged()
    }

    private func take(_ part: HTTPServerRequestPart) {
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

    private func begin(_ head: HTTPRequestHead) {
        guard let context else { return }
        do {
            incoming = .collecting(try RequestHead.convert(head), nil)
        } catch {
            incoming = .draining
            refuse(context)
            return
        }
        isOld = head.version == .http1_0 || head.version == .http0_9
        if !head.isKeepAlive { closesAfterAnswer = true }
        if head.headers.first(name: "expect")?.lowercased() == "100-continue" {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
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

    /// No more of the present request will come.
    private func abandon(_ error: any Error) {
        if case .streaming(let body) = incoming { body.finish(.failure(error)) }
        incoming = .draining
    }

    private func checkIdle(after time: TimeAmount) {
        let handler = NIOLoopBound(self, eventLoop: channel.eventLoop)
        idleCheck = channel.eventLoop.scheduleTask(in: time) { handler.value.closeIfIdle() }
    }

    private func closeIfIdle() {
        let end = lastActive + idleTimeout
        let isWorking = if case .complete = incoming { isAnswering } else { false }
        if isWorking { return checkIdle(after: idleTimeout) }
        if end <= .now() { context?.close(promise: nil) } else { checkIdle(after: end - .now()) }
    }

    // MARK: Out

    private func answer(_ request: Request) {
        isAnswering = true
        let handler = NIOLoopBound(self, eventLoop: channel.eventLoop)
        let (respond, channel, isOld, executor) = (respond, channel, isOld, executor)
        startNow(on: executor) {
            let response = await respond(request, channel)
            let head = AnswerHead(response, isHead: request.method == .head, isOld: isOld)
            if response.body.contentLength != nil {
                await Self.write(response, head, to: channel, handler)
            } else {
                // Such a body may last for minutes: a task of its own keeps nothing of what it took to make the answer.
                startNow(on: executor) { await Self.write(response, head, to: channel, handler) }
            }
        }
    }

    private static func write(
        _ response: Response, _ head: AnswerHead, to channel: any Channel, _ handler: NIOLoopBound<RequestHandler>
    ) async {
        let isShort = response.body.contentLength.map { $0 <= collectLimit } ?? false
        let closes = channel.eventLoop.inEventLoop ? handler.value.willClose(after: response, head) : false
        let writer = AnswerWriter(channel: channel, head: head, isShort: isShort, closes: closes)
        do {
            try await response.body.write(writer)
        } catch {
            channel.close(promise: nil)
            return
        }
        if channel.eventLoop.inEventLoop {
            handler.value.finish(writer)
        } else {
            channel.eventLoop.execute { handler.value.finish(writer) }
        }
    }

    private func willClose(after response: Response, _ head: AnswerHead) -> Bool {
        if response.headers.one(.connection)?.lowercased() == "close" || head.framing == .untilClose {
            closesAfterAnswer = true
        }
        return closesAfterAnswer
    }

    /// Writes what the answer still holds, and turns to the next request.
    private func finish(_ answer: AnswerWriter) {
        guard let context, isAnswering else { return }
        isAnswering = false
        lastActive = .now()
        guard let rest = answer.rest() else {
            // The body ended early: the client must not take what it has for the whole.
            context.close(promise: nil)
            return
        }
        if closesAfterAnswer {
            writeAndClose(rest, context)
            return
        }
        context.writeAndFlush(wrapOutboundOut(rest), promise: nil)
        switch incoming {
        case .complete: incoming = .idle
        case .streaming, .collecting: incoming = .draining
        case .idle, .draining: break
        }
        takeWaiting()
    }

    /// Goes on with what arrived during the answer. An answer that is made at once comes back here: the loop that runs
    /// already goes on then, so that the stack does not grow with the number of requests.
    private func takeWaiting() {
        guard !isTaking else { return }
        isTaking = true
        while !waiting.isEmpty, channel.isWritable {
            if case .complete = incoming { break }
            take(waiting.removeFirst())
        }
        isTaking = false
        guard waiting.isEmpty, channel.isWritable else { return }
        switch incoming {
        case .complete, .streaming: return
        case .idle, .collecting, .draining: readMore()
        }
    }

    /// Answers what is no request.
    private func refuse(_ context: ChannelHandlerContext) {
        let text = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        writeAndClose(ByteBuffer(string: text), context)
    }

    /// Ends the connection once these bytes have left.
    private func writeAndClose(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.whenComplete { [channel] _ in channel.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: written)
    }
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

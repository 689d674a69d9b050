import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// HTTP/1.1 connections whose requests are answered on their own event loop.
///
/// The framework's channel passes every part of a message through a stream to a task on the shared pool and back, which
/// costs more than most answers do. Here a request is collected where it is read, answered by a task that prefers the
/// connection's loop, and the answer leaves as one piece. Parsing is NIO's, routing the framework's.
struct LoopChannel: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let channel: any Channel
    }

    /// Makes the answer; never fails.
    typealias Respond = @Sendable (Request, any Channel) async -> Response

    let respond: Respond
    var idleTimeout = TimeAmount.seconds(75)

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            var limits = NIOHTTPDecoderLimitConfiguration()
            limits.maxHeaderListSize = 80 << 10
            try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: limits)))
            try pipeline.addHandler(
                RequestHandler(
                    channel: channel, executor: LoopExecutor.of(channel.eventLoop), idleTimeout: idleTimeout,
                    respond: respond))
            return Value(channel: channel)
        }
    }

    func handle(value: Value, logger: Logger) async {
        let channel = value.channel
        await withTaskCancellationHandler {
            try? await channel.closeFuture.get()
        } onCancel: {
            channel.close(mode: .all, promise: nil)
        }
    }
}

extension LoopChannel {
    /// Answers with a responder; what it throws becomes a bare 500 (its own wrapping answers errors before that).
    static func respond<Responder: HTTPResponder>(
        with responder: Responder, logger: Logger
    ) -> Respond where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
        { request, channel in
            let context = Responder.Context(source: .init(channel: channel, logger: logger))
            do {
                return try await responder.respond(to: request, context: context)
            } catch {
                return Response(status: .internalServerError)
            }
        }
    }
}

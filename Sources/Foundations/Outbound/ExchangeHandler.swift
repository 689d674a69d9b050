import Kernel
import NIOCore
import NIOHTTP1
import NIOSSL

/// One request and its answer on a connection of their own.
final class ExchangeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let request: PreparedRequest
    private let answer: OneShot<OutboundResponse>
    private var response: OutboundResponse?

    init(_ request: PreparedRequest, _ answer: OneShot<OutboundResponse>) {
        self.request = request
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        guard !answer.isDone else {
            context.close(promise: nil)
            return
        }
        // With TLS below, these bytes wait there until the certificate has been verified.
        context.write(wrapOutboundOut(.head(request.head)), promise: nil)
        if !request.body.isEmpty {
            let buffer = context.channel.allocator.buffer(bytes: request.body)
            context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head, context)
        case .body(let buffer):
            guard let limit = request.bodyLimit, let length = response?.body.count else { return }
            guard length + buffer.readableBytes <= limit else {
                finish(.failure(RumdulError.outboundTooLarge), context)
                return
            }
            response?.body.append(contentsOf: buffer.readableBytesView)
        case .end:
            if let response { finish(.success(response), context) }
        }
    }

    private func begin(_ head: HTTPResponseHead, _ context: ChannelHandlerContext) {
        let status = Int(head.status.code)
        let response = OutboundResponse(
            status: status, headers: head.headers.map { OutboundHeader($0.name, $0.value) }, body: [])
        guard !(300..<400).contains(status) else {
            finish(.failure(RumdulError.outboundRedirect), context)
            return
        }
        guard (200..<300).contains(status), let limit = request.bodyLimit else {
            finish(.success(response), context)
            return
        }
        if let encoding = response.header("content-encoding"), encoding.lowercased() != "identity" {
            finish(.failure(RumdulError.outboundContentType), context)
        } else if !request.accepts(response.mediaType) {
            finish(.failure(RumdulError.outboundContentType), context)
        } else if let length = response.header("content-length").flatMap({ Int($0) }), length > limit {
            finish(.failure(RumdulError.outboundTooLarge), context)
        } else {
            self.response = response
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        answer.complete(.failure(RumdulError.outboundUnreachable("closed before the answer ended")))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(.failure(Self.translated(error)), context)
    }

    private func finish(_ result: Result<OutboundResponse, any Error>, _ context: ChannelHandlerContext) {
        response = nil
        answer.complete(result)
        context.close(mode: .all, promise: nil)
    }

    private static func translated(_ error: any Error) -> RumdulError {
        switch error {
        case let error as HTTPParserError: .outboundResponse("\(error)")
        case NIOSSLError.uncleanShutdown: .outboundUnreachable("closed before the answer ended")
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: .outboundTLS("\(type(of: error))")
        case let error as IOError: .outboundUnreachable("error \(error.errnoCode)")
        default: .outboundResponse("\(type(of: error))")
        }
    }
}

/// A request ready to be written.
struct PreparedRequest: Sendable {
    let head: HTTPRequestHead
    let body: [UInt8]
    let bodyLimit: Int?
    private let accepting: [String]

    private static let reserved: Set<String> = [
        "accept", "accept-encoding", "connection", "content-encoding", "content-length", "content-type", "cookie",
        "expect", "forwarded", "host", "http2-settings", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
        "user-agent", "via",
    ]

    init(_ request: OutboundRequest, _ url: OutboundURL) throws(RumdulError) {
        var headers = HTTPHeaders()
        headers.add(name: "Host", value: url.authority)
        headers.add(name: "User-Agent", value: "Rumdul")
        headers.add(name: "Accept-Encoding", value: "identity")
        headers.add(name: "Connection", value: "close")
        if !request.accepting.isEmpty {
            let types = request.accepting.map { $0 == "+json" ? "application/*" : $0 }
            headers.add(name: "Accept", value: types.joined(separator: ", "))
        }
        for field in request.headers {
            let name = field.name.lowercased()
            guard Self.isToken(name), !Self.reserved.contains(name), !name.hasPrefix("proxy-"),
                !name.hasPrefix("x-forwarded-"),
                field.value.utf8.allSatisfy({ $0 == 0x09 || $0 >= 0x20 && $0 != 0x7F }), field.value.utf8.count <= 8192
            else { throw .internal("outbound: a header field that is not allowed: \(name.prefix(40))") }
            headers.add(name: field.name, value: field.value)
        }
        if let content = request.content {
            headers.add(name: "Content-Type", value: content.type)
            headers.add(name: "Content-Length", value: String(content.bytes.count))
            if let encoding = content.encoding {
                guard Self.isToken(encoding) else { throw .internal("outbound: no content coding") }
                headers.add(name: "Content-Encoding", value: encoding)
            }
        }
        head = HTTPRequestHead(
            version: .http1_1, method: request.content == nil ? .GET : .POST, uri: url.target, headers: headers)
        body = request.content?.bytes ?? []
        bodyLimit = request.bodyLimit
        accepting = request.accepting.map { $0.lowercased() }
    }

    func accepts(_ mediaType: String?) -> Bool {
        if accepting.isEmpty { return true }
        guard let mediaType else { return false }
        return accepting.contains { $0 == mediaType || ($0.hasPrefix("+") && mediaType.hasSuffix($0)) }
    }

    private static func isToken(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 64
            && name.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x5F
            }
    }
}

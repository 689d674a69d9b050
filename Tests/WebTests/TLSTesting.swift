import Codecs
import Crypto
import Foundation
import Hummingbird
import NIOCore
import NIOPosix
import NIOSSL
import SwiftASN1
import X509

@testable import Web

/// A self-signed certificate with its key.
struct TestCertificate {
    let certificate: NIOSSLCertificate
    let key: NIOSSLPrivateKey
    let der: [UInt8]
    let pem: String
    let keyPEM: String

    init(_ name: String) throws {
        let key = P256.Signing.PrivateKey()
        let subject = try DistinguishedName { CommonName(name) }
        let certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: .init(key.publicKey),
            notValidBefore: Date().addingTimeInterval(-3600), notValidAfter: Date().addingTimeInterval(86_400),
            issuer: subject, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions { SubjectAlternativeNames([.dnsName(name)]) },
            issuerPrivateKey: .init(key))
        let document = try certificate.serializeAsPEM()
        der = document.derBytes
        pem = document.pemString + "\n"
        keyPEM = key.pemRepresentation
        self.certificate = try NIOSSLCertificate(bytes: der, format: .der)
        self.key = try NIOSSLPrivateKey(bytes: Array(keyPEM.utf8), format: .pem)
    }
}

/// Sends bytes over one connection and gives back all that comes until the server closes it.
enum RawClient {
    static func exchange(_ text: String, port: Int, tls: TLSConfiguration? = nil) async throws -> String {
        let context = try tls.map { try NIOSSLContext(configuration: $0) }
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let answer = loop.makePromise(of: String.self)
        do {
            _ = try await ClientBootstrap(group: loop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        if let context {
                            try pipeline.addHandler(
                                NIOSSLClientHandler(context: context, serverHostname: "server.example"))
                        }
                        try pipeline.addHandler(Collector(text, isSecure: context != nil, answer: answer))
                    }
                }.connect(host: "127.0.0.1", port: port).get()
        } catch {
            answer.fail(error)
        }
        return try await answer.futureResult.get()
    }

    static func get(_ path: String, fields: [String] = [], port: Int, tls: TLSConfiguration? = nil) async throws
        -> String
    {
        let lines = ["GET \(path) HTTP/1.1", "Host: server.example", "Connection: close"] + fields + ["", ""]
        return try await exchange(lines.joined(separator: "\r\n"), port: port, tls: tls)
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let text: String
        private let isSecure: Bool
        private let answer: EventLoopPromise<String>
        private var received = ByteBuffer()
        private var failure: (any Error)?

        init(_ text: String, isSecure: Bool, answer: EventLoopPromise<String>) {
            self.text = text
            self.isSecure = isSecure
            self.answer = answer
        }

        func channelActive(context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var buffer = unwrapInboundIn(data)
            received.writeBuffer(&buffer)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            failure = failure ?? error
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            if received.readableBytes == 0, let failure { return answer.fail(failure) }
            answer.succeed(String(buffer: received))
        }

        func handlerRemoved(context: ChannelHandlerContext) {
            // For a connection that never came about.
            answer.fail(failure ?? ChannelError.eof)
        }
    }
}

/// A program with a plain and a TLS listener, running.
struct RunningProgram: Sendable {
    let plainPort: Int
    let securePort: Int
    let certificates: PeerCertificates

    static func run(
        proxies: [AddressRange] = [], header: String? = nil, _ test: (RunningProgram) async throws -> Void
    ) async throws {
        let server = try TestCertificate("server.example")
        let web = try WebApplication(
            settings: WebSettings(
                baseURL: "http://localhost", trustedProxies: proxies, clientCertificateHeader: header),
            logger: LogLines().logger)
        web.router.get("/certificate") { _, context in
            JSONResponse(["der": context.clientCertificate.map { .string(Base64.encode($0)) } ?? .null])
        }
        let listener = try TLSListener(
            host: "127.0.0.1", port: 0, certificatePEM: Array(server.pem.utf8), keyPEM: Array(server.keyPEM.utf8))
        let (ports, continuation) = AsyncStream.makeStream(of: (Bool, Int).self)
        let plain = web.application { continuation.yield((false, $0)) }
        let secure = web.application(listener, beside: plain) { continuation.yield((true, $0)) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await plain.run() }
            group.addTask { try? await secure.run() }
            var plainPort = 0
            var securePort = 0
            for await (isSecure, port) in ports {
                if isSecure { securePort = port } else { plainPort = port }
                if plainPort != 0, securePort != 0 { break }
            }
            defer { group.cancelAll() }
            try await test(
                RunningProgram(
                    plainPort: plainPort, securePort: securePort, certificates: secure.responder.certificates))
        }
    }
}

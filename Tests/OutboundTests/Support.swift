import Crypto
import Database
import DatabaseTesting
import Foundation
import Kernel
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import SwiftASN1
import Synchronization
import X509

@testable import Outbound

/// What a listener sends after a request.
struct Reply: Sendable {
    enum End: Sendable { case close, hold }

    var chunks: [String]
    var end = End.close
    /// Milliseconds before each chunk.
    var pause: Int64 = 0

    static func status(_ line: String, _ headers: [String] = [], body: String = "") -> Reply {
        let fields = headers + ["Content-Length: \(body.utf8.count)"]
        return Reply(chunks: ["HTTP/1.1 \(line)\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n" + body])
    }

    static func json(_ body: String, _ headers: [String] = []) -> Reply {
        status("200 OK", ["Content-Type: application/json"] + headers, body: body)
    }
}

/// A listener on the loopback interface that answers whatever the test says, HTTP or not.
final class Listener: Sendable {
    let port: Int
    private let channel: any Channel
    private let log: Log

    final class Log: Sendable {
        let requests = Mutex<[String]>([])
        let connections = Mutex(0)
    }

    var requests: [String] { log.requests.withLock { $0 } }
    var connections: Int { log.connections.withLock { $0 } }

    private init(_ channel: any Channel, _ log: Log) {
        self.channel = channel
        self.log = log
        port = channel.localAddress?.port ?? 0
    }

    /// Runs a test with a listener. `reply` gets the number of the request, from 1.
    static func with<Value: Sendable>(
        host: String = "127.0.0.1", port: Int = 0, tls: NIOSSLContext? = nil,
        reply: @escaping @Sendable (Int) -> Reply, _ test: (Listener) async throws -> Value
    ) async throws -> Value {
        let log = Log()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                log.connections.withLock { $0 += 1 }
                return channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.addHandler(Handler(log, reply))
                }
            }
            .bind(host: host, port: port).get()
        do {
            let value = try await test(Listener(channel, log))
            try? await channel.close()
            return value
        } catch {
            try? await channel.close()
            throw error
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let log: Log
        private let reply: @Sendable (Int) -> Reply
        private var text = ""

        init(_ log: Log, _ reply: @escaping @Sendable (Int) -> Reply) {
            self.log = log
            self.reply = reply
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            guard let end = text.range(of: "\r\n\r\n") else { return }
            let length = text.lowercased().range(of: "content-length: ").flatMap { range in
                Int(text[range.upperBound...].prefix { $0.isNumber })
            }
            guard text[end.upperBound...].utf8.count >= length ?? 0 else { return }
            let request = text
            text = ""
            let number = log.requests.withLock { requests in
                requests.append(request)
                return requests.count
            }
            send(reply(number), 0, context.channel)
        }

        private func send(_ reply: Reply, _ index: Int, _ channel: any Channel) {
            guard index < reply.chunks.count else {
                if reply.end == .close { channel.close(promise: nil) }
                return
            }
            Self.later(reply, index, channel)
        }

        private static func later(_ reply: Reply, _ index: Int, _ channel: any Channel) {
            guard index < reply.chunks.count else {
                if reply.end == .close { channel.close(promise: nil) }
                return
            }
            channel.eventLoop.scheduleTask(in: .milliseconds(reply.pause)) {
                guard channel.isActive else { return }
                channel.writeAndFlush(ByteBuffer(string: reply.chunks[index]), promise: nil)
                later(reply, index + 1, channel)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

/// Answers with a list of answers, one after the other; the last one stays.
final class StubResolver: HostResolver {
    private let state: Mutex<(answers: [[String]], asked: [String])>

    init(_ answers: [String]...) { state = Mutex((answers, [])) }

    var asked: [String] { state.withLock { $0.asked } }

    func addresses(of name: String, before deadline: NIODeadline) async throws -> [NetworkAddress] {
        state.withLock { state in
            state.asked.append(name)
            let answer = state.answers.count > 1 ? state.answers.removeFirst() : state.answers.first ?? []
            return answer.compactMap { NetworkAddress($0) }
        }
    }
}

/// Never answers.
struct SilentResolver: HostResolver {
    func addresses(of name: String, before deadline: NIODeadline) async throws -> [NetworkAddress] {
        try await Task.sleep(for: .seconds(3600))
        return []
    }
}

/// An authority of this test run and certificates of it.
struct Authority {
    let key = P256.Signing.PrivateKey()
    let certificate: Certificate

    init() throws {
        certificate = try Self.make("Authority", names: nil, key.publicKey, signer: key, issuer: nil)
    }

    var pem: [UInt8] { get throws { Array(try certificate.serializeAsPEM().pemString.utf8) } }

    /// TLS of a server for these names.
    func server(_ names: [GeneralName]) throws -> NIOSSLContext {
        let serverKey = P256.Signing.PrivateKey()
        let leaf = try Self.make(
            "Server", names: names, serverKey.publicKey, signer: key, issuer: certificate.subject)
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: [
                    .certificate(
                        NIOSSLCertificate(bytes: Array(try leaf.serializeAsPEM().pemString.utf8), format: .pem))
                ],
                privateKey: .privateKey(
                    NIOSSLPrivateKey(bytes: Array(serverKey.pemRepresentation.utf8), format: .pem))))
    }

    private static func make(
        _ name: String, names: [GeneralName]?, _ key: P256.Signing.PublicKey, signer: P256.Signing.PrivateKey,
        issuer: DistinguishedName?
    ) throws -> Certificate {
        let subject = try DistinguishedName { CommonName(name) }
        return try Certificate(
            version: .v3, serialNumber: .init(), publicKey: .init(key), notValidBefore: Date() - 3600,
            notValidAfter: Date() + 3600, issuer: issuer ?? subject, subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                if let names {
                    Critical(BasicConstraints.notCertificateAuthority)
                    SubjectAlternativeNames(names)
                } else {
                    Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                }
            }, issuerPrivateKey: .init(signer))
    }
}

/// A clock that tests turn.
final class TestClock: Sendable {
    private let moment = Mutex(Instant(seconds: 1_800_000_000))

    var now: Instant { moment.withLock { $0 } }

    func advance(_ seconds: Int64) { moment.withLock { $0 = $0.adding(seconds: seconds) } }

    var ambient: Ambient { Ambient(now: { self.now }, randomBytes: secureRandomBytes) }
}

/// Seals so that a test can tell: bytes turned over behind their context.
struct TestSealer: DeliverySealer {
    func seal(_ bytes: [UInt8], context: [UInt8]) async throws -> [UInt8] {
        [UInt8(context.count)] + context + bytes.map { ~$0 }
    }

    func open(_ sealed: [UInt8], context: [UInt8]) async throws -> [UInt8] {
        guard sealed.starts(with: [UInt8(context.count)] + context) else { throw RumdulError.internal("sealer") }
        return sealed.dropFirst(context.count + 1).map { ~$0 }
    }
}

func rules(_ entries: String...) -> [OutboundRule] { entries.compactMap(OutboundRule.init) }

extension OutboundLimits {
    /// For tests that are not about time, on a machine that has other work.
    static let patient = OutboundLimits(timeout: 600_000)
}

extension OutboundPolicy {
    /// The loopback interface over http, as in a demonstration.
    static let loopback = OutboundPolicy(rules: loopbackEntries.compactMap(OutboundRule.init))
}

/// The code of the error that some work throws, or `nil`.
func code(_ work: () async throws -> Void) async -> String? {
    do {
        try await work()
        return nil
    } catch { return (error as? RumdulError)?.code ?? "\(error)" }
}

/// A generator whose numbers repeat in every run.
struct Fixed: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

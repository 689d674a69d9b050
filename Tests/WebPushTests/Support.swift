import Codecs
import Crypto
import Foundation
import JOSE
import Kernel
import NIOCore
import NIOPosix
import Outbound
import Synchronization

@testable import WebPush

/// A request that arrived at a push service.
struct Arrived: Sendable {
    var line: String
    /// By name in lower case.
    var headers: [String: String]
    var body: [UInt8]
}

/// A push service on the loopback interface that answers what the test says.
final class PushService: Sendable {
    final class Log: Sendable {
        let requests = Mutex<[Arrived]>([])
        let open = Mutex<(now: Int, most: Int)>((0, 0))
    }

    let port: Int
    private let log: Log

    var requests: [Arrived] { log.requests.withLock { $0 } }
    /// The most requests that were open at the same time.
    var most: Int { log.open.withLock { $0.most } }
    var origin: String { "http://127.0.0.1:\(port)" }

    private init(_ port: Int, _ log: Log) {
        self.port = port
        self.log = log
    }

    /// Runs a test with a service. `answer` gives status line and header fields for the number of the request, from 1.
    static func with<Value: Sendable>(
        pause: Int64 = 0, answer: @escaping @Sendable (Int) -> [String] = { _ in ["201 Created"] },
        _ test: (PushService) async throws -> Value
    ) async throws -> Value {
        let log = Log()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(log, pause, answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let value = try await test(PushService(channel.localAddress?.port ?? 0, log))
            try? await channel.close()
            return value
        } catch {
            try? await channel.close()
            throw error
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let log: Log
        private let pause: Int64
        private let answer: @Sendable (Int) -> [String]
        private var bytes: [UInt8] = []

        init(_ log: Log, _ pause: Int64, _ answer: @escaping @Sendable (Int) -> [String]) {
            self.log = log
            self.pause = pause
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            bytes += unwrapInboundIn(data).readableBytesView
            guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
            let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
            let headers = Dictionary(
                lines.dropFirst().map { line in
                    let parts = line.split(separator: ": ", maxSplits: 1)
                    return (parts[0].lowercased(), String(parts.last ?? ""))
                }, uniquingKeysWith: { $0 + "," + $1 })
            let body = Array(bytes[end.upperBound...])
            guard body.count >= headers["content-length"].flatMap({ Int($0) }) ?? 0 else { return }
            bytes = []
            let number = log.requests.withLock { requests in
                requests.append(Arrived(line: lines[0], headers: headers, body: body))
                return requests.count
            }
            log.open.withLock { open in
                open.now += 1
                open.most = max(open.most, open.now)
            }
            let text = "HTTP/1.1 " + answer(number).map { $0 + "\r\n" }.joined() + "Content-Length: 0\r\n\r\n"
            let (channel, log) = (context.channel, log)
            channel.eventLoop.scheduleTask(in: .milliseconds(pause)) {
                log.open.withLock { $0.now -= 1 }
                channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

/// A browser with its keys: what can read messages.
struct Browser: Sendable {
    let key: P256.KeyAgreement.PrivateKey
    let auth: [UInt8]

    init(key: P256.KeyAgreement.PrivateKey = P256.KeyAgreement.PrivateKey(), auth: [UInt8] = secureRandomBytes(16)) {
        self.key = key
        self.auth = auth
    }

    var point: [UInt8] { Array(key.publicKey.x963Representation) }

    func subscription(_ endpoint: String, policy: OutboundPolicy = .loopback) throws -> PushSubscription {
        try PushSubscription(endpoint: endpoint, p256dh: point, auth: auth, policy: policy)
    }

    /// The content of a message (RFC 8291 section 3), written apart from the code that it tests.
    func open(_ body: [UInt8]) throws -> [UInt8] {
        guard body.count > 21, body[20] == 65 else { throw Unreadable() }
        let sender = Array(body[21..<86])
        let shared = try key.sharedSecretFromKeyAgreement(with: .init(x963Representation: sender))
        let inputKey = shared.withUnsafeBytes { secret in
            let prk = hmac(auth, Array(secret))
            return hmac(prk, Array("WebPush: info".utf8) + [0] + point + sender + [1])
        }
        return try openContentCoding(body, inputKey: inputKey).content
    }
}

struct Unreadable: Error {}

private func hmac(_ key: [UInt8], _ input: [UInt8]) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: input, using: SymmetricKey(data: key)))
}

/// Reads `aes128gcm` with any number of records (RFC 8188 section 2).
func openContentCoding(
    _ body: [UInt8], inputKey: [UInt8]
) throws -> (content: [UInt8], padding: Int, recordSize: Int, keyID: [UInt8]) {
    guard body.count > 21 else { throw Unreadable() }
    let recordSize = body[16..<20].reduce(0) { $0 << 8 | Int($1) }
    let start = 21 + Int(body[20])
    guard recordSize >= 18, body.count > start else { throw Unreadable() }
    let prk = hmac(Array(body[..<16]), inputKey)
    let key = SymmetricKey(data: hmac(prk, Array("Content-Encoding: aes128gcm\0\u{1}".utf8)).prefix(16))
    let base = Array(hmac(prk, Array("Content-Encoding: nonce\0\u{1}".utf8)).prefix(12))
    var (content, padding, rest, sequence): ([UInt8], Int, ArraySlice<UInt8>, UInt64) = ([], 0, body[start...], 0)
    while !rest.isEmpty {
        let record = rest.prefix(recordSize)
        rest = rest.dropFirst(recordSize)
        guard record.count > 16 else { throw Unreadable() }
        var nonce = base
        for index in 0..<8 { nonce[4 + index] ^= UInt8(truncatingIfNeeded: sequence >> UInt64(56 - 8 * index)) }
        sequence += 1
        let box = try AES.GCM.SealedBox(
            nonce: .init(data: nonce), ciphertext: record.dropLast(16), tag: record.suffix(16))
        let plain = Array(try AES.GCM.open(box, using: key))
        guard let delimiter = plain.lastIndex(where: { $0 != 0 }), plain[delimiter] == (rest.isEmpty ? 2 : 1) else {
            throw Unreadable()
        }
        content += plain[..<delimiter]
        padding += plain.count - delimiter - 1
    }
    return (content, padding, recordSize, Array(body[21..<start]))
}

/// A clock that tests turn.
final class TestClock: Sendable {
    private let moment = Mutex(Instant(seconds: 1_800_000_000))

    var now: Instant { moment.withLock { $0 } }

    func advance(_ seconds: Int64) { moment.withLock { $0 = $0.adding(seconds: seconds) } }

    var ambient: Ambient { Ambient(now: { self.now }, randomBytes: secureRandomBytes) }
}

/// Counts signatures.
final class CountingSigner: JWSSigner {
    private let signer: SoftwareSigner
    private let made = Mutex(0)

    init() throws { signer = SoftwareSigner(try SigningKey.generate(.es256)) }

    var count: Int { made.withLock { $0 } }
    var algorithm: JWSAlgorithm { signer.algorithm }
    var keyID: String { signer.keyID }
    var key: ApplicationServerKey { get throws { try ApplicationServerKey(signer.key.jwk, signer: self) } }

    func sign(_ input: [UInt8]) async throws -> [UInt8] {
        made.withLock { $0 += 1 }
        return try await signer.sign(input)
    }
}

extension OutboundPolicy {
    /// The loopback interface over http, as in a demonstration.
    static let loopback = OutboundPolicy(rules: loopbackEntries.compactMap(OutboundRule.init))
}

extension OutboundLimits {
    /// For tests that are not about time, on a machine that has other work.
    static let patient = OutboundLimits(timeout: 600_000, perHost: 64, perSecond: 1000, burst: 1000)
}

/// The code of the error that some work throws, or `nil`.
func code(_ work: () async throws -> Void) async -> String? {
    do {
        try await work()
        return nil
    } catch { return (error as? RumdulError)?.code ?? "\(error)" }
}

/// Bytes of base64url.
func bytes(_ text: String) throws -> [UInt8] {
    guard let bytes = Base64URL.decode(text) else { throw Unreadable() }
    return bytes
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

/// Draws that a test names, then real ones.
final class Draws: Sendable {
    private let left: Mutex<[[UInt8]]>

    init(_ draws: [[UInt8]]) { left = Mutex(draws) }

    func next() -> [UInt8] { left.withLock { $0.isEmpty ? secureRandomBytes(32) : $0.removeFirst() } }
}

/// Leads every name into the own machine.
struct LoopbackResolver: HostResolver {
    func addresses(of name: String, before deadline: NIODeadline) async throws -> [NetworkAddress] {
        [NetworkAddress("127.0.0.1")].compactMap { $0 }
    }
}

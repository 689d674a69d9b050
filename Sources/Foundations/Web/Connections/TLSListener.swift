import Hummingbird
import HummingbirdCore
import Kernel
import Logging
import NIOCore
import NIOSSL

/// A listener of the program's own that speaks TLS and asks for a client certificate (RFC 8705, section 2).
///
/// TLS 1.2 with the cipher suites that BCP 195 (RFC 9325, section 4.2) recommends, or TLS 1.3. A client may come
/// without a certificate, and any certificate is taken, self-signed or not: the handshake proves that the client holds
/// its private key, and who the client is gets decided where its registration is known.
public struct TLSListener: Sendable {
    /// The address to listen on.
    public let host: String
    /// The port; 0 lets the system choose one.
    public let port: Int
    let context: NIOSSLContext

    /// - Parameters:
    ///   - certificatePEM: the server's certificate, then its intermediate authorities.
    ///   - keyPEM: the private key, not encrypted.
    /// - Throws: `web.tls`.
    public init(host: String, port: Int, certificatePEM: [UInt8], keyPEM: [UInt8]) throws(RumdulError) {
        self.host = host
        self.port = port
        do {
            let chain = try NIOSSLCertificate.fromPEMBytes(certificatePEM)
            let key = try NIOSSLPrivateKey(bytes: keyPEM, format: .pem)
            context = try NIOSSLContext(configuration: Self.configuration(chain, key))
        } catch {
            throw .tls("\(error)")
        }
    }

    private static func configuration(_ chain: [NIOSSLCertificate], _ key: NIOSSLPrivateKey) -> TLSConfiguration {
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        tls.minimumTLSVersion = .tlsv12
        tls.cipherSuiteValues = [
            .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        ]
        tls.verifySignatureAlgorithms = [
            .ecdsaSecp256R1Sha256, .ecdsaSecp384R1Sha384, .ecdsaSecp521R1Sha512, .ed25519, .rsaPssRsaeSha256,
            .rsaPssRsaeSha384, .rsaPssRsaeSha512, .rsaPkcs1Sha256, .rsaPkcs1Sha384,
        ]
        tls.applicationProtocols = ["http/1.1"]
        tls.certificateVerification = .optionalVerification
        // None: the system's authorities say nothing about clients, and every certificate is taken below.
        tls.trustRoots = .certificates([])
        return tls
    }
}

/// One connection of a `TLSListener`: TLS, then the client's certificate noted, then HTTP.
struct TLSConnection: ServerChildChannel {
    typealias Value = LoopChannel.Value

    let http: LoopChannel
    let context: NIOSSLContext
    let certificates: PeerCertificates

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(
                NIOSSLServerHandler(
                    context: context,
                    customVerificationCallback: { _, promise in promise.succeed(.certificateVerified) },
                    configuration: .init()))
            try pipeline.addHandler(PeerCertificateHandler(certificates))
        }.flatMap { http.setup(channel: channel, logger: logger) }
    }

    func handle(value: Value, logger: Logger) async { await http.handle(value: value, logger: logger) }
}

/// The program's responder for requests over TLS: their context knows where to look for the client's certificate.
public struct TLSResponder: HTTPResponder {
    let inner: RouterResponder<AppContext>
    let certificates: PeerCertificates

    public func respond(to request: Request, context: AppContext) async throws -> Response {
        var context = context
        context.peerCertificates = certificates
        return try await inner.respond(to: request, context: context)
    }
}

extension WebApplication {
    /// The same routes on a TLS listener, to run beside the plain one.
    /// - Parameters:
    ///   - main: what ``application(host:port:onReady:)`` made.
    ///   - onReady: called with the port once the listener listens.
    public func application(
        _ listener: TLSListener, beside main: Application<RouterResponder<AppContext>>,
        onReady: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> Application<TLSResponder> {
        let certificates = PeerCertificates()
        let responder = TLSResponder(inner: main.responder, certificates: certificates)
        let respond = LoopChannel.respond(with: responder, logger: environment.logger)
        return Application(
            responder: responder,
            server: HTTPServerBuilder { _ in
                TLSConnection(
                    http: LoopChannel(respond: respond), context: listener.context, certificates: certificates)
            }, configuration: .init(address: .hostname(listener.host, port: listener.port), backlog: 1024),
            onServerRunning: { channel in await onReady(channel.localAddress?.port ?? listener.port) },
            logger: environment.logger)
    }
}

extension RumdulError {
    /// `web.tls`: the server's certificate or key cannot be used.
    static func tls(_ cause: String) -> RumdulError {
        RumdulError(
            "web.tls", .invalid, km: "វិញ្ញាបនបត្រ ឬកូនសោ TLS មិនអាចប្រើបានទេ។",
            en: "The TLS certificate or its key cannot be used.", cause: cause)
    }
}

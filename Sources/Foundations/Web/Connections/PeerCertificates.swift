import NIOCore
import NIOSSL
import NIOTLS
import Synchronization

/// The certificates that clients showed in their handshakes, by connection, as long as the connection lasts. Handlers
/// of requests run outside of the connection's event loop, so they cannot ask TLS themselves without waiting.
final class PeerCertificates: Sendable {
    private let certificates = Mutex<[ObjectIdentifier: [UInt8]]>([:])

    func note(_ der: [UInt8], of channel: any Channel) {
        certificates.withLock { $0[ObjectIdentifier(channel)] = der }
    }

    func forget(_ channel: any Channel) {
        certificates.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    /// The certificate of a connection in DER; `nil` when the client showed none or the connection is over.
    func certificate(of channel: any Channel) -> [UInt8]? {
        certificates.withLock { $0[ObjectIdentifier(channel)] }
    }

    var count: Int { certificates.withLock { $0.count } }
}

/// Notes the client's certificate when the handshake is done, before any request is read. A resumed session has the
/// certificate of the handshake that it continues.
final class PeerCertificateHandler: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    private let certificates: PeerCertificates

    init(_ certificates: PeerCertificates) { self.certificates = certificates }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent,
            let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate(),
            let der = try? certificate.toDERBytes()
        {
            certificates.note(der, of: context.channel)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func handlerRemoved(context: ChannelHandlerContext) { certificates.forget(context.channel) }
}

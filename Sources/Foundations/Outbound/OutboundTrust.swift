import Kernel
import NIOSSL
import Synchronization

/// Whose certificates are believed: the authorities of the system, and further ones that the operator names.
public final class OutboundTrust: Sendable {
    private let roots: [NIOSSLCertificate]
    private let context = Mutex<NIOSSLContext?>(nil)

    /// The authorities of the system.
    public init() { roots = [] }

    /// The authorities of the system and those of a PEM file.
    /// - Throws: `outbound.roots` when there is no certificate in it.
    public init(additionalPEM: [UInt8]) throws {
        do {
            roots = try NIOSSLCertificate.fromPEMBytes(additionalPEM)
        } catch {
            throw RumdulError.outboundRoots
        }
        guard !roots.isEmpty else { throw RumdulError.outboundRoots }
    }

    /// TLS 1.2 or later, certificate and name verified. Made on the first use, since it reads all authorities.
    func client() throws -> NIOSSLContext {
        try context.withLock { context in
            if let context { return context }
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.minimumTLSVersion = .tlsv12
            configuration.certificateVerification = .fullVerification
            configuration.applicationProtocols = ["http/1.1"]
            if !roots.isEmpty { configuration.additionalTrustRoots = [.certificates(roots)] }
            let made = try NIOSSLContext(configuration: configuration)
            context = made
            return made
        }
    }
}

extension RumdulError {
    /// The file of further authorities holds no certificate.
    public static let outboundRoots = RumdulError(
        "outbound.roots", .invalid, km: "ឯកសារនេះគ្មានវិញ្ញាបនបត្រ PEM ទេ។",
        en: "The file holds no certificates in PEM form.")
}

import Foundation
import Kernel
import ProofOfPossession
import Web

extension Configuration {
    /// The listener with TLS; `nil` when no port is set.
    /// - Throws: `configuration.invalid` when a file is missing or cannot be used.
    public func tlsListener() throws -> TLSListener? {
        guard let tlsPort else { return nil }
        guard tlsPort != port else {
            throw RumdulError.configurationInvalid("tls_port", "another port than that of the plain listener")
        }
        let certificate = try Self.file(tlsCertificate, "tls_certificate")
        let key = try Self.file(tlsKey, "tls_key")
        do {
            return try TLSListener(host: host, port: tlsPort, certificatePEM: certificate, keyPEM: key)
        } catch {
            throw RumdulError.configurationInvalid("tls_certificate", "a certificate with its key, both in PEM")
                .because(error.cause ?? "")
        }
    }

    /// The authorities whose client certificates are believed; `nil` when none are configured, and `tls_client_auth`
    /// is not offered then.
    /// - Throws: `configuration.invalid`
    public func certificateRoots() throws -> CertificateRoots? {
        guard clientCertificateRoots != nil else { return nil }
        let bytes = try Self.file(clientCertificateRoots, "client_certificate_roots")
        do {
            return try CertificateRoots(pem: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw RumdulError.configurationInvalid(
                "client_certificate_roots", "certificates in PEM, one of them signed with its own key"
            ).because(error.cause ?? "")
        }
    }

    /// The header field in which proxies tell the client's certificate; `nil` when none is configured.
    /// - Throws: `configuration.invalid` when no proxy is trusted: the field would never count.
    func trustedCertificateHeader() throws -> String? {
        guard let clientCertificateHeader else { return nil }
        guard !trustedProxies.isEmpty else {
            throw RumdulError.configurationInvalid("client_certificate_header", "used together with trusted_proxies")
        }
        return clientCertificateHeader
    }

    private static func file(_ path: String?, _ name: String) throws -> [UInt8] {
        guard let path else { throw RumdulError.configurationInvalid(name, "the path of a PEM file") }
        guard let data = FileManager.default.contents(atPath: path), data.count <= 1 << 20 else {
            throw RumdulError.configurationInvalid(name, "the file cannot be read")
        }
        return Array(data)
    }
}

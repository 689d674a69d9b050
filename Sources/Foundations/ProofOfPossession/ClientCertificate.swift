import Codecs
import Crypto
import CryptoExtras
import Foundation
import JOSE
import Kernel
import X509

/// The certificate with which a client proved itself in the TLS handshake (RFC 8705). That the client holds the private
/// key was proven there; who it is, is for the checks of this type.
public struct ClientCertificate: Sendable {
    /// The longest certificate, in bytes.
    public static let maximumSize = 16 << 10

    /// The certificate as it came.
    public let der: [UInt8]
    let certificate: Certificate

    /// Parses a certificate.
    /// - Throws: `malformed`.
    public init(der: [UInt8]) throws(ClientCertificateError) {
        guard !der.isEmpty, der.count <= Self.maximumSize, let certificate = try? Certificate(derEncoded: der) else {
            throw .malformed
        }
        self.der = der
        self.certificate = certificate
    }

    /// The certificate of a request.
    /// - Throws: `missing` for `nil`, `malformed`.
    public init(of request: [UInt8]?) throws(ClientCertificateError) {
        guard let request else { throw .missing }
        try self.init(der: request)
    }

    /// The value of `cnf.x5t#S256`: base64url of the SHA-256 of the DER form (RFC 8705, section 3.1).
    public var x5tS256: String { Base64URL.encode(Array(SHA256.hash(data: der))) }

    /// Whether a token is bound to this certificate.
    public func isBound(to x5tS256: String) -> Bool { constantTimeEquals(x5tS256.utf8, self.x5tS256.utf8) }

    /// The subject as RFC 4514 writes it, for logs of operators and for messages; compare with ``CertificateMatch``.
    public var subject: String { DistinguishedNameText(certificate.subject).description }

    /// From when the certificate is valid.
    public var notBefore: Instant { Self.instant(certificate.notValidBefore) }

    /// Until when the certificate is valid, this moment included.
    public var notAfter: Instant { Self.instant(certificate.notValidAfter) }

    /// - Throws: `notYetValid`, `expired`.
    public func requireValid(at now: Instant) throws(ClientCertificateError) {
        guard now >= notBefore else { throw .notYetValid }
        guard now.seconds <= notAfter.seconds else { throw .expired }
    }

    /// The public key.
    /// - Throws: `unsupportedKey` unless it is P-256, P-384, P-521, Ed25519 or RSA of 2048 bits or more.
    public func publicKey() throws(ClientCertificateError) -> JWK {
        guard let key = try? Self.jwk(certificate.publicKey) else { throw .unsupportedKey }
        return key
    }

    /// `self_signed_tls_client_auth` (RFC 8705, section 2.2): the certificate is one that the client registered in its
    /// JWK Set. A key with `x5c` stands for exactly that certificate, a key with `x5t#S256` alone for the certificate
    /// of that hash, any other key for every certificate with this public key.
    /// - Throws: `unsupportedKey`, `notRegistered`.
    public func requireRegistered(in keys: [JWK]) throws(ClientCertificateError) {
        let own = try publicKey().thumbprint
        for key in keys where key.use != "enc" {
            guard constantTimeEquals(key.thumbprint, own) else { continue }
            if let chain = key.additional["x5c"] {
                if let text = chain.stringsValue?.first, Base64.decode(text) == der { return }
            } else if let hash = key.additional["x5t#S256"] {
                if let text = hash.stringValue, isBound(to: text) { return }
            } else {
                return
            }
        }
        throw .notRegistered
    }

    private static func instant(_ date: Date) -> Instant {
        Instant(microseconds: Int64((date.timeIntervalSince1970 * 1_000_000).rounded()))
    }

    private static func jwk(_ key: Certificate.PublicKey) throws -> JWK? {
        if let key = P256.Signing.PublicKey(key) { return try JWK(.p256(key)) }
        if let key = P384.Signing.PublicKey(key) {
            let raw = Array(key.rawRepresentation)
            return try JWK(.ec(.p384, x: Array(raw.prefix(48)), y: Array(raw.suffix(48)), d: nil))
        }
        if let key = P521.Signing.PublicKey(key) {
            let raw = Array(key.rawRepresentation)
            return try JWK(.ec(.p521, x: Array(raw.prefix(66)), y: Array(raw.suffix(66)), d: nil))
        }
        if let key = Curve25519.Signing.PublicKey(key) {
            return try JWK(.okp(.ed25519, x: Array(key.rawRepresentation), d: nil))
        }
        guard let key = _RSA.Signing.PublicKey(key) else { return nil }
        let numbers = try key.getKeyPrimitives()
        return try JWK(.rsa(n: Array(numbers.modulus), e: Array(numbers.publicExponent), nil))
    }
}

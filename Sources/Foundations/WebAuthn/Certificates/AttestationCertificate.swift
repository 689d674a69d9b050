import COSE
import Crypto
import CryptoExtras
import Foundation
import Kernel
import SwiftASN1
import X509

/// A certificate of an authenticator, of its maker, or a root (RFC 5280).
public struct AttestationCertificate: Sendable, Hashable {
    /// The certificate in DER.
    public let der: [UInt8]
    let certificate: Certificate
    /// What the issuer signed, as it came.
    private let signedBytes: [UInt8]
    private let signature: [UInt8]

    /// The longest certificate, in bytes.
    public static let maximumSize = 1 << 14

    /// Reads a certificate in DER.
    /// - Throws: `webauthn.attestation_certificate`.
    public init(der: [UInt8]) throws(RumdulError) {
        guard der.count <= Self.maximumSize else { throw .webAuthn(.attestationCertificate, "too long") }
        let parts = try DERNode(der: der, .attestationCertificate).children(.sequence)
        guard parts.count == 3 else { throw .webAuthn(.attestationCertificate, "not three parts") }
        signedBytes = Array(parts[0].node.encodedBytes)
        signature = try checking(.attestationCertificate, "the signature") {
            Array(try ASN1BitString(derEncoded: parts[2].node).bytes)
        }
        certificate = try checking(.attestationCertificate, "not a certificate") {
            do {
                return try Certificate(derEncoded: der)
            } catch {
                return try Certificate(derEncoded: LenientCertificate.normalized(parts))
            }
        }
        self.der = der
    }

    public static func == (left: Self, right: Self) -> Bool { left.der == right.der }

    public func hash(into hasher: inout Hasher) { hasher.combine(der) }

    /// When it becomes valid.
    public var notBefore: Instant { Self.instant(certificate.notValidBefore) }
    /// When it ends.
    public var notAfter: Instant { Self.instant(certificate.notValidAfter) }
    /// The serial number, big-endian without leading zeros.
    public var serialNumber: [UInt8] { Array(certificate.serialNumber.bytes.drop { $0 == 0 }) }

    /// Far years would not fit microseconds; they are cut off.
    private static func instant(_ date: Date) -> Instant {
        Instant(seconds: Int64(min(max(date.timeIntervalSince1970, -1e11), 1e12)))
    }

    /// True when its own key signed it.
    var isSelfSigned: Bool { isIssued(by: self) }

    /// True when another certificate bears the issuer's name and its key signed this one.
    func isIssued(by other: AttestationCertificate) -> Bool {
        certificate.issuer == other.certificate.subject
            && other.certificate.publicKey.isValidSignature(
                signature, for: signedBytes, signatureAlgorithm: certificate.signatureAlgorithm)
    }

    /// The public key's numbers; `nil` for kinds that COSE here does not know.
    public var keyMaterial: COSEKeyMaterial? {
        let key = certificate.publicKey
        if let key = P256.Signing.PublicKey(key) { return Self.point(.p256, Array(key.rawRepresentation)) }
        if let key = P384.Signing.PublicKey(key) { return Self.point(.p384, Array(key.rawRepresentation)) }
        if let key = P521.Signing.PublicKey(key) { return Self.point(.p521, Array(key.rawRepresentation)) }
        if let key = Curve25519.Signing.PublicKey(key) { return .ed25519(x: Array(key.rawRepresentation)) }
        if let key = _RSA.Signing.PublicKey(key), let numbers = try? key.getKeyPrimitives() {
            return .rsa(
                n: Array(numbers.modulus.drop { $0 == 0 }), e: Array(numbers.publicExponent.drop { $0 == 0 }))
        }
        return nil
    }

    private static func point(_ curve: COSECurve, _ raw: [UInt8]) -> COSEKeyMaterial {
        .ec2(curve: curve, x: Array(raw.prefix(curve.size)), y: Array(raw.suffix(curve.size)))
    }

    /// The key for checking a statement's signature.
    /// - Throws: `webauthn.attestation_algorithm` when the algorithm is not allowed or not the key's.
    func key(_ algorithm: COSEAlgorithm, allowed: Set<COSEAlgorithm>) throws(RumdulError) -> COSEKey {
        guard let material = keyMaterial else { throw .webAuthn(.attestationAlgorithm, "the certificate's key") }
        do {
            return try COSEKey(
                material, algorithm: algorithm,
                rules: COSEKeyRules(algorithms: allowed, needsAlgorithm: true, refusesOthers: true))
        } catch {
            throw .webAuthn(.attestationAlgorithm, error.cause ?? "")
        }
    }

    /// SHA-1 of the subject public key's bits (RFC 5280 section 4.2.1.2, method 1): how FIDO's metadata name
    /// authenticators without an AAGUID.
    public var keyIdentifier: [UInt8] {
        let bits: [UInt8]
        switch keyMaterial {
        case .ec2(_, let x, let y): bits = [4] + x + y
        case .ed25519(let x): bits = x
        case .rsa: bits = _RSA.Signing.PublicKey(certificate.publicKey).map { Array($0.pkcs1DERRepresentation) } ?? []
        case nil: bits = []
        }
        return Array(Insecure.SHA1.hash(data: bits))
    }

    /// The content of an extension, and whether it is critical.
    func `extension`(_ oid: ASN1ObjectIdentifier) -> (value: [UInt8], critical: Bool)? {
        certificate.extensions[oid: oid].map { (Array($0.value), $0.critical) }
    }

    /// The texts of one attribute of the subject.
    func subject(_ type: ASN1ObjectIdentifier) -> [String] {
        certificate.subject.flatMap { $0 }.filter { $0.type == type }.compactMap { String($0.value) }
    }

    /// Whether it is an authority, and how many authorities may stand below it (RFC 5280 section 4.2.1.9). Without the
    /// extension it is none. Some makers write the default value `FALSE`, which DER forbids.
    func constraints() throws(RumdulError) -> (isAuthority: Bool, longest: Int?) {
        guard let entry = self.extension(.X509ExtensionID.basicConstraints) else { return (false, nil) }
        let parts = try DERNode(der: entry.value, .attestationCertificate).children(.sequence)
        guard let first = parts.first else { return (false, nil) }
        let isAuthority = try first.boolean()
        guard parts.count > 1 else { return (isAuthority, nil) }
        guard parts.count == 2, let longest = Int(exactly: try parts[1].integer()), longest >= 0 else {
            throw .webAuthn(.attestationCertificate, "the basic constraints")
        }
        return (isAuthority, longest)
    }

    /// - Throws: `webauthn.attestation_certificate` when it is an authority (WebAuthn sections 8.2.1, 8.3.1).
    func requireNoAuthority() throws(RumdulError) {
        guard try !constraints().isAuthority else {
            throw .webAuthn(.attestationCertificate, "the leaf is an authority")
        }
    }
}

extension ASN1ObjectIdentifier {
    /// `id-fido-gen-ce-aaguid` (WebAuthn section 8.2.1).
    static let fidoAAGUID: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 45724, 1, 1, 4]
    /// `tcg-kp-AIKCertificate` (WebAuthn section 8.3.1).
    static let tpmAIK: ASN1ObjectIdentifier = [2, 23, 133, 8, 3]
    /// Android's key description (WebAuthn section 8.4.1).
    static let androidKeyDescription: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 11129, 2, 1, 17]
    /// Apple's nonce (WebAuthn section 8.8).
    static let appleNonce: ASN1ObjectIdentifier = [1, 2, 840, 113635, 100, 8, 2]
    static let certificatePolicies: ASN1ObjectIdentifier = [2, 5, 29, 32]
}

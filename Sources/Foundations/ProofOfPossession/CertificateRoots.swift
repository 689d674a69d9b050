import Foundation
import Kernel
import SwiftASN1
@_spi(FixedExpiryValidationTime) import X509

/// The authorities whose client certificates are believed (`tls_client_auth`, RFC 8705, section 2.1).
///
/// Certificates of the file that are signed with their own key are the roots. The others are intermediate authorities:
/// never trusted by themselves, but at hand when a chain is built, so that clients need not send them.
public struct CertificateRoots: Sendable {
    /// The most certificates in one file.
    public static let maximumCertificates = 500

    private let roots: CertificateStore
    private let intermediates: CertificateStore
    /// How many roots there are; 1 or more.
    public let count: Int

    /// - Parameter pem: one or more certificates in PEM (RFC 7468).
    /// - Throws: `possession.roots` when one is not well-formed or none is a root.
    public init(pem: String) throws(RumdulError) {
        guard let documents = try? PEMDocument.parseMultiple(pemString: pem),
            (1...Self.maximumCertificates).contains(documents.count)
        else { throw .certificateRoots("no certificates in PEM") }
        var roots: [Certificate] = []
        var others: [Certificate] = []
        for document in documents {
            guard let certificate = try? Certificate(pemDocument: document) else {
                throw .certificateRoots("a certificate is not well-formed")
            }
            let isRoot =
                certificate.subject == certificate.issuer
                && certificate.publicKey.isValidSignature(certificate.signature, for: certificate)
            if isRoot { roots.append(certificate) } else { others.append(certificate) }
        }
        guard !roots.isEmpty else { throw .certificateRoots("no certificate is signed with its own key") }
        self.roots = CertificateStore(roots)
        intermediates = CertificateStore(others)
        count = roots.count
    }

    /// Checks validity, chain and purpose at a moment. Revocation is not looked at.
    /// - Throws: `notYetValid`, `expired`, `unsupportedKey`, `untrusted`.
    public func validate(_ certificate: ClientCertificate, now: Instant) async throws(ClientCertificateError) {
        try certificate.requireValid(at: now)
        _ = try certificate.publicKey()
        let moment = Date(timeIntervalSince1970: Double(now.seconds))
        var verifier = Verifier(rootCertificates: roots) {
            RFC5280Policy(fixedExpiryValidationTime: moment)
            ClientPurposePolicy()
        }
        guard
            case .validCertificate = await verifier.validate(
                leaf: certificate.certificate, intermediates: intermediates)
        else { throw .untrusted }
    }
}

/// A leaf that names its purposes must name client authentication (RFC 5280, section 4.2.1.12), and must not be an
/// authority.
struct ClientPurposePolicy: VerifierPolicy {
    let verifyingCriticalExtensions: [ASN1ObjectIdentifier] = [
        .X509ExtensionID.extendedKeyUsage, .X509ExtensionID.subjectAlternativeName,
    ]

    mutating func chainMeetsPolicyRequirements(chain: UnverifiedCertificateChain) async -> PolicyEvaluationResult {
        do {
            if let purposes = try chain.leaf.extensions.extendedKeyUsage,
                !purposes.contains(.clientAuth), !purposes.contains(.any)
            {
                return .failsToMeetPolicy(reason: "not for client authentication")
            }
            if case .isCertificateAuthority? = try chain.leaf.extensions.basicConstraints {
                return .failsToMeetPolicy(reason: "an authority is no client")
            }
            return .meetsPolicy
        } catch {
            return .failsToMeetPolicy(reason: "an extension is not well-formed")
        }
    }
}

extension RumdulError {
    /// `possession.roots`: the file with the authorities for client certificates cannot be used.
    public static func certificateRoots(_ cause: String) -> RumdulError {
        RumdulError(
            "possession.roots", .invalid, km: "ឯកសារអាជ្ញាធរវិញ្ញាបនបត្រមិនត្រឹមត្រូវ។",
            en: "The file with the certificate authorities of clients cannot be used.", cause: cause)
    }
}

import Kernel
import SwiftASN1
import X509

/// A check of a certificate path to given roots at a given moment.
///
/// General verifiers refuse what authenticators really carry: certificates with an empty subject and a critical
/// alternative name (TPM), roots that are the leaf itself (metadata), purposes of no public key infrastructure of the web.
/// This one checks names, signatures, times, authority, path lengths, name constraints and critical extensions (RFC 5280
/// section 6.1), in exactly the order in which the certificates came. Revocation is looked up in lists that are at hand
/// and nowhere else: no list is fetched while somebody waits, and OCSP is not asked.
public struct CertificatePath: Sendable {
    /// Whether the root may stand at the end of the path.
    public enum RootInPath: Sendable {
        /// A self-signed certificate at the end is refused, as FIDO's conformance tool wants (WebAuthn section 8.2: the
        /// chain does not hold the root).
        case refused
        /// It may be there when it is one of the roots; Android and some others send it.
        case accepted
    }

    /// The trust anchors.
    public var roots: [AttestationCertificate]
    public var rootInPath: RootInPath
    /// Revocation lists that are at hand; certificates of their issuers are looked up.
    public var revocationLists: [RevocationList]

    /// The longest path.
    public static let maximumLength = 8

    public init(
        roots: [AttestationCertificate], rootInPath: RootInPath = .refused, revocationLists: [RevocationList] = []
    ) {
        self.roots = roots
        self.rootInPath = rootInPath
        self.revocationLists = revocationLists
    }

    /// Checks a path, leaf first.
    /// - Throws: the given check, or `webauthn.certificate_revoked`.
    public func validate(
        _ chain: [AttestationCertificate], at now: Instant, as check: WebAuthnCheck = .attestationTrust
    ) throws(RumdulError) {
        guard let leaf = chain.first, let last = chain.last, chain.count <= Self.maximumLength else {
            throw .webAuthn(check, "\(chain.count) certificates")
        }
        for certificate in chain { try Self.checkAlone(certificate, at: now, check) }
        for (index, pair) in zip(chain, chain.dropFirst()).enumerated() {
            guard pair.0.isIssued(by: pair.1) else { throw .webAuthn(check, "certificate \(index) is not by the next") }
            try Self.checkAuthority(pair.1, below: index, check)
        }
        try checkRevocation(chain, at: now)
        // Metadata may name the authenticator's own certificate as its anchor.
        if chain.count == 1, roots.contains(leaf) { return }
        if last.isSelfSigned {
            guard rootInPath == .accepted || chain.count == 1 else { throw .webAuthn(check, "the root is in the path") }
            // Roots are renewed with the same name and key, so that a trusted root may have signed this one.
            guard roots.contains(where: { last.isIssued(by: $0) }) else {
                throw .webAuthn(check, "a root that is not trusted")
            }
            try NameConstraintCheck.validate(chain, check)
            return
        }
        guard let root = roots.first(where: { last.isIssued(by: $0) }) else {
            throw .webAuthn(check, "no trusted root issued the last certificate")
        }
        try checkRevocation([last, root], at: now)
        try NameConstraintCheck.validate(chain + [root], check)
    }

    private static let understood: Set<ASN1ObjectIdentifier> = [
        .X509ExtensionID.basicConstraints, .X509ExtensionID.keyUsage, .X509ExtensionID.extendedKeyUsage,
        .X509ExtensionID.subjectAlternativeName, .X509ExtensionID.subjectKeyIdentifier,
        .X509ExtensionID.authorityKeyIdentifier, .X509ExtensionID.nameConstraints, .certificatePolicies,
        .androidKeyDescription, .appleNonce,
    ]

    private static func checkAlone(
        _ certificate: AttestationCertificate, at now: Instant, _ check: WebAuthnCheck
    ) throws(RumdulError) {
        guard now >= certificate.notBefore else { throw .webAuthn(check, "a certificate is not yet valid") }
        guard now <= certificate.notAfter else { throw .webAuthn(check, "a certificate has expired") }
        for entry in certificate.certificate.extensions where entry.critical {
            guard understood.contains(entry.oid) else {
                throw .webAuthn(check, "a critical extension that is not understood: \(entry.oid)")
            }
        }
    }

    /// - Parameter below: how many certificates of authorities stand between this one and the leaf.
    private static func checkAuthority(
        _ certificate: AttestationCertificate, below: Int, _ check: WebAuthnCheck
    ) throws(RumdulError) {
        let constraints = try checking(check, "the basic constraints") { try certificate.constraints() }
        guard constraints.isAuthority else { throw .webAuthn(check, "an issuer is no authority") }
        if let longest = constraints.longest, below > longest {
            throw .webAuthn(check, "the path is longer than an authority allows")
        }
        let usage: KeyUsage?
        do {
            usage = try certificate.certificate.extensions.keyUsage
        } catch {
            throw .webAuthn(check, "a key usage is malformed")
        }
        if let usage, !usage.keyCertSign { throw .webAuthn(check, "an issuer may not sign certificates") }
    }

    /// Looks every certificate up in the lists of its issuer. Where a list bears the issuer's name, one that the issuer
    /// signed and that is in date must be among them.
    private func checkRevocation(_ chain: [AttestationCertificate], at now: Instant) throws(RumdulError) {
        guard !revocationLists.isEmpty else { return }
        for (certificate, issuer) in zip(chain, chain.dropFirst()) {
            let named = revocationLists.filter { $0.isOf(issuer) }
            guard !named.isEmpty else { continue }
            let genuine = named.filter { $0.isSigned(by: issuer) }
            guard !genuine.contains(where: { $0.contains(certificate.serialNumber) }) else {
                throw .webAuthn(.certificateRevoked, "a certificate is on the list of its issuer")
            }
            guard genuine.contains(where: { $0.isInDate(now) }) else {
                throw .webAuthn(.revocationList, "no list of an issuer is genuine and in date")
            }
        }
    }
}

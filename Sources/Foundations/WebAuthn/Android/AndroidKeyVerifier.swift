import Codecs
import Kernel

/// What an Android key must fulfil to be accepted as a device key.
public struct AndroidKeyRequirements: Sendable {
    /// Google's roots, and those of others that the operator trusts.
    public var roots: [AttestationCertificate]
    /// Where attestation and key must live, at least.
    public var leastLevel: KeyDescription.SecurityLevel
    /// The boot loader must be locked and the maker's software unchanged.
    public var needsVerifiedBoot: Bool
    /// The least patch level of the operating system, as in 202601.
    public var leastPatchLevel: Int64?
    /// The packages that may ask; empty accepts any.
    public var packages: Set<String>
    /// SHA-256 of the certificates that may have signed them; empty accepts any.
    public var signers: Set<[UInt8]>
    /// Serial numbers, in lower-case hexadecimal, that Google's status list names as revoked or suspended.
    public var revokedSerials: Set<String>

    public init(
        roots: [AttestationCertificate], leastLevel: KeyDescription.SecurityLevel = .trustedEnvironment,
        needsVerifiedBoot: Bool = true, leastPatchLevel: Int64? = nil, packages: Set<String> = [],
        signers: Set<[UInt8]> = [], revokedSerials: Set<String> = []
    ) {
        self.roots = roots
        self.leastLevel = leastLevel
        self.needsVerifiedBoot = needsVerifiedBoot
        self.leastPatchLevel = leastPatchLevel
        self.packages = packages
        self.signers = signers
        self.revokedSerials = revokedSerials
    }

    /// Checks the certificates of a key, leaf first, for a challenge at a moment. Only a description that is nearest to
    /// the root counts, because a stolen key could issue further certificates below itself.
    /// - Returns: the description; the attested key is the leaf's.
    /// - Throws: `webauthn.attestation_trust`, `webauthn.certificate_revoked`, `webauthn.key_description`,
    ///   `webauthn.android_key`, `webauthn.key_*`.
    public func verify(
        _ chain: [AttestationCertificate], challenge: [UInt8], at now: Instant
    ) throws(RumdulError) -> KeyDescription {
        try CertificatePath(roots: roots, rootInPath: .accepted).validate(chain, at: now)
        for certificate in chain where revokedSerials.contains(Hex.encode(certificate.serialNumber)) {
            throw .webAuthn(.certificateRevoked, "on the status list")
        }
        guard let leaf = chain.first, let description = try KeyDescription(certificate: leaf) else {
            throw .webAuthn(.androidKey, "there is no key description")
        }
        for certificate in chain.dropFirst() where certificate.extension(.androidKeyDescription) != nil {
            throw .webAuthn(.androidKey, "an issuer has a key description")
        }
        guard constantTimeEquals(description.challenge, challenge) else {
            throw .webAuthn(.keyChallenge, "another challenge")
        }
        try check(description)
        return description
    }

    /// Checks a description against these requirements.
    /// - Throws: `webauthn.key_protection`, `webauthn.key_boot_state`, `webauthn.key_application`.
    public func check(_ description: KeyDescription) throws(RumdulError) {
        guard description.attestationSecurityLevel >= leastLevel, description.keyMintSecurityLevel >= leastLevel else {
            throw .webAuthn(.keyProtection, "the security level")
        }
        let (hardware, software) = (description.hardwareEnforced, description.softwareEnforced)
        guard !hardware.allApplications, !software.allApplications else {
            throw .webAuthn(.keyProtection, "the key is for all applications")
        }
        let enforced = leastLevel == .software && hardware.origin == nil ? software : hardware
        guard enforced.origin == .generated else { throw .webAuthn(.keyProtection, "the origin") }
        guard !enforced.purposes.isEmpty, enforced.purposes.allSatisfy({ $0 == .sign }) else {
            throw .webAuthn(.keyProtection, "the purposes")
        }
        if needsVerifiedBoot {
            guard let root = hardware.rootOfTrust, root.isLocked, root.bootState == .verified else {
                throw .webAuthn(.keyBootState, "the boot state")
            }
        }
        if let leastPatchLevel {
            guard let level = hardware.osPatchLevel, level >= leastPatchLevel else {
                throw .webAuthn(.keyProtection, "the patch level")
            }
        }
        try checkApplication(software.application ?? hardware.application)
    }

    private func checkApplication(_ application: AttestedApplication?) throws(RumdulError) {
        if !packages.isEmpty {
            guard let names = application?.packages, !names.isEmpty, names.allSatisfy(packages.contains) else {
                throw .webAuthn(.keyApplication, "the package")
            }
        }
        if !signers.isEmpty {
            guard let digests = application?.signatureDigests, !digests.isEmpty, digests.allSatisfy(signers.contains)
            else { throw .webAuthn(.keyApplication, "the package's signer") }
        }
    }
}

import Kernel

/// How an authenticator attested (WebAuthn section 6.5.4).
public enum AttestationType: String, Sendable, CaseIterable {
    /// No attestation.
    case none
    /// The credential's own key signed.
    case selfAttested = "self"
    /// A key that authenticators of a batch share.
    case basic
    /// A key certified by an attestation authority, such as a TPM's.
    case attestationCA = "attca"
    /// A key certified anonymously for this one credential, such as Apple's.
    case anonymizationCA = "anonca"
}

/// What is known of the authenticator that made a credential.
public struct AttestationResult: Sendable {
    /// `fmt`.
    public let format: String
    public let type: AttestationType
    public let aaguid: AAGUID
    /// The certificates of the statement, leaf first.
    public let trustPath: [AttestationCertificate]
    /// Android's description of the key, with the format `android-key`.
    public let keyDescription: KeyDescription?
    /// True when the path leads to a root that is trusted for this authenticator.
    public internal(set) var isTrusted: Bool
    /// Why it is not trusted, for the log.
    public internal(set) var distrust: String?
    /// The authenticator's metadata, if known.
    public internal(set) var metadata: MetadataEntry?

    init(
        format: String, type: AttestationType, aaguid: AAGUID, trustPath: [AttestationCertificate] = [],
        keyDescription: KeyDescription? = nil
    ) {
        self.format = format
        self.type = type
        self.aaguid = aaguid
        self.trustPath = trustPath
        self.keyDescription = keyDescription
        isTrusted = false
        distrust = nil
        metadata = nil
    }
}

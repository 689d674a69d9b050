import COSE

/// What a relying party keeps of a credential (WebAuthn section 4, "credential record").
public struct CredentialRecord: Sendable {
    public var id: [UInt8]
    /// The public key, parsed once; ``COSE/COSEKey/encoded`` is its stored form.
    public var publicKey: COSEKey
    public var signCount: UInt32
    /// The person was verified with this credential at least once.
    public var userVerificationInitialized: Bool
    /// BE: it can be copied to other devices. Never changes.
    public var isBackupEligible: Bool
    /// BS: it is copied, at the moment.
    public var isBackedUp: Bool
    public var transports: [String]

    public init(
        id: [UInt8], publicKey: COSEKey, signCount: UInt32, userVerificationInitialized: Bool, isBackupEligible: Bool,
        isBackedUp: Bool, transports: [String] = []
    ) {
        self.id = id
        self.publicKey = publicKey
        self.signCount = signCount
        self.userVerificationInitialized = userVerificationInitialized
        self.isBackupEligible = isBackupEligible
        self.isBackedUp = isBackedUp
        self.transports = transports
    }

    /// How later options name it.
    public var descriptor: CredentialDescriptor { CredentialDescriptor(id: id, transports: transports) }
}

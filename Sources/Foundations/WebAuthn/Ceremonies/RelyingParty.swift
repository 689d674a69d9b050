import Kernel

/// A relying party: who it is, and from where its ceremonies are accepted (WebAuthn section 4).
public struct RelyingParty: Sendable {
    /// The identifier: a domain, the same as or above those of its origins.
    public var id: String
    /// The name that authenticators show.
    public var name: String
    public var origins: OriginPolicy
    /// What is asked of authenticators.
    public var attestation: AttestationPolicy

    public init(id: String, name: String, origins: OriginPolicy, attestation: AttestationPolicy = .standard) {
        self.id = id
        self.name = name
        self.origins = origins
        self.attestation = attestation
    }
}

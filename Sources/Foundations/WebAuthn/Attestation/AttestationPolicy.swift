import COSE
import Kernel

/// How much of an authenticator's attestation a relying party wants, and whom it trusts.
public struct AttestationPolicy: Sendable {
    /// What happens without a trusted statement.
    public enum Demand: Sendable {
        /// Statements must be genuine, yet need lead to no root.
        case optional
        /// A statement with certificates must lead to a root; none and self attestation are accepted.
        case trustedIfPresent
        /// Only authenticators whose statement leads to a root.
        case needed
    }

    public var demand: Demand
    /// Trust anchors by attestation format.
    public var roots: [String: [AttestationCertificate]]
    /// FIDO's metadata, with trust anchors by model.
    public var metadata: MetadataDirectory?
    /// Which models are accepted.
    public var authenticators: AuthenticatorPolicy
    public var revocationLists: [RevocationList]
    /// Formats in whose paths the root may stand at the end.
    public var formatsWithRoot: Set<String>
    /// Signature algorithms of statements; RS1 only in conformance mode.
    public var algorithms: Set<COSEAlgorithm>
    /// TPM makers that are accepted, as in `id:494E5443`; `nil` accepts any well-formed one.
    public var tpmManufacturers: Set<String>?
    /// FIDO's server requirements want AAGUID zero with `fido-u2f`; WebAuthn's own test vector has another.
    public var u2fNeedsZeroAAGUID: Bool
    /// The Android key's lists that are looked at: those of secure hardware alone, or both.
    public var androidNeedsHardware: Bool

    public init(
        demand: Demand = .optional, roots: [String: [AttestationCertificate]] = [:],
        metadata: MetadataDirectory? = nil, authenticators: AuthenticatorPolicy = AuthenticatorPolicy(),
        revocationLists: [RevocationList] = [], formatsWithRoot: Set<String> = ["android-key"],
        algorithms: Set<COSEAlgorithm> = .login, tpmManufacturers: Set<String>? = TPMManufacturers.known,
        u2fNeedsZeroAAGUID: Bool = true, androidNeedsHardware: Bool = true
    ) {
        self.demand = demand
        self.roots = roots
        self.metadata = metadata
        self.authenticators = authenticators
        self.revocationLists = revocationLists
        self.formatsWithRoot = formatsWithRoot
        self.algorithms = algorithms
        self.tpmManufacturers = tpmManufacturers
        self.u2fNeedsZeroAAGUID = u2fNeedsZeroAAGUID
        self.androidNeedsHardware = androidNeedsHardware
    }

    /// Statements are checked, nothing is demanded.
    public static let standard = AttestationPolicy()
}

/// Authenticator assurance (NIST SP 800-63B-4 section 2): ordered.
public enum AuthenticatorAssuranceLevel: Int, Sendable, Comparable, CaseIterable {
    case aal1 = 1
    case aal2 = 2
    case aal3 = 3

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What kind of passkey a credential is, and how high it can reach.
///
/// A key that can be copied to other devices (BE) reaches at most AAL2 (NIST SP 800-63B-4 appendix B). AAL3 wants a key
/// that cannot leave its hardware, which only a trusted attestation of hardware shows.
public enum PasskeyKind: String, Sendable, CaseIterable {
    /// BE is set: the maker of the platform may copy it.
    case synced
    /// Bound to one device, which nobody vouches for.
    case deviceBound = "device_bound"
    /// Bound to one device, in hardware that a trusted attestation vouches for.
    case attestedHardware = "attested_hardware"

    /// The kind of a new credential.
    public init(_ registration: Registration) {
        if registration.credential.isBackupEligible {
            self = .synced
        } else {
            self =
                registration.attestation.isTrusted && registration.attestation.showsHardware
                ? .attestedHardware : .deviceBound
        }
    }

    /// The highest level of this kind.
    public var ceiling: AuthenticatorAssuranceLevel { self == .attestedHardware ? .aal3 : .aal2 }

    /// The level that one use reaches: without user verification a passkey is one factor only.
    public func level(userVerified: Bool) -> AuthenticatorAssuranceLevel { userVerified ? ceiling : .aal1 }
}

extension AttestationResult {
    /// True when format or metadata say that the key is protected by hardware.
    public var showsHardware: Bool {
        switch format {
        case "tpm", "apple": return true
        case "android-key": return (keyDescription?.keyMintSecurityLevel ?? .software) >= .trustedEnvironment
        default: return metadata?.statement?.isHardwareProtected ?? false
        }
    }
}

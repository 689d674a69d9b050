import Kernel

/// Which models of authenticators are accepted.
public struct AuthenticatorPolicy: Sendable {
    /// Only these models; `nil` accepts all that nothing speaks against.
    public var allowed: Set<AAGUID>?
    /// Never these models.
    public var blocked: Set<AAGUID>
    /// Models without metadata are refused.
    public var needsMetadata: Bool
    /// The least level of FIDO's certification; `nil` wants none.
    public var leastLevel: CertificationLevel?
    /// Status reports that refuse a model.
    public var refusedStatuses: Set<AuthenticatorStatus>

    public init(
        allowed: Set<AAGUID>? = nil, blocked: Set<AAGUID> = [], needsMetadata: Bool = false,
        leastLevel: CertificationLevel? = nil, refusedStatuses: Set<AuthenticatorStatus> = AuthenticatorStatus.refused
    ) {
        self.allowed = allowed
        self.blocked = blocked
        self.needsMetadata = needsMetadata
        self.leastLevel = leastLevel
        self.refusedStatuses = refusedStatuses
    }

    /// Judges a model. An authenticator that is not trusted can claim any model, so lists of allowed models and levels
    /// want a trusted attestation.
    /// - Throws: `webauthn.authenticator_blocked`, `webauthn.authenticator_unknown`, `webauthn.authenticator_status`,
    ///   `webauthn.authenticator_level`, `webauthn.attestation_needed`.
    public func check(_ result: AttestationResult) throws(RumdulError) {
        guard !blocked.contains(result.aaguid) else { throw .webAuthn(.authenticatorBlocked, "blocked") }
        if allowed != nil || leastLevel != nil {
            guard result.isTrusted else { throw .webAuthn(.attestationNeeded, result.distrust ?? "not trusted") }
        }
        if let allowed, !allowed.contains(result.aaguid) { throw .webAuthn(.authenticatorBlocked, "not listed") }
        guard let entry = result.metadata else {
            guard !needsMetadata, leastLevel == nil else { throw .webAuthn(.authenticatorUnknown, "no metadata") }
            return
        }
        if let report = entry.reports.first(where: { refusedStatuses.contains($0.status) }) {
            throw .webAuthn(.authenticatorStatus, report.status.rawValue)
        }
        if let leastLevel {
            guard let level = entry.certificationLevel, level >= leastLevel else {
                throw .webAuthn(.authenticatorLevel, "certification level")
            }
        }
    }
}

/// FIDO's certification of authenticators (MDS3 section 3.1.4): ordered. `FIDO_CERTIFIED` is the older name of L1.
public enum CertificationLevel: Int, Sendable, Comparable, CaseIterable {
    case l1 = 10
    case l1plus = 15
    case l2 = 20
    case l2plus = 25
    case l3 = 30
    case l3plus = 35

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What FIDO reports of a model (MDS3 section 3.1.4). Unknown names are kept as they are.
public struct AuthenticatorStatus: RawRepresentable, Sendable, Hashable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let userVerificationBypass = Self(rawValue: "USER_VERIFICATION_BYPASS")
    public static let attestationKeyCompromise = Self(rawValue: "ATTESTATION_KEY_COMPROMISE")
    public static let userKeyRemoteCompromise = Self(rawValue: "USER_KEY_REMOTE_COMPROMISE")
    public static let userKeyPhysicalCompromise = Self(rawValue: "USER_KEY_PHYSICAL_COMPROMISE")
    public static let revoked = Self(rawValue: "REVOKED")

    /// The reports after which no relying party should accept a model.
    public static let refused: Set<AuthenticatorStatus> = [
        .userVerificationBypass, .attestationKeyCompromise, .userKeyRemoteCompromise, .userKeyPhysicalCompromise,
        .revoked,
    ]

    /// The certification level that a report states, if it states one.
    public var level: CertificationLevel? {
        switch rawValue {
        case "FIDO_CERTIFIED", "FIDO_CERTIFIED_L1": .l1
        case "FIDO_CERTIFIED_L1plus": .l1plus
        case "FIDO_CERTIFIED_L2": .l2
        case "FIDO_CERTIFIED_L2plus": .l2plus
        case "FIDO_CERTIFIED_L3": .l3
        case "FIDO_CERTIFIED_L3plus": .l3plus
        default: nil
        }
    }
}

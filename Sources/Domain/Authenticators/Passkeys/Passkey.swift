import Kernel
import WebAuthn

/// A passkey of a person: a WebAuthn credential (Web Authentication Level 3, section 4).
public struct Passkey: Sendable {
    /// Our identifier: `pk-` and a UUID. It stands wherever a device's identifier does.
    public var id: String
    public var personID: PersonID
    /// The name that the person gave it.
    public var name: String
    /// Whether it is copied between devices, bound to one, or bound to hardware that is vouched for.
    public var kind: PasskeyKind
    /// The authenticator's model.
    public var aaguid: AAGUID
    /// The attestation format it came with.
    public var attestation: String
    /// `pending` never occurs.
    public var state: DeviceState
    /// How well the person was proven when it was registered.
    public var ial: IdentityAssuranceLevel
    public var createdAt: Instant
    public var lastUsedAt: Instant?
    /// What the ceremonies need.
    var credential: CredentialRecord

    /// Whether it is copied at the moment (BS).
    public var isBackedUp: Bool { credential.isBackedUp }
    /// How options name it.
    public var descriptor: CredentialDescriptor { credential.descriptor }

    /// Whether an identifier is a passkey's and not a device's.
    public static func isIdentifier(_ id: String) -> Bool { id.utf8.starts(with: prefix.utf8) }

    static let prefix = "pk-"

    /// The factors that one use proves. What unlocked the authenticator (a finger, a face, its PIN) is not known, so
    /// user verification alone counts, and a passkey reaches the scheme's second level at most, whatever its hardware.
    public func factors(userVerified: Bool) -> Set<AuthenticationFactor> {
        var factors: Set<AuthenticationFactor> = [.possession, .userPresence, .phishingResistant]
        if userVerified { factors.insert(.userVerification) }
        factors.insert(kind == .attestedHardware ? .hardwareKey : .softwareKey)
        return factors
    }
}

extension RumdulError {
    /// There is no such passkey of this person.
    public static let passkeyNotFound = RumdulError(
        "passkey.not_found", .notFound, km: "រកមិនឃើញសោចូលនេះទេ។", en: "There is no such passkey.")

    /// The passkey is unknown here, blocked, revoked, or was not accepted. One answer for all.
    public static let passkeyRefused = RumdulError(
        "passkey.refused", .unauthenticated, km: "សោចូលនេះមិនត្រូវបានទទួលយកទេ។ សូមប្រើទូរស័ព្ទរបស់អ្នក។",
        en: "This passkey was not accepted. Please use your phone instead.")

    /// The registration took too long, or was sent twice.
    public static let passkeyStale = RumdulError(
        "passkey.stale", .gone, km: "ការចុះឈ្មោះសោនេះផុតកំណត់ហើយ។ សូមព្យាយាមម្តងទៀត។",
        en: "This registration has expired. Please try again.")

    /// The person has as many passkeys as are allowed.
    public static let passkeyLimit = RumdulError(
        "passkey.limit", .conflict, km: "អ្នកមានសោចូលច្រើនពេកហើយ។ សូមលុបសោចាស់មួយសិន។",
        en: "You have too many passkeys. Please remove an old one first.")

    /// The counter went back: the key may have been copied. The passkey is blocked.
    public static let passkeyCloned = RumdulError(
        "passkey.cloned", .unauthenticated, km: "សោចូលនេះអាចត្រូវបានគេចម្លង ហើយត្រូវបានបិទដើម្បីការពារអ្នក។",
        en: "This passkey may have been copied and is blocked to protect you.")
}

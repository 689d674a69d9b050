/// How well a person's identity was proven at enrolment (NIST SP 800-63A names; levels are ordered).
public enum IdentityAssuranceLevel: Int, Sendable, Comparable, Codable, CaseIterable {
    case ial1 = 1
    case ial2 = 2
    case ial3 = 3

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A factor that a person has really proven in one approval. Names in `amr` follow RFC 8176.
public enum AuthenticationFactor: String, Sendable, Codable, CaseIterable {
    /// The PIN, checked by the server through the PIN key.
    case pin
    /// Possession of a key (`pop`): a signature over a fresh challenge.
    case possession = "pop"
    /// The key lives in attested hardware (`hwk`).
    case hardwareKey = "hwk"
    /// The key lives in software (`swk`).
    case softwareKey = "swk"
    /// A fingerprint (`fpt`).
    case fingerprint = "fpt"
    /// A face (`face`).
    case face
    /// A finger or a face, whichever unlocked an attested key. `amr` has no name for it; with another factor it makes `mfa`.
    case biometric = "bio"
    /// User presence (`user`).
    case userPresence = "user"
    /// The authenticator verified its user, by a means that it does not tell: a finger, a face, or its own PIN (WebAuthn, UV).
    /// `amr` has no name for it; with possession it makes `mfa`.
    case userVerification = "uv"
    /// The key answers the right site alone (`phr`, OpenID EAP ACR Values 1.0): a site that pretends gets nothing of worth.
    case phishingResistant = "phr"
    /// A one-time code (`otp`): printed on a sheet, or sent.
    case oneTimeCode = "otp"
    /// A text message to the number that the register holds (`sms`).
    case textMessage = "sms"
    /// A printed PIN card (`card`; `amr` has no registered name): what one has, but paper that can be copied, so it counts for
    /// nothing beside the PIN.
    case pinCard = "card"
}

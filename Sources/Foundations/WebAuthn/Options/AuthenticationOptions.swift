import Codecs
import Kernel

/// What the browser gets to use a passkey: `PublicKeyCredentialRequestOptions` (WebAuthn section 5.5).
public struct AuthenticationOptions: Sendable {
    /// The relying party's identifier, a domain.
    public var relyingPartyID: String
    /// At least 16 random bytes (section 13.4.3).
    public var challenge: [UInt8]
    /// How long the browser waits, in milliseconds.
    public var timeout: Int
    /// Credentials that may be used; empty for discoverable credentials, and always with conditional mediation.
    public var allowed: [CredentialDescriptor]
    public var userVerification: UserVerificationRequirement
    public var hints: [PublicKeyCredentialHint]
    /// How the browser asks; goes beside the options into `navigator.credentials.get`.
    public var mediation: CredentialMediation
    /// Extension inputs (section 9).
    public var extensions: JSONObject

    public init(
        relyingPartyID: String, challenge: [UInt8], timeout: Int = 300_000, allowed: [CredentialDescriptor] = [],
        userVerification: UserVerificationRequirement = .required, hints: [PublicKeyCredentialHint] = [],
        mediation: CredentialMediation = .optional, extensions: JSONObject = [:]
    ) {
        self.relyingPartyID = relyingPartyID
        self.challenge = challenge
        self.timeout = timeout
        self.allowed = allowed
        self.userVerification = userVerification
        self.hints = hints
        self.mediation = mediation
        self.extensions = extensions
    }

    /// `PublicKeyCredentialRequestOptionsJSON` (section 5.1.9).
    /// - Throws: `webauthn.options` when a value breaks a limit.
    public func json() throws(RumdulError) -> JSONObject {
        guard !relyingPartyID.isEmpty else { throw .webAuthn(.options, "the relying party has no identifier") }
        guard (16...64).contains(challenge.count) else {
            throw .webAuthn(.options, "the challenge has \(challenge.count) bytes")
        }
        guard timeout > 0 else { throw .webAuthn(.options, "the timeout is not positive") }
        for descriptor in allowed { try descriptor.check() }
        guard mediation != .conditional || allowed.isEmpty else {
            throw .webAuthn(.options, "conditional mediation names no credentials")
        }
        var object: JSONObject = [
            "challenge": .string(Base64URL.encode(challenge)), "timeout": .integer(Int64(timeout)),
            "rpId": .string(relyingPartyID), "allowCredentials": .array(allowed.map(\.json)),
            "userVerification": .string(userVerification.rawValue),
        ]
        if !hints.isEmpty { object["hints"] = .strings(hints.map(\.rawValue)) }
        if !extensions.isEmpty { object["extensions"] = .object(extensions) }
        return object
    }
}

import COSE
import Codecs
import Kernel

/// What the browser gets to make a passkey: `PublicKeyCredentialCreationOptions` (WebAuthn section 5.4).
public struct RegistrationOptions: Sendable {
    /// The relying party's identifier, a domain.
    public var relyingPartyID: String
    /// The relying party's name.
    public var relyingPartyName: String
    /// The account.
    public var user: PasskeyUser
    /// At least 16 random bytes (section 13.4.3).
    public var challenge: [UInt8]
    /// The accepted algorithms, most wanted first.
    public var algorithms: [COSEAlgorithm]
    /// How long the browser waits, in milliseconds.
    public var timeout: Int
    /// Credentials that the account has already.
    public var excluded: [CredentialDescriptor]
    public var attachment: AuthenticatorAttachment?
    public var residentKey: ResidentKeyRequirement
    public var userVerification: UserVerificationRequirement
    public var hints: [PublicKeyCredentialHint]
    public var attestation: AttestationConveyance
    /// Which attestation formats are preferred, most wanted first.
    public var attestationFormats: [String]
    /// Extension inputs (section 9); `credProps` is asked for by default.
    public var extensions: JSONObject

    public init(
        relyingPartyID: String, relyingPartyName: String, user: PasskeyUser, challenge: [UInt8],
        algorithms: [COSEAlgorithm] = RegistrationOptions.standardAlgorithms, timeout: Int = 300_000,
        excluded: [CredentialDescriptor] = [], attachment: AuthenticatorAttachment? = nil,
        residentKey: ResidentKeyRequirement = .required, userVerification: UserVerificationRequirement = .required,
        hints: [PublicKeyCredentialHint] = [], attestation: AttestationConveyance = .none,
        attestationFormats: [String] = [], extensions: JSONObject = ["credProps": true]
    ) {
        self.relyingPartyID = relyingPartyID
        self.relyingPartyName = relyingPartyName
        self.user = user
        self.challenge = challenge
        self.algorithms = algorithms
        self.timeout = timeout
        self.excluded = excluded
        self.attachment = attachment
        self.residentKey = residentKey
        self.userVerification = userVerification
        self.hints = hints
        self.attestation = attestation
        self.attestationFormats = attestationFormats
        self.extensions = extensions
    }

    /// EdDSA, ES256 and RS256, the three that reach every authenticator, then the rest.
    public static let standardAlgorithms: [COSEAlgorithm] = [.edDSA, .es256, .rs256, .ps256, .es384, .es512]
    /// How many bytes a new challenge has.
    public static let challengeSize = 32

    /// A new random challenge.
    public static func newChallenge(_ ambient: Ambient) -> [UInt8] { ambient.randomBytes(challengeSize) }

    /// `PublicKeyCredentialCreationOptionsJSON` (section 5.1.8).
    /// - Throws: `webauthn.options` when a value breaks a limit.
    public func json() throws(RumdulError) -> JSONObject {
        try check()
        var selection: JSONObject = [
            "residentKey": .string(residentKey.rawValue), "requireResidentKey": .bool(residentKey == .required),
            "userVerification": .string(userVerification.rawValue),
        ]
        if let attachment { selection["authenticatorAttachment"] = .string(attachment.rawValue) }
        var object: JSONObject = [
            "rp": ["id": .string(relyingPartyID), "name": .string(relyingPartyName)],
            "user": [
                "id": .string(Base64URL.encode(user.handle)), "name": .string(user.name),
                "displayName": .string(user.displayName),
            ],
            "challenge": .string(Base64URL.encode(challenge)),
            "pubKeyCredParams": .array(algorithms.map { ["type": "public-key", "alg": .integer($0.rawValue)] }),
            "timeout": .integer(Int64(timeout)),
            "excludeCredentials": .array(excluded.map(\.json)),
            "authenticatorSelection": .object(selection),
            "attestation": .string(attestation.rawValue),
            "extensions": .object(extensions),
        ]
        if !hints.isEmpty { object["hints"] = .strings(hints.map(\.rawValue)) }
        if !attestationFormats.isEmpty { object["attestationFormats"] = .strings(attestationFormats) }
        return object
    }

    private func check() throws(RumdulError) {
        guard (1...PasskeyUser.longestHandle).contains(user.handle.count) else {
            throw .webAuthn(.options, "the user handle has \(user.handle.count) bytes")
        }
        guard !relyingPartyID.isEmpty else { throw .webAuthn(.options, "the relying party has no identifier") }
        guard (16...64).contains(challenge.count) else {
            throw .webAuthn(.options, "the challenge has \(challenge.count) bytes")
        }
        guard !algorithms.isEmpty else { throw .webAuthn(.options, "no algorithm is offered") }
        guard timeout > 0 else { throw .webAuthn(.options, "the timeout is not positive") }
        for descriptor in excluded { try descriptor.check() }
    }
}

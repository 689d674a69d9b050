import COSE
import Codecs
import Kernel

/// What a registration is checked against.
public struct RegistrationExpectation: Sendable {
    /// The challenge that was given out, once.
    public var challenge: [UInt8]
    public var userVerification: UserVerificationRequirement
    /// The algorithms that were offered.
    public var algorithms: Set<COSEAlgorithm>
    /// How the browser asked; presence may be missing with conditional creation alone.
    public var mediation: CredentialMediation
    /// The extensions that were asked for; `nil` accepts outputs of any.
    public var extensions: Set<String>?

    public init(
        challenge: [UInt8], userVerification: UserVerificationRequirement = .required,
        algorithms: Set<COSEAlgorithm> = .login, mediation: CredentialMediation = .optional,
        extensions: Set<String>? = nil
    ) {
        self.challenge = challenge
        self.userVerification = userVerification
        self.algorithms = algorithms
        self.mediation = mediation
        self.extensions = extensions
    }

    /// The expectation that belongs to options.
    public init(_ options: RegistrationOptions, mediation: CredentialMediation = .optional) {
        self.init(
            challenge: options.challenge, userVerification: options.userVerification,
            algorithms: Set(options.algorithms), mediation: mediation)
    }
}

/// A registration that passed every check. Before it is stored, the caller makes sure that no account has the identifier
/// (section 7.1 step 26), for which ``Kernel/RumdulError/webAuthn(_:_:)`` has `credentialRegistered`.
public struct Registration: Sendable {
    public let credential: CredentialRecord
    /// The authenticator's model.
    public let aaguid: AAGUID
    public let userPresent: Bool
    public let userVerified: Bool
    public let attestation: AttestationResult
    /// Whether the credential is discoverable, if the browser says so (`credProps.rk`).
    public let isDiscoverable: Bool?
    public let clientExtensions: JSONObject
    public let authenticatorExtensions: CBORMap?
    public let attachment: AuthenticatorAttachment?
}

extension RelyingParty {
    /// Registers a credential: all steps of WebAuthn section 7.1 that need no database.
    /// - Throws: `webauthn.*`, one code for each check.
    public func verify(
        _ response: RegistrationResponse, _ expected: RegistrationExpectation, at now: Instant
    ) throws(RumdulError) -> Registration {
        // Steps 5 to 12.
        let client = try ClientData(response.clientDataJSON)
        try client.check(.create, challenge: expected.challenge, origins: origins)
        // Steps 13 to 18.
        let object = try AttestationObject(response.attestationObject)
        let data = object.authenticatorData
        try data.check(
            relyingPartyIDs: [id], needsPresence: expected.mediation != .conditional,
            userVerification: expected.userVerification)
        guard let attested = data.credential else {
            throw .webAuthn(.authenticatorData, "there is no attested credential data")
        }
        // Steps 19 and 25.
        let key = try Self.key(attested.publicKeyBytes, offered: expected.algorithms)
        guard (1...CredentialDescriptor.longestID).contains(attested.credentialID.count) else {
            throw .webAuthn(.credentialID, "\(attested.credentialID.count) bytes")
        }
        guard attested.credentialID == response.id else {
            throw .webAuthn(.credentialID, "the browser names another identifier")
        }
        // Step 20.
        let outputs = try ExtensionOutputs(
            client: response.clientExtensions, authenticator: data.extensions, requested: expected.extensions)
        // Steps 21 to 24.
        let input = AttestationInput(
            statement: object.statement, authenticatorData: data, credential: attested, key: key,
            clientDataHash: client.hash, policy: attestation)
        let result = try attestation.judge(input.verifyAll(format: object.format), key: key, at: now)
        return Registration(
            credential: CredentialRecord(
                id: attested.credentialID, publicKey: key, signCount: data.signCount,
                userVerificationInitialized: data.flags.contains(.userVerified),
                isBackupEligible: data.flags.contains(.backupEligible),
                isBackedUp: data.flags.contains(.backupState), transports: response.transports),
            aaguid: attested.aaguid, userPresent: data.flags.contains(.userPresent),
            userVerified: data.flags.contains(.userVerified), attestation: result,
            isDiscoverable: outputs.isDiscoverable, clientExtensions: response.clientExtensions,
            authenticatorExtensions: data.extensions, attachment: response.attachment)
    }

    /// The credential's key; its algorithm must be one that was offered.
    private static func key(_ bytes: [UInt8], offered: Set<COSEAlgorithm>) throws(RumdulError) -> COSEKey {
        do {
            var rules = COSEKeyRules.webAuthn
            rules.algorithms = offered
            return try COSEKey(encoded: bytes, rules: rules)
        } catch {
            throw .webAuthn(error.code == "cose.algorithm" ? .algorithm : .publicKey, error.cause ?? "")
        }
    }
}

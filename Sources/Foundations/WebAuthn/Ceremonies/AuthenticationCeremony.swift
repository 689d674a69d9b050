import COSE
import Codecs
import Kernel

/// What an authentication is checked against.
public struct AuthenticationExpectation: Sendable {
    /// The challenge that was given out, once.
    public var challenge: [UInt8]
    public var userVerification: UserVerificationRequirement
    /// The identifiers that were asked for; empty accepts any of the account.
    public var allowed: [[UInt8]]
    /// True when the person was known before the ceremony; else the answer must name the account.
    public var isUserKnown: Bool
    /// An old FIDO identifier (`appid`) whose keys are accepted when the browser says that it used it.
    public var appID: String?
    /// Refuse a counter that did not rise. Otherwise the result says so and the caller decides.
    public var refusesClones: Bool
    /// The extensions that were asked for; `nil` accepts outputs of any.
    public var extensions: Set<String>?

    public init(
        challenge: [UInt8], userVerification: UserVerificationRequirement = .required, allowed: [[UInt8]] = [],
        isUserKnown: Bool = false, appID: String? = nil, refusesClones: Bool = false, extensions: Set<String>? = nil
    ) {
        self.challenge = challenge
        self.userVerification = userVerification
        self.allowed = allowed
        self.isUserKnown = isUserKnown
        self.appID = appID
        self.refusesClones = refusesClones
        self.extensions = extensions
    }

    /// The expectation that belongs to options.
    public init(_ options: AuthenticationOptions, isUserKnown: Bool) {
        self.init(
            challenge: options.challenge, userVerification: options.userVerification,
            allowed: options.allowed.map(\.id), isUserKnown: isUserKnown)
    }
}

/// What the signature counter says (section 6.1.1).
public enum CounterSignal: Sendable, Hashable {
    /// The authenticator does not count; both are zero.
    case notCounted
    /// It rose, as it should.
    case risen
    /// It did not rise: the key may have been copied, or the authenticator is faulty.
    case possibleClone(stored: UInt32, received: UInt32)
}

/// An authentication that passed every check.
public struct Authentication: Sendable {
    public let credentialID: [UInt8]
    public let userPresent: Bool
    public let userVerified: Bool
    public let isBackedUp: Bool
    /// The counter to store.
    public let signCount: UInt32
    public let counter: CounterSignal
    /// The credential verified the person for the first time; a further factor must have been proven before this is
    /// stored (section 7.2 step 23).
    public let mayInitializeUserVerification: Bool
    public let clientExtensions: JSONObject
    public let authenticatorExtensions: CBORMap?
}

extension CredentialRecord {
    /// Takes over what an authentication brought (section 7.2 step 24). The mark of user verification stays as it is.
    public mutating func update(with authentication: Authentication) {
        signCount = authentication.signCount
        isBackedUp = authentication.isBackedUp
    }
}

extension RelyingParty {
    /// Authenticates with a credential: all steps of WebAuthn section 7.2 that need no database.
    /// - Parameters:
    ///   - credential: the record that the answer's identifier names.
    ///   - userHandle: the handle of the record's account.
    /// - Throws: `webauthn.*`, one code for each check.
    public func verify(
        _ response: AuthenticationResponse, _ expected: AuthenticationExpectation, credential: CredentialRecord,
        userHandle: [UInt8]
    ) throws(RumdulError) -> Authentication {
        // Steps 5 and 6.
        guard response.id == credential.id else { throw .webAuthn(.credentialID, "another record") }
        guard expected.allowed.isEmpty || expected.allowed.contains(response.id) else {
            throw .webAuthn(.credentialNotAllowed, "not one of those that were asked for")
        }
        if let handle = response.userHandle {
            guard constantTimeEquals(handle, userHandle) else { throw .webAuthn(.userHandle, "another account") }
        } else {
            guard expected.isUserKnown else { throw .webAuthn(.userHandle, "the user handle is missing") }
        }
        // Steps 8 to 15.
        let client = try ClientData(response.clientDataJSON)
        try client.check(.get, challenge: expected.challenge, origins: origins)
        // Steps 16 to 20.
        let data = try AuthenticatorData(response.authenticatorData)
        let outputs = try ExtensionOutputs(
            client: response.clientExtensions, authenticator: data.extensions, requested: expected.extensions)
        var identifiers = [id]
        if outputs.usedAppID, let appID = expected.appID { identifiers = [appID] }
        try data.check(
            relyingPartyIDs: identifiers, needsPresence: true, userVerification: expected.userVerification)
        guard data.credential == nil else {
            throw .webAuthn(.authenticatorData, "attested credential data in an assertion")
        }
        guard data.flags.contains(.backupEligible) == credential.isBackupEligible else {
            throw .webAuthn(.backupEligibility, "BE is another one than at registration")
        }
        // Steps 21 and 22.
        guard credential.publicKey.isValid(response.signature, for: data.bytes + client.hash, form: .der) else {
            throw .webAuthn(.signature, "the credential's key did not sign this")
        }
        let signal = Self.counter(stored: credential.signCount, received: data.signCount)
        if expected.refusesClones, case .possibleClone = signal {
            throw .webAuthn(.counter, "the counter did not rise")
        }
        let verified = data.flags.contains(.userVerified)
        return Authentication(
            credentialID: credential.id, userPresent: data.flags.contains(.userPresent), userVerified: verified,
            isBackedUp: data.flags.contains(.backupState), signCount: data.signCount, counter: signal,
            mayInitializeUserVerification: verified && !credential.userVerificationInitialized,
            clientExtensions: response.clientExtensions, authenticatorExtensions: data.extensions)
    }

    /// Whether the credential's key made this answer, whatever else is wrong with it: a refused answer that is signed is a
    /// sign of a copied key, one that is not is anybody's.
    public func isSignature(_ response: AuthenticationResponse, of credential: CredentialRecord) -> Bool {
        guard let client = try? ClientData(response.clientDataJSON) else { return false }
        return credential.publicKey.isValid(
            response.signature, for: response.authenticatorData + client.hash, form: .der)
    }

    private static func counter(stored: UInt32, received: UInt32) -> CounterSignal {
        if stored == 0, received == 0 { return .notCounted }
        return received > stored ? .risen : .possibleClone(stored: stored, received: received)
    }
}

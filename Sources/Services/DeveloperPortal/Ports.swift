import Codecs
import Kernel

/// How developers prove who they are: the same approval on the device as for any relying party.
public protocol DeveloperLogin: Sendable {
    /// Where the browser goes to log in.
    /// - Parameters:
    ///   - state: comes back with the answer.
    ///   - codeChallenge: base64url SHA-256 of a secret that stays here (RFC 7636).
    func authorizationURL(state: String, codeChallenge: String, language: Language) -> String

    /// Who approved. Throws for a code that is forged, used or too old.
    func redeem(code: String, codeVerifier: String) async throws -> PersonID
}

/// What a trial login gave, with nothing sealed.
public struct TrialResult: Sendable {
    public var header: JSONObject
    public var idToken: JSONObject
    public var userInfo: JSONObject
    /// Attributes that were granted and that only the client's key would open.
    public var sealed: [String]
    public var scope: [String]
    /// Seconds of life of the access token.
    public var expiresIn: Int64
    public var isSenderConstrained: Bool

    public init(
        header: JSONObject, idToken: JSONObject, userInfo: JSONObject, sealed: [String], scope: [String],
        expiresIn: Int64, isSenderConstrained: Bool
    ) {
        self.header = header
        self.idToken = idToken
        self.userInfo = userInfo
        self.sealed = sealed
        self.scope = scope
        self.expiresIn = expiresIn
        self.isSenderConstrained = isSenderConstrained
    }
}

/// Logs a test person in at a sandbox client, without the client's keys.
public protocol TrialLogins: Sendable {
    /// Where the browser goes. Throws for a client outside of the sandbox.
    func begin(
        clientID: String, redirectURI: String, purpose: String, state: String, nonce: String, codeChallenge: String,
        language: Language
    ) async throws -> String

    /// What came. Throws for a code that is forged, used or too old.
    func finish(
        code: String, verifier: String, clientID: String, redirectURI: String, traceID: String
    ) async throws -> TrialResult
}

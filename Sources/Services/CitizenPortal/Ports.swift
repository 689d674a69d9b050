import Kernel

/// How a citizen proves who they are to these pages: the same approval on the device as for any relying party.
public protocol CitizenLogin: Sendable {
    /// Where the browser goes to log in.
    /// - Parameters:
    ///   - state: comes back with the answer.
    ///   - codeChallenge: base64url SHA-256 of a secret that stays here (RFC 7636).
    func authorizationURL(state: String, codeChallenge: String, language: Language) -> String

    /// Who approved. Throws for a code that is forged, used or too old.
    func redeem(code: String, codeVerifier: String) async throws -> PersonID
}

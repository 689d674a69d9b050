import Codecs
import Kernel

/// A finished login: who the person is to us, and the token for their data.
public struct Login: Sendable {
    /// The checked ID token.
    public let idToken: IDToken
    /// The access token for userinfo.
    public let accessToken: String
    /// Whether the access token is bound to our key (RFC 9449) and needs a proof with each use.
    public let isBound: Bool
    /// When the access token ends, if the provider said so.
    public let accessTokenExpiresAt: Instant?
    /// The scope granted, if the provider said so.
    public let scope: [String]?
}

extension RelyingParty {
    /// Finishes a login: checks the callback, redeems the code, checks the ID token.
    /// - Parameters:
    ///   - query: the query of the callback as it arrived, with or without the question mark.
    ///   - session: what ``authorizationRequest(_:)`` gave to keep for this browser. Forget it after this call,
    ///     whatever the outcome: it serves once.
    /// - Throws: `rp.authorization.access_denied` when the person said no, other `rp.authorization.*`, `rp.token.*`,
    ///   `rp.state_mismatch`, `rp.issuer_mismatch`, `rp.session_expired`, `rp.callback_malformed`, `rp.id_token`,
    ///   `rp.response`, `rp.acr`, `rp.unreachable`, `rp.answer_malformed`, `jose.*` as the cause of `rp.id_token`.
    public func handleCallback(_ query: String, session: LoginSession) async throws -> Login {
        let code = try await authorizationCode(query, session: session)
        let tokens = try await redeem(code, session: session)
        let idToken = try await verify(idToken: tokens.idToken, accessToken: tokens.accessToken, session: session)
        return Login(
            idToken: idToken, accessToken: tokens.accessToken, isBound: tokens.isBound,
            accessTokenExpiresAt: tokens.expiresAt, scope: tokens.scope)
    }

    /// The code in a callback, after state, issuer (RFC 9207) and age have been checked.
    func authorizationCode(_ query: String, session: LoginSession) async throws -> String {
        let parameters = try await answer(
            FormEncoding.decode(query.hasPrefix("?") ? String(query.dropFirst()) : query))
        guard let state = parameters["state"], constantTimeEquals(state.utf8, session.state.utf8) else {
            throw RumdulError.stateMismatch
        }
        let now = ambient.now()
        guard now <= session.startedAt.adding(seconds: configuration.sessionLifetime),
            session.startedAt <= now.adding(seconds: configuration.clockSkew)
        else { throw RumdulError.loginSessionExpired }
        if let issuer = parameters["iss"] {
            guard sameCodePoints(issuer, configuration.issuer) else { throw RumdulError.callbackIssuer }
        } else if try await requiresIssuer() {
            throw RumdulError.callbackIssuer
        }
        if let error = parameters["error"] { throw RumdulError.authorizationRefused(error) }
        guard let code = parameters["code"], !code.isEmpty else { throw RumdulError.callbackMalformed("no code") }
        return code
    }

    private func requiresIssuer() async throws -> Bool {
        if configuration.protection.requiresIssuer { return true }
        return try await cache.metadata().namesIssuerInResponses
    }
}

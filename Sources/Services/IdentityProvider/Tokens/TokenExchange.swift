import Codecs
import Database
import Kernel
import RelyingParties

/// Token exchange (RFC 8693) for delegation: a resource server turns a person's access token that was sent to it into
/// one for the next server, in its own name (`act`). The policy is the client's registration. A token so made says
/// less, ends sooner, dies with the same grant, and is not exchanged again.
extension TokenService {
    private static let accessTokenType = "urn:ietf:params:oauth:token-type:access_token"
    private static let jwtType = "urn:ietf:params:oauth:token-type:jwt"

    /// The longest life of an exchanged token in seconds.
    static let exchangedLifetime: Int64 = 120

    func exchangeToken(_ request: ClientRequest) async throws -> TokenResponse {
        let party = try await client(request, for: .tokenExchange)
        guard party.authentication.isConfidential, let policy = party.tokenExchange else {
            throw OAuthError("unauthorized_client", "token exchange is not registered for this client")
        }
        let subject = try await subjectToken(request, policy: policy)
        let target = try target(request, policy: policy)
        let scope = try Self.scope(request.form["scope"], subject: subject, policy: policy)
        let binding = try Self.binding(request.keys, party: party)
        guard let grantID = subject.grantID else { throw Self.unacceptable }
        try await database.read { connection in
            guard let item = try await self.store.find(grantID, in: connection), item.status == .redeemed else {
                throw Self.unacceptable
            }
            do { try await self.requireLiving(item, in: connection) } catch is OAuthError { throw Self.unacceptable }
        }
        let now = ambient.now().seconds
        let lifetime = min(subject.expiresAt - now, Self.exchangedLifetime, party.accessTokenLifetime)
        guard lifetime > 0 else { throw Self.unacceptable }
        let claims = AccessTokenClaims(
            subject: subject.subject, clientID: party.clientID, audience: target, scope: scope, issuedAt: now,
            expiresAt: now + lifetime, identifier: accessTokens.identifier(), grantID: grantID, binding: binding,
            acr: subject.acr, authTime: subject.authTime, actor: party.clientID)
        return TokenResponse(
            accessToken: try await accessTokens.issue(claims), binding: binding, expiresIn: lifetime, scope: scope,
            issuedTokenType: Self.accessTokenType)
    }

    /// One answer for every token that cannot be exchanged (RFC 8693, section 2.2.2).
    private static let unacceptable = OAuthError.invalidRequest(
        "subject_token is not a living access token of a person for a resource of this client")

    private func subjectToken(_ request: ClientRequest, policy: TokenExchangePolicy) async throws -> AccessTokenClaims {
        let form = request.form
        guard let token = form["subject_token"], let type = form["subject_token_type"] else {
            throw OAuthError.invalidRequest("subject_token and subject_token_type are needed")
        }
        guard type == Self.accessTokenType || type == Self.jwtType else {
            throw OAuthError.invalidRequest("subject_token_type must be access_token")
        }
        guard form["actor_token"] == nil, form["actor_token_type"] == nil else {
            throw OAuthError.invalidRequest("actor_token is not supported: the client itself is the actor")
        }
        if let wanted = form["requested_token_type"], wanted != Self.accessTokenType, wanted != Self.jwtType {
            throw OAuthError.invalidRequest("requested_token_type must be access_token")
        }
        guard let claims = try await accessTokens.claims(token)?.value, claims.grantID != nil, claims.actor == nil,
            claims.audience.contains(where: { name in policy.resources.contains { sameCodePoints($0, name) } })
        else { throw Self.unacceptable }
        return claims
    }

    /// `resource` and `audience` name the next server; all of them must be in the policy (RFC 8693, section 2.2.2:
    /// `invalid_target`). The provider itself is none: what userinfo tells was consented to for the person's own
    /// client.
    private func target(
        _ request: ClientRequest, policy: TokenExchangePolicy
    ) throws(OAuthError) -> [String] {
        let wanted = request.resources + [request.form["audience"]].compactMap(\.self)
        guard !wanted.isEmpty else {
            throw OAuthError("invalid_target", "resource or audience must name the next server")
        }
        for name in wanted
        where name == settings.issuer || !policy.audiences.contains(where: { sameCodePoints($0, name) }) {
            throw OAuthError("invalid_target", "the policy of this client does not allow this target")
        }
        var seen: Set<String> = []
        return wanted.filter { seen.insert($0).inserted }
    }

    /// What the subject's token has and the policy allows; asking for more is an error, asking for less is good.
    private static func scope(
        _ asked: String?, subject: AccessTokenClaims, policy: TokenExchangePolicy
    ) throws(OAuthError) -> [String] {
        let allowed = subject.scope.filter(policy.scopes.contains)
        guard let asked else {
            guard !allowed.isEmpty else { throw OAuthError("invalid_scope", "nothing in the token may be delegated") }
            return allowed
        }
        let words = Set(asked.words)
        guard !words.isEmpty, words.isSubset(of: allowed) else {
            throw OAuthError("invalid_scope", "the scope goes beyond the subject's token or this client's policy")
        }
        return allowed.filter(words.contains)
    }
}

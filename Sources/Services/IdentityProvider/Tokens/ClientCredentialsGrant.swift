import Codecs
import Database
import Kernel
import RelyingParties

/// The client credentials grant (RFC 6749 section 4.4): a token for the organisation itself. Nothing is written.
extension TokenService {
    func clientCredentials(_ request: ClientRequest) async throws -> TokenResponse {
        let party = try await client(request, for: .clientCredentials)
        guard party.authentication != .none else {
            throw OAuthError("unauthorized_client", "a public client has no credentials of its own")
        }
        var scope = party.scope
        if let asked = request.form["scope"] {
            scope = asked.words
            guard Set(scope).isSubset(of: party.scope) else {
                throw OAuthError("invalid_scope", "the scope is not registered for this client")
            }
        }
        for resource in request.resources where !party.resources.contains(resource) {
            throw OAuthError("invalid_target", "the resource is not registered for this client")
        }
        let binding = try Self.binding(request.keys, party: party)
        let now = ambient.now().seconds
        // The subject is the client itself; pairwise subjects have another form, so that neither passes for the other (RFC 9700, 4.15).
        let claims = AccessTokenClaims(
            subject: party.clientID, clientID: party.clientID,
            audience: request.resources.isEmpty ? [settings.issuer] : request.resources, scope: scope, issuedAt: now,
            expiresAt: now + party.accessTokenLifetime, identifier: accessTokens.identifier(), binding: binding,
            organisation: party.organisation?.code)
        return TokenResponse(
            accessToken: try await accessTokens.issue(claims), binding: binding, expiresIn: party.accessTokenLifetime,
            scope: scope)
    }
}

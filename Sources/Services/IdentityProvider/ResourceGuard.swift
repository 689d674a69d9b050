import Codecs
import HTTPTypes
import Hummingbird
import JOSE
import Kernel
import ProofOfPossession
import RelyingParties
import Web

/// A client that proved itself at a resource with an access token of its own (client credentials).
public struct ProvenClient: Sendable {
    public let party: RelyingParty
    /// The scopes of the token that the client is still registered for.
    public let scope: Set<String>
}

/// Lets clients in to resources of this node that are no part of the provider: checks the access token (RFC 6750), the
/// key that it is bound to (RFC 9449, RFC 8705), and that the client is still registered, as userinfo does.
public struct ResourceGuard: Sendable {
    let provider: IdentityProvider
    let keys: KeyPresentation

    /// The client behind a request. Throws `OAuthError` with the status to answer: no token at all is `invalid_token`
    /// with an empty description.
    public func client(_ request: Request, _ context: AppContext) async throws -> ProvenClient {
        var token = ""
        do {
            guard request.headers[values: .authorization].count <= 1 else { throw OAuthError.invalidToken }
            guard let header = request.headers.one(.authorization) else {
                throw OAuthError("invalid_token", "", status: 401)
            }
            guard let field = AuthorizationField(header), field.isScheme("bearer") || field.isScheme("dpop") else {
                throw OAuthError.invalidToken
            }
            token = String(field.credentials)
            return try await proven(token, isProof: field.isScheme("dpop"), request, context)
        } catch let error as OAuthError {
            note(error, token: token, request, context)
            throw error
        }
    }

    /// Gives a client that proves a key the nonce for its next proof.
    public func addNonce(to response: inout Response, after request: Request) async throws {
        guard Self.showsProof(request) else { return }
        try await keys.addNonce(to: &response)
    }

    /// Whether a request comes with a DPoP proof or a token of that kind.
    public static func showsProof(_ request: Request) -> Bool {
        if KeyPresentation.proofField.map({ request.headers.contains($0) }) ?? false { return true }
        return request.headers.one(.authorization).flatMap { AuthorizationField($0) }?.isScheme("dpop") ?? false
    }

    private func proven(
        _ token: String, isProof: Bool, _ request: Request, _ context: AppContext
    ) async throws -> ProvenClient {
        let shown = try await keys.read(request, context, path: request.uri.path, accessToken: token)
        guard let claims = try await provider.tokens.accessTokens.claims(token)?.value,
            claims.audience.contains(provider.settings.issuer)
        else { throw OAuthError.invalidToken }
        try UserInfoService.requireKey(claims.binding, shown, isProof: isProof)
        // A person's token opens nothing here, whatever its scope.
        guard claims.grantID == nil, claims.subject == claims.clientID else {
            throw OAuthError("invalid_token", "the token is not a client's own", status: 401)
        }
        guard let party = try await provider.parties.party(claims.clientID, in: provider.database) else {
            throw OAuthError.invalidToken
        }
        return ProvenClient(party: party, scope: Set(claims.scope).intersection(party.scope))
    }

    private func note(_ error: OAuthError, token: String, _ request: Request, _ context: AppContext) {
        guard let id = (try? JWT.unverifiedClaims(token).claims)?.string("client_id") else { return }
        provider.surroundings.events.refused(
            ClientRefusal(
                clientID: id, endpoint: request.uri.path, code: error.error, description: error.description,
                traceID: context.traceID, at: provider.ambient.now()))
    }
}

extension IdentityProvider {
    /// The guard of resources that take this provider's access tokens.
    public var resources: ResourceGuard {
        ResourceGuard(
            provider: self,
            keys: KeyPresentation(
                validator: DPoPValidator(memory: surroundings.replay),
                nonces: DPoPNonces(vault: vault, ambient: ambient),
                requiresNonce: settings.requiresProofNonce, issuer: settings.issuer, ambient: ambient))
    }
}

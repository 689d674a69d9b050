import Codecs
import Database
import Kernel
import RelyingParties

/// The pushed authorization request endpoint (RFC 9126): the client proves itself and hands over its whole request before the browser comes.
struct PushedRequests: Sendable {
    let database: any Database
    let authentication: ClientAuthenticator
    let resolver: RequestResolver
    let store: PushedRequestStore
    let policy: AssurancePolicy
    let ambient: Ambient

    /// Checks and stores a request; returns its `request_uri`. Throws `OAuthError`.
    func push(_ request: ClientRequest) async throws -> String {
        let client = try await authentication.authenticate(request)
        var outer = AuthorizationParameters(request.form, resources: request.resources)
        if let id = outer["client_id"], id != client.clientID {
            throw OAuthError.invalidRequest("client_id is not the client that proved itself")
        }
        outer["client_id"] = client.clientID
        for name in ["client_assertion", "client_assertion_type", "client_secret"] { outer[name] = nil }
        outer.proofThumbprint = request.keys.proofThumbprint
        var parameters = try await resolver.resolve(outer, client: client, isPushed: true)
        parameters.proofThumbprint = request.keys.proofThumbprint
        do {
            let uri = try AuthorizationRequest.trustedRedirect(parameters, client: client)
            _ = try AuthorizationRequest(parameters, client: client, redirectURI: uri, policy: policy)
        } catch let refusal as AuthorizationRequest.Refusal {
            throw refusal.error
        } catch let error as RumdulError {
            throw OAuthError.invalidRequest(error.message.en)
        }
        let secret = ambient.newSecret()
        let requestURI = PushedRequestStore.prefix + secret
        guard let id = PushedRequestStore.id(requestURI) else { throw RumdulError.internal("request_uri") }
        let expires = ambient.now().adding(seconds: PushedRequestStore.lifetime)
        let objectID = parameters.objectID
        parameters.objectID = nil
        try await database.transaction { [parameters] connection in
            // A signed request is pushed once: the one that comes back was captured.
            if let objectID {
                guard try await store.spend(objectID, for: id, now: expires, in: connection) else {
                    throw OAuthError("invalid_request_object", "the jti of the request object was used before")
                }
            }
            try await store.insert(
                id, clientID: client.clientID, parameters: parameters, expiresAt: expires, in: connection)
        }
        return requestURI
    }
}

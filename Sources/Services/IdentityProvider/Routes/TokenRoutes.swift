import Codecs
import HTTPTypes
import Hummingbird
import Kernel
import Web

/// The endpoints that clients call with their own credentials: token, pushed requests, introspection, revocation.
struct TokenRoutes: Sendable {
    let provider: IdentityProvider
    let endpoint: ClientEndpoint

    func add(to router: AppRouter) {
        router.post(
            "/token",
            use: endpoint.handler(path: "/token") { client, _, _ in
                let answer = try await provider.tokens.exchange(client)
                noteLogin(client)
                return JSONResponse(bytes: answer.json, headers: noStore).response
            })
        router.post(
            "/par",
            use: endpoint.handler(path: "/par") { client, _, _ in
                let pushed = try await provider.pushedRequests.push(client)
                var writer = JSONWriter(capacity: 160)
                writer.beginObject()
                writer.member("request_uri", pushed)
                writer.member("expires_in", PushedRequestStore.lifetime)
                writer.endObject()
                return JSONResponse(bytes: writer.bytes, status: .created, headers: noStore).response
            })
        router.post(
            "/introspect",
            use: endpoint.handler(path: "/introspect") { client, request, _ in
                let answer = try await provider.introspection.respond(client, accept: request.headers.one(.accept))
                return JSONResponse(bytes: answer.body, headers: noStore, contentType: answer.contentType).response
            })
        router.post(
            "/revoke",
            use: endpoint.handler(path: "/revoke") { client, _, _ in
                try await provider.introspection.revoke(client)
                return Response(status: .ok, headers: noStore)
            })
    }

    /// Counts a person's login: the first tokens of a grant.
    private func noteLogin(_ client: ClientRequest) {
        let first: [TokenService.Grant] = [.authorizationCode, .ciba, .deviceCode]
        guard let grant = client.form["grant_type"], first.contains(where: { $0.rawValue == grant }),
            let id = client.claimedID
        else { return }
        provider.surroundings.events.loggedIn(clientID: id, at: provider.ambient.now())
    }

    /// Answers with tokens are never stored (RFC 6749, section 5.1).
    private var noStore: HTTPFields { [.cacheControl: "no-store"] }
}

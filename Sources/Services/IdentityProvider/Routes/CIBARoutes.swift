import HTTPTypes
import Hummingbird
import Kernel
import Web

/// The backchannel authentication endpoint (OpenID CIBA Core 1.0, section 7).
struct CIBARoutes: Sendable {
    let provider: IdentityProvider
    let endpoint: ClientEndpoint

    static let path = "/connect/ciba"

    func add(to router: AppRouter) {
        router.post(
            "/connect/ciba",
            use: endpoint.handler(path: Self.path) { client, _, context in
                do {
                    let answer = try await provider.ciba.start(client)
                    return JSONResponse(bytes: answer.json, headers: [.cacheControl: "no-store"]).response
                } catch let error as OAuthError where error == CIBAService.overBudget {
                    var response = endpoint.body(error, context: context)
                    response.headers[.retryAfter] = "300"
                    endpoint.note(
                        error,
                        clientID: client.claimedID,
                        path: Self.path, context: context)
                    return response
                }
            })
    }
}

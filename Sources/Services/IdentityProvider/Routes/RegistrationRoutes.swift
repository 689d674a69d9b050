import Codecs
import HTTPTypes
import Hummingbird
import Kernel
import RelyingParties
import Web

/// Dynamic client registration and its management (RFC 7591, RFC 7592). Without an initial access token nothing is registered.
struct RegistrationRoutes: Sendable {
    let registration: ClientRegistration
    let endpoint: ClientEndpoint
    let limiter: RateLimiter

    func add(to router: AppRouter) {
        router.post("/connect/register", use: register)
        router.get("/connect/register/{client}") { request, context in
            try await managed(request, context) { id, token in
                try await registration.read(id, registrationAccessToken: token).metadata
            }
        }
        router.put("/connect/register/{client}") { request, context in
            let body = try await body(request, context)
            return try await managed(request, context) { id, token in
                guard let body else { throw Self.malformed }
                return try await registration.replace(id, body, registrationAccessToken: token).metadata
            }
        }
        router.delete("/connect/register/{client}") { request, context in
            try await managed(request, context) { id, token in
                try await registration.delete(id, registrationAccessToken: token)
                return nil
            }
        }
    }

    private static let malformed = OAuthError("invalid_client_metadata", "the body is not a JSON object")

    private func register(_ request: Request, _ context: AppContext) async throws -> Response {
        try limiter.require("register:" + context.clientAddress)
        let body = try await body(request, context)
        return try await answer(context) {
            guard let token = bearer(request) else { throw OAuthError.invalidToken }
            guard let body else { throw Self.malformed }
            let answer = try await registration.register(body, initialAccessToken: token)
            return JSONResponse(.object(answer.metadata), status: .created, headers: noStore).response
        }
    }

    private func managed(
        _ request: Request, _ context: AppContext, work: (String, String) async throws -> JSONObject?
    ) async throws -> Response {
        try limiter.require("register:" + context.clientAddress)
        return try await answer(context) {
            guard let token = bearer(request) else { throw OAuthError.invalidToken }
            guard let metadata = try await work(try context.pathParameter("client"), token) else {
                return Response(status: .noContent, headers: noStore)
            }
            return JSONResponse(.object(metadata), headers: noStore).response
        }
    }

    private func answer(_ context: AppContext, work: () async throws -> Response) async throws -> Response {
        do { return try await work() } catch let error as ClientRegistrationError {
            return refuse(OAuthError(error.error, error.description, status: error.status), context)
        } catch let error as OAuthError {
            return refuse(error, context)
        }
    }

    private func refuse(_ error: OAuthError, _ context: AppContext) -> Response {
        var response = endpoint.body(error, context: context)
        if error.status == 401 { response.headers[.wwwAuthenticate] = "Bearer error=\"\(error.error)\"" }
        return response
    }

    private func body(_ request: Request, _ context: AppContext) async throws -> JSONObject? {
        do { return try await JSONBody.object(request, context: context) } catch let error as RumdulError {
            guard error.kind == .invalid else { throw error }
            return nil
        }
    }

    private func bearer(_ request: Request) -> String? {
        guard let parts = request.headers[.authorization]?.split(separator: " "), parts.count == 2,
            parts[0].lowercased() == "bearer"
        else { return nil }
        return String(parts[1])
    }

    private var noStore: HTTPFields { [.cacheControl: "no-store"] }
}

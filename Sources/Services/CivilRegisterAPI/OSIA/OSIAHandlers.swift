import Hummingbird
import Kernel
import Web

extension CivilRegisterAPI {
    /// A handler behind the proof of the caller and one of several scopes; what it throws becomes OSIA's `Error`.
    func osia(
        by scopes: RegisterScope..., handle: @escaping Handler
    ) -> @Sendable (Request, AppContext) async throws -> Response {
        { request, context in
            var response: Response
            do {
                let client = try await self.client(request, context)
                guard scopes.contains(where: { client.scopes.contains($0.rawValue) }) else {
                    throw RumdulError.apiScope(scopes.map(\.rawValue).joined(separator: " "))
                }
                response = try await handle(client, request, context)
            } catch {
                response = OSIAError.response(error, context)
            }
            try await clients.complete(&response, after: request)
            return response
        }
    }
}

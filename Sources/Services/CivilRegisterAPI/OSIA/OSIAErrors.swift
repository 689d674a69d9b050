import Codecs
import HTTPTypes
import Hummingbird
import Kernel
import Web

/// The numbers in OSIA's `Error`. The specification gives none but an example (1023); these are ours and stable.
enum OSIACode {
    static let badRequest = 1000
    static let unauthenticated = 1001
    static let forbidden = 1003
    static let notFound = 1004
    static let conflict = 1009
    static let unknownAttribute = 1023
    static let forbiddenAttribute = 1024
    static let noValue = 1025
    static let tooMany = 1029
    static let unexpected = 1050

    static func of(_ status: HTTPResponse.Status) -> Int {
        switch status.code {
        case 401: unauthenticated
        case 403: forbidden
        case 404: notFound
        case 409: conflict
        case 429: tooMany
        case 500...: unexpected
        default: badRequest
        }
    }

    /// OSIA's `Error`: `{"code": 1023, "message": "..."}`.
    static func json(_ code: Int, _ message: String) -> JSONValue {
        ["code": .integer(Int64(code)), "message": .string(message)]
    }
}

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
                response = Self.osiaAnswer(error, context)
            }
            try await clients.complete(&response, after: request)
            return response
        }
    }

    private static func osiaAnswer(_ error: any Error, _ context: AppContext) -> Response {
        let (known, status) = context.known(error)
        let language = context.language
        let fields = known.fields.map { "\($0.field): \($0.message[language])" }
        let message = ([known.message[language]] + fields).joined(separator: " ")
        var response = JSONResponse(
            OSIACode.json(OSIACode.of(status), message), status: status, headers: [.cacheControl: "no-store"]
        ).response
        if let challenge = known.challenge { response.headers[.wwwAuthenticate] = challenge }
        if let seconds = known.retryAfter { response.headers[.retryAfter] = String(seconds) }
        return response.logged(errorCode: known.code)
    }
}

import Codecs
import HTTPTypes
import Hummingbird
import Kernel

/// How interfaces of OSIA (ITU-T X.1281) refuse: its `Error` `{"code", "message"}`. The specification gives no numbers but an
/// example (1023); these are ours and stable, the same for all of its interfaces.
public enum OSIAError {
    public static let badRequest = 1000
    public static let unauthenticated = 1001
    public static let forbidden = 1003
    public static let notFound = 1004
    public static let conflict = 1009
    public static let unknownAttribute = 1023
    public static let forbiddenAttribute = 1024
    public static let noValue = 1025
    public static let tooMany = 1029
    public static let unexpected = 1050

    private static func number(_ status: HTTPResponse.Status) -> Int {
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

    /// `{"code": 1023, "message": "..."}`.
    public static func json(_ number: Int, _ message: String) -> JSONValue {
        ["code": .integer(Int64(number)), "message": .string(message)]
    }

    /// The answer to a request that ended with an error. The message is in the language of the request, with what is wrong
    /// at each field and our own code at its end.
    public static func response(_ error: any Error, _ context: AppContext) -> Response {
        let (known, status) = context.known(error)
        let language = context.language
        let fields = known.fields.map { "\($0.field): \($0.message[language])" }
        let message = ([known.message[language]] + fields + ["(\(known.code))"]).joined(separator: " ")
        var headers: HTTPFields = [.cacheControl: "no-store"]
        if let challenge = known.challenge { headers[.wwwAuthenticate] = challenge }
        if let seconds = known.retryAfter { headers[.retryAfter] = String(seconds) }
        return JSONResponse(json(number(status), message), status: status, headers: headers).response
            .logged(errorCode: known.code)
    }
}

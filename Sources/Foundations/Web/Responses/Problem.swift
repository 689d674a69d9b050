import Codecs
import HTTPTypes
import Hummingbird
import Kernel

/// A problem document (RFC 9457): `type` is the address of the page that explains the error (`ErrorPages`), `title` and
/// `detail` are in the language of the reader; extension members `code`, `message` (both languages), `traceId`, `errors` (refused fields) and the error's own numbers.
public struct Problem: Sendable {
    /// The error that the document tells of.
    public var error: RumdulError
    /// The HTTP status.
    public var status: HTTPResponse.Status
    /// What kind of problem it is: a URI.
    public var type: String

    /// - Parameter status: nil: the status that belongs to the kind of the error.
    /// - Parameter type: the address of the page about the error; `nil` when there is none.
    public init(_ error: RumdulError, status: HTTPResponse.Status? = nil, type: String? = nil) {
        self.error = error
        self.status = status ?? Problem.status(of: error.kind)
        self.type = type ?? "urn:rumdul:error:" + error.code
    }

    /// The document as JSON text.
    public func bytes(language: Language, traceID: String) -> [UInt8] {
        var writer = JSONWriter(capacity: 640)
        writer.beginObject()
        writer.member("type", type)
        writer.member("title", (error.title ?? Problem.title(status))[language])
        writer.member("status", status.code)
        writer.member("detail", error.message[language])
        writer.member("code", error.code)
        writer.name("message")
        Problem.write(error.message, to: &writer)
        writer.member("traceId", traceID)
        for (name, value) in error.members.sorted(by: { $0.key < $1.key }) { writer.member(name, value) }
        if !error.fields.isEmpty {
            writer.name("errors")
            writer.beginArray()
            for field in error.fields {
                writer.beginObject()
                writer.member("field", field.field)
                writer.member("detail", field.message[language])
                writer.name("message")
                Problem.write(field.message, to: &writer)
                writer.endObject()
            }
            writer.endArray()
        }
        writer.endObject()
        return writer.bytes
    }

    /// The answer `application/problem+json`.
    public func response(language: Language, traceID: String) -> Response {
        let body = bytes(language: language, traceID: traceID)
        var response = Response(
            status: status,
            headers: [.contentType: "application/problem+json", .contentLanguage: language.rawValue],
            body: .init(byteBuffer: ByteBuffer(bytes: body)))
        Problem.addRetry(error, to: &response)
        if status == .unauthorized || status == .forbidden, let scheme = error.challenge {
            response.headers[.wwwAuthenticate] = scheme
        }
        return response.logged(errorCode: error.code)
    }

    private static func write(_ text: LocalizedText, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("km", text.km)
        writer.member("en", text.en)
        writer.endObject()
    }

    static func addRetry(_ error: RumdulError, to response: inout Response) {
        if let seconds = error.retryAfter { response.headers[.retryAfter] = String(seconds) }
    }

    /// The HTTP status of a kind of error.
    public static func status(of kind: ErrorKind) -> HTTPResponse.Status {
        switch kind {
        case .invalid: .badRequest
        case .unauthenticated: .unauthorized
        case .forbidden: .forbidden
        case .notFound: .notFound
        case .conflict: .conflict
        case .gone: .gone
        case .precondition: .preconditionFailed
        case .tooLarge: .contentTooLarge
        case .unsupportedMedia: .unsupportedMediaType
        case .rateLimited: .tooManyRequests
        case .unavailable: .serviceUnavailable
        case .internal: .internalServerError
        }
    }

    /// What a status means, in few words.
    static func title(_ status: HTTPResponse.Status) -> LocalizedText {
        switch status.code {
        case 400, 422: LocalizedText(km: "សំណើមិនត្រឹមត្រូវ", en: "The request is not valid")
        case 401: LocalizedText(km: "ត្រូវចូលប្រើជាមុន", en: "Login needed")
        case 403: LocalizedText(km: "មិនអនុញ្ញាត", en: "Not allowed")
        case 404: LocalizedText(km: "រកមិនឃើញ", en: "Not found")
        case 405: LocalizedText(km: "វិធីហៅមិនត្រឹមត្រូវ", en: "Method not allowed")
        case 409: LocalizedText(km: "មានទំនាស់ទិន្នន័យ", en: "Conflict")
        case 410: LocalizedText(km: "លែងមានទៀតហើយ", en: "No longer there")
        case 412: LocalizedText(km: "មិនទាន់អាចធ្វើបាន", en: "Not possible in this state")
        case 413: LocalizedText(km: "ទិន្នន័យធំពេក", en: "Too large")
        case 415: LocalizedText(km: "ប្រភេទទិន្នន័យមិនត្រឹមត្រូវ", en: "Wrong type of data")
        case 429: LocalizedText(km: "សំណើច្រើនពេក", en: "Too many requests")
        case 503: LocalizedText(km: "មិនទាន់អាចប្រើបាន", en: "Not available just now")
        default: LocalizedText(km: "មានបញ្ហា", en: "Something went wrong")
        }
    }
}

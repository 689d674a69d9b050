import Codecs
import Crypto
import HTTPTypes
import Hummingbird
import NIOCore

/// An answer whose bytes and header fields are computed once: discovery documents, key sets, styles, scripts. It has
/// a strong
/// entity tag and answers `If-None-Match` with 304 (RFC 9110, sections 8.8.3 and 13.1.2). Serving it allocates next
/// to nothing.
public struct StaticAnswer: ResponseGenerator, Sendable {
    /// How long an answer may be kept.
    public enum Caching: Sendable {
        /// Ask again each time.
        case revalidate
        /// Keep for so many seconds.
        case seconds(Int)
        /// The address changes with the content: keep for a year.
        case immutable

        var value: String {
            switch self {
            case .revalidate: "no-cache"
            case .seconds(let seconds): "public, max-age=\(seconds)"
            case .immutable: "public, max-age=31536000, immutable"
            }
        }
    }

    /// The strong entity tag, with its quotes.
    public let entityTag: String
    private let full: Response
    private let unchanged: Response

    /// - Parameters:
    ///   - anyOrigin: whether scripts of other sites may read it (`Access-Control-Allow-Origin: *`). Only for public
    /// documents.
    public init(
        _ bytes: [UInt8], contentType: String = "application/json", caching: Caching = .revalidate,
        anyOrigin: Bool = false, settings: WebSettings
    ) {
        let tag = "\"" + Base64URL.encode(Array(SHA256.hash(data: bytes).prefix(12))) + "\""
        var fields = SecurityHeaders(settings).api
        fields.append(HTTPField(name: .contentType, value: contentType))
        fields.append(HTTPField(name: .cacheControl, value: caching.value))
        fields.append(HTTPField(name: .eTag, value: tag))
        if anyOrigin { fields.append(HTTPField(name: .accessControlAllowOrigin, value: "*")) }
        var bare = fields
        bare[.contentType] = nil
        unchanged = Response(status: .notModified, headers: bare)
        entityTag = tag
        full = Response(status: .ok, headers: fields, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// The answer to one request: whole, or 304 when the client has it.
    public func response(to request: Request) -> Response {
        guard let known = request.headers.one(.ifNoneMatch) else { return full }
        return StaticAnswer.matches(known, entityTag) ? unchanged : full
    }

    public func response(from request: Request, context: some RequestContext) -> Response { response(to: request) }

    /// Weak comparison of a list of entity tags (RFC 9110, section 8.8.3.2).
    static func matches(_ list: String, _ tag: String) -> Bool {
        if list == "*" { return true }
        for part in list.split(separator: ",").prefix(64) {
            var item = part.drop { $0 == " " || $0 == "\t" }
            while item.last == " " || item.last == "\t" { item.removeLast() }
            if item.hasPrefix("W/") { item = item.dropFirst(2) }
            if item == tag[...] { return true }
        }
        return false
    }
}

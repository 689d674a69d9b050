import Codecs
import HTTPTypes
import Hummingbird
import Kernel
import NIOCore

/// An answer in JSON. Not cached unless it says so.
public struct JSONResponse: ResponseGenerator, Sendable {
    /// The JSON text.
    public var bytes: [UInt8]
    /// The HTTP status.
    public var status: HTTPResponse.Status
    /// Further header fields.
    public var headers: HTTPFields
    /// The media type.
    public var contentType: String

    /// An answer whose JSON text is written already (`JSONWriter`); the fast way.
    public init(
        bytes: [UInt8], status: HTTPResponse.Status = .ok, headers: HTTPFields = [:],
        contentType: String = "application/json"
    ) {
        self.bytes = bytes
        self.status = status
        self.headers = headers
        self.contentType = contentType
    }

    /// An answer from any JSON value.
    public init(
        _ value: JSONValue, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:],
        contentType: String = "application/json"
    ) {
        self.init(bytes: JSON.bytes(value), status: status, headers: headers, contentType: contentType)
    }

    /// The response itself.
    public var response: Response {
        var fields: HTTPFields = [:]
        fields.reserveCapacity(headers.count + 2)
        fields.append(HTTPField(name: .contentType, value: contentType))
        fields.append(contentsOf: headers)
        return Response(status: status, headers: fields, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    public func response(from request: Request, context: some RequestContext) -> Response { response }
}

/// A page as finished markup. Pages with the common frame come from ``Pages``.
public struct HTMLResponse: ResponseGenerator, Sendable {
    /// The markup, trusted.
    public var markup: String
    /// The HTTP status.
    public var status: HTTPResponse.Status
    /// Further header fields.
    public var headers: HTTPFields

    public init(_ markup: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) {
        self.markup = markup
        self.status = status
        self.headers = headers
    }

    /// The response itself.
    public var response: Response {
        var fields: HTTPFields = [:]
        fields.append(HTTPField(name: .contentType, value: "text/html; charset=utf-8"))
        fields.append(contentsOf: headers)
        return Response(status: status, headers: fields, body: .init(byteBuffer: ByteBuffer(string: markup)))
    }

    public func response(from request: Request, context: some RequestContext) -> Response { response }
}

/// An answer without content.
public struct EmptyResponse: ResponseGenerator, Sendable {
    public init() {}

    public func response(from request: Request, context: some RequestContext) -> Response {
        Response(status: .noContent)
    }
}

/// Redirects. Never 307 or 308: a form's content must not travel on (RFC 9700, section 4.12).
public enum Redirect {
    /// 303: get the location, whatever the method of this request was. For the answer to a form.
    public static func seeOther(_ location: String) -> Response { make(.seeOther, location) }

    /// 302: for the answer to a GET.
    public static func found(_ location: String) -> Response { make(.found, location) }

    /// 303 after a form, 302 after a GET.
    public static func to(_ location: String, after request: Request) -> Response {
        request.method == .get || request.method == .head ? found(location) : seeOther(location)
    }

    private static func make(_ status: HTTPResponse.Status, _ location: String) -> Response {
        Response(status: status, headers: [.location: safe(location)])
    }

    /// The location with every byte that a header field cannot hold percent-encoded.
    static func safe(_ location: String) -> String {
        if location.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) { return location }
        let hex = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in location.utf8 {
            if byte > 0x20 && byte < 0x7F {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// True for a path on this server that may be redirected to: begins with one `/`, no `//`, no backslash, no
    /// control byte.
    public static func isLocal(_ path: String) -> Bool {
        let bytes = Array(path.utf8.prefix(2049))
        guard bytes.count <= 2048, bytes.first == UInt8(ascii: "/") else { return false }
        if bytes.count > 1, bytes[1] == UInt8(ascii: "/") || bytes[1] == UInt8(ascii: "\\") { return false }
        return bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }
    }
}

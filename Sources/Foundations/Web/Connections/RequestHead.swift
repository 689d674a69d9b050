import HTTPTypes
import NIOHTTP1

/// Turns the head of a request as the parser gives it into the form that handlers read.
enum RequestHead {
    /// - Throws: `HTTPParserError` for a request without exactly one `Host` (RFC 9112, section 3.2) or with an impossible
    ///   method.
    static func convert(_ head: HTTPRequestHead) throws(HTTPParserError) -> HTTPRequest {
        var fields = HTTPFields()
        fields.reserveCapacity(head.headers.count)
        var host: String?
        for (name, value) in head.headers {
            guard let name = known[name] ?? HTTPField.Name(name) else { continue }
            if name == FieldNames.host {
                guard host == nil else { throw .invalidHeaderToken }
                host = value
            } else {
                fields.append(HTTPField(name: name, value: value))
            }
        }
        guard host != nil || head.version != .http1_1 else { throw .invalidHeaderToken }
        guard let method = method(head.method) else { throw .invalidMethod }
        return HTTPRequest(
            method: method, scheme: "http", authority: host, path: path(head.uri), headerFields: fields)
    }

    private static func method(_ method: HTTPMethod) -> HTTPRequest.Method? {
        switch method {
        case .GET: .get
        case .POST: .post
        case .HEAD: .head
        default: HTTPRequest.Method(method.rawValue)
        }
    }

    /// The path and query of a request target (RFC 9112, section 3.2): all of it, but for the absolute form.
    private static func path(_ target: String) -> String {
        let bytes = target.utf8
        guard bytes.first != UInt8(ascii: "/"), let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            bytes[colon...].starts(with: "://".utf8)
        else { return target }
        let authority = bytes.index(colon, offsetBy: 3)
        guard
            let start = bytes[authority...].firstIndex(where: {
                $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?")
            })
        else { return "/" }
        return bytes[start] == UInt8(ascii: "/") ? String(target[start...]) : "/" + target[start...]
    }

    /// Names as clients mostly write them, so that they need not be checked and lowered each time.
    private static let known: [String: HTTPField.Name] = {
        var known: [String: HTTPField.Name] = [:]
        let names = [
            "Host", "User-Agent", "Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Connection",
            "Content-Length", "Content-Type", "Cookie", "DPoP", "If-None-Match", "Origin", "Referer", "Sec-Fetch-Dest",
            "Sec-Fetch-Mode", "Sec-Fetch-Site", "Sec-Fetch-User", "Transfer-Encoding", "Upgrade-Insecure-Requests",
            "X-Forwarded-For", "X-Forwarded-Proto", "Cache-Control", "traceparent",
        ]
        for name in names {
            known[name] = HTTPField.Name(name)
            known[name.lowercased()] = HTTPField.Name(name.lowercased())
        }
        return known
    }()
}

private enum FieldNames {
    static let host = HTTPField.Name.constant("Host")
}

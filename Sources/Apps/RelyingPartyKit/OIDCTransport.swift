/// One HTTP request to the provider.
public struct OIDCRequest: Sendable {
    /// `GET` or `POST`.
    public var method: String
    /// The whole address.
    public var url: String
    /// Header fields; names in lower case.
    public var headers: [(name: String, value: String)]
    /// The body.
    public var body: [UInt8]

    public init(method: String, url: String, headers: [(name: String, value: String)], body: [UInt8] = []) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// One HTTP answer of the provider.
public struct OIDCResponse: Sendable {
    /// The status code.
    public var status: Int
    /// `Content-Type`, if there was one.
    public var contentType: String?
    /// The body, at most 1 MiB.
    public var body: [UInt8]
    /// Header fields; names in lower case. `DPoP-Nonce` and `WWW-Authenticate` are looked at.
    public var headers: [(name: String, value: String)]

    public init(status: Int, contentType: String?, body: [UInt8], headers: [(name: String, value: String)] = []) {
        self.status = status
        self.contentType = contentType
        self.body = body
        self.headers = headers
    }

    /// The first field of a name in lower case.
    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    /// The media type without parameters, in lower case.
    var mediaType: String {
        let type = (contentType ?? "").prefix { $0 != ";" }.lowercased()
        return String(type.filter { $0 != " " && $0 != "\t" })
    }
}

/// Carries requests to the provider: verifies TLS, follows no redirects, bounds time and size.
public protocol OIDCTransport: Sendable {
    /// Sends one request and gives the answer, whatever its status.
    /// - Throws: `rp.unreachable` when no answer came.
    func send(_ request: OIDCRequest) async throws -> OIDCResponse
}

/// One HTTP request of the device, complete: the transport only carries it.
public struct DeviceRequest: Sendable {
    /// `GET` or `POST`.
    public var method: String
    /// The whole address.
    public var url: String
    /// The part of the address after the host: path and query.
    public var target: String
    /// Header fields in order; names in lower case.
    public var headers: [(name: String, value: String)]
    /// The body; empty for `GET`.
    public var body: [UInt8]
    /// How long to wait for the whole answer, in seconds.
    public var timeout: Int

    public init(
        method: String, url: String, target: String, headers: [(name: String, value: String)], body: [UInt8],
        timeout: Int
    ) {
        self.method = method
        self.url = url
        self.target = target
        self.headers = headers
        self.body = body
        self.timeout = timeout
    }
}

/// One HTTP answer.
public struct DeviceResponse: Sendable {
    /// The status code.
    public var status: Int
    /// The body, at most 1 MiB.
    public var body: [UInt8]

    public init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// Carries requests to the server. An app brings its platform's HTTP client; tests bring a server in memory.
///
/// An implementation follows no redirects, bounds the answer at 1 MiB, honours the timeout, verifies TLS, and throws
/// `device.server_unreachable` when no answer came.
public protocol DeviceTransport: Sendable {
    /// Sends one request and gives the answer, whatever its status.
    func send(_ request: DeviceRequest) async throws -> DeviceResponse
}

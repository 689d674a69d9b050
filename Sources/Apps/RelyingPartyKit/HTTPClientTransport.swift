import AsyncHTTPClient
import Kernel
import NIOCore

/// The transport on AsyncHTTPClient: no redirects, 10 seconds for each request, answers of at most 1 MiB.
public struct HTTPClientTransport: OIDCTransport {
    private let client: HTTPClient
    private let timeout: TimeAmount

    /// - Parameters:
    ///   - client: a client of the application; it must not follow redirects. `nil` makes one of our own, which
    ///     ``shutdown()`` closes.
    ///   - timeout: the limit for each request, in seconds.
    public init(client: HTTPClient? = nil, timeout: Int64 = 10) {
        self.timeout = .seconds(timeout)
        if let client {
            self.client = client
        } else {
            var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
            configuration.timeout.connect = .seconds(5)
            self.client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        }
    }

    public func send(_ request: OIDCRequest) async throws -> OIDCResponse {
        var outgoing = HTTPClientRequest(url: request.url)
        outgoing.method = .RAW(value: request.method)
        for header in request.headers { outgoing.headers.add(name: header.name, value: header.value) }
        if !request.body.isEmpty { outgoing.body = .bytes(request.body) }
        do {
            let response = try await client.execute(outgoing, timeout: timeout)
            let body = try await response.body.collect(upTo: 1 << 20)
            return OIDCResponse(
                status: Int(response.status.code), contentType: response.headers.first(name: "content-type"),
                body: Array(body.readableBytesView),
                headers: response.headers.map { (name: $0.name.lowercased(), value: $0.value) })
        } catch is NIOTooManyBytesError {
            throw RumdulError.providerAnswer("longer than 1 MiB")
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw RumdulError.providerUnreachable.because("\(type(of: error))")
        }
    }

    /// Closes the connections.
    public func shutdown() async throws { try await client.shutdown() }
}

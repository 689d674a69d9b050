import AsyncHTTPClient
import DeviceKit
import Kernel
import NIOCore

/// Carries the device's requests with AsyncHTTPClient: no redirects, answers of at most 1 MiB, a time limit for each.
struct DeviceHTTPTransport: DeviceTransport {
    private let client: HTTPClient

    init() {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(10)
        configuration.httpVersion = .http1Only
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func send(_ request: DeviceRequest) async throws -> DeviceResponse {
        var outgoing = HTTPClientRequest(url: request.url)
        outgoing.method = .RAW(value: request.method)
        for header in request.headers { outgoing.headers.add(name: header.name, value: header.value) }
        if !request.body.isEmpty { outgoing.body = .bytes(request.body) }
        do {
            let response = try await client.execute(outgoing, timeout: .seconds(Int64(request.timeout)))
            let body = try await response.body.collect(upTo: 1 << 20)
            return DeviceResponse(status: Int(response.status.code), body: Array(body.readableBytesView))
        } catch is NIOTooManyBytesError {
            throw RumdulError.answerMalformed("longer than 1 MiB")
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw RumdulError.serverUnreachable.because("\(type(of: error))")
        }
    }

    /// Closes the connections.
    func shutdown() async throws { try await client.shutdown() }
}

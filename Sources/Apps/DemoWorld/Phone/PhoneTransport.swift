import AsyncHTTPClient
import DeviceKit
import Kernel
import NIOCore

/// Carries the phone's requests to the provider, as an app would: over HTTP, without redirects, with limits.
struct PhoneTransport: DeviceTransport {
    let client: HTTPClient

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
}

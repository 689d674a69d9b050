import Foundation
import Kernel

/// One answer.
struct HTTPAnswer {
    var status: Int
    /// Names in lower case.
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    var text: String { String(decoding: body, as: UTF8.self) }
}

/// A keep-alive connection on a blocking socket: the measuring side shall cost as little as possible, since it shares
/// the machine with the server.
final class HTTPConnection {
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        guard connected == 0 else { throw RumdulError.bench("no connection to port \(port)") }
    }

    deinit { close(descriptor) }

    /// The bytes of a request, to be made once.
    static func request(
        _ method: String, _ target: String, _ headers: [(String, String)] = [], body: [UInt8] = []
    ) -> [UInt8] {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if !body.isEmpty || method == "POST" { head += "Content-Length: \(body.count)\r\n" }
        return Array((head + "\r\n").utf8) + body
    }

    /// Sends a request and waits for its answer.
    func send(_ request: [UInt8]) throws -> HTTPAnswer {
        var sent = 0
        while sent < request.count {
            let count = request.withUnsafeBytes { write(descriptor, $0.baseAddress.map { $0 + sent }, $0.count - sent) }
            guard count > 0 else { throw RumdulError.bench("the connection broke") }
            sent += count
        }
        var end = headEnd()
        while end == nil {
            try receive()
            end = headEnd()
        }
        let length = end ?? 0
        var answer = try HTTPConnection.parse(buffer[..<length])
        let size = answer.header("content-length").flatMap { Int($0) }
        guard let size = answer.status == 304 || answer.status == 204 ? 0 : size else {
            throw RumdulError.bench("an answer without a length")
        }
        while buffer.count < length + size { try receive() }
        answer.body = Array(buffer[length..<(length + size)])
        buffer.removeFirst(length + size)
        return answer
    }

    /// Where the body begins, once the whole head is here.
    private func headEnd() -> Int? {
        buffer.withUnsafeBufferPointer { bytes -> Int? in
            var index = 3
            while index < bytes.count {
                // Steps of more than one byte where the byte cannot be part of the end.
                switch bytes[index] {
                case 10:
                    if bytes[index - 1] == 13, bytes[index - 2] == 10, bytes[index - 3] == 13 { return index + 1 }
                    index += 2
                case 13: index += 1
                default: index += 4
                }
            }
            return nil
        }
    }

    private func receive() throws {
        var failed = false
        let old = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: 16_384))
        let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress.map { $0 + old }, 16_384) }
        if count <= 0 { failed = true }
        buffer.removeLast(16_384 - max(0, count))
        if failed { throw RumdulError.bench("no answer") }
    }

    private static func parse(_ head: ArraySlice<UInt8>) throws -> HTTPAnswer {
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw RumdulError.bench("not an answer")
        }
        let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (line[..<colon].lowercased(), String(line[line.index(after: colon)...].drop { $0 == " " }))
        }
        return HTTPAnswer(status: status, headers: headers, body: [])
    }
}

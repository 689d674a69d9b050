import HTTPTypes
import HummingbirdCore
import NIOCore

/// The head of an answer on its way into bytes (RFC 9112, sections 4 to 6).
struct AnswerHead: Sendable {
    /// How the end of the body is told (RFC 9112, section 6.3).
    enum Framing: Sendable {
        /// There is none: the answer to HEAD, or a status without a body.
        case none
        /// `Content-Length` says it.
        case length
        case chunked
        /// The connection ends with it: for HTTP/1.0.
        case untilClose
    }

    let status: HTTPResponse.Status
    let fields: HTTPFields
    let framing: Framing
    private let mayHaveLength: Bool
    private let isOld: Bool

    /// - Parameters:
    ///   - isHead: whether the request's method was HEAD.
    ///   - isOld: whether the client speaks HTTP/1.0, which knows no chunks.
    init(_ response: Response, isHead: Bool, isOld: Bool) {
        status = response.status
        fields = response.headers
        self.isOld = isOld
        let code = response.status.code
        // RFC 9110, sections 15.3.5 and 15.4.5; RFC 9112, section 6.1.
        mayHaveLength = code >= 200 && code != 204 && code != 304
        if isHead || !mayHaveLength {
            framing = .none
        } else if fields.contains(.contentLength) {
            framing = .length
        } else {
            framing = isOld ? .untilClose : .chunked
        }
    }

    /// Status line, fields, `Date`, and what the framing needs.
    /// - Parameter closes: whether this is the connection's last answer.
    func write(into buffer: inout ByteBuffer, closes: Bool) {
        if status.code == 200 {
            buffer.writeStaticString("HTTP/1.1 200 OK\r\n")
        } else {
            buffer.writeString("HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n")
        }
        for field in fields {
            if field.name == .transferEncoding || field.name == .connection { continue }
            if field.name == .contentLength, !mayHaveLength { continue }
            buffer.writeString(field.name.rawName)
            buffer.writeStaticString(": ")
            field.withUnsafeBytesOfValue { _ = buffer.writeBytes($0) }
            buffer.writeStaticString("\r\n")
        }
        if framing == .chunked { buffer.writeStaticString("Transfer-Encoding: chunked\r\n") }
        if closes {
            buffer.writeStaticString("Connection: close\r\n")
        } else if isOld {
            buffer.writeStaticString("Connection: keep-alive\r\n")
        }
        buffer.writeStaticString("Date: ")
        buffer.writeString(HTTPDate.now)
        buffer.writeStaticString("\r\n\r\n")
    }

    /// A part of the body in its framing.
    func frame(_ part: ByteBuffer, into buffer: inout ByteBuffer) {
        switch framing {
        case .none: break
        case .length, .untilClose: buffer.writeImmutableBuffer(part)
        case .chunked:
            // A chunk of no bytes would end the body.
            guard part.readableBytes > 0 else { return }
            buffer.writeString(String(part.readableBytes, radix: 16))
            buffer.writeStaticString("\r\n")
            buffer.writeImmutableBuffer(part)
            buffer.writeStaticString("\r\n")
        }
    }

    /// What ends the body.
    func end(into buffer: inout ByteBuffer) {
        if framing == .chunked { buffer.writeStaticString("0\r\n\r\n") }
    }
}

import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Synchronization

/// An answer as a browser sees it.
public struct TestPage: Sendable {
    public let status: Int
    public let headers: HTTPFields
    public let text: String
    public let bytes: [UInt8]

    public var location: String? { headers[.location] }

    /// The value of the first input of this name; `nil` when there is none or it has no value.
    public func input(_ name: String) -> String? {
        guard let start = text.firstRange(of: "name=\"\(name)\"") else { return nil }
        let rest = text[start.upperBound...].prefix { $0 != ">" }
        guard let value = rest.firstRange(of: " value=\"") else { return nil }
        return String(rest[value.upperBound...].prefix { $0 != "\"" })
    }

    /// The text of the page without its markup.
    public var words: String { text.replacing(/<[^>]*>/, with: " ") }
}

/// A browser without scripts in front of an application under test: keeps cookies, sends forms.
public final class TestBrowser: Sendable {
    private let client: any TestClientProtocol
    private let cookies = Mutex<[String: String]>([:])
    private let language: String

    public init(_ client: any TestClientProtocol, language: String = "km") {
        self.client = client
        self.language = language
    }

    public func get(_ path: String) async throws -> TestPage { try await send(path, .get, [:], nil) }

    public func post(_ path: String, _ fields: [(String, String)]) async throws -> TestPage {
        let body = fields.map { "\(Self.encode($0.0))=\(Self.encode($0.1))" }.joined(separator: "&")
        return try await send(
            path, .post, [.contentType: "application/x-www-form-urlencoded"], ByteBuffer(string: body))
    }

    private func send(
        _ path: String, _ method: HTTPRequest.Method, _ headers: HTTPFields, _ body: ByteBuffer?
    ) async throws -> TestPage {
        var headers = headers
        headers[.acceptLanguage] = language
        headers[.accept] = "text/html"
        let jar = cookies.withLock { $0 }
        if !jar.isEmpty { headers[.cookie] = jar.map { "\($0.key)=\($0.value)" }.joined(separator: "; ") }
        let page = try await client.execute(uri: path, method: method, headers: headers, body: body) { response in
            TestPage(
                status: response.status.code, headers: response.headers, text: String(buffer: response.body),
                bytes: Array(buffer: response.body))
        }
        for field in page.headers[values: .setCookie] {
            let pair = field.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            cookies.withLock { $0[String(pair[0])] = String(pair[1]) }
        }
        return page
    }

    private static func encode(_ text: String) -> String {
        text.utf8.map { byte in
            let plain = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            return plain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}

import Authenticators
import Codecs
import DatabaseTesting
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import NIOCore
import Synchronization
import Testing
import Web

@testable import IdentityProvider

/// An answer as a browser sees it.
struct Page: Sendable {
    let status: Int
    let headers: HTTPFields
    let text: String

    var location: String { headers[.location] ?? "" }

    /// The stable code of an error page.
    var error: String? { between("data-error=\"", "\"") }

    /// The value of the first input of this name.
    func input(_ name: String) -> String? { between("name=\"\(name)\" value=\"", "\"") }

    func between(_ start: String, _ end: String) -> String? {
        guard let from = text.firstRange(of: start) else { return nil }
        let rest = text[from.upperBound...]
        return rest.firstRange(of: end).map { String(rest[..<$0.lowerBound]) }
    }

    var json: JSONObject { get throws { try JSON.parseObject(Array(text.utf8)) } }
}

/// A browser: keeps cookies, sends forms.
final class Browser: Sendable {
    private let client: any TestClientProtocol
    private let cookies = Mutex<[String: String]>([:])
    private let language: String?

    init(_ client: any TestClientProtocol, language: String? = "en") {
        self.client = client
        self.language = language
    }

    func get(_ path: String, headers: HTTPFields = [:]) async throws -> Page {
        try await send(path, .get, headers, nil)
    }

    func post(_ path: String, _ fields: [(String, String)], headers: HTTPFields = [:]) async throws -> Page {
        var headers = headers
        if headers[.contentType] == nil { headers[.contentType] = "application/x-www-form-urlencoded" }
        return try await send(path, .post, headers, Self.encode(fields))
    }

    func send(_ path: String, _ method: HTTPRequest.Method, _ fields: HTTPFields, _ body: String?) async throws -> Page
    {
        var headers = fields
        if let language { headers[.acceptLanguage] = language }
        if headers[.accept] == nil { headers[.accept] = "text/html" }
        let jar = cookies.withLock { $0 }
        if !jar.isEmpty { headers[.cookie] = jar.map { "\($0.key)=\($0.value)" }.joined(separator: "; ") }
        let page = try await client.execute(
            uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) }
        ) { response in
            Page(status: response.status.code, headers: response.headers, text: String(buffer: response.body))
        }
        for field in page.headers[values: .setCookie] {
            let pair = field.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            cookies.withLock { $0[String(pair[0])] = String(pair[1]) }
        }
        return page
    }

    static func encode(_ fields: [(String, String)]) -> String {
        func one(_ text: String) -> String {
            text.utf8.map { byte in
                let plain = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                return plain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }.joined()
        }
        return fields.map { "\(one($0.0))=\(one($0.1))" }.joined(separator: "&")
    }

    static func authorize(_ client: String = "bank", change: (inout [String: String]) -> Void = { _ in }) -> String {
        var parameters = World.parameters(client)
        change(&parameters)
        return "/authorize?" + encode(parameters.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }
}

extension World {
    static func serve(
        _ kind: DatabaseKind = .sqlite, _ test: @escaping @Sendable (World, any TestClientProtocol) async throws -> Void
    ) async throws {
        try await run(kind) { world in
            let settings = WebSettings(baseURL: issuer, accessLog: false)
            let web = try WebApplication(settings: settings, templates: [IdentityProvider.templates])
            world.provider.addRoutes(to: web.router, settings: settings)
            try await web.application().test(.router) { client in try await test(world, client) }
        }
    }
}

import Accountability
import Codecs
import Database
import DatabaseTesting
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import Logging
import NIOCore
import OfficerDesk
import ReferenceData
import Synchronization
import Testing
import Web

@testable import Enrolment

/// An answer as a browser sees it.
struct Page: Sendable {
    let status: Int
    let headers: HTTPFields
    let text: String

    var location: String? { headers[.location] }

    /// The value of the first input of this name.
    func input(_ name: String) throws -> String {
        let start = try #require(text.firstRange(of: "name=\"\(name)\" value=\""))
        return String(text[start.upperBound...].prefix { $0 != "\"" })
    }

    var json: JSONObject { get throws { try JSON.parseObject(Array(text.utf8)) } }
}

/// A browser: keeps cookies, sends forms.
final class Browser: Sendable {
    private let client: any TestClientProtocol
    private let cookies = Mutex<[String: String]>([:])
    let language: String

    init(_ client: any TestClientProtocol, language: String = "km") {
        self.client = client
        self.language = language
    }

    func get(_ path: String, headers: HTTPFields = [:]) async throws -> Page {
        try await send(path, .get, headers, nil)
    }

    func post(_ path: String, _ fields: [(String, String)], headers: HTTPFields = [:]) async throws -> Page {
        let body = fields.map { "\(Self.encode($0.0))=\(Self.encode($0.1))" }.joined(separator: "&")
        var headers = headers
        headers[.contentType] = "application/x-www-form-urlencoded"
        return try await send(path, .post, headers, ByteBuffer(string: body))
    }

    func postJSON(_ path: String, _ body: [UInt8]) async throws -> Page {
        try await send(path, .post, [.contentType: "application/json"], ByteBuffer(bytes: body))
    }

    private func send(
        _ path: String, _ method: HTTPRequest.Method, _ headers: HTTPFields, _ body: ByteBuffer?
    ) async throws -> Page {
        var headers = headers
        headers[.acceptLanguage] = language
        if headers[.accept] == nil, body == nil || headers[.contentType] != "application/json" {
            headers[.accept] = "text/html"
        }
        let jar = cookies.withLock { $0 }
        if !jar.isEmpty { headers[.cookie] = jar.map { "\($0.key)=\($0.value)" }.joined(separator: "; ") }
        let page = try await client.execute(uri: path, method: method, headers: headers, body: body) { response in
            Page(
                status: response.status.code, headers: response.headers, text: String(buffer: response.body))
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

    /// Signs an officer in.
    func signIn(_ username: String = "officer.one", password: String = World.password) async throws -> Page {
        let csrf = try await get("/enrol/login").input("csrf")
        return try await post("/enrol/login", [("csrf", csrf), ("username", username), ("password", password)])
    }
}

extension World {
    /// Serves enrolment to a test, with two officers and a supervisor in the directory.
    static func serve(
        _ kind: DatabaseKind, _ test: @escaping @Sendable (World, any TestClientProtocol) async throws -> Void
    ) async throws {
        try await run(kind) { world in
            for (name, role, area) in [
                ("officer.one", Role.enrolmentOfficer, "12"), ("officer.far", .enrolmentOfficer, "17"),
                ("boss.one", .enrolmentSupervisor, "12"), ("auditor.one", .auditor, "12"),
            ] {
                _ = try await world.directory.create(
                    OfficerDraft(
                        username: name, displayName: LocalizedText(km: name, en: name),
                        organisation: Organisation(code: "gdi", name: LocalizedText(km: "អគ្គនាយកដ្ឋាន", en: "GDI")),
                        grants: [Grant(role, in: .area(area))]), password: password, by: .system("test"))
            }
            let settings = WebSettings(baseURL: issuer, accessLog: false)
            let web = try WebApplication(
                settings: settings, templates: [EnrolmentPages.templates, OfficerDesk.templates])
            let reference = ReferenceData(database: world.database)
            try await reference.install()
            try await EnrolmentRoutes(
                service: world.service, directory: world.directory, reference: reference, database: world.database,
                vault: world.vault, ambient: world.clock.ambient, settings: settings,
                assist: AssistDesk(
                    database: world.database, officers: world.directory, ledger: world.ledger,
                    ambient: world.clock.ambient)
            ).add(to: web.router)
            try await web.application().test(.router) { client in try await test(world, client) }
        }
    }
}

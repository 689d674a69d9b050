import Accountability
import Codecs
import Crypto
import Database
import DatabaseTesting
import DeviceKit
import Enrolment
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JOSE
import Kernel
import KeyVault
import Ledger
import Logging
import PopulationRegister
import Synchronization
import Testing

@testable import RumdulServer

/// Carries a device's requests to a server in the same process.
struct InProcessTransport: DeviceTransport {
    let client: any TestClientProtocol

    func send(_ request: DeviceRequest) async throws -> DeviceResponse {
        var headers: HTTPFields = [:]
        for (name, value) in request.headers { headers[HTTPField.Name(name) ?? .age] = value }
        return try await client.execute(
            uri: request.target, method: HTTPRequest.Method(request.method) ?? .get, headers: headers,
            body: request.body.isEmpty ? nil : ByteBuffer(bytes: request.body)
        ) { DeviceResponse(status: $0.status.code, body: Array(buffer: $0.body)) }
    }
}

/// A browser with its cookies.
final class Browser: Sendable {
    struct Page: Sendable {
        let status: Int
        let headers: HTTPFields
        let text: String

        var location: String { headers[.location] ?? "" }
        var json: JSONObject { get throws { try JSON.parseObject(Array(text.utf8)) } }

        func between(_ start: String, _ end: String) -> String? {
            guard let from = text.firstRange(of: start) else { return nil }
            let rest = text[from.upperBound...]
            return rest.firstRange(of: end).map { String(rest[..<$0.lowerBound]) }
        }

        func query(_ name: String) -> String? {
            guard let from = location.firstRange(of: name + "=") else { return nil }
            return String(location[from.upperBound...].prefix { $0 != "&" })
        }
    }

    private let client: any TestClientProtocol
    private let jar = Mutex<[String: String]>([:])

    init(_ client: any TestClientProtocol) { self.client = client }

    func get(_ path: String, _ extra: HTTPFields = [:]) async throws -> Page { try await send(path, .get, extra, nil) }

    func post(_ path: String, _ fields: [(String, String)], _ extra: HTTPFields = [:]) async throws -> Page {
        var headers = extra
        headers[.contentType] = "application/x-www-form-urlencoded"
        let body = fields.map { $0.0 + "=" + Self.encode($0.1) }.joined(separator: "&")
        return try await send(path, .post, headers, body)
    }

    private func send(_ path: String, _ method: HTTPRequest.Method, _ extra: HTTPFields, _ body: String?) async throws
        -> Page
    {
        var headers = extra
        headers[.accept] = "text/html"
        let cookies = jar.withLock { $0 }
        if !cookies.isEmpty { headers[.cookie] = cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ") }
        let page = try await client.execute(
            uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) }
        ) { Page(status: $0.status.code, headers: $0.headers, text: String(buffer: $0.body)) }
        for field in page.headers[values: .setCookie] {
            let pair = field.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            jar.withLock { $0[String(pair[0])] = String(pair[1]) }
        }
        return page
    }

    static func encode(_ text: String) -> String {
        text.utf8.map { byte in
            let plain = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            return plain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}

/// A node in a folder of its own.
struct NodeFixture: Sendable {
    static let baseURL = "http://127.0.0.1:8080"

    static func configuration(_ location: DatabaseLocation, folder: TemporaryFolder) -> Configuration {
        var configuration = Configuration()
        configuration.dataDirectory = folder.path + "/data"
        configuration.baseURL = baseURL
        configuration.logLevel = "error"
        configuration.databaseConnections = 4
        switch location {
        case .sqlite(let path): configuration.database = "sqlite:" + path
        case .postgresql(let url): configuration.database = url
        }
        return configuration
    }

    static func with(
        _ kind: DatabaseKind, _ test: @escaping @Sendable (Configuration) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try await TestDatabases.withLocation(kind) { location in
            try await test(configuration(location, folder: folder))
        }
    }

    static let draft = PersonDraft(
        names: [
            PersonName(khmer: NameParts(family: "សុខ", given: "ដារ៉ា"), latin: NameParts(family: "SOK", given: "Dara"))
        ], sex: .male, birth: Birth(date: PartialDate(iso: "1990-04-13")),
        contacts: [Contact(.phone, "012 345 678")], source: FactSource(kind: "enrolment", reference: "packet-1"))
}

@Suite("A node")
struct NodeTests {
    @Test(arguments: TestDatabases.kinds) func opensTwice(_ kind: DatabaseKind) async throws {
        try await NodeFixture.with(kind) { configuration in
            let first = try await Node.open(configuration)
            let person = try await first.database.transaction {
                try await first.register.register(NodeFixture.draft, by: .system("test"), in: $0)
            }
            let keys = try await first.vault.keys(.oidcSigning).map(\.id)
            await first.close()
            let secret = configuration.dataDirectory + "/vault.secret"
            let mode = try FileManager.default.attributesOfItem(atPath: secret)[.posixPermissions] as? Int
            #expect(mode.map { $0 & 0o077 } == 0, "the vault's key is for its owner only")
            let second = try await Node.open(configuration)
            #expect(try await second.vault.keys(.oidcSigning).map(\.id) == keys)
            #expect(try await second.register.person(kidc: person.kidc) == person.personID)
            #expect(try await second.register.count() == 1)
            #expect(try await second.ledger.verify().isIntact)
            _ = try await Server.application(second)
            let parties = try await second.provider.registry.page().records
            #expect(parties.map(\.clientID) == [CitizenAccess.clientID, DeveloperAccess.clientID])
            // The pages' own registration comes back into force when somebody suspended it.
            try await second.provider.setRelyingParty(CitizenAccess.clientID, active: false)
            _ = try await Server.application(second)
            #expect(try await second.provider.registry.page().records.map(\.state) == [.active, .active])
            await second.close()
        }
    }

    @Test func anotherVaultKeyDoesNotOpen() async throws {
        try await NodeFixture.with(.sqlite) { configuration in
            await (try await Node.open(configuration)).close()
            let secret = configuration.dataDirectory + "/vault.secret"
            try FileManager.default.removeItem(atPath: secret)
            await #expect(throws: RumdulError.self) { _ = try await Node.open(configuration) }
        }
    }

    @Test func syntheticCodesAreForDemonstrationsOnly() async throws {
        try await NodeFixture.with(.sqlite) { configuration in
            var demonstration = configuration
            demonstration.syntheticPeople = true
            let node = try await Node.open(demonstration)
            let person = try await node.database.transaction {
                try await node.register.register(NodeFixture.draft, by: .system("test"), in: $0)
            }
            #expect(person.kidc.digits.hasPrefix("0"))
            let directory = RegisterDirectory(register: node.register)
            #expect(try await directory.person(loginIdentifier: person.kidc.digits) == person.personID)
            await node.close()
            // The same data under production's setting: the code reaches nobody.
            let production = try await Node.open(configuration)
            let strict = RegisterDirectory(register: production.register)
            #expect(try await strict.person(loginIdentifier: person.kidc.digits) == nil)
            await #expect(throws: RumdulError.self) { _ = try await production.register.person(kidc: person.kidc) }
            let real = try await production.database.transaction {
                try await production.register.register(NodeFixture.draft, by: .system("test"), in: $0)
            }
            #expect(!real.kidc.digits.hasPrefix("0"))
            for typed in ["", "x", "12345", real.kidc.digits + "1", "1234567890"] {
                await #expect(throws: RumdulError.self) { _ = try await strict.person(loginIdentifier: typed) }
            }
            await production.close()
        }
    }
}

@Suite("The whole journey in one process")
struct JourneyTests {
    private static let verifier = "a-verifier-of-at-least-forty-three-characters-0"
    private static let redirect = "https://bank.example/callback"

    /// Registers a bank, gives its secret.
    private func bank(_ node: Node) async throws -> String {
        let registration = try await node.provider.register([
            "client_id": "bank", "client_name": ["km": "ធនាគារ", "en": "Bank"], "redirect_uris": [.string(Self.redirect)],
            "id_token_signed_response_alg": "ES256",
            "purposes": [
                [
                    "code": "account", "text": ["km": "បើកគណនី", "en": "Open an account"],
                    "essential": ["name_km", "birthdate"], "optional": ["phone_number", "gender"],
                ]
            ],
        ])
        return try #require(registration.secret)
    }

    /// An officer enrols the person's device, as at the counter.
    private func enrol(_ person: PersonID, node: Node, folder: String, client: any TestClientProtocol) async throws
        -> Authenticator
    {
        let organisation = Organisation(code: "gdi", name: LocalizedText(km: "អគ្គនាយកដ្ឋាន", en: "GDI"))
        let officer = try await node.officers.create(
            OfficerDraft(
                username: "officer.one", displayName: LocalizedText(km: "ក", en: "One"), organisation: organisation,
                grants: [Grant(.enrolmentOfficer, in: .national)]), password: "correct horse 42", by: .system("test"))
        let opened = try await node.enrolment.openEnrolment(
            person: person, evidence: Evidence([EvidenceItem(.khmerIDCard, number: "010203040")]),
            requestKey: Ambient.system.newSecret(), by: officer)
        _ = try await node.enrolment.issueActivationCode(opened.id, afterSerial: 0, by: officer)
        let code = try #require(try await node.enrolment.currentCode(opened.id, by: officer))
        let device = Authenticator(folder: folder, transport: InProcessTransport(client: client))
        let enrolled = try await device.enrol(
            Activation(code: try ActivationCode(code.display), issuer: try ServerURL(NodeFixture.baseURL)),
            name: "phone",
            pin: try PIN("246813"), platform: "test/1")
        await #expect(throws: RumdulError.self, "a pending device sees nothing") {
            _ = try await device.pendingTransactions()
        }
        let seen = try await node.enrolment.enrolment(opened.id, by: officer)
        #expect(seen.comparisonCode == enrolled.comparisonCode)
        _ = try await node.enrolment.confirm(opened.id, device: enrolled.deviceID, same: true, by: officer)
        #expect(try await device.status().state == .active)
        return device
    }

    /// Goes through the pages to the number that the browser shows.
    private func ask(_ browser: Browser, _ address: String, _ fields: [(String, String)]) async throws -> (
        path: String, number: Int
    ) {
        let consent = try await browser.get(address)
        #expect(consent.status == 200)
        let sealed = try #require(consent.between("name=\"request\" value=\"", "\""))
        let started = try await browser.post("/authorize/start", [("request", sealed)] + fields)
        #expect(started.status == 303)
        let wait = try await browser.get(started.location)
        let shown = wait.between("<p class=\"number\">", "</p>")?.split { $0 == "<" || $0 == ">" } ?? []
        return (started.location, try #require(shown.compactMap { Int($0) }.first))
    }

    @Test(arguments: TestDatabases.kinds) func fromTheRegisterToTheWithdrawal(_ kind: DatabaseKind) async throws {
        try await NodeFixture.with(kind) { configuration in
            let node = try await Node.open(configuration)
            let application = try await Server.application(node)
            try await application.test(.router) { client in
                let person = try await node.database.transaction {
                    try await node.register.register(NodeFixture.draft, by: .system("test"), in: $0)
                }
                let secret = try await bank(node)
                let device = try await enrol(
                    person.personID, node: node, folder: configuration.dataDirectory + "/phone", client: client)
                let browser = Browser(client)
                let challenge = Base64URL.encode(Array(SHA256.hash(data: Array(Self.verifier.utf8))))
                let address =
                    "/authorize?client_id=bank&response_type=code&scope=openid%20profile%20phone&state=s&nonce=n"
                    + "&code_challenge_method=S256&code_challenge=\(challenge)&redirect_uri=\(Browser.encode(Self.redirect))"
                let fields = ["name_km", "birthdate", "phone_number"].map { ("attr." + $0, "on") }
                let (path, number) = try await ask(browser, address, fields + [("identifier", person.kidc.display)])
                let waiting = try #require(try await device.pendingTransactions().first)
                #expect(waiting.numbers.contains(number) && waiting.details.attributes.count == 3)
                // A wrong PIN first; then the right one, with one attribute left out.
                await #expect(throws: RumdulError.self) {
                    try await device.approve(waiting, number: number, pin: try PIN("864209"))
                }
                #expect(try await device.status().pinTriesLeft == 4)
                #expect(
                    try await device.approve(
                        waiting, number: number, pin: try PIN("246813"), attributes: ["name_km", "birthdate"])
                        == .approved)
                #expect(try await device.status().pinTriesLeft == 5)
                let back = try await browser.get(path + "/continue")
                let code = try #require(back.query("code"))
                let basic: HTTPFields = [.authorization: "Basic " + Data("bank:\(secret)".utf8).base64EncodedString()]
                let tokens = try await browser.post(
                    "/token",
                    [
                        ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", Self.redirect),
                        ("code_verifier", Self.verifier),
                    ], basic
                ).json
                let keys = VerificationKeySet(
                    try JWKSet.parse(Array(try await browser.get("/jwks").text.utf8)))
                let idToken = try JWTValidator(
                    issuer: NodeFixture.baseURL, audiences: ["bank"], algorithms: [.es256], soleAudience: true
                ).validate(try #require(tokens.string("id_token")), keys: keys, now: Instant.systemNow())
                let subject = try await node.register.subject(of: person.personID, sector: "bank.example")
                #expect(idToken.subject == subject && subject != person.personID.text)
                let bearer: HTTPFields = [.authorization: "Bearer " + (tokens.string("access_token") ?? "")]
                let claims = try await browser.get("/userinfo", bearer).json
                #expect(Set(claims.names) == ["sub", "name_km", "birthdate"])
                #expect(claims.string("birthdate") == "1990-04-13" && claims.string("sub") == subject)
                try await itsOwnPage(browser, device, person, bearer: bearer)
                #expect(try await node.journal.entries(of: person.personID).contains { $0.organisation.code == "bank" })
                #expect(try await node.ledger.verify().isIntact)
            }
            await node.close()
        }
    }

    /// The person logs in to their page, sees who read what, and withdraws: the next request gets nothing.
    private func itsOwnPage(
        _ browser: Browser, _ device: Authenticator, _ person: Registration, bearer: HTTPFields
    ) async throws {
        let login = try await browser.get("/app/login")
        let (path, number) = try await ask(browser, login.location, [("identifier", person.kidc.digits)])
        let waiting = try #require(try await device.pendingTransactions().first)
        #expect(waiting.details.attributes.isEmpty)
        try await device.approve(waiting, number: number, pin: try PIN("246813"))
        let callback = try await browser.get(path + "/continue").location
        #expect(callback.hasPrefix(NodeFixture.baseURL + "/app/callback?code="))
        #expect(try await browser.get(String(callback.dropFirst(NodeFixture.baseURL.count))).location == "/app")
        let home = try await browser.get("/app")
        #expect(home.text.contains("data-entry="))
        let consent = try #require(home.between("data-consent=\"", "\""))
        let csrf = try #require(home.between("name=\"csrf\" value=\"", "\""))
        #expect(try await browser.get("/userinfo", bearer).status == 200)
        #expect(try await browser.post("/app/consents/\(consent)/withdraw", [("csrf", csrf)]).status == 303)
        #expect(try await browser.get("/userinfo", bearer).status == 401)
    }
}

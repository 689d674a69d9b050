import Accountability
import Codecs
import Crypto
import Database
import DatabaseTesting
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JOSE
import Kernel
import KeyVault
import Ledger
import Logging
import NIOCore
import RelyingParties
import Synchronization
import Testing
import Web

@testable import DeveloperPortal

/// A clock that tests turn.
final class TestClock: Sendable {
    private let moment = Mutex(Instant(seconds: 1_800_000_000))

    var now: Instant { moment.withLock { $0 } }

    func advance(_ seconds: Int64) { moment.withLock { $0 = $0.adding(seconds: seconds) } }

    var ambient: Ambient { Ambient(now: { self.now }, randomBytes: secureRandomBytes) }
}

/// A provider that gives a code for a person, for one challenge, once.
final class StubLogin: DeveloperLogin {
    private struct State {
        var challenges: [String: String] = [:]
        var codes: [String: (person: PersonID, challenge: String)] = [:]
    }

    private let state = Mutex(State())

    func authorizationURL(state: String, codeChallenge: String, language: Language) -> String {
        self.state.withLock { $0.challenges[state] = codeChallenge }
        return "/provider?state=" + state
    }

    /// The code that the provider would send back with this state.
    func approve(_ person: PersonID, state: String) -> String {
        let code = Ambient.system.newSecret()
        self.state.withLock { $0.codes[code] = (person, $0.challenges[state] ?? "") }
        return code
    }

    func redeem(code: String, codeVerifier: String) async throws -> PersonID {
        let found = state.withLock { $0.codes.removeValue(forKey: code) }
        guard let found, found.challenge == DeveloperDesk.challenge(codeVerifier) else {
            throw RumdulError("test.code", .gone, km: "ក", en: "x")
        }
        return found.person
    }
}

/// Trials that always come back with the same person, and remember what was asked.
final class StubTrials: TrialLogins {
    struct Begun: Sendable {
        var clientID: String
        var redirectURI: String
        var purpose: String
        var state: String
        var nonce: String
        var challenge: String
    }

    private let begun = Mutex<Begun?>(nil)

    var last: Begun? { begun.withLock { $0 } }

    func begin(
        clientID: String, redirectURI: String, purpose: String, state: String, nonce: String, codeChallenge: String,
        language: Language
    ) async throws -> String {
        begun.withLock {
            $0 = Begun(
                clientID: clientID, redirectURI: redirectURI, purpose: purpose, state: state, nonce: nonce,
                challenge: codeChallenge)
        }
        return "/authorize?trial"
    }

    func finish(
        code: String, verifier: String, clientID: String, redirectURI: String, traceID: String
    ) async throws -> TrialResult {
        guard code == "good", let begun = last, begun.clientID == clientID, begun.redirectURI == redirectURI,
            begun.challenge == DeveloperDesk.challenge(verifier)
        else { throw RumdulError("authorize.request_stale", .gone, km: "ក", en: "x") }
        return TrialResult(
            header: ["alg": "ES256"], idToken: ["sub": "pairwise-7", "nonce": .string(begun.nonce), "acr": "aal1"],
            userInfo: ["sub": "pairwise-7", "name_km": "សុខា"], sealed: [], scope: ["openid"], expiresIn: 600,
            isSenderConstrained: false)
    }
}

/// Key sets by address.
final class StubDocuments: DocumentFetcher {
    private let documents = Mutex<[String: JSONValue]>([:])

    func publish(_ value: JSONValue, at url: String) { documents.withLock { $0[url] = value } }

    func fetchValue(_ url: String, limit: Int) async throws -> (JSONValue, maxAge: Int64?) {
        guard let value = documents.withLock({ $0[url] }) else { throw RumdulError.internal("unreachable") }
        return (value, nil)
    }
}

/// An answer as a browser sees it.
struct Answer: Sendable {
    let status: Int
    let headers: HTTPFields
    let text: String

    var location: String { headers[.location] ?? "" }
    var error: String? { between("data-error=\"", "\"") }
    var csrf: String { between("name=\"csrf\" value=\"", "\"") ?? "" }

    func between(_ start: String, _ end: String) -> String? {
        guard let from = text.firstRange(of: start) else { return nil }
        let rest = text[from.upperBound...]
        return rest.firstRange(of: end).map { String(rest[..<$0.lowerBound]) }
    }

    func has(_ part: String) -> Bool { text.contains(part) }
}

/// A browser with its cookies.
final class Browser: Sendable {
    private let client: any TestClientProtocol
    private let jar = Mutex<[String: String]>([:])

    init(_ client: any TestClientProtocol) { self.client = client }

    func get(_ path: String, language: String = "en") async throws -> Answer {
        try await send(path, .get, [.accept: "text/html", .acceptLanguage: language], nil)
    }

    func post(
        _ path: String, csrf: String?, _ fields: [String: String] = [:], headers: HTTPFields = [:]
    ) async throws -> Answer {
        var headers = headers
        headers[.accept] = "text/html"
        headers[.acceptLanguage] = "en"
        headers[.contentType] = "application/x-www-form-urlencoded"
        var pairs = fields.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.encode($0.value))" }
        if let csrf { pairs.append("csrf=" + Self.encode(csrf)) }
        return try await send(path, .post, headers, pairs.joined(separator: "&"))
    }

    private func send(
        _ path: String, _ method: HTTPRequest.Method, _ fields: HTTPFields, _ body: String?
    ) async throws -> Answer {
        var headers = fields
        let cookies = jar.withLock { $0 }
        if !cookies.isEmpty { headers[.cookie] = cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ") }
        let answer = try await client.execute(
            uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) }
        ) { response in
            Answer(status: response.status.code, headers: response.headers, text: String(buffer: response.body))
        }
        for field in answer.headers[values: .setCookie] {
            let pair = field.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            jar.withLock { $0[String(pair[0])] = String(pair[1]) }
        }
        return answer
    }

    private static func encode(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: String(UnicodeScalar(byte))
            default: "%" + Hex.encode([byte]).uppercased()
            }
        }.joined()
    }
}

/// The portal on one database.
struct World: Sendable {
    static let issuer = "https://id.example"
    static let sokha = PersonID("person-sokha")
    static let dara = PersonID("person-dara")
    static let password = "quiet-river-42-stones"

    let database: any Database
    let clock: TestClock
    let registry: RelyingPartyRegistry
    let login = StubLogin()
    let trials = StubTrials()
    let documents = StubDocuments()
    let officers: OfficerDirectory
    let log: ClientEventLog
    let portal: DeveloperPortal

    static func run(
        _ kind: DatabaseKind = .sqlite, _ test: @escaping @Sendable (World) async throws -> Void
    ) async throws {
        let migrations = [
            Ledger.migrations, WebStorage.migrations, OfficerDirectory.migrations, RelyingPartyStore.migrations,
            DeveloperPortal.migrations,
        ]
        try await TestDatabases.with(kind, migrations: migrations) { database in try await test(try World(database)) }
    }

    static func serve(
        _ kind: DatabaseKind = .sqlite, _ test: @escaping @Sendable (World, any TestClientProtocol) async throws -> Void
    ) async throws {
        try await run(kind) { world in
            let settings = WebSettings(baseURL: issuer, accessLog: false)
            let web = try WebApplication(settings: settings, templates: DeveloperPortal.templates)
            world.portal.addRoutes(to: web.router, settings: settings)
            try await web.application().test(.router) { client in try await test(world, client) }
        }
    }

    init(_ database: any Database) throws {
        self.database = database
        clock = TestClock()
        let ambient = clock.ambient
        let vault = try FileKeyVault.ephemeral(ambient: ambient)
        let audit = AuditTrail(ledger: Ledger(database: database, vault: vault, ambient: ambient))
        registry = RelyingPartyRegistry(database: database, ambient: ambient)
        officers = OfficerDirectory(database: database, audit: audit, ambient: ambient)
        log = ClientEventLog(database: database, ambient: ambient, logger: Logger(label: "test"))
        let errors = ErrorCatalogue([
            ErrorRoom(
                "OAuth",
                [
                    ErrorEntry(
                        "invalid_grant", .invalid, text: LocalizedText(km: "ផុត", en: "No longer valid."),
                        cause: "The code is used.", remedy: "Begin a new login.")
                ])
        ])
        portal = DeveloperPortal(
            DeveloperPortal.Surroundings(
                database: database, registry: registry, login: login, trials: trials, documents: documents,
                officers: officers, audit: audit, errors: errors, ambient: ambient, baseURL: Self.issuer))
    }

    /// Logs a browser in through the stub; gives the home page.
    @discardableResult
    func logIn(_ browser: Browser, _ person: PersonID = sokha) async throws -> Answer {
        let state = String(try await browser.get("/developers/login").location.dropFirst("/provider?state=".count))
        let code = login.approve(person, state: state)
        let back = try await browser.get("/developers/callback?code=\(code)&state=\(state)")
        #expect(back.status == 302 && back.location == "/developers")
        return try await browser.get("/developers")
    }

    func organisation(
        _ code: String = "bank", by person: PersonID = sokha
    ) async throws -> Membership {
        let made = try await portal.organisations.create(
            code: code, name: LocalizedText(km: "ធនាគារ", en: "Bank \(code)"), displayName: "Sokha", by: person)
        return try await portal.organisations.membership(of: person, in: made.id)
    }

    static func jwks() throws -> String {
        let key = try SigningKey.generate(.es256).jwk
        var open = try #require(key.publicKey)
        open.keyID = "k1"
        open.use = "sig"
        return JSON.text(.object(["keys": [.object(open.json)]]))
    }

    /// A form that can go live.
    static func form(_ changes: [String: String] = [:]) throws -> [String: String] {
        [
            "name_km": "ធនាគារ", "name_en": "Bank", "profile": "oidc-secure", "application": "web",
            "redirect_uris": "https://bank.example/cb\r\n", "authentication": "private_key_jwt", "jwks": try jwks(),
            "p0-code": "open-account", "p0-km": "បើកគណនី", "p0-en": "Open an account", "p0-basis": "law",
            "p0-source": "Law on banks, article 7", "p0-days": "90", "p0-a-name_km": "essential",
            "p0-a-phone_number": "optional", "policy_uri": "https://bank.example/privacy",
            "tos_uri": "https://bank.example/terms", "contacts": "security@bank.example",
        ].merging(changes) { _, new in new }
    }

    func version(_ changes: [String: String] = [:], for member: Membership, id: String? = nil) throws -> ClientVersion {
        let read = ClientForm(values: try Self.form(changes)).read(
            clientID: id ?? portal.clients.newClientID(member.organisation), organisation: member.organisation,
            base: [:], callback: portal.clients.callback)
        return try read.get()
    }

    /// A sandbox client that somebody logged in to.
    func client(_ changes: [String: String] = [:], by member: Membership) async throws -> ClientFile {
        let saved = try await portal.clients.create(try version(changes, for: member), by: member)
        log.loggedIn(clientID: saved.clientID, at: clock.now)
        await log.flush()
        return try await portal.clients.file(saved.clientID, for: member.personID)
    }

    func officer(_ name: String, role: Role = .operator, office: String = "kh-gov") async throws -> Officer {
        try await officers.create(
            OfficerDraft(
                username: name, displayName: LocalizedText(km: "ក", en: name),
                organisation: Organisation(code: office, name: LocalizedText(km: "ក", en: office)),
                grants: [Grant(role, in: .national)]), password: Self.password, by: .system("test"))
    }

    func enter(_ browser: Browser, _ officer: Officer) async throws -> Answer {
        let door = try await browser.get("/operator/login")
        let answer = try await browser.post(
            "/operator/login", csrf: door.csrf, ["username": officer.username, "password": Self.password])
        #expect(answer.status == 303, "\(answer.text.prefix(300))")
        return try await browser.get("/operator/relying-parties")
    }
}

/// The code of the error that some work ends with.
func errorCode(_ work: () async throws -> Any) async -> String? {
    do {
        _ = try await work()
        return nil
    } catch let error as RumdulError { return error.code } catch { return "\(error)" }
}

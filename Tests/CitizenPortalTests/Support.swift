import Accountability
import Authenticators
import Codecs
import Consent
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
import Outbound
import Synchronization
import Testing
import Web
import WebPush

@testable import CitizenPortal

/// A clock that tests turn.
final class TestClock: Sendable {
    private let moment = Mutex(Instant(seconds: 1_800_000_000))

    var now: Instant { moment.withLock { $0 } }

    func advance(_ seconds: Int64) { moment.withLock { $0 = $0.adding(seconds: seconds) } }

    var ambient: Ambient { Ambient(now: { self.now }, randomBytes: secureRandomBytes) }
}

/// A provider that gives a code for a person, for one challenge, once.
final class StubLogin: CitizenLogin {
    private struct State {
        var challenges: [String: String] = [:]
        var number = 0
        var codes: [String: (person: PersonID, challenge: String, byCode: Bool)] = [:]
    }

    private let state = Mutex(State())

    func authorizationURL(state: String, codeChallenge: String, language: Language) -> String {
        self.state.withLock { $0.challenges[state] = codeChallenge }
        return "/provider?state=" + state
    }

    /// The code that the provider would send back with this state.
    func approve(_ person: PersonID, state: String, byCode: Bool = false) -> String {
        let code = Ambient.system.newSecret()
        self.state.withLock { $0.codes[code] = (person, $0.challenges[state] ?? "", byCode) }
        return code
    }

    func redeem(code: String, codeVerifier: String) async throws -> CitizenProof {
        let found = state.withLock { $0.codes.removeValue(forKey: code) }
        guard let found, found.challenge == Base64URL.encode(Array(SHA256.hash(data: Array(codeVerifier.utf8)))) else {
            throw RumdulError("test.code", .gone, km: "ក", en: "x")
        }
        let number = state.withLock { state in
            state.number += 1
            return state.number
        }
        // A one-time code opens no session of the browser.
        return CitizenProof(
            person: found.person, session: found.byCode ? nil : "login-\(number)", isByCode: found.byCode)
    }
}

/// Browsers in which people are logged in, and what was ended.
final class StubLogins: CitizenSessions {
    private struct State {
        var open: [(person: PersonID, login: BrowserLogin)] = []
        var ended: Set<String> = []
    }

    private let state = Mutex(State())

    func add(_ id: String, of person: PersonID, browser: String = "Firefox, Linux", services: [LocalizedText] = []) {
        let start = Instant(seconds: 1_800_000_000)
        let login = BrowserLogin(
            id: id, browser: browser, startedAt: start, endsAt: start.adding(seconds: 3600), services: services)
        state.withLock { $0.open.insert((person, login), at: 0) }
    }

    func open(of person: PersonID) async throws -> [BrowserLogin] {
        state.withLock { state in state.open.filter { $0.person == person }.map(\.login) }
    }

    func end(_ id: String, of person: PersonID) async throws -> Bool {
        state.withLock { state in
            guard let place = state.open.firstIndex(where: { $0.login.id == id && $0.person == person }) else {
                return false
            }
            state.open.remove(at: place)
            state.ended.insert(id)
            return true
        }
    }

    func isEnded(_ id: String) async throws -> Bool { state.withLock { $0.ended.contains(id) } }
}

/// Notes which relying parties are told of a withdrawal.
final class StubEffects: WithdrawalEffects {
    let database: any Database
    private let told = Mutex<[String]>([])

    init(_ database: any Database) { self.database = database }

    var clients: [String] { told.withLock { $0 } }

    func apply(
        by person: PersonID, clientID: String,
        withdrawal: @escaping @Sendable (any SQLConnection) async throws -> Void
    ) async throws {
        try await database.transaction { try await withdrawal($0) }
        told.withLock { $0.append(person.text + " " + clientID) }
    }
}

/// A few values, the same for everybody but for the name.
struct FixedRegister: AttributeSource {
    func protectedAttributes(
        of subject: PersonID, _ names: [AttributeName], in connection: any SQLConnection
    ) async throws -> ProtectedAttributes {
        ProtectedAttributes([
            .nameLatin: .string("Name <i> of \(subject.text)"), .birthdate: "1990-02-03", .gender: "female",
            .address: ["formatted": "ភូមិ ក", "formatted_latin": "Village A"], .kidc: "2345678901",
        ])
    }
}

/// What waits for people.
final class FixedRequests: WaitingRequests {
    private let items = Mutex<[(person: PersonID, item: WaitingRequest)]>([])

    func add(_ item: WaitingRequest, for person: PersonID) { items.withLock { $0.append((person, item)) } }

    /// What was decided: the identifier, then the word.
    private let decisions = Mutex<[String]>([])

    var decided: [String] { decisions.withLock { $0 } }

    func waiting(for person: PersonID) async throws -> [WaitingRequest] {
        items.withLock { items in items.filter { $0.person == person }.map(\.item) }
    }

    func request(_ id: String, of person: PersonID) async throws -> DecidableRequest {
        guard let item = try await waiting(for: person).first(where: { $0.id == id }) else {
            throw RumdulError("transaction.not_found", .notFound, km: "ក", en: "There is no such request.")
        }
        let attributes = item.attributes.map { label in
            DecidableRequest.Attribute(
                name: "name_km", label: label, summary: label, isEssential: true, isChosen: true)
        }
        return DecidableRequest(
            request: item, attributes: attributes, validUntil: item.until, numbers: [12, 57, 83],
            isWithinPasskeys: item.service.en != "Above", hasPasskey: item.service.en != "None")
    }

    func options(
        _ id: String, of person: PersonID, attributes: [String], number: Int, session: [UInt8]
    ) async throws -> JSONObject {
        _ = try await request(id, of: person)
        return ["state": .string("\(number) " + attributes.joined(separator: " "))]
    }

    func approve(
        _ id: String, of person: PersonID, state: String, credential: JSONObject, session: [UInt8]
    ) async throws {
        _ = try await request(id, of: person)
        decisions.withLock { $0.append("\(id) approved \(state)") }
    }

    func decline(_ id: String, of person: PersonID, report: Bool) async throws {
        _ = try await request(id, of: person)
        decisions.withLock { $0.append("\(id) " + (report ? "reported" : "denied")) }
    }

    func continuation(_ id: String, _ request: Request, _ context: AppContext) async throws -> String? {
        request.headers[.referer] == "here" ? "/authorize/\(id)/continue" : nil
    }
}

/// Requests for correction in memory: one about each attribute, no text of more than twenty characters.
final class StubCorrections: CorrectionRequests {
    let attributes: [AttributeName] = [.nameLatin, .birthdate]
    let textLimit = 20
    let items = Mutex<[(person: PersonID, item: CorrectionRequest)]>([])

    func requests(of person: PersonID) async throws -> [CorrectionRequest] {
        items.withLock { items in items.filter { $0.person == person }.map(\.item) }
    }

    func ask(
        _ attribute: AttributeName, wish: String, why: String, evidence: String?, by person: PersonID
    ) async throws {
        let long = [("wish", wish), ("why", why)].filter { !(1...20).contains($0.1.count) }
        guard long.isEmpty else {
            throw RumdulError(
                "test.text", .invalid, km: "ក", en: "Text",
                fields: long.map { FieldError($0.0, LocalizedText(km: "វែង", en: "Too long")) })
        }
        try items.withLock { items in
            guard !items.contains(where: { $0.person == person && $0.item.attribute == attribute }) else {
                throw RumdulError("test.twice", .conflict, km: "ម្តងទៀត", en: "Once is enough")
            }
            let now = Instant(seconds: 1_800_000_000)
            items.append(
                (
                    person,
                    CorrectionRequest(
                        id: "c\(items.count)", attribute: attribute, standing: .open, wish: wish, refusal: nil,
                        filedAt: now, changedAt: now)
                ))
        }
    }

    func takeBack(_ id: String, by person: PersonID) async throws {
        try items.withLock { items in
            guard let place = items.firstIndex(where: { $0.item.id == id && $0.person == person }) else {
                throw RumdulError("test.unknown", .notFound, km: "គ្មាន", en: "None")
            }
            items[place].item.standing = .withdrawn
        }
    }
}

/// An answer as a browser sees it.
struct Page: Sendable {
    let status: Int
    let headers: HTTPFields
    let text: String

    var location: String { headers[.location] ?? "" }
    var error: String? { between("data-error=\"", "\"") }
    var csrf: String { between("name=\"csrf\" value=\"", "\"") ?? "" }
    var json: JSONObject { get throws { try JSON.parseObject(Array(text.utf8)) } }

    func between(_ start: String, _ end: String) -> String? {
        guard let from = text.firstRange(of: start) else { return nil }
        let rest = text[from.upperBound...]
        return rest.firstRange(of: end).map { String(rest[..<$0.lowerBound]) }
    }
}

/// A browser with its cookies.
final class Browser: Sendable {
    private let client: any TestClientProtocol
    private let jar = Mutex<[String: String]>([:])

    init(_ client: any TestClientProtocol) { self.client = client }

    var cookies: [String: String] {
        get { jar.withLock { $0 } }
        set { jar.withLock { $0 = newValue } }
    }

    func get(_ path: String, accept: String = "text/html") async throws -> Page {
        try await send(path, .get, [.accept: accept], nil)
    }

    /// A form with further fields.
    func send(_ path: String, csrf: String, _ fields: [String: String]) async throws -> Page {
        let pairs = (["csrf": csrf].merging(fields) { own, _ in own }).map { name, value in
            name + "=" + value.utf8.map { "%" + Hex.encode([$0]) }.joined()
        }
        return try await send(
            path, .post, [.accept: "text/html", .contentType: "application/x-www-form-urlencoded"],
            pairs.joined(separator: "&"))
    }

    func post(_ path: String, csrf: String?, confirm: Bool = false, headers: HTTPFields = [:]) async throws -> Page {
        var headers = headers
        headers[.accept] = "text/html"
        if headers[.contentType] == nil { headers[.contentType] = "application/x-www-form-urlencoded" }
        return try await send(path, .post, headers, (csrf.map { "csrf=" + $0 } ?? "") + (confirm ? "&confirm=yes" : ""))
    }

    private func send(_ path: String, _ method: HTTPRequest.Method, _ fields: HTTPFields, _ body: String?) async throws
        -> Page
    {
        var headers = fields
        headers[.acceptLanguage] = "en"
        if !cookies.isEmpty { headers[.cookie] = cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ") }
        let page = try await client.execute(
            uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) }
        ) { response in
            Page(status: response.status.code, headers: response.headers, text: String(buffer: response.body))
        }
        for field in page.headers[values: .setCookie] {
            let pair = field.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            jar.withLock { $0[String(pair[0])] = String(pair[1]) }
        }
        return page
    }
}

/// The citizen's pages on one database.
struct World: Sendable {
    static let issuer = "https://id.example"
    static let sokha = PersonID("person-sokha")
    static let dara = PersonID("person-dara")

    let database: any Database
    let clock = TestClock()
    let vault: FileKeyVault
    let ledger: Ledger
    let consents: Consents
    let authenticators: Authenticators
    let login = StubLogin()
    let logins = StubLogins()
    let effects: StubEffects
    let requests = FixedRequests()
    let corrections = StubCorrections()
    let notifications: Notifications

    static func serve(
        _ kind: DatabaseKind = .sqlite, _ test: @escaping @Sendable (World, any TestClientProtocol) async throws -> Void
    ) async throws {
        let migrations = [
            Ledger.migrations, WebStorage.migrations, Authenticators.migrations, Consents.migrations,
            Notifications.migrations,
        ]
        try await TestDatabases.with(kind, migrations: migrations) { database in
            let world = try World(database)
            let settings = WebSettings(baseURL: issuer, accessLog: false)
            let web = try WebApplication(
                settings: settings, templates: [CitizenPortal.templates], assets: CitizenPortal.assets)
            CitizenPortal(
                database: database, login: world.login, logins: world.logins, effects: world.effects,
                consents: world.consents,
                journal: AccessJournal(ledger: world.ledger, database: database), authenticators: world.authenticators,
                sessions: SessionStore(
                    database: database, settings: settings, ambient: world.clock.ambient,
                    policy: CitizenPortal.sessionPolicy),
                app: CitizenApp(
                    requests: world.requests, register: FixedRegister(),
                    gate: DisclosureGate(ledger: world.ledger, ambient: world.clock.ambient),
                    audit: AuditJournal(ledger: world.ledger, database: database), corrections: world.corrections,
                    notifications: world.notifications), ambient: world.clock.ambient
            ).addRoutes(to: web.router, settings: settings)
            try await web.application().test(.router) { client in try await test(world, client) }
        }
    }

    init(_ database: any Database) throws {
        self.database = database
        effects = StubEffects(database)
        let ambient = clock.ambient
        vault = try FileKeyVault.ephemeral(ambient: ambient)
        ledger = Ledger(database: database, vault: vault, ambient: ambient)
        consents = Consents(ledger: ledger, vault: vault, ambient: ambient, issuer: Self.issuer)
        authenticators = Authenticators(database: database, ledger: ledger, ambient: ambient, audience: Self.issuer)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        notifications = Notifications(
            database: database, vault: vault,
            sender: PushSender(
                client: OutboundClient(),
                tokens: try VAPIDTokens(contact: "mailto:push@id.example", ambient: ambient, vault: vault),
                ambient: ambient), ambient: ambient, logger: logger)
    }

    /// What a browser would send when it subscribes.
    static func subscription(_ name: String, host: String = "push.example") -> String {
        let key = P256.KeyAgreement.PrivateKey().publicKey.x963Representation
        let object: JSONObject = [
            "endpoint": .string("https://\(host)/\(name)"), "expirationTime": .null,
            "keys": [
                "p256dh": .string(Base64URL.encode(Array(key))),
                "auth": .string(Base64URL.encode([UInt8](repeating: 7, count: 16))),
            ],
        ]
        return JSON.text(object)
    }

    /// Logs a browser in through the stub; gives the home page.
    func logIn(_ browser: Browser, _ person: PersonID = sokha, byCode: Bool = false) async throws -> Page {
        let state = String(try await browser.get("/app/login").location.dropFirst("/provider?state=".count))
        let back = try await browser.get(
            "/app/callback?code=\(login.approve(person, state: state, byCode: byCode))&state=\(state)")
        #expect(back.status == 302 && back.location == "/app")
        return try await browser.get("/app")
    }

    func grant(_ person: PersonID) async throws -> String {
        let draft = ConsentGrant(
            personID: person, clientID: "bank",
            clientName: LocalizedText(km: "ធនាគារ", en: "Bank <b>of</b> \(person.text)"),
            purposeCode: "account", purposeText: LocalizedText(km: "បើកគណនី", en: "Open an account"),
            granted: ["name_km"], refused: [], validTo: clock.now.adding(seconds: 86_400), channel: "device", acr: "a",
            noticeHash: "h", deviceID: "d", decision: "x.y.z")
        let consents = consents
        return try await database.transaction { try await consents.grant(draft, in: $0) }
    }

    func isActive(_ consent: String) async throws -> Bool {
        let consents = consents
        let record = try await database.read { try await consents.record(consent, in: $0) }
        return record?.state(at: clock.now) == .granted
    }

    private static func key() throws -> JWK {
        guard case .ec(let curve, let x, let y, _) = try SigningKey.generate(.es256).jwk.material else {
            throw RumdulError.internal("test key")
        }
        return try JWK(.ec(curve, x: x, y: y, d: nil))
    }

    func device(of person: PersonID) async throws -> String {
        let authenticators = authenticators
        let (device, pin) = (try Self.key(), try Self.key())
        return try await database.transaction { connection in
            let bound = try await authenticators.bind(
                person: person, name: "phone <i>", platform: "test/1", deviceKey: device, pinKey: pin, ial: .ial2,
                in: connection)
            try await authenticators.setState(bound.id, .active, by: "officer", in: connection)
            return bound.id
        }
    }

    func deviceState(_ id: String) async throws -> DeviceState? {
        let authenticators = authenticators
        return try await database.read { try await authenticators.device(id, in: $0) }?.state
    }

    /// A disclosure about a person; gives `stream/sequence` of its entry.
    func disclose(_ person: PersonID, covered: Bool = true) async throws -> String {
        let gate = DisclosureGate(ledger: ledger, ambient: clock.ambient)
        _ = try await database.transaction {
            try await gate.disclose(
                DisclosureRequest(
                    subject: person, actor: .client("bank"),
                    organisation: Organisation(
                        code: "bank", name: LocalizedText(km: "ធនាគារ", en: "Bank of \(person.text)")),
                    system: "openid-provider", service: "userinfo",
                    purpose: Purpose(code: "account", text: LocalizedText(km: "ក", en: "Open")), basis: .consent("c"),
                    attributes: [.nameKhmer], traceID: "t"), from: FixedRegister(), in: $0)
        }
        if covered { _ = try await ledger.checkpoint() }
        let entry = try #require(try await AccessJournal(ledger: ledger, database: database).entries(of: person).first)
        return "\(entry.stream)/\(entry.sequence)"
    }
}

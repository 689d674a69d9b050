import Accountability
import CivilRegister
import Codecs
import Database
import DatabaseTesting
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import KeyVault
import Ledger
import NIOCore
import PopulationRegister
import ReferenceData
import Web

@testable import CivilRegisterAPI

private struct NoEffects: LifeEventEffects {
    func ended(_ person: PersonID, record: String, in connection: any SQLConnection) async throws {}
}

/// Tokens that are the names of clients.
struct StubClients: RegisterClients {
    let known: [String: RegisterClient]

    func client(_ request: Request, _ context: AppContext, purpose: String?) async throws -> RegisterClient {
        guard let header = request.headers[.authorization] else { throw RumdulError.apiTokenMissing }
        guard let client = known[String(header.dropFirst("Bearer ".count))] else {
            throw RumdulError.apiToken("the access token is unknown")
        }
        guard purpose == nil || purpose == client.purpose.code else { throw RumdulError.apiPurpose }
        return client
    }

    func complete(_ response: inout Response, after request: Request) async throws {}
}

/// A document that says what it was made from.
struct StubPrinter: CertificatePrinter {
    func pdf(_ draft: CertificateDraft) async throws -> [UInt8] {
        let codes = draft.codes.sorted { $0.key.rawValue < $1.key.rawValue }.map(\.value).joined(separator: ",")
        return Array(
            "%PDF \(draft.number) \(draft.kind) v\(draft.record.version) \(draft.issuedAt.microseconds) \(codes)".utf8)
    }
}

/// Both registers behind the interface, and systems of several kinds.
struct World: Sendable {
    let database: any Database
    let vault: any KeyVault
    let ledger: Ledger
    let people: PopulationRegister
    let civil: CivilRegister
    let journal: AccessJournal
    let ambient: Ambient

    static let office = "120101"
    static let migrations = [
        Ledger.migrations, WebStorage.migrations, OfficerDirectory.migrations, ReferenceData.migrations,
        PopulationRegister.migrations, CivilRegister.migrations,
    ]

    static func system(_ id: String, _ scopes: [RegisterScope], areas: [String] = [], attributes: [AttributeName] = [])
        -> RegisterClient
    {
        RegisterClient(
            id: id, organisation: Organisation(code: "moh", name: LocalizedText(km: "សុខាភិបាល", en: "Health")),
            scopes: Set(scopes.map(\.rawValue)), areas: areas, basis: "KH-CRVSI-2023",
            purpose: Purpose(code: "work", text: LocalizedText(km: "ការងារ", en: "Work")), attributes: Set(attributes))
    }

    static func serve(
        _ kind: DatabaseKind, _ clients: [RegisterClient],
        _ test: @escaping @Sendable (World, any TestClientProtocol) async throws -> Void
    ) async throws {
        try await TestDatabases.with(kind, migrations: migrations) { database in
            let world = try await World(database)
            let settings = WebSettings(baseURL: "http://127.0.0.1:8080", accessLog: false)
            let web = try WebApplication(settings: settings, templates: [])
            try await CivilRegisterAPI(
                civil: world.civil, people: world.people,
                clients: StubClients(known: Dictionary(uniqueKeysWithValues: clients.map { ($0.id, $0) })),
                printer: StubPrinter(),
                database: database, vault: world.vault, ambient: .system
            ).add(to: web.router)
            try await web.application().test(.router) { try await test(world, $0) }
        }
    }

    init(_ database: any Database) async throws {
        self.database = database
        ambient = .system
        vault = try FileKeyVault.ephemeral(ambient: .system)
        _ = try await vault.create(CivilRegister.signing, .es256, state: .active)
        ledger = Ledger(database: database, vault: vault, ambient: .system)
        let gate = DisclosureGate(ledger: ledger, ambient: .system)
        journal = AccessJournal(ledger: ledger, database: database)
        let places = ReferenceData(database: database)
        try await places.install()
        people = PopulationRegister(
            database: database, vault: vault, ledger: ledger, gate: gate, referenceData: places, ambient: .system,
            codes: .production)
        civil = CivilRegister(
            database: database, vault: vault, ledger: ledger, gate: gate, people: people, referenceData: places,
            effects: NoEffects(), ambient: .system)
    }

    func officer(_ name: String, _ role: Role, _ area: String?) -> Officer {
        Officer(
            id: "officer-" + name, username: name, displayName: LocalizedText(km: name, en: name),
            organisation: Organisation(code: "moi", name: LocalizedText(km: "មហាផ្ទៃ", en: "Interior")),
            grants: [Grant(role, in: area.map { .area($0) } ?? .national)], state: .active)
    }

    var yesterday: String {
        CalendarDate(daysSinceEpoch: ambient.now().dayInCambodia.daysSinceEpoch - 1).description
    }
}

extension TestClientProtocol {
    /// A request with a token; the status, the JSON and the header fields.
    func call(
        _ method: HTTPRequest.Method, _ path: String, as client: String?, _ body: JSONValue? = nil,
        headers: HTTPFields = [:]
    ) async throws -> (status: Int, json: JSONValue, headers: HTTPFields) {
        var fields = headers
        if let client { fields[.authorization] = "Bearer " + client }
        if body != nil { fields[.contentType] = "application/json" }
        let answer = try await executeRequest(
            uri: path, method: method, headers: fields, body: body.map { ByteBuffer(bytes: JSON.bytes($0)) })
        let bytes = Array(answer.body.readableBytesView)
        return (answer.status.code, bytes.isEmpty ? .null : try JSON.parse(bytes), answer.headers)
    }
}

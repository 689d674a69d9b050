import Accountability
import CivilRegister
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
import Outbound
import PopulationRegister
import ReferenceData
import Synchronization
import Web

@testable import DCIRegistry

private struct NoEffects: LifeEventEffects {
    func ended(_ person: PersonID, record: String, in connection: any SQLConnection) async throws {}
}

/// Tokens that are the names of clients, each with a key of its own.
final class StubClients: DCIClients {
    let known: [String: DCIClient]
    let keys: [String: JWK]

    init(_ clients: [DCIClient]) throws {
        known = Dictionary(uniqueKeysWithValues: clients.map { ($0.id, $0) })
        keys = Dictionary(uniqueKeysWithValues: clients.map { ($0.id, JWK.testKey($0.id)) })
    }

    func client(_ request: Request, _ context: AppContext) async throws -> DCIClient {
        guard let header = request.headers[.authorization],
            let client = known[String(header.dropFirst("Bearer ".count))]
        else { throw RumdulError("api.token_missing", .unauthenticated, km: "-", en: "no token") }
        return client
    }

    func keys(of client: DCIClient, keyID: String?) async throws -> VerificationKeySet {
        let set = try keys[client.id].flatMap(\.publicKey).map { try JWKSet([$0]) }
        return VerificationKeySet(try set ?? JWKSet([JWK]()))
    }

    func complete(_ response: inout Response, after request: Request) async throws {}
}

extension JWK {
    /// A fresh P-256 key.
    static func testKey(_ id: String) -> JWK {
        let key = P256.Signing.PrivateKey()
        let (x, y) = (
            Array(key.publicKey.rawRepresentation.prefix(32)), Array(key.publicKey.rawRepresentation.suffix(32))
        )
        let object: JSONObject = [
            "kty": "EC", "crv": "P-256", "kid": .string(id), "x": .string(Base64URL.encode(x)),
            "y": .string(Base64URL.encode(y)), "d": .string(Base64URL.encode(Array(key.rawRepresentation))),
        ]
        do { return try JWK(object) } catch { preconditionFailure("a fresh key") }
    }
}

/// Counts what was taken and given back.
final class CountingLimits: DCISearchLimits {
    let taken = Mutex<[String]>([])
    let hits = Mutex(0)
    let most: Int

    init(most: Int = .max) { self.most = most }

    func take(_ client: String, code digits: String?, in database: any Database) async throws {
        let count = taken.withLock { taken in
            taken.append(digits ?? "-")
            return taken.count
        }
        if count > most { throw RumdulError.rateLimited(retryAfter: 60) }
    }

    func hit(_ client: String, in database: any Database) async throws { hits.withLock { $0 += 1 } }
}

/// Subscriptions in memory.
final class StubSubscriptions: DCISubscriptions {
    let kept = Mutex<[String: DCISubscription]>([:])

    func subscribe(_ wish: DCISubscription, in connection: any SQLConnection) async throws -> String {
        guard wish.event != .adoption else { throw RumdulError.dciNotifyType }
        return try kept.withLock { kept in
            guard !kept.values.contains(where: { $0.event == wish.event && $0.person == wish.person }) else {
                throw RumdulError.dciSubscribed
            }
            kept["sub-\(kept.count + 1)"] = wish
            return "sub-\(kept.count)"
        }
    }

    func unsubscribe(_ code: String, client: String, in connection: any SQLConnection) async throws -> Bool {
        kept.withLock { kept in
            guard kept[code]?.client == client else { return false }
            return kept.removeValue(forKey: code) != nil
        }
    }
}

private struct VaultSealer: DeliverySealer {
    let vault: any KeyVault

    func seal(_ bytes: [UInt8], context: [UInt8]) async throws -> [UInt8] {
        try await vault.seal(bytes, purpose: .sealing, context: context)
    }

    func open(_ sealed: [UInt8], context: [UInt8]) async throws -> [UInt8] {
        try await vault.open(sealed, purpose: .sealing, context: context)
    }
}

/// Both registers behind the interface, and systems of several kinds.
struct World: Sendable {
    let database: any Database
    let vault: any KeyVault
    let people: PopulationRegister
    let civil: CivilRegister
    let gate: DisclosureGate
    let journal: AccessJournal
    let clients: StubClients
    let limits: CountingLimits
    let subscriptions = StubSubscriptions()
    let deliveries: DeliveryQueue
    let writer: DCIWriter
    let ambient = Ambient.system

    static let issuer = "https://register.test"
    static let callback = "https://sp.test/registry/callback"
    static let office = "120101"
    /// A well-formed code that nobody has.
    static let nobody = (0...9).compactMap { try? KIDC(entered: "234560001\($0)") }.first?.digits ?? ""
    static let migrations = [
        Ledger.migrations, WebStorage.migrations, OfficerDirectory.migrations, ReferenceData.migrations,
        PopulationRegister.migrations, CivilRegister.migrations, DeliveryQueue.migrations, DCIRegistry.migrations,
    ]

    static func system(
        _ id: String, _ scopes: [String] = ["dci.search", "dci.subscribe", "cr.record.read"], areas: [String] = [],
        attributes: [AttributeName] = [.kidc, .familyName, .givenName, .gender, .birthdate, .birthplace]
    ) -> DCIClient {
        DCIClient(
            id: id,
            organisation: Organisation(code: "mosvy", name: LocalizedText(km: "សង្គមកិច្ច", en: "Social Affairs")),
            scopes: Set(scopes), areas: areas, basis: "KH-CRVSI-2023",
            purpose: Purpose(code: "aid", text: LocalizedText(km: "ជំនួយ", en: "Aid")), attributes: Set(attributes),
            callbacks: [callback])
    }

    static func serve(
        _ kind: DatabaseKind, _ clients: [DCIClient] = [system("sp")], limits: CountingLimits = CountingLimits(),
        _ test: @escaping @Sendable (World, any TestClientProtocol) async throws -> Void
    ) async throws {
        try await TestDatabases.with(kind, migrations: migrations) { database in
            let world = try await World(database, clients, limits)
            let settings = WebSettings(baseURL: issuer, accessLog: false)
            let web = try WebApplication(settings: settings, templates: [])
            try await world.registry().add(to: web.router)
            try await web.application().test(.router) { try await test(world, $0) }
        }
    }

    init(_ database: any Database, _ clients: [DCIClient], _ limits: CountingLimits) async throws {
        self.database = database
        self.limits = limits
        self.clients = try StubClients(clients)
        let vault = try FileKeyVault.ephemeral(ambient: .system)
        _ = try await vault.create(CivilRegister.signing, .es256, state: .active)
        _ = try await vault.create(DCIWriter.signing, .es256, state: .active)
        self.vault = vault
        let ledger = Ledger(database: database, vault: vault, ambient: .system)
        gate = DisclosureGate(ledger: ledger, ambient: .system)
        journal = AccessJournal(ledger: ledger, database: database)
        let places = ReferenceData(database: database)
        try await places.install()
        people = PopulationRegister(
            database: database, vault: vault, ledger: ledger, gate: gate, referenceData: places, ambient: .system,
            codes: .production)
        civil = CivilRegister(
            database: database, vault: vault, ledger: ledger, gate: gate, people: people, referenceData: places,
            effects: NoEffects(), ambient: .system)
        deliveries = DeliveryQueue(
            database: database, client: OutboundClient(policy: OutboundPolicy()), sealer: VaultSealer(vault: vault),
            ambient: .system, logger: Logger(label: "test"))
        writer = DCIWriter(vault: vault, reference: places, issuer: Self.issuer, ambient: .system)
    }

    func registry() async throws -> DCIRegistry {
        try await DCIRegistry(
            database: database, people: people, civil: civil, clients: clients, limits: limits,
            subscriptions: subscriptions, deliveries: deliveries, outbound: OutboundClient(policy: OutboundPolicy()),
            writer: writer)
    }

    /// The content of every delivery that waits, opened.
    func waiting() async throws -> [JSONObject] {
        let rows = try await database.read { connection in
            try await connection.query("SELECT id, content FROM outbound_deliveries ORDER BY created_at, id")
        }
        var found: [JSONObject] = []
        for row in rows {
            let bytes = try await vault.open(
                try row.blob(1), purpose: .sealing, context: Array("rumdul delivery 1 \(try row.string(0))".utf8))
            let body = try JSON.parseObject(bytes).string("body").flatMap { Base64URL.decode($0) } ?? []
            found.append(try JSON.parseObject(body))
        }
        return found
    }

    // MARK: Requests

    func header(_ action: String, _ count: Int, _ client: String) -> JSONObject {
        [
            "version": "1.0.0", "message_id": .string(ambient.newID()), "message_ts": .string(ambient.now().rfc3339),
            "action": .string(action), "sender_id": .string(client), "total_count": .integer(Int64(count)),
        ]
    }

    /// Signs header and message as a sender does.
    func envelope(
        _ header: JSONObject, _ message: JSONObject, as client: String, detached: Bool = false, by key: JWK? = nil
    ) async throws -> JSONObject {
        guard let key = key ?? clients.keys[client] else { throw RumdulError.internal("no key") }
        let content = try CanonicalJSON.encode(["header": .object(header), "message": .object(message)])
        let producer = JWSProducer(signer: try SoftwareSigner(jwk: key))
        let signature = try await detached ? producer.signDetached(content) : producer.sign(content)
        return ["signature": .string(signature), "header": .object(header), "message": .object(message)]
    }

    func searching(_ criteria: [JSONObject], locale: String = "eng") -> JSONObject {
        let items: [JSONValue] = criteria.enumerated().map { index, criteria in
            [
                "reference_id": .string("ref-\(index)"), "timestamp": .string(ambient.now().rfc3339),
                "search_criteria": .object(criteria), "locale": .string(locale),
            ]
        }
        return ["transaction_id": "txn-1", "search_request": .array(items)]
    }

    /// A whole search at once; the items of the answer.
    func search(
        _ client: any TestClientProtocol, _ criteria: [JSONObject], as system: String = "sp", locale: String = "eng"
    ) async throws -> [JSONValue] {
        let envelope = try await envelope(
            header("search", criteria.count, system), searching(criteria, locale: locale), as: system)
        let answer = try await client.post("/registry/sync/search", envelope, as: system)
        guard answer.status == 200, let items = answer.json["message"]?["search_response"]?.arrayValue else {
            throw RumdulError.internal("\(answer.status) \(JSON.text(answer.json))")
        }
        return items
    }

    static func uin(_ code: String, event: String? = nil) -> JSONObject {
        var criteria: JSONObject = [
            "query_type": "idtype-value", "query": ["type": "UIN", "value": .string(code)],
        ]
        criteria["reg_event_type"] = event.map(JSONValue.string)
        return criteria
    }

    // MARK: People and events

    /// Enters a person: SOK Dara, born 13 April 1990 in Battambang.
    func enterPerson() async throws -> Registration {
        let draft = PersonDraft(
            names: [
                PersonName(
                    khmer: NameParts(family: "សុខ", given: "ដារ៉ា"), latin: NameParts(family: "SOK", given: "Dara"))
            ], sex: .male, birth: Birth(date: PartialDate(iso: "1990-04-13"), place: PlaceCode("0201")),
            source: FactSource(kind: "enrolment", reference: "test"))
        return try await database.transaction { try await people.register(draft, by: .system("test"), in: $0) }
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

    func registeredBirth(mother: String? = nil) async throws -> VitalRecord {
        var values = [
            "child.family_km": "សុខ", "child.given_km": "ពិសី", "child.sex": "2", "event.date": yesterday,
            "event.place": Self.office, "mother.family_km": "ចាន់", "mother.given_km": "សុភា",
            "mother.birthdate": "1998-05-01", "father.unknown": "unknown", "informant.relation": "mother",
            "informant.given_km": "ចាន់ សុភា",
        ]
        values["mother.person"] = mother
        let declared = try await civil.declare(
            .birth, values, office: Self.office, by: CivilStep(officer("clerk", .communeClerk, Self.office)))
        _ = try await civil.verify(declared.id, by: CivilStep(officer("verifier", .districtVerifier, "1201")))
        return try await civil.register(declared.id, by: CivilStep(officer("registrar", .registrar, Self.office)))
    }

    func registeredDeath(_ code: String) async throws -> VitalRecord {
        let registrar = officer("registrar", .registrar, Self.office)
        let declared = try await civil.declare(
            .death,
            [
                "deceased.person": code, "deceased.given_km": "ដារ៉ា", "deceased.sex": "1", "event.date": yesterday,
                "event.place": Self.office, "informant.relation": "spouse", "informant.given_km": "សុខា",
            ], office: Self.office, by: CivilStep(registrar))
        return try await civil.register(declared.id, by: CivilStep(registrar))
    }

    /// Access entries of a person that name a system.
    func entries(of person: PersonID, by system: String = "sp") async throws -> [AccessEntry] {
        try await journal.entries(of: person, limit: 100).filter { $0.system == system }
    }
}

extension TestClientProtocol {
    func post(
        _ path: String, _ body: JSONObject, as client: String?
    ) async throws -> (status: Int, json: JSONValue) {
        var fields: HTTPFields = [.contentType: "application/json"]
        if let client { fields[.authorization] = "Bearer " + client }
        let answer = try await executeRequest(
            uri: path, method: .post, headers: fields, body: ByteBuffer(bytes: JSON.bytes(.object(body))))
        let bytes = Array(answer.body.readableBytesView)
        return (answer.status.code, bytes.isEmpty ? .null : try JSON.parse(bytes))
    }
}

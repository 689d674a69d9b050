import Accountability
import CivilRegister
import Codecs
import Crypto
import Database
import DatabaseTesting
import JOSE
import Kernel
import KeyVault
import Ledger
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Outbound
import PopulationRegister
import ReferenceData
import Synchronization

@testable import RegisterNotifications

/// A clock that a test moves by hand.
final class TestClock: Sendable {
    private let time = Mutex<Int64>(1_796_000_000_000_000)  // 30 November 2026

    var now: Instant { Instant(microseconds: time.withLock { $0 }) }
    func advance(seconds: Int64) { time.withLock { $0 += seconds * 1_000_000 } }
    func day(_ offset: Int) -> String {
        CalendarDate(daysSinceEpoch: now.dayInCambodia.daysSinceEpoch + offset).description
    }

    var ambient: Ambient { Ambient(now: { self.now }, randomBytes: secureRandomBytes) }
}

/// Registrations that a test changes.
final class TestDirectory: SubscriberDirectory {
    private let known = Mutex<[String: Subscriber]>([:])

    func set(_ id: String, _ rights: [String: TopicRight]?, areas: [String] = []) {
        known.withLock { known in
            known[id] = rights.map {
                Subscriber(
                    id: id, organisation: Organisation(code: "bank", name: LocalizedText(km: "ធនាគារ", en: "Bank")),
                    areas: areas, basis: "KH-CRVSI-2023",
                    purpose: Purpose(code: "work", text: LocalizedText(km: "ការងារ", en: "Work")), rights: $0)
            }
        }
    }

    subscript(id: String) -> Subscriber? { known.withLock { $0[id] } }

    func subscriber(_ clientID: String, in connection: any SQLConnection) async throws -> Subscriber? {
        known.withLock { $0[clientID] }
    }
}

private struct NoEffects: LifeEventEffects {
    func ended(_ person: PersonID, record: String, in connection: any SQLConnection) async throws {}
}

/// What a receiver got.
struct Received: Sendable {
    var path: String
    var headers: [String: String]
    var body: [UInt8]

    var json: JSONObject { (try? JSON.parseObject(body)) ?? [:] }
    var event: JSONObject { (try? JSON.parseObject(Array((json.string("message") ?? "{}").utf8))) ?? [:] }
    var messageID: String { headers["message-id"] ?? "" }
}

/// A receiver on the loopback that answers with the statuses that a test chose.
final class Receiver: Sendable {
    private let got = Mutex<[Received]>([])
    private let status = Mutex<HTTPResponseStatus>(.ok)
    private let channel: any Channel

    var received: [Received] { got.withLock { $0 } }
    var notifications: [Received] { received.filter { $0.json.string("type") == "Notification" } }
    var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)/hook" }

    func answer(_ new: HTTPResponseStatus) { status.withLock { $0 = new } }
    func forget() { got.withLock { $0 = [] } }

    private init(_ channel: any Channel) { self.channel = channel }

    static func with(_ test: @escaping @Sendable (Receiver) async throws -> Void) async throws {
        let box = Mutex<Receiver?>(nil)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(
                        Handler { received in
                            guard let receiver = box.withLock({ $0 }) else { return .serviceUnavailable }
                            receiver.got.withLock { $0.append(received) }
                            return receiver.status.withLock { $0 }
                        })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let receiver = Receiver(channel)
        box.withLock { $0 = receiver }
        do {
            try await test(receiver)
        } catch {
            try? await channel.close()
            throw error
        }
        try? await channel.close()
    }

    private final class Handler: ChannelInboundHandler, @unchecked Sendable {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let take: @Sendable (Received) -> HTTPResponseStatus
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []

        init(_ take: @escaping @Sendable (Received) -> HTTPResponseStatus) { self.take = take }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let new): (head, body) = (new, [])
            case .body(let buffer): body += Array(buffer.readableBytesView)
            case .end:
                guard let head else { return }
                let fields = Dictionary(
                    head.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { $1 })
                let status = take(Received(path: head.uri, headers: fields, body: body))
                let answer = HTTPResponseHead(
                    version: .http1_1, status: status, headers: ["content-length": "0", "connection": "close"])
                context.write(wrapOutboundOut(.head(answer)), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}

/// Both registers, the outbox, and the service that empties it.
struct World: Sendable {
    let database: any Database
    let clock = TestClock()
    let vault: any KeyVault
    let people: PopulationRegister
    let civil: CivilRegister
    let journal: AccessJournal
    let directory = TestDirectory()
    let service: NotificationService
    let receiver: Receiver

    static let office = "120101"
    static let migrations = [
        Ledger.migrations, OfficerDirectory.migrations, ReferenceData.migrations, PopulationRegister.migrations,
        CivilRegister.migrations, NotificationService.migrations,
    ]

    static func with(
        _ kind: DatabaseKind, forms: [any MessageForm] = [], _ test: @escaping @Sendable (World) async throws -> Void
    ) async throws {
        try await TestDatabases.with(kind, migrations: migrations) { database in
            try await Receiver.with { receiver in try await test(try await World(database, receiver, forms)) }
        }
    }

    init(_ database: any Database, _ receiver: Receiver, _ forms: [any MessageForm] = []) async throws {
        self.database = database
        self.receiver = receiver
        let vault = try FileKeyVault.ephemeral(ambient: clock.ambient)
        _ = try await vault.create(CivilRegister.signing, .es256, state: .active)
        _ = try await vault.create(NotificationService.signing, .es256, state: .active)
        self.vault = vault
        let ledger = Ledger(database: database, vault: vault, ambient: clock.ambient)
        let gate = DisclosureGate(ledger: ledger, ambient: clock.ambient)
        journal = AccessJournal(ledger: ledger, database: database)
        let places = ReferenceData(database: database)
        try await places.install()
        people = PopulationRegister(
            database: database, vault: vault, ledger: ledger, gate: gate, referenceData: places, ambient: clock.ambient,
            codes: .production)
        civil = CivilRegister(
            database: database, vault: vault, ledger: ledger, gate: gate, people: people, referenceData: places,
            effects: NoEffects(), events: EventOutbox(ambient: clock.ambient), ambient: clock.ambient)
        service = NotificationService(
            database: database, vault: vault, gate: gate, people: people.codesEver, directory: directory,
            outbound: OutboundClient(
                policy: OutboundPolicy(rules: OutboundPolicy.loopbackEntries.compactMap { OutboundRule($0) })),
            issuer: "https://register.test", ambient: clock.ambient, logger: Logger(label: "test"), forms: forms)
        try await service.install()
    }

    // MARK: Subscribers

    /// A system with rights, subscribed and confirmed on each of them; the subscriptions by topic.
    @discardableResult
    func subscribed(
        _ id: String, _ rights: [String: TopicRight], areas: [String] = [], policy: String = "60,2"
    ) async throws -> [String: Subscription] {
        directory.set(id, rights, areas: areas)
        var made: [String: Subscription] = [:]
        for topic in rights.keys.sorted() { made[topic] = try await confirmed(id, topic, policy: policy) }
        return made
    }

    func client(_ id: String) throws -> Subscriber {
        guard let known = directory[id] else { throw RumdulError.internal("no client \(id)") }
        return known
    }

    func confirmed(_ id: String, _ topic: String, policy: String) async throws -> Subscription {
        let item = try await service.subscribe(
            to: topic, at: receiver.url + "/" + id, RetryPolicy(policy), by: try client(id))
        await service.sendDue()
        guard
            let token = receiver.received.last(where: { $0.headers["subscription-id"] == item.id })?.json
                .string("token")
        else { throw RumdulError.internal("no confirmation") }
        try await service.confirm(token, by: try client(id))
        receiver.forget()
        return item
    }

    /// Dispatches and sends all that is due now.
    func deliver() async throws {
        while try await service.dispatch() > 0 {}
        while await service.sendDue() > 0 {}
    }

    // MARK: Events

    static func officer(_ name: String, _ role: Role, _ area: String?) -> Officer {
        Officer(
            id: "officer-" + name, username: name, displayName: LocalizedText(km: name, en: name),
            organisation: Organisation(code: "moi", name: LocalizedText(km: "មហាផ្ទៃ", en: "Interior")),
            grants: [Grant(role, in: area.map { .area($0) } ?? .national)], state: .active)
    }

    let clerk = officer("clerk", .communeClerk, "120101")
    let registrar = officer("registrar", .registrar, "120101")
    let verifier = officer("verifier", .districtVerifier, "1201")
    let first = officer("first", .identificationOfficer, nil)
    let second = officer("second", .identificationOfficer, nil)

    func person(_ family: String, _ given: String, _ sex: Sex, born: String) async throws -> (PersonID, String) {
        let draft = PersonDraft(
            names: [PersonName(khmer: NameParts(family: family, given: given), latin: nil)], sex: sex,
            birth: Birth(date: PartialDate(iso: born)), source: FactSource(kind: "import", reference: "test"))
        let made = try await database.transaction {
            try await people.register(draft, by: .system("test"), in: $0)
        }
        return (made.personID, made.kidc.digits)
    }

    func registeredBirth(_ changes: [String: String] = [:]) async throws -> VitalRecord {
        let values = [
            "child.family_km": "សុខ", "child.given_km": "ពិសី", "child.sex": "2", "event.date": clock.day(-3),
            "event.place": "120101", "mother.family_km": "ចាន់", "mother.given_km": "សុភា",
            "mother.birthdate": "1998-05-01", "father.unknown": "unknown", "informant.relation": "mother",
            "informant.given_km": "ចាន់ សុភា",
        ].merging(changes) { $1 }
        let declared = try await civil.declare(.birth, values, office: Self.office, by: CivilStep(clerk))
        _ = try await civil.verify(declared.id, by: CivilStep(verifier))
        return try await civil.register(declared.id, by: CivilStep(registrar))
    }

    func registered(_ kind: VitalEventKind, _ values: [String: String]) async throws -> VitalRecord {
        let declared = try await civil.declare(kind, values, office: Self.office, by: CivilStep(registrar))
        return try await civil.register(declared.id, by: CivilStep(registrar))
    }

    func registeredDeath(_ code: String, _ name: String = "ដារ៉ា", on day: Int = -2) async throws -> VitalRecord {
        try await registered(
            .death,
            [
                "deceased.person": code, "deceased.given_km": name, "deceased.sex": "1",
                "event.date": clock.day(day), "event.place": "120101", "informant.relation": "spouse",
                "informant.given_km": "សុខា",
            ])
    }

    func revoke(_ id: String) async throws {
        _ = try await civil.requestRevocation(id, reason: "ចុះខុសមនុស្ស", basis: "សេចក្តីសម្រេច ១", by: CivilStep(first))
        _ = try await civil.approveRevocation(id, by: CivilStep(second))
    }

    func reinstate(_ id: String) async throws {
        _ = try await civil.requestReinstatement(id, reason: "ដកហូតខុស", basis: "សេចក្តីសម្រេច ២", by: CivilStep(first))
        _ = try await civil.approveReinstatement(id, by: CivilStep(second))
    }

    // MARK: What is there

    /// Access entries of a person that name a subscriber.
    func disclosures(of person: PersonID, to client: String) async throws -> [AccessEntry] {
        try await journal.entries(of: person, limit: 100).filter { $0.system == client }
    }

    /// Topic, name and change of every event in the outbox, in order.
    func events() async throws -> [String] {
        try await database.read { connection in
            try await connection.query("SELECT topic, name, change FROM notif_events ORDER BY at, seq, topic").map {
                row in
                let (topic, name, change) = (try row.string(0), try row.string(1), try row.string(2))
                return "\(topic) \(name) \(change)"
            }
        }
    }
}

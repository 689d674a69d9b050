import Accountability
import Codecs
import Database
import DatabaseTesting
import Kernel
import KeyVault
import Ledger
import ReferenceData
import Synchronization

@testable import PopulationRegister

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// A clock that a test moves by hand, and randomness that can be seeded or replaced.
final class TestAmbient: Sendable {
    private let time = Mutex<Int64>(1_790_000_000_000_000)
    private let generator: Mutex<SeededGenerator>

    init(seed: UInt64 = 1) { generator = Mutex(SeededGenerator(seed: seed)) }

    var now: Instant { Instant(microseconds: time.withLock { $0 }) }
    func advance(seconds: Int64) { time.withLock { $0 += seconds * 1_000_000 } }

    func bytes(_ count: Int) -> [UInt8] {
        generator.withLock { generator in (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) } }
    }

    var ambient: Ambient { Ambient(now: { self.now }, randomBytes: { self.bytes($0) }) }
}

/// A register on a fresh database.
struct World: Sendable {
    let database: any Database
    let ambient: TestAmbient
    let vault: any KeyVault
    let ledger: Ledger
    let gate: DisclosureGate
    let journal: AccessJournal
    let referenceData: ReferenceData
    let register: PopulationRegister

    static let migrations = [
        Ledger.migrations, OfficerDirectory.migrations, ReferenceData.migrations, PopulationRegister.migrations,
    ]

    static func with(
        _ kind: DatabaseKind, codes: CodeRange = .production, _ test: @escaping @Sendable (World) async throws -> Void
    ) async throws {
        try await TestDatabases.with(kind, migrations: migrations) { database in
            try await test(try await World(database, codes: codes))
        }
    }

    init(_ database: any Database, codes: CodeRange = .production) async throws {
        self.database = database
        ambient = TestAmbient()
        vault = try FileKeyVault.ephemeral(ambient: ambient.ambient)
        ledger = Ledger(database: database, vault: vault, ambient: ambient.ambient)
        gate = DisclosureGate(ledger: ledger, ambient: ambient.ambient)
        journal = AccessJournal(ledger: ledger, database: database)
        referenceData = ReferenceData(database: database)
        try await referenceData.install()
        register = PopulationRegister(
            database: database, vault: vault, ledger: ledger, gate: gate, referenceData: referenceData,
            ambient: ambient.ambient, codes: codes)
    }

    /// The same register with other randomness, for collisions made on purpose.
    func register(drawing bytes: @escaping @Sendable (Int) -> [UInt8]) -> PopulationRegister {
        let clock = ambient
        return PopulationRegister(
            database: database, vault: vault, ledger: ledger, gate: gate, referenceData: referenceData,
            ambient: Ambient(now: { clock.now }, randomBytes: bytes), codes: .production)
    }

    func enter(_ draft: PersonDraft) async throws -> Registration {
        try await database.transaction { try await register.register(draft, by: clerk, in: $0) }
    }

    func request(_ person: PersonID, _ attributes: [AttributeName], _ basis: Basis = .consent("c1"))
        -> DisclosureRequest
    {
        DisclosureRequest(
            subject: person, actor: .client("bank"),
            organisation: Organisation(code: "ORG", name: LocalizedText(km: "ធនាគារ", en: "Bank")), system: "core",
            service: "login", purpose: Purpose(code: "login", text: LocalizedText(km: "ចូល", en: "Log in")),
            basis: basis,
            attributes: attributes, traceID: "t")
    }

    func disclose(_ person: PersonID, _ attributes: [AttributeName]) async throws -> DisclosedAttributes {
        try await disclose(person, attributes, from: register)
    }

    func disclose(
        _ person: PersonID, _ attributes: [AttributeName], from source: any AttributeSource
    ) async throws -> DisclosedAttributes {
        try await database.transaction { try await gate.disclose(request(person, attributes), from: source, in: $0) }
    }

    func count(_ table: String, _ condition: String = "1 = 1") async throws -> Int {
        try await database.read { connection in
            try await connection.first("SELECT COUNT(*) FROM \(table) WHERE \(condition)", [])?.int(0) ?? 0
        }
    }
}

let clerk = Actor.officer(id: "officer-1", role: "registrar")
let second = Actor.officer(id: "officer-2", role: "identificationOfficer")
let source = FactSource(kind: "enrolment", reference: "packet-1")

func dara(_ change: (inout PersonDraft) -> Void = { _ in }) -> PersonDraft {
    var draft = PersonDraft(
        names: [
            PersonName(khmer: NameParts(family: "សុខ", given: "ដារ៉ា"), latin: NameParts(family: "SOK", given: "Dara"))
        ], sex: .male, birth: Birth(date: PartialDate(iso: "1990-04-13"), place: PlaceCode("080101")),
        residence: [Residence(.permanent, place: code("12"), detail: "ផ្ទះលេខ ៥")],
        contacts: [Contact(.phone, "០១២ ៣៤៥ ៦៧៨")], source: source)
    change(&draft)
    return draft
}

func code(_ text: String) -> PlaceCode {
    guard let code = PlaceCode(text) else { preconditionFailure("a place code of a test is well formed") }
    return code
}

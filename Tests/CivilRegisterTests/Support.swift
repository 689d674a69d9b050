import Accountability
import Codecs
import Database
import DatabaseTesting
import Kernel
import KeyVault
import Ledger
import PopulationRegister
import ReferenceData
import Synchronization
import TestVectors

@testable import CivilRegister

/// A clock that a test moves by hand.
final class TestClock: Sendable {
    private let time = Mutex<Int64>(1_796_000_000_000_000)  // 30 November 2026

    var now: Instant { Instant(microseconds: time.withLock { $0 }) }
    var today: CalendarDate { now.dayInCambodia }
    func advance(days: Int) { time.withLock { $0 += Int64(days) * 86_400_000_000 } }
    func day(_ offset: Int) -> String { CalendarDate(daysSinceEpoch: today.daysSinceEpoch + offset).description }

    var ambient: Ambient { Ambient(now: { self.now }, randomBytes: secureRandomBytes) }
}

/// Remembers whom the effects were told about.
final class RecordedEffects: LifeEventEffects {
    private let people = Mutex<[PersonID]>([])
    var ended: [PersonID] { people.withLock { $0 } }

    func ended(_ person: PersonID, record: String, in connection: any SQLConnection) async throws {
        people.withLock { $0.append(person) }
    }
}

/// Both registers on a fresh database, and officers of one province.
struct World: Sendable {
    let database: any Database
    let clock = TestClock()
    let vault: any KeyVault
    let ledger: Ledger
    let people: PopulationRegister
    let civil: CivilRegister
    let journal: AccessJournal
    let effects = RecordedEffects()

    let clerk = officer("clerk", .communeClerk, "120101")
    let registrar = officer("registrar", .registrar, "120101")
    let verifier = officer("verifier", .districtVerifier, "1201")
    let province = officer("province", .provincialApprover, "12")
    let first = officer("first", .identificationOfficer, nil)
    let second = officer("second", .identificationOfficer, nil)

    static let office = "120101"
    static let migrations = [
        Ledger.migrations, OfficerDirectory.migrations, ReferenceData.migrations, PopulationRegister.migrations,
        CivilRegister.migrations,
    ]

    /// - Parameter duplicates: whether declarations are compared; most tests enter events that are alike.
    static func with(
        _ kind: DatabaseKind, duplicates: Bool = false, _ test: @escaping @Sendable (World) async throws -> Void
    ) async throws {
        try await TestDatabases.with(kind, migrations: migrations) { database in
            try await test(try await World(database, duplicates: duplicates))
        }
    }

    init(_ database: any Database, duplicates: Bool = false) async throws {
        self.database = database
        vault = try FileKeyVault.ephemeral(ambient: clock.ambient)
        _ = try await vault.create(CivilRegister.signing, .es256, state: .active)
        ledger = Ledger(database: database, vault: vault, ambient: clock.ambient)
        let gate = DisclosureGate(ledger: ledger, ambient: clock.ambient)
        journal = AccessJournal(ledger: ledger, database: database)
        let places = ReferenceData(database: database)
        try await places.install()
        people = PopulationRegister(
            database: database, vault: vault, ledger: ledger, gate: gate, referenceData: places, ambient: clock.ambient,
            codes: .production)
        var civil = CivilRegister(
            database: database, vault: vault, ledger: ledger, gate: gate, people: people, referenceData: places,
            effects: effects, ambient: clock.ambient)
        civil.findsDuplicates = duplicates
        self.civil = civil
    }

    static func officer(_ name: String, _ role: Role, _ area: String?) -> Officer {
        Officer(
            id: "officer-" + name, username: name, displayName: LocalizedText(km: name, en: name),
            organisation: Organisation(code: "moi", name: LocalizedText(km: "មហាផ្ទៃ", en: "Interior")),
            grants: [Grant(role, in: area.map { .area($0) } ?? .national)], state: .active)
    }

    // MARK: People

    /// An adult who is in the register already; the code.
    func person(_ family: String, _ given: String, _ sex: Sex, born: String) async throws -> (PersonID, String) {
        let draft = PersonDraft(
            names: [PersonName(khmer: NameParts(family: family, given: given), latin: nil)], sex: sex,
            birth: Birth(date: PartialDate(iso: born)), source: FactSource(kind: "import", reference: "test"))
        let made = try await database.transaction {
            try await people.register(draft, by: .system("test"), in: $0)
        }
        return (made.personID, made.kidc.digits)
    }

    func life(_ person: PersonID) async throws -> LifeState { try await people.lifeState(of: person) }

    func status(_ person: PersonID) async throws -> CivilStatus {
        try await database.read { try await people.civilStatus(of: person, in: $0) }
    }

    func edges(_ person: PersonID) async throws -> [Relationship] {
        try await database.read { try await people.relationships(of: person, in: $0) }
    }

    /// Seven of each, none like another: events that are alike wait for two officers.
    static let families = ["សុខ", "គឹម", "លី", "ហេង", "ទេព", "មាស", "ប៊ុន"]
    static let names = ["ដារ៉ា", "លីដា", "មករា", "សុវណ្ណ", "វិបុល", "កញ្ញា", "ធីតា"]
    static let mothers = ["ចន្ធី", "រតនា", "បុប្ផា", "ម៉ាលី", "គន្ធា", "ណារី", "វន្នី"]

    // MARK: Records

    func birth(_ changes: [String: String] = [:]) -> [String: String] {
        [
            "child.family_km": "សុខ", "child.given_km": "ពិសី", "child.sex": "2", "event.date": clock.day(-3),
            "event.place": "120101", "mother.family_km": "ចាន់", "mother.given_km": "សុភា",
            "mother.birthdate": "1998-05-01", "father.unknown": "unknown", "informant.relation": "mother",
            "informant.given_km": "ចាន់ សុភា",
        ].merging(changes) { $1 }.filter { !$0.value.isEmpty }
    }

    func registeredBirth(_ changes: [String: String] = [:]) async throws -> VitalRecord {
        let declared = try await civil.declare(.birth, birth(changes), office: Self.office, by: CivilStep(clerk))
        _ = try await civil.verify(declared.id, by: CivilStep(verifier))
        return try await civil.register(declared.id, by: CivilStep(registrar))
    }

    func death(_ code: String, on day: Int = -2) -> [String: String] {
        [
            "deceased.person": code, "deceased.given_km": "ដារ៉ា", "deceased.sex": "1", "event.date": clock.day(day),
            "event.place": "120101", "informant.relation": "spouse", "informant.given_km": "សុខា",
        ]
    }

    func marriage(_ one: String, _ other: String, _ changes: [String: String] = [:]) -> [String: String] {
        [
            "spouse1.person": one, "spouse1.given_km": "ដារ៉ា", "spouse1.sex": "1", "spouse1.birthdate": "1995-01-01",
            "spouse2.person": other, "spouse2.given_km": "សុភា", "spouse2.sex": "2", "spouse2.birthdate": "1996-01-01",
            "event.date": clock.day(0), "event.place": "120101", "event.notice_date": clock.day(-12),
            "witness1.given_km": "មករា", "witness2.given_km": "មីនា", "informant.relation": "parties",
            "informant.given_km": "ដារ៉ា",
        ].merging(changes) { $1 }.filter { !$0.value.isEmpty }
    }

    func divorce(_ one: String, _ other: String) -> [String: String] {
        [
            "spouse1.person": one, "spouse1.given_km": "ដារ៉ា", "spouse2.person": other, "spouse2.given_km": "សុភា",
            "event.date": clock.day(-1), "event.place": "120101", "court.name": "សាលាដំបូងរាជធានីភ្នំពេញ",
            "court.number": "១២/២០២៦", "court.date": clock.day(-1), "informant.relation": "parties",
            "informant.given_km": "ដារ៉ា",
        ]
    }

    /// Declared and registered by one registrar, as everything but births.
    func registered(_ kind: VitalEventKind, _ raw: [String: String]) async throws -> VitalRecord {
        let declared = try await civil.declare(kind, raw, office: Self.office, by: CivilStep(registrar))
        return try await civil.register(declared.id, by: CivilStep(registrar))
    }

    func revoke(_ id: String) async throws {
        _ = try await civil.requestRevocation(id, reason: "ចុះខុសមនុស្ស", basis: "សេចក្តីសម្រេច ១", by: CivilStep(first))
        _ = try await civil.approveRevocation(id, by: CivilStep(second))
    }

    func reinstate(_ id: String) async throws {
        _ = try await civil.requestReinstatement(id, reason: "ដកហូតខុស", basis: "សេចក្តីសម្រេច ២", by: CivilStep(first))
        _ = try await civil.approveReinstatement(id, by: CivilStep(second))
    }
}

extension DisclosureRequest {
    static func own(_ person: PersonID, _ attributes: [AttributeName]) -> DisclosureRequest {
        DisclosureRequest(
            subject: person, actor: .subjectSelf,
            organisation: Organisation(code: "self", name: LocalizedText(km: "ខ្លួនឯង", en: "Self")), system: "test",
            service: "test", purpose: Purpose(code: "own", text: LocalizedText(km: "ខ្លួនឯង", en: "Own")),
            basis: .ownRequest, attributes: attributes, traceID: "t")
    }
}

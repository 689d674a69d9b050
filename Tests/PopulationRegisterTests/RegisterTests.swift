import Accountability
import Database
import DatabaseTesting
import Foundation
import Kernel
import Ledger
import ReferenceData
import Testing

@testable import PopulationRegister

private struct Refusal: Error {}

@Suite struct RegisteringTests {
    @Test(arguments: TestDatabases.kinds)
    func aPersonGetsARecordACodeAndAnAuditEntry(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let entered = try await world.enter(dara())
            #expect(try await world.register.person(kidc: entered.kidc) == entered.personID)
            #expect(
                try await world.register.state(of: entered.personID)
                    == PersonState(record: .active, life: .alive, assurance: nil))
            #expect(try await world.register.exists(entered.personID))
            #expect(try await !world.register.exists(PersonID("nobody")))
            #expect(try await world.register.count() == 1)
            #expect(try await world.count("ledger_entries", "kind = 'person.registered'") == 1)
            #expect(try await world.count("population_codes", "profile = 'assumed-2017'") == 1)
            await #expect(throws: RumdulError.personNotFound) {
                _ = try await world.register.lifeState(of: PersonID("x"))
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func noPapersNoPhoneNoNationalityIsEnough(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let bare = PersonDraft(
                names: [PersonName(khmer: nil, latin: NameParts(family: "", given: "Mlol"))], sex: .notKnown,
                birth: Birth(date: nil), nationality: [], source: source)
            let entered = try await world.enter(bare)
            let shown = try await world.disclose(
                entered.personID, [.name, .nationality, .gender, .birthdate, .ageOver18, .address, .residencyStatus])
            #expect(shown[.name] == "Mlol")
            #expect(shown[.nationality] == "undetermined")
            #expect(shown[.gender] == "unspecified")
            #expect(shown[.residencyStatus] == "unrecorded")
            #expect(shown[.birthdate] == nil && shown[.ageOver18] == nil && shown[.address] == nil)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func refusedDraftsSayWhichFields(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let cases: [(String, PersonDraft)] = [
                ("names", dara { $0.names = [] }), ("names", dara { $0.names += $0.names }),
                ("name_km", dara { $0.names[0].khmer = NameParts(family: "Sok", given: "Dara") }),
                ("name_latin", dara { $0.names[0].latin = NameParts(family: "សុខ", given: "") }),
                ("given_name_km", dara { $0.names[0].khmer?.given = String(repeating: "ក", count: 101) }),
                ("given_name_latin", dara { $0.names[0].latin?.given = "Da\u{202E}ra" }),
                ("birthdate", dara { $0.birth.date = PartialDate(iso: "2999") }),
                ("birthdate", dara { $0.birth.date = PartialDate(iso: "1700") }),
                ("birth_place", dara { $0.birth.place = code("9901") }),
                ("residence", dara { $0.residence[0].place = code("99") }),
                ("nationality", dara { $0.nationality = [Nationality(.foreign)] }),
                ("nationality", dara { $0.nationality = [Nationality(.foreign, country: "xx")] }),
                ("phone_number", dara { $0.contacts = [Contact(.phone, "12")] }),
                ("email", dara { $0.contacts = [Contact(.email, "nobody")] }),
                ("document_number", dara { $0.documents = [IdentityDocument(.passport, number: "#")] }),
                ("source", dara { $0.source = FactSource(kind: "", reference: "r") }),
                ("confidence", dara { $0.confidence = 101 }),
            ]
            for (field, draft) in cases {
                do {
                    _ = try await world.enter(draft)
                    Issue.record("\(field) was accepted")
                } catch let error as RumdulError {
                    #expect(error.code == "person.invalid")
                    #expect(error.fields.map(\.field).contains(field), "\(field): \(error.fields.map(\.field))")
                }
            }
            #expect(try await world.count("population_persons") == 0)
            #expect(try await world.count("ledger_entries") == 0)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func manyAreEnteredInOrder(_ kind: DatabaseKind) async throws {
        try await World.with(kind, codes: .synthetic) { world in
            let drafts = (0..<1234).map { number in dara { $0.names[0].latin?.given = "Dara\(number)" } }
            let entered = try await world.register.register(many: drafts, by: .system("demo"))
            #expect(entered.count == drafts.count)
            #expect(Set(entered.map(\.kidc)).count == drafts.count)
            #expect(entered.allSatisfy { $0.kidc.range == .synthetic })
            for index in [0, 1, 63, 64, 999, 1000, 1233] {
                #expect(
                    try await world.disclose(entered[index].personID, [.givenName])[.givenName]
                        == .string("Dara\(index)"))
                #expect(try await world.register.person(kidc: entered[index].kidc) == entered[index].personID)
            }
            #expect(try await world.count("ledger_entries", "kind = 'person.registered'") == drafts.count)
            #expect(try await world.ledger.verify().isIntact)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aCodeIsNeverGivenTwiceByManyAtOnce(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            // A generator with few codes: collisions are certain.
            let draws = SmallRange(codes: 400)
            let register = world.register(drawing: { draws.bytes($0) })
            try await withThrowingTaskGroup(of: Registration.self) { group in
                for _ in 0..<32 {
                    group.addTask {
                        try await world.database.transaction { try await register.register(dara(), by: clerk, in: $0) }
                    }
                }
                var codes: Set<KIDC> = []
                var persons: Set<PersonID> = []
                for try await entered in group {
                    #expect(codes.insert(entered.kidc).inserted)
                    #expect(persons.insert(entered.personID).inserted)
                }
                #expect(codes.count == 32)
            }
            #expect(try await world.count("population_codes") == 32)
            #expect(try await world.count("population_persons") == 32)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aFullRangeRaisesTheAlarm(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let draws = SmallRange(codes: 1)
            let register = world.register(drawing: { draws.bytes($0) })
            _ = try await world.database.transaction { try await register.register(dara(), by: clerk, in: $0) }
            await #expect(throws: RumdulError.kidcExhausted) {
                _ = try await world.database.transaction { try await register.register(dara(), by: clerk, in: $0) }
            }
            #expect(try await world.count("population_persons") == 1)
            // In bulk too, within one batch.
            await #expect(throws: RumdulError.kidcExhausted) {
                _ = try await register.register(many: [dara(), dara()], by: clerk)
            }
            #expect(try await world.count("population_persons") == 1)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aPersonHasOneActiveCode(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let entered = try await world.enter(dara())
            await #expect(throws: RumdulError.databaseUnique) {
                try await world.database.transaction { connection in
                    _ = try await world.register.store.claim(
                        [(tag: [1, 2, 3], person: entered.personID, sealed: [])], as: .active, profile: KIDC.profile,
                        at: world.ambient.now,
                        in: connection)
                }
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func testPersonsAreRefusedInProduction(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let synthetic = KIDC(body: 12_345_999, range: .synthetic)
            await #expect(throws: RumdulError.kidcWrongRange) { _ = try await world.register.person(kidc: synthetic) }
            let found = try await world.register.person(loginIdentifier: synthetic.digits)
            #expect(found == nil)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func loginIdentifiersAreReadAsTyped(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let entered = try await world.enter(dara())
            let alias = try await world.database.transaction {
                try await world.register.issueVID(for: entered.personID, .perpetual, by: .subjectSelf, in: $0)
            }
            let khmer = String(
                String.UnicodeScalarView(
                    entered.kidc.digits.unicodeScalars.compactMap { Unicode.Scalar(0x17E0 + $0.value - 48) }))
            for text in [entered.kidc.digits, entered.kidc.display, khmer, alias.digits, alias.display] {
                #expect(try await world.register.person(loginIdentifier: text) == entered.personID)
            }
            let unknown = KIDC.draw(.production, world.ambient.ambient)
            for text in ["", "12", "not a code", unknown.digits, String(entered.kidc.digits.dropLast())] {
                #expect(try await world.register.person(loginIdentifier: text) == nil)
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func subjectsDifferBySectorAndPersonAndStay(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (a, b) = (PersonID("a"), PersonID("b"))
            let subject = try await world.register.subject(of: a, sector: "bank")
            #expect(subject.hasPrefix("v1."))
            #expect(subject.utf8.count == 55)
            #expect(try await world.register.subject(of: a, sector: "tax") != subject)
            #expect(try await world.register.subject(of: b, sector: "bank") != subject)
            // The border between the parts counts.
            let left = try await world.register.subject(of: PersonID("ab"), sector: "c")
            let right = try await world.register.subject(of: PersonID("a"), sector: "bc")
            #expect(left != right)
            // A new key makes no new subjects.
            world.ambient.advance(seconds: 10)
            _ = try await world.vault.create(.sectorToken, .hmacSHA256, state: .active)
            #expect(try await World.again(world).subject(of: a, sector: "bank") == subject)
        }
    }
}

extension World {
    /// A second register on the same database and vault, as on another node.
    static func again(_ world: World) -> PopulationRegister {
        world.register(drawing: { world.ambient.bytes($0) })
    }
}

/// Randomness whose codes come from a small set, while everything else stays random.
final class SmallRange: Sendable {
    private let codes: UInt64

    init(codes: UInt64) { self.codes = codes }

    func bytes(_ count: Int) -> [UInt8] {
        guard count == 8 else { return secureRandomBytes(count) }
        let value = 34_567_123 + UInt64.random(in: 0..<codes) * 1_000_003
        return (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64(7 - $0))) }
    }
}

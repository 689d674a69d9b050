import Accountability
import Codecs
import Database
import DatabaseTesting
import Foundation
import Kernel
import Ledger
import ReferenceData
import Testing

@testable import PopulationRegister

private struct Refusal: Error {}

@Suite struct DisclosureTests {
    @Test(arguments: TestDatabases.kinds)
    func attributesComeOutAsTheStandardSays(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let entered = try await world.enter(
                dara {
                    $0.nationality = [Nationality(.khmer)]
                    $0.contacts.append(Contact(.email, "dara@example.kh"))
                    $0.documents = [IdentityDocument(.khmerIDCard, number: "០១២ ៣៤៥ ៦៧៨")]
                })
            let shown = try await world.disclose(entered.personID, AttributeCatalogue.all.map(\.name))
            let expected: [AttributeName: JSONValue] = [
                .name: "សុខ ដារ៉ា", .nameKhmer: "សុខ ដារ៉ា", .nameLatin: "SOK Dara", .givenName: "Dara", .familyName: "SOK",
                .givenNameKhmer: "ដារ៉ា", .familyNameKhmer: "សុខ", .gender: "male", .birthdate: "1990-04-13",
                .dateOfBirth: "1990-04-13", .ageOver15: true, .ageOver18: true, .addressProvince: "KH-12",
                .address: [
                    "country": "KH", "region_code": "KH-12", "region": "ភ្នំពេញ", "region_latin": "Phnom Penh",
                    "formatted": "ផ្ទះលេខ ៥ រាជធានីភ្នំពេញ", "formatted_latin": "Phnom Penh",
                ],
                .nationality: "KHM", .residencyStatus: "permanent", .phoneNumber: "+85512345678",
                .email: "dara@example.kh",
                .kidc: .string(entered.kidc.digits), .nationalID: "012345678", .documentType: "khmer_id_card",
            ]
            for (name, value) in expected { #expect(shown[name] == value, "\(name.rawValue)") }
            #expect(shown.values.count == expected.count)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func everyDisclosureHasExactlyOneEntry(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let entered = try await world.enter(dara())
            for round in 1...4 {
                _ = try await world.disclose(entered.personID, [.name, .kidc])
                #expect(try await world.count("ledger_entries", "stream LIKE 'access-%'") == round)
            }
            await #expect(throws: Refusal.self) {
                try await world.database.transaction { connection in
                    _ = try await world.gate.disclose(
                        world.request(entered.personID, [.name]), from: world.register, in: connection)
                    throw Refusal()
                }
            }
            await #expect(throws: RumdulError.personNotFound) { _ = try await world.disclose(PersonID("x"), [.name]) }
            #expect(try await world.count("ledger_entries", "stream LIKE 'access-%'") == 4)
            #expect(try await world.journal.entries(of: entered.personID).count == 4)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func nothingReadableLiesInTheDatabase(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let entered = try await world.enter(
                dara {
                    $0.documents = [IdentityDocument(.passport, number: "N0012345")]
                    $0.contacts.append(Contact(.email, "dara@example.kh"))
                })
            try await world.database.transaction { connection in
                try await world.register.amend(
                    entered.personID,
                    .names([
                        PersonName(
                            khmer: NameParts(family: "ចាន់", given: "សុភា"),
                            latin: NameParts(family: "CHAN", given: "Sophea"))
                    ]),
                    validFrom: nil, source: source, by: clerk, in: connection)
                _ = try await world.register.issueVID(
                    for: entered.personID, .perpetual, by: .subjectSelf, in: connection)
            }
            _ = try await world.disclose(entered.personID, [.name, .kidc])
            let secrets = [
                "សុខ", "ដារ៉ា", "SOK", "Dara", "ចាន់", "សុភា", "Sophea", "1990", "12345678", "N0012345", "dara@example.kh",
                entered.kidc.digits, "080101",
            ]
            let tables = [
                "population_persons", "population_codes", "population_aliases", "population_lookups",
                "population_facts",
                "ledger_entries",
            ]
            for table in tables {
                let columns = try await world.columns(table)
                let rows = try await world.database.read {
                    try await $0.query("SELECT \(columns.joined(separator: ", ")) FROM \(table)")
                }
                #expect(!rows.isEmpty, "\(table)")
                for value in rows.flatMap(\.values) {
                    for secret in secrets { #expect(!value.holds(secret), "\(table)") }
                }
            }
        }
    }

    @Test func theDatabaseFileHoldsNoPlaintext() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let database = try SQLiteDatabase(path: folder.path + "/population.db")
        try await database.migrate(World.migrations)
        let world = try await World(database)
        let marker = LocalizedText(km: "ធនាគារ", en: "Bank")
        let drafts = (0..<50).map { number in dara { $0.contacts = [Contact(.phone, "0977 654 \(100 + number)")] } }
        let entered = try await world.register.register(many: drafts, by: .system("demo"))
        for person in entered { _ = try await world.disclose(person.personID, [.name, .phoneNumber]) }
        await database.close()
        var bytes = Data()
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            bytes += try Data(contentsOf: URL(fileURLWithPath: folder.path + "/" + file))
        }
        // The access entries are readable, so the search finds what is there.
        #expect(bytes.range(of: Data(marker.km.utf8)) != nil)
        for secret in ["សុខ ដារ៉ា", "ដារ៉ា", "Dara", "97765410", "0977"] + entered.map(\.kidc.digits) {
            #expect(bytes.range(of: Data(secret.utf8)) == nil, "a secret lies in the file")
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func searchFindsBySpellingAndShowsThroughTheGate(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let entered = try await world.enter(dara())
            let other = try await world.enter(dara { $0.birth.date = PartialDate(iso: "1991") })
            _ = try await world.enter(
                dara {
                    $0.names = [
                        PersonName(
                            khmer: NameParts(family: "ចាន់", given: "សុភា"),
                            latin: NameParts(family: "Chan", given: "Sophea"))
                    ]
                })
            func search(_ query: PersonQuery) async throws -> [PersonID] {
                try await world.database.read { try await world.register.search(query, in: $0) }
            }
            for query: PersonQuery in [
                .code(entered.kidc.display), .name("សុខ ដារ៉ា", birthYears: 1990...1990),
                .name("សុខដារ៉ា", birthYears: 1990...1990),
                .name("Sok Dara", birthYears: 1990...1990), .name("dara sok", birthYears: 1990...1990),
                .name("SOKH Dahra", birthYears: 1990...1990),
            ] {
                #expect(try await search(query) == [entered.personID], "\(query)")
            }
            #expect(
                Set(try await search(.name("sok dara", birthYears: 1989...1991))) == [entered.personID, other.personID])
            #expect(try await search(.phone("012345678")).count == 3)
            #expect(try await search(.name("sok dara", birthYears: 1980...1980)) == [])
            await #expect(throws: RumdulError.searchTooVague) {
                _ = try await search(.name("sok", birthYears: 1900...2000))
            }
            await #expect(throws: RumdulError.searchTooVague) {
                _ = try await search(.name("  ", birthYears: 1990...1990))
            }

            var request = world.request(PersonID("-"), [.kidc, .phoneNumber], .statute("CRVSID-20"))
            request.actor = clerk
            let found = try await world.database.transaction { [request] connection in
                try await world.register.find(.name("Sok Dara", birthYears: 1990...1991), as: request, in: connection)
            }
            #expect(Set(found.map(\.personID)) == [entered.personID, other.personID])
            #expect(found.allSatisfy { $0.attributes[.name] == "សុខ ដារ៉ា" })
            #expect(found.allSatisfy { $0.attributes[.kidc] == nil && $0.attributes[.phoneNumber] == nil })
            #expect(try await world.journal.entries(of: entered.personID).count == 1)
            #expect(try await world.journal.entries(of: other.personID).count == 1)
            await #expect(throws: RumdulError.searchBasis) {
                _ = try await world.database.transaction {
                    try await world.register.find(
                        .code(entered.kidc.digits), as: world.request(PersonID("-"), [.name], .consent("c")), in: $0)
                }
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func officersWorkWherePeopleLive(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let inPhnomPenh = try await world.enter(dara()).personID
            let bornInKandal = try await world.enter(dara { $0.residence = [] }).personID
            let nowhere = try await world.enter(
                dara { draft in
                    draft.residence = []
                    draft.birth.place = nil
                }
            ).personID
            func officer(_ jurisdiction: Jurisdiction) -> Officer {
                Officer(
                    id: "o", username: "o", displayName: LocalizedText(km: "ម", en: "o"),
                    organisation: Organisation(code: "G", name: LocalizedText(km: "ម", en: "o")),
                    grants: [Grant(.registrar, in: jurisdiction)], state: .active)
            }
            func allowed(_ officer: Officer, _ person: PersonID) async throws -> Bool {
                try await world.database.read { connection in
                    do {
                        try await world.register.require(.personFind, of: officer, over: person, in: connection)
                        return true
                    } catch let error as RumdulError where error == .officerForbidden {
                        return false
                    }
                }
            }
            for (jurisdiction, expected) in [
                (Jurisdiction.area("12"), [true, false, false]), (.area("0801"), [false, true, false]),
                (.area("01"), [false, false, false]), (.national, [true, true, true]),
            ] {
                var actual: [Bool] = []
                for person in [inPhnomPenh, bornInKandal, nowhere] {
                    actual.append(try await allowed(officer(jurisdiction), person))
                }
                #expect(actual == expected, "\(jurisdiction)")
            }
            #expect(try await world.register.area(of: inPhnomPenh) == "12")
            #expect(try await world.register.area(of: bornInKandal) == "080101")
            #expect(try await world.register.area(of: nowhere) == nil)
        }
    }
}

extension SQLValue {
    /// Whether a text stands anywhere in the value.
    fileprivate func holds(_ text: String) -> Bool {
        let bytes: [UInt8]
        switch self {
        case .text(let value): bytes = Array(value.utf8)
        case .blob(let value): bytes = value
        case .integer, .double, .bool, .null: return false
        }
        return Data(bytes).range(of: Data(text.utf8)) != nil
    }
}

extension World {
    fileprivate func columns(_ table: String) async throws -> [String] {
        try await database.read { connection in
            let sql =
                connection.dialect == .sqlite
                ? "SELECT name FROM pragma_table_info($1)"
                : "SELECT column_name FROM information_schema.columns WHERE table_name = $1"
            return try await connection.query(sql, [table]).map { try $0.string(0) }
        }
    }
}

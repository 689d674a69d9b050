import Accountability
import Database
import DatabaseTesting
import Kernel
import RecordLinkage
import Synchronization
import Testing

@testable import CivilRegister
@testable import PopulationRegister

/// A file in memory, cut after any line: what a killed run leaves.
struct MemoryFile {
    var lines: [[UInt8]]

    init(_ header: [String], _ rows: [[String]]) {
        lines = ([header] + rows).map { Array(CSVText.line($0, isGuarded: false).utf8) }
    }

    /// Gives a line at a time.
    /// - Parameter cut: fails after so many lines, of the second reading only.
    func open(cut: Int? = nil) -> () throws -> () throws -> [UInt8] {
        var readings = 0
        let lines = lines
        return {
            readings += 1
            let isSecond = readings == 2
            var index = 0
            return {
                if isSecond, let cut, index == cut { throw Killed() }
                guard index < lines.count else { return [] }
                index += 1
                return lines[index - 1]
            }
        }
    }

    struct Killed: Error {}
}

extension World {
    static let birthColumns = [
        "legacy.page", "legacy.number", "legacy.date", "event.date", "event.place", "child.family_km", "child.given_km",
        "child.sex", "mother.family_km", "mother.given_km", "father.given_km",
    ]

    /// Births of an old book, none like another.
    static func oldBirths(_ count: Int) -> [[String]] {
        (0..<count).map { index in
            [
                String(index / 4 + 1), String(index + 1), "1989-03-0\(index % 9 + 1)",
                "\(1970 + index % 19)-02-1\(index % 9)",
                "120101", families[index % 7], names[(index / 7 + index) % 7], String(index % 2 + 1),
                families[(index + 3) % 7], mothers[index % 7], names[(index + 2) % 7],
            ]
        }
    }

    func order(_ kind: ImportKind = .birth, book: String = "១២", officer: Officer? = nil) -> ImportOrder {
        var order = ImportOrder(kind, basis: "បទបញ្ជា ៧/២០២៦", officer: officer ?? first)
        order.constants = ["legacy.book": book, "office": Self.office].filter { kind != .person || $0.key.isEmpty }
        return order
    }

    func run(
        _ file: MemoryFile, _ order: ImportOrder, cut: Int? = nil
    ) async throws -> (ImportCounts, [ImportRefusal]) {
        let refused = Mutex<[ImportRefusal]>([])
        let counts = try await ImportRun(civil, order).run(
            file.open(cut: cut), refused: { refusal in refused.withLock { $0.append(refusal) } })
        return (counts, refused.withLock { $0 })
    }

    func count(_ table: String) async throws -> Int {
        try await database.read { try await $0.first("SELECT COUNT(*) FROM \(table)")?.int(0) ?? 0 }
    }

    func allRecords() async throws -> [VitalRecord] {
        try await database.read { connection in
            try await civil.open(
                try await civil.store.identifiers(after: "", limit: 400, in: connection), in: connection)
        }
    }
}

@Suite struct ImportTests {
    @Test(arguments: TestDatabases.kinds) func anOldBookBecomesRegisteredRecordsAndPeople(
        _ kind: DatabaseKind
    ) async throws {
        try await World.with(kind) { world in
            let file = MemoryFile(World.birthColumns, World.oldBirths(9))
            let (counts, refused) = try await world.run(file, world.order())
            #expect(refused.isEmpty && counts.entered == 9 && counts.lines == 9)
            let records = try await world.allRecords()
            #expect(records.count == 9 && records.allSatisfy { $0.state == .registered && $0.isLegacy })
            let record = try #require(records.first { $0.declaration["legacy.number"] == "3" })
            #expect(record.declaration["legacy.book"] == "១២" && record.declaration["legacy.page"] == "1")
            #expect(
                record.declaration["event.date"] == "1972-02-12" && record.declaration["legacy.date"] == "1989-03-03")
            #expect(record.number?.hasPrefix("B-120101-2026-") == true)
            let dated = RegisterQuery("", date: LinkageDate(try #require(record.declaration.occurredOn)), place: nil)
            let found = try await world.civil.find(dated, by: world.registrar, traceID: "t").records
            #expect(found.map(\.summary.id).contains(record.id), "the search index knows entries of old books")
            let child = try #require(record.persons[.child])
            #expect(try await world.life(child) == .alive)
            let code = try await world.database.read { try await world.people.code(of: child, in: $0) }
            #expect(code != nil)
            #expect(try await world.people.count() == 9)
            for id in records.map(\.id) { try await world.civil.verifyHistory(of: id) }
            let history = try await world.database.read { try await world.civil.open(record.id, in: $0).actions }
            #expect(history.map(\.kind) == [.enterLegacy, .register])
            #expect(history.allSatisfy { $0.actor.id == world.first.id })
            #expect(history[0].content.basis == "បទបញ្ជា ៧/២០២៦")
            #expect(history[0].content.item?.hasSuffix(":4") == true)
        }
    }

    @Test(arguments: TestDatabases.kinds) func aKilledRunGoesOnWithoutDoublesAndAgainChangesNothing(
        _ kind: DatabaseKind
    ) async throws {
        try await World.with(kind) { world in
            let file = MemoryFile(World.birthColumns, World.oldBirths(12))
            for cut in [1, 4, 9] {
                var order = world.order()
                order.isResumed = cut > 1
                await #expect(throws: MemoryFile.Killed.self) { try await world.run(file, order, cut: cut) }
                #expect(try await world.count("civil_records") == cut - 1)
            }
            await #expect(throws: RumdulError.civilImportUnfinished) { try await world.run(file, world.order()) }
            var order = world.order()
            order.isResumed = true
            let (counts, _) = try await world.run(file, order)
            #expect(counts.known == 8 && counts.entered == 4 && counts.refused == 0)
            let before = try await world.count("ledger_entries")
            let (again, _) = try await world.run(file, world.order())
            #expect(again.known == 12 && again.entered == 0)
            #expect(try await world.count("civil_records") == 12)
            #expect(try await world.people.count() == 12)
            // Only that a run came to its end is noted.
            #expect(try await world.count("ledger_entries") == before + 1)
        }
    }

    @Test(arguments: TestDatabases.kinds) func aDryRunSaysTheSameAndWritesNothing(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            var rows = World.oldBirths(6)
            rows[2][3] = "1980-02-31"
            let file = MemoryFile(World.birthColumns, rows)
            let tables = [
                "civil_records", "civil_actions", "civil_legacy", "civil_imports", "civil_serials", "ledger_entries",
            ]
            var before: [Int] = []
            for table in tables { before.append(try await world.count(table)) }
            var order = world.order()
            order.isDryRun = true
            let (counts, refused) = try await world.run(file, order)
            #expect(counts.entered == 5 && counts.refused == 1)
            #expect(refused.map(\.line) == [4] && refused.map(\.column) == ["event.date"])
            var after: [Int] = []
            for table in tables { after.append(try await world.count(table)) }
            #expect(before == after)
            #expect(try await world.people.count() == 0)
            let (real, said) = try await world.run(file, world.order())
            #expect(real.entered == 5 && said == refused)
        }
    }

    @Test(arguments: TestDatabases.kinds) func everyBadLineIsNamedAndLeavesTheOthersAlone(
        _ kind: DatabaseKind
    ) async throws {
        try await World.with(kind) { world in
            var rows = World.oldBirths(14)
            rows[1][3] = "30/02/1980"  // line 3: a day that never was
            rows[2][4] = "129999"  // line 4: no such commune
            rows[3][6] = ""  // line 5: no name
            rows[4][5] = "=HYPERLINK(\"http://x\")"  // line 6
            rows[5][1] = "1"  // line 7: on page 2, another entry
            rows[6][1] = "៣"  // line 8
            rows[6][0] = "1"  // line 8: page 1, number 3 in Khmer digits: line 4 was refused, so this one is the first
            rows[7][1] = "3"
            rows[7][0] = "1"  // line 9: the same entry again
            rows[8][3] = "2031-01-01"  // line 10: tomorrow
            rows[9][7] = "5"  // line 11: no such sex
            var file = MemoryFile(World.birthColumns, rows)
            file.lines[11] = Array("1,2\u{0},3,4,5,6,7,8,9,10,11\n".utf8)  // line 12: NUL
            file.lines[12] = [0x31, 0x2C, 0xFF, 0xFE, 0x0A]  // line 13: no UTF-8
            file.lines[13] = [UInt8](repeating: 0x61, count: 20 << 20) + [10]  // line 14: 20 MiB
            file.lines[14] = Array("1,2,3\n".utf8)  // line 15
            let (counts, refused) = try await world.run(file, world.order())
            let codes = refused.map { "\($0.line) \($0.column) \($0.code)" }
            #expect(
                codes == [
                    "3 event.date civil.invalid", "4 event.place civil.invalid", "5 child.given_km civil.invalid",
                    "6 child.family_km civil.invalid", "9  civil.legacy_taken", "10 event.date civil.invalid",
                    "11 child.sex civil.invalid", "12  csv.control", "13  csv.utf8", "14  csv.line_length",
                    "15  csv.field_count",
                ])
            #expect(counts.entered == 3 && counts.refused == 11)
            #expect(try await world.count("civil_records") == 3)
            #expect(try await world.people.count() == 3)
            for refusal in refused {
                #expect(!refusal.text.km.isEmpty && !refusal.text.en.isEmpty)
                #expect(!refusal.csv.contains("HYPERLINK") && !refusal.csv.contains("129999"))
            }
        }
    }

    @Test(arguments: TestDatabases.kinds) func headersAndRightsAreCheckedFirst(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            func fields(_ columns: [String]) async -> [String] {
                do {
                    _ = try await world.run(MemoryFile(columns, []), world.order())
                    return []
                } catch let error as RumdulError {
                    return error.fields.map(\.field)
                } catch {
                    return ["?"]
                }
            }
            #expect(await fields(["event.date", "event.place", "passwords"]) == ["passwords"])
            #expect(await fields(["event.date", "event.date"]) == ["event.date"])
            #expect(await fields(["event.place"]) == ["event.date"])
            #expect(await fields(["=cmd|' /C calc'!A0"]).count == 2)
            let file = MemoryFile(World.birthColumns, World.oldBirths(1))
            for officer in [world.clerk, world.registrar, world.verifier, world.province] {
                await #expect(throws: RumdulError.officerForbidden) {
                    try await world.run(file, world.order(officer: officer))
                }
            }
            var order = world.order()
            order.basis = " "
            await #expect(throws: RumdulError.civilInvalid([]).withFields) { try await world.run(file, order) }
            let elsewhere = World.officer("elsewhere", .identificationOfficer, "08")
            let (counts, refused) = try await world.run(file, world.order(officer: elsewhere))
            #expect(counts.refused == 1 && refused.first?.code == "officer.forbidden")
        }
    }

    @Test(arguments: TestDatabases.kinds) func deathsAndMarriagesActOnThePeopleWhomTheyName(
        _ kind: DatabaseKind
    ) async throws {
        try await World.with(kind) { world in
            let (husband, one) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1950-01-01")
            let (_, other) = try await world.person("ចាន់", "សុភា", .female, born: "1952-01-01")
            let marriages = MemoryFile(
                [
                    "legacy.book", "legacy.number", "event.date", "event.place", "spouse1.person", "spouse1.given_km",
                    "spouse1.sex", "spouse2.person", "spouse2.given_km", "spouse2.sex",
                ],
                [
                    ["M1", "1", "1975", "120101", one, "ដារ៉ា", "1", other, "សុភា", "2"],
                    ["M1", "2", "1980-01-01", "120101", one, "ដារ៉ា", "1", other, "សុភា", "2"],
                    ["M1", "3", "1980-01-01", "120101", "0000000000", "ដារ៉ា", "1", other, "សុភា", "2"],
                ])
            let (counts, refused) = try await world.run(marriages, world.order(.marriage))
            #expect(counts.entered == 1 && counts.refused == 2)
            #expect(refused.map(\.code) == ["civil.marriage", "civil.invalid"])
            #expect(try await world.edges(husband).filter { $0.isLive && $0.kind == .spouse }.count == 1)
            let deaths = MemoryFile(
                ["legacy.number", "event.date", "event.place", "deceased.person", "deceased.given_km", "deceased.sex"],
                [
                    ["1", "1999-08", "120101", one, "ដារ៉ា", "1"],
                    ["2", "1999-09-01", "120101", one, "ដារ៉ា", "1"],
                    ["3", "2001", "120101", "", "ម៉ាលី", "2"],
                ])
            let (died, again) = try await world.run(deaths, world.order(.death, book: "D7"))
            #expect(died.entered == 2 && again.map(\.code) == ["civil.person"])
            #expect(try await world.life(husband) == .deceased)
            #expect(try await world.edges(husband).allSatisfy { !$0.isLive })
            #expect(world.effects.ended.contains(husband))
            #expect(try await world.people.count() == 3)
        }
    }

    @Test(arguments: TestDatabases.kinds) func alikeOnesWaitForTwoOfficersAndThenRegister(
        _ kind: DatabaseKind
    ) async throws {
        try await World.with(kind, duplicates: true) { world in
            var rows = World.oldBirths(2)
            rows.append(rows[0])
            rows[2][1] = "77"
            let (counts, refused) = try await world.run(MemoryFile(World.birthColumns, rows), world.order())
            #expect(counts.entered == 2 && counts.review == 1 && refused.isEmpty)
            #expect(try await world.people.count() == 2)
            let record = try #require(try await world.allRecords().first { $0.state == .duplicateReview })
            let cases = try await world.database.read { try await DuplicateStore().cases(of: record.id, in: $0) }
            #expect(!cases.isEmpty)
            let adjudicators = ["one", "two"].map { World.officer($0, .adjudicator, nil) }
            for item in cases {
                for officer in adjudicators {
                    _ = try await world.civil.decide(item.id, .different, reason: "មនុស្សពីរនាក់", by: CivilStep(officer))
                }
            }
            let registered = try await world.civil.register(record.id, by: CivilStep(world.registrar))
            #expect(registered.state == .registered && registered.persons[.child] != nil)
            #expect(try await world.people.count() == 3)
            try await world.civil.verifyHistory(of: record.id)
        }
    }

    @Test(arguments: TestDatabases.kinds) func nobodyBecomesASecondPersonByMarrying(_ kind: DatabaseKind) async throws {
        try await World.with(kind, duplicates: true) { world in
            _ = try await world.person("សុខ", "ដារ៉ា", .male, born: "1950-01-01")
            let columns = [
                "legacy.book", "legacy.number", "event.date", "event.place", "spouse1.family_km", "spouse1.given_km",
                "spouse1.sex", "spouse1.birthdate", "spouse1.new", "spouse2.family_km", "spouse2.given_km",
                "spouse2.sex",
                "spouse2.birthdate",
            ]
            let couple = ["1975", "120101", "សុខ", "ដារ៉ា", "1", "1950-01-01", "", "ចាន់", "បុប្ផា", "2", "1952-02-02"]
            var other = couple
            other[6] = "yes"
            let file = MemoryFile(columns, [["M1", "1"] + couple, ["M1", "2"] + other])
            let (counts, refused) = try await world.run(file, world.order(.marriage))
            #expect(refused.map { "\($0.line) \($0.column) \($0.code)" } == ["2 spouse1.person civil.person"])
            #expect(counts.entered == 1)
            #expect(try await world.people.count() == 3)
        }
    }

    @Test(arguments: TestDatabases.kinds) func aRecordThatIsTheSameAgainIsPutAside(_ kind: DatabaseKind) async throws {
        try await World.with(kind, duplicates: true) { world in
            var rows = World.oldBirths(1)
            rows.append(rows[0])
            rows[1][1] = "77"
            _ = try await world.run(MemoryFile(World.birthColumns, rows), world.order())
            let record = try #require(try await world.allRecords().first { $0.state == .duplicateReview })
            for item in try await world.database.read({ try await DuplicateStore().cases(of: record.id, in: $0) }) {
                let verdict: DuplicateCase.Verdict = item.otherRecord == nil ? .different : .same
                for name in ["one", "two"] {
                    let officer = World.officer(name, .adjudicator, nil)
                    _ = try await world.civil.decide(item.id, verdict, reason: "ដដែល", by: CivilStep(officer))
                }
            }
            let after = try await world.database.read { try await world.civil.open(record.id, in: $0).record }
            #expect(after.state == .archived)
            #expect(try await world.people.count() == 1)
            try await world.civil.verifyHistory(of: record.id)
        }
    }

    @Test(arguments: TestDatabases.kinds) func peopleKeepTheirCodesAndBirthsFindThem(_ kind: DatabaseKind) async throws
    {
        try await World.with(kind) { world in
            let code = KIDC.draw(.production, world.clock.ambient).digits
            let file = MemoryFile(
                ["code", "family_km", "given_km", "sex", "birthdate", "residence"],
                [
                    [code, "សុខ", "ពិសី", "2", "1988-04-05", "12010101"], [code, "ឡុង", "វណ្ណា", "1", "1960", ""],
                    ["1234567890", "ឡុង", "វណ្ណា", "1", "1960", ""],
                ])
            let (counts, refused) = try await world.run(file, world.order(.person))
            #expect(counts.entered == 1 && refused.map(\.code) == ["kidc.taken", "civil.invalid"])
            let person = try #require(try await world.people.person(kidc: KIDC(entered: code)))
            let births = MemoryFile(
                ["number", "child.person", "event.date", "event.place", "child.given_km", "child.sex"],
                [
                    [
                        RegistrationNumber(.birth, commune: "120101", year: 2026, serial: 41).text, code, "1988-04-05",
                        "120101", "ពិសី", "2",
                    ],
                    [
                        RegistrationNumber(.birth, commune: "120101", year: 2026, serial: 42).text, code, "1988-04-05",
                        "120101", "ពិសី", "2",
                    ],
                ])
            let (born, again) = try await world.run(births, world.order())
            #expect(born.entered == 1 && again.map(\.code) == ["civil.person"])
            let record = try #require(try await world.allRecords().first)
            #expect(record.persons[.child] == person && record.number?.hasPrefix("B-120101-2026-00041") == true)
            // The next one of this office gets the number behind it.
            let next = try await world.registeredBirth()
            #expect(next.number?.hasPrefix("B-120101-2026-00042") == true)
        }
    }
}

extension RumdulError {
    /// Compares by code: an error about the basis.
    fileprivate var withFields: RumdulError {
        .civilInvalid([
            FieldError("basis", LocalizedText(km: "សូមបញ្ជាក់លេខសេចក្តីសម្រេច។", en: "Give the number of the decision."))
        ])
    }
}

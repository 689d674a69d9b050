import Database
import DatabaseTesting
import Kernel
import Testing

@testable import CivilRegister
@testable import PopulationRegister

/// Kinds of events other than births, deaths and marriages, and what a dry run sees within a file.
@Suite struct ImportKindsTests {
    private func court(_ world: World) -> [String: String] {
        ["court.name": "សាលាដំបូង", "court.number": "១២", "court.date": world.clock.day(-1)]
    }

    /// One registered event of every kind, about people who are in the register.
    private func fill(_ world: World) async throws {
        let (_, man) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1970-01-01")
        let (_, woman) = try await world.person("ចាន់", "សុភា", .female, born: "1972-01-01")
        let (_, second) = try await world.person("ហេង", "វិបុល", .male, born: "1969-01-01")
        let (_, third) = try await world.person("លី", "ម៉ាលី", .female, born: "1971-01-01")
        let (_, child) = try await world.person("ទេព", "ធីតា", .female, born: "2010-01-01")
        let (_, lost) = try await world.person("មាស", "សុវណ្ណ", .male, born: "1960-01-01")
        let base = [
            "event.date": world.clock.day(-1), "event.place": "120101", "informant.relation": "parties",
            "informant.given_km": "ដារ៉ា",
        ]
        func event(_ kind: VitalEventKind, _ more: [String: String]) async throws {
            var raw = base.merging(more) { $1 }
            if let first = RulePack.cambodia2026.reporters[kind]?.first { raw["informant.relation"] = first.rawValue }
            if kind.needsCourt { raw.merge(court(world)) { $1 } }
            let declared = try await world.civil.declare(
                kind, raw, office: World.office, by: CivilStep(world.registrar))
            if declared.needsVerification {
                _ = try await world.civil.verify(declared.id, by: CivilStep(world.verifier))
            }
            _ = try await world.civil.register(declared.id, by: CivilStep(world.registrar))
        }
        _ = try await world.registeredBirth(["mother.person": woman])
        try await event(
            .foundling,
            ["child.given_km": "រដូវ", "child.sex": "1", "child.birthdate": "2026-11", "event.circumstances": "ក្បែរវត្ត"])
        try await event(.foetalDeath, ["event.gestation": "30", "mother.given_km": "សុភា", "mother.person": woman])
        for (one, other) in [(man, woman), (second, third)] {
            _ = try await world.registered(.marriage, world.marriage(one, other))
        }
        let pair = ["spouse1.person": man, "spouse2.person": woman, "spouse1.given_km": "ដារ៉ា", "spouse2.given_km": "សុភា"]
        try await event(.judicialSeparation, pair)
        try await event(.divorce, pair)
        try await event(
            .annulment,
            ["spouse1.person": second, "spouse2.person": third, "spouse1.given_km": "វិបុល", "spouse2.given_km": "ម៉ាលី"])
        let about = ["child.person": child, "child.given_km": "ធីតា", "child.sex": "2"]
        try await event(
            .recognition,
            about.merging(["father.person": man, "father.given_km": "ដារ៉ា"]) { $1 }
                .filter { $0.key != "child.sex" })
        try await event(
            .legitimation,
            [
                "child.person": child, "child.given_km": "ធីតា", "father.person": man, "father.given_km": "ដារ៉ា",
                "mother.person": woman, "mother.given_km": "សុភា",
            ])
        try await event(
            .adoption,
            about.merging(["adopter1.person": second, "adopter1.given_km": "វិបុល", "event.type": "simple"]) { $1 })
        try await event(
            .nameChange,
            ["person.person": third, "person.given_km": "ម៉ាលី", "new.given_km": "ម៉ារី", "event.reason": "ចង់ប្តូរ"])
        try await event(
            .sexCorrection,
            ["person.person": third, "person.given_km": "ម៉ារី", "new.sex": "2", "event.reason": "សរសេរខុស"])
        try await event(
            .nationalityChange,
            [
                "person.person": third, "person.given_km": "ម៉ារី", "new.nationality": "khmer", "new.basis": "នស/រកត ១",
                "event.reason": "សុំ",
            ])
        try await event(.presumedDeath, ["deceased.person": lost, "deceased.given_km": "សុវណ្ណ", "deceased.sex": "1"])
        _ = try await world.registered(.death, world.death(man))
    }

    @Test(arguments: TestDatabases.kinds) func everyKindGoesOutAndComesInAgain(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            try await fill(world)
            let (report, files) = try await world.exported()
            #expect(Set(try await world.allRecords().map(\.kind)) == Set(VitalEventKind.allCases))
            try await World.with(kind) { copy in
                for kind in ImportKind.allCases {
                    var order = world.order(kind, officer: copy.first)
                    order.constants = [:]
                    let (counts, refused) = try await copy.runBytes(
                        Array((files[kind.rawValue + ".csv"] ?? "").utf8), order)
                    #expect(refused.isEmpty && counts.refused == 0, "\(kind): \(refused)")
                    #expect(kind == .person || counts.entered >= 1, "\(kind)")
                }
                let (again, same) = try await copy.exported()
                #expect(again.records == report.records && again.people == report.people)
                for kind in ImportKind.allCases {
                    let name = kind.rawValue + ".csv"
                    #expect(
                        same[name]?.split(separator: "\n").sorted() == files[name]?.split(separator: "\n").sorted(),
                        "\(name)")
                }
                for record in try await copy.allRecords() { try await copy.civil.verifyHistory(of: record.id) }
                // The same edges between the same people.
                for person in try await world.database.read({
                    try await world.people.identifiers(after: "", limit: 100, in: $0)
                }) {
                    let code = try #require(
                        try await world.database.read { try await world.people.code(of: person, in: $0) })
                    let moved = try #require(try await copy.people.person(kidc: code))
                    #expect(
                        try await copy.edges(moved).map { "\($0.kind) \($0.isLive)" }.sorted()
                            == (try await world.edges(person)).map { "\($0.kind) \($0.isLive)" }.sorted())
                    #expect(try await copy.life(moved) == (try await world.life(person)))
                }
            }
        }
    }

    @Test(arguments: TestDatabases.kinds) func anOldEntryUndoesNoLaterChange(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (person, code) = try await world.person("លី", "ម៉ាលី", .female, born: "1971-01-01")
            func file(_ date: String, _ name: String, _ number: String) -> MemoryFile {
                MemoryFile(
                    ["legacy.number", "event.date", "event.place", "person.person", "person.given_km", "new.given_km"],
                    [[number, date, "120101", code, "ម៉ាលី", name]])
            }
            let (first, refusals) = try await world.run(file("2005-01-01", "ម៉ារី", "1"), world.order(.nameChange))
            #expect(first.entered == 1, "\(refusals)")
            let (second, refused) = try await world.run(file("1995-01-01", "សុខា", "2"), world.order(.nameChange))
            #expect(
                second.refused == 1 && refused.map(\.code) == ["civil.person"] && refused[0].column == "person.person")
            let name = try await world.database.read {
                try await world.people.open(person, in: $0).snapshot.official?.khmer?.given
            }
            #expect(name == "ម៉ារី")
            // Without a code nobody's record is changed.
            let (_, nobody) = try await world.run(
                MemoryFile(
                    ["legacy.number", "event.date", "event.place", "spouse1.given_km", "spouse2.given_km"],
                    [["3", "1990", "120101", "ដារ៉ា", "សុភា"]]), world.order(.divorce))
            #expect(Set(nobody.map(\.column)) == ["spouse1.person", "spouse2.person"])
            // A recognition names a parent, also in an old book.
            let (_, parentless) = try await world.run(
                MemoryFile(
                    ["legacy.number", "event.date", "event.place", "child.person", "child.given_km"],
                    [["4", "1990", "120101", code, "ម៉ាលី"]]), world.order(.recognition))
            #expect(parentless.map(\.column) == ["father.given_km"])
        }
    }

    @Test(arguments: TestDatabases.kinds) func aDryRunSeesWhatTheImportWillDoWithinOneFile(
        _ kind: DatabaseKind
    ) async throws {
        try await World.with(kind, duplicates: true) { world in
            func both(_ file: MemoryFile, _ order: ImportOrder) async throws -> (ImportCounts, [ImportRefusal]) {
                var dry = order
                dry.isDryRun = true
                let before = try await world.count("civil_records")
                let (told, reasons) = try await world.run(file, dry)
                #expect(try await world.count("civil_records") == before)
                let (done, refused) = try await world.run(file, order)
                #expect(
                    told == done && reasons.map(\.line) == refused.map(\.line)
                        && reasons.map(\.code) == refused.map(\.code))
                #expect(reasons.map(\.column) == refused.map(\.column))
                return (told, reasons)
            }
            // The first entry again under another number, and with a slip; the third under the number of the first.
            var births = World.oldBirths(6)
            births.append(births[0].enumerated().map { $0.offset == 1 ? "90" : $0.element })
            births.append(births[2])
            let (counts, refused) = try await both(MemoryFile(World.birthColumns, births), world.order(book: "1"))
            #expect(counts.review == 1 && counts.entered == 6 && counts.refused == 1)
            #expect(refused.map(\.code) == ["civil.legacy_taken"])

            let (_, man) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1950-01-01")
            let columns = [
                "legacy.number", "event.date", "event.place", "spouse1.person", "spouse1.given_km", "spouse1.sex",
                "spouse2.family_km", "spouse2.given_km", "spouse2.sex", "spouse2.birthdate", "spouse2.new",
            ]
            let bride = ["ចាន់", "សុភា", "2", "1960-01-01"]
            let marriages = MemoryFile(
                columns,
                [
                    ["1", "1985", "120101", man, "ដារ៉ា", "1"] + bride + [""],
                    ["2", "1986", "120101", man, "ដារ៉ា", "1", "លី", "កញ្ញា", "2", "1961-01-01", ""],
                ])
            let (wed, second) = try await both(marriages, world.order(.marriage))
            #expect(wed.entered == 1 && second.map(\.code) == ["civil.marriage"])
            let (_, other) = try await world.person("ហេង", "វិបុល", .male, born: "1955-01-01")
            let (_, friend) = try await world.person("ទេព", "មករា", .male, born: "1956-01-01")
            let alike = ["មាស", "បុប្ផា", "2", "1962-01-01"]
            let parties = MemoryFile(
                columns,
                [
                    ["3", "1985", "120101", other, "វិបុល", "1"] + alike + [""],
                    ["4", "1986", "120101", friend, "មករា", "1"] + alike + [""],
                    ["5", "1986", "120101", friend, "មករា", "1"] + alike + ["yes"],
                ])
            let (joined, same) = try await both(parties, world.order(.marriage, book: "2"))
            #expect(joined.entered == 2 && same.map(\.code) == ["civil.person"] && same[0].column == "spouse2.person")
            let people = MemoryFile(["code", "sex"], [["2000000003", "1"], ["2000000003", "2"]])
            var order = world.order(.person)
            order.isDryRun = true
            #expect(try await world.run(people, order).0.refused >= 1)
        }
    }
}

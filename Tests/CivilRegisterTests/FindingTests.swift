import Accountability
import Database
import DatabaseTesting
import Kernel
import PopulationRegister
import RecordLinkage
import RegisterSearch
import Testing

@testable import CivilRegister

@Suite struct FindingTests {
    private let child = [
        "child.family_km": "ឃាង", "child.given_km": "សុវណ្ណារ៉ា", "child.family_latin": "KHEANG",
        "child.given_latin": "Sovannara",
    ]

    @Test(arguments: TestDatabases.kinds)
    func recordsAreFoundWithSlipsDatesAndPlaces(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { [child] world in
            let record = try await world.registeredBirth(child)
            func found(_ query: RegisterQuery, _ officer: Officer? = nil) async throws -> FoundRecords {
                try await world.civil.find(query, by: officer ?? world.registrar, traceID: "t")
            }
            let year = try #require(record.declaration.occurredOn).year
            for query in [
                RegisterQuery("ឃាង សុវណ្ណារ៉ា"), RegisterQuery("ឃាង សុវន្ណារា"), RegisterQuery("sovanara kieng"),
                RegisterQuery("ឃាង សុណ្ណារ៉ា", years: year - 1...year),
                RegisterQuery("ឃាង សុវណ្ណារា", place: .init(code: String(World.office.prefix(4)))),
                RegisterQuery("", years: year...year, place: .init(code: World.office)),
                RegisterQuery("", date: LinkageDate(record.declaration.occurredOn ?? .year(year))),
            ] {
                #expect(try await found(query).records.map(\.summary.id) == [record.id], "\(query)")
            }
            for query in [
                RegisterQuery("ឃាង សុវណ្ណារា", years: 1990...2000), RegisterQuery("ឃាង សុវណ្ណារា", place: .init(code: "0101")),
                RegisterQuery("ចាន់ ធីតា"),
            ] {
                #expect(try await found(query).records.isEmpty, "\(query)")
            }
            let far = World.officer("far", .registrar, "010201")
            let elsewhere = try await found(RegisterQuery("ឃាង សុវណ្ណារា"), far)
            #expect(elsewhere.records.isEmpty && !elsewhere.hasMore)
            await #expect(throws: RumdulError.searchTooVague) {
                _ = try await found(RegisterQuery("", years: 1990...1990))
            }
            await #expect(throws: RumdulError.officerForbidden) {
                _ = try await found(RegisterQuery("ឃាង"), World.officer("none", .causeCoder, nil))
            }
        }
    }

    /// Each person who is shown has one access entry more; who is only opened and compared has none.
    @Test(arguments: TestDatabases.kinds)
    func personsAreShownThroughTheGate(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (shown, _) = try await world.person("ចាន់", "សុភា", .female, born: "1998-05-01")
            let (other, _) = try await world.person("ចាន់", "សុភី", .female, born: "1975-05-01")
            let national = World.officer("national", .registrar, nil)
            let found = try await world.civil.findPersons(
                RegisterQuery("ចាន់ សុភារ", years: 1997...1999), by: national, traceID: "look")
            #expect(found.persons.count == 1 && !found.hasMore)
            #expect(found.persons.first?.nearness == .slip)
            #expect(found.persons.first?.attributes[.name] == "ចាន់ សុភា")
            #expect(found.persons.first?.attributes[.kidc] == nil)
            let entries = try await world.journal.entries(of: shown).filter { $0.traceID == "look" }
            #expect(entries.count == 1 && entries.first?.actorKind == "officer")
            #expect(try await world.journal.entries(of: other).allSatisfy { $0.traceID != "look" })
            let far = try await world.civil.findPersons(
                RegisterQuery("ចាន់ សុភា"), by: World.officer("far", .registrar, "250101"), traceID: "far")
            #expect(far.persons.isEmpty && !far.hasMore)
        }
    }

    /// Invariant 13.
    @Test(arguments: TestDatabases.kinds)
    func sealedRecordsAreInNoSearchAndNoCount(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { [child] world in
            let record = try await world.registeredBirth(child)
            _ = try await world.civil.setSealed(record.id, true, reason: "ការពារកុមារ", by: CivilStep(world.first))
            let year = try #require(record.declaration.occurredOn).year
            for query in [
                RegisterQuery("ឃាង សុវណ្ណារ៉ា"), RegisterQuery("ឃាង សុវណ្ណារា"), RegisterQuery("Kheang Sovannara"),
                RegisterQuery("", years: year...year, place: .init(code: World.office)),
                RegisterQuery(record.number ?? ""), RegisterQuery(record.trackingID),
            ] {
                let found = try await world.civil.find(query, by: world.registrar, traceID: "t")
                #expect(found.records.isEmpty && !found.hasMore, "\(query)")
                let persons = try await world.civil.findPersons(query, by: world.registrar, traceID: "t")
                #expect(persons.persons.allSatisfy { !$0.records.contains { $0.id == record.id } })
            }
            #expect(
                try await world.civil.find("ឃាង សុវណ្ណារ៉ា", by: world.first, traceID: "t").map(\.id) == [record.id])
            #expect(try await world.civil.reindexNames(after: "").entered == 0, "sealed ones stay out")
            _ = try await world.civil.setSealed(record.id, false, reason: "បើកវិញ", by: CivilStep(world.first))
            #expect(
                try await world.civil.find("ឃាង សុវណ្ណារា", by: world.registrar, traceID: "t").map(\.id) == [record.id])
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func recordsFromBeforeTheIndexAreEntered(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { [child] world in
            let record = try await world.registeredBirth(child)
            try await world.database.transaction { connection in
                try await connection.execute("DELETE FROM civil_search")
                try await connection.execute("DELETE FROM civil_search_subjects")
            }
            func finds(_ name: String) async throws -> Bool {
                try await world.civil.find(name, by: world.registrar, traceID: "t").map(\.id) == [record.id]
            }
            #expect(try await finds("ឃាង សុវណ្ណារ៉ា"), "by its whole name, before")
            #expect(try await !finds("ឃាង សុណ្ណារ៉ា"))
            #expect(try await world.civil.reindexNames(after: "").entered == 1)
            #expect(try await finds("ឃាង សុណ្ណារ៉ា"))
            #expect(try await world.civil.reindexNames(after: "").entered == 0)
        }
    }
}

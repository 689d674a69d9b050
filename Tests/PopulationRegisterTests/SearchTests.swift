import Accountability
import Database
import DatabaseTesting
import Kernel
import RecordLinkage
import RegisterSearch
import Testing

@testable import PopulationRegister

@Suite struct SearchTests {
    private func answer(_ world: World, _ query: SearchQuery, areas: [String]? = nil) async throws -> SearchAnswer {
        try await world.database.read { try await world.register.answer(.details(query), areas: areas, in: $0) }
    }

    private func finds(_ world: World, _ person: PersonID, _ query: SearchQuery) async throws -> Bool {
        try await answer(world, query).persons.contains { $0.id == person }
    }

    /// The rows of the index are those that the standing records give, neither more nor fewer.
    private func isWhole(_ world: World, _ persons: [PersonID]) async throws -> Bool {
        try await world.database.read { connection in
            var expected = 0
            for person in persons {
                guard let row = try await world.register.store.person(person, in: connection), row.record == .active
                else { continue }
                let facts = try await world.register.open(person, in: connection).snapshot.searchFacts
                expected += try await world.register.index.entries(facts).count
                guard try await world.register.index.contains(person.text, in: connection) else { return false }
            }
            let rows = try await connection.first("SELECT COUNT(*) FROM population_search")?.int(0)
            return rows == expected
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func personsAreFoundByWhatTheRecordSaysNow(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let person = try await world.enter(dara()).personID
            let query = SearchQuery(name: "សុខ តារា", years: 1989...1991)
            #expect(try await answer(world, query).persons.map(\.id) == [person])
            #expect(try await answer(world, query).persons.first?.nearness == .alike)
            #expect(try await finds(world, person, SearchQuery(name: "dara sokh", place: .init(code: "12"))))
            #expect(try await finds(world, person, SearchQuery(date: LinkageDate(year: 1990, month: 4))))
            #expect(try await finds(world, person, SearchQuery(years: 1990...1990, place: .init(code: "080101"))))
            #expect(try await !finds(world, person, SearchQuery(name: "សុខ ដារ៉ា", years: 1980...1985)))
            #expect(try await answer(world, query, areas: ["12"]).persons.count == 1)
            let elsewhere = try await answer(world, query, areas: ["0801"])
            #expect(elsewhere.persons.isEmpty && !elsewhere.hasMore)

            try await world.database.transaction { connection in
                try await world.register.rename(
                    person, familyKhmer: "ចាន់", givenKhmer: "វិចិត្រ", familyLatin: "Chan", givenLatin: "Vichet",
                    validFrom: nil, source: source, by: clerk, in: connection)
                try await world.register.amend(
                    person, .birth(Birth(date: PartialDate(iso: "1988-02-01"))), validFrom: nil, source: source,
                    by: clerk, in: connection)
            }
            #expect(try await finds(world, person, SearchQuery(name: "ចាន់ វិចិត្", years: 1988...1988)))
            // The name at birth is kept, and found with a slip too; the year is the right one only.
            #expect(try await finds(world, person, SearchQuery(name: "សុខ តារ៉ា", years: 1988...1988)))
            #expect(try await !finds(world, person, SearchQuery(name: "សុខ ដារ៉ា", years: 1990...1990)))
            #expect(try await isWhole(world, [person]))
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func whoDoesNotStandIsNotFound(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let first = try await world.enter(dara()).personID
            let other = try await world.enter(dara { $0.birth.date = PartialDate(iso: "1991") }).personID
            let reserved = try await world.database.transaction {
                try await world.register.reserve(dara(), by: clerk, in: $0).personID
            }
            let query = SearchQuery(name: "Sok Darra", years: 1988...1992)
            func found() async throws -> Set<PersonID> { Set(try await answer(world, query).persons.map(\.id)) }
            #expect(try await found() == [first, other])
            try await world.database.transaction {
                try await world.register.retire(
                    first, .merged(into: other), requestedBy: clerk, approvedBy: second, in: $0)
            }
            #expect(try await found() == [other])
            #expect(try await isWhole(world, [first, other, reserved]))
            try await world.database.transaction {
                try await world.register.split(first, requestedBy: clerk, approvedBy: second, in: $0)
                try await world.register.confirm(reserved, as: dara(), by: clerk, in: $0)
            }
            #expect(try await found() == [first, other, reserved])
            #expect(try await isWhole(world, [first, other, reserved]))
            try await world.database.transaction {
                try await world.register.erase(other, requestedBy: clerk, approvedBy: second, in: $0)
                try await world.register.retire(reserved, .error, requestedBy: clerk, approvedBy: second, in: $0)
            }
            #expect(try await found() == [first])
            #expect(try await isWhole(world, [first, other, reserved]))
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func theIndexIsMadeAgainFromWhereItStopped(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let persons = try await world.register.register(
                many: (0..<25).map { number in dara { $0.birth.date = .year(1960 + number) } }, by: .system("demo")
            ).map(\.personID)
            try await world.database.transaction { connection in
                try await connection.execute("DELETE FROM population_search")
                try await connection.execute("DELETE FROM population_search_subjects")
            }
            #expect(try await !finds(world, persons[3], SearchQuery(name: "Sok Dar", years: 1963...1963)))
            let page = try await world.register.reindexNames(after: "", limit: 10)
            #expect(page.entered == 10 && page.last != nil)
            // Stopped here, begun again from the beginning.
            var after = ""
            var entered = 0
            while let last = try await world.register.reindexNames(after: after, limit: 10).last {
                after = last
                entered += 1
            }
            #expect(entered == 2)
            #expect(try await isWhole(world, persons))
            #expect(try await finds(world, persons[3], SearchQuery(name: "Sok Dar", years: 1963...1963)))
            #expect(try await world.register.reindexNames(after: "").entered == 0)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func manyNamesakesAreBoundedAndSaidToBeMore(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            _ = try await world.register.register(
                many: (0..<300).map { number in dara { $0.birth.date = .year(1950 + number % 60) } },
                by: .system("demo"))
            let all = try await answer(world, SearchQuery(name: "Sok Dara"))
            #expect(all.persons.count == 20 && all.hasMore)
            let one = try await answer(world, SearchQuery(name: "Sok Dara", years: 1950...1950))
            #expect(one.persons.count == 5 && !one.hasMore)
            for vague in [SearchQuery(), SearchQuery(years: 1950...1951), SearchQuery(name: " . ")] {
                await #expect(throws: RumdulError.searchTooVague) { _ = try await answer(world, vague) }
            }
        }
    }
}

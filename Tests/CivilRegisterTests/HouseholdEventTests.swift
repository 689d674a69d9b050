import Accountability
import Database
import DatabaseTesting
import Kernel
import PopulationRegister
import Testing

@testable import CivilRegister

/// What births and deaths do to households.
@Suite struct HouseholdEventTests {
    private func open(
        _ world: World, _ head: PersonID, _ others: [(PersonID, HouseholdRelation)] = [], village: String = "12010101"
    ) async throws -> Household {
        try await world.people.openHousehold(
            at: HouseholdPlace(village: village),
            members: [(head, HouseholdRelation.head)] + others.map { ($0.0, $0.1) },
            by: HouseholdStep(
                .officer(world.registrar), from: CalendarDate(iso: "2020-01-01"), reference: "សៀវភៅ ១"))
    }

    private func look(_ world: World, _ id: String) async throws -> OpenedHousehold {
        var request = DisclosureRequest.own(PersonID("-"), [.name, .household])
        request.basis = .statute("KH-CRVSI-2023")
        return try await world.people.household(id, by: .officer(world.registrar), as: request)
    }

    private func household(_ world: World, _ person: PersonID) async throws -> String? {
        try await world.database.transaction { connection in
            let told = try await world.people.read(.own(person, [.household]), in: connection)
            return told[.household]?["number"]?.stringValue
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aNewbornJoinsTheMothersHousehold(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (mother, motherCode) = try await world.person("ចាន់", "សុភា", .female, born: "1995-01-01")
            let (father, fatherCode) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1994-01-01")
            let (elder, _) = try await world.person("ចាន់", "ធី", .female, born: "1970-01-01")
            let hers = try await open(world, elder, [(mother, .child)])
            let his = try await open(world, father, village: "12010109")
            let birth = try await world.registeredBirth([
                "mother.person": motherCode, "father.unknown": "", "father.person": fatherCode,
                "father.given_km": "ដារ៉ា",
            ])
            let child = try #require(birth.persons[.child])
            #expect(try await household(world, child) == hers.number.text)
            let members = try await look(world, hers.id).members
            #expect(members.map(\.membership.relation) == [.head, .child, .grandchild])
            #expect(members.last?.membership.validFrom.description == world.clock.day(-3))
            #expect(members.last?.membership.source.reference == birth.id)
            // Taken back and done again with the birth.
            try await world.revoke(birth.id)
            #expect(try await look(world, hers.id).members.count == 2)
            try await world.reinstate(birth.id)
            #expect(try await household(world, child) == hers.number.text)
            // The mother is nowhere: the father's.
            _ = try await world.people.removeMember(
                mother, from: hers.id, by: HouseholdStep(.officer(world.registrar), reference: "ទៅ"))
            let second = try await world.registeredBirth([
                "mother.person": motherCode, "father.unknown": "", "father.person": fatherCode,
                "father.given_km": "ដារ៉ា", "child.given_km": "មករា",
            ])
            let sibling = try #require(second.persons[.child])
            #expect(try await household(world, sibling) == his.number.text)
            // Neither has one, and a birth of long ago.
            let alone = try await world.registeredBirth(["child.given_km": "មីនា"])
            #expect(try await household(world, try #require(alone.persons[.child])) == nil)
            var invariants = Invariants(world)
            try await invariants.check()
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aDeathEndsMembershipAndAsksForAHead(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (man, manCode) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1994-01-01")
            let (wife, _) = try await world.person("ចាន់", "សុភា", .female, born: "1995-01-01")
            let (child, _) = try await world.person("សុខ", "មករា", .male, born: "2015-01-01")
            let home = try await open(world, man, [(child, .child), (wife, .spouse)])
            #expect(try await world.people.headlessHouseholds(by: .officer(world.registrar)).isEmpty)
            let death = try await world.registered(.death, world.death(manCode))
            var seen = try await look(world, home.id)
            #expect(seen.needsHead && seen.proposedHead == wife && seen.members.count == 2)
            #expect(
                try await world.people.headlessHouseholds(by: .officer(world.registrar)).map(\.id) == [home.id])
            #expect(try await household(world, man) == nil)
            // The death was somebody else's: he is back as the head.
            try await world.revoke(death.id)
            seen = try await look(world, home.id)
            #expect(!seen.needsHead && seen.members[0].membership.person == man && seen.members.count == 3)
            // It was right after all, and she became the head meanwhile: once more taken back, he is one of hers.
            try await world.reinstate(death.id)
            try await world.people.setHead(
                wife, of: home.id, by: HouseholdStep(.officer(world.registrar), reference: "មេថ្មី"))
            seen = try await look(world, home.id)
            #expect(seen.members.map(\.membership.person) == [wife, child] && !seen.needsHead)
            #expect(seen.members[1].membership.relation == .child)
            try await world.revoke(death.id)
            seen = try await look(world, home.id)
            #expect(seen.members.count == 3 && seen.members[0].membership.person == wife)
            #expect(
                seen.members.first { $0.membership.person == man }?.membership.relation == .otherRelative)
            var invariants = Invariants(world)
            try await invariants.check()
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aCorrectedDateOfDeathMovesTheEnd(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (man, code) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1994-01-01")
            let home = try await open(world, man)
            let death = try await world.registered(.death, world.death(code, on: -2))
            _ = try await world.corrected(death.id, ["event.date": world.clock.day(-9)])
            var request = DisclosureRequest.own(PersonID("-"), [.household])
            request.basis = .statute("KH-CRVSI-2023")
            for (day, count) in [(-10, 1), (-9, 0), (-5, 0)] {
                let seen = try await world.people.household(
                    home.id, on: CalendarDate(iso: world.clock.day(day)), by: .officer(world.registrar), as: request)
                #expect(seen.members.count == count, "\(day)")
            }
        }
    }
}

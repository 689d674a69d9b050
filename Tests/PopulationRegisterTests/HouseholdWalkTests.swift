import Accountability
import Database
import DatabaseTesting
import Kernel
import ReferenceData
import Testing

@testable import PopulationRegister

/// Everything at random, and many at once: a person is in one household at most, and lives where it is.
@Suite struct HouseholdWalkTests {
    static func check(_ world: World, _ people: [PersonID], _ note: String) async throws {
        try await world.database.read { connection in
            var heads: [String: Int] = [:]
            for person in people {
                let all = try await world.register.households.memberships(of: person, in: connection)
                let rows = all.filter { $0.recordedTo == nil }.sorted { $0.validFrom < $1.validFrom }
                for (one, next) in zip(rows, rows.dropFirst()) {
                    #expect(one.validTo.map { $0 <= next.validFrom } == true, "\(note): \(one) and \(next)")
                }
                #expect(rows.filter(\.isOpen).count <= 1, "\(note)")
                let state = try await world.register.state(of: person, in: connection)
                if state?.record != .active { #expect(rows.isEmpty, "\(note): a closed record is in no household") }
                guard let open = rows.first(where: \.isOpen) else { continue }
                #expect(state?.life == .alive, "\(note)")
                let home = try await world.register.openHousehold(open.household, in: connection)
                #expect(home.row.isOpen, "\(note): nobody is in a closed household")
                let lives = try await world.register.open(person, in: connection).snapshot.residence.first
                #expect(lives?.place == home.household.village && lives?.detail == home.household.address, "\(note)")
                if open.relation == .head { heads[open.household, default: 0] += 1 }
            }
            #expect(heads.values.allSatisfy { $0 == 1 }, "\(note): \(heads)")
        }
    }

    /// What everybody's time in households was, as known now.
    private static func times(_ world: World, _ people: [PersonID], at moment: Instant?) async throws -> [[String]] {
        try await world.database.read { connection in
            var times: [[String]] = []
            for person in people {
                times.append(
                    try await world.register.households.memberships(of: person, in: connection)
                        .filter { $0.isKnown(at: moment) }
                        .map { "\($0.household) \($0.relation) \($0.validFrom) \($0.validTo?.description ?? "-")" }
                        .sorted())
            }
            return times
        }
    }

    @Test(arguments: TestDatabases.kinds, [UInt64(1), 2, 3, 4, 5, 6])
    func aRandomWalkKeepsEveryRule(_ kind: DatabaseKind, _ seed: UInt64) async throws {
        try await World.with(kind) { world in
            var random = SeededGenerator(seed: seed)
            let register = world.register
            var people: [PersonID] = []
            for _ in 0..<8 { people.append(try await world.enter(dara()).personID) }
            var homes: [String] = []
            var deaths: [PersonID: FactSource] = [:]
            var merged: [PersonID] = []
            var known: [(Instant, [[String]])] = []
            var done = 0
            for number in 0..<60 {
                world.ambient.advance(seconds: Int64.random(in: 0...200_000, using: &random))
                let today = world.ambient.now.dayInCambodia
                let day = today.adding(days: -Int.random(in: 0...5, using: &random)).description
                let person = people.randomElement(using: &random) ?? people[0]
                let other = people.randomElement(using: &random) ?? people[0]
                let home = homes.randomElement(using: &random)
                let relation = HouseholdRelation.allCases.randomElement(using: &random) ?? .child
                let village = HouseholdPlace(village: "1201010\(Int.random(in: 1...5, using: &random))")
                let step = world.step(day)
                let what = Int.random(in: 0...11, using: &random)
                do {
                    switch (what, home) {
                    case (0, _), (_, nil):
                        homes.append(
                            try await register.openHousehold(
                                at: village, members: [(person, .head)] + (person == other ? [] : [(other, .child)]),
                                by: step
                            ).id)
                    case (1, let home?), (2, let home?):
                        try await register.addMember(person, as: relation, to: home, by: step)
                    case (3, let home?): try await register.removeMember(person, from: home, by: step)
                    case (4, let home?): try await register.setRelation(relation, of: person, in: home, by: step)
                    case (5, let home?): try await register.setHead(person, of: home, by: step)
                    case (6, let home?): try await register.moveHousehold(home, to: village, by: step)
                    case (7, let home?):
                        homes.append(
                            try await register.splitHousehold(
                                home, members: [person], head: person, at: village, by: step
                            ).id)
                    case (8, let home?) where homes.count > 2:
                        try await register.closeHousehold(home, by: step)
                    case (9, _): try await Self.lifeOrDeath(person, number, day, &deaths, world)
                    case (10, _):
                        if merged.isEmpty {
                            let state = try await register.state(of: other)
                            guard person != other, state?.record == .active else { continue }
                            try await world.database.transaction { connection in
                                try await register.retire(
                                    person, .merged(into: other), requestedBy: clerk, approvedBy: second,
                                    in: connection)
                            }
                            merged.append(person)
                        } else {
                            let back = merged[0]
                            try await world.database.transaction { connection in
                                try await register.split(
                                    back, requestedBy: clerk, approvedBy: second, in: connection)
                            }
                            merged.removeAll()
                        }
                    default: continue
                    }
                    done += 1
                } catch let error as RumdulError {
                    #expect(error.kind == .invalid || error.kind == .conflict, "\(number) \(what): \(error)")
                }
                try await Self.check(world, people, "seed \(seed), step \(number), kind \(what)")
                for (moment, before) in known {
                    let now = try await Self.times(world, people, at: moment)
                    #expect(now == before, "what was known at \(moment) is not changed by step \(number)")
                }
                if number % 15 == 14 {
                    world.ambient.advance(seconds: 1)
                    known.append((world.ambient.now, try await Self.times(world, people, at: nil)))
                    world.ambient.advance(seconds: 1)
                }
            }
            #expect(done > 15, "the walk does something")
        }
    }

    private static func lifeOrDeath(
        _ person: PersonID, _ number: Int, _ day: String, _ deaths: inout [PersonID: FactSource], _ world: World
    ) async throws {
        guard try await world.register.state(of: person)?.record == .active else { return }
        let before = deaths[person]
        let record = before ?? FactSource(kind: "civil", reference: "death-\(number)")
        let on = CalendarDate(iso: day) ?? world.ambient.now.dayInCambodia
        try await world.database.transaction { connection in
            try await world.register.amend(
                person, .life(before == nil ? .deceased : .alive), validFrom: before == nil ? on : nil, source: record,
                by: clerk, in: connection)
            if before == nil {
                try await world.register.leaveHouseholds(person, on: on, source: record, by: clerk, in: connection)
            } else {
                try await world.register.rejoinHouseholds(person, source: record, by: clerk, in: connection)
            }
        }
        deaths[person] = before == nil ? record : nil
    }

    /// Officers who take the same person into different households at once: one household has the person.
    @Test(arguments: TestDatabases.kinds)
    func manyOfficersAtOnceLeaveAPersonInOneHousehold(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            var people: [PersonID] = []
            for _ in 0..<7 { people.append(try await world.enter(dara()).personID) }
            let wanted = people[6]
            var homes: [String] = []
            for head in people[0..<6] { homes.append(try await world.open(head).id) }
            let ids = homes
            let refused = try await withThrowingTaskGroup(of: String?.self) { group in
                for (number, home) in ids.enumerated() {
                    group.addTask {
                        do {
                            if number % 2 == 0 {
                                try await world.register.addMember(
                                    wanted, as: .child, to: home, by: world.step("2026-02-01"))
                            } else {
                                _ = try await world.open(wanted, from: "2026-02-01")
                            }
                            return nil
                        } catch let error as RumdulError { return error.code }
                    }
                }
                var refused: [String] = []
                for try await one in group { if let one { refused.append(one) } }
                return refused
            }
            #expect(Set(refused).isSubset(of: ["household.changed", "household.invalid"]), "\(refused)")
            try await Self.check(world, people, "at once")
            #expect(try await world.home(wanted) != nil)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aMergeCarriesTheHouseholdAndASplitGivesItBack(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let register = world.register
            let one = try await world.enter(dara()).personID, other = try await world.enter(dara()).personID
            let third = try await world.enter(dara()).personID
            let home = try await world.open(one, [(third, .child)], from: "2026-01-01")
            let earlier = try await world.open(other, village: "12010105", from: "2025-06-01")
            try await register.closeHousehold(earlier.id, by: world.step("2025-12-01"))
            let people = [one, other, third]
            let before = try await Self.times(world, people, at: nil)
            let lived = try await world.village(other)
            world.ambient.advance(seconds: 5)
            try await world.database.transaction { connection in
                try await register.retire(
                    one, .merged(into: other), requestedBy: clerk, approvedBy: second, in: connection)
            }
            try await Self.check(world, people, "merged")
            #expect(try await world.home(other) == home.number.text, "the survivor is where the other was")
            #expect(try await world.home(other, on: "2025-07-01") == earlier.number.text)
            #expect(try await world.village(other) == "12010101")
            #expect(try await world.look(home.id).members.map(\.membership.person) == [other, third])
            world.ambient.advance(seconds: 5)
            try await world.database.transaction { connection in
                try await register.split(one, requestedBy: clerk, approvedBy: second, in: connection)
            }
            try await Self.check(world, people, "split")
            #expect(try await Self.times(world, people, at: nil) == before)
            #expect(try await world.village(other) == lived)
        }
    }
}

import Accountability
import Database
import DatabaseTesting
import Kernel
import ReferenceData
import Testing

@testable import PopulationRegister

let keeper = householdOfficer("registrar", .registrar, "1201")

func householdOfficer(_ name: String, _ role: Role, _ area: String?) -> Officer {
    Officer(
        id: "officer-" + name, username: name, displayName: LocalizedText(km: name, en: name),
        organisation: Organisation(code: "moi", name: LocalizedText(km: "មហាផ្ទៃ", en: "Interior")),
        grants: [Grant(role, in: area.map { .area($0) } ?? .national)], state: .active)
}

extension World {
    func step(
        _ day: String? = nil, by officer: Officer = keeper, expected: Int64? = nil, key: String? = nil
    ) -> HouseholdStep {
        HouseholdStep(
            .officer(officer), from: day.flatMap { CalendarDate(iso: $0) }, reference: "សៀវភៅ ១២", expected: expected,
            requestKey: key)
    }

    func open(
        _ head: PersonID, _ others: [(PersonID, HouseholdRelation)] = [], village: String = "12010101",
        from day: String? = "2026-01-01"
    ) async throws -> Household {
        try await register.openHousehold(
            at: HouseholdPlace(village: village, address: "ផ្ទះលេខ ៩"),
            members: [(head, HouseholdRelation.head)] + others.map { ($0.0, $0.1) }, by: step(day))
    }

    /// A household as somebody sees it.
    func look(
        _ id: String, on day: String? = nil, knownAt moment: Instant? = nil, by officer: Officer = keeper,
        _ attributes: [AttributeName] = [.name, .household]
    ) async throws -> OpenedHousehold {
        try await register.household(
            id, on: day.flatMap { CalendarDate(iso: $0) }, knownAt: moment, by: .officer(officer),
            as: request(PersonID("-"), attributes, .statute("KH-CRVSI-2023")))
    }

    func home(_ person: PersonID, on day: String? = nil, knownAt moment: Instant? = nil) async throws -> String? {
        try await database.read { connection in
            try await register.household(
                of: person, on: day.flatMap { CalendarDate(iso: $0) } ?? ambient.now.dayInCambodia, knownAt: moment,
                in: connection)?["number"]?.stringValue
        }
    }

    func village(_ person: PersonID) async throws -> String? {
        try await database.read { try await register.open(person, in: $0).snapshot.residence.first?.place.text }
    }

    func refused(_ field: String, _ body: () async throws -> Void) async {
        do {
            try await body()
            Issue.record("\(field) was taken")
        } catch {
            #expect((error as? RumdulError)?.fields.first?.field == field, "\(error)")
        }
    }
}

@Suite struct HouseholdTests {
    @Test(arguments: TestDatabases.kinds)
    func aHouseholdIsOpenedChangedMovedSplitAndClosed(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let register = world.register
            var people: [PersonID] = []
            for _ in 0..<4 { people.append(try await world.enter(dara()).personID) }
            let (father, mother, child, guest) = (people[0], people[1], people[2], people[3])
            let home = try await world.open(father, [(mother, .spouse), (child, .child)])
            #expect(HouseholdNumber(home.number.text.lowercased()) == home.number)
            #expect(home.number.text.hasPrefix("H-120101-000001-"))
            #expect(try await world.village(child) == "12010101")
            try await register.addMember(guest, as: .notRelated, to: home.id, by: world.step("2026-03-01"))
            try await register.setHead(mother, of: home.id, by: world.step("2026-04-01"))
            var seen = try await world.look(home.id)
            #expect(seen.members.count == 4)
            #expect(seen.members[0].membership.person == mother)
            let relations = Dictionary(
                uniqueKeysWithValues: seen.members.map { ($0.membership.person, $0.membership.relation) })
            #expect(
                relations == [mother: .head, father: .spouse, child: .child, guest: .notRelated])
            #expect(seen.members.allSatisfy { $0.since.description < "2026-03-02" && $0.attributes?[.name] != nil })
            try await register.moveHousehold(
                home.id, to: HouseholdPlace(village: "12010202"), by: world.step("2026-05-01"))
            #expect(try await world.village(guest) == "12010202")
            let new = try await register.splitHousehold(
                home.id, members: [guest, child], head: guest, at: HouseholdPlace(village: "12010103"),
                by: world.step("2026-06-01"))
            #expect(try await world.village(child) == "12010103")
            #expect(try await world.village(father) == "12010202")
            #expect(try await world.home(child) == new.number.text)
            #expect(try await world.home(child, on: "2026-05-31") == home.number.text)
            seen = try await world.look(home.id, on: "2026-03-15")
            #expect(seen.household.village.text == "12010101" && seen.members.count == 4)
            #expect(seen.members[0].membership.person == father, "the head of that day")
            try await register.closeHousehold(new.id, by: world.step("2026-07-01"))
            #expect(try await world.home(guest) == nil)
            #expect(try await world.village(guest) == "12010103")
            #expect(try await world.home(guest, on: "2026-06-30") == new.number.text)
            seen = try await world.look(new.id)
            #expect(!seen.household.isOpen && seen.members.count == 2, "a closed one as on its last day")
            await #expect(throws: RumdulError.householdClosed) {
                try await register.addMember(guest, as: .head, to: new.id, by: world.step())
            }
            let lines = try await register.householdChanges(home.id, by: .officer(keeper))
            #expect(lines.map(\.action).contains("moved") && lines.allSatisfy { $0.reference == "សៀវភៅ ១២" })
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func everyLookIsAnEntryOfEachMember(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let one = try await world.enter(dara()).personID, other = try await world.enter(dara()).personID
            let home = try await world.open(one, [(other, .sibling)])
            _ = try await world.look(home.id)
            let found = try await world.register.findHousehold(
                .person(other), by: .officer(keeper),
                as: world.request(other, [.household], .statute("KH-CRVSI-2023")))
            #expect(found == home.id)
            for (person, count) in [(one, 1), (other, 2)] {
                let entries = try await world.journal.entries(of: person, limit: 10)
                #expect(entries.count == count)
                #expect(entries.allSatisfy { $0.attributes.contains(.household) })
            }
            let told = try await world.disclose(one, [.household])[.household]
            #expect(told?["relation"]?.stringValue == "head" && told?["members"]?.integerValue == 2)
            #expect(told?["address"]?.stringValue == "ផ្ទះលេខ ៩")
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func whatIsRefused(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let register = world.register
            let one = try await world.enter(dara()).personID, other = try await world.enter(dara()).personID
            let dead = try await world.enter(dara()).personID
            try await world.database.transaction { connection in
                try await register.amend(
                    dead, .life(.deceased), validFrom: nil, source: source, by: clerk, in: connection)
            }
            let place = HouseholdPlace(village: "12010101")
            await world.refused("village") {
                _ = try await register.openHousehold(
                    at: HouseholdPlace(village: "120101"), members: [(one, .head)], by: world.step())
            }
            await world.refused("village") {
                _ = try await register.openHousehold(
                    at: HouseholdPlace(village: "99010101"), members: [(one, .head)], by: world.step())
            }
            await world.refused("head") {
                _ = try await register.openHousehold(at: place, members: [(one, .child)], by: world.step())
            }
            await world.refused("person") {
                _ = try await register.openHousehold(at: place, members: [(dead, .head)], by: world.step())
            }
            await world.refused("day") {
                _ = try await register.openHousehold(at: place, members: [(one, .head)], by: world.step("2030-01-01"))
            }
            await world.refused("reference") {
                _ = try await register.openHousehold(
                    at: place, members: [(one, .head)], by: HouseholdStep(.officer(keeper), reference: " "))
            }
            let home = try await world.open(one)
            await world.refused("person") {
                try await register.addMember(one, as: .child, to: home.id, by: world.step())
            }
            await world.refused("relation") {
                try await register.addMember(other, as: .head, to: home.id, by: world.step())
            }
            await world.refused("day") {
                try await register.addMember(other, as: .child, to: home.id, by: world.step("2025-12-31"))
            }
            await world.refused("day") {
                try await register.removeMember(one, from: home.id, by: world.step("2025-12-31"))
            }
            await world.refused("members") {
                _ = try await register.splitHousehold(home.id, members: [one], head: one, at: place, by: world.step())
            }
            await #expect(throws: RumdulError.householdChanged) {
                try await register.addMember(other, as: .child, to: home.id, by: world.step(expected: 7))
            }
            // Other places, and roles that have nothing to do with it.
            let elsewhere = householdOfficer("elsewhere", .registrar, "08")
            await #expect(throws: RumdulError.householdNotFound) { _ = try await world.look(home.id, by: elsewhere) }
            await #expect(throws: RumdulError.householdNotFound) {
                try await register.addMember(other, as: .child, to: home.id, by: world.step(by: elsewhere))
            }
            let verifier = householdOfficer("verifier", .districtVerifier, "1201")
            _ = try await world.look(home.id, by: verifier)
            await #expect(throws: RumdulError.officerForbidden) {
                try await register.addMember(other, as: .child, to: home.id, by: world.step(by: verifier))
            }
            await #expect(throws: RumdulError.officerForbidden) {
                _ = try await register.openHousehold(
                    at: place, members: [(other, .head)], by: world.step(by: elsewhere))
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aRepeatedOpeningOpensNothingTwice(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let one = try await world.enter(dara()).personID
            let step = world.step("2026-01-01", key: "once")
            let place = HouseholdPlace(village: "12010101")
            let first = try await world.register.openHousehold(at: place, members: [(one, .head)], by: step)
            let again = try await world.register.openHousehold(at: place, members: [(one, .head)], by: step)
            #expect(first.id == again.id)
            await #expect(throws: RumdulError.householdRequest) {
                _ = try await world.register.openHousehold(
                    at: HouseholdPlace(village: "12010102"), members: [(one, .head)], by: step)
            }
            #expect(try await world.count("population_households") == 1)
            #expect(try await world.count("population_memberships") == 1)
        }
    }

    /// What is asked about the past answers as it was known then, whatever is said later.
    @Test(arguments: TestDatabases.kinds)
    func thePastIsAskedAsItWasKnown(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let one = try await world.enter(dara()).personID, other = try await world.enter(dara()).personID
            let home = try await world.open(one, [(other, .child)])
            world.ambient.advance(seconds: 10)
            let before = world.ambient.now
            world.ambient.advance(seconds: 10)
            try await world.register.removeMember(other, from: home.id, by: world.step("2026-02-01"))
            #expect(try await world.home(other, on: "2026-03-01") == nil)
            #expect(try await world.home(other, on: "2026-03-01", knownAt: before) == home.number.text)
            #expect(try await world.look(home.id, on: "2026-03-01", knownAt: before).members.count == 2)
            #expect(try await world.look(home.id, on: "2026-03-01").members.count == 1)
            await #expect(throws: RumdulError.householdNotFound) {
                _ = try await world.look(home.id, on: "2025-12-31")
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func theDatabaseItselfRefusesASecondHousehold(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let one = try await world.enter(dara()).personID
            let home = try await world.open(one)
            func row(_ id: String, _ from: String, _ to: String?) async throws {
                try await world.database.transaction { connection in
                    _ = try await connection.execute(
                        """
                        INSERT INTO population_memberships (id, household_id, person_id, relation, valid_from, valid_to,
                            source_kind, source, recorded_at) VALUES ($1, $2, $3, 'child', $4, $5, 'test', 't', 1)
                        """, [id, "other", one.text, from, to])
                }
            }
            for (from, to) in [("2026-02-01", nil), ("2025-01-01", "2026-01-02"), ("2027-01-01", "2028-01-01")] {
                await #expect(throws: RumdulError.self) { try await row("x", from, to) }
            }
            try await row("y", "2025-01-01", "2026-01-01")
            #expect(try await world.home(one) == home.number.text)
        }
    }

    /// Nothing readable of where people live lies in the tables.
    @Test(arguments: TestDatabases.kinds) func theTablesSayNothingReadable(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let one = try await world.enter(dara()).personID
            _ = try await world.register.openHousehold(
                at: HouseholdPlace(village: "12010101", address: "STREET-9"), book: "BOOK-7",
                members: [(one, .head)], by: HouseholdStep(.officer(keeper), reference: "PAPER-5"))
            let rows = try await world.database.read { connection in
                var rows = ""
                for table in [
                    "households", "household_places", "memberships", "household_changes",
                ] {
                    rows += try await connection.query("SELECT * FROM population_\(table)").map { row in
                        row.values.map { value -> String in
                            if case .blob(let bytes) = value { return String(decoding: bytes, as: UTF8.self) }
                            return "\(value)"
                        }.joined(separator: "|")
                    }.joined(separator: "\n")
                }
                return rows
            }
            #expect(rows.contains("120101"))
            for text in ["12010101", "STREET-9", "BOOK-7", "PAPER-5"] { #expect(!rows.contains(text)) }
            let found = try await world.register.findHousehold(
                .book("book-7"), by: .officer(keeper), as: world.request(one, [.household]))
            #expect(found != nil)
        }
    }
}

import Accountability
import Codecs
import Database
import DatabaseTesting
import Kernel
import Ledger
import ReferenceData
import Testing

@testable import PopulationRegister

private func name(_ given: String) -> PersonFact {
    .names([PersonName(khmer: nil, latin: NameParts(family: "Sok", given: given))])
}

private func lives(_ place: String) -> PersonFact { .residence([Residence(.permanent, place: code(place))]) }
private func date(_ iso: String) -> CalendarDate? { CalendarDate(iso: iso) }

@Suite struct AmendingTests {
    private func amend(
        _ world: World, _ person: PersonID, _ fact: PersonFact, from: String? = nil, by actor: Actor = clerk
    ) async throws {
        try await world.database.transaction { connection in
            try await world.register.amend(
                person, fact, validFrom: from.flatMap { CalendarDate(iso: $0) }, source: source, by: actor,
                in: connection)
        }
    }

    private func province(_ world: World, _ person: PersonID, on day: String, knownAt: Instant? = nil) async throws
        -> String?
    {
        let view = world.register.view(on: try #require(date(day)), knownAt: knownAt)
        return try await world.disclose(person, [.addressProvince], from: view)[.addressProvince]?.stringValue
    }

    @Test(arguments: TestDatabases.kinds)
    func earlierVersionsStayReadable(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let person = try await world.enter(dara()).personID
            let atFirst = world.ambient.now
            world.ambient.advance(seconds: 86_400)
            try await amend(world, person, lives("08"), from: "2020-01-01")
            let afterMove = world.ambient.now
            world.ambient.advance(seconds: 86_400)
            // It turns out that the move was a year earlier, to another province.
            try await amend(world, person, lives("03"), from: "2019-01-01")
            #expect(try await world.disclose(person, [.addressProvince])[.addressProvince] == "KH-3")
            #expect(try await province(world, person, on: "2018-12-31") == "KH-12")
            #expect(try await province(world, person, on: "2019-01-01") == "KH-3")
            #expect(try await province(world, person, on: "2021-01-01") == "KH-3")
            // What was known before.
            #expect(try await province(world, person, on: "2019-06-01", knownAt: afterMove) == "KH-12")
            #expect(try await province(world, person, on: "2020-01-01", knownAt: afterMove) == "KH-8")
            #expect(try await province(world, person, on: "2020-01-01", knownAt: atFirst) == "KH-12")
            #expect(try await province(world, person, on: "2020-01-01", knownAt: Instant(microseconds: 0)) == nil)
            // A correction says that it always was so.
            try await amend(world, person, lives("25"))
            #expect(try await province(world, person, on: "1995-01-01") == "KH-25")
            #expect(try await province(world, person, on: "2020-06-01", knownAt: afterMove) == "KH-8")
            #expect(try await world.count("ledger_entries", "kind = 'person.amended'") == 3)
        }
    }

    /// Against a plain model: random amendments, then every pair of days and moments.
    @Test(arguments: TestDatabases.kinds)
    func asOfReadsAgreeWithAModel(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            var generator = SeededGenerator(seed: 21)
            let days = ["2015-01-01", "2016-01-01", "2017-01-01", "2018-01-01", "2019-01-01", "2020-01-01"]
            for _ in 0..<4 {
                let person = try await world.enter(dara()).personID
                // For each recorded state: the province on each day.
                var states: [(at: Instant, values: [String])] = [(world.ambient.now, days.map { _ in "KH-12" })]
                for _ in 0..<8 {
                    world.ambient.advance(seconds: 10)
                    let place = ["01", "02", "03", "08", "25"].randomElement(using: &generator) ?? "01"
                    let from = Int.random(in: -1..<days.count, using: &generator)
                    try await amend(world, person, lives(place), from: from < 0 ? nil : days[from])
                    var values = states[states.count - 1].values
                    for index in max(from, 0)..<days.count { values[index] = code(place).iso3166 }
                    states.append((world.ambient.now, values))
                }
                for state in states {
                    for (index, day) in days.enumerated() {
                        #expect(try await province(world, person, on: day, knownAt: state.at) == state.values[index])
                    }
                }
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func namesStayFindableAndNumbersDoNot(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let person = try await world.enter(dara()).personID
            try await amend(world, person, name("Vannak"))
            try await amend(world, person, .contacts([Contact(.phone, "0977000111")]))
            func search(_ query: PersonQuery) async throws -> [PersonID] {
                try await world.database.read { try await world.register.search(query, in: $0) }
            }
            #expect(try await search(.name("Sok Vannak", birthYears: 1990...1990)) == [person])
            #expect(try await search(.name("Sok Dara", birthYears: 1990...1990)) == [person])
            #expect(try await search(.phone("0977000111")) == [person])
            #expect(try await search(.phone("012345678")) == [])
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func lifeAndAssuranceStandInTheState(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let person = try await world.enter(dara()).personID
            try await amend(
                world, person, .assurance(PersonAssurance(.ial2, evidence: ["face"], at: world.ambient.now)))
            #expect(try await world.register.state(of: person)?.assurance == .ial2)
            try await amend(world, person, .life(.deceased), from: "2026-01-01")
            #expect(try await world.register.lifeState(of: person) == .deceased)
            #expect(try await world.register.state(of: person)?.isUsable == false)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func impossibleChangesAreRefused(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let person = try await world.enter(dara()).personID
            await #expect(throws: RumdulError.personInvalid([])) {
                try await amend(world, person, lives("08"), from: "2999-01-01")
            }
            await #expect(throws: RumdulError.personInvalid([])) { try await amend(world, person, .names([])) }
            await #expect(throws: RumdulError.personInvalid([])) { try await amend(world, person, lives("99")) }
            await #expect(throws: RumdulError.personNotFound) { try await amend(world, PersonID("x"), lives("08")) }
            #expect(try await world.count("population_facts") == 0)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func changesAtOnceAreAllKept(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let person = try await world.enter(dara()).personID
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<8 { group.addTask { try await amend(world, person, name("Name\(number)")) } }
                try await group.waitForAll()
            }
            // Each of the eight superseded one version.
            #expect(try await world.count("population_facts", "recorded_to IS NOT NULL") == 8)
            #expect(try await world.count("ledger_entries", "kind = 'person.amended'") == 8)
        }
    }
}

@Suite struct LifecycleTests {
    @Test(arguments: TestDatabases.kinds)
    func mergedCodesLeadRegistrarsToTheSurvivor(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let a = try await world.enter(dara())
            let b = try await world.enter(dara())
            let c = try await world.enter(dara())
            try await world.retire(a.personID, .merged(into: b.personID))
            try await world.retire(b.personID, .merged(into: c.personID))
            for code in [a.kidc, b.kidc] {
                #expect(try await world.register.person(kidc: code) == nil)
                #expect(try await world.register.person(loginIdentifier: code.digits) == nil)
                #expect(try await world.register.person(kidc: code, followingMerges: true) == c.personID)
            }
            #expect(try await world.register.count() == 1)
            #expect(try await world.register.state(of: a.personID)?.record == .merged)
            // Only standing records are found by name.
            let found = try await world.database.read {
                try await world.register.search(.name("Sok Dara", birthYears: 1990...1990), in: $0)
            }
            #expect(found == [c.personID])
            await #expect(throws: RumdulError.personRetired) { try await world.retire(a.personID, .annulled) }
            await #expect(throws: RumdulError.personRetired) {
                try await world.retire(c.personID, .merged(into: a.personID))
            }
            await #expect(throws: RumdulError.personNotFound) {
                try await world.retire(c.personID, .merged(into: c.personID))
            }
            await #expect(throws: RumdulError.personRetired) {
                try await world.database.transaction {
                    try await world.register.amend(
                        a.personID, .sex(.female), validFrom: nil, source: source, by: clerk, in: $0)
                }
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func retiredCodesAreNeverGivenOutAgain(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let draws = SmallRange(codes: 1)
            let register = world.register(drawing: { draws.bytes($0) })
            let first = try await world.database.transaction { try await register.register(dara(), by: clerk, in: $0) }
            try await world.retire(first.personID, .annulled)
            #expect(try await register.person(kidc: first.kidc, followingMerges: true) == nil)
            await #expect(throws: RumdulError.kidcExhausted) {
                _ = try await world.database.transaction { try await register.register(dara(), by: clerk, in: $0) }
            }
            try await world.erase(first.personID)
            await #expect(throws: RumdulError.kidcExhausted) {
                _ = try await world.database.transaction { try await register.register(dara(), by: clerk, in: $0) }
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func whatCannotBeUndoneNeedsTwoOfficers(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let person = try await world.enter(dara()).personID
            let sameInOtherRole = Actor.officer(id: "officer-1", role: "auditor")
            for approver in [clerk, sameInOtherRole, .system("job"), .client("c"), .subjectSelf] {
                await #expect(throws: RumdulError.officerSamePerson) {
                    try await world.database.transaction {
                        try await world.register.retire(
                            person, .annulled, requestedBy: clerk, approvedBy: approver, in: $0)
                    }
                }
                await #expect(throws: RumdulError.officerSamePerson) {
                    try await world.database.transaction {
                        try await world.register.erase(person, requestedBy: clerk, approvedBy: approver, in: $0)
                    }
                }
            }
            #expect(try await world.register.state(of: person)?.record == .active)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func erasureLeavesNothingToOpen(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let entered = try await world.enter(dara())
            let other = try await world.enter(dara())
            try await world.database.transaction { connection in
                try await world.register.amend(
                    entered.personID, .sex(.female), validFrom: nil, source: source, by: clerk, in: connection)
                _ = try await world.register.issueVID(
                    for: entered.personID, .perpetual, by: .subjectSelf, in: connection)
            }
            try await world.erase(entered.personID)
            let id = entered.personID.text
            for table in ["population_facts", "population_lookups", "population_aliases"] {
                #expect(try await world.count(table, "person_id = '\(id)'") == 0, "\(table)")
            }
            #expect(
                try await world.count("population_persons", "id = '\(id)' AND data_key IS NULL AND snapshot IS NULL")
                    == 1)
            #expect(try await world.count("population_codes", "person_id = '\(id)' AND sealed IS NULL") == 1)
            await #expect(throws: RumdulError.personErased) { _ = try await world.disclose(entered.personID, [.name]) }
            await #expect(throws: RumdulError.personErased) { try await world.erase(entered.personID) }
            #expect(try await world.register.person(kidc: entered.kidc) == nil)
            #expect(try await world.disclose(other.personID, [.name])[.name] == "សុខ ដារ៉ា")
            #expect(try await world.count("ledger_entries", "kind = 'person.erased'") == 1)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aliasesEnd(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let person = try await world.enter(dara()).personID
            let expiry = world.ambient.now.adding(seconds: 60)
            let perpetual = try await world.issue(person, .perpetual)
            let temporary = try await world.issue(person, .temporary, expiry, uses: 2)
            let once = try await world.issue(person, .oneTime, expiry)
            for alias in [perpetual, temporary, once] { #expect(try await world.register.person(vid: alias) == person) }
            // Looking up takes no use; using does.
            #expect(try await world.use(once) == person)
            #expect(try await world.use(once) == nil)
            #expect(try await world.register.person(vid: once) == nil)
            #expect(try await world.use(temporary) == person)
            #expect(try await world.use(temporary) == person)
            #expect(try await world.use(temporary) == nil)
            for _ in 0..<3 { #expect(try await world.use(perpetual) == person) }
            let another = try await world.issue(person, .temporary, expiry)
            world.ambient.advance(seconds: 60)
            #expect(try await world.register.person(vid: another) == nil)
            #expect(try await world.use(another) == nil)
            for (owner, expected) in [(PersonID("x"), false), (person, true), (person, false)] {
                let revoked = try await world.database.transaction { connection in
                    try await world.register.revoke(perpetual, of: owner, by: .subjectSelf, in: connection)
                }
                #expect(revoked == expected)
            }
            #expect(try await world.register.person(vid: perpetual) == nil)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aOneTimeAliasIsUsedOnceByManyAtOnce(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let person = try await world.enter(dara()).personID
            let alias = try await world.issue(person, .oneTime, world.ambient.now.adding(seconds: 60))
            let uses = try await withThrowingTaskGroup(of: PersonID?.self) { group in
                for _ in 0..<12 { group.addTask { try await world.use(alias) } }
                var uses = 0
                for try await used in group where used == person { uses += 1 }
                return uses
            }
            #expect(uses == 1)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aliasesHaveLimits(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let person = try await world.enter(dara()).personID
            let (past, future) = (world.ambient.now, world.ambient.now.adding(seconds: 60))
            for (kind, expiry, uses) in [
                (VIDKind.perpetual, future as Instant?, nil as Int?), (.temporary, nil, nil), (.temporary, past, nil),
                (.oneTime, nil, nil), (.temporary, future, 0),
            ] {
                await #expect(throws: RumdulError.vidValidity) {
                    _ = try await world.issue(person, kind, expiry, uses: uses)
                }
            }
            for _ in 0..<PopulationRegister.liveAliases { _ = try await world.issue(person, .perpetual) }
            await #expect(throws: RumdulError.vidTooMany) { _ = try await world.issue(person, .perpetual) }
            await #expect(throws: RumdulError.personNotFound) { _ = try await world.issue(PersonID("x"), .perpetual) }
            try await world.retire(person, .annulled)
            await #expect(throws: RumdulError.personRetired) { _ = try await world.issue(person, .perpetual) }
        }
    }
}

extension World {
    fileprivate func retire(_ person: PersonID, _ reason: Retirement) async throws {
        try await database.transaction {
            try await register.retire(person, reason, requestedBy: clerk, approvedBy: second, in: $0)
        }
    }

    fileprivate func erase(_ person: PersonID) async throws {
        try await database.transaction {
            try await register.erase(person, requestedBy: clerk, approvedBy: second, in: $0)
        }
    }

    fileprivate func issue(
        _ person: PersonID, _ kind: VIDKind, _ expiry: Instant? = nil, uses: Int? = nil
    ) async throws -> VID {
        try await database.transaction {
            try await register.issueVID(
                for: person, kind, expiresAt: expiry, maximumUses: uses, by: .subjectSelf, in: $0)
        }
    }

    fileprivate func use(_ alias: VID) async throws -> PersonID? {
        try await database.transaction { try await register.use(alias, in: $0) }
    }
}

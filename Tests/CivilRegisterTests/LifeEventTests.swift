import Accountability
import DatabaseTesting
import Kernel
import PopulationRegister
import Testing

@testable import CivilRegister

@Suite struct LifeEventTests {
    /// Invariant 6, and its reversal.
    @Test(arguments: TestDatabases.kinds) func aDeathEndsLifeAndMarriageAndCanBeTakenBack(
        _ kind: DatabaseKind
    ) async throws {
        try await World.with(kind) { world in
            let (dara, one) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1995-01-01")
            let (sophea, two) = try await world.person("ចាន់", "សុភា", .female, born: "1996-01-01")
            _ = try await world.registered(.marriage, world.marriage(one, two))
            #expect(try await world.status(dara) == .married)
            let death = try await world.registered(.death, world.death(one, on: 0))
            #expect(try await world.life(dara) == .deceased)
            #expect(try await world.status(sophea) == .widowed)
            #expect(world.effects.ended == [dara])
            await #expect(throws: RumdulError.self) {
                _ = try await world.registered(.death, world.death(one))
            }
            try await world.revoke(death.id)
            #expect(try await world.life(dara) == .alive)
            #expect(try await world.status(sophea) == .married)
            try await world.reinstate(death.id)
            #expect(try await world.life(dara) == .deceased)
            #expect(try await world.status(sophea) == .widowed)
            try await world.civil.verifyHistory(of: death.id)
        }
    }

    @Test(arguments: TestDatabases.kinds) func aDeadPersonWithoutARecordIsEntered(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            var raw = world.death("")
            raw["deceased.person"] = nil
            let record = try await world.registered(.death, raw)
            let person = try #require(record.persons[.deceased])
            #expect(try await world.life(person) == .deceased)
            #expect(record.flags == ["deceased.unregistered"])
        }
    }

    /// Invariant 7.
    @Test(arguments: TestDatabases.kinds) func nobodyMarriesTwiceOrDeadOrTooYoung(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (dara, one) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1995-01-01")
            let (_, two) = try await world.person("ចាន់", "សុភា", .female, born: "1996-01-01")
            let (_, three) = try await world.person("គឹម", "លីដា", .female, born: "1997-01-01")
            _ = try await world.registered(.marriage, world.marriage(one, two))
            await #expect { _ = try await world.registered(.marriage, world.marriage(one, three)) } throws: { error in
                (error as? RumdulError)?.fields.map(\.field) == ["spouse1.person"]
            }
            _ = try await world.registered(.divorce, world.divorce(one, two))
            #expect(try await world.status(dara) == .divorced)
            _ = try await world.registered(.marriage, world.marriage(one, three))
            #expect(try await world.status(dara) == .married)

            let young = world.marriage(two, "", ["spouse1.birthdate": "2011-01-01", "spouse2.person": ""])
            #expect(try await world.civil.problems(.marriage, young).map(\.field) == ["spouse1.birthdate"])
            let consent = world.marriage(
                "", two, ["spouse1.person": "", "spouse1.birthdate": "2010-01-01", "event.consent": "yes"])
            #expect(try await world.civil.problems(.marriage, consent).isEmpty)
            let hasty = world.marriage(two, "", ["spouse2.person": "", "event.notice_date": world.clock.day(-3)])
            #expect(try await world.civil.problems(.marriage, hasty).map(\.field) == ["event.notice_date"])
        }
    }

    @Test(arguments: TestDatabases.kinds) func weddingsAtTheSameTimeCannotBothWin(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (dara, one) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1995-01-01")
            var declared: [VitalRecord] = []
            for number in 0..<4 {
                let (_, bride) = try await world.person("ចាន់", "ទី\(number)", .female, born: "1996-01-01")
                declared.append(
                    try await world.civil.declare(
                        .marriage, world.marriage(one, bride), office: World.office, by: CivilStep(world.registrar)))
            }
            let ids = declared.map(\.id)
            let won = await withTaskGroup(of: Bool.self) { group in
                for id in ids {
                    group.addTask {
                        (try? await world.civil.register(id, by: CivilStep(world.registrar))) != nil
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(won == 1)
            #expect(try await world.edges(dara).filter(\.isLive).count == 1)
        }
    }

    @Test(arguments: TestDatabases.kinds) func adoptionRecognitionAndChanges(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (mother, code) = try await world.person("ចាន់", "សុភា", .female, born: "1970-05-01")
            let (adopter, adopterCode) = try await world.person("គឹម", "ហួរ", .male, born: "1971-05-01")
            let birth = try await world.registeredBirth(["mother.person": code, "mother.birthdate": "1980-05-01"])
            let child = try #require(birth.persons[.child])
            let childCode = try #require(
                try await world.database.read { try await world.people.code(of: child, in: $0) })
            let adoption = try await world.registered(
                .adoption,
                [
                    "child.person": childCode.digits, "child.given_km": "ពិសី", "child.sex": "2",
                    "adopter1.person": adopterCode, "adopter1.given_km": "ហួរ", "adopter1.birthdate": "1971-05-01",
                    "child.birthdate": world.clock.day(-3), "event.type": "full", "event.date": world.clock.day(0),
                    "event.place": "120101", "court.name": "សាលាដំបូង", "court.number": "៣",
                    "court.date": world.clock.day(0),
                    "new.family_km": "គឹម", "informant.relation": "court", "informant.given_km": "តុលាការ",
                ])
            let live = try await world.edges(child).filter(\.isLive)
            #expect(live.map(\.kind) == [.adoptiveParent] && live.map(\.other) == [adopter])
            #expect(try await name(child, world) == "គឹម ពិសី")
            try await world.revoke(adoption.id)
            #expect(try await world.edges(child).filter(\.isLive).map(\.other) == [mother])
            #expect(try await name(child, world) == "សុខ ពិសី")

            let change = try await world.registered(
                .nameChange,
                [
                    "person.person": adopterCode, "person.given_km": "ហួរ", "new.given_km": "ហេង",
                    "event.date": world.clock.day(0), "event.place": "120101", "event.reason": "ឈ្មោះមិនសមរម្យ",
                    "informant.relation": "person", "informant.given_km": "ហួរ",
                ])
            #expect(try await name(adopter, world) == "គឹម ហេង")
            try await world.revoke(change.id)
            #expect(try await name(adopter, world) == "គឹម ហួរ")
        }
    }

    /// Invariants 9 and 10, and the projection that follows.
    @Test(arguments: TestDatabases.kinds) func aCorrectionTakesTwoPeopleAndReachesThePerson(
        _ kind: DatabaseKind
    ) async throws {
        try await World.with(kind) { world in
            let record = try await world.registeredBirth()
            let child = try #require(record.persons[.child])
            let asked = try await world.civil.requestCorrection(
                record.id, ["child.given_km": "ពិសាល"], reason: "សរសេរខុស", basis: nil, by: CivilStep(world.registrar))
            #expect(asked.version == 1 && asked.pending?.correction == .clerical)
            #expect(try await name(child, world) == "សុខ ពិសី", "nothing changes before the second officer")
            await #expect(throws: RumdulError.civilState) {
                _ = try await world.civil.requestCorrection(
                    record.id, ["child.given_km": "ក"], reason: "ម្តងទៀត", basis: nil, by: CivilStep(world.registrar))
            }
            let corrected = try await world.civil.approveCorrection(record.id, by: CivilStep(world.verifier))
            #expect(corrected.version == 2 && corrected.declaration["child.given_km"] == "ពិសាល")
            #expect(try await name(child, world) == "សុខ ពិសាល")
            let opened = try await world.civil.view(record.id, by: world.registrar, traceID: "t")
            #expect(opened.history.contains { $0.content.declaration?["child.given_km"] == "ពិសី" })
            await #expect(throws: RumdulError.civilCourtNeeded) {
                _ = try await world.civil.requestCorrection(
                    record.id, ["event.place": "120102"], reason: "ទីកន្លែងខុស", basis: nil, by: CivilStep(world.registrar))
            }
            _ = try await world.civil.requestCorrection(
                record.id, ["event.place": "120102"], reason: "ទីកន្លែងខុស", basis: "សាលក្រម ៥",
                by: CivilStep(world.registrar))
            _ = try await world.civil.rejectCorrection(record.id, reason: "គ្មានភស្តុតាង", by: CivilStep(world.verifier))
            try await world.civil.verifyHistory(of: record.id)
        }
    }

    private func name(_ person: PersonID, _ world: World) async throws -> String? {
        try await world.database.transaction { connection in
            let request = DisclosureRequest.own(person, [.name])
            return try await world.civil.gate.disclose(request, from: world.people, in: connection)[.name]?.stringValue
        }
    }
}

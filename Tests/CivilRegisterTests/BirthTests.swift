import Accountability
import DatabaseTesting
import Kernel
import PopulationRegister
import Testing

@testable import CivilRegister

@Suite struct BirthTests {
    @Test(arguments: TestDatabases.kinds) func aChildGetsItsCodeAtVerificationAndCountsFromRegistration(
        _ kind: DatabaseKind
    ) async throws {
        try await World.with(kind) { world in
            let (mother, code) = try await world.person("ចាន់", "សុភា", .female, born: "1998-05-01")
            let declared = try await world.civil.declare(
                .birth, world.birth(["mother.person": code]), office: World.office, by: CivilStep(world.clerk))
            #expect(
                declared.state == .declared && declared.lateness == .onTime && declared.persons == [.mother: mother])
            await #expect(throws: RumdulError.civilState) {
                _ = try await world.civil.register(declared.id, by: CivilStep(world.registrar))
            }
            let verified = try await world.civil.verify(declared.id, by: CivilStep(world.verifier))
            let child = try #require(verified.persons[.child])
            #expect(try await world.people.state(of: child)?.record == .provisional)
            #expect(try await world.people.count() == 1, "a reserved person does not count")
            let registered = try await world.civil.register(declared.id, by: CivilStep(world.registrar))
            #expect(registered.state == .registered && registered.version == 1)
            #expect(registered.number.flatMap { RegistrationNumber($0) } != nil)
            #expect(try await world.people.state(of: child)?.record == .active)
            let digits = try await world.database.read { try await world.people.code(of: child, in: $0) }
            #expect(try await world.people.person(kidc: try #require(digits)) == child)
            let edges = try await world.edges(child)
            #expect(edges.map(\.kind) == [.mother] && edges.map(\.other) == [mother])
            try await world.civil.verifyHistory(of: declared.id)
        }
    }

    @Test(arguments: TestDatabases.kinds) func nobodyVerifiesWhatHeDeclared(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let both = Officer(
                id: world.clerk.id, username: "both", displayName: world.clerk.displayName,
                organisation: world.clerk.organisation,
                grants: [Grant(.communeClerk, in: .area("120101")), Grant(.districtVerifier, in: .area("1201"))],
                state: .active)
            let declared = try await world.civil.declare(
                .birth, world.birth(), office: World.office, by: CivilStep(both))
            await #expect(throws: RumdulError.civilSamePerson) {
                _ = try await world.civil.verify(declared.id, by: CivilStep(both))
            }
            await #expect(throws: RumdulError.officerForbidden) {
                _ = try await world.civil.verify(
                    declared.id, by: CivilStep(World.officer("far", .districtVerifier, "0102")))
            }
            try await world.civil.verifyHistory(of: declared.id)
        }
    }

    @Test(arguments: TestDatabases.kinds) func aReturnedBirthKeepsItsCode(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let declared = try await world.civil.declare(
                .birth, world.birth(), office: World.office, by: CivilStep(world.clerk))
            let child = try await world.civil.verify(declared.id, by: CivilStep(world.verifier)).persons[.child]
            let returned = try await world.civil.sendBack(
                declared.id, reason: "ឈ្មោះម្តាយខុស", by: CivilStep(world.registrar))
            #expect(returned.state == .returned && returned.reason == "ឈ្មោះម្តាយខុស")
            _ = try await world.civil.declare(
                .birth, world.birth(["mother.given_km": "សុភី"]), record: declared.id, office: World.office,
                by: CivilStep(world.clerk, expected: returned.sequence))
            let verified = try await world.civil.verify(declared.id, by: CivilStep(world.verifier))
            #expect(verified.persons[.child] == child && child != nil)
            let registered = try await world.civil.register(declared.id, by: CivilStep(world.registrar))
            #expect(registered.declaration["mother.given_km"] == "សុភី")
            try await world.civil.verifyHistory(of: declared.id)
        }
    }

    @Test(arguments: TestDatabases.kinds) func aDelayedBirthNeedsTheProvince(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let old = world.birth(["event.date": "2019-02-01", "event.late_reason": "នៅឆ្ងាយ"])
            await #expect(throws: RumdulError.self) {
                _ = try await world.civil.declare(
                    .birth, world.birth(["event.date": "2019-02-01"]), office: World.office, by: CivilStep(world.clerk))
            }
            let declared = try await world.civil.declare(
                .birth, old, office: World.office, by: CivilStep(world.clerk))
            #expect(declared.lateness == .delayed && declared.needsApproval)
            _ = try await world.civil.verify(declared.id, by: CivilStep(world.verifier))
            await #expect(throws: RumdulError.civilLateApproval) {
                _ = try await world.civil.register(declared.id, by: CivilStep(world.registrar))
            }
            #expect(try await world.civil.list(.toApprove, of: world.province).map(\.id) == [declared.id])
            _ = try await world.civil.approveLate(
                declared.id, reason: "មានសាក្សី", by: CivilStep(world.province))
            _ = try await world.civil.register(declared.id, by: CivilStep(world.registrar))
            try await world.civil.verifyHistory(of: declared.id)
        }
    }

    /// Invariant 11: nationality and parents' papers never block.
    @Test(arguments: TestDatabases.kinds) func missingPapersBlockNothing(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let children = [
                ("", "ដារ៉ា", -2), ("undetermined", "សុវណ្ណ", -6), ("stateless", "លីដា", -11), ("refugee", "មករា", -17),
            ]
            for (nationality, name, day) in children {
                let record = try await world.registeredBirth([
                    "child.nationality": nationality, "child.given_km": name, "event.date": world.clock.day(day),
                    "mother.unknown": "unknown", "mother.family_km": "",
                    "mother.given_km": "", "mother.birthdate": "",
                ])
                #expect(record.state == .registered && record.persons[.child] != nil)
            }
            #expect(try await world.people.count() == 4)
        }
    }

    @Test(arguments: TestDatabases.kinds) func anArchivedBirthGivesNoCodeAway(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let declared = try await world.civil.declare(
                .birth, world.birth(), office: World.office, by: CivilStep(world.clerk))
            _ = try await world.civil.archive(declared.id, reason: "ស្ទួន", by: CivilStep(world.registrar))
            #expect(try await world.people.count() == 0)
            let back = try await world.civil.unarchive(declared.id, by: CivilStep(world.registrar))
            #expect(back.state == .declared)
            try await world.civil.verifyHistory(of: declared.id)
        }
    }

    @Test(arguments: TestDatabases.kinds) func aRepeatedRequestChangesNothing(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let step = CivilStep(world.clerk, transactionID: "request-1")
            let one = try await world.civil.declare(.birth, world.birth(), office: World.office, by: step)
            let two = try await world.civil.declare(.birth, world.birth(), office: World.office, by: step)
            #expect(one.id == two.id && one.sequence == two.sequence)
            await #expect(throws: RumdulError.civilChanged) {
                _ = try await world.civil.verify(one.id, by: CivilStep(world.verifier, expected: 1))
            }
        }
    }

    @Test(arguments: TestDatabases.kinds) func openingARecordStandsInTheJournalsOfThePeopleInIt(
        _ kind: DatabaseKind
    ) async throws {
        try await World.with(kind) { world in
            let (mother, code) = try await world.person("ចាន់", "សុភា", .female, born: "1998-05-01")
            let record = try await world.registeredBirth(["mother.person": code])
            let child = try #require(record.persons[.child])
            let opened = try await world.civil.view(record.id, by: world.registrar, traceID: "t1")
            #expect(opened.record == record && opened.history.count == 4)
            for person in [mother, child] {
                let page = try await world.journal.entries(of: person)
                #expect(page.count == 1)
            }
            let found = try await world.civil.find(try #require(record.number), by: world.registrar, traceID: "t2")
            #expect(found.map(\.id) == [record.id] && found.first?.nameKhmer == "សុខ ពិសី")
            #expect(try await world.civil.find("សុខ ពិសី", by: world.registrar, traceID: "t3").map(\.id) == [record.id])
            #expect(try await world.civil.find(code, by: world.registrar, traceID: "t4").map(\.id) == [record.id])
            await #expect(throws: RumdulError.civilNotFound) {
                _ = try await world.civil.view(record.id, by: World.officer("far", .registrar, "010201"), traceID: "t")
            }
        }
    }

    /// Invariant 13.
    @Test(arguments: TestDatabases.kinds) func aSealedRecordIsNotThereForOthers(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let record = try await world.registeredBirth()
            _ = try await world.civil.setSealed(record.id, true, reason: "ការពារកុមារ", by: CivilStep(world.first))
            await #expect(throws: RumdulError.civilNotFound) {
                _ = try await world.civil.view(record.id, by: world.registrar, traceID: "t")
            }
            #expect(try await world.civil.find(record.trackingID, by: world.registrar, traceID: "t").isEmpty)
            #expect(try await world.civil.list(.registered, of: world.registrar).isEmpty)
            #expect(try await world.civil.view(record.id, by: world.first, traceID: "t").record.isSealed)
        }
    }
}

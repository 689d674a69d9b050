import Accountability
import DatabaseTesting
import Kernel
import PopulationRegister
import Testing

@testable import CivilRegister

/// What is taken back, corrected or put aside leaves the persons as if it had never been said, and leaves alone what
/// others said.
@Suite struct ReversalTests {
    // MARK: Births

    @Test(arguments: TestDatabases.kinds)
    func anArchivedBirthGivesItsReservedCodeUpForGood(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let declared = try await world.civil.declare(
                .birth, world.birth(), office: World.office, by: CivilStep(world.clerk))
            let first = try #require(
                try await world.civil.verify(declared.id, by: CivilStep(world.verifier)).persons[.child])
            _ = try await world.civil.sendBack(declared.id, reason: "ឈ្មោះខុស", by: CivilStep(world.registrar))
            let archived = try await world.civil.archive(declared.id, reason: "ស្ទួន", by: CivilStep(world.registrar))
            #expect(archived.persons[.child] == nil)
            #expect(try await world.people.state(of: first)?.record == .error)
            _ = try await world.civil.unarchive(declared.id, by: CivilStep(world.registrar))
            _ = try await world.civil.declare(
                .birth, world.birth(), record: declared.id, office: World.office, by: CivilStep(world.clerk))
            let second = try #require(
                try await world.civil.verify(declared.id, by: CivilStep(world.verifier)).persons[.child])
            #expect(second != first, "a code that was given up is nobody's")
            _ = try await world.civil.register(declared.id, by: CivilStep(world.registrar))
            #expect(try await world.people.count() == 1)
            var invariants = Invariants(world)
            try await invariants.check()
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aCorrectionCanTakeAParentOutAndPutAnotherIn(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (mother, code) = try await world.person("ចាន់", "សុភា", .female, born: "1990-01-01")
            let (other, otherCode) = try await world.person("គឹម", "លីដា", .female, born: "1991-01-01")
            let birth = try await world.registeredBirth(["mother.person": code])
            let child = try #require(birth.persons[.child])
            for (wanted, expected) in [("", []), (otherCode, [other]), (code, [mother]), (otherCode, [other])] {
                let corrected = try await world.corrected(birth.id, ["mother.person": wanted])
                #expect([corrected.persons[.mother]].compactMap(\.self) == expected)
                #expect(try await world.edges(child).filter(\.isLive).map(\.other) == expected)
            }
            try await world.revoke(birth.id)
            #expect(try await world.edges(child).filter(\.isLive).isEmpty)
            try await world.reinstate(birth.id)
            #expect(try await world.edges(child).filter(\.isLive).map(\.other) == [other], "one mother, the last")
            var invariants = Invariants(world)
            try await invariants.check()
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aMotherWhoIsCorrectedAfterAnAdoptionStaysBehindIt(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (_, code) = try await world.person("ចាន់", "សុភា", .female, born: "1990-01-01")
            let (other, otherCode) = try await world.person("គឹម", "លីដា", .female, born: "1991-01-01")
            let (adopter, adopterCode) = try await world.person("ហេង", "ហួរ", .male, born: "1980-01-01")
            let birth = try await world.registeredBirth(["mother.person": code])
            let child = try #require(birth.persons[.child])
            let adoption = try await world.registered(.adoption, try await world.adoption(child, by: adopterCode))
            _ = try await world.corrected(birth.id, ["mother.person": otherCode])
            #expect(try await world.edges(child).filter(\.isLive).map(\.other) == [adopter])
            try await world.revoke(adoption.id)
            #expect(try await world.edges(child).filter(\.isLive).map(\.other) == [other])
            var invariants = Invariants(world)
            try await invariants.check()
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aBirthThatLaterRecordsBuildOnIsNotRevokedBeforeThem(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let birth = try await world.registeredBirth()
            let child = try #require(birth.persons[.child])
            let code = try await world.code(of: child)
            let death = try await world.registered(.death, world.death(code, on: 0))
            await #expect(throws: RumdulError.civilState) { try await world.revoke(birth.id) }
            _ = try await world.civil.rejectRevocation(birth.id, by: CivilStep(world.second))
            try await world.revoke(death.id)
            try await world.revoke(birth.id)
            #expect(try await world.people.state(of: child)?.record == .annulled)
            var invariants = Invariants(world)
            try await invariants.check()
        }
    }

    /// The order of steps on one record is that of its sequence numbers, also for a request that is sent again.
    @Test(arguments: TestDatabases.kinds)
    func aRepeatedCorrectionIsAnsweredAsTheFirstTime(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let birth = try await world.registeredBirth()
            let ask = CivilStep(world.registrar, transactionID: "ask")
            let approve = CivilStep(world.verifier, transactionID: "approve")
            _ = try await world.civil.requestCorrection(
                birth.id, ["child.given_km": "ពិសាល"], reason: "សរសេរខុស", basis: nil, by: ask)
            let corrected = try await world.civil.approveCorrection(birth.id, by: approve)
            #expect(try await world.civil.approveCorrection(birth.id, by: approve) == corrected)
            let again = try await world.civil.requestCorrection(
                birth.id, ["child.given_km": "ពិសាល"], reason: "សរសេរខុស", basis: nil, by: ask)
            #expect(again == corrected)
        }
    }

    // MARK: Marriages

    @Test(arguments: TestDatabases.kinds)
    func aDissolvedMarriageIsNotRevokedBeforeItsDivorce(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (dara, one) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1995-01-01")
            let (_, two) = try await world.person("ចាន់", "សុភា", .female, born: "1996-01-01")
            let marriage = try await world.registered(.marriage, world.marriage(one, two))
            let divorce = try await world.registered(.divorce, world.divorce(one, two))
            await #expect(throws: RumdulError.civilState) { try await world.revoke(marriage.id) }
            _ = try await world.civil.rejectRevocation(marriage.id, by: CivilStep(world.second))
            try await world.revoke(divorce.id)
            #expect(try await world.status(dara) == .married)
            try await world.revoke(marriage.id)
            #expect(try await world.status(dara) == .single)
            var invariants = Invariants(world)
            try await invariants.check()
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aRevokedMarriageDoesNotComeBackWithTheDead(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (_, one) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1995-01-01")
            let (sophea, two) = try await world.person("ចាន់", "សុភា", .female, born: "1996-01-01")
            let marriage = try await world.registered(.marriage, world.marriage(one, two))
            let death = try await world.registered(.death, world.death(one, on: 0))
            try await world.revoke(marriage.id)
            #expect(try await world.status(sophea) == .single, "there never was a marriage")
            try await world.revoke(death.id)
            #expect(try await world.status(sophea) == .single)
            var invariants = Invariants(world)
            try await invariants.check()
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func whoComesBackToLifeIsTheSpouseOfNobodyDead(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (dara, one) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1995-01-01")
            let (sophea, two) = try await world.person("ចាន់", "សុភា", .female, born: "1996-01-01")
            _ = try await world.registered(.marriage, world.marriage(one, two))
            let his = try await world.registered(.death, world.death(one, on: -1))
            let hers = try await world.registered(.death, world.death(two, on: 0))
            try await world.revoke(his.id)
            #expect(try await world.status(dara) == .widowed)
            try await world.revoke(hers.id)
            #expect(try await world.status(sophea) == .married)
            var invariants = Invariants(world)
            try await invariants.check()
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aRevokedDivorceOfSomebodyWhoDiedSinceLeavesAWidow(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (_, one) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1995-01-01")
            let (sophea, two) = try await world.person("ចាន់", "សុភា", .female, born: "1996-01-01")
            _ = try await world.registered(.marriage, world.marriage(one, two))
            let divorce = try await world.registered(.divorce, world.divorce(one, two))
            let death = try await world.registered(.death, world.death(one, on: 0))
            try await world.revoke(divorce.id)
            #expect(try await world.status(sophea) == .widowed)
            try await world.revoke(death.id)
            #expect(try await world.status(sophea) == .married)
            var invariants = Invariants(world)
            try await invariants.check()
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aSeparationIsSaidOnceAndTakenBackEvenAfterADivorce(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (dara, one) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1995-01-01")
            let (_, two) = try await world.person("ចាន់", "សុភា", .female, born: "1996-01-01")
            _ = try await world.registered(.marriage, world.marriage(one, two))
            let separation = try await world.registered(.judicialSeparation, world.divorce(one, two))
            #expect(try await world.status(dara) == .separated)
            await #expect { _ = try await world.registered(.judicialSeparation, world.divorce(one, two)) } throws: {
                ($0 as? RumdulError)?.code == "civil.marriage"
            }
            let divorce = try await world.registered(.divorce, world.divorce(one, two))
            try await world.revoke(separation.id)
            try await world.revoke(divorce.id)
            #expect(try await world.status(dara) == .married)
        }
    }

    // MARK: Adoptions and names

    @Test(arguments: TestDatabases.kinds)
    func anAdoptionThatAnotherFollowedIsNotRevokedBeforeIt(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (mother, code) = try await world.person("ចាន់", "សុភា", .female, born: "1990-01-01")
            let (first, firstCode) = try await world.person("ហេង", "ហួរ", .male, born: "1980-01-01")
            let (second, secondCode) = try await world.person("លី", "ហួរ", .male, born: "1981-01-01")
            let child = try #require(try await world.registeredBirth(["mother.person": code]).persons[.child])
            let one = try await world.registered(.adoption, try await world.adoption(child, by: firstCode))
            let two = try await world.registered(.adoption, try await world.adoption(child, by: secondCode))
            #expect(try await world.edges(child).filter(\.isLive).map(\.other) == [second])
            await #expect(throws: RumdulError.civilState) { try await world.revoke(one.id) }
            _ = try await world.civil.rejectRevocation(one.id, by: CivilStep(world.second))
            try await world.revoke(two.id)
            #expect(try await world.edges(child).filter(\.isLive).map(\.other) == [first])
            try await world.revoke(one.id)
            #expect(try await world.edges(child).filter(\.isLive).map(\.other) == [mother])
        }
    }

    /// Names are taken back in any order, and none comes back that was taken back itself.
    @Test(arguments: TestDatabases.kinds, [[0, 1], [1, 0]])
    func revokedNamesNeverComeBack(_ kind: DatabaseKind, _ order: [Int]) async throws {
        try await World.with(kind) { world in
            let (dara, code) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1995-01-01")
            var changes: [VitalRecord] = []
            for name in ["ហេង", "ហួរ"] {
                changes.append(try await world.registered(.nameChange, world.nameChange(code, name)))
                world.clock.advance(days: 1)
            }
            #expect(try await world.name(of: dara) == "សុខ ហួរ")
            try await world.revoke(changes[order[0]].id)
            #expect(try await world.name(of: dara) == (order == [1, 0] ? "សុខ ហេង" : "សុខ ហួរ"))
            try await world.revoke(changes[order[1]].id)
            #expect(try await world.name(of: dara) == "សុខ ដារ៉ា")
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aCorrectionLeavesAloneWhatALaterRecordSaid(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let birth = try await world.registeredBirth()
            let child = try #require(birth.persons[.child])
            let code = try await world.code(of: child)
            world.clock.advance(days: 1)
            let first = try await world.registered(.nameChange, world.nameChange(code, "មករា"))
            _ = try await world.corrected(birth.id, ["child.given_km": "ពិសាល"])
            #expect(try await world.name(of: child) == "សុខ មករា", "the later name holds")
            world.clock.advance(days: 1)
            _ = try await world.registered(.nameChange, world.nameChange(code, "មីនា"))
            _ = try await world.corrected(first.id, ["new.given_km": "មេសា"])
            #expect(try await world.name(of: child) == "សុខ មីនា")
        }
    }

    // MARK: Ages as the register knows them

    /// Invariants 7 and 8: leaving a date of birth out, or typing another, helps nobody whom the register knows.
    @Test(arguments: TestDatabases.kinds)
    func invariant7And8TheRegistersOwnDatesOfBirthCount(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (_, adult) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1995-01-01")
            let (_, child) = try await world.person("ចាន់", "តូច", .female, born: world.clock.day(-365 * 11))
            for typed in ["", "1996-01-01"] {
                await #expect {
                    _ = try await world.registered(
                        .marriage, world.marriage(adult, child, ["spouse2.birthdate": typed]))
                } throws: {
                    let error = $0 as? RumdulError
                    return error?.code == "civil.marriage" && error?.fields.map(\.field) == ["spouse2.birthdate"]
                }
                await #expect {
                    _ = try await world.registeredBirth(["mother.person": child, "mother.birthdate": typed])
                } throws: {
                    let error = $0 as? RumdulError
                    return error?.code == "civil.person" && error?.fields.map(\.field) == ["mother.person"]
                }
            }
            let birth = try await world.registeredBirth()
            await #expect {
                _ = try await world.corrected(birth.id, ["mother.person": child, "mother.birthdate": ""])
            } throws: {
                ($0 as? RumdulError)?.code == "civil.person"
            }
            let unknown = world.marriage(adult, "", ["spouse2.person": "", "spouse2.birthdate": ""])
            #expect(try await world.civil.problems(.marriage, unknown).map(\.field) == ["spouse2.birthdate"])
        }
    }
}

extension World {
    func code(of person: PersonID) async throws -> String {
        try await database.read { try await people.code(of: person, in: $0) }?.digits ?? ""
    }

    /// Asked for by the registrar with a court's decision, approved by the verifier.
    func corrected(_ id: String, _ changes: [String: String]) async throws -> VitalRecord {
        _ = try await civil.requestCorrection(
            id, changes, reason: "មានកំហុស", basis: "សាលក្រម ១", by: CivilStep(registrar))
        return try await civil.approveCorrection(id, by: CivilStep(verifier))
    }

    func adoption(_ child: PersonID, by adopter: String) async throws -> [String: String] {
        [
            "child.person": try await code(of: child), "child.given_km": "ពិសី", "child.sex": "2",
            "adopter1.person": adopter, "adopter1.given_km": "ហួរ", "event.type": "full", "event.date": clock.day(0),
            "event.place": "120101", "court.name": "សាលាដំបូង", "court.number": "៣", "court.date": clock.day(0),
            "informant.relation": "court", "informant.given_km": "តុលាការ",
        ]
    }

    func nameChange(_ code: String, _ given: String) -> [String: String] {
        [
            "person.person": code, "person.given_km": "ឈ្មោះ", "new.given_km": given, "event.date": clock.day(0),
            "event.place": "120101", "event.reason": "ឈ្មោះមិនសមរម្យ", "informant.relation": "person",
            "informant.given_km": "ឈ្មោះ",
        ]
    }

    func name(of person: PersonID) async throws -> String? {
        try await database.transaction { connection in
            let request = DisclosureRequest.own(person, [.name])
            return try await civil.gate.disclose(request, from: people, in: connection)[.name]?.stringValue
        }
    }
}

import Accountability
import DatabaseTesting
import Kernel
import PopulationRegister
import Testing

@testable import CivilRegister

extension World {
    fileprivate func load(_ id: String) async throws -> VitalRecord {
        try await database.read { try await civil.open(id, in: $0).record }
    }
}

/// A birth registered anew in another's place, and marriages that somebody objects to.
@Suite struct ReplacementTests {
    private func replaced(_ id: String, _ changed: [String: String], in world: World) async throws -> VitalRecord {
        _ = try await world.civil.requestReplacement(
            id, changed, reason: "ស្មុំកូនពេញលក្ខណៈ", basis: "សាលក្រម ៥", by: CivilStep(world.first))
        return try await world.civil.approveReplacement(id, by: CivilStep(world.second))
    }

    @Test(arguments: TestDatabases.kinds)
    func theChildStaysWhoTheyAreAndTheOldRecordRestsSealed(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (_, adopter) = try await world.person("លី", "វណ្ណា", .female, born: "1988-03-02")
            let birth = try await world.registeredBirth()
            let child = try #require(birth.persons[.child])
            let code = try await world.database.read { try await world.people.code(of: child, in: $0) }
            let change = [
                "mother.family_km": "លី", "mother.given_km": "វណ្ណា", "mother.birthdate": "1988-03-02",
                "mother.person": adopter,
            ]
            let fresh = try await replaced(birth.id, change, in: world)
            #expect(fresh.state == .registered && fresh.version == 1 && fresh.predecessor == birth.id)
            #expect(fresh.persons[.child] == child && fresh.declaration["mother.given_km"] == "វណ្ណា")
            #expect(fresh.number != nil && fresh.number != birth.number && fresh.lateness == birth.lateness)
            #expect(fresh.declaredBy == world.first.id && fresh.registeredBy == world.second.id, "two people")
            let named = try await world.civil.find("សុខ ពិសី", by: world.registrar, traceID: "t").map(\.id)
            #expect(named == [fresh.id], "the new one is found by name, the sealed one is not")
            let old = try await world.load(birth.id)
            #expect(old.state == .inactive && old.isSealed && old.successor == fresh.id)
            #expect(try await world.database.read { try await world.people.code(of: child, in: $0) } == code)
            #expect(try await world.people.count() == 2, "nobody was entered")
            for id in [birth.id, fresh.id] { try await world.civil.verifyHistory(of: id) }
            var invariants = Invariants(world)
            try await invariants.check()

            // It is corrected as others are; revoked it is not, nor does the old one come to life beside it.
            let corrected = try await world.corrected(fresh.id, ["child.given_latin": "Pisey"])
            #expect(corrected.version == 2)
            await #expect(throws: RumdulError.civilState) {
                _ = try await world.civil.requestRevocation(
                    fresh.id, reason: "ដកហូត", basis: "សេចក្តីសម្រេច", by: CivilStep(world.first))
            }
            try await world.reinstate(birth.id)
            let back = try await world.load(birth.id)
            let other = try await world.load(fresh.id)
            #expect(back.state == .registered && !back.isSealed && back.successor == nil)
            #expect(other.state == .inactive && other.isSealed && other.successor == birth.id)
            #expect(try await world.people.state(of: child)?.record == .active)
            #expect(
                try await world.civil.find("សុខ ពិសី", by: world.registrar, traceID: "t").map(\.id) == [birth.id])
            for id in [birth.id, fresh.id] { try await world.civil.verifyHistory(of: id) }
            try await invariants.check()
        }
    }

    /// The parents by law are the family: who is corrected there is related, in the way and since the day of who was named
    /// before, and all of it is taken back with the record.
    @Test(arguments: TestDatabases.kinds)
    func correctingTheParentsOfAReplacingRecordChangesTheFamily(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (natural, mother) = try await world.person("ចាន់", "សុភា", .female, born: "1998-05-01")
            let (wrong, adopter) = try await world.person("លី", "វណ្ណា", .female, born: "1988-03-02")
            let (right, other) = try await world.person("លី", "វណ្ណី", .female, born: "1987-03-02")
            let birth = try await world.registeredBirth(["mother.person": mother])
            let child = try #require(birth.persons[.child])
            _ = try await world.registered(.adoption, try await world.adoption(child, by: adopter))
            func parents() async throws -> [String] {
                try await world.edges(child).filter { $0.person == child && $0.isLive }
                    .map {
                        "\($0.kind.rawValue) \($0.other == natural ? "natural" : $0.other == wrong ? "wrong" : "right")"
                    }
                    .sorted()
            }
            let fresh = try await replaced(
                birth.id,
                [
                    "mother.family_km": "លី", "mother.given_km": "វណ្ណា", "mother.birthdate": "1988-03-02",
                    "mother.person": adopter,
                ], in: world)
            #expect(try await parents() == ["adoptiveParent wrong"])
            let made = try #require(try await world.edges(child).first { $0.kind == .adoptiveParent })
            // It was the sister.
            _ = try await world.corrected(
                fresh.id,
                ["mother.given_km": "វណ្ណី", "mother.birthdate": "1987-03-02", "mother.person": other])
            #expect(try await parents() == ["adoptiveParent right"])
            let edge = try #require(try await world.edges(child).last { $0.isLive })
            #expect(edge.validFrom == made.validFrom && edge.source.reference == fresh.id && edge.other == right)
            var invariants = Invariants(world)
            try await invariants.check()
            // The old record in force again takes the correction back; the new one once more brings it again.
            try await world.reinstate(birth.id)
            #expect(try await parents() == ["adoptiveParent wrong"])
            try await world.reinstate(fresh.id)
            #expect(try await parents() == ["adoptiveParent right"])
            try await world.reinstate(birth.id)
            #expect(try await parents() == ["adoptiveParent wrong"])
            for id in [birth.id, fresh.id] { try await world.civil.verifyHistory(of: id) }
            try await invariants.check()
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func whatIsUnfoundedChangesNothing(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let birth = try await world.registeredBirth()
            let before = try await world.load(birth.id)
            func refused(_ changed: [String: String], _ basis: String = "សាលក្រម ៥") async -> [String] {
                do {
                    _ = try await world.civil.requestReplacement(
                        birth.id, changed, reason: "ស្មុំកូន", basis: basis, by: CivilStep(world.first))
                    return []
                } catch let error as RumdulError { return error.fields.map(\.field) } catch { return ["?"] }
            }
            #expect(await refused(["event.date": world.clock.day(-5)]) == ["event.date"])
            #expect(await refused([:]) == ["changes"])
            #expect(await refused(["mother.given_km": "វណ្ណា"], "") == ["basis"])
            await #expect(throws: RumdulError.officerForbidden) {
                _ = try await world.civil.requestReplacement(
                    birth.id, ["mother.given_km": "វណ្ណា"], reason: "ស្មុំកូន", basis: "សាលក្រម",
                    by: CivilStep(world.registrar))
            }
            #expect(try await world.load(birth.id) == before)
            _ = try await world.civil.requestReplacement(
                birth.id, ["mother.given_km": "វណ្ណា"], reason: "ស្មុំកូន", basis: "សាលក្រម", by: CivilStep(world.first))
            await #expect(throws: RumdulError.civilSamePerson) {
                _ = try await world.civil.approveReplacement(birth.id, by: CivilStep(world.first))
            }
            _ = try await world.civil.rejectReplacement(birth.id, by: CivilStep(world.second))
            await #expect(throws: RumdulError.civilState) {
                _ = try await world.civil.approveReplacement(birth.id, by: CivilStep(world.second))
            }
            #expect(try await world.load(birth.id).declaration == before.declaration)
        }
    }

    /// A repeated approval makes no second record.
    @Test(arguments: TestDatabases.kinds) func anApprovalThatIsSentTwiceCountsOnce(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let birth = try await world.registeredBirth()
            _ = try await world.civil.requestReplacement(
                birth.id, ["mother.given_km": "វណ្ណា"], reason: "ស្មុំកូន", basis: "សាលក្រម", by: CivilStep(world.first))
            let step = CivilStep(world.second, transactionID: "replace-me-once-0001")
            let first = try await world.civil.approveReplacement(birth.id, by: step)
            let again = try await world.civil.approveReplacement(birth.id, by: step)
            #expect(first.id == again.id && first == again)
        }
    }

    @Test(arguments: TestDatabases.kinds) func aReinstatementCanBeTurnedDown(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let birth = try await world.registeredBirth()
            try await world.revoke(birth.id)
            _ = try await world.civil.requestReinstatement(
                birth.id, reason: "ដកហូតខុស", basis: "សេចក្តីសម្រេច ២", by: CivilStep(world.first))
            await #expect(throws: RumdulError.civilSamePerson) {
                _ = try await world.civil.rejectReinstatement(birth.id, by: CivilStep(world.first))
            }
            let kept = try await world.civil.rejectReinstatement(birth.id, by: CivilStep(world.second))
            #expect(kept.state == .revoked && kept.pending == nil)
            try await world.reinstate(birth.id)
            #expect(try await world.load(birth.id).state == .registered)
        }
    }

    // MARK: Objections

    @Test(arguments: TestDatabases.kinds)
    func nothingIsRegisteredWhileSomebodyObjects(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (_, one) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1995-01-01")
            let (_, other) = try await world.person("ចាន់", "សុភា", .female, born: "1996-01-01")
            let declared = try await world.civil.declare(
                .marriage, world.marriage(one, other), office: World.office, by: CivilStep(world.clerk))
            let open = try await world.civil.raiseObjection(
                declared.id, reason: "កូនកំលោះមានប្រពន្ធរួចហើយ", by: CivilStep(world.registrar))
            #expect(open.pending?.kind == .objection && open.state == .declared)
            await #expect(throws: RumdulError.civilState) {
                _ = try await world.civil.register(declared.id, by: CivilStep(world.registrar))
            }
            await #expect(throws: RumdulError.civilSamePerson) {
                _ = try await world.civil.decideObjection(
                    declared.id, upheld: false, reason: "គ្មានភស្តុតាង", by: CivilStep(world.registrar))
            }
            let more = try await world.civil.raiseObjection(
                declared.id, reason: "ឪពុកម្តាយមិនយល់ព្រម", by: CivilStep(world.clerk))
            #expect(more.pending?.reason == "កូនកំលោះមានប្រពន្ធរួចហើយ\nឪពុកម្តាយមិនយល់ព្រម")
            for officer in [world.registrar, world.verifier] {
                #expect(try await world.civil.list(.objections, of: officer).map(\.id) == [declared.id])
            }
            #expect(try await world.civil.list(.toRegister, of: world.registrar).isEmpty)
            for (officer, refusal) in [
                (world.registrar, RumdulError.civilSamePerson), (world.clerk, RumdulError.officerForbidden),
            ] {
                await #expect(throws: refusal, "whoever noted one decides none") {
                    _ = try await world.civil.decideObjection(
                        declared.id, upheld: false, reason: "គ្មានភស្តុតាង", by: CivilStep(officer))
                }
            }
            let free = try await world.civil.decideObjection(
                declared.id, upheld: false, reason: "គ្មានភស្តុតាង", by: CivilStep(world.verifier))
            #expect(free.pending == nil && free.state == .declared)
            #expect(try await world.civil.register(declared.id, by: CivilStep(world.registrar)).state == .registered)
            try await world.civil.verifyHistory(of: declared.id)
            // Too late, and of what nobody objects to.
            for id in [declared.id, try await world.registeredBirth().id] {
                await #expect(throws: RumdulError.civilState) {
                    _ = try await world.civil.raiseObjection(id, reason: "តវ៉ា", by: CivilStep(world.clerk))
                }
            }
        }
    }

    @Test(arguments: TestDatabases.kinds) func anUpheldObjectionGivesItBack(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (_, one) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1995-01-01")
            let (_, other) = try await world.person("ចាន់", "សុភា", .female, born: "1996-01-01")
            let declared = try await world.civil.declare(
                .marriage, world.marriage(one, other), office: World.office, by: CivilStep(world.clerk))
            _ = try await world.civil.raiseObjection(
                declared.id, reason: "ជាបងប្អូន", basis: "សំបុត្រកំណើត", by: CivilStep(world.clerk))
            let back = try await world.civil.decideObjection(
                declared.id, upheld: true, reason: "ពិតជាបងប្អូន", by: CivilStep(world.registrar))
            #expect(back.state == .returned && back.reason == "ពិតជាបងប្អូន" && back.pending == nil)
            await #expect(throws: RumdulError.civilState) {
                _ = try await world.civil.register(declared.id, by: CivilStep(world.registrar))
            }
        }
    }
}

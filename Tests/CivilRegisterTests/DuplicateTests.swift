import Accountability
import DatabaseTesting
import Kernel
import PopulationRegister
import Testing

@testable import CivilRegister

@Suite struct DuplicateTests {
    private static let one = World.officer("adjudicator-1", .adjudicator, "12")
    private static let two = World.officer("adjudicator-2", .adjudicator, nil)

    /// A birth with both parents, and the same typed again by somebody else with slips.
    private func pair(_ world: World) async throws -> (VitalRecord, VitalRecord) {
        let first = try await world.registeredBirth([
            "child.family_latin": "SOK", "child.given_latin": "Pisey", "father.unknown": "", "father.family_km": "សុខ",
            "father.given_km": "វិបុល",
        ])
        let second = try await world.civil.declare(
            .birth,
            world.birth([
                "child.given_km": "ពិសី ", "child.family_latin": "SOKH", "child.given_latin": "Pisei",
                "father.unknown": "",
                "father.family_km": "សុខ", "father.given_km": "វិបុល",
            ]), office: World.office, by: CivilStep(world.clerk))
        return (first, second)
    }

    @Test(arguments: TestDatabases.kinds) func theSameBirthTwiceWaitsForTwoOfficersWhoDoNotKnowOfEachOther(
        _ kind: DatabaseKind
    ) async throws {
        try await World.with(kind, duplicates: true) { world in
            let (first, second) = try await pair(world)
            #expect(second.state == .duplicateReview)
            await #expect(throws: RumdulError.self) {
                _ = try await world.civil.verify(second.id, by: CivilStep(world.verifier))
            }
            let waiting = try await world.civil.waitingDuplicates(of: Self.one)
            #expect(waiting.map(\.record) == [second.id] && waiting.map(\.otherRecord) == [first.id])
            let item = try #require(waiting.first)
            let opened = try await world.civil.duplicate(item.id, by: Self.one, traceID: "t")
            #expect(opened.score.reasons.count >= 5 && opened.other?.id == first.id)
            let half = try await world.civil.decide(item.id, .same, reason: "ដូចគ្នា", by: CivilStep(Self.one))
            #expect(half.state == .half)
            #expect(try await world.civil.waitingDuplicates(of: Self.one).isEmpty, "nobody decides twice")
            await #expect(throws: RumdulError.civilSamePerson) {
                _ = try await world.civil.decide(item.id, .same, reason: "ម្តងទៀត", by: CivilStep(Self.one))
            }
            let blind = try await world.civil.duplicate(item.id, by: Self.two, traceID: "t")
            #expect(blind.about.first == nil, "the second officer does not see the first one's word")
            let closed = try await world.civil.decide(item.id, .same, reason: "ដូចគ្នា", by: CivilStep(Self.two))
            #expect(closed.outcome == .same)
            let record = try await world.civil.view(second.id, by: world.registrar, traceID: "t").record
            #expect(record.state == .archived, "archived, never deleted; the first one stands")
            try await world.civil.verifyHistory(of: second.id)
        }
    }

    @Test(arguments: TestDatabases.kinds) func everyLookAlikeStandsInTheHistory(_ kind: DatabaseKind) async throws {
        try await World.with(kind, duplicates: true) { world in
            let (first, second) = try await pair(world)
            let third = try await world.civil.declare(
                .birth,
                world.birth([
                    "child.family_latin": "SOK", "child.given_latin": "Pisei", "father.unknown": "",
                    "father.family_km": "សុខ", "father.given_km": "វិបុល",
                ]), office: World.office, by: CivilStep(world.clerk))
            let opened = try await world.civil.view(third.id, by: world.registrar, traceID: "t")
            #expect(opened.record.state == .duplicateReview && opened.record.openDuplicates == [first.id, second.id])
            #expect(opened.history.filter { $0.kind == .detectDuplicate }.count == 2)
            #expect(try await world.civil.waitingDuplicates(of: Self.one).filter { $0.record == third.id }.count == 2)
            for item in try await world.civil.waitingDuplicates(of: Self.one) where item.record == third.id {
                for officer in [Self.one, Self.two] {
                    #expect(
                        try await world.civil.view(third.id, by: world.registrar, traceID: "t").record.state
                            == .duplicateReview)
                    _ = try await world.civil.decide(item.id, .different, reason: "ផ្សេង", by: CivilStep(officer))
                }
            }
            let done = try await world.civil.view(third.id, by: world.registrar, traceID: "t").record
            #expect(done.state == .declared && done.openDuplicates.isEmpty)
            try await world.civil.verifyHistory(of: third.id)
        }
    }

    /// What the general department has to do after two records in force were found to be of one event.
    @Test(arguments: TestDatabases.kinds) func twoRecordsInForceOfOneEventWaitForARevocation(
        _ kind: DatabaseKind
    ) async throws {
        try await World.with(kind) { world in
            let (one, _) = try await pair(world)
            let other = try await world.registeredBirth([
                "child.family_latin": "SOKH", "child.given_latin": "Pisei", "father.unknown": "",
                "father.family_km": "សុខ", "father.given_km": "វិបុល",
            ])
            _ = try await world.civil.searchDuplicates(after: "")
            func agreed() async throws -> [DuplicateCase] { try await world.civil.duplicatesToRevoke(of: world.first) }
            #expect(try await agreed().isEmpty)
            let item = try #require(
                try await world.civil.waitingDuplicates(of: Self.one).first {
                    Set([$0.record, $0.otherRecord]) == [one.id, other.id]
                })
            for officer in [Self.one, Self.two] {
                _ = try await world.civil.decide(item.id, .same, reason: "ដូចគ្នា", by: CivilStep(officer))
            }
            #expect(try await agreed().map(\.id) == [item.id])
            await #expect(throws: RumdulError.officerForbidden) {
                _ = try await world.civil.duplicatesToRevoke(of: Self.one)
            }
            // Whoever revokes sees both sides, and what the request says.
            let opened = try await world.civil.duplicate(item.id, by: world.first, traceID: "t")
            #expect(opened.about.outcome == .same && opened.other != nil)
            #expect(try await world.civil.revocationGround(item.id, of: other.id, by: world.first) == one.number)
            #expect(try await world.civil.revocationGround(item.id, of: one.id, by: world.first) == other.number)
            #expect(try await world.civil.revocationGround(item.id, of: one.id, by: Self.one) == nil)
            #expect(try await world.civil.revocationGround(item.id, of: "x", by: world.first) == nil)
            _ = try await world.civil.requestRevocation(
                other.id, reason: "ព្រឹត្តិការណ៍តែមួយ", basis: "ករណី", by: CivilStep(world.first))
            #expect(try await agreed().isEmpty, "somebody has asked")
            _ = try await world.civil.rejectRevocation(other.id, by: CivilStep(world.second))
            #expect(try await agreed().map(\.id) == [item.id])
            try await world.revoke(other.id)
            #expect(try await agreed().isEmpty)
        }
    }

    @Test(arguments: TestDatabases.kinds) func differentOnesGoOnAndAThirdOfficerSettlesADispute(
        _ kind: DatabaseKind
    ) async throws {
        try await World.with(kind, duplicates: true) { world in
            let (_, second) = try await pair(world)
            let waiting = try await world.civil.waitingDuplicates(of: Self.one)
            let item = try #require(waiting.first)
            _ = try await world.civil.decide(item.id, .same, reason: "ដូចគ្នា", by: CivilStep(Self.one))
            let disputed = try await world.civil.decide(
                item.id, .lookalike, reason: "កូនភ្លោះ", by: CivilStep(Self.two))
            #expect(disputed.state == .escalated)
            #expect(try await world.civil.waitingDuplicates(of: world.first).map(\.id) == [item.id])
            _ = try await world.civil.decide(item.id, .lookalike, reason: "កូនភ្លោះ", by: CivilStep(world.first))
            let record = try await world.civil.view(second.id, by: world.registrar, traceID: "t").record
            #expect(record.state == .declared)
            _ = try await world.civil.verify(second.id, by: CivilStep(world.verifier))
            #expect(try await world.civil.register(second.id, by: CivilStep(world.registrar)).state == .registered)
            #expect(try await world.people.count() == 2)
        }
    }

    @Test(arguments: TestDatabases.kinds) func aLateBirthOfSomebodyWhoIsInTheRegisterLeadsToThatPerson(
        _ kind: DatabaseKind
    ) async throws {
        try await World.with(kind, duplicates: true) { world in
            let draft = PersonDraft(
                names: [
                    PersonName(
                        khmer: NameParts(family: "សុខ", given: "ពិសី"), latin: NameParts(family: "SOK", given: "Pisey"))
                ], sex: .female, birth: Birth(date: PartialDate(iso: "2001-04-12"), place: .init("120101")),
                source: FactSource(kind: "enrolment", reference: "test"))
            let known = try await world.database.transaction {
                try await world.people.register(draft, by: .system("test"), in: $0)
            }
            let late = try await world.civil.declare(
                .birth,
                world.birth([
                    "child.family_latin": "SOK", "child.given_latin": "Pisey", "event.date": "2001-04-12",
                    "event.late_reason": "គ្មានសំបុត្រ", "mother.birthdate": "1975",
                ]), office: World.office, by: CivilStep(world.clerk))
            #expect(late.state == .duplicateReview)
            let waiting = try await world.civil.waitingDuplicates(of: Self.one)
            #expect(waiting.map(\.otherPerson) == [known.personID])
            let item = try #require(waiting.first)
            for officer in [Self.one, Self.two] {
                _ = try await world.civil.decide(item.id, .same, reason: "មនុស្សតែមួយ", by: CivilStep(officer))
            }
            _ = try await world.civil.verify(late.id, by: CivilStep(world.verifier))
            _ = try await world.civil.approveLate(late.id, reason: "មានសាក្សី", by: CivilStep(world.province))
            let registered = try await world.civil.register(late.id, by: CivilStep(world.registrar))
            #expect(registered.persons[.child] == known.personID)
            #expect(try await world.people.count() == 1, "one person, one record")
            try await world.civil.verifyHistory(of: late.id)
        }
    }

    @Test(arguments: TestDatabases.kinds) func othersAreNotHeldUp(_ kind: DatabaseKind) async throws {
        try await World.with(kind, duplicates: true) { world in
            _ = try await world.registeredBirth()
            for (family, given, sex) in [("គឹម", "ដារ៉ា", "1"), ("លី", "សុវណ្ណ", "1"), ("ហេង", "ធីតា", "2")] {
                let other = try await world.civil.declare(
                    .birth,
                    world.birth([
                        "child.family_km": family, "child.given_km": given, "child.sex": sex, "mother.family_km": "មាស",
                        "mother.given_km": "ណារី", "event.date": world.clock.day(-9),
                    ]), office: World.office, by: CivilStep(world.clerk))
                #expect(other.state == .declared, "\(given)")
            }
        }
    }

    @Test func aCaseDecidesItselfByTwoEqualWords() throws {
        for (first, second, outcome) in [
            (DuplicateCase.Verdict.same, .same, DuplicateCase.Verdict.same), (.different, .different, .different),
            (.lookalike, .lookalike, .lookalike), (.different, .lookalike, .different),
        ] as [(DuplicateCase.Verdict, DuplicateCase.Verdict, DuplicateCase.Verdict)] {
            var item = DuplicateCase(
                id: "c", record: "a", otherRecord: "b", otherPerson: nil, office: "120101",
                openedAt: Instant(seconds: 0),
                state: .open)
            try item.decide(first, by: "one")
            try item.decide(second, by: "two")
            #expect(item.state == .closed && item.outcome == outcome)
            #expect(throws: RumdulError.civilState) { try item.decide(.same, by: "three") }
        }
    }
}

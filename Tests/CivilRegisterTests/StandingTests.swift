import Accountability
import Database
import DatabaseTesting
import Kernel
import PopulationRegister
import Testing

@testable import CivilRegister

/// What the register already says against an event, told before it is declared.
@Suite struct StandingTests {
    @Test(arguments: TestDatabases.kinds) func theDeadAndTheMarriedAreNamedAtTheirFields(
        _ kind: DatabaseKind
    ) async throws {
        try await World.with(kind) { world in
            let (dara, one) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1995-01-01")
            let (_, two) = try await world.person("ចាន់", "សុភា", .female, born: "1996-01-01")
            let (_, three) = try await world.person("គឹម", "លីដា", .female, born: "1997-01-01")
            func said(_ event: VitalEventKind, _ raw: [String: String]) async throws -> [FieldError] {
                try await world.civil.standing(
                    event, raw, office: World.office, by: world.registrar, traceID: "standing")
            }
            #expect(try await said(.marriage, world.marriage(one, two)).isEmpty)
            #expect(try await said(.death, world.death(one)).isEmpty)
            _ = try await world.registered(.marriage, world.marriage(one, two))
            let second = try await said(.marriage, world.marriage(one, three))
            #expect(second == [FieldError("spouse1.person", Consequences.isMarried)])
            _ = try await world.registered(.death, world.death(one, on: 0))
            #expect(
                try await said(.marriage, world.marriage(one, three))
                    == [FieldError("spouse1.person", Consequences.isDead)])
            #expect(try await said(.death, world.death(one)).map(\.field) == ["deceased.person"])
            #expect(try await said(.marriage, world.marriage(two, three)).isEmpty, "a widow may marry")
            // Who was asked about can read it.
            let entries = try await world.journal.entries(of: dara, limit: 200).filter { $0.traceID == "standing" }
            #expect(entries.count == 5 && entries.allSatisfy { $0.attributes == [.alive] })
            // Codes of nobody, and no code at all, are for the declaration to judge.
            #expect(try await said(.marriage, ["spouse1.person": "12", "spouse2.given_km": "ក"]).isEmpty)
            await #expect(throws: RumdulError.self) {
                _ = try await world.civil.standing(
                    .death, world.death(two), office: "081104", by: world.registrar, traceID: "standing")
            }
        }
    }
}

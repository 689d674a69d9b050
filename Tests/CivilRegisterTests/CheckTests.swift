import Accountability
import Database
import DatabaseTesting
import Kernel
import PopulationRegister
import Testing

@testable import CivilRegister

/// Registrations that wait for a system outside.
@Suite struct CheckTests {
    private static func with(
        _ kind: DatabaseKind, hours: Int = 24, _ test: @escaping @Sendable (World, CivilRegister) async throws -> Void
    ) async throws {
        try await World.with(kind) { world in
            var civil = world.civil
            civil.externalChecks = ExternalChecks(kinds: [.birth], hours: hours)
            try await test(world, civil)
        }
    }

    private func verified(_ world: World, _ civil: CivilRegister) async throws -> VitalRecord {
        let declared = try await civil.declare(.birth, world.birth(), office: World.office, by: CivilStep(world.clerk))
        return try await civil.verify(declared.id, by: CivilStep(world.verifier))
    }

    private func waiting(_ civil: CivilRegister, areas: [String] = []) async throws -> [CheckItem] {
        try await civil.waitingChecks(areas: areas, after: nil, limit: 10).items
    }

    private func answer(
        _ civil: CivilRegister, _ id: String, _ passed: Bool, _ reason: String? = nil, areas: [String] = []
    ) async throws -> CheckItem {
        try await civil.answerCheck(id, passed: passed, reason: reason, areas: areas, client: "checker")
    }

    private func queue(_ civil: CivilRegister, _ queue: CivilQueue, _ officer: Officer) async throws -> [String] {
        try await civil.list(queue, of: officer).map(\.id)
    }

    @Test(arguments: TestDatabases.kinds) func aPassedCheckLetsTheBirthBeRegistered(_ kind: DatabaseKind) async throws {
        try await Self.with(kind) { world, civil in
            let record = try await verified(world, civil)
            #expect(record.state == .verified && record.check?.outcome == .waiting)
            #expect(try await queue(civil, .checking, world.registrar) == [record.id])
            #expect(try await queue(civil, .toRegister, world.registrar).isEmpty)
            await #expect(throws: RumdulError.civilState) {
                _ = try await civil.register(record.id, by: CivilStep(world.registrar))
            }
            let item = try #require(try await waiting(civil).first)
            #expect(try await waiting(civil, areas: ["1201"]) == [item])
            #expect(try await waiting(civil, areas: ["08"]).isEmpty)
            await #expect(throws: RumdulError.civilNotFound) {
                _ = try await answer(civil, item.id, true, areas: ["08"])
            }
            for _ in 0..<2 { #expect(try await answer(civil, item.id, true).state == .passed) }
            await #expect(throws: RumdulError.civilState) { _ = try await answer(civil, item.id, false, "ខុស") }
            #expect(try await queue(civil, .toRegister, world.registrar) == [record.id])
            let done = try await civil.register(record.id, by: CivilStep(world.registrar))
            #expect(done.state == .registered && done.check?.outcome == .passed)
            try await civil.verifyHistory(of: record.id)
            let history = try await civil.view(record.id, by: world.registrar, traceID: "t").history
            #expect(history.map(\.kind) == [.create, .declare, .verify, .requestCheck, .passCheck, .register])
            #expect(history[4].actor.kind == "client" && history[4].actor.id == "checker")
            // Other kinds do not wait.
            let (_, code) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1950-01-01")
            let death = try await civil.declare(
                .death, world.death(code), office: World.office, by: CivilStep(world.registrar))
            #expect(try await civil.register(death.id, by: CivilStep(world.registrar)).state == .registered)
        }
    }

    @Test(arguments: TestDatabases.kinds) func aFailureWaitsForAnOfficerWhoAsksAgain(_ kind: DatabaseKind) async throws
    {
        try await Self.with(kind) { world, civil in
            let record = try await verified(world, civil)
            let first = try #require(try await waiting(civil).first)
            await #expect {
                _ = try await answer(civil, first.id, false)
            } throws: {
                ($0 as? RumdulError)?.fields.map(\.field) == ["reason"]
            }
            _ = try await answer(civil, first.id, false, "ម្តាយមិនមានក្នុងបញ្ជី")
            for officer in [world.registrar, world.verifier, world.province] {
                #expect(try await queue(civil, .checksFailed, officer) == [record.id])
            }
            await #expect(throws: RumdulError.officerForbidden) {
                _ = try await queue(civil, .checksFailed, world.clerk)
            }
            let failed = try await civil.view(record.id, by: world.registrar, traceID: "t").record
            #expect(failed.state == .externalCheckFailed && failed.check?.reason == "ម្តាយមិនមានក្នុងបញ្ជី")
            await #expect(throws: RumdulError.civilState) {
                _ = try await civil.register(record.id, by: CivilStep(world.registrar))
            }
            await #expect(throws: RumdulError.officerForbidden) {
                _ = try await civil.retryCheck(record.id, by: CivilStep(world.clerk))
            }
            let again = try await civil.retryCheck(
                record.id, by: CivilStep(world.registrar, transactionID: "again-again-again"))
            #expect(again.state == .verified && again.check?.attempt == 2)
            _ = try await civil.retryCheck(
                record.id, by: CivilStep(world.registrar, transactionID: "again-again-again"))
            let second = try #require(try await waiting(civil).first)
            #expect(second.attempt == 2)
            // The first question is over.
            await #expect(throws: RumdulError.civilState) { _ = try await answer(civil, first.id, true) }
            _ = try await answer(civil, second.id, true)
            #expect(try await civil.register(record.id, by: CivilStep(world.registrar)).state == .registered)
            try await civil.verifyHistory(of: record.id)
        }
    }

    @Test(arguments: TestDatabases.kinds) func withoutAnAnswerTheTimeEndsAndTheProvinceMayGoOn(
        _ kind: DatabaseKind
    ) async throws {
        try await Self.with(kind) { world, civil in
            let record = try await verified(world, civil)
            let item = try #require(try await waiting(civil).first)
            #expect(try await civil.expireChecks() == 0)
            world.clock.advance(days: 1)
            #expect(try await civil.expireChecks() == 1)
            #expect(try await civil.expireChecks() == 0)
            #expect(try await queue(civil, .checksFailed, world.registrar) == [record.id])
            await #expect(throws: RumdulError.officerForbidden) {
                _ = try await civil.overrideCheck(record.id, reason: "ប្រព័ន្ធខូច", by: CivilStep(world.registrar))
            }
            let on = try await civil.overrideCheck(record.id, reason: "ប្រព័ន្ធខូច", by: CivilStep(world.province))
            #expect(on.state == .verified && on.check?.outcome == .overridden)
            await #expect(throws: RumdulError.civilState) { _ = try await answer(civil, item.id, true) }
            #expect(try await civil.register(record.id, by: CivilStep(world.registrar)).state == .registered)
        }
    }

    @Test(arguments: TestDatabases.kinds) func aLateSuccessCountsAndAReturnWithdrawsTheQuestion(
        _ kind: DatabaseKind
    ) async throws {
        try await Self.with(kind) { world, civil in
            let late = try await verified(world, civil)
            let item = try #require(try await waiting(civil).first)
            world.clock.advance(days: 2)
            try await civil.expireChecks()
            #expect(try await answer(civil, item.id, true).state == .passed)
            #expect(try await civil.register(late.id, by: CivilStep(world.registrar)).state == .registered)

            let record = try await verified(world, civil)
            let asked = try #require(try await waiting(civil).first)
            _ = try await civil.sendBack(record.id, reason: "ឈ្មោះខុស", by: CivilStep(world.verifier))
            #expect(try await waiting(civil).isEmpty)
            await #expect(throws: RumdulError.civilState) { _ = try await answer(civil, asked.id, true) }
            _ = try await civil.declare(
                .birth, world.birth(["child.given_km": "មករា"]), record: record.id, office: World.office,
                by: CivilStep(world.clerk))
            let anew = try await civil.verify(record.id, by: CivilStep(world.verifier))
            #expect(anew.check?.outcome == .waiting && anew.check?.attempt == 1)
            #expect(try await waiting(civil).map(\.id) != [asked.id])
        }
    }

    @Test(arguments: TestDatabases.kinds) func theSystemSeesWhatIsDeclaredAndPeopleSeeTheLook(
        _ kind: DatabaseKind
    ) async throws {
        try await Self.with(kind) { world, civil in
            let (mother, code) = try await world.person("ចាន់", "សុភា", .female, born: "1998-05-01")
            let declared = try await civil.declare(
                .birth, world.birth(["mother.person": code]), office: World.office, by: CivilStep(world.clerk))
            _ = try await civil.verify(declared.id, by: CivilStep(world.verifier))
            let item = try #require(try await waiting(civil).first)
            let request = DisclosureRequest(
                subject: PersonID(""), actor: .client("checker"),
                organisation: Organisation(code: "moh", name: LocalizedText(km: "សុខាភិបាល", en: "Health")),
                system: "checker", service: "cr.check",
                purpose: Purpose(code: "check", text: LocalizedText(km: "ពិនិត្យ", en: "Check")),
                basis: .statute("KH-CRVSI-2023"), attributes: [], traceID: "t")
            let before = try await world.journal.entries(of: mother).count
            let reader = SystemReader(request, areas: ["12"], seesCodes: false, seesCauses: false)
            let (_, found) = try await civil.check(item.id, by: reader)
            #expect(found.fields["child.given_km"] == "ពិសី" && found.fields["mother.person"] == nil)
            #expect(try await world.journal.entries(of: mother).count == before + 1)
            _ = try await answer(civil, item.id, true)
            await #expect(throws: RumdulError.civilNotFound) { _ = try await civil.check(item.id, by: reader) }
        }
    }
}

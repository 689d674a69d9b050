import Accountability
import Database
import DatabaseTesting
import Kernel
import PopulationRegister
import Testing

@testable import CivilRegister

@Suite struct KeyingTests {
    private static let scan: [UInt8] =
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + [UInt8](repeating: 7, count: 200)
    private static let keyed = [
        "event.date": "12/03/1979", "event.place": "120101", "child.family_km": "សុខ", "child.given_km": "ពិសី",
        "child.sex": "2", "mother.given_km": "ចន្ធី",
    ]
    private static let other = World.officer("other", .communeClerk, "120101")

    private func page(_ world: World) async throws -> BookPage {
        try await world.civil.addPage(
            Self.scan, kind: .birth, office: World.office, book: "៣", page: "១៤", by: world.clerk)
    }

    @Test(arguments: TestDatabases.kinds) func whatTwoOfficersWroteAlikeIsRegistered(_ kind: DatabaseKind) async throws
    {
        try await World.with(kind) { world in
            let page = try await page(world)
            #expect(try await self.page(world) == page)
            let half = try await world.civil.key(page.id, number: "7", Self.keyed, by: world.clerk)
            #expect(half.state == .half && half.record == nil)
            await #expect(throws: RumdulError.civilSamePerson) {
                try await world.civil.key(page.id, number: "៧", Self.keyed, by: world.clerk)
            }
            // Another way of writing the same day and number.
            let again = Self.keyed.merging(["event.date": "1979-03-12"]) { $1 }
            let done = try await world.civil.key(page.id, number: "៧", again, by: Self.other)
            #expect(done.state == .entered)
            let record = try #require(try await world.allRecords().first)
            #expect(record.id == done.record && record.state == .registered && record.isLegacy)
            #expect(record.declaration["legacy.image"] == page.digest)
            #expect(record.declaration["legacy.book"] == "៣" && record.declaration["legacy.page"] == "១៤")
            #expect(try await world.people.count() == 1)
            await #expect(throws: RumdulError.civilState) {
                try await world.civil.key(page.id, number: "7", Self.keyed, by: world.registrar)
            }
            try await world.civil.verifyHistory(of: record.id)
        }
    }

    @Test(arguments: TestDatabases.kinds) func whereTwoDifferAThirdDecides(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let page = try await page(world)
            let entry = try await world.civil.key(page.id, number: "8", Self.keyed, by: world.clerk)
            let differing = Self.keyed.merging(["child.given_km": "ពិសិដ្ឋ", "child.sex": "1"]) { $1 }
            let waiting = try await world.civil.key(page.id, number: "8", differing, by: Self.other)
            #expect(waiting.state == .differs && waiting.id == entry.id)
            #expect(try await world.count("civil_records") == 0)
            for officer in [world.clerk, Self.other] {
                await #expect(throws: RumdulError.self) { try await world.civil.disputed(entry.id, by: officer) }
                await #expect(throws: RumdulError.self) {
                    try await world.civil.decideKeyed(entry.id, Self.keyed, by: officer)
                }
            }
            let disputed = try await world.civil.disputed(entry.id, by: world.registrar)
            #expect(disputed.differing == ["child.given_km", "child.sex"])
            #expect(disputed.first["child.given_km"] == "ពិសី" && disputed.second["child.given_km"] == "ពិសិដ្ឋ")
            let bad = differing.merging(["child.given_km": "<b>"]) { $1 }
            await #expect(throws: RumdulError.self) {
                try await world.civil.decideKeyed(entry.id, bad, by: world.registrar)
            }
            let done = try await world.civil.decideKeyed(entry.id, differing, by: world.registrar)
            #expect(done.state == .entered && done.third == world.registrar.id)
            let record = try #require(try await world.allRecords().first)
            #expect(record.declaration["child.given_km"] == "ពិសិដ្ឋ" && record.state == .registered)
            // The same entry by an import is refused.
            let file = MemoryFile(
                [
                    "legacy.book", "legacy.page", "legacy.number", "event.date", "event.place", "child.given_km",
                    "child.sex",
                ],
                [["3", "14", "8", "1979", "120101", "ពិសី", "2"]])
            var order = world.order()
            order.constants = [:]
            #expect(try await world.run(file, order).1.map(\.code) == ["civil.legacy_taken"])
        }
    }

    @Test(arguments: TestDatabases.kinds) func whatTheRegisterRefusesWaitsForAThird(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (_, one) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1950-01-01")
            _ = try await world.registered(.death, world.death(one))
            let page = try await world.civil.addPage(
                Self.scan, kind: .death, office: World.office, book: "5", page: "1", by: world.clerk)
            let values = [
                "event.date": "1999-01-02", "event.place": "120101", "deceased.person": one, "deceased.given_km": "ដារ៉ា",
                "deceased.sex": "1",
            ]
            _ = try await world.civil.key(page.id, number: "1", values, by: world.clerk)
            let entry = try await world.civil.key(page.id, number: "1", values, by: Self.other)
            #expect(entry.state == .differs)
            let disputed = try await world.civil.disputed(entry.id, by: world.registrar)
            #expect(disputed.differing.isEmpty)
            await #expect(throws: RumdulError.self) {
                try await world.civil.decideKeyed(entry.id, values, by: world.registrar)
            }
            let other = values.filter { $0.key != "deceased.person" }
            #expect(try await world.civil.decideKeyed(entry.id, other, by: world.registrar).state == .entered)
        }
    }

    @Test(arguments: TestDatabases.kinds) func nobodyElseSeesOrKeysThePage(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let page = try await page(world)
            let stranger = World.officer("stranger", .communeClerk, "120102")
            for officer in [stranger, world.verifier, world.province, world.first] {
                await #expect(throws: RumdulError.civilNotFound) { try await world.civil.scan(page.id, by: officer) }
                await #expect(throws: RumdulError.civilNotFound) {
                    try await world.civil.key(page.id, number: "1", Self.keyed, by: officer)
                }
            }
            await #expect(throws: RumdulError.officerForbidden) { try await world.civil.pages(of: world.verifier) }
            #expect(try await world.civil.scan(page.id, by: Self.other).1 == Self.scan)
            await #expect(throws: RumdulError.civilEvidenceType) {
                try await world.civil.addPage(
                    Array("<html>".utf8), kind: .birth, office: World.office, book: "1", page: "1", by: world.clerk)
            }
            await #expect(throws: RumdulError.civilEvidenceSize) {
                try await world.civil.addPage(
                    [UInt8](repeating: 1, count: 20 << 20), kind: .birth, office: World.office, book: "1", page: "1",
                    by: world.clerk)
            }
        }
    }
}

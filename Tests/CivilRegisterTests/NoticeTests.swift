import Accountability
import DatabaseTesting
import Kernel
import PopulationRegister
import Testing

@testable import CivilRegister

@Suite struct NoticeTests {
    private static let hospital = Notifier.system("calmette", .healthFacility)

    @Test(arguments: TestDatabases.kinds) func aHospitalsNoticeIsDeclaredAndRegistered(_ kind: DatabaseKind)
        async throws
    {
        try await World.with(kind) { world in
            let told = ["child.sex": "2", "event.date": world.clock.day(-1), "mother.given_km": "សុភា"]
            let receipt = try await world.civil.notify(
                .birth, told, office: World.office, by: Self.hospital, transactionID: "t1")
            #expect(receipt.notice.state == .notified && !receipt.isRepeated && receipt.isSame)
            let waiting = try await world.civil.list(.notices, of: world.clerk)
            #expect(waiting.map(\.trackingID) == [receipt.notice.trackingID])
            let id = try #require(waiting.first?.id)
            let opened = try await world.civil.view(id, by: world.clerk, traceID: "t")
            #expect(opened.history.map(\.actor.role) == ["healthFacility", "healthFacility"])
            #expect(opened.record.declaration.values == told)
            _ = try await world.civil.declare(
                .birth, world.birth(), record: id, office: World.office,
                by: CivilStep(world.clerk, expected: opened.record.sequence))
            _ = try await world.civil.verify(id, by: CivilStep(world.verifier))
            _ = try await world.civil.register(id, by: CivilStep(world.registrar))
            #expect(
                try await world.civil.notice(receipt.notice.trackingID, of: Self.hospital).state == .registered)
            try await world.civil.verifyHistory(of: id)
        }
    }

    @Test(arguments: TestDatabases.kinds) func aRepeatedNoticeChangesNothing(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            func tell(_ sex: String) async throws -> NoticeReceipt {
                try await world.civil.notify(
                    .birth, ["child.sex": sex], office: World.office, by: Self.hospital, transactionID: "once")
            }
            let first = try await tell("1"), again = try await tell("1"), other = try await tell("2")
            #expect(again.notice == first.notice && again.isRepeated && again.isSame)
            #expect(other.notice == first.notice && !other.isSame)
            #expect(try await world.civil.list(.notices, of: world.clerk).count == 1)
        }
    }

    @Test(arguments: TestDatabases.kinds) func onlyTheNotifierLearnsTheState(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (mother, _) = try await world.person("ចាន់", "សុភា", .female, born: "1998-05-01")
            let (other, _) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1990-05-01")
            let sent = try await world.civil.notify(
                .birth, ["child.sex": "1"], office: World.office, by: .citizen(mother), transactionID: "m")
            #expect(try await world.civil.notice(sent.notice.trackingID, of: .citizen(mother)).state == .notified)
            for stranger in [Notifier.citizen(other), Self.hospital] {
                await #expect(throws: RumdulError.civilNotFound) {
                    _ = try await world.civil.notice(sent.notice.trackingID, of: stranger)
                }
            }
            let id = try #require(try await world.civil.list(.notices, of: world.clerk).first?.id)
            let history = try await world.civil.view(id, by: world.clerk, traceID: "t").history
            #expect(history.allSatisfy { $0.actor.kind == "self" && !$0.actor.id.contains(mother.text) })
        }
    }

    @Test(arguments: TestDatabases.kinds) func badFactsAreRefusedAndMissingOnesAreNot(_ kind: DatabaseKind) async throws
    {
        try await World.with(kind) { world in
            for (fields, wrong) in [
                (["child.sex": "7"], "child.sex"), (["event.date": "3026-01-01"], "event.date"),
                (["nonsense": "1"], "nonsense"), (["mother.person": "123"], "mother.person"), ([:], "fields"),
                (["event.place": "99990101"], "event.place"),
            ] {
                do {
                    _ = try await world.civil.notify(
                        .birth, fields, office: World.office, by: Self.hospital, transactionID: "bad")
                    Issue.record("\(fields) was taken")
                } catch let error as RumdulError {
                    #expect(error.fields.map(\.field) == [wrong])
                }
            }
            await #expect(throws: RumdulError.officerForbidden) {
                _ = try await world.civil.notify(
                    .marriage, ["event.date": "2026-01-01"], office: World.office, by: Self.hospital, transactionID: "x"
                )
            }
            await #expect(throws: RumdulError.self) {
                _ = try await world.civil.notify(
                    .birth, ["child.sex": "1"], office: "12", by: Self.hospital, transactionID: "x")
            }
        }
    }
}

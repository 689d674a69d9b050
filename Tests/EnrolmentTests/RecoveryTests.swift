import Accountability
import Authenticators
import Codecs
import DatabaseTesting
import HTTPTypes
import HummingbirdTesting
import Kernel
import Testing

@testable import Enrolment

@Suite("Lost phones and printed codes at the counter")
struct RecoveryTests {
    private static let evidence = EvidenceItem(.khmerIDCard)

    /// A whole enrolment; the phone's device identifier.
    private func enrol(_ world: World, _ officer: Officer, name: String = "ទូរស័ព្ទ") async throws -> (String, Phone) {
        let (enrolment, code) = try await world.withCode(officer)
        let phone = try Phone(world.clock)
        let receipt = try await world.service.activate(try await phone.activation(code, name: name))
        _ = try await world.service.confirm(enrolment.id, device: receipt.deviceID, same: true, by: officer)
        return (receipt.deviceID, phone)
    }

    private func open(_ world: World, _ officer: Officer, _ reason: RecoveryReason = .lost) async throws -> RecoveryCase
    {
        try await world.service.openRecovery(
            person: TestRegister.sokha.id, reason: reason, evidence: Evidence([Self.evidence]),
            requestKey: Ambient.system.newSecret(), by: officer)
    }

    @Test(arguments: TestDatabases.kinds) func twoOfficersThenADayOfHolding(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let person = TestRegister.sokha.id
            let (clerk, boss) = (world.officer(), world.officer("boss", .enrolmentSupervisor))
            let (old, _) = try await enrol(world, clerk)
            let recovery = try await open(world, clerk)
            #expect(try await world.device(old)?.state == .blocked, "at once")
            await #expect(throws: RumdulError.recoveryState) { _ = try await open(world, boss) }
            await #expect(throws: RumdulError.recoveryUnconfirmed) { _ = try await world.withCode(clerk) }
            await #expect(throws: RumdulError.officerForbidden) {
                _ = try await world.service.confirmRecovery(recovery.id, of: person, by: clerk)
            }
            let confirmed = try await world.service.confirmRecovery(recovery.id, of: person, by: boss)
            #expect(confirmed.state == .confirmed && confirmed.confirmedBy == boss.id)
            #expect(try await world.device(old)?.state == .blocked, "lost is blocked, and may be found")
            let (new, phone) = try await enrol(world, clerk, name: "ថ្មី")
            let standing = try await world.service.recoveryStanding(of: person)
            #expect(standing.recovery == nil)
            #expect(standing.hold?.reason == "recovery")
            #expect(standing.hold?.until == world.clock.now.adding(seconds: 86_400))
            let journal = try await world.journal("audit-")
            for kind in ["recovery.opened", "device.blocked", "recovery.confirmed", "assurance.held"] {
                #expect(journal.contains(kind))
            }
            _ = (new, phone)
        }
    }

    @Test(arguments: TestDatabases.kinds) func theSameOfficerTwiceIsRefused(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let person = TestRegister.sokha.id
            let (boss, other) = (
                world.officer("boss", .enrolmentSupervisor), world.officer("chief", .enrolmentSupervisor)
            )
            let (old, _) = try await enrol(world, boss)
            let recovery = try await open(world, boss, .stolen)
            await #expect(throws: RumdulError.recoverySameOfficer) {
                _ = try await world.service.confirmRecovery(recovery.id, of: person, by: boss)
            }
            // Not even the table takes it.
            await #expect(throws: (any Error).self) {
                try await world.database.transaction {
                    try await $0.execute("UPDATE enrol_recoveries SET confirmed_by = opened_by")
                }
            }
            _ = try await world.service.confirmRecovery(recovery.id, of: person, by: other)
            #expect(try await world.device(old)?.state == .revoked, "stolen is for good")
            try await world.service.cancelRecovery(recovery.id, of: person, by: boss)
            await #expect(throws: RumdulError.recoveryState) {
                _ = try await world.service.confirmRecovery(recovery.id, of: person, by: other)
            }
            await #expect(throws: RumdulError.recoveryNotFound) {
                _ = try await world.service.confirmRecovery(recovery.id, of: TestRegister.dara.id, by: other)
            }
        }
    }

    /// The whole way in the browser, with the notices and the hold that the new phone is told.
    @Test func onThePages() async throws {
        try await World.serve(.sqlite) { world, client in
            let (_, _) = try await enrol(world, world.officer())
            let clerk = Browser(client)
            _ = try await clerk.signIn()
            func person(_ browser: Browser) async throws -> (String, Page) {
                let home = try await browser.get("/enrol")
                let found = try await browser.post(
                    "/enrol/people",
                    [("csrf", try home.input("csrf")), ("identifier", TestRegister.sokha.code), ("by", "identifier")])
                let path = try #require(found.location)
                return (path, try await browser.get(path))
            }
            let (path, page) = try await person(clerk)
            let start = try #require(page.text.firstRange(of: "/recoveries\""))
            let rest = Page(status: 200, headers: [:], text: String(page.text[start.upperBound...]))
            let opened = try await clerk.post(
                path + "/recoveries",
                [
                    ("csrf", try page.input("csrf")), ("request_key", try rest.input("request_key")),
                    ("reason", "lost"), ("seen", "khmerIDCard"), ("present", "yes"),
                ])
            #expect(opened.status == 303)
            let shown = try await clerk.get(try #require(opened.location))
            #expect(shown.text.contains("កំពុងរង់ចាំមន្ត្រីទីពីរ") || shown.text.contains("Waiting for a second officer"))
            #expect(!shown.text.contains("value=\"confirm\""), "the first officer is not offered it")
            let recovery = try #require(try await world.service.recoveryStanding(of: TestRegister.sokha.id).recovery)
            _ = try await world.service.confirmRecovery(
                recovery.id, of: TestRegister.sokha.id, by: world.officer("boss", .enrolmentSupervisor))
            let (new, phone) = try await enrol(world, world.officer(), name: "new")
            let held = try await person(clerk)
            #expect(held.1.text.contains("id=\"held\""))
            let authorization = try await phone.authorization(device: new, path: "/device/v1/self")
            let own = try await clerk.get("/device/v1/self", headers: [.authorization: authorization])
            let answer = try JSON.parseObject(Array(own.text.utf8))
            #expect(answer.integer("held_until") == world.clock.now.seconds + 86_400)
            #expect(answer.array("notices")?.isEmpty == true)
        }
    }

    /// Who may not print prints nothing; who may, prints once; the page is the only one with the codes.
    @Test(arguments: TestDatabases.kinds) func sheetsAreShownOnce(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let evidence = try Evidence([Self.evidence])
            let key = Ambient.system.newSecret()
            let sokha = TestRegister.sokha.id
            let printed = try await world.service.printCodes(
                person: sokha, evidence: evidence, requestKey: key, by: world.officer())
            #expect(printed.codes.count == 20)
            await #expect(throws: RumdulError.codesShownOnce) {
                _ = try await world.service.printCodes(
                    person: sokha, evidence: evidence, requestKey: key, by: world.officer())
            }
            for officer in [world.officer("a", .auditor), world.officer("far", area: "17")] {
                await #expect(throws: RumdulError.officerForbidden) {
                    _ = try await world.service.printCodes(
                        person: sokha, evidence: evidence, requestKey: Ambient.system.newSecret(), by: officer)
                }
            }
            await #expect(throws: RumdulError.officerForbidden) {
                try await world.service.perform(
                    .unlock, onSheet: printed.sheet.id, of: sokha, reason: .personRequest, by: world.officer())
            }
            try await world.service.perform(
                .end, onSheet: printed.sheet.id, of: sokha, reason: .lost, by: world.officer())
            let match = PersonMatch(personID: sokha, area: "12010101")
            #expect(try await world.service.codeSheet(of: match) == nil)
        }
    }
}

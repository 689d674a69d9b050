import Accountability
import Authenticators
import Codecs
import Database
import DatabaseTesting
import Kernel
import KeyVault
import Testing

@testable import Enrolment

@Suite("Enrolment without HTTP, on both engines")
struct ServiceTests {
    @Test(arguments: TestDatabases.kinds) func fromEvidenceToActiveDevice(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let officer = world.officer()
            let (issued, code) = try await world.withCode(officer)
            #expect(issued.state == .codeIssued && issued.codeSerial == 1 && issued.ial == .ial2)
            let phone = try Phone(world.clock)
            let receipt = try await world.service.activate(try await phone.activation(code.lowercased()))
            #expect(receipt.state == .pending)
            let bound = try await world.service.enrolment(issued.id, by: officer)
            #expect(bound.state == .deviceBound)
            #expect(bound.comparisonCode == (try phone.comparison(nonce: receipt.serverNonce)))
            #expect(try await world.device(receipt.deviceID)?.state == .pending)
            for _ in 0..<2 {
                let done = try await world.service.confirm(issued.id, device: receipt.deviceID, same: true, by: officer)
                #expect(done.state == .completed)
            }
            let device = try #require(try await world.device(receipt.deviceID))
            #expect(device.state == .active && device.ial == .ial2 && device.personID == TestRegister.sokha.id)
            #expect(device.keyStorage == .software)
            #expect(
                Set(try await world.journal("audit-")) == [
                    "enrolment.opened", "enrolment.code_issued", "device.bound", "device.activated",
                    "enrolment.completed",
                ])
            #expect(try await world.journal("audit-").count == 5)
        }
    }

    @Test func evidenceDecidesTheLevel() throws {
        #expect(try Evidence([EvidenceItem(.birthCertificate)]).assuranceLevel == .ial2)
        #expect(try Evidence([EvidenceItem(.twoWitnesses), EvidenceItem(.familyBook)]).assuranceLevel == .ial2)
        #expect(
            try Evidence([EvidenceItem(.villageChiefAttestation)], reason: "lost in the flood").assuranceLevel == .ial1)
        for type in EvidenceType.allCases {
            #expect(try Evidence([EvidenceItem(type)], reason: "x").assuranceLevel < .ial3)
        }
        #expect(throws: RumdulError.enrolmentEvidence) { try Evidence([]) }
        #expect(throws: RumdulError.enrolmentEvidence) {
            try Evidence([EvidenceItem(.twoWitnesses)], reason: " \u{A0} ")
        }
        #expect(throws: RumdulError.enrolmentEvidence) {
            try Evidence([EvidenceItem(.passport), EvidenceItem(.passport)])
        }
        #expect(throws: RumdulError.enrolmentEvidence) {
            try Evidence([EvidenceItem(.passport, number: String(repeating: "1", count: 65))])
        }
        let evidence = try Evidence([EvidenceItem(.passport, number: " N1 ", note: "")], reason: "r")
        #expect(evidence.items[0].number == "N1" && evidence.items[0].note == nil)
        #expect(Evidence(json: evidence.json) == evidence)
    }

    @Test func statesFollowTheModel() {
        for from in EnrolmentState.allCases {
            for to in EnrolmentState.allCases {
                if !from.isLive { #expect(!from.allows(to), "\(from) is an end") }
                if to == .completed || to == .rejected { #expect(from.allows(to) == (from == .deviceBound)) }
                if to == .deviceBound { #expect(from.allows(to) == (from == .codeIssued)) }
                if to == .cancelled || to == .expired { #expect(from.allows(to) == from.isLive) }
            }
        }
    }

    @Test(arguments: TestDatabases.kinds) func openingIsRepeatable(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let officer = world.officer()
            let key = "request-key-0123456789"
            let first = try await world.open(officer, key: key)
            #expect(try await world.open(officer, key: key).id == first.id)
            #expect(try await world.journal("audit-") == ["enrolment.opened"])
            await #expect(throws: RumdulError.enrolmentState) {
                _ = try await world.open(officer, TestRegister.dara.id, key: key)
            }
            await #expect(throws: RumdulError.enrolmentState) {
                _ = try await world.open(world.officer("officer.two"), key: key)
            }
            await #expect(throws: RumdulError.enrolmentState) { _ = try await world.open(officer, key: "short") }
            await #expect(throws: RumdulError.enrolmentNotFound) {
                _ = try await world.open(officer, PersonID("nobody"))
            }
            let ids = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<6 { group.addTask { try await world.open(officer, key: "request-key-parallel").id } }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
        }
    }

    @Test(arguments: TestDatabases.kinds) func rightsAndJurisdiction(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let (own, other) = (world.officer(), world.officer("officer.far", area: "17"))
            let (auditor, registrar) = (world.officer("auditor", .auditor, area: nil), world.officer("reg", .registrar))
            let enrolment = try await world.open(own)
            for stranger in [other, auditor, registrar] {
                await #expect(throws: RumdulError.officerForbidden) { _ = try await world.open(stranger) }
                await #expect(throws: RumdulError.enrolmentNotFound) {
                    _ = try await world.service.enrolment(enrolment.id, by: stranger)
                }
                await #expect(throws: RumdulError.enrolmentNotFound) {
                    _ = try await world.service.issueActivationCode(enrolment.id, afterSerial: 0, by: stranger)
                }
                await #expect(throws: RumdulError.enrolmentNotFound) {
                    _ = try await world.service.confirm(enrolment.id, device: "x", same: true, by: stranger)
                }
                await #expect(throws: RumdulError.enrolmentNotFound) {
                    _ = try await world.service.cancel(enrolment.id, by: stranger)
                }
            }
            #expect(try await world.service.worklist(by: own).map(\.id) == [enrolment.id])
            #expect(try await world.service.worklist(by: world.officer("n", area: nil)).count == 1)
            #expect(try await world.service.worklist(by: world.officer("d", area: "1202")).isEmpty)
            #expect(try await world.service.worklist(by: other).isEmpty)
            await #expect(throws: RumdulError.officerForbidden) { _ = try await world.service.worklist(by: auditor) }
            // Without a place on record only an officer of the whole country may act.
            await #expect(throws: RumdulError.officerForbidden) {
                _ = try await world.open(own, TestRegister.placeless.id)
            }
            _ = try await world.open(world.officer("n", area: nil), TestRegister.placeless.id)
            let disabled = Officer(
                id: own.id, username: own.username, displayName: own.displayName, organisation: own.organisation,
                grants: own.grants, state: .disabled)
            await #expect(throws: RumdulError.officerForbidden) { _ = try await world.open(disabled) }
        }
    }

    @Test(arguments: TestDatabases.kinds) func findingPeople(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let officer = world.officer()
            let links = try await world.service.find(.identifier(TestRegister.sokha.code), by: officer)
            #expect(links.count == 1 && !links[0].contains(TestRegister.sokha.code) && links[0].utf8.count <= 200)
            #expect(try await world.journal("access-").isEmpty, "finding discloses nothing")
            let card = try await world.service.card(links[0], full: true, trace: "t1", by: officer)
            #expect(card.attributes[.nameKhmer] == .string(TestRegister.sokha.name))
            #expect(try await world.journal("access-").count == 1)
            #expect(try await world.service.find(.name("ដារ៉ា", birthYear: 1985), by: officer).count == 2)
            #expect(
                try await world.service.find(.name("ដារ៉ា", birthYear: 1985), by: world.officer("d", area: "1202")).count
                    == 1)
            #expect(try await world.service.find(.identifier(TestRegister.far.code), by: officer).isEmpty)
            #expect(try await world.service.find(.identifier("0000000000"), by: officer).isEmpty)
            await #expect(throws: RumdulError.enrolmentQuery) {
                _ = try await world.service.find(.identifier(""), by: officer)
            }
            await #expect(throws: RumdulError.officerForbidden) {
                _ = try await world.service.find(.identifier("1"), by: world.officer("a", .auditor, area: nil))
            }
            // A link serves its officer, whole, for its time.
            await #expect(throws: RumdulError.enrolmentPersonLink) {
                _ = try await world.service.person(links[0], by: world.officer("officer.two"))
            }
            for broken in ["", "AAAA", String(links[0].dropLast()), links[0] + "A", String(links[0].reversed())] {
                await #expect(throws: RumdulError.enrolmentPersonLink) {
                    _ = try await world.service.person(broken, by: officer)
                }
            }
            world.clock.advance(1801)
            await #expect(throws: RumdulError.enrolmentPersonLink) {
                _ = try await world.service.person(links[0], by: officer)
            }
        }
    }
}

import Accountability
import Authenticators
import Codecs
import Database
import DatabaseTesting
import KeyVault
import Kernel
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
                    "enrolment.opened", "enrolment.code_issued", "device.bound", "device.activated", "enrolment.completed",
                ])
            #expect(try await world.journal("audit-").count == 5)
        }
    }

    @Test func evidenceDecidesTheLevel() throws {
        #expect(try Evidence([EvidenceItem(.birthCertificate)]).assuranceLevel == .ial2)
        #expect(try Evidence([EvidenceItem(.twoWitnesses), EvidenceItem(.familyBook)]).assuranceLevel == .ial2)
        #expect(try Evidence([EvidenceItem(.villageChiefAttestation)], reason: "lost in the flood").assuranceLevel == .ial1)
        for type in EvidenceType.allCases {
            #expect(try Evidence([EvidenceItem(type)], reason: "x").assuranceLevel < .ial3)
        }
        #expect(throws: RumdulError.enrolmentEvidence) { try Evidence([]) }
        #expect(throws: RumdulError.enrolmentEvidence) { try Evidence([EvidenceItem(.twoWitnesses)], reason: " \u{A0} ") }
        #expect(throws: RumdulError.enrolmentEvidence) { try Evidence([EvidenceItem(.passport), EvidenceItem(.passport)]) }
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
            await #expect(throws: RumdulError.officerForbidden) { _ = try await world.open(own, TestRegister.placeless.id) }
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
            #expect(try await world.service.find(.name("ដារ៉ា", birthYear: 1985), by: world.officer("d", area: "1202")).count == 1)
            #expect(try await world.service.find(.identifier(TestRegister.far.code), by: officer).isEmpty)
            #expect(try await world.service.find(.identifier("0000000000"), by: officer).isEmpty)
            await #expect(throws: RumdulError.enrolmentQuery) { _ = try await world.service.find(.identifier(""), by: officer) }
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

    @Test(arguments: TestDatabases.kinds) func deadCodesHaveOneAnswer(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let officer = world.officer()
            let phone = try Phone(world.clock)
            func refused(_ code: String) async throws {
                let request = try await phone.activation(code)
                await #expect(throws: RumdulError.activationInvalid) { _ = try await world.service.activate(request) }
                #expect(try await world.devices().filter { $0.state != .revoked && $0.state != .active }.isEmpty)
            }
            try await refused("0000-0000-00")
            try await refused("not a code")
            // Expired.
            let (late, lateCode) = try await world.withCode(officer)
            world.clock.advance(600)
            try await refused(lateCode)
            #expect(try await world.service.currentCode(late.id, by: officer) == nil)
            // Replaced by a new one.
            _ = try await world.service.issueActivationCode(late.id, afterSerial: 1, by: officer)
            try await refused(lateCode)
            // Called off.
            let (cancelled, cancelledCode) = try await world.withCode(officer)
            for _ in 0..<2 { #expect(try await world.service.cancel(cancelled.id, by: officer).state == .cancelled) }
            try await refused(cancelledCode)
            await #expect(throws: RumdulError.enrolmentState) {
                _ = try await world.service.issueActivationCode(cancelled.id, afterSerial: 1, by: officer)
            }
            // Used, by another device.
            let (used, usedCode) = try await world.withCode(officer)
            let winner = try await world.service.activate(try await Phone(world.clock).activation(usedCode))
            _ = try await world.service.confirm(used.id, device: winner.deviceID, same: true, by: officer)
            try await refused(usedCode)
        }
    }

    /// Whatever is wrong with the request, the code is still good for the right one.
    @Test(arguments: TestDatabases.kinds) func refusedRequestsSpendNothing(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let (enrolment, code) = try await world.withCode(world.officer())
            let phone = try Phone(world.clock)
            var forged = try await phone.activation(code)
            forged.proofs.pinProof = forged.proofs.proof
            let forgery = forged
            await #expect(throws: RumdulError.deviceProofInvalid) { _ = try await world.service.activate(forgery) }
            var nameless = try await phone.activation(code)
            nameless.deviceName = "\u{202E}"
            let hidden = nameless
            await #expect(throws: RumdulError.deviceNameInvalid) { _ = try await world.service.activate(hidden) }
            #expect(try await world.service.enrolment(enrolment.id, by: world.officer()).state == .codeIssued)
            #expect(try await world.devices().isEmpty)
            _ = try await world.service.activate(try await phone.activation(code))
            // The same phone cannot enrol a second time with its old keys.
            let (_, second) = try await world.withCode(world.officer())
            let again = try await phone.activation(second)
            await #expect(throws: RumdulError.deviceKeyRefused) { _ = try await world.service.activate(again) }
        }
    }

    @Test(arguments: TestDatabases.kinds) func oneCodeOneDevice(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            for _ in 0..<4 {
                let (enrolment, code) = try await world.withCode(world.officer())
                let before = try await world.devices().count
                let winners = try await withThrowingTaskGroup(of: String?.self) { group in
                    for _ in 0..<6 {
                        let request = try await Phone(world.clock).activation(code)
                        group.addTask {
                            do { return try await world.service.activate(request).deviceID } catch let error as RumdulError {
                                #expect(error == .activationInvalid)
                                return nil
                            }
                        }
                    }
                    return try await group.reduce(into: [String?]()) { $0.append($1) }.compactMap { $0 }
                }
                #expect(winners.count == 1)
                #expect(try await world.service.enrolment(enrolment.id, by: world.officer()).deviceID == winners.first)
                #expect(try await world.devices().count == before + 1)
            }
        }
    }

    /// A phone that lost the answer asks again and gets the same one, also when both requests run at once.
    @Test(arguments: TestDatabases.kinds) func aPhoneMayRepeatItself(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let (enrolment, code) = try await world.withCode(world.officer())
            let phone = try Phone(world.clock)
            let request = try await phone.activation(code)
            async let one = world.service.activate(request)
            async let two = world.service.activate(request)
            let (first, second) = (try await one, try await two)
            #expect(first == second)
            #expect(try await world.service.activate(try await phone.activation(code)) == first)
            #expect(try await world.devices().count == 1)
            _ = try await world.service.confirm(enrolment.id, device: first.deviceID, same: true, by: world.officer())
            let late = try await phone.activation(code)
            await #expect(throws: RumdulError.activationInvalid) { _ = try await world.service.activate(late) }
        }
    }

    @Test(arguments: TestDatabases.kinds) func differentDigitsEndIt(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let officer = world.officer()
            let (enrolment, code) = try await world.withCode(officer)
            let receipt = try await world.service.activate(try await Phone(world.clock).activation(code))
            await #expect(throws: RumdulError.enrolmentChanged) {
                _ = try await world.service.confirm(enrolment.id, device: "another", same: true, by: officer)
            }
            for _ in 0..<2 {
                let rejected = try await world.service.confirm(
                    enrolment.id, device: receipt.deviceID, same: false, by: officer)
                #expect(rejected.state == .rejected)
            }
            #expect(try await world.device(receipt.deviceID)?.state == .revoked)
            await #expect(throws: RumdulError.enrolmentState) {
                _ = try await world.service.confirm(enrolment.id, device: receipt.deviceID, same: true, by: officer)
            }
            #expect(try await world.device(receipt.deviceID)?.state == .revoked)
        }
    }

    @Test(arguments: TestDatabases.kinds) func newCodeRevokesTheWaitingDevice(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let officer = world.officer()
            let (enrolment, code) = try await world.withCode(officer)
            let receipt = try await world.service.activate(try await Phone(world.clock).activation(code))
            // A late double click of the first button changes nothing.
            let same = try await world.service.issueActivationCode(enrolment.id, afterSerial: 0, by: officer)
            #expect(same.state == .deviceBound && same.codeSerial == 1)
            let next = try await world.service.issueActivationCode(enrolment.id, afterSerial: 1, by: officer)
            #expect(next.state == .codeIssued && next.codeSerial == 2 && next.deviceID == nil)
            #expect(try await world.device(receipt.deviceID)?.state == .revoked)
            await #expect(throws: RumdulError.enrolmentState) {
                _ = try await world.service.confirm(enrolment.id, device: receipt.deviceID, same: true, by: officer)
            }
        }
    }

    @Test(arguments: TestDatabases.kinds) func timeRunsOut(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let officer = world.officer()
            let (enrolment, code) = try await world.withCode(officer)
            let receipt = try await world.service.activate(try await Phone(world.clock).activation(code))
            world.clock.advance(600)
            await #expect(throws: RumdulError.enrolmentExpired) {
                _ = try await world.service.confirm(enrolment.id, device: receipt.deviceID, same: true, by: officer)
            }
            #expect(try await world.device(receipt.deviceID)?.state == .revoked)
            #expect(try await world.service.enrolment(enrolment.id, by: officer).state == .opened)

            _ = try await world.service.issueActivationCode(enrolment.id, afterSerial: 1, by: officer)
            let second = try #require(try await world.service.currentCode(enrolment.id, by: officer)).display
            let waiting = try await world.service.activate(try await Phone(world.clock).activation(second))
            #expect(try await world.service.sweep() == 0)
            world.clock.advance(600)
            #expect(try await world.service.sweep() == 1)
            #expect(try await world.service.sweep() == 0)
            #expect(try await world.device(waiting.deviceID)?.state == .revoked)
            #expect(try await world.service.enrolment(enrolment.id, by: officer).state == .opened)

            world.clock.advance(86_400)
            #expect(world.service.state(of: try await world.service.enrolment(enrolment.id, by: officer)) == .expired)
            await #expect(throws: RumdulError.enrolmentExpired) {
                _ = try await world.service.issueActivationCode(enrolment.id, afterSerial: 2, by: officer)
            }
            #expect(try await world.service.sweep() == 1)
            #expect(try await world.service.enrolment(enrolment.id, by: officer).state == .expired)
            #expect(try await world.service.sweep() == 0)
        }
    }

    /// Nothing that is stored gives a code or a document number away.
    @Test(arguments: TestDatabases.kinds) func storesHashesAndCiphertext(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let (enrolment, code) = try await world.withCode(world.officer())
            let bare = ActivationCode.canonical(code)
            let rows = try await world.database.read {
                try await $0.query(
                    """
                    SELECT id, request_key, state, evidence_types, evidence_key, evidence, code_key, code_salt, code_hash
                    FROM enrol_cases
                    """)
            }
            for value in rows.flatMap(\.values) {
                let bytes: [UInt8] =
                    switch value {
                    case .text(let text): Array(text.utf8)
                    case .blob(let blob): blob
                    default: []
                    }
                #expect(bytes.firstRange(of: bare) == nil && bytes.firstRange(of: Array("010203040".utf8)) == nil)
            }
            let evidence = try await world.service.evidence(enrolment.id, by: world.officer())
            #expect(evidence.items == [EvidenceItem(.khmerIDCard, number: "010203040")])
            // A code survives the rotation of the key behind it.
            _ = try await world.vault.create(.mac, .hmacSHA256, state: .active)
            #expect(try await world.service.currentCode(enrolment.id, by: world.officer())?.display == code)
            _ = try await world.service.activate(try await Phone(world.clock).activation(code))
        }
    }

    @Test(arguments: TestDatabases.kinds) func devicesAtTheCounter(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let (officer, supervisor) = (world.officer(), world.officer("boss", .enrolmentSupervisor))
            let (enrolment, code) = try await world.withCode(officer)
            let id = try await world.service.activate(try await Phone(world.clock).activation(code)).deviceID
            let sokha = TestRegister.sokha.id
            func perform(_ action: OfficerDeviceAction, _ who: Officer, person: PersonID? = nil) async throws {
                try await world.service.perform(action, on: id, of: person ?? sokha, reason: .lost, by: who)
            }
            // A pending device cannot be let in by the back door.
            await #expect(throws: RumdulError.deviceTransition) { try await perform(.unblock, supervisor) }
            _ = try await world.service.confirm(enrolment.id, device: id, same: true, by: officer)
            for _ in 0..<2 { try await perform(.block, officer) }
            #expect(try await world.device(id)?.state == .blocked)
            await #expect(throws: RumdulError.officerForbidden) { try await perform(.unblock, officer) }
            await #expect(throws: RumdulError.officerForbidden) { try await perform(.revoke, officer) }
            await #expect(throws: RumdulError.officerForbidden) { try await perform(.unlockPIN, officer) }
            await #expect(throws: RumdulError.officerForbidden) {
                try await perform(.unblock, world.officer("far", .enrolmentSupervisor, area: "17"))
            }
            await #expect(throws: RumdulError.deviceNotFound) {
                try await perform(.unblock, supervisor, person: TestRegister.dara.id)
            }
            try await perform(.unblock, supervisor)
            try await perform(.unlockPIN, supervisor)
            let device = try #require(try await world.device(id))
            #expect(device.state == .active)
            #expect(world.service.actions(on: device, area: "12010101", by: officer) == [.block])
            #expect(world.service.actions(on: device, area: "12010101", by: supervisor) == [.block, .revoke])
            try await perform(.revoke, supervisor)
            #expect(try await world.device(id)?.state == .revoked)
            let audit = try await world.journal("audit-")
            #expect(audit.filter { $0 == "device.blocked" }.count == 1)
            #expect(audit.suffix(2) == ["device.unblocked", "device.revoked"])
        }
    }

    /// Any steps in any order: the case moves only as the model allows, at most one device of it is not revoked, and a device is
    /// active exactly when the case was completed with it.
    @Test(arguments: TestDatabases.kinds, [UInt64(1), 2, 3]) func anyOrderOfSteps(_ kind: DatabaseKind, _ seed: UInt64) async throws {
        try await World.run(kind) { world in
            var generator = SeededGenerator(seed)
            let officer = world.officer()
            for _ in 0..<5 {
                let enrolment = try await world.open(officer)
                var (state, mine, codes) = (EnrolmentState.opened, [String](), [String]())
                for _ in 0..<14 {
                    let step = Int.random(in: 0..<8, using: &generator)
                    let now = try await world.service.enrolment(enrolment.id, by: officer)
                    do {
                        switch step {
                        case 0, 1:
                            _ = try await world.service.issueActivationCode(
                                enrolment.id, afterSerial: now.codeSerial, by: officer)
                            if let code = try await world.service.currentCode(enrolment.id, by: officer) { codes.append(code.display) }
                        case 2, 3, 4:
                            guard let code = codes.randomElement(using: &generator) else { break }
                            mine.append(try await world.service.activate(try await Phone(world.clock).activation(code)).deviceID)
                        case 5:
                            let device = mine.randomElement(using: &generator) ?? "none"
                            _ = try await world.service.confirm(
                                enrolment.id, device: device, same: Int.random(in: 0..<4, using: &generator) > 0, by: officer)
                        case 6: world.clock.advance(Int64.random(in: 0...700, using: &generator))
                        default:
                            if Int.random(in: 0..<6, using: &generator) == 0 { _ = try await world.service.cancel(enrolment.id, by: officer) }
                            try await world.service.sweep()
                        }
                    } catch is RumdulError {}
                    let next = try await world.service.enrolment(enrolment.id, by: officer)
                    #expect(next.state == state || state.allows(next.state), "\(state) to \(next.state)")
                    state = next.state
                    var living: [DeviceState] = []
                    for id in mine {
                        let device = try #require(try await world.device(id))
                        if device.state != .revoked { living.append(device.state) }
                        if device.state == .active { #expect(state == .completed && next.deviceID == id) }
                    }
                    #expect(living.count <= 1)
                    if state == .completed { #expect(living == [.active]) }
                    if state == .deviceBound { #expect(living == [.pending]) }
                    if !state.isLive && state != .completed { #expect(living.isEmpty) }
                }
            }
        }
    }
}

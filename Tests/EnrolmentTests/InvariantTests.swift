import Accountability
import Authenticators
import Codecs
import Database
import DatabaseTesting
import Kernel
import KeyVault
import Testing

@testable import Enrolment

@Suite("What always holds, on both engines")
struct InvariantTests {
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

    /// Any steps in any order: the case moves only as the model allows, at most one device of it is not revoked, and a
    /// device is active exactly when the case was completed with it.
    @Test(arguments: TestDatabases.kinds, [UInt64(1), 2, 3]) func anyOrderOfSteps(_ kind: DatabaseKind, _ seed: UInt64)
        async throws
    {
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
                            if let code = try await world.service.currentCode(enrolment.id, by: officer) {
                                codes.append(code.display)
                            }
                        case 2, 3, 4:
                            guard let code = codes.randomElement(using: &generator) else { break }
                            mine.append(
                                try await world.service.activate(try await Phone(world.clock).activation(code)).deviceID
                            )
                        case 5:
                            let device = mine.randomElement(using: &generator) ?? "none"
                            _ = try await world.service.confirm(
                                enrolment.id, device: device, same: Int.random(in: 0..<4, using: &generator) > 0,
                                by: officer)
                        case 6: world.clock.advance(Int64.random(in: 0...700, using: &generator))
                        default:
                            if Int.random(in: 0..<6, using: &generator) == 0 {
                                _ = try await world.service.cancel(enrolment.id, by: officer)
                            }
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

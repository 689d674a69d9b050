import Accountability
import Authenticators
import Codecs
import Database
import DatabaseTesting
import Kernel
import KeyVault
import Testing

@testable import Enrolment

@Suite("Codes, devices and the comparison, on both engines")
struct ActivationTests {
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
                            do { return try await world.service.activate(request).deviceID } catch let error
                                as RumdulError
                            {
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
}

import Codecs
import Kernel
import Testing

@testable import DeviceKit

@Suite struct PINChangeTests {
    @Test func theNewPINWorksAndTheOldDoesNot() async throws {
        let world = World()
        let authenticator = try await world.ready()
        try await authenticator.changePIN(from: PIN("284913"), to: PIN("730246"))
        let transaction = try await authenticator.transaction("tx-1")
        await #expect(throws: RumdulError.self) {
            try await authenticator.approve(transaction, number: 57, pin: PIN("284913"))
        }
        #expect(try await authenticator.approve(transaction, number: 57, pin: PIN("730246")) == .approved)
        // Neither PIN, nor a key that proves one, is in what was sent.
        let sent = try #require(await world.server.requests.first { $0.target == "/device/v1/pin" })
        let text = String(decoding: sent.body, as: UTF8.self)
        #expect(!text.contains("284913") && !text.contains("730246") && !text.contains("\"d\""))
    }

    @Test func refusals() async throws {
        let world = World()
        let authenticator = try await world.ready()
        func code(_ old: String, _ new: String) async -> String? {
            do {
                try await authenticator.changePIN(from: PIN(old), to: PIN(new))
                return nil
            } catch { return (error as? RumdulError)?.code }
        }
        #expect(await code("284913", "111111") == "device.pin_weak")
        #expect(await code("284913", "284913") == "device.pin_unchanged")
        #expect(await code("284914", "730246") == "device.pin_wrong")
        #expect(await world.server.devices["device-1"]?.triesLeft == 4)
    }

    @Test func noticesAndHolds() async throws {
        let world = World()
        let authenticator = try await world.ready()
        await world.server.set(notices: [
            ["kind": "device_added", "at": 1_800_000_000, "device_name": "ទូរស័ព្ទថ្មី"]
        ])
        let status = try await authenticator.status()
        #expect(status.notices.map(\.kind) == ["device_added"] && status.notices.first?.deviceName == "ទូរស័ព្ទថ្មី")
        #expect(status.heldUntil == World.start.adding(seconds: 60))
        await world.server.set(notices: [["kind": 1]])
        await #expect(throws: RumdulError.answerMalformed("")) { _ = try await authenticator.status() }
    }
}

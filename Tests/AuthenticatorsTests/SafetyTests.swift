import Codecs
import Database
import DatabaseTesting
import JOSE
import Kernel
import Testing

@testable import Authenticators

@Suite("A person's set of devices, and changing the PIN")
struct SafetyTests {
    private struct Change {
        var request: PINChange
        var key: SigningKey
    }

    /// A good change of the PIN; `old` and `new` make bad signatures.
    private func change(
        _ phone: TestDevice, old: SigningKey? = nil, new: SigningKey? = nil, key: SigningKey? = nil,
        spoil: (inout JSONObject) -> Void = { _ in }
    ) async throws -> Change {
        let key = try key ?? SigningKey.generate(.es256)
        let jwk = try TestDevice.bare(key)
        var claims: JSONObject = [
            "iss": .string(phone.id), "aud": .string(TestDevice.issuer), "pin_key": .string(jwk.thumbprintText),
            "iat": .integer(phone.clock.now.seconds), "jti": .string(Ambient.system.newSecret(bytes: 16)),
        ]
        spoil(&claims)
        let token = try await phone.token(claims, type: "rumdul-pin-change+jwt")
        return Change(
            request: PINChange(
                change: token, pinKey: jwk, pinSignature: try phone.pinSignature(token, by: old ?? phone.pinKey),
                newPINSignature: try phone.pinSignature(token, by: new ?? key)), key: key)
    }

    private func send(_ change: Change, _ phone: TestDevice, _ world: World) async throws -> PINCheck {
        try await world.database.transaction { [authenticators = world.authenticators] in
            try await authenticators.changePIN(change.request, of: phone.id, in: $0)
        }
    }

    @Test(arguments: TestDatabases.kinds) func aNewPINReplacesTheOld(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await world.bound()
            let other = try await world.bound()
            _ = try await notices(other, world)
            let good = try await change(phone)
            #expect(try await send(good, phone, world) == .correct)
            let device = try await world.device(phone.id)
            #expect(device.pinKey == (try TestDevice.bare(good.key)))
            #expect(try await world.audit().last == "device.pin_changed")
            #expect(try await notices(other, world).map(\.kind) == [.pinChanged])
            // The same request again: its old PIN is no longer the PIN.
            #expect(try await send(good, phone, world) == .wrong(triesLeft: 4))
            // Back to the PIN before: a key serves once.
            let back = try await change(phone, old: good.key, key: phone.pinKey)
            await #expect(throws: RumdulError.deviceKeyRefused) { _ = try await send(back, phone, world) }
        }
    }

    /// Wrong old PINs are tries, and five lock, however many come at once.
    @Test(arguments: TestDatabases.kinds) func parallelWrongPINs(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await world.bound()
            let wrong = try await change(phone, old: phone.deviceKey)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        let answer = try await send(wrong, phone, world)
                        #expect(answer != .correct)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await world.device(phone.id).pinFailures == 5)
            #expect(try await send(change(phone), phone, world) == .locked)
        }
    }

    /// What cannot be right spends no try, and nothing that spends none tells whether an old PIN is right.
    @Test func requestsThatCannotBeRight() async throws {
        try await World.run(.sqlite) { world in
            let phone = try await world.bound()
            let spoiled: [Change] = [
                try await change(phone, new: phone.pinKey), try await change(phone) { $0["aud"] = "https://other" },
                try await change(phone) { $0["iss"] = "other" }, try await change(phone) { $0["pin_key"] = "x" },
                try await change(phone) { $0["iat"] = .integer(phone.clock.now.seconds - 61) },
                try await change(phone) { $0["jti"] = nil },
            ]
            for change in spoiled {
                await #expect(throws: RumdulError.deviceProofInvalid) { _ = try await send(change, phone, world) }
            }
            #expect(try await world.device(phone.id).pinFailures == 0)
            // A guess at the old PIN as the new key: answered like any other wrong old PIN.
            let guess = try await change(phone, old: phone.deviceKey, key: phone.pinKey)
            #expect(try await send(guess, phone, world) == .wrong(triesLeft: 4))
            let miss = try await change(phone, old: phone.deviceKey)
            #expect(try await send(miss, phone, world) == .wrong(triesLeft: 3))
        }
    }

    private func notices(_ phone: TestDevice, _ world: World) async throws -> [DeviceNotice] {
        let device = try await world.device(phone.id)
        return try await world.database.transaction { [authenticators = world.authenticators] in
            try await authenticators.takeNotices(for: device, in: $0)
        }
    }

    @Test(arguments: TestDatabases.kinds) func aNewDeviceTellsTheOthers(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let first = try await world.bound()
            #expect(try await notices(first, world).isEmpty, "its own activation is no news to it")
            let second = try await world.bound()
            #expect(try await notices(first, world).map(\.kind) == [.added])
            #expect(try await notices(first, world).isEmpty, "told once")
            #expect(try await notices(second, world).isEmpty, "what was before it is no news")
            try await world.database.transaction { [authenticators = world.authenticators] in
                try await authenticators.setState(first.id, .blocked, by: "o", reason: "lost", in: $0)
                try await authenticators.setState(first.id, .revoked, by: "o", reason: "lost", in: $0)
            }
            #expect(try await notices(second, world).map(\.kind) == [.blocked, .revoked])
        }
    }

    @Test(arguments: TestDatabases.kinds) func atMostFiveDevices(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            var phones: [TestDevice] = []
            for _ in 0..<5 { phones.append(try await world.bound()) }
            await #expect(throws: RumdulError.deviceTooMany) { _ = try await world.bound() }
            let old = phones[0].id
            try await world.database.transaction { [authenticators = world.authenticators] in
                try await authenticators.setState(old, .blocked, by: "o", reason: "lost", in: $0)
            }
            _ = try await world.bound()
            await #expect(throws: RumdulError.deviceTooMany) {
                try await world.database.transaction { [authenticators = world.authenticators] in
                    try await authenticators.setState(old, .active, by: "o", reason: "found", in: $0)
                }
            }
        }
    }

    /// A device in the place of all that were lost holds the levels for a day; one more beside others does not.
    @Test(arguments: TestDatabases.kinds) func replacementsHold(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            func hold() async throws -> AssuranceHold? {
                try await world.database.read { [authenticators = world.authenticators] in
                    try await authenticators.hold(of: PersonID("person-1"), in: $0)
                }
            }
            let first = try await world.bound()
            let second = try await world.bound()
            #expect(try await hold() == nil)
            try await world.database.transaction { [authenticators = world.authenticators] in
                for id in [first.id, second.id] {
                    try await authenticators.setState(id, .revoked, by: "o", reason: "stolen", in: $0)
                }
            }
            _ = try await world.bound()
            let held = try #require(try await hold())
            #expect(held.until == world.clock.now.adding(seconds: 86_400) && held.highestRank == 1)
            #expect(try await world.audit().last == "assurance.held")
            world.clock.now = held.until
            #expect(try await hold() == nil)
        }
    }
}

import Codecs
import Database
import DatabaseTesting
import JOSE
import Kernel
import Testing

@testable import Authenticators

@Suite("Duress PINs on both engines")
struct DuressTests {
    private static let person = PersonID("person-1")
    private static var rules: DeviceRules {
        var rules = DeviceRules.standard
        rules.allowsDuressPIN = true
        return rules
    }

    private static func run(
        _ kind: DatabaseKind, rules: DeviceRules = rules, _ test: @escaping @Sendable (World) async throws -> Void
    ) async throws {
        try await World.run(kind, rules: rules, test)
    }

    /// A change of the duress PIN by a key in the place of the PIN's.
    private func set(
        _ key: SigningKey?, by pin: SigningKey, _ phone: TestDevice, _ world: World
    ) async throws -> PINCheck {
        var claims: JSONObject = [
            "iss": .string(phone.id), "aud": .string(TestDevice.issuer), "iat": .integer(phone.clock.now.seconds),
            "jti": .string(Ambient.system.newSecret(bytes: 16)),
        ]
        let jwk = try key.map { try TestDevice.bare($0) }
        claims["duress_key"] = jwk.map { .string($0.thumbprintText) }
        let token = try await phone.token(claims, type: "rumdul-duress-pin+jwt")
        let request = DuressChange(
            change: token, key: jwk, pinSignature: try phone.pinSignature(token, by: pin),
            duressSignature: try key.map { try phone.pinSignature(token, by: $0) })
        return try await world.database.transaction { [authenticators = world.authenticators] in
            try await authenticators.changeDuressPIN(request, of: phone.id, in: $0)
        }
    }

    private func change(
        to key: SigningKey, by pin: SigningKey, _ phone: TestDevice, _ world: World
    ) async throws -> PINCheck {
        let jwk = try TestDevice.bare(key)
        let claims: JSONObject = [
            "iss": .string(phone.id), "aud": .string(TestDevice.issuer), "pin_key": .string(jwk.thumbprintText),
            "iat": .integer(phone.clock.now.seconds), "jti": .string(Ambient.system.newSecret(bytes: 16)),
        ]
        let token = try await phone.token(claims, type: "rumdul-pin-change+jwt")
        let request = PINChange(
            change: token, pinKey: jwk, pinSignature: try phone.pinSignature(token, by: pin),
            newPINSignature: try phone.pinSignature(token, by: key))
        return try await world.database.transaction { [authenticators = world.authenticators] in
            try await authenticators.changePIN(request, of: phone.id, in: $0)
        }
    }

    private func tryKey(_ key: SigningKey, _ phone: TestDevice, _ world: World) async throws -> PINCheck {
        let device = try await world.device(phone.id)
        let jws = try await phone.decision()
        let decision = try world.authenticators.decision(jws, by: device)
        let signature = try phone.pinSignature(jws, by: key)
        return try await world.database.transaction { [authenticators = world.authenticators] in
            try await authenticators.checkPIN(signature: signature, over: decision, device: device, in: $0)
        }
    }

    private func cases(_ world: World) async throws -> [SecurityCase] {
        try await world.database.read { [authenticators = world.authenticators] in
            try await authenticators.securityCases(of: Self.person, in: $0)
        }
    }

    private func highest(_ world: World) async throws -> Int? {
        try await world.database.read { [authenticators = world.authenticators] in
            try await authenticators.highestRank(of: Self.person, in: $0)
        }
    }

    /// "Not me" opens a case for each service, which officers close and which holds nothing down.
    @Test(arguments: TestDatabases.kinds) func reportsOpenCasesToo(_ kind: DatabaseKind) async throws {
        try await Self.run(kind) { world in
            for (client, device) in [("bank", nil), ("bank", nil), ("shop", "phone-1")] as [(String, String?)] {
                try await world.database.transaction { [authenticators = world.authenticators] in
                    try await authenticators.reportNotMe(
                        of: Self.person, client: client, device: device, in: $0)
                }
            }
            let found = try await cases(world)
            #expect(found.allSatisfy { $0.kind == .notMe })
            #expect(Set(found.map { "\($0.clientID) \($0.deviceID) \($0.uses)" }) == ["bank page 2", "shop phone-1 1"])
            #expect(try await highest(world) == nil)
        }
    }

    @Test(arguments: TestDatabases.kinds) func itOpensACaseAndHoldsLevels(_ kind: DatabaseKind) async throws {
        try await Self.run(kind) { world in
            let phone = try await world.bound()
            let duress = try SigningKey.generate(.es256)
            #expect(try await tryKey(duress, phone, world) == .wrong(triesLeft: 4), "nothing is set yet")
            #expect(try await set(duress, by: phone.deviceKey, phone, world) == .wrong(triesLeft: 3))
            #expect(try await set(duress, by: phone.pinKey, phone, world) == .correct)
            #expect(try await tryKey(phone.pinKey, phone, world) == .correct)
            #expect(try await cases(world).isEmpty)
            #expect(try await highest(world) == nil)
            #expect(try await tryKey(duress, phone, world) == .duress)
            #expect(try await tryKey(duress, phone, world) == .duress)
            let found = try await cases(world)
            #expect(found.map(\.uses) == [2])
            #expect(found.map(\.deviceID) == [phone.id])
            #expect(try await highest(world) == 1)
            // The right PIN works as ever, and does not lift the hold: an officer does.
            #expect(try await tryKey(phone.pinKey, phone, world) == .correct)
            #expect(try await highest(world) == 1)
            try await world.database.transaction { [authenticators = world.authenticators] in
                try await authenticators.closeSecurityCase(
                    found[0].id, of: Self.person, by: "officer-1", reason: "person_request", in: $0)
            }
            #expect(try await cases(world).isEmpty)
            #expect(try await highest(world) == nil)
            await #expect(throws: RumdulError.securityCaseNotFound) {
                try await world.database.transaction { [authenticators = world.authenticators] in
                    try await authenticators.closeSecurityCase(
                        found[0].id, of: Self.person, by: "officer-1", reason: "person_request", in: $0)
                }
            }
            // Nothing of it stands under a name that the person's notices show.
            let shown = try await world.audit().filter { !$0.hasPrefix("security.") }
            #expect(Set(shown) == ["device.bound", "device.activated"])
        }
    }

    /// The duress PIN makes wrong tries forgotten once; otherwise whoever has it could try all PINs.
    @Test(arguments: TestDatabases.kinds) func itIsNoWayToSearch(_ kind: DatabaseKind) async throws {
        try await Self.run(kind) { world in
            let phone = try await world.bound()
            let (duress, wrong) = (try SigningKey.generate(.es256), phone.deviceKey)
            #expect(try await set(duress, by: phone.pinKey, phone, world) == .correct)
            for left in [4, 3, 2] { #expect(try await tryKey(wrong, phone, world) == .wrong(triesLeft: left)) }
            #expect(try await tryKey(duress, phone, world) == .duress)
            #expect(try await world.device(phone.id).pinTriesLeft == 5, "as after the right PIN")
            for left in [4, 3] { #expect(try await tryKey(wrong, phone, world) == .wrong(triesLeft: left)) }
            #expect(try await tryKey(duress, phone, world) == .duress)
            #expect(try await tryKey(wrong, phone, world) == .wrong(triesLeft: 2), "not a second time")
            for _ in 0..<2 { _ = try await tryKey(wrong, phone, world) }
            for key in [wrong, duress, phone.pinKey] { #expect(try await tryKey(key, phone, world) == .locked) }
            try await world.database.transaction { [authenticators = world.authenticators] in
                try await authenticators.unlockPIN(phone.id, by: "officer-1", in: $0)
            }
            // The right PIN gives the one time back.
            #expect(try await tryKey(phone.pinKey, phone, world) == .correct)
            #expect(try await tryKey(wrong, phone, world) == .wrong(triesLeft: 4))
            #expect(try await tryKey(duress, phone, world) == .duress)
            #expect(try await world.device(phone.id).pinTriesLeft == 5)
        }
    }

    /// A forced change answers as a change does, and leaves the real PIN alone.
    @Test(arguments: TestDatabases.kinds) func forcedChanges(_ kind: DatabaseKind) async throws {
        try await Self.run(kind) { world in
            let phone = try await world.bound()
            let (duress, new) = (try SigningKey.generate(.es256), try SigningKey.generate(.es256))
            #expect(try await set(duress, by: phone.pinKey, phone, world) == .correct)
            #expect(try await change(to: new, by: duress, phone, world) == .correct)
            #expect(try await tryKey(new, phone, world) == .duress, "the new PIN is the duress PIN now")
            #expect(try await tryKey(duress, phone, world) == .wrong(triesLeft: 4), "as an old PIN is wrong")
            #expect(try await tryKey(phone.pinKey, phone, world) == .correct)
            #expect(try await set(nil, by: new, phone, world) == .correct, "answers as if it was cleared")
            #expect(try await tryKey(new, phone, world) == .duress)
            #expect(try await set(new, by: new, phone, world) == .refused(.deviceKeyRefused), "as the PIN itself is")
            // Keys that served before are refused as ever, and every refusal counts: five changes a day.
            #expect(try await change(to: phone.pinKey, by: new, phone, world) == .refused(.deviceKeyRefused))
            let late = try SigningKey.generate(.es256)
            #expect(try await change(to: late, by: new, phone, world) == .refused(.devicePINChanges))
            #expect(try await change(to: late, by: phone.pinKey, phone, world) == .refused(.devicePINChanges))
            world.clock.now = world.clock.now.adding(seconds: 86_401)
            #expect(try await set(nil, by: phone.pinKey, phone, world) == .correct)
            #expect(try await tryKey(new, phone, world) == .wrong(triesLeft: 4), "cleared")
        }
    }

    @Test func offByDefault() async throws {
        try await Self.run(.sqlite, rules: .standard) { world in
            let phone = try await world.bound()
            let duress = try SigningKey.generate(.es256)
            await #expect(throws: RumdulError.duressOff) { _ = try await set(duress, by: phone.pinKey, phone, world) }
            #expect(try await tryKey(duress, phone, world) == .wrong(triesLeft: 4))
        }
    }
}

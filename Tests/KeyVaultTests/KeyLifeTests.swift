import Kernel
import Testing

@testable import KeyVault

@Suite struct KeyLifeTests {
    @Test func statesMoveForwardOnly() {
        var allowed: [String] = []
        for from in KeyState.allCases {
            for to in KeyState.allCases where from != to && from.allows(to) {
                allowed.append("\(from.rawValue) \(to.rawValue)")
            }
        }
        #expect(
            allowed.sorted() == [
                "active retired", "prePublished active", "prePublished destroyed", "retired destroyed",
            ])
    }

    @Test func vaultEnforcesTheStates() async throws {
        let clock = TestClock()
        let vault = try FileKeyVault.ephemeral(ambient: clock.ambient, purposes: [])
        for state in [KeyState.retired, .destroyed] {
            #expect(await errorCode { try await vault.create(.oidcSigning, .es256, state: state) } == "keyvault.state")
        }
        let key = try await vault.create(.oidcSigning, .es256, state: .prePublished)
        #expect(await errorCode { try await vault.sign([1], with: key) } == "keyvault.state")
        #expect(await errorCode { try await vault.setState(key.id, .retired) } == "keyvault.state")
        #expect(await errorCode { try await vault.setState("unknown", .active) } == "keyvault.no_key")
        try await vault.setState(key.id, .active)
        try await vault.setState(key.id, .active)
        _ = try await vault.sign([1], with: key)
        #expect(await errorCode { try await vault.setState(key.id, .destroyed) } == "keyvault.state")
        #expect(await errorCode { try await vault.setState(key.id, .prePublished) } == "keyvault.state")
        try await vault.setState(key.id, .retired)
        #expect(await errorCode { try await vault.sign([1], with: key) } == "keyvault.state")
        try await vault.setState(key.id, .destroyed)
        #expect(try await vault.keys(.oidcSigning).isEmpty)
        let gone = try #require(try await vault.key(id: key.id))
        #expect(gone.state == .destroyed && gone.publicKey == key.publicKey)
    }

    @Test func destroyedKeysLeaveNoSecretInTheFile() async throws {
        let clock = TestClock()
        let vault = try FileKeyVault.ephemeral(ambient: clock.ambient, purposes: [.sealing])
        let old = try await vault.activeKey(.sealing)
        let sealed = try await vault.seal([1], purpose: .sealing, context: [])
        _ = try await vault.create(.sealing, .aes256gcm, state: .active)
        #expect(try await vault.open(sealed, purpose: .sealing, context: []) == [1])
        try await vault.setState(old.id, .destroyed)
        #expect(await errorCode { try await vault.open(sealed, purpose: .sealing, context: []) } == "keyvault.seal")
        let record = try #require(vault.state.current().content.records.first { $0.id == old.id })
        #expect(record.secret.isEmpty)
    }

    @Test func activatingRetiresTheOldKeyAndRequestsUnderWayStillSign() async throws {
        let clock = TestClock()
        let vault = try FileKeyVault.ephemeral(ambient: clock.ambient, purposes: [.oidcSigning])
        let old = try await vault.activeKey(.oidcSigning)
        let next = try await vault.create(.oidcSigning, .es256, state: .prePublished)
        #expect(try await vault.activeKey(.oidcSigning) == old)
        try await vault.setState(next.id, .active)
        #expect(try await vault.activeKey(.oidcSigning).id == next.id)
        #expect(try await vault.key(id: old.id)?.state == .retired)
        _ = try await vault.sign([1], with: old)
        clock.advance(seconds: FileKeyVault.graceSeconds)
        #expect(await errorCode { try await vault.sign([1], with: old) } == "keyvault.state")
        let published = try await vault.publicKeys(.oidcSigning).keys.compactMap(\.keyID)
        #expect(published.sorted() == [old.id, next.id].sorted())
    }

    @Test func rotationGoesStepByStep() async throws {
        let clock = TestClock()
        let vault = try FileKeyVault.ephemeral(ambient: clock.ambient, purposes: [])
        let policy = RotationPolicy(publishBefore: 86_400, activeFor: 10 * 86_400, keepRetired: 2 * 86_400)
        let rotation = KeyRotation(vault: vault) { _ in policy }
        var log: [(day: Int, step: KeyRotation.Step)] = []
        for day in 0...25 {
            for step in try await rotation.rotate(.oidcSigning, now: clock.now) { log.append((day, step)) }
            #expect(try await rotation.rotate(.oidcSigning, now: clock.now).isEmpty)
            let active = try await vault.activeKey(.oidcSigning)
            let published = try await vault.keys(.oidcSigning)
            #expect(published.contains(active))
            #expect(published.count <= 3)
            clock.advance(seconds: 86_400)
        }
        let days = log.map { entry in
            switch entry.step {
            case .created: "\(entry.day) created"
            case .prePublished: "\(entry.day) published"
            case .activated: "\(entry.day) activated"
            case .destroyed: "\(entry.day) destroyed"
            }
        }
        #expect(
            days == [
                "0 created", "9 published", "10 activated", "12 destroyed", "19 published", "20 activated",
                "22 destroyed",
            ])
    }

    @Test func forcedRotationStillPublishesFirst() async throws {
        let clock = TestClock()
        let vault = try FileKeyVault.ephemeral(ambient: clock.ambient, purposes: [.oidcSigning])
        let old = try await vault.activeKey(.oidcSigning)
        let rotation = KeyRotation(vault: vault)
        #expect(try await rotation.rotate(.oidcSigning, now: clock.now).isEmpty)
        let steps = try await rotation.rotate(.oidcSigning, now: clock.now, force: true)
        guard case .prePublished(let id)? = steps.first else {
            Issue.record("nothing was published: \(steps)")
            return
        }
        #expect(try await rotation.rotate(.oidcSigning, now: clock.now, force: true).isEmpty)
        #expect(try await vault.activeKey(.oidcSigning) == old)
        clock.advance(seconds: 86_400)
        #expect(try await rotation.rotate(.oidcSigning, now: clock.now, force: true) == [.activated(id)])
    }

    @Test func indexAndSubjectKeysNeverRotate() async throws {
        let clock = TestClock()
        let vault = try FileKeyVault.ephemeral(ambient: clock.ambient)
        let rotation = KeyRotation(vault: vault)
        clock.advance(seconds: 4000 * 86_400)
        for purpose in [KeyPurpose.blindIndex, .sectorToken] {
            #expect(try await rotation.rotate(purpose, now: clock.now, force: true).isEmpty)
        }
        let first = try await vault.activeKey(.personalData)
        var now = clock.now
        for _ in 0..<8 {
            try await rotation.rotate(.personalData, now: now)
            clock.advance(seconds: 86_400)
            now = clock.now
        }
        #expect(try await vault.key(id: first.id)?.state == .retired)
    }

    @Test func compromisedKeysGoAtOnce() async throws {
        let vault = try FileKeyVault.ephemeral()
        let old = try await vault.activeKey(.oidcSigning)
        let new = try await KeyRotation(vault: vault).replaceCompromised(.oidcSigning, .es256)
        #expect(try await vault.keys(.oidcSigning).map(\.id) == [new.id])
        #expect(await errorCode { try await vault.sign([1], with: old) } == "keyvault.state")
    }
}

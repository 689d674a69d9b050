import Codecs
import Database
import DatabaseTesting
import Kernel
import Testing

@testable import Authenticators

@Suite("Risk events, on both engines")
struct RiskTests {
    private func events(
        _ world: World, since: Instant = Instant(seconds: 0), kind: RiskEvent.Kind? = nil, limit: Int = 100
    ) async throws -> [RiskEvent] {
        try await world.database.read {
            try await world.authenticators.risks(since: since, kind: kind, limit: limit, in: $0)
        }
    }

    private func note(_ kind: RiskEvent.Kind, _ authenticator: String, _ world: World) async throws {
        try await world.database.transaction {
            try await world.authenticators.noteRisk(
                kind, authenticator: authenticator, person: PersonID("person-1"), in: $0)
        }
    }

    private func noteAndFail(_ world: World) async throws {
        try await world.database.transaction { connection in
            try await world.authenticators.noteRisk(
                .pinLocked, authenticator: "d-1", person: PersonID("person-1"), in: connection)
            if try await world.authenticators.device("nobody", in: connection) == nil {
                throw RumdulError.deviceNotFound
            }
        }
    }

    @Test(arguments: TestDatabases.kinds) func aCopiedPasskey(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let passkeys = world.authenticators.passkeys
            let person = PersonID("person-1")
            var soft = SoftPasskey(id: [9])
            let options = try await world.database.transaction {
                try await passkeys.registrationOptions(for: person, label: "x", in: $0)
            }
            soft.handle = options.user.handle
            let answer = soft.create(options.challenge)
            let made = try await world.database.transaction {
                try await passkeys.register(
                    answer, challenge: options.challenge, person: person, name: "x", ial: .ial2, in: $0)
            }
            func use(_ passkey: SoftPasskey, spoil: (inout JSONObject) -> Void = { _ in }) async throws -> String? {
                var answer = try passkey.get(options.challenge)
                spoil(&answer)
                let sent = answer
                let used = try await world.database.transaction {
                    try await passkeys.use(sent, challenge: options.challenge, in: $0)
                }
                if case .refused(let error) = used { return error.code }
                return nil
            }
            soft.count = 5
            #expect(try await use(soft) == nil)
            #expect(try await events(world).isEmpty)
            // Another backup eligibility, well signed: refused as ever, the passkey stays, and it is noted.
            var synced = soft
            synced.isSynced = true
            synced.count = 6
            #expect(try await use(synced) == "webauthn.backup_eligibility")
            #expect(try await events(world).map(\.kind) == [.passkeyBackupEligibility])
            // The same by somebody who has no key at all is nothing that says anything about the key.
            let forged = synced
            await #expect(throws: RumdulError.self) {
                _ = try await use(forged) { answer in
                    var response = answer.object("response") ?? [:]
                    response["signature"] = .string(Base64URL.encode([0x30, 6, 2, 1, 1, 2, 1, 1]))
                    answer["response"] = .object(response)
                }
            }
            #expect(try await events(world).map(\.count) == [1])
            #expect(try await use(soft) == "passkey.cloned")
            let found = try await events(world, kind: .passkeyCounter)
            #expect(found.count == 1 && found.first?.authenticatorID == made.id && found.first?.person == person)
            #expect(found.first?.detail == ["stored": 5, "received": 5])
            // Blocked means that nothing more is checked, and nothing noted.
            #expect(try await use(soft) == "passkey.refused")
            #expect(try await events(world).count == 2)
        }
    }

    @Test(arguments: TestDatabases.kinds) func aReplayedProof(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await world.bound()
            let proof = try await phone.authorization()
            func send(_ authorization: String) async throws -> Device {
                try await world.authenticators.authenticate(
                    authorization: authorization, method: "GET", path: "/device/v1/self", body: [])
            }
            #expect(try await send(proof).id == phone.id)
            #expect(try await events(world).isEmpty)
            for _ in 0..<5 {
                await #expect(throws: RumdulError.deviceProofInvalid) { _ = try await send(proof) }
            }
            var found = try await events(world)
            #expect(found.map(\.kind) == [.deviceReplay] && found.map(\.count) == [1], "once a minute at most")
            #expect(found.first?.authenticatorID == phone.id && found.first?.person == PersonID("person-1"))
            // What somebody else signed says nothing about this device.
            var stranger = try TestDevice(clock: world.clock)
            stranger.id = phone.id
            let forged = try await stranger.authorization()
            for _ in 0..<2 { await #expect(throws: RumdulError.deviceProofInvalid) { _ = try await send(forged) } }
            #expect(try await events(world) == found)
            world.clock.now = world.clock.now.adding(seconds: 61)
            let later = try await phone.authorization()
            _ = try await send(later)
            await #expect(throws: RumdulError.deviceProofInvalid) { _ = try await send(later) }
            found = try await events(world)
            #expect(found.map(\.count) == [2], "the same event, once more")
        }
    }

    @Test(arguments: TestDatabases.kinds) func aLockedPIN(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await world.bound()
            for tries in 1...6 {
                _ = try await world.tryPIN(phone, right: false)
                #expect(try await events(world).map(\.kind) == (tries < 5 ? [] : [.pinLocked]))
            }
            #expect(try await events(world).first?.count == 1)
        }
    }

    @Test(arguments: TestDatabases.kinds) func whatRepeatsIsOneEvent(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let start = world.clock.now
            for _ in 0..<3 {
                try await note(.deviceReplay, "d-1", world)
                world.clock.now = world.clock.now.adding(seconds: 600)
            }
            try await note(.deviceReplay, "d-2", world)
            try await note(.pinLocked, "d-1", world)
            world.clock.now = start.adding(seconds: RiskEvent.span)
            try await note(.deviceReplay, "d-1", world)
            let first = try await events(world, kind: .deviceReplay).filter { $0.authenticatorID == "d-1" }
            #expect(first.map(\.count) == [1, 3], "an hour later it is another event")
            #expect(first.last?.firstAt == start && first.last?.lastAt == start.adding(seconds: 1200))
            #expect(try await events(world).count == 4)
            #expect(try await events(world, since: start.adding(seconds: RiskEvent.span)).map(\.count) == [1])
            #expect(try await events(world, limit: 2).count == 2)
            #expect(try await events(world, kind: .reported).isEmpty)
        }
    }

    @Test(arguments: TestDatabases.kinds) func manyAtOnceAreCounted(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<12 { group.addTask { try await note(.reported, "d-1", world) } }
                try await group.waitForAll()
            }
            #expect(try await events(world).map(\.count) == [12])
        }
    }

    /// An event stands and falls with what was done.
    @Test(arguments: TestDatabases.kinds) func aFailedTransactionNotesNothing(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            await #expect(throws: RumdulError.deviceNotFound) { try await noteAndFail(world) }
            let found = try await events(world)
            #expect(found.isEmpty)
        }
    }
}

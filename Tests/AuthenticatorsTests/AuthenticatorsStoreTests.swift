import Codecs
import Database
import DatabaseTesting
import JOSE
import Kernel
import KeyVault
import Ledger
import Testing

@testable import Authenticators

/// A database, a ledger and the module under test.
struct World: Sendable {
    let database: any Database
    let ledger: Ledger
    let authenticators: Authenticators
    let clock = TestClock()

    init(
        _ database: any Database, replayCapacity: Int = 1000, rules: DeviceRules = .standard,
        effects: any AuthenticatorEffects = NoAuthenticatorEffects()
    ) async throws {
        self.database = database
        let vault = try FileKeyVault.ephemeral(ambient: clock.ambient)
        ledger = Ledger(database: database, vault: vault, ambient: clock.ambient)
        authenticators = Authenticators(
            database: database, ledger: ledger, ambient: clock.ambient, audience: TestDevice.issuer,
            replayCapacity: replayCapacity, rules: rules, effects: effects)
    }

    /// A device of a person in a state, with the phone that belongs to it.
    func bound(_ state: DeviceState = .active, person: String = "person-1") async throws -> TestDevice {
        var phone = try TestDevice(clock: clock)
        let (deviceKey, pinKey) = (try phone.publicDeviceKey, try phone.publicPINKey)
        let device = try await database.transaction { [authenticators] connection in
            let device = try await authenticators.bind(
                person: PersonID(person), name: "phone", platform: "test/1", deviceKey: deviceKey, pinKey: pinKey,
                ial: .ial2, in: connection)
            if state == .active || state == .blocked {
                try await authenticators.setState(device.id, .active, by: "officer-1", in: connection)
            }
            if state == .blocked || state == .revoked {
                try await authenticators.setState(device.id, state, by: "officer-1", in: connection)
            }
            return device
        }
        phone.id = device.id
        return phone
    }

    func device(_ id: String) async throws -> Device {
        let device = try await database.read { [authenticators] in try await authenticators.device(id, in: $0) }
        return try #require(device)
    }

    /// Tries a PIN in a transaction of its own, as a decision does.
    func tryPIN(_ phone: TestDevice, right: Bool) async throws -> PINCheck {
        let device = try await device(phone.id)
        let jws = try await phone.decision()
        let decision = try authenticators.decision(jws, by: device)
        let signature = try phone.pinSignature(jws, by: right ? phone.pinKey : phone.deviceKey)
        return try await database.transaction { [authenticators] connection in
            try await authenticators.checkPIN(signature: signature, over: decision, device: device, in: connection)
        }
    }

    /// Kinds of the person's audit entries, oldest first.
    func audit(_ person: String = "person-1") async throws -> [String] {
        try await database.read { [ledger] connection in
            try await ledger.entries(
                subject: person, streamPrefix: "audit-", before: nil, limit: 100, in: connection
            ).map(\.kind).reversed()
        }
    }

    static let migrations = [Ledger.migrations, Authenticators.migrations]

    static func run(
        _ kind: DatabaseKind, replayCapacity: Int = 1000, rules: DeviceRules = .standard,
        _ test: @escaping @Sendable (World) async throws -> Void
    ) async throws {
        try await TestDatabases.with(kind, migrations: migrations) { database in
            try await test(World(database, replayCapacity: replayCapacity, rules: rules))
        }
    }
}

@Suite("Authenticators on both engines")
struct AuthenticatorsStoreTests {
    @Test(arguments: TestDatabases.kinds) func bindingAndReading(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await world.bound(.pending)
            let device = try await world.device(phone.id)
            #expect(device.state == .pending)
            #expect(device.deviceKey == (try phone.publicDeviceKey))
            #expect(device.pinKey == (try phone.publicPINKey))
            #expect(device.keyStorage == .software)
            #expect(device.pinTriesLeft == 5 && !device.pinLocked)
            #expect(device.ial == .ial2)
            #expect(device.activatedAt == nil)
            let second = try await world.bound()
            let devices = try await world.database.read {
                try await world.authenticators.devices(of: PersonID("person-1"), in: $0)
            }
            #expect(Set(devices.map(\.id)) == [phone.id, second.id])
            #expect(try await world.audit() == ["device.bound", "device.bound", "device.activated"])
            try await world.database.transaction {
                try await world.authenticators.rename(phone.id, to: " new name ", by: "self", in: $0)
            }
            #expect(try await world.device(phone.id).name == "new name")
            await #expect(throws: RumdulError.deviceNotFound) {
                try await world.database.transaction {
                    try await world.authenticators.rename("nobody", to: "x", by: "self", in: $0)
                }
            }
        }
    }

    /// A key serves one device and one use, for ever.
    @Test(arguments: TestDatabases.kinds) func keysAreClaimedOnce(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await world.bound(.revoked)
            let fresh = try TestDevice(clock: world.clock)
            let (old, oldPIN) = (try phone.publicDeviceKey, try phone.publicPINKey)
            let (new, newPIN) = (try fresh.publicDeviceKey, try fresh.publicPINKey)
            for (deviceKey, pinKey) in [(old, newPIN), (new, oldPIN), (oldPIN, newPIN), (new, old), (new, new)] {
                await #expect(throws: RumdulError.deviceKeyRefused) {
                    try await world.database.transaction {
                        _ = try await world.authenticators.bind(
                            person: PersonID("person-2"), name: "x", platform: "x", deviceKey: deviceKey,
                            pinKey: pinKey,
                            ial: .ial1, in: $0)
                    }
                }
            }
            // What was refused has claimed nothing.
            try await world.database.transaction {
                _ = try await world.authenticators.bind(
                    person: PersonID("person-2"), name: "x", platform: "x", deviceKey: new, pinKey: newPIN, ial: .ial1,
                    in: $0)
            }
        }
    }

    /// Whatever is asked in whatever order, only legal moves happen, each is audited once, and staying is no move.
    @Test(arguments: TestDatabases.kinds, [11, 12, 13]) func lifeFollowsTheModel(_ kind: DatabaseKind, _ seed: UInt64)
        async throws
    {
        try await World.run(kind) { world in
            var generator = SeededGenerator(seed)
            for round in 0..<6 {
                let person = "person-\(round)"
                let phone = try await world.bound(.pending, person: person)
                var expected = DeviceState.pending
                var moves = 1
                for _ in 0..<12 {
                    let wanted = DeviceState.allCases.randomElement(using: &generator) ?? .active
                    let legal = expected == wanted || expected.allows(wanted)
                    do {
                        try await world.database.transaction {
                            try await world.authenticators.setState(phone.id, wanted, by: "o", reason: "lost", in: $0)
                        }
                        #expect(legal)
                        if expected != wanted { moves += 1 }
                        expected = wanted
                    } catch let error as RumdulError {
                        #expect(!legal && error == .deviceTransition)
                    }
                    #expect(try await world.device(phone.id).state == expected)
                }
                #expect(try await world.audit(person).count == moves)
            }
            await #expect(throws: RumdulError.deviceNotFound) {
                try await world.database.transaction {
                    try await world.authenticators.setState("nobody", .active, by: "o", in: $0)
                }
            }
        }
    }

    @Test(arguments: TestDatabases.kinds) func pinTries(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await world.bound()
            #expect(try await world.tryPIN(phone, right: true) == .correct)
            for left in [4, 3, 2, 1] { #expect(try await world.tryPIN(phone, right: false) == .wrong(triesLeft: left)) }
            #expect(try await world.tryPIN(phone, right: true) == .correct)
            #expect(try await world.device(phone.id).pinFailures == 0)
            for left in [4, 3, 2, 1] { #expect(try await world.tryPIN(phone, right: false) == .wrong(triesLeft: left)) }
            #expect(try await world.tryPIN(phone, right: false) == .locked)
            #expect(try await world.tryPIN(phone, right: true) == .locked)
            #expect(try await world.tryPIN(phone, right: false) == .locked)
            let locked = try await world.device(phone.id)
            #expect(locked.pinLocked && locked.pinTriesLeft == 0)
            for _ in 0..<2 {
                try await world.database.transaction {
                    try await world.authenticators.unlockPIN(phone.id, by: "officer-1", reason: "forgotten_pin", in: $0)
                }
            }
            #expect(try await world.tryPIN(phone, right: true) == .correct)
            #expect(
                try await world.audit() == [
                    "device.bound", "device.activated", "device.pin_locked", "device.pin_unlocked",
                ])
            await #expect(throws: RumdulError.deviceNotFound) {
                try await world.database.transaction {
                    try await world.authenticators.unlockPIN("nobody", by: "officer-1", in: $0)
                }
            }
        }
    }

    /// Tries at the same time each count: however they interleave, five wrong ones lock, and at most four answers say
    /// "wrong".
    @Test(arguments: TestDatabases.kinds) func parallelWrongTries(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await world.bound()
            let answers = try await withThrowingTaskGroup(of: PINCheck.self) { group in
                for _ in 0..<12 { group.addTask { try await world.tryPIN(phone, right: false) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let wrong = answers.compactMap { if case .wrong(let left) = $0 { left } else { nil } }
            #expect(wrong.sorted() == [1, 2, 3, 4])
            #expect(answers.filter { $0 == .locked }.count == 8)
            #expect(try await world.device(phone.id).pinFailures == 5)
            #expect(try await world.audit().filter { $0 == "device.pin_locked" }.count == 1)
        }
    }

    /// A right try that races with wrong ones is either before or after each of them: never does it open a lock.
    @Test(arguments: TestDatabases.kinds) func rightTryRacesWithTheFifth(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            for round in 0..<8 {
                let phone = try await world.bound(person: "person-\(round)")
                for _ in 0..<4 { _ = try await world.tryPIN(phone, right: false) }
                async let right = world.tryPIN(phone, right: true)
                async let wrong = world.tryPIN(phone, right: false)
                let outcome = (try await right, try await wrong)
                let failures = try await world.device(phone.id).pinFailures
                if outcome.0 == .correct {
                    #expect(outcome.1 == .wrong(triesLeft: 4) && failures == 1)
                } else {
                    #expect(outcome.0 == .locked && outcome.1 == .locked && failures == 5)
                }
            }
        }
    }

    /// The count is part of the caller's transaction: what is rolled back was not counted, what is committed was.
    @Test(arguments: TestDatabases.kinds) func countsBelongToTheTransaction(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await world.bound()
            let device = try await world.device(phone.id)
            let jws = try await phone.decision()
            let decision = try world.authenticators.decision(jws, by: device)
            await #expect(throws: RumdulError.devicePINWrong) {
                try await world.database.transaction { connection in
                    let check = try await world.authenticators.checkPIN(
                        signature: "AAAA", over: decision, device: device, in: connection)
                    #expect(check == .wrong(triesLeft: 4))
                    throw RumdulError.devicePINWrong
                }
            }
            #expect(try await world.device(phone.id).pinFailures == 0)
            // A device that was blocked after it was read is not active for the check.
            try await world.database.transaction {
                try await world.authenticators.setState(phone.id, .blocked, by: "o", in: $0)
            }
            await #expect(throws: RumdulError.deviceNotActive) {
                try await world.database.transaction {
                    _ = try await world.authenticators.checkPIN(
                        signature: "AAAA", over: decision, device: device, in: $0)
                }
            }
            #expect(try await world.device(phone.id).pinFailures == 0)
        }
    }

    @Test(arguments: TestDatabases.kinds, DeviceState.allCases)
    func authentication(_ kind: DatabaseKind, _ state: DeviceState) async throws {
        try await World.run(kind) { world in
            let phone = try await world.bound(state)
            let proof = try await phone.authorization()
            let get: @Sendable (String) async throws -> Device = { proof in
                try await world.authenticators.authenticate(
                    authorization: proof, method: "GET", path: "/device/v1/self", body: [])
            }
            let device = try await get(proof)
            #expect(device.id == phone.id && device.state == state)
            await #expect(throws: RumdulError.deviceProofInvalid) { _ = try await get(proof) }
            world.clock.now = world.clock.now.adding(seconds: 61)
            await #expect(throws: RumdulError.deviceProofInvalid) { _ = try await get(proof) }
            let again = try await phone.authorization()
            let found = try await world.database.read {
                try await world.authenticators.authenticate(
                    authorization: again, method: "GET", path: "/device/v1/self", body: [], in: $0)
            }
            #expect(found.id == phone.id)
            var stranger = try TestDevice(clock: world.clock)
            stranger.id = "nobody"
            let unknown = try await stranger.authorization()
            await #expect(throws: RumdulError.deviceProofInvalid) { _ = try await get(unknown) }
            // Somebody else's proof in this device's name is refused and does not use up the device's own.
            stranger.id = phone.id
            let forged = try await stranger.authorization()
            await #expect(throws: RumdulError.deviceProofInvalid) { _ = try await get(forged) }
        }
    }

    /// Of the same proof sent many times at once, one is taken.
    @Test(arguments: TestDatabases.kinds) func parallelReplays(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            let phone = try await world.bound()
            let proof = try await phone.authorization()
            let taken = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        let device = try? await world.authenticators.authenticate(
                            authorization: proof, method: "GET", path: "/device/v1/self", body: [])
                        return device != nil
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(taken == 1)
        }
    }

    @Test func aFullMemoryOfProofsRefuses() async throws {
        try await World.run(.sqlite, replayCapacity: 2) { world in
            let phone = try await world.bound()
            for round in 0..<3 {
                let proof = try await phone.authorization()
                let answer = try? await world.authenticators.authenticate(
                    authorization: proof, method: "GET", path: "/device/v1/self", body: [])
                #expect((answer != nil) == (round < 2))
            }
        }
    }
}

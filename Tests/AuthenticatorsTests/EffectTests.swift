import Database
import DatabaseTesting
import Kernel
import KeyVault
import Ledger
import Synchronization
import Testing

@testable import Authenticators

@Suite("What the module says about the life of authenticators")
struct EffectTests {
    /// Keeps what it hears.
    private final class Heard: AuthenticatorEffects {
        private let kept = Mutex<[String]>([])

        var all: [String] { kept.withLock { $0 } }

        func ended(_ id: String, of person: PersonID, in connection: any SQLConnection) async throws {
            kept.withLock { $0.append("ended \(id) \(person.text)") }
        }

        func added(_ kind: AuthenticatorKind, to person: PersonID, in connection: any SQLConnection) async throws {
            kept.withLock { $0.append("added \(kind.rawValue) \(person.text)") }
        }

        func reportedGone(by person: PersonID, in connection: any SQLConnection) async throws {
            kept.withLock { $0.append("gone \(person.text)") }
        }
    }

    @Test(arguments: TestDatabases.kinds) func devices(_ kind: DatabaseKind) async throws {
        let heard = Heard()
        try await TestDatabases.with(kind, migrations: World.migrations) { database in
            let world = try await World(database, effects: heard)
            let phone = try await world.bound(.pending)
            #expect(heard.all.isEmpty)
            let authenticators = world.authenticators
            for (state, words) in [
                (DeviceState.active, "added device person-1"), (.blocked, "ended \(phone.id) person-1"),
                (.blocked, nil), (.active, nil), (.revoked, "ended \(phone.id) person-1"), (.revoked, nil),
            ] as [(DeviceState, String?)] {
                let before = heard.all
                try await database.transaction {
                    try await authenticators.setState(phone.id, state, by: "self", in: $0)
                }
                #expect(heard.all == before + [words].compactMap(\.self), "\(state)")
            }
            let waiting = try await world.bound(.pending, person: "person-2")
            let before = heard.all
            try await database.transaction {
                try await authenticators.setState(waiting.id, .revoked, by: "officer", in: $0)
            }
            #expect(heard.all == before, "a device that never worked approved nothing")
        }
    }

    @Test(arguments: TestDatabases.kinds) func passkeys(_ kind: DatabaseKind) async throws {
        let heard = Heard()
        try await TestDatabases.with(kind, migrations: World.migrations) { database in
            let world = try await World(database, effects: heard)
            let (passkeys, person) = (world.authenticators.passkeys, PersonID("person-1"))
            @Sendable func register(_ soft: SoftPasskey) async throws -> (SoftPasskey, Passkey) {
                var soft = soft
                let options = try await database.transaction {
                    try await passkeys.registrationOptions(for: person, label: "phone", in: $0)
                }
                soft.handle = options.user.handle
                let answer = soft.create(options.challenge)
                let made = try await database.transaction {
                    try await passkeys.register(
                        answer, challenge: options.challenge, person: person, name: "phone", ial: .ial2, in: $0)
                }
                return (soft, made)
            }
            let (_, first) = try await register(SoftPasskey(id: [1, 2, 3]))
            #expect(heard.all == ["added passkey person-1"])
            for _ in 0..<2 {
                try await database.transaction { try await passkeys.revoke(first.id, of: person, by: "self", in: $0) }
            }
            #expect(heard.all.dropFirst() == ["ended \(first.id) person-1"])
            // A passkey that may be copied is blocked, and what it approved ends.
            var (soft, second) = try await register(SoftPasskey(id: [4, 5, 6]))
            let challenge = [UInt8](repeating: 7, count: 32)
            for count: UInt32 in [5, 5] {
                soft.count = count
                let answer = try soft.get(challenge)
                _ = try await database.transaction {
                    try await passkeys.use(answer, challenge: challenge, person: person, in: $0)
                }
            }
            #expect(heard.all.dropFirst(2) == ["added passkey person-1", "ended \(second.id) person-1"])
        }
    }

    @Test(arguments: TestDatabases.kinds) func sheetsOfCodes(_ kind: DatabaseKind) async throws {
        let heard = Heard()
        try await TestDatabases.with(kind, migrations: World.migrations) { database in
            let world = try await World(database, effects: heard)
            let sheets = world.authenticators.codeSheets(
                vault: try FileKeyVault.ephemeral(ambient: world.clock.ambient))
            @Sendable func print() async throws -> CodeSheet {
                try await database.transaction { connection in
                    try await sheets.print(
                        for: PersonID("person-1"), ial: .ial2, evidence: ["khmerIDCard"],
                        requestKey: Ambient.system.newSecret(), by: "officer-1", in: connection
                    ).sheet
                }
            }
            let first = try await print()
            #expect(heard.all.isEmpty)
            let second = try await print()
            #expect(heard.all == ["ended \(first.id) person-1"], "replaced")
            for _ in 0..<2 {
                try? await database.transaction { connection in
                    try await sheets.end(
                        second.id, of: PersonID("person-1"), by: "officer-1", reason: "lost", in: connection)
                }
            }
            #expect(heard.all == ["ended \(first.id) person-1", "ended \(second.id) person-1"])
        }
    }
}

import Codecs
import DatabaseTesting
import Kernel
import Ledger
import Testing
import WebAuthn

@testable import Authenticators

@Suite("Passkeys")
struct PasskeyTests {
    private static let sokha = PersonID("person-1")

    private func add(
        _ passkey: inout SoftPasskey, _ world: World, person: PersonID = sokha, name: String = "phone"
    ) async throws -> Passkey {
        let passkeys = world.authenticators.passkeys
        let options = try await world.database.transaction {
            try await passkeys.registrationOptions(for: person, label: name, in: $0)
        }
        passkey.handle = options.user.handle
        let challenge = try await world.database.transaction { try await passkeys.takeChallenge(of: person, in: $0) }
        #expect(challenge == options.challenge)
        let answer = passkey.create(challenge)
        return try await world.database.transaction {
            try await passkeys.register(
                answer, challenge: challenge, person: person, name: name, ial: .ial2, in: $0)
        }
    }

    private func use(
        _ passkey: SoftPasskey, _ world: World, person: PersonID? = nil
    ) async throws -> Passkeys.Use {
        let challenge = [UInt8](repeating: 7, count: 32)
        let answer = try passkey.get(challenge)
        return try await world.database.transaction { [passkeys = world.authenticators.passkeys] in
            try await passkeys.use(answer, challenge: challenge, person: person, in: $0)
        }
    }

    private func code(_ use: Passkeys.Use) -> String? {
        if case .refused(let error) = use { error.code } else { nil }
    }

    @Test(arguments: TestDatabases.kinds) func life(_ kind: DatabaseKind) async throws {
        try await TestDatabases.with(kind, migrations: [Ledger.migrations, Authenticators.migrations]) { database in
            let world = try await World(database)
            var soft = SoftPasskey(id: [1, 2, 3])
            let made = try await add(&soft, world)
            #expect(Passkey.isIdentifier(made.id) && made.kind == .deviceBound && made.state == .active)
            #expect(soft.handle.count == 32)
            guard case .accepted(let used, let authentication) = try await use(soft, world) else {
                Issue.record("a right answer is accepted")
                return
            }
            #expect(used.id == made.id && authentication.userVerified)
            #expect(used.factors(userVerified: true).contains(.userVerification))
            #expect(code(try await use(soft, world, person: PersonID("person-2"))) == "passkey.refused")
            let (isActive, bound, level) = try await database.read { [authenticators = world.authenticators] in
                (
                    try await authenticators.isActive(made.id, in: $0),
                    try await authenticators.binding(of: made.id, in: $0),
                    try await authenticators.provenLevel(of: Self.sokha, in: $0)
                )
            }
            #expect(isActive && bound?.person == Self.sokha && level == .ial2)
            try await database.transaction { [passkeys = world.authenticators.passkeys] in
                try await passkeys.rename(made.id, of: Self.sokha, to: "  desk ", in: $0)
                try await passkeys.revoke(made.id, of: Self.sokha, by: "self", in: $0)
                try await passkeys.revoke(made.id, of: Self.sokha, by: "self", in: $0)
            }
            #expect(code(try await use(soft, world)) == "passkey.refused")
            let known = try await database.read { [passkeys = world.authenticators.passkeys] in
                try await passkeys.passkeys(of: Self.sokha, in: $0)
            }
            #expect(known.map(\.name) == ["desk"] && known.map(\.state) == [.revoked])
            #expect(known.first?.lastUsedAt != nil)
            #expect(try await world.audit() == ["passkey.registered", "passkey.renamed", "passkey.revoked"])
        }
    }

    @Test(arguments: TestDatabases.kinds) func aCopiedKeyIsBlocked(_ kind: DatabaseKind) async throws {
        try await TestDatabases.with(kind, migrations: [Ledger.migrations, Authenticators.migrations]) { database in
            let world = try await World(database)
            var soft = SoftPasskey(id: [9])
            _ = try await add(&soft, world)
            soft.count = 5
            #expect(code(try await use(soft, world)) == nil)
            #expect(code(try await use(soft, world)) == "passkey.cloned")
            soft.count = 6
            #expect(code(try await use(soft, world)) == "passkey.refused")
            #expect(try await world.audit().last == "passkey.clone_suspected")
        }
    }

    @Test(arguments: TestDatabases.kinds) func limitsAndForeignAccounts(_ kind: DatabaseKind) async throws {
        try await TestDatabases.with(kind, migrations: [Ledger.migrations, Authenticators.migrations]) { database in
            let world = try await World(database)
            var soft = SoftPasskey(id: [1])
            let made = try await add(&soft, world)
            // One credential, one account (section 7.1 step 26).
            let other = PersonID("person-2")
            var again = soft
            await #expect(throws: RumdulError.self) { _ = try await add(&again, world, person: other) }
            await #expect(throws: RumdulError.passkeyNotFound) {
                try await database.transaction { [passkeys = world.authenticators.passkeys] in
                    try await passkeys.revoke(made.id, of: other, by: "self", in: $0)
                }
            }
            for number in 2...20 {
                var next = SoftPasskey(id: [UInt8(number)])
                _ = try await add(&next, world)
            }
            var last = SoftPasskey(id: [99])
            await #expect(throws: RumdulError.passkeyLimit) { _ = try await add(&last, world) }
        }
    }

    @Test(arguments: TestDatabases.kinds) func aChallengeIsTakenOnceAndInTime(_ kind: DatabaseKind) async throws {
        try await TestDatabases.with(kind, migrations: [Ledger.migrations, Authenticators.migrations]) { database in
            let world = try await World(database)
            let passkeys = world.authenticators.passkeys
            func take() async throws -> [UInt8] {
                try await database.transaction { try await passkeys.takeChallenge(of: Self.sokha, in: $0) }
            }
            func give() async throws {
                _ = try await database.transaction {
                    try await passkeys.registrationOptions(for: Self.sokha, label: "x", in: $0)
                }
            }
            await #expect(throws: RumdulError.passkeyStale) { _ = try await take() }
            try await give()
            _ = try await take()
            await #expect(throws: RumdulError.passkeyStale) { _ = try await take() }
            try await give()
            world.clock.now = world.clock.now.adding(seconds: Passkeys.registrationLifetime)
            await #expect(throws: RumdulError.passkeyStale) { _ = try await take() }
        }
    }

    @Test func relyingPartyOfAnAddress() {
        let party = Passkeys.relyingParty(of: "https://id.example.kh:8443")
        #expect(party.id == "id.example.kh" && party.origins.origins == ["https://id.example.kh:8443"])
        func works(_ issuer: String) -> Bool {
            let party = Passkeys.relyingParty(of: issuer)
            return !party.id.isEmpty && !party.id.split(separator: ".").allSatisfy { Int($0) != nil }
        }
        #expect(works("http://localhost:8080") && !works("http://127.0.0.1:8080") && !works("http://[::1]:8080"))
    }
}

import Codecs
import Database
import DatabaseTesting
import Kernel
import KeyVault
import Ledger
import Synchronization

@testable import Accountability

/// A clock that a test moves by hand.
final class TestClock: Sendable {
    private let time = Mutex<Int64>(1_790_000_000_000_000)

    var now: Instant { Instant(microseconds: time.withLock { $0 }) }
    func advance(seconds: Int64) { time.withLock { $0 += seconds * 1_000_000 } }
    var ambient: Ambient { Ambient(now: { self.now }, randomBytes: secureRandomBytes) }
}

/// A register of one person, who has every attribute.
struct OnePerson: AttributeSource {
    let person: PersonID

    func protectedAttributes(
        of subject: PersonID, _ names: [AttributeName], in connection: any SQLConnection
    ) async throws -> ProtectedAttributes {
        guard subject == person else { throw RumdulError.officerNotFound }
        var values: [AttributeName: JSONValue] = [:]
        // More than was asked for: the gate must not let it through.
        for entry in AttributeCatalogue.all where entry.name != .email {
            values[entry.name] = .string(entry.name.rawValue)
        }
        return ProtectedAttributes(values)
    }
}

/// Everything that the tests of this module need.
struct World: Sendable {
    let database: any Database
    let ledger: Ledger
    let clock: TestClock
    let gate: DisclosureGate
    let journal: AccessJournal
    let officers: OfficerDirectory
    let person = PersonID("0190-person")

    static func with(_ kind: DatabaseKind, _ test: @escaping @Sendable (World) async throws -> Void) async throws {
        try await TestDatabases.with(kind, migrations: [Ledger.migrations, OfficerDirectory.migrations]) { database in
            let clock = TestClock()
            let ledger = Ledger(
                database: database, vault: try FileKeyVault.ephemeral(ambient: clock.ambient), ambient: clock.ambient)
            try await test(
                World(
                    database: database, ledger: ledger, clock: clock,
                    gate: DisclosureGate(ledger: ledger, ambient: clock.ambient),
                    journal: AccessJournal(ledger: ledger, database: database),
                    officers: OfficerDirectory(
                        database: database, audit: AuditTrail(ledger: ledger), ambient: clock.ambient, cost: .light)))
        }
    }

    func request(_ attributes: [AttributeName] = [.name, .birthdate]) -> DisclosureRequest {
        DisclosureRequest(
            subject: person, actor: .client("bank"),
            organisation: Organisation(code: "ORG-1", name: LocalizedText(km: "ធនាគារ", en: "Bank")), system: "core",
            service: "login", purpose: Purpose(code: "login", text: LocalizedText(km: "ចូល", en: "Log in")),
            basis: .consent("consent-1"), attributes: attributes, traceID: "trace-1")
    }

    func disclose(_ request: DisclosureRequest) async throws -> DisclosedAttributes {
        try await database.transaction { [gate, person] connection in
            try await gate.disclose(request, from: OnePerson(person: person), in: connection)
        }
    }

    /// Ledger rows in streams with a prefix.
    func count(_ prefix: String) async throws -> Int {
        try await database.read { connection in
            try await connection.first("SELECT COUNT(*) FROM ledger_entries WHERE stream LIKE $1", [prefix + "%"])?.int(
                0) ?? 0
        }
    }
}

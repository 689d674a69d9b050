import Codecs
import Database
import DatabaseTesting
import Kernel
import Synchronization
import Testing

@testable import RelyingParties

/// A seeded generator (SplitMix64): the same cases in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// A clock that tests turn.
final class TestClock: Sendable {
    private let moment = Mutex(Instant(seconds: 1_800_000_000))

    var now: Instant { moment.withLock { $0 } }

    func advance(_ seconds: Int64) { moment.withLock { $0 = $0.adding(seconds: seconds) } }

    var ambient: Ambient { Ambient(now: { self.now }, randomBytes: secureRandomBytes) }
}

/// Registrations for tests.
enum TestClients {
    static let redirect = "https://bank.example/callback"

    /// A registration that is right; `change` spoils it.
    static func document(_ id: String, change: (inout JSONObject) -> Void = { _ in }) -> JSONObject {
        var document: JSONObject = [
            "client_id": .string(id), "client_name": ["km": "ធនាគារ", "en": "The \(id)".asJSON],
            "redirect_uris": [.string(redirect), "https://bank.example/callback?page=1"],
            "id_token_signed_response_alg": "ES256",
            "purposes": [
                [
                    "code": "account-opening", "text": ["km": "បើកគណនី", "en": "Open an account"],
                    "essential": ["name_km", "birthdate"], "optional": ["phone_number", "email"], "valid_days": 30,
                ],
                ["code": "login", "text": ["km": "ចូល", "en": "Log in"]],
            ],
        ]
        change(&document)
        return document
    }

    static func run(
        _ kind: DatabaseKind, clock: TestClock = TestClock(),
        _ test: @escaping @Sendable (RelyingPartyRegistry, any Database) async throws -> Void
    ) async throws {
        try await TestDatabases.with(kind, migrations: [RelyingPartyStore.migrations]) { database in
            try await test(RelyingPartyRegistry(database: database, ambient: clock.ambient), database)
        }
    }

    static func party(
        _ id: String, _ registry: RelyingPartyRegistry, _ database: any Database
    ) async throws -> RelyingParty {
        try #require(try await database.read { try await registry.store.party(id, in: $0) })
    }
}

extension String {
    var asJSON: JSONValue { .string(self) }
}

/// The code of the error that a step throws; `nil` when it throws none.
func errorCode<Value>(_ step: () async throws -> Value) async -> String? {
    do {
        _ = try await step()
        return nil
    } catch let error as RumdulError {
        return error.code
    } catch {
        return "other: \(error)"
    }
}

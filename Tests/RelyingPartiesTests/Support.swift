import Codecs
import Database
import DatabaseTesting
import JOSE
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

    /// The public part of a key as an entry of `jwks`.
    static func jwk(_ algorithm: JWSAlgorithm = .es256, id: String = "k1") -> JSONObject {
        guard let key = try? SigningKey.generate(algorithm), var jwk = key.jwk.publicKey else { return [:] }
        jwk.keyID = id
        return jwk.json
    }

    /// One key for all documents that need any.
    static let key = jwk()

    /// A registration of this profile that is right, with the strongest method; `change` spoils it.
    static func document(
        _ id: String = "bank", profile: ClientProfile, change: (inout JSONObject) -> Void = { _ in }
    ) -> JSONObject {
        document(id) {
            $0["profile"] = .string(profile.rawValue)
            $0["id_token_signed_response_alg"] = nil
            $0["token_endpoint_auth_method"] = "private_key_jwt"
            $0["jwks"] = ["keys": [.object(key)]]
            change(&$0)
        }
    }

    static func risk(_ types: [String]) -> JSONValue {
        [
            "response_types": .strings(types), "by": "Operator", "reason": "closed test realm",
            "date": "2026-11-21",
        ]
    }

    /// The field that a document is refused for; `nil` when it is good.
    static func refusedField(_ document: JSONObject) -> String? {
        do {
            _ = try RelyingPartyDocument.parse(document)
            return nil
        } catch {
            let known = error as? RumdulError
            #expect(known?.code == "relying_party.invalid")
            return known?.fields.first?.field ?? "no field"
        }
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
    } catch let error as ClientRegistrationError {
        return error.error
    } catch {
        return "other: \(error)"
    }
}

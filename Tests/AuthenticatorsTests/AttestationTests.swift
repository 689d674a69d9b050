import Codecs
import Database
import DatabaseTesting
import JOSE
import Kernel
import Testing
import WebAuthn

@testable import Authenticators

@Suite("Where device keys live")
struct AttestationTests {
    /// The generator of P-256 and its double: keys that everybody knows.
    private static func key(_ x: String, _ y: String) throws -> JWK {
        try JWK(["kty": "EC", "crv": "P-256", "x": .string(x), "y": .string(y)])
    }

    private static func binding() throws -> AttestationBinding {
        let device = try key(
            "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY", "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU")
        let pin = try key("fPJ7GI0DT36KUjgDBLUaw8CJaeJ38hs1pgtI_EdmmXg", "B3dVENuO0EApPZrGn3Qw27p9reY86YIpngS3nSJ4c9E")
        return AttestationBinding(
            audience: "https://id.example", codeHash: "Q7UO6wJ7n9DvaSEqyhLckiJcioTmL4NDDuTgJ-eeAaA",
            deviceKey: try DeviceKey(device), pinThumbprint: pin.thumbprintText)
    }

    private func code<T>(_ work: () throws -> T) -> String? {
        do { _ = try work() } catch { return (error as? RumdulError)?.code }
        return nil
    }

    /// Computed with Python's hashlib.
    @Test func whatStatementsAreBoundTo() throws {
        let binding = try Self.binding()
        #expect(Base64URL.encode(binding.androidChallenge) == "0yRntWtmja8UFndU7OmQXJrU7PDgLDN7v59TkWSLkCk")
        #expect(
            Base64URL.encode(binding.appleClientDataHash(.none)) == "Gc2tB0e1iuPybetYeRpWg1RZs9OO4vxkyundBnGEe0w")
        #expect(
            Base64URL.encode(binding.appleClientDataHash(.biometric)) == "_l5meOoRyfizbo6ZJrXA4hos3PD-dSoQxu5ffqV7Vpk")
    }

    @Test func statementsAreRead() throws {
        #expect(try KeyAttestation(nil) == .software(.none))
        #expect(try KeyAttestation(["format": "software"]) == .software(.none))
        #expect(try KeyAttestation(["format": "software", "unlock": "biometric"]) == .software(.biometric))
        #expect(
            try KeyAttestation(["format": "android-key-attestation", "x5c": ["AQI=", "Aw=="]])
                == .android(chain: [[1, 2], [3]]))
        #expect(
            try KeyAttestation(["format": "apple-app-attest", "statement": "AQI", "key_id": "Aw", "unlock": "none"])
                == .appAttest(statement: [1, 2], keyID: [3], unlock: .none))
        let certificate = JSONValue.string(String(repeating: "A", count: KeyAttestation.maximumSize))
        #expect(code { try KeyAttestation(["format": "android-key-attestation", "x5c": [certificate]]) } == nil)
        for (value, expected) in [
            (JSONValue.null, "malformed"), ([], "malformed"), (["format": 1], "malformed"),
            (["format": "tpm"], "unsupported"), (["format": "software", "unlock": 1], "malformed"),
            (["format": "android-key-attestation", "x5c": ["AQI=", 1]], "malformed"),
            (["format": "android-key-attestation", "x5c": [certificate, "AA=="]], "too_large"),
        ] {
            #expect(code { try KeyAttestation(value) } == "attestation." + expected)
        }
    }

    @Test func withoutRootsNobodyVouches() throws {
        let (binding, now) = (try Self.binding(), Instant(seconds: 1_800_000_000))
        let rules = AttestationRules.standard
        #expect(try rules.judge(.software(.none), binding, at: now) == .software)
        #expect(code { try rules.judge(.android(chain: [[1]]), binding, at: now) } == "attestation.unsupported")
        let apple = KeyAttestation.appAttest(statement: [1], keyID: [1], unlock: .none)
        #expect(code { try rules.judge(apple, binding, at: now) } == "attestation.unsupported")
        let strict = AttestationRules(acceptsSoftware: false)
        #expect(code { try strict.judge(.software(.none), binding, at: now) } == "attestation.needed")
        let rooted = AttestationRules(
            android: AndroidKeyRequirements(roots: []), apps: [AppAttest(applicationID: "a", roots: [])])
        #expect(code { try rooted.judge(.android(chain: [[1]]), binding, at: now) } == "attestation.malformed")
        #expect(code { try rooted.judge(apple, binding, at: now) } == "attestation.malformed")
    }

    @Test func everyCheckHasItsError() {
        let found = Set(WebAuthnCheck.allCases.map { RumdulError.attestation(.webAuthn($0, "")).code })
        #expect(
            found == [
                "attestation.malformed", "attestation.too_large", "attestation.untrusted", "attestation.revoked",
                "attestation.challenge", "attestation.key", "attestation.application", "attestation.protection",
                "attestation.boot_state",
            ])
    }

    @Test func whatASignatureProves() throws {
        let phone = try TestDevice(clock: TestClock())
        func factors(_ key: KeyProof, trusting: Bool) throws -> Set<AuthenticationFactor> {
            let device = try phone.record(key: key)
            return device.factors(trustsSoftware: trusting)
        }
        for trusting in [false, true] {
            for hardware in KeyProtection.allCases where hardware != .software {
                #expect(try factors(KeyProof(hardware), trusting: trusting) == [.possession, .hardwareKey])
                #expect(
                    try factors(KeyProof(hardware, unlock: .biometric), trusting: trusting)
                        == [.possession, .hardwareKey, .biometric])
            }
            #expect(try factors(.software, trusting: trusting) == [.possession, .softwareKey])
        }
        let claim = KeyProof(.software, unlock: .biometric)
        #expect(try factors(claim, trusting: false) == [.possession, .softwareKey])
        #expect(try factors(claim, trusting: true) == [.possession, .softwareKey, .biometric])
    }

    @Test(arguments: TestDatabases.kinds) func whatWasProvenIsKept(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            for protection in KeyProtection.allCases {
                for unlock in KeyUnlock.allCases {
                    let key = KeyProof(protection, unlock: unlock)
                    let device = try await bind(key, world)
                    #expect(try await world.device(device.id).key == key)
                }
            }
            #expect(try await world.audit().allSatisfy { $0 == "device.bound" })
        }
    }

    @Test(arguments: TestDatabases.kinds) func aKeyVouchesOnce(_ kind: DatabaseKind) async throws {
        try await World.run(kind) { world in
            var key = KeyProof(.secureEnclave)
            key.voucher = "app-attest:one"
            let first = try await bind(key, world)
            let again = key
            await #expect(throws: RumdulError.attestationKey) { _ = try await bind(again, world) }
            let known = try await world.database.read {
                try await world.authenticators.devices(of: PersonID("person-1"), in: $0)
            }
            #expect(known.map(\.id) == [first.id], "nothing stays of the refused one")
        }
    }

    private func bind(_ key: KeyProof, _ world: World) async throws -> Device {
        let phone = try TestDevice(clock: world.clock)
        let (deviceKey, pinKey) = (try phone.publicDeviceKey, try phone.publicPINKey)
        return try await world.database.transaction {
            try await world.authenticators.bind(
                person: PersonID("person-1"), name: "x", platform: "x", deviceKey: deviceKey, pinKey: pinKey,
                ial: .ial2, key: key, in: $0)
        }
    }
}

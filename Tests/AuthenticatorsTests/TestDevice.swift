import Codecs
import Crypto
import JOSE
import Kernel
import Synchronization

@testable import Authenticators

/// A seeded generator (SplitMix64): the same cases in every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

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

    var now: Instant {
        get { moment.withLock { $0 } }
        set { moment.withLock { $0 = newValue } }
    }

    /// This clock with the system's randomness.
    var ambient: Ambient { Ambient(now: { self.now }, randomBytes: secureRandomBytes) }
}

/// What a phone holds, as far as the server can tell.
struct TestDevice: Sendable {
    static let issuer = "https://id.example"

    let deviceKey: SigningKey
    let pinKey: SigningKey
    var id = "device-1"
    let clock: TestClock

    init(clock: TestClock) throws {
        deviceKey = try SigningKey.generate(.es256)
        pinKey = try SigningKey.generate(.es256)
        self.clock = clock
    }

    var publicDeviceKey: JWK { get throws { try Self.bare(deviceKey) } }
    var publicPINKey: JWK { get throws { try Self.bare(pinKey) } }

    static func bare(_ key: SigningKey) throws -> JWK {
        guard case .ec(let curve, let x, let y, _) = key.jwk.material else { throw RumdulError.internal("test key") }
        return try JWK(.ec(curve, x: x, y: y, d: nil))
    }

    /// The server's record of this device.
    func record(state: DeviceState = .active, key: KeyProof = .software) throws -> Device {
        Device(
            id: id, personID: PersonID("person-1"), name: "phone", platform: "test/1",
            keys: try DeviceKey.pair(device: publicDeviceKey, pin: publicPINKey), key: key, state: state,
            pinFailures: 0, ial: .ial2, createdAt: clock.now, activatedAt: clock.now)
    }

    func token(_ claims: JSONObject, type: String, by key: SigningKey? = nil, kid: String? = nil) async throws -> String
    {
        try await JWSProducer(signer: SoftwareSigner(key ?? deviceKey, keyID: kid ?? id), type: type).sign(claims)
    }

    /// The claims of a good request.
    func requestClaims(_ method: String = "GET", _ path: String = "/device/v1/self", body: [UInt8] = []) -> JSONObject {
        var claims: JSONObject = [
            "aud": .string(Self.issuer), "htm": .string(method), "htu": .string(path),
            "iat": .integer(clock.now.seconds),
            "jti": .string(Ambient.system.newSecret(bytes: 16)),
        ]
        if !body.isEmpty { claims["bh"] = .string(Base64URL.encode(SHA256.hash(data: body))) }
        return claims
    }

    /// A good `Authorization` header.
    func authorization(
        _ method: String = "GET", _ path: String = "/device/v1/self", body: [UInt8] = []
    ) async throws -> String {
        "DeviceProof " + (try await token(requestClaims(method, path, body: body), type: "rumdul-device+jwt"))
    }

    /// The claims of a good approval.
    func decisionClaims() -> JSONObject {
        [
            "iss": .string(id), "aud": .string(Self.issuer), "txn": "txn-1", "action": "approve", "client_id": "bank",
            "attributes": ["name_km", "birthdate"], "number": 57,
            "details_hash": .string(Base64URL.encode([UInt8](repeating: 7, count: 32))),
            "iat": .integer(clock.now.seconds), "jti": .string(Ambient.system.newSecret(bytes: 16)),
        ]
    }

    func decision(_ change: (inout JSONObject) -> Void = { _ in }) async throws -> String {
        var claims = decisionClaims()
        change(&claims)
        return try await token(claims, type: "rumdul-decision+jwt")
    }

    /// The PIN key's signature over a decision; by another key it is what a wrong PIN makes.
    func pinSignature(_ decision: String, by key: SigningKey? = nil) throws -> String {
        Base64URL.encode(try (key ?? pinKey).signature(for: Array(decision.utf8)))
    }

    /// A good activation with a code.
    func activation(
        code: String, by keys: (device: SigningKey, pin: SigningKey)? = nil,
        change: (inout JSONObject) -> Void = { _ in }
    ) async throws -> ActivationProofs {
        var claims: JSONObject = [
            "aud": .string(Self.issuer),
            "code_hash": .string(Base64URL.encode(SHA256.hash(data: ActivationCode.canonical(code)))),
            "device_key": .string(try publicDeviceKey.thumbprintText),
            "pin_key": .string(try publicPINKey.thumbprintText),
            "iat": .integer(clock.now.seconds),
        ]
        change(&claims)
        let type = "rumdul-activation+jwt"
        return ActivationProofs(
            code: code, deviceKey: try publicDeviceKey, pinKey: try publicPINKey,
            proof: try await token(claims, type: type, by: keys?.device ?? deviceKey, kid: ""),
            pinProof: try await token(claims, type: type, by: keys?.pin ?? pinKey, kid: ""))
    }
}

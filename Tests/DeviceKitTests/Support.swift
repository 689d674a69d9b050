import Codecs
import DeviceKit
import Foundation
import Kernel

/// A generator with a seed (SplitMix64), so that a failure repeats.
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

/// A folder that is removed with the value.
final class TemporaryFolder: Sendable {
    let path: String
    init() { path = NSTemporaryDirectory() + "/devicekit-" + Ambient.system.newSecret(bytes: 12) }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A device and its server.
struct World {
    static let issuer = "https://id.example"
    static let code = "K7QM4XRP2W"
    static let start = Instant(seconds: 1_800_000_010)

    let folder = TemporaryFolder()
    let server = FakeServer(issuer: World.issuer, now: World.start, codes: [World.code, "0123456789"])
    let ambient = Ambient(now: { World.start }, randomBytes: secureRandomBytes)

    var authenticator: Authenticator { Authenticator(folder: folder.path, transport: server, ambient: ambient) }

    func activation(_ code: String = World.code) throws -> Activation {
        Activation(code: try ActivationCode(code), issuer: try ServerURL(World.issuer))
    }

    /// An authenticator that is enrolled and activated, with one login waiting under the number 57.
    func ready(pin: String = "284913") async throws -> Authenticator {
        let authenticator = authenticator
        _ = try await authenticator.enrol(activation(), name: "Test", pin: PIN(pin), platform: "test/1")
        await server.set(state: "active")
        await server.add("tx-1", World.details, number: 57, numbers: [12, 57, 83])
        return authenticator
    }

    static let details: JSONObject = [
        "kind": "login", "client_id": "bank", "client_name": ["km": "ធនាគារ", "en": "Bank"],
        "client_host": "bank.example", "purpose": ["code": "open", "km": "បើកគណនី", "en": "Open an account"],
        "attributes": [
            ["name": "name_km", "km": "ឈ្មោះ", "en": "Name in Khmer", "essential": true],
            ["name": "phone_number", "km": "លេខទូរស័ព្ទ", "en": "Phone number", "essential": false],
        ],
        "valid_until": 1_810_000_000, "acr": "urn:kh:camdigikey:aal:1", "origin": "Chrome, Android",
        "created_at": 1_800_000_000, "expires_at": 1_800_000_120,
    ]
}

/// The code of the error that a block throws, or `nil`.
func code(of body: () async throws -> Void) async -> String? {
    do {
        try await body()
        return nil
    } catch let error as RumdulError {
        return error.code
    } catch {
        return "\(type(of: error))"
    }
}

import Codecs
import JOSE
import Kernel

/// A public key of a device, parsed once.
struct DeviceKey: Sendable {
    /// The bare public key: `kty`, `crv`, `x`, `y`.
    let jwk: JWK
    /// The same, ready to check signatures.
    let verifier: VerificationKey

    /// Takes a public P-256 key, stripped of everything else. Throws `device.key_refused`.
    init(_ jwk: JWK) throws {
        // A private key here means that a device gave away its secret; such a key is worth nothing.
        guard case .ec(.p256, let x, let y, nil) = jwk.material else {
            throw RumdulError.deviceKeyRefused.because("not a public P-256 key")
        }
        try self.init(x: x, y: y)
    }

    private init(x: [UInt8], y: [UInt8]) throws {
        do {
            jwk = try JWK(.ec(.p256, x: x, y: y, d: nil))
            verifier = try VerificationKey(jwk)
        } catch { throw RumdulError.deviceKeyRefused.because(error.cause ?? error.code) }
    }

    /// Reads the form in which tables hold a key: base64url of `x ‖ y`.
    init(stored text: String) throws {
        guard let bytes = Base64URL.decode(text), bytes.count == 64 else { throw RumdulError.internal("stored key") }
        try self.init(x: Array(bytes[..<32]), y: Array(bytes[32...]))
    }

    /// The form in which tables hold the key.
    var stored: String {
        guard case .ec(_, let x, let y, _) = jwk.material else { return "" }
        return Base64URL.encode(x + y)
    }

    /// RFC 7638 thumbprint, base64url.
    var thumbprint: String { jwk.thumbprintText }

    /// Both keys of a new device. Throws `device.key_refused` when one is unusable or both are the same.
    static func pair(device: JWK, pin: JWK) throws -> (device: DeviceKey, pin: DeviceKey) {
        let pair = (device: try DeviceKey(device), pin: try DeviceKey(pin))
        guard pair.device.jwk.material != pair.pin.jwk.material else {
            throw RumdulError.deviceKeyRefused.because("device key and PIN key are the same")
        }
        return pair
    }
}

/// Parsed keys by their stored form.
final class DeviceKeyCache: Sendable {
    private let keys: GenerationCache<String, DeviceKey>

    /// - Parameter capacity: how many keys are kept at most.
    init(capacity: Int) { keys = GenerationCache(capacity: capacity) }

    /// The key of a stored form, from memory or parsed now.
    func key(stored text: String) throws -> DeviceKey {
        if let key = keys[text] { return key }
        let key = try DeviceKey(stored: text)
        keys.insert(key, for: text)
        return key
    }

    /// How many keys are kept.
    var count: Int { keys.count }
}

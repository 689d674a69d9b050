import Codecs
import Crypto
import JOSE
import Kernel

/// What a device sends to be bound: both public keys, and a proof by each of them over the same claims.
public struct ActivationProofs: Sendable {
    /// The activation code as printed or typed, hyphens and case free.
    public var code: String
    public var deviceKey: JWK
    public var pinKey: JWK
    /// Compact JWS by the device key, type `rumdul-activation+jwt`.
    public var proof: String
    /// Compact JWS by the PIN key, same type and claims.
    public var pinProof: String

    public init(code: String, deviceKey: JWK, pinKey: JWK, proof: String, pinProof: String) {
        self.code = code
        self.deviceKey = deviceKey
        self.pinKey = pinKey
        self.proof = proof
        self.pinProof = pinProof
    }
}

extension ProofChecker {
    /// Checks both proofs of an activation; what an attestation must be bound to. Throws `device.proof_invalid`,
    /// `device.key_refused`.
    @discardableResult
    func check(_ request: ActivationProofs, now: Instant) throws -> AttestationBinding {
        let keys = try DeviceKey.pair(device: request.deviceKey, pin: request.pinKey)
        let (deviceThumbprint, pinThumbprint) = (keys.device.thumbprint, keys.pin.thumbprint)
        let hash = Base64URL.encode(SHA256.hash(data: ActivationCode.canonical(request.code)))
        for (compact, key) in [(request.proof, keys.device), (request.pinProof, keys.pin)] {
            let token = try DeviceToken(compact, type: "rumdul-activation+jwt")
            let claims = token.claims
            guard token.keyID == nil else { throw RumdulError.deviceProofInvalid.because("kid") }
            try requireAudience(claims)
            _ = try time(claims, now: now)
            guard let code = claims.string("code_hash"), constantTimeEquals(code.utf8, hash.utf8),
                let device = claims.string("device_key"), sameCodePoints(device, deviceThumbprint),
                let pin = claims.string("pin_key"), sameCodePoints(pin, pinThumbprint)
            else { throw RumdulError.deviceProofInvalid.because("activation claims") }
            try verify(token, key: key)
        }
        return AttestationBinding(
            audience: audience, codeHash: hash, deviceKey: keys.device, pinThumbprint: pinThumbprint)
    }
}

/// The activation code: 10 characters of Crockford's base 32, shown in groups with hyphens.
public enum ActivationCode {
    /// The letters, in the order of their values: no I, L, O, U.
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    /// How many characters a code has (50 bits).
    public static let length = 10

    /// The code of uniform random bytes (the first ten count), without hyphens.
    public static func text(of bytes: [UInt8]) -> String {
        String(decoding: bytes.prefix(length).map { alphabet[Int($0 & 31)] }, as: UTF8.self)
    }

    /// The code as people read it: `K7QM-4XRP-2W`.
    public static func display(_ code: String) -> String {
        var groups: [Substring] = []
        var rest = code[...]
        while !rest.isEmpty {
            groups.append(rest.prefix(4))
            rest = rest.dropFirst(4)
        }
        return groups.joined(separator: "-")
    }

    /// The bytes that are hashed: without hyphens and spaces, ASCII upper case; nothing else is changed, so that device
    /// and server agree on every text.
    public static func canonical(_ code: String) -> [UInt8] {
        code.utf8.prefix(64).compactMap { byte in
            switch byte {
            case UInt8(ascii: "-"), UInt8(ascii: " "): nil
            case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 32
            default: byte
            }
        }
    }

    /// The canonical code, or `nil` when it cannot be one.
    public static func parse(_ code: String) -> String? {
        let bytes = canonical(code)
        guard code.utf8.count <= 64, bytes.count == length, bytes.allSatisfy(alphabet.contains) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}

import Crypto
import CryptoExtras
import JOSE
import Kernel

/// The key that proves the PIN: derived anew from the PIN and the device secret each time, kept nowhere. Not even its
/// public half stays on the device, because a thief could then search for the PIN without asking the server.
struct PINKey: Sendable {
    /// CPU and memory cost of scrypt (RFC 7914): N.
    static let scryptCost = 1 << 14
    /// Length of the device secret in bytes.
    static let secretLength = 32

    private let key: P256.Signing.PrivateKey

    /// Derives the key as the device protocol says: scrypt over the PIN, then HKDF-SHA-256 until a valid scalar comes
    /// out.
    /// - Throws: `device.store_damaged` for a secret of another length, `internal` if no candidate fits (never seen).
    init(pin: PIN, deviceSecret: [UInt8]) throws {
        guard deviceSecret.count == PINKey.secretLength else { throw RumdulError.storeDamaged("device secret length") }
        let salt = Array(SHA256.hash(data: Array("rumdul-pin-salt".utf8) + deviceSecret))
        let stretched = try KDF.Scrypt.deriveKey(
            from: pin.digits, salt: salt, outputByteCount: 32, rounds: PINKey.scryptCost, blockSize: 8, parallelism: 1)
        let material = SymmetricKey(data: stretched.withUnsafeBytes { Array($0) } + deviceSecret)
        for counter in UInt8.min...UInt8.max {
            let candidate = HKDF<SHA256>.deriveKey(
                inputKeyMaterial: material, salt: [UInt8](), info: Array("rumdul-pin-key".utf8) + [counter],
                outputByteCount: 32
            ).withUnsafeBytes { Array($0) }
            if PINKey.isScalar(candidate) {
                key = try P256.Signing.PrivateKey(rawRepresentation: candidate)
                return
            }
        }
        throw RumdulError.internal("no valid scalar for the PIN key")
    }

    /// The public half, for the server.
    func publicKey() throws(RumdulError) -> JWK { try JWK(.p256(key.publicKey)) }

    /// An ES256 signature in the form of JOSE: r and s, 32 bytes each.
    func sign(_ message: [UInt8]) throws -> [UInt8] { Array(try key.signature(for: message).rawRepresentation) }

    /// True for 32 bytes that name a private key of P-256: from 1 to n - 1 (FIPS 186-5 section A.2.1).
    static func isScalar(_ bytes: [UInt8]) -> Bool {
        bytes.count == 32 && bytes.contains { $0 != 0 } && bytes.lexicographicallyPrecedes(order)
    }

    /// The order n of the group of P-256 (SP 800-186 section 3.2.1.3).
    static let order: [UInt8] = [
        0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
    ]
}

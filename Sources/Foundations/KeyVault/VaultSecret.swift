import Crypto
import CryptoExtras
import Foundation
import Kernel

/// What opens a key vault file.
public enum VaultSecret: Sendable {
    /// A passphrase that a person types or a secret store hands over, at least 12 bytes. Made slow to guess with scrypt
    /// (RFC 7914).
    case passphrase(String)
    /// A file of exactly 32 random bytes that only its owner may read (`KeyFile`). Nothing to guess, so opening is
    /// fast.
    case keyFile(String)

    /// The shortest passphrase, in bytes.
    public static let minimumPassphraseLength = 12
}

/// The cost of guessing a passphrase (RFC 7914 section 2): memory is `128 * r * 2^log2N` bytes.
public struct ScryptCost: Sendable, Hashable {
    /// The logarithm of N.
    public var log2N: Int
    /// The block size r.
    public var r: Int
    /// The parallelism p.
    public var p: Int

    public init(log2N: Int, r: Int = 8, p: Int = 1) {
        self.log2N = log2N
        self.r = r
        self.p = p
    }

    /// N = 2^16, r = 8, p = 1: 64 MiB and about a fifth of a second.
    public static let standard = ScryptCost(log2N: 16)
    /// The least that a vault outside of tests is made with: N = 2^15.
    public static let minimum = ScryptCost(log2N: 15)
    /// Fast and weak, for tests.
    public static let testing = ScryptCost(log2N: 4)

    /// Whether the parameters are within what a file may ask for (at most 512 MiB), so that a forged file cannot stop
    /// the program.
    var isBounded: Bool {
        (1...22).contains(log2N) && (1...32).contains(r) && (1...16).contains(p) && (128 * r) << log2N <= 512 << 20
    }
}

/// Key files for `VaultSecret.keyFile`.
public enum KeyFile {
    /// Bytes in a key file.
    public static let length = 32

    /// Writes a fresh key file (mode 0600) unless the file exists. Returns whether it was made.
    /// Throws `keyvault.unavailable` when it cannot be written.
    @discardableResult
    public static func createIfMissing(at path: String, ambient: Ambient) throws -> Bool {
        if try SecretFile.read(path, limit: length) != nil { return false }
        try SecretFile.replace(path, with: ambient.randomBytes(length))
        return true
    }
}

/// How the key that encrypts the file comes out of the secret.
enum KeyDerivation: Sendable, Hashable {
    case scrypt(ScryptCost)
    case hkdf

    /// The 256-bit key. Throws `keyvault.secret` for a passphrase that is too short or the wrong kind of secret,
    /// `keyvault.permissions` and `keyvault.unavailable` for the key file.
    func key(from secret: VaultSecret, salt: [UInt8]) throws -> SymmetricKey {
        switch (self, secret) {
        case (.scrypt(let cost), .passphrase(let passphrase)):
            guard cost.isBounded else { throw RumdulError.keyVaultFormat("scrypt parameters out of range") }
            do {
                return try KDF.Scrypt.deriveKey(
                    from: Array(passphrase.utf8), salt: salt, outputByteCount: 32, rounds: 1 << cost.log2N,
                    blockSize: cost.r, parallelism: cost.p)
            } catch {
                throw RumdulError.keyVaultFormat("scrypt: \(error)")
            }
        case (.hkdf, .keyFile(let path)):
            guard let bytes = try SecretFile.read(path, limit: KeyFile.length) else {
                throw RumdulError.keyVaultUnavailable("there is no key file")
            }
            guard bytes.count == KeyFile.length else {
                throw RumdulError.keyVaultSecret.because("a key file has exactly 32 bytes")
            }
            return HKDF<SHA256>.deriveKey(
                inputKeyMaterial: SymmetricKey(data: bytes), salt: salt, info: Array("rumdul key vault 1".utf8),
                outputByteCount: 32)
        case (.scrypt, .keyFile): throw RumdulError.keyVaultSecret.because("the vault was closed with a passphrase")
        case (.hkdf, .passphrase): throw RumdulError.keyVaultSecret.because("the vault was closed with a key file")
        }
    }
}

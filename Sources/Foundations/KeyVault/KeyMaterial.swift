import Crypto
import CryptoExtras
import Foundation
import Kernel

/// The secret part of a key, parsed once, so that an operation costs nothing but its arithmetic.
enum KeyMaterial: Sendable {
    case p256(P256.Signing.PrivateKey)
    case p384(P384.Signing.PrivateKey)
    case ed25519(Curve25519.Signing.PrivateKey)
    case rsa(_RSA.Signing.PrivateKey)
    case symmetric(SymmetricKey)

    /// A fresh key. Symmetric keys come from `random`; the others from the generator inside the cryptographic library.
    static func generate(_ algorithm: KeyAlgorithm, random: (Int) -> [UInt8]) throws -> KeyMaterial {
        switch algorithm {
        case .es256: .p256(P256.Signing.PrivateKey())
        case .es384: .p384(P384.Signing.PrivateKey())
        case .eddsa: .ed25519(Curve25519.Signing.PrivateKey())
        case .rs256, .ps256: .rsa(try _RSA.Signing.PrivateKey(keySize: .bits2048))
        case .aes256gcm, .hmacSHA256: .symmetric(SymmetricKey(data: random(32)))
        }
    }

    /// A key from its stored form. Throws `keyvault.format`.
    init(_ algorithm: KeyAlgorithm, stored: [UInt8]) throws {
        do {
            switch algorithm {
            case .es256: self = .p256(try P256.Signing.PrivateKey(rawRepresentation: stored))
            case .es384: self = .p384(try P384.Signing.PrivateKey(rawRepresentation: stored))
            case .eddsa: self = .ed25519(try Curve25519.Signing.PrivateKey(rawRepresentation: stored))
            case .rs256, .ps256: self = .rsa(try _RSA.Signing.PrivateKey(derRepresentation: stored))
            case .aes256gcm, .hmacSHA256:
                guard stored.count == 32 else { throw RumdulError.keyVaultAlgorithm }
                self = .symmetric(SymmetricKey(data: stored))
            }
        } catch {
            throw RumdulError.keyVaultFormat("\(algorithm.rawValue) key does not parse")
        }
    }

    /// The stored form: the scalar, seed or key bytes; PKCS#1 DER for RSA.
    var stored: [UInt8] {
        switch self {
        case .p256(let key): [UInt8](key.rawRepresentation)
        case .p384(let key): [UInt8](key.rawRepresentation)
        case .ed25519(let key): [UInt8](key.rawRepresentation)
        case .rsa(let key): [UInt8](key.derRepresentation)
        case .symmetric(let key): key.withUnsafeBytes { [UInt8]($0) }
        }
    }

    /// The public part, or `nil` for a symmetric key.
    var publicPart: PublicKeyMaterial? {
        switch self {
        case .p256(let key): .p256(key.publicKey)
        case .p384(let key): .p384(key.publicKey)
        case .ed25519(let key): .ed25519(key.publicKey)
        case .rsa(let key): .rsa(key.publicKey)
        case .symmetric: nil
        }
    }

    /// A signature in the form of RFC 7518 section 3. Throws `keyvault.algorithm` for a key that does not sign.
    func sign(_ input: [UInt8], _ algorithm: KeyAlgorithm) throws -> [UInt8] {
        do {
            switch (self, algorithm) {
            case (.p256(let key), .es256): return [UInt8](try key.signature(for: input).rawRepresentation)
            case (.p384(let key), .es384): return [UInt8](try key.signature(for: input).rawRepresentation)
            case (.ed25519(let key), .eddsa): return [UInt8](try key.signature(for: input))
            case (.rsa(let key), .rs256):
                return [UInt8](
                    try key.signature(for: SHA256.hash(data: input), padding: .insecurePKCS1v1_5).rawRepresentation)
            case (.rsa(let key), .ps256):
                return [UInt8](try key.signature(for: SHA256.hash(data: input), padding: .PSS).rawRepresentation)
            default: throw RumdulError.keyVaultAlgorithm
            }
        } catch let error as RumdulError {
            throw error
        } catch {
            throw RumdulError.internal("keyvault.sign: \(error)")
        }
    }

    /// The symmetric key. Throws `keyvault.algorithm` for another kind of key.
    func symmetricKey() throws -> SymmetricKey {
        guard case .symmetric(let key) = self else { throw RumdulError.keyVaultAlgorithm }
        return key
    }
}

/// The public part of a signature key.
enum PublicKeyMaterial: Sendable {
    case p256(P256.Signing.PublicKey)
    case p384(P384.Signing.PublicKey)
    case ed25519(Curve25519.Signing.PublicKey)
    case rsa(_RSA.Signing.PublicKey)

    /// A public key from its stored form. Throws `keyvault.format`.
    init(_ algorithm: KeyAlgorithm, stored: [UInt8]) throws {
        do {
            switch algorithm {
            case .es256: self = .p256(try P256.Signing.PublicKey(x963Representation: stored))
            case .es384: self = .p384(try P384.Signing.PublicKey(x963Representation: stored))
            case .eddsa: self = .ed25519(try Curve25519.Signing.PublicKey(rawRepresentation: stored))
            case .rs256, .ps256: self = .rsa(try _RSA.Signing.PublicKey(derRepresentation: stored))
            case .aes256gcm, .hmacSHA256: throw RumdulError.keyVaultAlgorithm
            }
        } catch {
            throw RumdulError.keyVaultFormat("\(algorithm.rawValue) public key does not parse")
        }
    }

    /// The stored form: the uncompressed point, the 32 bytes of Ed25519, or SubjectPublicKeyInfo for RSA.
    var stored: [UInt8] {
        switch self {
        case .p256(let key): [UInt8](key.x963Representation)
        case .p384(let key): [UInt8](key.x963Representation)
        case .ed25519(let key): [UInt8](key.rawRepresentation)
        case .rsa(let key): [UInt8](key.derRepresentation)
        }
    }
}

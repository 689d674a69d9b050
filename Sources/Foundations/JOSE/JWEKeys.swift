import Codecs
import Crypto
import CryptoExtras
import Foundation
import Kernel

/// An RSA key of the encryption interface. The package declares only the backing as sendable, not the struct around it;
/// the value never changes after it is made.
struct RSAOAEPPublicKey: @unchecked Sendable {
    let key: _RSA.Encryption.PublicKey
}

/// See ``RSAOAEPPublicKey``.
struct RSAOAEPPrivateKey: @unchecked Sendable {
    let key: _RSA.Encryption.PrivateKey
}

/// A recipient's public key (or a shared key), parsed once, to encrypt to.
public struct EncryptionKey: Sendable {
    enum Backing: Sendable {
        case p256(P256.KeyAgreement.PublicKey)
        case p384(P384.KeyAgreement.PublicKey)
        case p521(P521.KeyAgreement.PublicKey)
        case x25519(Curve25519.KeyAgreement.PublicKey)
        case rsa(RSAOAEPPublicKey)
        case symmetric(SymmetricKey)
    }

    let backing: Backing
    /// The JWK.
    public let jwk: JWK
    /// The key management algorithms that the key's type and `alg` allow.
    public let algorithms: Set<JWEAlgorithm>

    /// A key to encrypt to, from a public or symmetric JWK, or from the public part of a private one.
    /// - Throws: `jose.key` when `kty`, `use`, `key_ops` or `alg` do not allow it.
    public init(_ jwk: JWK) throws(RumdulError) {
        let open = jwk.publicKey ?? jwk
        try open.require(use: "enc", anyOf: ["encrypt", "wrapKey", "deriveKey", "deriveBits"])
        self.jwk = open
        algorithms = try JWEAlgorithm.allowed(for: open)
        backing = try JWKMaterial.wrap("not a key for encryption") { try EncryptionKey.backing(open.material) }
    }

    static func backing(_ material: JWK.Material) throws -> Backing {
        switch material {
        case .ec(let curve, let x, let y, _):
            let point = JWKMaterial.point(x, y)
            switch curve {
            case .p256: return .p256(try P256.KeyAgreement.PublicKey(x963Representation: point))
            case .p384: return .p384(try P384.KeyAgreement.PublicKey(x963Representation: point))
            case .p521: return .p521(try P521.KeyAgreement.PublicKey(x963Representation: point))
            }
        case .okp(.x25519, let x, _): return .x25519(try Curve25519.KeyAgreement.PublicKey(rawRepresentation: x))
        case .rsa(let n, let e, _): return .rsa(RSAOAEPPublicKey(key: try _RSA.Encryption.PublicKey(n: n, e: e)))
        case .oct(let k): return .symmetric(SymmetricKey(data: k))
        case .okp(.ed25519, _, _): throw RumdulError.joseKey("this kind of key encrypts nothing")
        }
    }
}

/// A private (or shared) key, parsed once, to decrypt with.
public struct DecryptionKey: Sendable {
    enum Backing: Sendable {
        case p256(P256.KeyAgreement.PrivateKey)
        case p384(P384.KeyAgreement.PrivateKey)
        case p521(P521.KeyAgreement.PrivateKey)
        case x25519(Curve25519.KeyAgreement.PrivateKey)
        case rsa(RSAOAEPPrivateKey)
        case symmetric(SymmetricKey)
    }

    let backing: Backing
    /// The JWK.
    public let jwk: JWK
    /// The key management algorithms that the key's type and `alg` allow.
    public let algorithms: Set<JWEAlgorithm>

    /// `kid`.
    public var keyID: String? { jwk.keyID }

    /// A key to decrypt with, from a private or symmetric JWK.
    /// - Throws: `jose.key` when the key is public, or when `use`, `key_ops` or `alg` do not allow it.
    public init(_ jwk: JWK) throws(RumdulError) {
        try jwk.require(use: "enc", anyOf: ["decrypt", "unwrapKey", "deriveKey", "deriveBits"])
        self.jwk = jwk
        algorithms = try JWEAlgorithm.allowed(for: jwk)
        backing = try JWKMaterial.wrap("not a key for decryption") { try DecryptionKey.backing(jwk.material) }
    }

    private static func backing(_ material: JWK.Material) throws -> Backing {
        switch material {
        case .ec(.p256, _, _, let d?): return .p256(try P256.KeyAgreement.PrivateKey(rawRepresentation: d))
        case .ec(.p384, _, _, let d?): return .p384(try P384.KeyAgreement.PrivateKey(rawRepresentation: d))
        case .ec(.p521, _, _, let d?): return .p521(try P521.KeyAgreement.PrivateKey(rawRepresentation: d))
        case .okp(.x25519, _, let d?): return .x25519(try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: d))
        case .rsa(let n, let e, let secret?):
            let key = try _RSA.Encryption.PrivateKey(n: n, e: e, d: secret.d, p: secret.p, q: secret.q)
            return .rsa(RSAOAEPPrivateKey(key: key))
        case .oct(let k): return .symmetric(SymmetricKey(data: k))
        default: throw RumdulError.joseKey("not a private encryption key")
        }
    }

    /// A new P-256 key for ECDH-ES from the system's generator, identified by its thumbprint, with `use` `enc` and
    /// `alg`.
    /// - Throws: `jose.key` when the algorithm is none of the ECDH-ES family.
    public static func generate(_ algorithm: JWEAlgorithm = .ecdhESA256KW) throws(RumdulError) -> DecryptionKey {
        var jwk = try JWK(.p256(P256.Signing.PrivateKey()), use: "enc", algorithm: algorithm.rawValue)
        jwk.keyID = jwk.thumbprintText
        return try DecryptionKey(jwk)
    }
}

extension JWEAlgorithm {
    /// The algorithms that a key's type, length and `alg` allow.
    static func allowed(for jwk: JWK) throws(RumdulError) -> Set<JWEAlgorithm> {
        let byType: Set<JWEAlgorithm>
        switch jwk.material {
        case .ec, .okp(.x25519, _, _): byType = [.ecdhES, .ecdhESA128KW, .ecdhESA192KW, .ecdhESA256KW]
        case .rsa: byType = [.rsaOAEP256, .rsaOAEP]
        case .oct(let k):
            var fitting: Set<JWEAlgorithm> = [.direct]
            for algorithm in [JWEAlgorithm.a128KW, .a192KW, .a256KW] where algorithm.wrappingKeySize == k.count {
                fitting.insert(algorithm)
            }
            // `alg` may name the content encryption, when the key is used directly (RFC 7517 section 4.4).
            if let name = jwk.algorithm, let content = JWEEncryption(rawValue: name) {
                guard content.keySize == k.count else { throw .joseKey("the key has the wrong length") }
                return [.direct]
            }
            byType = fitting
        case .okp(.ed25519, _, _): byType = []
        }
        guard let name = jwk.algorithm else { return byType }
        guard let algorithm = JWEAlgorithm(rawValue: name), byType.contains(algorithm) else {
            throw .joseKey("alg does not fit the key")
        }
        return [algorithm]
    }
}

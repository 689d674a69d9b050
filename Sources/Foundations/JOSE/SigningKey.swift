import Codecs
import Crypto
import CryptoExtras
import Foundation
import Kernel

/// Whoever makes signatures: a key in memory, or a key in a hardware module that answers later and may fail.
public protocol JWSSigner: Sendable {
    /// The algorithm of the signatures.
    var algorithm: JWSAlgorithm { get }
    /// The `kid` that goes into the header; empty for none.
    var keyID: String { get }
    /// A signature over the signing input, in the JOSE form of RFC 7518 section 3 (for ECDSA: R and S, each in the
    /// length of the curve's order, joined).
    func sign(_ input: [UInt8]) async throws -> [UInt8]
}

/// A private key, parsed once, that signs with one algorithm.
public struct SigningKey: Sendable {
    private enum Backing: Sendable {
        case p256(P256.Signing.PrivateKey)
        case p384(P384.Signing.PrivateKey)
        case p521(P521.Signing.PrivateKey)
        case ed25519(Curve25519.Signing.PrivateKey)
        case rsa(_RSA.Signing.PrivateKey)
    }

    private let backing: Backing
    /// The private JWK.
    public let jwk: JWK
    /// The algorithm it signs with.
    public let algorithm: JWSAlgorithm

    /// A key for signing.
    /// - Parameters:
    ///   - jwk: a private key.
    ///   - algorithm: the algorithm to sign with; may be left out when the key's type and `alg` leave one choice.
    /// - Throws: `jose.key` when the key is public, or when `use`, `key_ops` or `alg` do not allow it.
    public init(_ jwk: JWK, algorithm: JWSAlgorithm? = nil) throws(RumdulError) {
        try jwk.require(use: "sig", anyOf: ["sign"])
        let allowed = try JWSAlgorithm.allowed(for: jwk)
        guard let chosen = algorithm ?? (allowed.count == 1 ? allowed.first : nil), allowed.contains(chosen) else {
            throw .joseKey("the key does not say, or does not allow, the algorithm")
        }
        self.jwk = jwk
        self.algorithm = chosen
        backing = try JWKMaterial.wrap("not a private key") { try SigningKey.backing(jwk.material) }
    }

    private static func backing(_ material: JWK.Material) throws -> Backing {
        switch material {
        case .ec(.p256, _, _, let d?): .p256(try P256.Signing.PrivateKey(rawRepresentation: d))
        case .ec(.p384, _, _, let d?): .p384(try P384.Signing.PrivateKey(rawRepresentation: d))
        case .ec(.p521, _, _, let d?): .p521(try P521.Signing.PrivateKey(rawRepresentation: d))
        case .okp(.ed25519, _, let d?): .ed25519(try Curve25519.Signing.PrivateKey(rawRepresentation: d))
        case .rsa(let n, let e, let secret?):
            .rsa(try _RSA.Signing.PrivateKey(n: n, e: e, d: secret.d, p: secret.p, q: secret.q))
        default: throw RumdulError.joseKey("not a private signature key")
        }
    }

    /// A new key from the system's generator, identified by its thumbprint, with `use` `sig` and `alg`.
    /// - Parameter algorithm: any but the RSA family, whose keys come from outside.
    /// - Throws: `jose.key` for an RSA algorithm.
    public static func generate(_ algorithm: JWSAlgorithm) throws(RumdulError) -> SigningKey {
        let material: JWK.Material
        switch algorithm {
        case .es256: material = .p256(P256.Signing.PrivateKey())
        case .es384: material = .p384(P384.Signing.PrivateKey())
        case .es512: material = .p521(P521.Signing.PrivateKey())
        case .edDSA:
            let key = Curve25519.Signing.PrivateKey()
            material = .okp(.ed25519, x: Array(key.publicKey.rawRepresentation), d: Array(key.rawRepresentation))
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: throw .joseKey("RSA keys are not generated here")
        }
        var jwk = try JWK(material, use: "sig", algorithm: algorithm.rawValue)
        jwk.keyID = jwk.thumbprintText
        return try SigningKey(jwk)
    }

    /// The key that checks this key's signatures.
    /// - Throws: never for a key that could be made; the type says `jose.key`.
    public func verificationKey() throws(RumdulError) -> VerificationKey { try VerificationKey(jwk) }

    /// A signature in its JOSE form.
    /// - Throws: `jose.key` when the library refuses to sign.
    public func signature(for input: some DataProtocol) throws(RumdulError) -> [UInt8] {
        try JWKMaterial.wrap("signing failed") {
            switch backing {
            case .p256(let key): Array(try key.signature(for: SHA256.hash(data: input)).rawRepresentation)
            case .p384(let key): Array(try key.signature(for: SHA384.hash(data: input)).rawRepresentation)
            case .p521(let key): Array(try key.signature(for: SHA512.hash(data: input)).rawRepresentation)
            case .ed25519(let key): Array(try key.signature(for: input))
            case .rsa(let key): try RSASignatures.sign(input, algorithm: algorithm, key: key)
            }
        }
    }
}

extension JWK.Material {
    /// The numbers of a P-256 private key.
    public static func p256(_ key: P256.Signing.PrivateKey) -> JWK.Material {
        .ec(.p256, d: Array(key.rawRepresentation), raw: Array(key.publicKey.rawRepresentation))
    }

    /// The numbers of a P-384 private key.
    public static func p384(_ key: P384.Signing.PrivateKey) -> JWK.Material {
        .ec(.p384, d: Array(key.rawRepresentation), raw: Array(key.publicKey.rawRepresentation))
    }

    /// The numbers of a P-521 private key.
    public static func p521(_ key: P521.Signing.PrivateKey) -> JWK.Material {
        .ec(.p521, d: Array(key.rawRepresentation), raw: Array(key.publicKey.rawRepresentation))
    }

    /// The numbers of a P-256 public key.
    public static func p256(_ key: P256.Signing.PublicKey) -> JWK.Material {
        .ec(.p256, d: nil, raw: Array(key.rawRepresentation))
    }

    /// A key from X and Y joined.
    private static func ec(_ curve: JWK.Curve, d: [UInt8]?, raw: [UInt8]) -> JWK.Material {
        .ec(curve, x: Array(raw.prefix(curve.size)), y: Array(raw.suffix(curve.size)), d: d)
    }
}

/// A signer whose key is in memory.
public struct SoftwareSigner: JWSSigner {
    /// The key.
    public let key: SigningKey
    public let keyID: String

    public var algorithm: JWSAlgorithm { key.algorithm }

    /// A signer for a private key; `kid` is the key's, else its thumbprint.
    public init(_ key: SigningKey) {
        self.key = key
        keyID = key.jwk.keyID ?? key.jwk.thumbprintText
    }

    /// A signer for a key under another `kid`; empty for none.
    public init(_ key: SigningKey, keyID: String) {
        self.key = key
        self.keyID = keyID
    }

    /// A signer for a private JWK.
    /// - Throws: `jose.key`.
    public init(jwk: JWK, algorithm: JWSAlgorithm? = nil) throws(RumdulError) {
        self.init(try SigningKey(jwk, algorithm: algorithm))
    }

    public func sign(_ input: [UInt8]) async throws -> [UInt8] { try key.signature(for: input) }
}

import Codecs
import Crypto
import CryptoExtras
import Foundation
import Kernel

/// A public key, parsed once, that checks signatures. It knows which algorithms it may serve.
public struct VerificationKey: Sendable {
    private enum Backing: Sendable {
        case p256(P256.Signing.PublicKey)
        case p384(P384.Signing.PublicKey)
        case p521(P521.Signing.PublicKey)
        case ed25519(Curve25519.Signing.PublicKey)
        case rsa(_RSA.Signing.PublicKey, size: Int)
    }

    private let backing: Backing
    /// The public JWK.
    public let jwk: JWK
    /// The algorithms this key may serve: those of its type and curve, or the one that its `alg` names.
    public let algorithms: Set<JWSAlgorithm>

    /// `kid`.
    public var keyID: String? { jwk.keyID }

    /// A key for verification from a public JWK, or from the public part of a private one.
    /// - Throws: `jose.key` when `kty`, `use`, `key_ops` or `alg` do not allow it.
    public init(_ jwk: JWK) throws(RumdulError) {
        guard let open = jwk.publicKey else { throw .joseKey("a symmetric key verifies no signatures") }
        try open.require(use: "sig", anyOf: ["verify"])
        self.jwk = open
        switch open.material {
        case .ec(let curve, let x, let y, _):
            let point = JWKMaterial.point(x, y)
            backing = try JWKMaterial.wrap("the point is not on the curve") {
                switch curve {
                case .p256: .p256(try P256.Signing.PublicKey(x963Representation: point))
                case .p384: .p384(try P384.Signing.PublicKey(x963Representation: point))
                case .p521: .p521(try P521.Signing.PublicKey(x963Representation: point))
                }
            }
        case .okp(.ed25519, let x, _):
            backing = .ed25519(
                try JWKMaterial.wrap("not an Ed25519 key") { try Curve25519.Signing.PublicKey(rawRepresentation: x) })
        case .rsa(let n, let e, _):
            backing = .rsa(
                try JWKMaterial.wrap("not an RSA key") { try _RSA.Signing.PublicKey(n: n, e: e) }, size: n.count)
        case .okp(.x25519, _, _), .oct: throw .joseKey("this kind of key signs nothing")
        }
        algorithms = try JWSAlgorithm.allowed(for: open)
    }

    /// True when the signature in its JOSE form (RFC 7518 section 3) is valid and the algorithm is one of this key's.
    public func isValid(_ signature: [UInt8], for input: some DataProtocol, algorithm: JWSAlgorithm) -> Bool {
        guard algorithms.contains(algorithm) else { return false }
        switch backing {
        case .p256(let key):
            guard let value = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
            return key.isValidSignature(value, for: SHA256.hash(data: input))
        case .p384(let key):
            guard let value = try? P384.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
            return key.isValidSignature(value, for: SHA384.hash(data: input))
        case .p521(let key):
            guard let value = try? P521.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
            return key.isValidSignature(value, for: SHA512.hash(data: input))
        case .ed25519(let key):
            return signature.count == 64 && key.isValidSignature(signature, for: input)
        case .rsa(let key, let size):
            guard signature.count == size else { return false }
            return RSASignatures.isValid(signature, for: input, algorithm: algorithm, key: key)
        }
    }
}

extension JWSAlgorithm {
    /// The algorithms that a key's type, curve and `alg` allow.
    static func allowed(for jwk: JWK) throws(RumdulError) -> Set<JWSAlgorithm> {
        let byType: Set<JWSAlgorithm>
        switch jwk.material {
        case .ec(.p256, _, _, _): byType = [.es256]
        case .ec(.p384, _, _, _): byType = [.es384]
        case .ec(.p521, _, _, _): byType = [.es512]
        case .okp(.ed25519, _, _): byType = [.edDSA]
        case .rsa: byType = [.rs256, .rs384, .rs512, .ps256, .ps384, .ps512]
        case .okp(.x25519, _, _), .oct: byType = []
        }
        guard let name = jwk.algorithm else { return byType }
        guard let algorithm = JWSAlgorithm(rawValue: name), byType.contains(algorithm) else {
            throw .joseKey("alg does not fit the key")
        }
        return [algorithm]
    }
}

/// RSA in its two paddings and three hashes.
enum RSASignatures {
    static func isValid(
        _ signature: [UInt8], for input: some DataProtocol, algorithm: JWSAlgorithm, key: _RSA.Signing.PublicKey
    ) -> Bool {
        let value = _RSA.Signing.RSASignature(rawRepresentation: signature)
        switch algorithm {
        case .rs256: return key.isValidSignature(value, for: SHA256.hash(data: input), padding: .insecurePKCS1v1_5)
        case .rs384: return key.isValidSignature(value, for: SHA384.hash(data: input), padding: .insecurePKCS1v1_5)
        case .rs512: return key.isValidSignature(value, for: SHA512.hash(data: input), padding: .insecurePKCS1v1_5)
        case .ps256: return key.isValidSignature(value, for: SHA256.hash(data: input), padding: .PSS)
        case .ps384: return key.isValidSignature(value, for: SHA384.hash(data: input), padding: .PSS)
        case .ps512: return key.isValidSignature(value, for: SHA512.hash(data: input), padding: .PSS)
        case .es256, .es384, .es512, .edDSA: return false
        }
    }

    static func sign(
        _ input: some DataProtocol, algorithm: JWSAlgorithm, key: _RSA.Signing.PrivateKey
    ) throws -> [UInt8] {
        let signature: _RSA.Signing.RSASignature
        switch algorithm {
        case .rs256: signature = try key.signature(for: SHA256.hash(data: input), padding: .insecurePKCS1v1_5)
        case .rs384: signature = try key.signature(for: SHA384.hash(data: input), padding: .insecurePKCS1v1_5)
        case .rs512: signature = try key.signature(for: SHA512.hash(data: input), padding: .insecurePKCS1v1_5)
        case .ps256: signature = try key.signature(for: SHA256.hash(data: input), padding: .PSS)
        case .ps384: signature = try key.signature(for: SHA384.hash(data: input), padding: .PSS)
        case .ps512: signature = try key.signature(for: SHA512.hash(data: input), padding: .PSS)
        case .es256, .es384, .es512, .edDSA: throw RumdulError.joseAlgorithm("not an RSA algorithm")
        }
        return Array(signature.rawRepresentation)
    }
}

/// The public keys of one party, parsed once, found by `kid`.
public struct VerificationKeySet: Sendable {
    /// The keys that can verify signatures.
    public let keys: [VerificationKey]
    private let byIdentifier: [String: Int]

    /// The keys of a set that can verify signatures; keys for other uses are left out.
    public init(_ set: JWKSet) {
        // A key that is not for signatures is no error here: sets hold keys for several uses.
        self.init(keys: set.keys.compactMap { try? VerificationKey($0) })
    }

    /// A set with one key, used whatever `kid` says.
    public init(_ key: VerificationKey) { self.init(keys: [key], byIdentifier: [:]) }

    private init(keys: [VerificationKey]) {
        var byIdentifier: [String: Int] = [:]
        for (index, key) in keys.enumerated() { if let id = key.keyID { byIdentifier[id] = index } }
        self.init(keys: keys, byIdentifier: byIdentifier)
    }

    private init(keys: [VerificationKey], byIdentifier: [String: Int]) {
        self.keys = keys
        self.byIdentifier = byIdentifier
    }

    /// The one key for a header: by `kid`; without `kid`, the only key that may serve the algorithm.
    /// - Throws: `jose.kid`.
    public func key(for keyID: String?, algorithm: JWSAlgorithm) throws(RumdulError) -> VerificationKey {
        if let keyID, !byIdentifier.isEmpty {
            guard let index = byIdentifier[keyID] else { throw .joseKeyID("no key with this kid") }
            return keys[index]
        }
        let fitting = keys.filter { $0.algorithms.contains(algorithm) }
        guard fitting.count == 1 else { throw .joseKeyID("\(fitting.count) keys fit") }
        return fitting[0]
    }
}

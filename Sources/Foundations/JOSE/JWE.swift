import Codecs
import Crypto
import CryptoExtras
import Foundation
import Kernel

/// JSON Web Encryption in compact serialisation (RFC 7516).
public struct JWE: Sendable {
    /// The protected header. Until ``decrypt(with:policy:understood:)`` has succeeded nothing in it is proven.
    public let header: JOSEHeader
    /// `enc`.
    public let encryption: JWEEncryption
    /// The additional authenticated data: the encoded header as ASCII.
    private let additional: [UInt8]
    private let encryptedKey: [UInt8]
    private let content: ContentEncryption.Sealed

    /// Parses a compact serialisation: exactly five parts, canonical base64url, a strict header without `zip`.
    /// - Throws: `jose.malformed`, `jose.algorithm`, `jose.too_large`.
    public static func parse(_ compact: String, maximumSize: Int = 1 << 18) throws(RumdulError) -> JWE {
        guard compact.utf8.count <= maximumSize else { throw .joseTooLarge("message") }
        let parts = Array(compact.utf8).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 5 else { throw .joseMalformed("not five parts") }
        let header = try JOSEHeader.parse(encoded: parts[0])
        var decoded: [[UInt8]] = []
        for part in parts.dropFirst() {
            guard let bytes = Base64URL.decode(ascii: part) else { throw .joseMalformed("a part is no base64url") }
            decoded.append(bytes)
        }
        guard let name = header.parameters["enc"]?.stringValue else { throw .joseMalformed("enc is missing") }
        guard let encryption = JWEEncryption(rawValue: name) else { throw .joseAlgorithm("enc is not supported") }
        // Compression before encryption leaks lengths and invites decompression bombs (RFC 8725 section 3.6).
        guard !header.parameters.has("zip") else { throw .joseAlgorithm("zip is not accepted") }
        return JWE(
            header: header, encryption: encryption, additional: Array(parts[0]), encryptedKey: decoded[0],
            content: ContentEncryption.Sealed(iv: decoded[1], ciphertext: decoded[2], tag: decoded[3]))
    }

    /// Parses and decrypts a compact serialisation.
    /// - Throws: `jose.*`; every failure of decryption is the same `jose.decrypt`.
    public static func decrypt(
        _ compact: String, with key: DecryptionKey, policy: JWEPolicy = .standard
    ) throws(RumdulError) -> [UInt8] {
        try parse(compact, maximumSize: policy.maximumSize).decrypt(with: key, policy: policy)
    }

    /// The plaintext.
    /// - Parameters:
    ///   - key: the recipient's key; the caller has chosen it, for instance by the header's `kid`.
    ///   - policy: the accepted algorithms.
    ///   - understood: critical header parameters that the caller processes itself.
    /// - Throws: `jose.algorithm`, `jose.crit`, `jose.key` for a malformed `epk`, else `jose.decrypt`.
    public func decrypt(
        with key: DecryptionKey, policy: JWEPolicy = .standard, understood: Set<String> = []
    ) throws(RumdulError) -> [UInt8] {
        guard let algorithm = JWEAlgorithm(rawValue: header.algorithm), policy.algorithms.contains(algorithm),
            policy.encryptions.contains(encryption)
        else { throw .joseAlgorithm("not on the allow-list") }
        guard key.algorithms.contains(algorithm) else { throw .joseAlgorithm("does not fit the key") }
        if algorithm == .direct, let name = key.jwk.algorithm, let only = JWEEncryption(rawValue: name) {
            guard only == encryption else { throw .joseAlgorithm("does not fit the key") }
        }
        try header.requireUnderstood(understood)
        let contentKey = try self.contentKey(algorithm, key)
        do {
            return try ContentEncryption.open(
                content, key: contentKey, additional: additional, encryption: encryption)
        } catch {
            throw .joseDecryption
        }
    }

    private func contentKey(_ algorithm: JWEAlgorithm, _ key: DecryptionKey) throws(RumdulError) -> [UInt8] {
        switch algorithm {
        case .direct:
            guard encryptedKey.isEmpty, case .symmetric(let shared) = key.backing else { throw .joseDecryption }
            return shared.withUnsafeBytes { Array($0) }
        case .ecdhES:
            guard encryptedKey.isEmpty else { throw .joseDecryption }
            return try agreedKey(key, algorithmID: encryption.rawValue, size: encryption.keySize)
        case .ecdhESA128KW, .ecdhESA192KW, .ecdhESA256KW:
            let size = algorithm.wrappingKeySize ?? 0
            let wrapping = try agreedKey(key, algorithmID: algorithm.rawValue, size: size)
            return try unwrapped(with: SymmetricKey(data: wrapping))
        case .a128KW, .a192KW, .a256KW:
            guard case .symmetric(let shared) = key.backing else { throw .joseDecryption }
            return try unwrapped(with: shared)
        case .rsaOAEP, .rsaOAEP256:
            guard case .rsa(let secret) = key.backing else { throw .joseDecryption }
            // RFC 7516 section 11.5: a key that cannot be unwrapped is replaced by a random one, so that the failure
            // shows only where a wrong tag would show.
            let spare = SymmetricKey(size: SymmetricKeySize(bitCount: encryption.keySize * 8))
            let found = (try? KeyWrapping.decrypt(encryptedKey, with: secret, algorithm: algorithm)) ?? []
            return found.count == encryption.keySize ? found : spare.withUnsafeBytes { Array($0) }
        }
    }

    private func unwrapped(with key: SymmetricKey) throws(RumdulError) -> [UInt8] {
        do { return try KeyWrapping.unwrap(encryptedKey, with: key, size: encryption.keySize) } catch {
            throw .joseDecryption
        }
    }

    private func agreedKey(
        _ key: DecryptionKey, algorithmID: String, size: Int
    ) throws(RumdulError) -> [UInt8] {
        guard let object = header.parameters.object("epk") else { throw .joseMalformed("epk is missing") }
        // Reading the key checks that the point is on the curve.
        let ephemeral = try JWK(object)
        guard !ephemeral.isSecret else { throw .joseKey("epk is secret") }
        let partyU = try party("apu")
        let partyV = try party("apv")
        let secret: SharedSecret
        do { secret = try KeyAgreement.secret(key.backing, EncryptionKey.backing(ephemeral.material)) } catch {
            throw .joseDecryption
        }
        return ConcatKDF.derive(secret, algorithm: algorithmID, partyU: partyU, partyV: partyV, size: size)
    }

    private func party(_ name: String) throws(RumdulError) -> [UInt8] {
        guard let value = header.parameters[name] else { return [] }
        guard let bytes = value.stringValue.flatMap({ Base64URL.decode($0) }) else {
            throw .joseMalformed("\(name) is no base64url")
        }
        return bytes
    }
}

/// How a content key travels under another key.
enum KeyWrapping {
    /// AES key wrap (RFC 3394) of a key of known length.
    static func unwrap(_ wrapped: [UInt8], with key: SymmetricKey, size: Int) throws -> [UInt8] {
        guard wrapped.count == size + 8, size >= 16, size % 8 == 0 else { throw RumdulError.joseDecryption }
        return try AES.KeyWrap.unwrap(wrapped, using: key).withUnsafeBytes { Array($0) }
    }

    /// RSAES-OAEP (RFC 8017 section 7.1) with an empty label.
    static func decrypt(_ wrapped: [UInt8], with key: RSAOAEPPrivateKey, algorithm: JWEAlgorithm) throws -> [UInt8] {
        guard wrapped.count == (key.key.keySizeInBits + 7) / 8 else { throw RumdulError.joseDecryption }
        let padding: _RSA.Encryption.Padding = algorithm == .rsaOAEP ? .PKCS1_OAEP : .PKCS1_OAEP_SHA256
        return Array(try key.key.decrypt(wrapped, padding: padding))
    }
}

/// Diffie-Hellman between keys of the same curve.
enum KeyAgreement {
    static func secret(_ own: DecryptionKey.Backing, _ other: EncryptionKey.Backing) throws -> SharedSecret {
        switch (own, other) {
        case (.p256(let a), .p256(let b)): return try a.sharedSecretFromKeyAgreement(with: b)
        case (.p384(let a), .p384(let b)): return try a.sharedSecretFromKeyAgreement(with: b)
        case (.p521(let a), .p521(let b)): return try a.sharedSecretFromKeyAgreement(with: b)
        case (.x25519(let a), .x25519(let b)):
            let secret = try a.sharedSecretFromKeyAgreement(with: b)
            // A point of low order gives zeros whatever our key is (RFC 7748 section 6.1); the library lets it pass.
            let gathered = secret.withUnsafeBytes { $0.reduce(0) { $0 | $1 } }
            guard gathered != 0 else { throw RumdulError.joseDecryption }
            return secret
        default: throw RumdulError.joseDecryption
        }
    }

    /// A fresh key on the recipient's curve: its public JWK and the shared secret.
    static func ephemeral(for other: EncryptionKey.Backing) throws -> (epk: JWK, secret: SharedSecret) {
        switch other {
        case .p256(let key):
            let own = P256.KeyAgreement.PrivateKey()
            let point = Array(own.publicKey.rawRepresentation)
            return (epk(.p256, point), try own.sharedSecretFromKeyAgreement(with: key))
        case .p384(let key):
            let own = P384.KeyAgreement.PrivateKey()
            let point = Array(own.publicKey.rawRepresentation)
            return (epk(.p384, point), try own.sharedSecretFromKeyAgreement(with: key))
        case .p521(let key):
            let own = P521.KeyAgreement.PrivateKey()
            let point = Array(own.publicKey.rawRepresentation)
            return (epk(.p521, point), try own.sharedSecretFromKeyAgreement(with: key))
        case .x25519:
            let own = Curve25519.KeyAgreement.PrivateKey()
            let material = JWK.Material.okp(.x25519, x: Array(own.publicKey.rawRepresentation), d: nil)
            return (fresh(material), try secret(.x25519(own), other))
        case .rsa, .symmetric: throw RumdulError.joseAlgorithm("does not fit the key")
        }
    }

    private static func epk(_ curve: JWK.Curve, _ point: [UInt8]) -> JWK {
        fresh(.ec(curve, x: Array(point.prefix(curve.size)), y: Array(point.suffix(curve.size)), d: nil))
    }

    private static func fresh(_ material: JWK.Material) -> JWK {
        JWK(checked: material, keyID: nil, use: nil, operations: nil, algorithm: nil, additional: [:])
    }
}

import Codecs
import Crypto
import CryptoExtras
import Foundation
import Kernel

extension JWE {
    /// Encrypts to one recipient; content key, IV and ephemeral key come from the system's generator.
    /// - Parameters:
    ///   - key: the recipient's key; its `kid` goes into the header.
    ///   - algorithm: the key management algorithm.
    ///   - encryption: the content encryption algorithm.
    ///   - type: `typ`.
    ///   - contentType: `cty`; `JWT` for a nested token.
    ///   - additional: further header parameters; those that this function sets cannot be replaced.
    /// - Returns: the compact serialisation.
    /// - Throws: `jose.algorithm` when the algorithm does not fit the key, `jose.key` when the library refuses.
    public static func encrypt(
        _ plaintext: [UInt8], to key: EncryptionKey, algorithm: JWEAlgorithm, encryption: JWEEncryption,
        type: String? = nil, contentType: String? = nil, additional: JSONObject = [:]
    ) throws(RumdulError) -> String {
        guard key.algorithms.contains(algorithm) else { throw .joseAlgorithm("does not fit the key") }
        var header: JSONObject = ["alg": .string(algorithm.rawValue), "enc": .string(encryption.rawValue)]
        if let keyID = key.jwk.keyID { header["kid"] = .string(keyID) }
        if let type { header["typ"] = .string(type) }
        if let contentType { header["cty"] = .string(contentType) }
        let refused: Set<String> = ["alg", "enc", "kid", "epk", "apu", "apv", "zip", "typ", "cty", "crit"]
        for member in additional.members where !refused.contains(member.name) { header[member.name] = member.value }
        return try JWKMaterial.wrap("encryption failed") {
            let (contentKey, encryptedKey) = try wrapContentKey(key, algorithm, encryption, &header)
            var message: [UInt8] = []
            Base64URL.append(JSON.bytes(header), to: &message)
            let sealed = try ContentEncryption.seal(
                plaintext, key: contentKey, additional: message, encryption: encryption)
            for part in [encryptedKey, sealed.iv, sealed.ciphertext, sealed.tag] {
                message.append(UInt8(ascii: "."))
                Base64URL.append(part, to: &message)
            }
            return String(decoding: message, as: UTF8.self)
        }
    }

    /// The content key and how it travels; puts `epk` into the header where there is one.
    private static func wrapContentKey(
        _ key: EncryptionKey, _ algorithm: JWEAlgorithm, _ encryption: JWEEncryption, _ header: inout JSONObject
    ) throws -> (contentKey: [UInt8], encryptedKey: [UInt8]) {
        let fresh = SymmetricKey(size: SymmetricKeySize(bitCount: encryption.keySize * 8))
        let contentKey = fresh.withUnsafeBytes { Array($0) }
        switch algorithm {
        case .direct:
            guard case .symmetric(let shared) = key.backing, shared.bitCount == encryption.keySize * 8 else {
                throw RumdulError.joseAlgorithm("does not fit the key")
            }
            return (shared.withUnsafeBytes { Array($0) }, [])
        case .ecdhES:
            return (try agree(key, encryption.rawValue, encryption.keySize, &header), [])
        case .ecdhESA128KW, .ecdhESA192KW, .ecdhESA256KW:
            let wrapping = try agree(key, algorithm.rawValue, algorithm.wrappingKeySize ?? 0, &header)
            return (contentKey, Array(try AES.KeyWrap.wrap(fresh, using: SymmetricKey(data: wrapping))))
        case .a128KW, .a192KW, .a256KW:
            guard case .symmetric(let shared) = key.backing else {
                throw RumdulError.joseAlgorithm("does not fit the key")
            }
            return (contentKey, Array(try AES.KeyWrap.wrap(fresh, using: shared)))
        case .rsaOAEP, .rsaOAEP256:
            guard case .rsa(let open) = key.backing else {
                throw RumdulError.joseAlgorithm("does not fit the key")
            }
            let padding: _RSA.Encryption.Padding = algorithm == .rsaOAEP ? .PKCS1_OAEP : .PKCS1_OAEP_SHA256
            return (contentKey, Array(try open.key.encrypt(contentKey, padding: padding)))
        }
    }

    private static func agree(
        _ key: EncryptionKey, _ algorithmID: String, _ size: Int, _ header: inout JSONObject
    ) throws -> [UInt8] {
        let (epk, secret) = try KeyAgreement.ephemeral(for: key.backing)
        header["epk"] = .object(epk.json)
        return ConcatKDF.derive(secret, algorithm: algorithmID, partyU: [], partyV: [], size: size)
    }
}

import Crypto
import CryptoExtras
import Foundation
import Kernel

/// The authenticated encryption of a JWE's content (RFC 7518 section 5).
enum ContentEncryption {
    struct Sealed {
        var iv: [UInt8]
        var ciphertext: [UInt8]
        var tag: [UInt8]
    }

    static func seal(
        _ plaintext: [UInt8], key: [UInt8], additional: [UInt8], encryption: JWEEncryption
    ) throws -> Sealed {
        switch encryption {
        case .a128GCM, .a192GCM, .a256GCM:
            let box = try AES.GCM.seal(plaintext, using: SymmetricKey(data: key), authenticating: additional)
            return Sealed(iv: Array(box.nonce), ciphertext: Array(box.ciphertext), tag: Array(box.tag))
        case .a128CBCHS256, .a192CBCHS384, .a256CBCHS512:
            let (macKey, cipherKey) = halves(key)
            let iv = AES._CBC.IV()
            let ciphertext = Array(try AES._CBC.encrypt(plaintext, using: SymmetricKey(data: cipherKey), iv: iv))
            let tag = tag(macKey, additional, Array(iv), ciphertext, encryption)
            return Sealed(iv: Array(iv), ciphertext: ciphertext, tag: tag)
        }
    }

    /// - Throws: anything; the caller turns it into one error.
    static func open(
        _ sealed: Sealed, key: [UInt8], additional: [UInt8], encryption: JWEEncryption
    ) throws -> [UInt8] {
        guard key.count == encryption.keySize else { throw RumdulError.joseDecryption }
        switch encryption {
        case .a128GCM, .a192GCM, .a256GCM:
            guard sealed.iv.count == 12, sealed.tag.count == 16 else { throw RumdulError.joseDecryption }
            let box = try AES.GCM.SealedBox(
                nonce: AES.GCM.Nonce(data: sealed.iv), ciphertext: sealed.ciphertext, tag: sealed.tag)
            return Array(try AES.GCM.open(box, using: SymmetricKey(data: key), authenticating: additional))
        case .a128CBCHS256, .a192CBCHS384, .a256CBCHS512:
            let length = sealed.ciphertext.count
            guard sealed.iv.count == 16, length > 0, length % 16 == 0 else { throw RumdulError.joseDecryption }
            let (macKey, cipherKey) = halves(key)
            let expected = tag(macKey, additional, sealed.iv, sealed.ciphertext, encryption)
            guard constantTimeEquals(expected, sealed.tag) else { throw RumdulError.joseDecryption }
            let iv = try AES._CBC.IV(ivBytes: sealed.iv)
            return Array(try AES._CBC.decrypt(sealed.ciphertext, using: SymmetricKey(data: cipherKey), iv: iv))
        }
    }

    private static func halves(_ key: [UInt8]) -> (mac: [UInt8], cipher: [UInt8]) {
        (Array(key.prefix(key.count / 2)), Array(key.suffix(key.count / 2)))
    }

    /// RFC 7518 section 5.2.2.1: the code over additional data, IV, ciphertext and the bit length of the additional
    /// data, cut to half.
    private static func tag(
        _ key: [UInt8], _ additional: [UInt8], _ iv: [UInt8], _ ciphertext: [UInt8], _ encryption: JWEEncryption
    ) -> [UInt8] {
        let bits = UInt64(additional.count) * 8
        let length = (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * UInt64($0))) }
        let input = additional + iv + ciphertext + length
        let secret = SymmetricKey(data: key)
        switch encryption {
        case .a192CBCHS384: return Array(Array(HMAC<SHA384>.authenticationCode(for: input, using: secret)).prefix(24))
        case .a256CBCHS512: return Array(Array(HMAC<SHA512>.authenticationCode(for: input, using: secret)).prefix(32))
        default: return Array(Array(HMAC<SHA256>.authenticationCode(for: input, using: secret)).prefix(16))
        }
    }
}

/// The Concat KDF of NIST SP 800-56A as RFC 7518 section 4.6.2 uses it.
enum ConcatKDF {
    static func derive(
        _ secret: SharedSecret, algorithm: String, partyU: [UInt8], partyV: [UInt8], size: Int
    ) -> [UInt8] {
        var info = prefixed(Array(algorithm.utf8)) + prefixed(partyU) + prefixed(partyV)
        info += big(UInt32(size) * 8)
        var output: [UInt8] = []
        var round: UInt32 = 1
        while output.count < size {
            var hash = SHA256()
            hash.update(data: big(round))
            secret.withUnsafeBytes { hash.update(bufferPointer: $0) }
            hash.update(data: info)
            output += Array(hash.finalize())
            round += 1
        }
        return Array(output.prefix(size))
    }

    private static func prefixed(_ bytes: [UInt8]) -> [UInt8] { big(UInt32(bytes.count)) + bytes }

    private static func big(_ value: UInt32) -> [UInt8] {
        [UInt8(value >> 24), UInt8(value >> 16 & 0xFF), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)]
    }
}

import Codecs
import Crypto
import Foundation
import Kernel

/// The form of sealed bytes: `version (1) || key id (8) || nonce (12) || ciphertext || tag (16)`.
///
/// The version and the key id are authenticated together with the context. Nonces are random, so one key seals at most
/// 2^32 messages (NIST SP 800-38D section 8.3): `KeyRotation` renews keys long before.
enum SealedBytes {
    static let version: UInt8 = 1
    static let keyIDLength = 8
    static let nonceLength = 12
    static let tagLength = 16
    static let headerLength = 1 + keyIDLength
    /// Bytes that sealing adds.
    static let overhead = headerLength + nonceLength + tagLength

    static func seal(
        _ plaintext: [UInt8], key: SymmetricKey, keyID: [UInt8], nonce: [UInt8], context: [UInt8]
    ) throws -> [UInt8] {
        guard keyID.count == keyIDLength, nonce.count == nonceLength else { throw RumdulError.keyVaultAlgorithm }
        var sealed: [UInt8] = []
        sealed.reserveCapacity(plaintext.count + overhead)
        sealed.append(version)
        sealed += keyID
        do {
            let box = try AES.GCM.seal(
                plaintext, using: key, nonce: AES.GCM.Nonce(data: nonce), authenticating: sealed + context)
            sealed += nonce
            sealed += box.ciphertext
            sealed += box.tag
            return sealed
        } catch {
            throw RumdulError.internal("keyvault.seal: \(error)")
        }
    }

    /// The identifier of the key in sealed bytes, as the handle has it, or `nil` when these are no sealed bytes.
    static func keyID(of sealed: [UInt8]) -> String? {
        guard sealed.count >= overhead, sealed[0] == version else { return nil }
        return Hex.encode(sealed[1..<headerLength])
    }

    static func open(_ sealed: [UInt8], key: SymmetricKey, context: [UInt8]) throws -> [UInt8] {
        guard sealed.count >= overhead, sealed[0] == version else { throw RumdulError.keyVaultSeal }
        let tagStart = sealed.count - tagLength
        let textStart = headerLength + nonceLength
        do {
            let box = try AES.GCM.SealedBox(
                nonce: AES.GCM.Nonce(data: sealed[headerLength..<textStart]), ciphertext: sealed[textStart..<tagStart],
                tag: sealed[tagStart...])
            return [UInt8](try AES.GCM.open(box, using: key, authenticating: sealed[..<headerLength] + context))
        } catch {
            throw RumdulError.keyVaultSeal
        }
    }
}

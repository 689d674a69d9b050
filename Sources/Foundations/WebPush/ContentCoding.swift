import Crypto
import Foundation
import Kernel

/// The content coding `aes128gcm` (RFC 8188), as far as push messages need it: one record, written.
enum ContentCoding {
    /// The name in `Content-Encoding`.
    static let name = "aes128gcm"
    static let saltLength = 16
    static let tagLength = 16
    /// Salt, record size and length of the key identifier (RFC 8188 section 2.1).
    static let headerLength = saltLength + 4 + 1

    /// Encrypts content as the only, and so the last, record.
    /// - Parameters:
    ///   - padding: how many zero bytes follow the delimiter inside of the encryption.
    ///   - inputKey: the input keying material.
    ///   - salt: 16 bytes, never used twice with the same keying material.
    ///   - keyID: goes into the header, 255 bytes at most.
    /// - Throws: `internal` when the content does not fit into one record.
    static func singleRecord(
        _ content: [UInt8], padding: Int = 0, inputKey: SymmetricKey, salt: [UInt8], keyID: [UInt8], recordSize: UInt32
    ) throws(RumdulError) -> [UInt8] {
        // Smaller than the record size, not equal: what RFC 8291 section 4 asks of push messages.
        guard salt.count == saltLength, padding >= 0, keyID.count <= 255,
            content.count + 1 + padding + tagLength < Int(recordSize)
        else { throw .internal("push: content that fits into no record") }
        let key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: inputKey, salt: salt, info: Array("Content-Encoding: aes128gcm\0".utf8),
            outputByteCount: 16)
        // The nonce of record 0 is the derived one: XOR with zero (RFC 8188 section 2.3).
        let nonce = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: inputKey, salt: salt, info: Array("Content-Encoding: nonce\0".utf8), outputByteCount: 12
        ).withUnsafeBytes { Array($0) }
        // The delimiter of the last record is 2, of all others 1 (RFC 8188 section 2).
        let plaintext = content + [2] + [UInt8](repeating: 0, count: padding)
        do {
            let sealed = try AES.GCM.seal(plaintext, using: key, nonce: AES.GCM.Nonce(data: nonce))
            var body = salt
            body.reserveCapacity(headerLength + keyID.count + plaintext.count + tagLength)
            for shift in [24, 16, 8, 0] as [UInt32] { body.append(UInt8(truncatingIfNeeded: recordSize >> shift)) }
            body.append(UInt8(keyID.count))
            body += keyID
            body += sealed.ciphertext
            body += sealed.tag
            return body
        } catch {
            throw .internal("push: sealing failed")
        }
    }
}

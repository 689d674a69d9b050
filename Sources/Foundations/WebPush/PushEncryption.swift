import Crypto
import Foundation
import Kernel

/// Message encryption for Web Push (RFC 8291): only the browser can read what a push service carries.
public enum PushEncryption {
    /// The most bytes of content: a push service must take bodies of 4096 bytes and need not take longer ones (RFC 8030
    /// section 7.2), and 103 bytes are header, delimiter and tag (RFC 8291 section 4).
    public static let largestContent = 3993
    /// The record size in the header.
    private static let recordSize: UInt32 = 4096

    /// Encrypts a message under a key pair and a salt of its own (RFC 8291 section 3.4, one `aes128gcm` record).
    ///
    /// - Parameters:
    ///   - size: pads shorter content to this length inside of the encryption, so that the length of the message says
    ///     nothing (RFC 8291 section 7).
    ///   - ambient: gives 16 bytes of salt, then 32 bytes for the private key until they are one.
    /// - Returns: the body of the request; its `Content-Encoding` is `aes128gcm`.
    /// - Throws: `internal` when the content is too long.
    public static func encrypt(
        _ content: [UInt8], for subscription: PushSubscription, paddedTo size: Int = 0, ambient: Ambient
    ) throws(RumdulError) -> [UInt8] {
        guard content.count <= largestContent, size <= largestContent else {
            throw .internal("push: content is too long")
        }
        let salt = ambient.randomBytes(ContentCoding.saltLength)
        let sender = try newKey(ambient)
        let senderPoint = Array(sender.publicKey.x963Representation)
        do {
            let browser = try P256.KeyAgreement.PublicKey(x963Representation: subscription.p256dh)
            let shared = try sender.sharedSecretFromKeyAgreement(with: browser)
            // RFC 8291 section 3.3: both public keys are bound to the keying material.
            let info = Array("WebPush: info\0".utf8) + subscription.p256dh + senderPoint
            let inputKey = shared.hkdfDerivedSymmetricKey(
                using: SHA256.self, salt: subscription.auth, sharedInfo: info, outputByteCount: 32)
            return try ContentCoding.singleRecord(
                content, padding: max(0, size - content.count), inputKey: inputKey, salt: salt, keyID: senderPoint,
                recordSize: recordSize)
        } catch let error as RumdulError {
            throw error
        } catch {
            throw .internal("push: key agreement failed")
        }
    }

    /// A key pair for one message. One of 2^32 draws is no private key; sixteen in a row are a broken generator.
    private static func newKey(_ ambient: Ambient) throws(RumdulError) -> P256.KeyAgreement.PrivateKey {
        for _ in 0..<16 {
            if let key = try? P256.KeyAgreement.PrivateKey(rawRepresentation: ambient.randomBytes(32)) { return key }
        }
        throw .internal("push: the generator gives no private key")
    }
}

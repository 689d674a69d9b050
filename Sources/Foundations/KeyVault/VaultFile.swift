import Crypto
import Foundation
import Kernel

/// The outside of a vault file:
///
/// `magic "RUMDULKV" (8) || version 1 (1) || derivation (1) || log2N (1) || r (1) || p (1) || salt (16) || nonce (12)
/// || length (4, big endian) || ciphertext || tag (16)`
///
/// Everything before the ciphertext is authenticated with it. Derivation 1 is scrypt; 2 is HKDF-SHA-256 from a key
/// file, whose three parameters are zero.
struct VaultFile: Sendable {
    static let magic = Array("RUMDULKV".utf8)
    static let version: UInt8 = 1
    static let saltLength = 16
    static let nonceLength = 12
    static let tagLength = 16
    static let headerLength = 8 + 1 + 1 + 3 + saltLength + nonceLength + 4
    /// Bytes that a vault file may have.
    static let maximumSize = 32 << 20

    let derivation: KeyDerivation
    let salt: [UInt8]
    private let header: [UInt8]
    private let nonce: [UInt8]
    private let ciphertext: [UInt8]
    private let tag: [UInt8]

    /// Reads the outside. Throws `keyvault.format`.
    init(parsing bytes: [UInt8]) throws {
        guard bytes.count >= Self.headerLength + Self.tagLength, bytes.count <= Self.maximumSize else {
            throw RumdulError.keyVaultFormat("length \(bytes.count)")
        }
        guard bytes[..<8].elementsEqual(Self.magic) else { throw RumdulError.keyVaultFormat("magic bytes") }
        guard bytes[8] == Self.version else { throw RumdulError.keyVaultFormat("version \(bytes[8])") }
        switch bytes[9] {
        case 1:
            let cost = ScryptCost(log2N: Int(bytes[10]), r: Int(bytes[11]), p: Int(bytes[12]))
            guard cost.isBounded else { throw RumdulError.keyVaultFormat("scrypt parameters out of range") }
            derivation = .scrypt(cost)
        case 2:
            guard bytes[10...12].allSatisfy({ $0 == 0 }) else { throw RumdulError.keyVaultFormat("parameters") }
            derivation = .hkdf
        default: throw RumdulError.keyVaultFormat("derivation \(bytes[9])")
        }
        salt = Array(bytes[13..<29])
        nonce = Array(bytes[29..<41])
        let length = bytes[41..<45].reduce(0) { $0 << 8 | Int($1) }
        guard length == bytes.count - Self.headerLength - Self.tagLength else {
            throw RumdulError.keyVaultFormat("length field")
        }
        header = Array(bytes[..<Self.headerLength])
        ciphertext = Array(bytes[Self.headerLength..<Self.headerLength + length])
        tag = Array(bytes[(Self.headerLength + length)...])
    }

    /// Decrypts the content. Throws `keyvault.secret` when the key does not fit (or the file was changed: the two
    /// cannot be told apart), `keyvault.format`.
    func open(with key: SymmetricKey) throws -> VaultContent {
        let plaintext: [UInt8]
        do {
            let box = try AES.GCM.SealedBox(nonce: AES.GCM.Nonce(data: nonce), ciphertext: ciphertext, tag: tag)
            plaintext = [UInt8](try AES.GCM.open(box, using: key, authenticating: header))
        } catch {
            throw RumdulError.keyVaultSecret
        }
        return try VaultContent(plaintext)
    }

    /// The bytes of a file with this content.
    static func seal(
        _ content: VaultContent, derivation: KeyDerivation, salt: [UInt8], key: SymmetricKey, nonce: [UInt8]
    ) throws -> [UInt8] {
        let plaintext = content.encoded()
        guard plaintext.count <= maximumSize - headerLength - tagLength, salt.count == saltLength else {
            throw RumdulError.keyVaultFormat("content of \(plaintext.count) bytes")
        }
        var bytes = magic
        bytes.append(version)
        switch derivation {
        case .scrypt(let cost): bytes += [1, UInt8(cost.log2N), UInt8(cost.r), UInt8(cost.p)]
        case .hkdf: bytes += [2, 0, 0, 0]
        }
        bytes += salt
        bytes += nonce
        withUnsafeBytes(of: UInt32(plaintext.count).bigEndian) { bytes += $0 }
        do {
            let box = try AES.GCM.seal(plaintext, using: key, nonce: AES.GCM.Nonce(data: nonce), authenticating: bytes)
            return bytes + box.ciphertext + box.tag
        } catch {
            throw RumdulError.internal("keyvault.file: \(error)")
        }
    }
}

import Crypto
import Foundation
import Kernel

/// Encryption of personal data at rest. Every person has a data key of 256 bits, which is stored wrapped under the
/// vault's `.personalData` key beside the data. Deleting the wrapped key erases the person's data for good, in every
/// copy and backup that is without it.
///
/// A context binds each ciphertext to its person and field, so that one moved to another row or column does not open.
public struct Envelope: Sendable {
    private let vault: any KeyVault
    private let ambient: Ambient
    private static let wrapContext = Array("rumdul data key 1".utf8)

    public init(vault: any KeyVault, ambient: Ambient) {
        self.vault = vault
        self.ambient = ambient
    }

    /// A new data key, wrapped: store it with the person. Throws the errors of `KeyVault.seal`.
    public func newDataKey() async throws -> [UInt8] {
        try await vault.seal(ambient.randomBytes(32), purpose: .personalData, context: Self.wrapContext)
    }

    /// Unwraps a data key, for sealing and opening many fields without asking the vault again. Keep it no longer than
    /// the request. Throws `keyvault.seal` when the wrapped key was changed.
    public func dataKey(_ wrapped: [UInt8]) async throws -> DataKey {
        let bytes = try await vault.open(wrapped, purpose: .personalData, context: Self.wrapContext)
        guard bytes.count == 32 else { throw RumdulError.keyVaultSeal }
        return DataKey(key: SymmetricKey(data: bytes), randomBytes: ambient.randomBytes)
    }

    /// The same data key wrapped under the key that is active now, or `nil` when it already is. The data needs no
    /// change.
    public func rewrap(_ wrapped: [UInt8]) async throws -> [UInt8]? {
        let active = try await vault.activeKey(.personalData, .aes256gcm)
        guard SealedBytes.keyID(of: wrapped) != active.id else { return nil }
        let bytes = try await vault.open(wrapped, purpose: .personalData, context: Self.wrapContext)
        return try await vault.seal(bytes, purpose: .personalData, context: Self.wrapContext)
    }

    /// Encrypts one field. Throws `keyvault.seal` when the wrapped key was changed.
    public func seal(_ plaintext: [UInt8], wrapped: [UInt8], context: [UInt8]) async throws -> [UInt8] {
        try await dataKey(wrapped).seal(plaintext, context: context)
    }

    /// Decrypts one field. Throws `keyvault.seal` when anything was changed or the context differs.
    public func open(_ sealed: [UInt8], wrapped: [UInt8], context: [UInt8]) async throws -> [UInt8] {
        try await dataKey(wrapped).open(sealed, context: context)
    }

    /// The context of one field of one person: `length of id (2, big endian) || id || field`.
    public static func context(person: PersonID, field: String) -> [UInt8] {
        let id = person.text.utf8
        var context: [UInt8] = []
        context.reserveCapacity(2 + id.count + field.utf8.count)
        context.append(UInt8(truncatingIfNeeded: id.count >> 8))
        context.append(UInt8(truncatingIfNeeded: id.count))
        context += id
        context += field.utf8
        return context
    }
}

/// The data key of one person, unwrapped. A sealed field is `version 1 (1) || nonce (12) || ciphertext || tag (16)`.
public struct DataKey: Sendable {
    private static let version: UInt8 = 1
    /// Bytes that sealing adds to a field.
    public static let overhead = 29

    private let key: SymmetricKey
    private let randomBytes: @Sendable (Int) -> [UInt8]

    init(key: SymmetricKey, randomBytes: @escaping @Sendable (Int) -> [UInt8]) {
        self.key = key
        self.randomBytes = randomBytes
    }

    /// Encrypts one field.
    public func seal(_ plaintext: [UInt8], context: [UInt8]) throws -> [UInt8] {
        do {
            let nonce = randomBytes(12)
            let box = try AES.GCM.seal(
                plaintext, using: key, nonce: AES.GCM.Nonce(data: nonce), authenticating: context)
            var sealed: [UInt8] = []
            sealed.reserveCapacity(plaintext.count + Self.overhead)
            sealed.append(Self.version)
            sealed += nonce
            sealed += box.ciphertext
            sealed += box.tag
            return sealed
        } catch {
            throw RumdulError.internal("envelope.seal: \(error)")
        }
    }

    /// Decrypts one field. Throws `keyvault.seal` when anything was changed or the context differs.
    public func open(_ sealed: [UInt8], context: [UInt8]) throws -> [UInt8] {
        guard sealed.count >= Self.overhead, sealed[0] == Self.version else { throw RumdulError.keyVaultSeal }
        do {
            let box = try AES.GCM.SealedBox(
                nonce: AES.GCM.Nonce(data: sealed[1..<13]), ciphertext: sealed[13..<sealed.count - 16],
                tag: sealed[(sealed.count - 16)...])
            return [UInt8](try AES.GCM.open(box, using: key, authenticating: context))
        } catch {
            throw RumdulError.keyVaultSeal
        }
    }
}

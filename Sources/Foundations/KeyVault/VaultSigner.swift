import JOSE
import Kernel

/// A key of the vault as a JOSE signer.
public struct VaultSigner: JWSSigner {
    public let algorithm: JWSAlgorithm
    private let vault: any KeyVault
    private let key: KeyHandle

    init(vault: any KeyVault, key: KeyHandle, algorithm: JWSAlgorithm) {
        self.vault = vault
        self.key = key
        self.algorithm = algorithm
    }

    public var keyID: String { key.id }

    /// Signs with the key. Throws the errors of `KeyVault.sign`.
    public func sign(_ input: [UInt8]) async throws -> [UInt8] { try await vault.sign(input, with: key) }
}

extension KeyVault {
    /// A JOSE signer for a signature key. A symmetric key gets a signer whose every signature fails with
    /// `keyvault.algorithm`.
    public func signer(_ key: KeyHandle) -> VaultSigner {
        VaultSigner(vault: self, key: key, algorithm: key.algorithm.jws ?? .es256)
    }

    /// The public keys of a purpose as a JWK Set (RFC 7517 section 5): pre-published, active and retired ones, newest
    /// first.
    public func publicKeys(_ purpose: KeyPurpose) async throws -> JWKSet {
        try JWKSet(await keys(purpose).compactMap(\.publicKey))
    }

    /// Signs bytes as a compact JWS (RFC 7515) with the active key of a purpose, with `typ` in the header.
    public func signStatement(_ payload: [UInt8], purpose: KeyPurpose, type: String) async throws -> SignedStatement {
        let key = try await activeKey(purpose, nil)
        let compact = try await JWSProducer(signer: signer(key), type: type).sign(payload)
        return SignedStatement(compact: compact, keyID: key.id, payload: payload)
    }

    /// Checks a compact JWS that a key of this purpose must have made, whatever became of the key since.
    ///
    /// - Throws: `jose.*` when the statement does not parse or has a wrong signature; `keyvault.seal` for another
    ///   `typ`; `keyvault.no_key` when no key of this purpose has the `kid`.
    public func checkStatement(
        _ compact: String, purpose: KeyPurpose, type: String, maximumSize: Int = 1 << 22
    ) async throws -> SignedStatement {
        let unverified = try UnverifiedJWS.parse(compact, maximumSize: maximumSize)
        guard let keyID = unverified.header.keyID, let handle = try await key(id: keyID), handle.purpose == purpose,
            let jwk = handle.publicKey, let algorithm = handle.algorithm.jws
        else { throw RumdulError.keyVaultNoKey }
        guard unverified.header.isType(type) else { throw RumdulError.keyVaultSeal.because("typ") }
        let verified = try unverified.verify(algorithms: [algorithm], key: VerificationKey(jwk))
        return SignedStatement(compact: compact, keyID: keyID, payload: verified.payload)
    }
}

/// Bytes that a key of the vault has signed, as a compact JWS that anybody can check with the public key.
public struct SignedStatement: Sendable, Hashable {
    /// The compact serialisation.
    public let compact: String
    /// The `kid` of the key.
    public let keyID: String
    /// The signed bytes.
    public let payload: [UInt8]
}

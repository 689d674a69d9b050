import Codecs
import JOSE
import Kernel
import KeyVault

/// The key that names us to push services (RFC 8292 section 3.2). Browsers subscribe with its public part and their push
/// service then takes messages from nobody else (section 4).
public struct ApplicationServerKey: Sendable {
    /// The public key on P-256, uncompressed: 65 bytes.
    public let point: [UInt8]
    /// Who signs with the private key.
    public let signer: any JWSSigner

    /// - Throws: `jose.key` unless the key and its signer are for ES256, the only algorithm of RFC 8292 section 2.
    public init(_ publicKey: JWK, signer: any JWSSigner) throws(RumdulError) {
        guard case .ec(.p256, let x, let y, _) = publicKey.material, signer.algorithm == .es256 else {
            throw .joseKey("push services take ES256 alone")
        }
        point = [4] + x + y
        self.signer = signer
    }

    /// The public key as base64url: the `applicationServerKey` of the Push API, and `k` of a request.
    public var text: String { Base64URL.encode(point) }
}

extension KeyVault {
    /// The key that names us to push services.
    /// - Throws: the errors of the vault.
    public func applicationServerKey() async throws -> ApplicationServerKey {
        let handle = try await activeKey(.webPush, .es256)
        guard let publicKey = handle.publicKey else { throw RumdulError.keyVaultNoKey }
        return try ApplicationServerKey(publicKey, signer: signer(handle))
    }
}

import Codecs
import JOSE
import Kernel
import RelyingParties

/// The public keys of clients, from their registration or from their `jwks_uri`.
struct ClientKeyResolver: Sendable {
    let keys: ClientKeys

    /// The keys that may have signed a token; a `kid` that is not known has the client's address asked again.
    func verificationKeys(for client: RelyingParty, token: String) async throws -> VerificationKeySet {
        let keyID = (try? UnverifiedJWS.parse(token))?.header.keyID
        return VerificationKeySet(try await keys.keys(of: client, keyID: keyID))
    }

    /// Encrypts to the client (JWE compact serialisation). Throws `internal` when the registration has no fitting key.
    func encrypt(
        _ payload: [UInt8], for client: RelyingParty, _ encryption: ResponseEncryption,
        contentType: String?
    ) async throws -> String {
        let set = try await keys.keys(of: client, keyID: nil)
        guard let key = ClientEncryptionKey.find(in: set, for: encryption.algorithm) else {
            throw RumdulError.internal("client \(client.clientID) has no encryption key")
        }
        return try JWE.encrypt(
            payload, to: try EncryptionKey(key), algorithm: encryption.algorithm, encryption: encryption.encryption,
            contentType: contentType)
    }
}

import Codecs
import CryptoExtras
import JOSE
import Kernel

extension PublicKeyMaterial {
    /// The numbers of the key.
    private func numbers() throws -> JWK.Material {
        switch self {
        case .p256(let key):
            let point = [UInt8](key.rawRepresentation)
            return .ec(.p256, x: Array(point.prefix(32)), y: Array(point.suffix(32)), d: nil)
        case .p384(let key):
            let point = [UInt8](key.rawRepresentation)
            return .ec(.p384, x: Array(point.prefix(48)), y: Array(point.suffix(48)), d: nil)
        case .ed25519(let key): return .okp(.ed25519, x: [UInt8](key.rawRepresentation), d: nil)
        case .rsa(let key):
            let primitives = try key.getKeyPrimitives()
            return .rsa(
                n: Array(primitives.modulus.drop { $0 == 0 }),
                e: Array(primitives.publicExponent.drop { $0 == 0 }), nil)
        }
    }

    /// The public JWK for publication. Throws `jose.key`.
    func jwk(kid: String, algorithm: KeyAlgorithm) throws -> JWK {
        try JWK(numbers(), keyID: kid, use: "sig", algorithm: algorithm.jws?.rawValue)
    }

    /// The JWK thumbprint (RFC 7638) as base64url text: the key identifier.
    func thumbprint() throws -> String { try JWK(numbers()).thumbprintText }
}

extension KeyVault {
    /// The public keys of a purpose for whoever checks old evidence: each as a JWK (RFC 7517 section 4) with the further
    /// members `purpose`, `state` (`prePublished`, `active`, `retired`, `destroyed`), `created_at` and `state_since`
    /// (RFC 3339). Newest first; destroyed keys stay, because what they signed stays.
    public func evidenceKeySet(_ purpose: KeyPurpose) async throws -> [JSONObject] {
        try await evidenceKeys(purpose).compactMap { handle in
            guard var key = handle.publicKey?.json else { return nil }
            key["purpose"] = .string(handle.purpose.rawValue)
            key["state"] = .string(handle.state.rawValue)
            key["created_at"] = .string(handle.createdAt.rfc3339)
            key["state_since"] = .string(handle.stateSince.rfc3339)
            return key
        }
    }
}

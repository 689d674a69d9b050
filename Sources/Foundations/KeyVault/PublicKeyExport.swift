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

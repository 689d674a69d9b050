import COSE
import Codecs
import Crypto
import CryptoExtras
import Foundation
import X509

/// A private key of a forged authenticator or authority.
enum ForgedKey: Sendable {
    case p256(P256.Signing.PrivateKey)
    case p384(P384.Signing.PrivateKey)
    case p521(P521.Signing.PrivateKey)
    case ed25519(Curve25519.Signing.PrivateKey)
    case rsa(_RSA.Signing.PrivateKey, COSEAlgorithm)

    /// RSA keys take long to make, so that all tests share one.
    private static let sharedRSA = Result { try _RSA.Signing.PrivateKey(keySize: .bits2048) }

    init(_ algorithm: COSEAlgorithm) throws {
        switch algorithm {
        case .es256: self = .p256(P256.Signing.PrivateKey())
        case .es384: self = .p384(P384.Signing.PrivateKey())
        case .es512: self = .p521(P521.Signing.PrivateKey())
        case .edDSA: self = .ed25519(Curve25519.Signing.PrivateKey())
        case .rs256, .ps256, .rs1: self = .rsa(try Self.sharedRSA.get(), algorithm)
        }
    }

    var algorithm: COSEAlgorithm {
        switch self {
        case .p256: .es256
        case .p384: .es384
        case .p521: .es512
        case .ed25519: .edDSA
        case .rsa(_, let algorithm): algorithm
        }
    }

    var material: COSEKeyMaterial {
        get throws {
            func point(_ curve: COSECurve, _ raw: Data) -> COSEKeyMaterial {
                .ec2(curve: curve, x: Array(raw.prefix(curve.size)), y: Array(raw.suffix(curve.size)))
            }
            switch self {
            case .p256(let key): return point(.p256, key.publicKey.rawRepresentation)
            case .p384(let key): return point(.p384, key.publicKey.rawRepresentation)
            case .p521(let key): return point(.p521, key.publicKey.rawRepresentation)
            case .ed25519(let key): return .ed25519(x: Array(key.publicKey.rawRepresentation))
            case .rsa(let key, _):
                let numbers = try key.publicKey.getKeyPrimitives()
                return .rsa(n: Array(numbers.modulus), e: Array(numbers.publicExponent))
            }
        }
    }

    /// The COSE_Key as a map.
    var cose: CBORMap {
        get throws {
            let rules = COSEKeyRules(algorithms: .conformance, needsAlgorithm: true, refusesOthers: true)
            let encoded = try COSEKey(try material, algorithm: algorithm, rules: rules).encoded
            return try CBOR.decode(encoded).mapValue ?? [:]
        }
    }

    func sign(_ message: [UInt8]) throws -> [UInt8] {
        switch self {
        case .p256(let key): return Array(try key.signature(for: message).derRepresentation)
        case .p384(let key): return Array(try key.signature(for: message).derRepresentation)
        case .p521(let key): return Array(try key.signature(for: message).derRepresentation)
        case .ed25519(let key): return Array(try key.signature(for: message))
        case .rsa(let key, .rs1):
            return Array(
                try key.signature(for: Insecure.SHA1.hash(data: message), padding: .insecurePKCS1v1_5)
                    .rawRepresentation)
        case .rsa(let key, .ps256):
            return Array(try key.signature(for: SHA256.hash(data: message), padding: .PSS).rawRepresentation)
        case .rsa(let key, _):
            return Array(
                try key.signature(for: SHA256.hash(data: message), padding: .insecurePKCS1v1_5).rawRepresentation)
        }
    }

    var certificateKey: Certificate.PrivateKey {
        switch self {
        case .p256(let key): Certificate.PrivateKey(key)
        case .p384(let key): Certificate.PrivateKey(key)
        case .p521(let key): Certificate.PrivateKey(key)
        case .ed25519(let key): Certificate.PrivateKey(key)
        case .rsa(let key, _): Certificate.PrivateKey(key)
        }
    }
}

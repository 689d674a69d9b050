import Crypto
import CryptoExtras
import Foundation
import Kernel

/// A public key in the form that the cryptographic library wants, made once.
struct SignatureVerifier: Sendable {
    private enum Backing: Sendable {
        case p256(P256.Signing.PublicKey)
        case p384(P384.Signing.PublicKey)
        case p521(P521.Signing.PublicKey)
        case ed25519(Curve25519.Signing.PublicKey)
        case rsa(_RSA.Signing.PublicKey, size: Int)
    }

    private let backing: Backing

    /// - Throws: `cose.key` for a point off its curve and for weak RSA keys.
    init(_ material: COSEKeyMaterial) throws(RumdulError) {
        try material.checkRSA()
        do {
            switch material {
            case .ec2(let curve, let x, let y):
                guard x.count == curve.size, y.count == curve.size else {
                    throw RumdulError.coseKey("a coordinate has the wrong length")
                }
                let point = [4] + x + y
                switch curve {
                case .p256: backing = .p256(try P256.Signing.PublicKey(x963Representation: point))
                case .p384: backing = .p384(try P384.Signing.PublicKey(x963Representation: point))
                case .p521: backing = .p521(try P521.Signing.PublicKey(x963Representation: point))
                case .ed25519: throw RumdulError.coseKey("Ed25519 is no curve of kty EC2")
                }
            case .ed25519(let x): backing = .ed25519(try Curve25519.Signing.PublicKey(rawRepresentation: x))
            case .rsa(let n, let e): backing = .rsa(try _RSA.Signing.PublicKey(n: n, e: e), size: n.count)
            }
        } catch let error as RumdulError {
            throw error
        } catch {
            throw .coseKey("the numbers make no public key")
        }
    }

    func isValid(
        _ signature: [UInt8], for message: some DataProtocol, algorithm: COSEAlgorithm, form: ECDSASignatureForm
    ) -> Bool {
        switch backing {
        case .p256(let key):
            guard let value = try? form.p256(signature) else { return false }
            return algorithm.withECDSADigest(of: message) { key.isValidSignature(value, for: $0) }
        case .p384(let key):
            guard let value = try? form.p384(signature) else { return false }
            return algorithm.withECDSADigest(of: message) { key.isValidSignature(value, for: $0) }
        case .p521(let key):
            guard let value = try? form.p521(signature) else { return false }
            return algorithm.withECDSADigest(of: message) { key.isValidSignature(value, for: $0) }
        case .ed25519(let key):
            return algorithm == .edDSA && signature.count == 64 && key.isValidSignature(signature, for: message)
        case .rsa(let key, let size):
            guard signature.count == size else { return false }
            let value = _RSA.Signing.RSASignature(rawRepresentation: signature)
            switch algorithm {
            case .rs256:
                return key.isValidSignature(value, for: SHA256.hash(data: message), padding: .insecurePKCS1v1_5)
            case .ps256: return key.isValidSignature(value, for: SHA256.hash(data: message), padding: .PSS)
            case .rs1:
                return key.isValidSignature(value, for: Insecure.SHA1.hash(data: message), padding: .insecurePKCS1v1_5)
            case .es256, .es384, .es512, .edDSA: return false
            }
        }
    }
}

extension COSEAlgorithm {
    /// Hashes for ECDSA; false for algorithms that are no ECDSA.
    fileprivate func withECDSADigest(of message: some DataProtocol, _ check: (any Digest) -> Bool) -> Bool {
        switch self {
        case .es256: check(SHA256.hash(data: message))
        case .es384: check(SHA384.hash(data: message))
        case .es512: check(SHA512.hash(data: message))
        case .edDSA, .ps256, .rs256, .rs1: false
        }
    }
}

extension ECDSASignatureForm {
    fileprivate func p256(_ bytes: [UInt8]) throws -> P256.Signing.ECDSASignature {
        switch self {
        case .raw: try P256.Signing.ECDSASignature(rawRepresentation: bytes)
        case .der: try P256.Signing.ECDSASignature(derRepresentation: bytes)
        }
    }
    fileprivate func p384(_ bytes: [UInt8]) throws -> P384.Signing.ECDSASignature {
        switch self {
        case .raw: try P384.Signing.ECDSASignature(rawRepresentation: bytes)
        case .der: try P384.Signing.ECDSASignature(derRepresentation: bytes)
        }
    }
    fileprivate func p521(_ bytes: [UInt8]) throws -> P521.Signing.ECDSASignature {
        switch self {
        case .raw: try P521.Signing.ECDSASignature(rawRepresentation: bytes)
        case .der: try P521.Signing.ECDSASignature(derRepresentation: bytes)
        }
    }
}

import Crypto
import CryptoExtras
import Kernel

/// The rules for key material, in one place.
enum JWKMaterial {
    static func check(_ material: JWK.Material) throws(RumdulError) {
        switch material {
        case .ec(let curve, let x, let y, let d):
            guard x.count == curve.size, y.count == curve.size, d == nil || d?.count == curve.size else {
                throw .joseKey("a coordinate has the wrong length")
            }
            try wrap("the point is not on the curve") { try checkPoint(curve, point(x, y), d) }
        case .okp(let curve, let x, let d):
            guard x.count == 32, d == nil || d?.count == 32 else { throw .joseKey("the key has the wrong length") }
            try wrap("the private part does not fit") { try checkOctets(curve, x, d) }
        case .rsa(let n, let e, let secret):
            try RSAKeyChecks.check(n: n, e: e)
            if let secret {
                for number in [secret.d, secret.p, secret.q, secret.dp, secret.dq, secret.qi]
                where number.first ?? 0 == 0 { throw .joseKey("an RSA number is empty or has leading zeros") }
                try wrap("the RSA numbers do not belong together") {
                    _ = try _RSA.Signing.PrivateKey(n: n, e: e, d: secret.d, p: secret.p, q: secret.q)
                }
            }
        case .oct(let k): guard !k.isEmpty else { throw .joseKey("the key is empty") }
        }
    }

    /// The uncompressed point (SEC 1 section 2.3.3).
    static func point(_ x: [UInt8], _ y: [UInt8]) -> [UInt8] { [4] + x + y }

    /// Runs a call of the cryptographic library and hides its error.
    static func wrap<R>(_ cause: String, _ body: () throws -> R) throws(RumdulError) -> R {
        do { return try body() } catch let error as RumdulError { throw error } catch { throw .joseKey(cause) }
    }

    private static func checkPoint(_ curve: JWK.Curve, _ point: [UInt8], _ d: [UInt8]?) throws {
        let derived: [UInt8]?
        switch curve {
        case .p256:
            _ = try P256.Signing.PublicKey(x963Representation: point)
            derived = try d.map {
                Array(try P256.Signing.PrivateKey(rawRepresentation: $0).publicKey.x963Representation)
            }
        case .p384:
            _ = try P384.Signing.PublicKey(x963Representation: point)
            derived = try d.map {
                Array(try P384.Signing.PrivateKey(rawRepresentation: $0).publicKey.x963Representation)
            }
        case .p521:
            _ = try P521.Signing.PublicKey(x963Representation: point)
            derived = try d.map {
                Array(try P521.Signing.PrivateKey(rawRepresentation: $0).publicKey.x963Representation)
            }
        }
        if let derived, derived != point { throw RumdulError.joseKey("the private part does not fit the public part") }
    }

    private static func checkOctets(_ curve: JWK.OctetCurve, _ x: [UInt8], _ d: [UInt8]?) throws {
        let derived: [UInt8]?
        switch curve {
        case .ed25519:
            _ = try Curve25519.Signing.PublicKey(rawRepresentation: x)
            derived = try d.map {
                Array(try Curve25519.Signing.PrivateKey(rawRepresentation: $0).publicKey.rawRepresentation)
            }
        case .x25519:
            _ = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: x)
            derived = try d.map {
                Array(try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: $0).publicKey.rawRepresentation)
            }
        }
        if let derived, derived != x { throw RumdulError.joseKey("the private part does not fit the public part") }
    }
}

import Codecs
import JOSE
import Kernel

/// The numbers of a public key.
public enum COSEKeyMaterial: Sendable, Hashable {
    /// `kty` 2: curve and coordinates, each in full length.
    case ec2(curve: COSECurve, x: [UInt8], y: [UInt8])
    /// `kty` 1 with Ed25519.
    case ed25519(x: [UInt8])
    /// `kty` 3: modulus and exponent without leading zeros (RFC 8230 section 4).
    case rsa(n: [UInt8], e: [UInt8])
}

extension COSEKeyMaterial {
    /// Reads the members of a COSE_Key; the private part is refused.
    /// - Throws: `cose.malformed`, `cose.key`.
    init(_ map: CBORMap) throws(RumdulError) {
        guard let type = map[1]?.integerValue else { throw .coseMalformed("kty is missing or no number") }
        switch type {
        case 1: self = try Self.octetKeyPair(map)
        case 2: self = try Self.ellipticCurve(map)
        case 3: self = try Self.rsaKey(map)
        default: throw .coseKey("kty \(type) is not supported")
        }
    }

    /// The labels that belong to this kind of key, besides the common ones.
    var labels: Set<Int64> {
        switch self {
        case .ec2: [-1, -2, -3]
        case .ed25519, .rsa: [-1, -2]
        }
    }

    /// The members without `alg`, for writing.
    var members: [(CBORValue, CBORValue)] {
        switch self {
        case .ec2(let curve, let x, let y):
            [(1, 2), (-1, .integer(curve.rawValue)), (-2, .bytes(x)), (-3, .bytes(y))]
        case .ed25519(let x): [(1, 1), (-1, 6), (-2, .bytes(x))]
        case .rsa(let n, let e): [(1, 3), (-1, .bytes(n)), (-2, .bytes(e))]
        }
    }

    private static func octetKeyPair(_ map: CBORMap) throws(RumdulError) -> Self {
        guard let curve = map[-1]?.integerValue else { throw .coseMalformed("crv is missing or no number") }
        guard curve != 7 else { throw .coseKey("Ed448 is not supported") }
        guard curve == COSECurve.ed25519.rawValue else { throw .coseKey("curve \(curve) signs nothing") }
        guard let x = map[-2]?.bytesValue else { throw .coseMalformed("x is missing or no byte string") }
        guard x.count == 32 else { throw .coseKey("an Ed25519 key has 32 bytes, not \(x.count)") }
        guard map[-4] == nil else { throw .coseKey("the private part is there") }
        return .ed25519(x: x)
    }

    private static func ellipticCurve(_ map: CBORMap) throws(RumdulError) -> Self {
        guard let number = map[-1]?.integerValue else { throw .coseMalformed("crv is missing or no number") }
        guard let curve = COSECurve(rawValue: number), curve != .ed25519 else {
            throw .coseKey("curve \(number) is not supported for kty EC2")
        }
        guard let x = map[-2]?.bytesValue else { throw .coseMalformed("x is missing or no byte string") }
        if map[-3]?.boolValue != nil { throw .coseKey("the point is compressed") }
        guard let y = map[-3]?.bytesValue else { throw .coseMalformed("y is missing or no byte string") }
        guard x.count == curve.size, y.count == curve.size else { throw .coseKey("a coordinate has the wrong length") }
        guard map[-4] == nil else { throw .coseKey("the private part is there") }
        return .ec2(curve: curve, x: x, y: y)
    }

    private static func rsaKey(_ map: CBORMap) throws(RumdulError) -> Self {
        guard let n = map[-1]?.bytesValue, let e = map[-2]?.bytesValue else {
            throw .coseMalformed("n or e is missing or no byte string")
        }
        guard (-12 ... -3).allSatisfy({ map[.integer(Int64($0))] == nil }) else {
            throw .coseKey("the private part is there")
        }
        return .rsa(n: n, e: e)
    }

    /// - Throws: `cose.key` for a modulus that is even, shorter than 2048 or longer than 4096 bits, an exponent that is
    ///   even, 1 or longer than 32 bits, leading zeros, and keys of the generator of CVE-2017-15361.
    func checkRSA() throws(RumdulError) {
        guard case .rsa(let n, let e) = self else { return }
        guard let first = n.first, first != 0, let leading = e.first, leading != 0 else {
            throw .coseKey("an RSA number is empty or has leading zeros")
        }
        let bits = n.count * 8 - first.leadingZeroBitCount
        guard bits >= 2048, bits <= 4096 else { throw .coseKey("the RSA modulus has \(bits) bits") }
        guard let last = n.last, last & 1 == 1 else { throw .coseKey("the RSA modulus is even") }
        guard e.count <= 4, let end = e.last, end & 1 == 1, e != [1] else {
            throw .coseKey("the RSA exponent is not acceptable")
        }
        guard !RSAKeyChecks.hasROCAFingerprint(n) else { throw .coseKey("the RSA key is weak (CVE-2017-15361)") }
    }
}

import COSE
import Crypto
import Kernel

/// A hash algorithm of a TPM (`TPM_ALG_ID`, TPM 2.0 Library part 2, section 6.3).
enum TPMHash: Int {
    case sha1 = 0x0004
    case sha256 = 0x000B
    case sha384 = 0x000C
    case sha512 = 0x000D

    func hash(_ bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .sha1: Array(Insecure.SHA1.hash(data: bytes))
        case .sha256: Array(SHA256.hash(data: bytes))
        case .sha384: Array(SHA384.hash(data: bytes))
        case .sha512: Array(SHA512.hash(data: bytes))
        }
    }

    /// The hash of a signature algorithm (WebAuthn section 8.3: the hash that `alg` employs).
    init(_ algorithm: COSEAlgorithm) {
        switch algorithm {
        case .es256, .rs256, .ps256: self = .sha256
        case .es384: self = .sha384
        case .es512, .edDSA: self = .sha512
        case .rs1: self = .sha1
        }
    }
}

/// The public area of a TPM's key (`TPMT_PUBLIC`, part 2, section 12.2.4), as far as an attestation needs it.
struct TPMPublicArea {
    let nameHash: TPMHash
    let key: COSEKeyMaterial
    /// The object's name: the number of the hash algorithm and the hash of all bytes (part 1, section 16).
    let name: [UInt8]

    /// - Throws: `webauthn.attestation` when it is malformed, `webauthn.attestation_key` for kinds not known here.
    init(_ bytes: [UInt8]) throws(RumdulError) {
        var reader = ByteReader(bytes, .attestation)
        let type = try reader.number16("type")
        guard let nameHash = TPMHash(rawValue: try reader.number16("nameAlg")) else {
            throw .webAuthn(.attestation, "an unknown nameAlg")
        }
        _ = try reader.take(4, "objectAttributes")
        _ = try reader.counted("authPolicy")
        switch type {
        case 0x0001: key = try Self.rsa(&reader)
        case 0x0023: key = try Self.ellipticCurve(&reader)
        default: throw .webAuthn(.attestationKey, "a TPM key of another type")
        }
        try reader.requireEnd("pubArea")
        self.nameHash = nameHash
        name = [UInt8(nameHash.rawValue >> 8), UInt8(nameHash.rawValue & 0xFF)] + nameHash.hash(bytes)
    }

    private static let null = 0x0010

    /// `TPMT_SYM_DEF_OBJECT`: further fields only when there is an algorithm.
    private static func symmetric(_ reader: inout ByteReader) throws(RumdulError) {
        guard try reader.number16("symmetric") != null else { return }
        _ = try reader.take(4, "symmetric")
    }

    /// A scheme: its hash follows only when there is one.
    private static func scheme(_ reader: inout ByteReader, _ what: String) throws(RumdulError) {
        guard try reader.number16(what) != null else { return }
        _ = try reader.take(2, what)
    }

    private static func rsa(_ reader: inout ByteReader) throws(RumdulError) -> COSEKeyMaterial {
        try symmetric(&reader)
        try scheme(&reader, "scheme")
        _ = try reader.number16("keyBits")
        let exponent = try reader.number32("exponent")
        let modulus = try reader.counted("unique")
        // Zero stands for the usual exponent.
        let number: UInt32 = exponent == 0 ? 65537 : exponent
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * UInt32($0))) }
        return .rsa(n: Array(modulus.drop { $0 == 0 }), e: Array(bytes.drop { $0 == 0 }))
    }

    private static func ellipticCurve(_ reader: inout ByteReader) throws(RumdulError) -> COSEKeyMaterial {
        try symmetric(&reader)
        try scheme(&reader, "scheme")
        let number = try reader.number16("curveID")
        try scheme(&reader, "kdf")
        let x = try reader.counted("x")
        let y = try reader.counted("y")
        let curves: [Int: COSECurve] = [3: .p256, 4: .p384, 5: .p521]
        guard let curve = curves[number] else { throw .webAuthn(.attestationKey, "an unknown TPM curve") }
        guard let x = padded(x, curve.size), let y = padded(y, curve.size) else {
            throw .webAuthn(.attestationKey, "a coordinate is too long")
        }
        return .ec2(curve: curve, x: x, y: y)
    }

    /// Some TPMs leave out leading zeros.
    private static func padded(_ bytes: [UInt8], _ size: Int) -> [UInt8]? {
        guard bytes.count <= size else { return nil }
        return [UInt8](repeating: 0, count: size - bytes.count) + bytes
    }
}

/// What a TPM signed about a key (`TPMS_ATTEST` of type `TPM_ST_ATTEST_CERTIFY`, part 2, section 10.12.8).
struct TPMAttestation {
    let extraData: [UInt8]
    let attestedName: [UInt8]

    /// - Throws: `webauthn.attestation` when it is malformed or of another kind.
    init(_ bytes: [UInt8]) throws(RumdulError) {
        var reader = ByteReader(bytes, .attestation)
        guard try reader.number32("magic") == 0xFF54_4347 else {
            throw .webAuthn(.attestation, "magic is not TPM_GENERATED_VALUE")
        }
        guard try reader.number16("type") == 0x8017 else {
            throw .webAuthn(.attestation, "type is not TPM_ST_ATTEST_CERTIFY")
        }
        _ = try reader.counted("qualifiedSigner")
        extraData = try reader.counted("extraData")
        _ = try reader.take(17, "clockInfo")
        _ = try reader.take(8, "firmwareVersion")
        attestedName = try reader.counted("name")
        _ = try reader.counted("qualifiedName")
        try reader.requireEnd("certInfo")
    }
}

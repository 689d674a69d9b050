import Codecs
import Foundation
import Kernel

/// What a reader of COSE_Keys demands.
public struct COSEKeyRules: Sendable {
    /// The accepted algorithms.
    public var algorithms: Set<COSEAlgorithm>
    /// `alg` must be there.
    public var needsAlgorithm: Bool
    /// Members other than `kty`, `alg` and the numbers of the key are refused (WebAuthn section 6.5.1).
    public var refusesOthers: Bool
    /// ES256 only with P-256, ES384 only with P-384, ES512 only with P-521 (WebAuthn section 5.8.5).
    public var bindsCurve: Bool

    public init(
        algorithms: Set<COSEAlgorithm> = .login, needsAlgorithm: Bool, refusesOthers: Bool, bindsCurve: Bool = true
    ) {
        self.algorithms = algorithms
        self.needsAlgorithm = needsAlgorithm
        self.refusesOthers = refusesOthers
        self.bindsCurve = bindsCurve
    }

    /// Credential public keys (WebAuthn section 6.5.1): `alg` and nothing optional.
    public static let webAuthn = COSEKeyRules(needsAlgorithm: true, refusesOthers: true)
    /// Keys of COSE messages (RFC 9052 section 7): `alg` may be absent, `kid` and others may be there.
    public static let message = COSEKeyRules(needsAlgorithm: false, refusesOthers: false)
}

/// A public COSE_Key (RFC 9052 section 7), parsed once, that checks signatures.
public struct COSEKey: Sendable {
    /// The numbers of the key.
    public let material: COSEKeyMaterial
    /// `alg`, if it is there.
    public let algorithm: COSEAlgorithm?
    /// `kid`, if it is there.
    public let keyID: [UInt8]?
    /// The algorithms this key may serve.
    public let algorithms: Set<COSEAlgorithm>
    private let verifier: SignatureVerifier

    /// The key of a CBOR map.
    /// - Throws: `cose.malformed`, `cose.key`, `cose.algorithm`.
    public init(_ value: CBORValue, rules: COSEKeyRules = .webAuthn) throws(RumdulError) {
        guard let map = value.mapValue else { throw .coseMalformed("a COSE_Key is a map") }
        var algorithm: COSEAlgorithm?
        if let entry = map[3] {
            guard let number = entry.integerValue else { throw .coseMalformed("alg is no number") }
            guard let known = COSEAlgorithm(rawValue: number) else { throw .coseAlgorithm("alg \(number) is unknown") }
            guard rules.algorithms.contains(known) else { throw .coseAlgorithm("\(known.name) is not allowed here") }
            algorithm = known
        } else if rules.needsAlgorithm {
            throw .coseMalformed("alg is missing")
        }
        var keyID: [UInt8]?
        if let entry = map[2] {
            guard let bytes = entry.bytesValue else { throw .coseMalformed("kid is no byte string") }
            keyID = bytes
        }
        let material = try COSEKeyMaterial(map)
        if rules.refusesOthers {
            for key in map.keys {
                guard let label = key.integerValue, label == 1 || label == 3 || material.labels.contains(label) else {
                    throw .coseKey("a member that does not belong into a credential public key")
                }
            }
        }
        try self.init(material, algorithm: algorithm, keyID: keyID, rules: rules)
    }

    /// The key of an encoded COSE_Key.
    /// - Throws: `cose.malformed`, `cose.key`, `cose.algorithm`.
    public init(encoded: [UInt8], rules: COSEKeyRules = .webAuthn) throws(RumdulError) {
        let value: CBORValue
        do {
            value = try CBOR.decode(encoded, options: COSEKey.decoding)
        } catch {
            throw .coseMalformed(error.cause ?? "not CBOR")
        }
        try self.init(value, rules: rules)
    }

    /// A key of its numbers.
    /// - Throws: `cose.key`, `cose.algorithm`.
    public init(
        _ material: COSEKeyMaterial, algorithm: COSEAlgorithm?, keyID: [UInt8]? = nil,
        rules: COSEKeyRules = COSEKeyRules(needsAlgorithm: false, refusesOthers: true)
    ) throws(RumdulError) {
        let fitting = COSEKey.fitting(material, bindsCurve: rules.bindsCurve).intersection(rules.algorithms)
        if let algorithm {
            guard fitting.contains(algorithm) else { throw .coseAlgorithm("\(algorithm.name) does not fit the key") }
        }
        verifier = try SignatureVerifier(material)
        self.material = material
        self.algorithm = algorithm
        self.keyID = keyID
        algorithms = algorithm.map { [$0] } ?? fitting
    }

    /// What a key may look like on the wire.
    static let decoding = CBORDecodingOptions(maximumDepth: 4, maximumItems: 64, maximumSize: 4096)

    private static func fitting(_ material: COSEKeyMaterial, bindsCurve: Bool) -> Set<COSEAlgorithm> {
        switch material {
        case .ec2 where !bindsCurve: [.es256, .es384, .es512]
        case .ec2(.p256, _, _): [.es256]
        case .ec2(.p384, _, _): [.es384]
        case .ec2(.p521, _, _): [.es512]
        case .ec2: []
        case .ed25519: [.edDSA]
        case .rsa: [.rs256, .ps256, .rs1]
        }
    }

    /// True when the signature is valid under the key's own algorithm.
    public func isValid(_ signature: [UInt8], for message: some DataProtocol, form: ECDSASignatureForm) -> Bool {
        guard let algorithm else { return false }
        return isValid(signature, for: message, algorithm: algorithm, form: form)
    }

    /// True when the signature is valid and the algorithm is one of this key's.
    public func isValid(
        _ signature: [UInt8], for message: some DataProtocol, algorithm: COSEAlgorithm, form: ECDSASignatureForm
    ) -> Bool {
        guard algorithms.contains(algorithm) else { return false }
        return verifier.isValid(signature, for: message, algorithm: algorithm, form: form)
    }

    /// The COSE_Key in deterministic encoding: `kty`, `alg` if known, and the numbers.
    public var encoded: [UInt8] {
        var members = material.members
        if let algorithm { members.append((3, .integer(algorithm.rawValue))) }
        return CBOR.encode(.map(CBORMap(members)))
    }
}

extension COSEKey: Equatable {
    /// Equal when numbers, algorithm and `kid` are.
    public static func == (left: COSEKey, right: COSEKey) -> Bool {
        left.material == right.material && left.algorithm == right.algorithm && left.keyID == right.keyID
    }
}

import Codecs
import Crypto
import Kernel

/// A JSON Web Key (RFC 7517) of a type this product uses. A value of this type is always well-formed: coordinates have
/// their exact length, points lie on their curve, private and public parts belong together, RSA keys have 2048 bits or
/// more.
public struct JWK: Sendable, Equatable {
    /// Elliptic curves of `kty` `EC`.
    public enum Curve: String, Sendable, CaseIterable {
        case p256 = "P-256"
        case p384 = "P-384"
        case p521 = "P-521"

        /// The length of a coordinate in bytes.
        public var size: Int {
            switch self {
            case .p256: 32
            case .p384: 48
            case .p521: 66
            }
        }
    }

    /// Curves of `kty` `OKP` (RFC 8037).
    public enum OctetCurve: String, Sendable, CaseIterable {
        case ed25519 = "Ed25519"
        case x25519 = "X25519"
    }

    /// The private numbers of an RSA key, each without leading zeros (RFC 7518 section 6.3.2).
    public struct RSAPrivate: Sendable, Equatable {
        var d: [UInt8]
        var p: [UInt8]
        var q: [UInt8]
        var dp: [UInt8]
        var dq: [UInt8]
        var qi: [UInt8]
    }

    /// The key itself.
    public enum Material: Sendable, Equatable {
        case ec(Curve, x: [UInt8], y: [UInt8], d: [UInt8]?)
        case okp(OctetCurve, x: [UInt8], d: [UInt8]?)
        case rsa(n: [UInt8], e: [UInt8], RSAPrivate?)
        case oct([UInt8])
    }

    /// The key itself.
    public let material: Material
    /// `kid`.
    public var keyID: String?
    /// `use`: `sig`, `enc` or another registered value.
    public var use: String?
    /// `key_ops`.
    public var operations: [String]?
    /// `alg`.
    public var algorithm: String?
    /// Further members, kept as they are (`x5c`, `x5t#S256`, `exp`, ...).
    public var additional: JSONObject

    /// A key from its parts.
    /// - Throws: `jose.key` when the material is malformed.
    public init(
        _ material: Material, keyID: String? = nil, use: String? = nil, operations: [String]? = nil,
        algorithm: String? = nil, additional: JSONObject = [:]
    ) throws(RumdulError) {
        try JWKMaterial.check(material)
        self.init(
            checked: material, keyID: keyID, use: use, operations: operations, algorithm: algorithm,
            additional: additional)
    }

    /// For material that is known to be good.
    init(
        checked material: Material, keyID: String?, use: String?, operations: [String]?, algorithm: String?,
        additional: JSONObject
    ) {
        self.material = material
        self.keyID = keyID
        self.use = use
        self.operations = operations
        self.algorithm = algorithm
        self.additional = additional
    }

    /// `kty`.
    public var keyType: String {
        switch material {
        case .ec: "EC"
        case .okp: "OKP"
        case .rsa: "RSA"
        case .oct: "oct"
        }
    }

    /// True when the key holds a secret: a private part or a symmetric key.
    public var isSecret: Bool {
        switch material {
        case .ec(_, _, _, let d), .okp(_, _, let d): d != nil
        case .rsa(_, _, let secret): secret != nil
        case .oct: true
        }
    }

    /// The public part of an asymmetric key, `nil` for a symmetric one. `key_ops` are turned to their counterparts.
    public var publicKey: JWK? {
        let open: Material
        switch material {
        case .ec(let curve, let x, let y, _): open = .ec(curve, x: x, y: y, d: nil)
        case .okp(let curve, let x, _): open = .okp(curve, x: x, d: nil)
        case .rsa(let n, let e, _): open = .rsa(n: n, e: e, nil)
        case .oct: return nil
        }
        guard isSecret else { return self }
        let counterpart = ["sign": "verify", "decrypt": "encrypt", "unwrapKey": "wrapKey"]
        var openOperations = operations.map { $0.compactMap { counterpart[$0] } }
        // A key for key agreement alone keeps its operations: an empty list would forbid every use.
        if openOperations?.isEmpty == true { openOperations = nil }
        return JWK(
            checked: open, keyID: keyID, use: use, operations: openOperations, algorithm: algorithm,
            additional: additional)
    }

    /// The SHA-256 thumbprint (RFC 7638): 32 bytes over the required public members in their fixed order.
    public var thumbprint: [UInt8] {
        var writer = JSONWriter(capacity: 192)
        writer.beginObject()
        switch material {
        case .ec(let curve, let x, let y, _):
            writer.member("crv", curve.rawValue)
            writer.member("kty", "EC")
            writer.member("x", Base64URL.encode(x))
            writer.member("y", Base64URL.encode(y))
        case .okp(let curve, let x, _):
            writer.member("crv", curve.rawValue)
            writer.member("kty", "OKP")
            writer.member("x", Base64URL.encode(x))
        case .rsa(let n, let e, _):
            writer.member("e", Base64URL.encode(e))
            writer.member("kty", "RSA")
            writer.member("n", Base64URL.encode(n))
        case .oct(let k):
            writer.member("k", Base64URL.encode(k))
            writer.member("kty", "oct")
        }
        writer.endObject()
        return Array(SHA256.hash(data: writer.bytes))
    }

    /// The thumbprint as base64url text: the `jkt` of RFC 9449 and the default key identifier.
    public var thumbprintText: String { Base64URL.encode(thumbprint) }

    /// Checks that the key may serve an operation for an algorithm.
    /// - Throws: `jose.key` when `use`, `key_ops` or `alg` say otherwise.
    func require(use wanted: String, anyOf wantedOperations: [String]) throws(RumdulError) {
        if let use, use != wanted { throw .joseKey("use is not \(wanted)") }
        if let operations, !operations.contains(where: { wantedOperations.contains($0) }) {
            throw .joseKey("key_ops does not allow this use")
        }
    }
}

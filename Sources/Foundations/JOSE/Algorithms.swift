/// Digital signature algorithms (RFC 7518 section 3.1, RFC 8037 section 3.1). `none` and the symmetric algorithms are
/// not among them, by construction.
public enum JWSAlgorithm: String, Sendable, Hashable, CaseIterable, Codable {
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    /// EdDSA with Ed25519.
    case edDSA = "EdDSA"
}

extension Set<JWSAlgorithm> {
    /// The algorithms that FAPI 2.0 allows: PS256, ES256, EdDSA (Security Profile section 5.4.1).
    public static let fapi2: Set<JWSAlgorithm> = [.ps256, .es256, .edDSA]
}

/// Message authentication codes (RFC 7518 section 3.2). A type of its own, so that no verification of signatures can
/// ever be talked into accepting one.
public enum MACAlgorithm: String, Sendable, Hashable, CaseIterable {
    case hs256 = "HS256"
    case hs384 = "HS384"
    case hs512 = "HS512"

    /// The length of the hash, and the least length of the key, in bytes.
    public var size: Int {
        switch self {
        case .hs256: 32
        case .hs384: 48
        case .hs512: 64
        }
    }
}

/// Key management algorithms for JWE (RFC 7518 section 4.1). RSA1_5 and the password-based algorithms are left out on
/// purpose.
public enum JWEAlgorithm: String, Sendable, Hashable, CaseIterable, Codable {
    case ecdhES = "ECDH-ES"
    case ecdhESA128KW = "ECDH-ES+A128KW"
    case ecdhESA192KW = "ECDH-ES+A192KW"
    case ecdhESA256KW = "ECDH-ES+A256KW"
    case rsaOAEP256 = "RSA-OAEP-256"
    /// RSAES-OAEP with SHA-1; not in the standard policy.
    case rsaOAEP = "RSA-OAEP"
    case a128KW = "A128KW"
    case a192KW = "A192KW"
    case a256KW = "A256KW"
    /// The shared key is the content key; not in the standard policy.
    case direct = "dir"

    /// The length of the key-wrapping key in bytes, `nil` where none is used.
    var wrappingKeySize: Int? {
        switch self {
        case .a128KW, .ecdhESA128KW: 16
        case .a192KW, .ecdhESA192KW: 24
        case .a256KW, .ecdhESA256KW: 32
        default: nil
        }
    }
}

/// Content encryption algorithms for JWE (RFC 7518 section 5.1).
public enum JWEEncryption: String, Sendable, Hashable, CaseIterable, Codable {
    case a128GCM = "A128GCM"
    case a192GCM = "A192GCM"
    case a256GCM = "A256GCM"
    case a128CBCHS256 = "A128CBC-HS256"
    case a192CBCHS384 = "A192CBC-HS384"
    case a256CBCHS512 = "A256CBC-HS512"

    /// The length of the content encryption key in bytes.
    var keySize: Int {
        switch self {
        case .a128GCM: 16
        case .a192GCM: 24
        case .a256GCM, .a128CBCHS256: 32
        case .a192CBCHS384: 48
        case .a256CBCHS512: 64
        }
    }
}

/// Which algorithms a reader of JWEs accepts.
public struct JWEPolicy: Sendable {
    /// The accepted key management algorithms.
    public var algorithms: Set<JWEAlgorithm>
    /// The accepted content encryption algorithms.
    public var encryptions: Set<JWEEncryption>
    /// The longest compact serialisation, in bytes.
    public var maximumSize: Int

    public init(algorithms: Set<JWEAlgorithm>, encryptions: Set<JWEEncryption>, maximumSize: Int = 1 << 18) {
        self.algorithms = algorithms
        self.encryptions = encryptions
        self.maximumSize = maximumSize
    }

    /// ECDH-ES, ECDH-ES+A128KW, ECDH-ES+A256KW and RSA-OAEP-256 with A128GCM, A256GCM, A128CBC-HS256 and A256CBC-HS512;
    /// 256 KiB.
    public static let standard = JWEPolicy(
        algorithms: [.ecdhES, .ecdhESA128KW, .ecdhESA256KW, .rsaOAEP256],
        encryptions: [.a128GCM, .a256GCM, .a128CBCHS256, .a256CBCHS512])
}

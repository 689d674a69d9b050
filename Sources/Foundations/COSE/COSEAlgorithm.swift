/// Signature algorithms of the IANA registry "COSE Algorithms" that this product can check.
public enum COSEAlgorithm: Int64, Sendable, Hashable, CaseIterable {
    /// ECDSA with SHA-256 (RFC 9053 section 2.1); P-256 in WebAuthn.
    case es256 = -7
    /// EdDSA (RFC 9053 section 2.2); Ed25519 here.
    case edDSA = -8
    /// ECDSA with SHA-384; P-384 in WebAuthn.
    case es384 = -35
    /// ECDSA with SHA-512; P-521 in WebAuthn.
    case es512 = -36
    /// RSASSA-PSS with SHA-256 (RFC 8230 section 2).
    case ps256 = -37
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8812 section 2).
    case rs256 = -257
    /// RSASSA-PKCS1-v1_5 with SHA-1 (RFC 8812 section 2): only for FIDO's conformance mode, never for login. It is in no
    /// standard set and must be named explicitly.
    case rs1 = -65535

    /// The name in the IANA registry.
    public var name: String {
        switch self {
        case .es256: "ES256"
        case .edDSA: "EdDSA"
        case .es384: "ES384"
        case .es512: "ES512"
        case .ps256: "PS256"
        case .rs256: "RS256"
        case .rs1: "RS1"
        }
    }
}

extension Set<COSEAlgorithm> {
    /// What logins may use: everything but ``COSEAlgorithm/rs1``.
    public static let login: Set<COSEAlgorithm> = [.es256, .edDSA, .es384, .es512, .ps256, .rs256]
    /// FIDO's conformance tool also wants RS1; never for real logins.
    public static let conformance: Set<COSEAlgorithm> = login.union([.rs1])
}

/// The curves of the IANA registry "COSE Elliptic Curves" that this product knows.
public enum COSECurve: Int64, Sendable, Hashable {
    case p256 = 1
    case p384 = 2
    case p521 = 3
    case ed25519 = 6

    /// The length of a coordinate or of the public key, in bytes (RFC 9053 section 7.1).
    public var size: Int {
        switch self {
        case .p256, .ed25519: 32
        case .p384: 48
        case .p521: 66
        }
    }
}

/// How an ECDSA signature is written. EdDSA and RSA have one form only.
public enum ECDSASignatureForm: Sendable {
    /// `r` and `s` after each other in full length: COSE messages (RFC 9053 section 2.1).
    case raw
    /// ASN.1 `Ecdsa-Sig-Value` in DER: WebAuthn (section 6.5.5), X.509.
    case der
}

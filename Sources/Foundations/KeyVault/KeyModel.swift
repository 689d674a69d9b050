import JOSE
import Kernel

/// What a key is for. A key is never used for two purposes. Rooms above may declare further purposes.
public struct KeyPurpose: RawRepresentable, Hashable, Sendable {
    /// The stable name in the vault file: lower-case ASCII letters, digits and hyphens, 1 to 64 bytes.
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    /// Signs ID tokens, logout tokens and signed userinfo of the OpenID Provider.
    public static let oidcSigning = KeyPurpose(rawValue: "oidc-signing")
    /// Signs consent receipts.
    public static let consentReceipt = KeyPurpose(rawValue: "consent-receipt")
    /// Signs the checkpoints of the ledger.
    public static let ledgerCheckpoint = KeyPurpose(rawValue: "ledger-checkpoint")
    /// Wraps the data keys of persons (`Envelope`).
    public static let personalData = KeyPurpose(rawValue: "personal-data")
    /// Keys the blind indexes (`BlindIndex`). Rotating it means writing every index again.
    public static let blindIndex = KeyPurpose(rawValue: "blind-index")
    /// Derives sector tokens and pairwise subjects. Rotating it changes every subject.
    public static let sectorToken = KeyPurpose(rawValue: "sector-token")
    /// Seals opaque state that comes back to us (cursors, cookies, codes).
    public static let sealing = KeyPurpose(rawValue: "sealing")
    /// Authenticates messages that come back to us.
    public static let mac = KeyPurpose(rawValue: "mac")
    /// Signs the tokens that name us to push services (RFC 8292). Browsers tie their subscriptions to this key, so
    /// rotating it ends every subscription.
    public static let webPush = KeyPurpose(rawValue: "web-push")

    /// Every purpose that the foundations know, in the order in which a new vault makes their keys.
    public static let all: [KeyPurpose] = [
        .oidcSigning, .consentReceipt, .ledgerCheckpoint, .personalData, .blindIndex, .sectorToken, .sealing, .mac,
        .webPush,
    ]

    /// The algorithm that `ensure` gives a purpose, and that an algorithm of `nil` prefers. ES256 for unknown purposes.
    public var defaultAlgorithm: KeyAlgorithm {
        switch self {
        case .personalData, .sealing: .aes256gcm
        case .blindIndex, .sectorToken, .mac: .hmacSHA256
        default: .es256
        }
    }

    /// Whether the name may stand in a vault file.
    var isWellFormed: Bool {
        let name = rawValue.utf8
        return (1...64).contains(name.count)
            && name.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
    }
}

/// How a key works. Signature algorithms are those of RFC 7518 section 3.1 and RFC 8037.
public enum KeyAlgorithm: String, Sendable, Hashable, Codable, CaseIterable {
    /// ECDSA on P-256 with SHA-256.
    case es256
    /// ECDSA on P-384 with SHA-384.
    case es384
    /// Ed25519.
    case eddsa
    /// RSASSA-PKCS1-v1_5 with SHA-256, 2048 bits. For relying parties that know nothing newer.
    case rs256
    /// RSASSA-PSS with SHA-256, 2048 bits.
    case ps256
    /// AES-256 in Galois/counter mode.
    case aes256gcm
    /// HMAC with SHA-256, 256-bit key.
    case hmacSHA256

    /// What can be done with a key of this algorithm.
    public enum Use: Sendable, Hashable { case signature, sealing, mac }

    /// What can be done with a key of this algorithm.
    public var use: Use {
        switch self {
        case .es256, .es384, .eddsa, .rs256, .ps256: .signature
        case .aes256gcm: .sealing
        case .hmacSHA256: .mac
        }
    }

    /// The JOSE algorithm of a signature key, `nil` for the others.
    public var jws: JWSAlgorithm? {
        switch self {
        case .es256: .es256
        case .es384: .es384
        case .eddsa: .edDSA
        case .rs256: .rs256
        case .ps256: .ps256
        case .aes256gcm, .hmacSHA256: nil
        }
    }
}

/// Where a key stands in its life. A key moves forward only.
public enum KeyState: String, Sendable, Hashable, Codable, CaseIterable {
    /// Published, so that others learn it, but not used yet.
    case prePublished
    /// Used for new signatures and seals.
    case active
    /// Published and used for checking and opening only.
    case retired
    /// The private part is gone; the public part stays for old evidence.
    case destroyed

    /// Whether a key may go from this state to another. Staying is always allowed, so that a repeated step does no
    /// harm.
    public func allows(_ next: KeyState) -> Bool {
        switch (self, next) {
        case (.prePublished, .active), (.prePublished, .destroyed), (.active, .retired), (.retired, .destroyed): true
        default: self == next
        }
    }
}

/// A key by name: everything about it that is not secret.
public struct KeyHandle: Sendable, Hashable {
    /// The key identifier: the JWK thumbprint (RFC 7638) of a signature key, 16 random hexadecimal digits otherwise.
    public let id: String
    public let purpose: KeyPurpose
    public let algorithm: KeyAlgorithm
    public let state: KeyState
    /// When the key was made.
    public let createdAt: Instant
    /// When the key came into its present state.
    public let stateSince: Instant
    /// The public key with `kid`, `alg` and `use` (`sig`); `nil` for symmetric keys.
    public let publicKey: JWK?

    public init(
        id: String, purpose: KeyPurpose, algorithm: KeyAlgorithm, state: KeyState, createdAt: Instant,
        stateSince: Instant, publicKey: JWK?
    ) {
        self.id = id
        self.purpose = purpose
        self.algorithm = algorithm
        self.state = state
        self.createdAt = createdAt
        self.stateSince = stateSince
        self.publicKey = publicKey
    }

    /// Handles are equal when they name the same key in the same state.
    public static func == (left: KeyHandle, right: KeyHandle) -> Bool {
        left.id == right.id && left.purpose == right.purpose && left.state == right.state
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(id)
        hasher.combine(state)
    }
}

import Codecs
import JOSE
import Kernel

/// How a relying party proves itself at the token endpoint (OpenID Connect Core 1.0, section 9; RFC 8705, section 2).
public enum ClientAuthenticationMethod: String, Sendable, CaseIterable {
    case clientSecretBasic = "client_secret_basic"
    case clientSecretPost = "client_secret_post"
    case privateKeyJWT = "private_key_jwt"
    /// A client certificate under a trusted authority.
    case tlsClientAuth = "tls_client_auth"
    /// A client certificate that the client's own key set holds (`x5c`).
    case selfSignedTLSClientAuth = "self_signed_tls_client_auth"
    /// A public client: PKCE alone binds the code.
    case none

    /// Whether the provider makes a secret for the client.
    public var usesSecret: Bool { self == .clientSecretBasic || self == .clientSecretPost }
    /// Whether the client can prove itself at all.
    public var isConfidential: Bool { self != .none }
}

/// The grant types that a client can be registered for.
public enum GrantType: String, Sendable, CaseIterable {
    case authorizationCode = "authorization_code"
    case implicit
    case refreshToken = "refresh_token"
    case clientCredentials = "client_credentials"
    case ciba = "urn:openid:params:grant-type:ciba"
    case deviceCode = "urn:ietf:params:oauth:grant-type:device_code"
    case tokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange"
}

/// What a relying party is registered to ask for, and why. Anything outside is dropped.
public struct RegisteredPurpose: Sendable, Hashable {
    /// Stable code, such as `account-opening`.
    public var code: String
    /// The purpose in plain words, shown to the person.
    public var text: LocalizedText
    /// Attributes without which the service cannot be given. The person may still leave them out.
    public var essential: [String]
    /// Attributes that the person may add.
    public var optional: [String]
    /// Days for which a consent holds, 1...365.
    public var validDays: Int

    public init(code: String, text: LocalizedText, essential: [String], optional: [String], validDays: Int) {
        self.code = code
        self.text = text
        self.essential = essential
        self.optional = optional
        self.validDays = validDays
    }
}

/// The organisation that answers for a client.
public struct ClientOrganisation: Sendable, Hashable {
    /// 1 to 64 of `a-z 0-9 . _ -`.
    public var code: String
    public var name: LocalizedText
}

/// Whether a client is for trying out or serves people.
public enum ClientEnvironment: String, Sendable, CaseIterable {
    case sandbox
    case production
}

/// Where the client runs (OpenID Connect Dynamic Client Registration 1.0, section 2).
public enum ApplicationType: String, Sendable, CaseIterable {
    case web
    case native
}

/// Whether each sector sees its own subject, or all see the same one (OpenID Connect Core 1.0, section 8).
public enum SubjectType: String, Sendable, CaseIterable {
    case pairwise
    case `public`
}

/// The recorded decision that response types which put tokens into URLs are acceptable for one client.
public struct RiskAcceptance: Sendable, Hashable {
    /// The response types that it covers, words in the registered order.
    public var responseTypes: [String]
    /// Who decided.
    public var by: String
    public var reason: String
    public var date: CalendarDate
}

/// JWE algorithms for one kind of answer.
public struct ResponseEncryption: Sendable, Hashable {
    public var algorithm: JWEAlgorithm
    public var encryption: JWEEncryption
}

/// The one name of the certificate that proves a `tls_client_auth` client (RFC 8705, section 2.1.2).
public enum CertificateSubject: Sendable, Hashable {
    /// A distinguished name as RFC 4514 writes it.
    case distinguishedName(String)
    case dnsName(String)
    case uri(String)
    case ipAddress(String)
    case email(String)

    /// The metadata member and its value.
    public var member: (name: String, value: String) {
        switch self {
        case .distinguishedName(let value): ("tls_client_auth_subject_dn", value)
        case .dnsName(let value): ("tls_client_auth_san_dns", value)
        case .uri(let value): ("tls_client_auth_san_uri", value)
        case .ipAddress(let value): ("tls_client_auth_san_ip", value)
        case .email(let value): ("tls_client_auth_san_email", value)
        }
    }

    static let kinds: [(name: String, make: @Sendable (String) -> CertificateSubject)] = [
        ("tls_client_auth_subject_dn", { .distinguishedName($0) }), ("tls_client_auth_san_dns", { .dnsName($0) }),
        ("tls_client_auth_san_uri", { .uri($0) }), ("tls_client_auth_san_ip", { .ipAddress($0) }),
        ("tls_client_auth_san_email", { .email($0) }),
    ]
}

/// How a client uses backchannel authentication (OpenID Connect CIBA Core 1.0, section 4).
public struct BackchannelAuthentication: Sendable, Hashable {
    public enum Delivery: String, Sendable, CaseIterable {
        case poll
        case ping
    }

    public var delivery: Delivery
    /// https; present for `ping`.
    public var notificationEndpoint: String?
    /// When set, requests must be signed with it.
    public var requestAlgorithm: JWSAlgorithm?
    public var userCode: Bool
}

/// What a client registers about logout (RP-Initiated, Back-Channel and Front-Channel Logout 1.0).
public struct ClientLogout: Sendable, Hashable {
    /// Compared as exact strings.
    public var postLogoutRedirectURIs: [String] = []
    public var backchannelURI: String?
    public var backchannelSessionRequired = false
    public var frontchannelURI: String?
    public var frontchannelSessionRequired = false
}

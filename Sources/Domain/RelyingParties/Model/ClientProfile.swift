import JOSE

/// What a client promises and what it is held to. Every rule that differs between clients differs by profile alone; ``ProfileRules``
/// is the table.
public enum ClientProfile: String, Sendable, CaseIterable {
    /// Plain OpenID Connect 1.0, for clients that can do no better: shared secrets, RS256, PKCE relaxable.
    case oidcLegacy = "oidc-legacy"
    /// OpenID Connect with the OAuth 2.0 Security Best Current Practice (RFC 9700). The default.
    case oidcSecure = "oidc-secure"
    /// FAPI 2.0 Security Profile.
    case fapi2 = "fapi2"
    /// FAPI 2.0 Security Profile with Message Signing: signed requests and signed responses.
    case fapi2MessageSigning = "fapi2-ms"

    /// The profile's row of the table.
    public var rules: ProfileRules {
        switch self {
        case .oidcLegacy: .oidcLegacy
        case .oidcSecure: .oidcSecure
        case .fapi2: .fapi2
        case .fapi2MessageSigning: .fapi2MessageSigning
        }
    }
}

/// What one profile allows and demands. Lists are in order of preference: the first algorithm is the default.
public struct ProfileRules: Sendable {
    /// When PKCE with S256 (RFC 7636) may be left out.
    public enum ProofKeyRule: String, Sendable {
        case required = "required"
        /// A confidential client may be registered with `"require_pkce": false`.
        case relaxable = "required; `\"require_pkce\": false` for confidential clients"
    }

    /// When a refresh gives a new refresh token (RFC 9700, section 4.14).
    public enum RefreshRotation: String, Sendable {
        /// Public clients only; the previous token lives 30 s more for the same DPoP key, then its use ends the family.
        case publicClients = "public clients"
        /// Never: the tokens are bound to client and key.
        case never = "never"
    }

    public let authenticationMethods: [ClientAuthenticationMethod]
    /// Response types that any registration of the profile may name.
    public let responseTypes: [String]
    /// Response types that need a recorded ``RiskAcceptance`` besides.
    public let responseTypesAtRisk: [String]
    public let responseModes: [String]
    /// For everything that the provider signs for the client: ID token, userinfo, introspection, authorization response, logout token.
    public let responseAlgorithms: [JWSAlgorithm]
    /// For client assertions (RFC 7523).
    public let assertionAlgorithms: [JWSAlgorithm]
    /// For request objects (RFC 9101) and signed CIBA requests.
    public let requestObjectAlgorithms: [JWSAlgorithm]
    public let proofKey: ProofKeyRule
    /// Whether requests must be pushed (RFC 9126).
    public let requiresPushedRequest: Bool
    /// Whether requests must be signed (RFC 9101).
    public let requiresSignedRequestObject: Bool
    /// Whether authorization responses must be signed (JARM).
    public let requiresJWTResponse: Bool
    /// Whether access tokens must be bound to a key, by DPoP (RFC 9449) or a certificate (RFC 8705).
    public let requiresSenderConstraint: Bool
    public let refreshRotation: RefreshRotation
    /// Seconds of life of an access token.
    public let accessTokenLifetime: Int64
    /// Seconds of life of an authorization code.
    public let codeLifetime: Int64

    /// Seconds of life of an access token that travels through the browser, in any profile.
    public static let frontChannelTokenLifetime: Int64 = 300
}

// The table. docs/relying-parties.md shows the same; a test compares them.
extension ProfileRules {
    static let oidcLegacy = ProfileRules(
        authenticationMethods: [
            .privateKeyJWT, .tlsClientAuth, .selfSignedTLSClientAuth, .clientSecretBasic, .clientSecretPost, .none,
        ],
        responseTypes: ["code", "code id_token"],
        responseTypesAtRisk: ["id_token", "id_token token", "code token", "code id_token token"],
        responseModes: plainModes + signedModes,
        responseAlgorithms: [.rs256, .es256, .ps256, .edDSA],
        assertionAlgorithms: [.es256, .ps256, .edDSA, .rs256],
        requestObjectAlgorithms: [.es256, .ps256, .edDSA, .rs256],
        proofKey: .relaxable,
        requiresPushedRequest: false, requiresSignedRequestObject: false, requiresJWTResponse: false,
        requiresSenderConstraint: false,
        refreshRotation: .publicClients,
        accessTokenLifetime: 600, codeLifetime: 60)

    static let oidcSecure = ProfileRules(
        authenticationMethods: [.privateKeyJWT, .tlsClientAuth, .selfSignedTLSClientAuth, .none],
        responseTypes: ["code", "code id_token"],
        responseTypesAtRisk: [],
        responseModes: plainModes + signedModes,
        responseAlgorithms: [.rs256, .es256, .ps256, .edDSA],
        assertionAlgorithms: strong,
        requestObjectAlgorithms: strong,
        proofKey: .required,
        requiresPushedRequest: false, requiresSignedRequestObject: false, requiresJWTResponse: false,
        requiresSenderConstraint: false,
        refreshRotation: .publicClients,
        accessTokenLifetime: 600, codeLifetime: 60)

    static let fapi2 = ProfileRules(
        authenticationMethods: [.privateKeyJWT, .tlsClientAuth, .selfSignedTLSClientAuth],
        responseTypes: ["code"],
        responseTypesAtRisk: [],
        responseModes: ["query", "form_post", "jwt", "query.jwt", "form_post.jwt"],
        responseAlgorithms: strong,
        assertionAlgorithms: strong,
        requestObjectAlgorithms: strong,
        proofKey: .required,
        requiresPushedRequest: true, requiresSignedRequestObject: false, requiresJWTResponse: false,
        requiresSenderConstraint: true,
        refreshRotation: .never,
        accessTokenLifetime: 300, codeLifetime: 60)

    static let fapi2MessageSigning = ProfileRules(
        authenticationMethods: [.privateKeyJWT, .tlsClientAuth, .selfSignedTLSClientAuth],
        responseTypes: ["code"],
        responseTypesAtRisk: [],
        responseModes: ["jwt", "query.jwt", "form_post.jwt"],
        responseAlgorithms: strong,
        assertionAlgorithms: strong,
        requestObjectAlgorithms: strong,
        proofKey: .required,
        requiresPushedRequest: true, requiresSignedRequestObject: true, requiresJWTResponse: true,
        requiresSenderConstraint: true,
        refreshRotation: .never,
        accessTokenLifetime: 300, codeLifetime: 60)

    /// FAPI 2.0 Security Profile, section 5.4.1.
    private static let strong: [JWSAlgorithm] = [.es256, .ps256, .edDSA]
    private static let plainModes = ["query", "fragment", "form_post"]
    private static let signedModes = ["jwt", "query.jwt", "fragment.jwt", "form_post.jwt"]
}

extension ProfileRules {
    /// The whole table as Markdown, one column for each profile, for the documentation.
    public static var documentation: String {
        let profiles = ClientProfile.allCases
        var lines = [
            "| rule | " + profiles.map { "`\($0.rawValue)`" }.joined(separator: " | ") + " |",
            "|---|" + profiles.map { _ in "---|" }.joined(),
        ]
        for (name, value) in documentationRows {
            lines.append("| \(name) | " + profiles.map { value($0.rules) }.joined(separator: " | ") + " |")
        }
        return lines.joined(separator: "\n")
    }

    private static let documentationRows: [(String, @Sendable (ProfileRules) -> String)] = [
        ("client authentication", { list($0.authenticationMethods.map(\.rawValue)) }),
        ("response types", { list($0.responseTypes) }),
        ("response types with `risk_acceptance`", { list($0.responseTypesAtRisk) }),
        ("response modes", { list($0.responseModes) }),
        ("algorithms of ID token, userinfo, JARM", { list($0.responseAlgorithms.map(\.rawValue)) }),
        ("algorithms of client assertions", { list($0.assertionAlgorithms.map(\.rawValue)) }),
        ("algorithms of request objects", { list($0.requestObjectAlgorithms.map(\.rawValue)) }),
        ("PKCE (S256)", { $0.proofKey.rawValue }),
        ("pushed requests (PAR)", { demand($0.requiresPushedRequest) }),
        ("signed request objects (JAR)", { demand($0.requiresSignedRequestObject) }),
        ("signed responses (JARM)", { $0.requiresJWTResponse ? "required" : "on request" }),
        ("sender-constrained tokens", { demand($0.requiresSenderConstraint) }),
        ("new refresh token at each refresh", { $0.refreshRotation.rawValue }),
        ("life of an access token", { "\($0.accessTokenLifetime) s" }),
        ("life of a code", { "\($0.codeLifetime) s" }),
    ]

    private static func list(_ values: [String]) -> String {
        values.isEmpty ? "none" : values.map { "`\($0)`" }.joined(separator: ", ")
    }

    private static func demand(_ required: Bool) -> String { required ? "required" : "as registered" }
}

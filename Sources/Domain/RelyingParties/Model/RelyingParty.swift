import Codecs
import JOSE
import Kernel

/// A registered relying party (client metadata: OpenID Connect Dynamic Client Registration 1.0 section 2, RFC 7591 section 2, and the
/// members of the standards named at each property).
public struct ClientMetadata: Sendable, Equatable {
    public var clientID: String
    public var name: LocalizedText
    public var profile: ClientProfile
    public var applicationType = ApplicationType.web
    public var environment = ClientEnvironment.production
    public var organisation: ClientOrganisation?
    /// Part of Rumdul itself (the citizen's pages): may turn a code into the internal person identifier.
    public var firstParty = false
    /// The host that the person sees, taken from the first redirect URI.
    public var host: String

    // MARK: How it proves itself

    public var authentication: ClientAuthenticationMethod
    /// The only algorithm for its assertions; `nil` leaves the profile's choice.
    public var assertionAlgorithm: JWSAlgorithm?
    /// SHA-256 of the client secret, for the secret methods.
    public var secretHash: [UInt8]?
    /// Public keys registered by value, for assertions, request objects and encryption. ``ClientKeys`` also knows those behind `jwks_uri`.
    public var keys: JWKSet?
    /// Where the public keys are (`jwks_uri`).
    public var keysURI: String?
    /// For `tls_client_auth`.
    public var certificateSubject: CertificateSubject?

    // MARK: What it may ask for

    /// Absolute URIs, compared as exact strings (RFC 9700, section 2.1).
    public var redirectURIs: [String] = []
    /// Words in the order `code id_token token`.
    public var responseTypes: [String] = []
    /// Raw values of ``GrantType``.
    public var grantTypes: [String] = []
    public var riskAcceptance: RiskAcceptance?
    public var purposes: [RegisteredPurpose] = []
    /// Scope values for client credentials.
    public var scope: [String] = []
    /// The audiences that tokens may be asked for (RFC 8707).
    public var resources: [String] = []
    /// RFC 9396, section 10.
    public var authorizationDetailTypes: [String] = []
    /// As registered; ``requiresPKCE`` counts.
    var proofKeyRelaxed = false
    var pushedRequestRequired = false
    var signedRequestObjectRequired = false
    /// The only algorithm for its request objects; `nil` leaves the profile's choice.
    public var requestObjectAlgorithm: JWSAlgorithm?
    /// Request objects that may be named by `request_uri`.
    public var requestURIs: [String] = []
    /// Seconds.
    public var defaultMaximumAge: Int64?
    public var requiresAuthTime = false
    public var defaultACRValues: [String] = []
    /// https; where a login can be started from outside (OpenID Connect Core 1.0, section 4).
    public var initiateLoginURI: String?
    /// Backchannel authentication; `nil` for clients without it.
    public var backchannelAuthentication: BackchannelAuthentication?
    /// Whether it may prompt people who did not begin at the client (CIBA).
    public var isTrustedForBackchannel = false
    /// Token exchange; `nil` for clients without it.
    public var tokenExchange: TokenExchangePolicy?
    /// What the operator lets it do at the registers; `nil` for nothing.
    public var registerAccess: RegisterAccess?

    // MARK: What it gets

    public var idTokenAlgorithm: JWSAlgorithm
    public var idTokenEncryption: ResponseEncryption?
    public var userInfoSignedAlgorithm: JWSAlgorithm?
    public var userInfoEncryption: ResponseEncryption?
    public var introspectionAlgorithm: JWSAlgorithm?
    /// JARM.
    public var authorizationResponseAlgorithm: JWSAlgorithm
    public var authorizationResponseEncryption: ResponseEncryption?
    /// RFC 9449, section 5.2.
    public var dpopBoundTokens = false
    /// RFC 8705, section 3.4.
    public var certificateBoundTokens = false
    /// The sector whose pairwise subjects this client sees; by default its first redirect URI's host.
    public var sector: String
    public var sectorIdentifierURI: String?
    public var subjectType = SubjectType.pairwise
    public var publicSubjectReason: String?
    public var logout = ClientLogout()

    // MARK: What people and operators see

    public var logoURI: String?
    public var clientURI: String?
    public var policyURI: String?
    public var termsURI: String?
    public var contacts: [String] = []
    public var softwareID: String?
    public var softwareVersion: String?

    /// The purpose with this code; without a code the first registered one.
    public func purpose(_ code: String?) -> RegisteredPurpose? {
        guard let code else { return purposes.first }
        return purposes.first { $0.code == code }
    }
}

extension ClientMetadata {
    /// What the profile allows and demands.
    public var rules: ProfileRules { profile.rules }

    /// Whether every code needs a PKCE challenge (RFC 7636).
    public var requiresPKCE: Bool {
        !(proofKeyRelaxed && rules.proofKey == .relaxable && authentication.isConfidential)
    }

    /// Whether requests must be pushed (RFC 9126).
    public var requiresPushedRequest: Bool { rules.requiresPushedRequest || pushedRequestRequired }

    /// Whether requests must be signed (RFC 9101).
    public var requiresSignedRequestObject: Bool { rules.requiresSignedRequestObject || signedRequestObjectRequired }

    /// Whether authorization responses must be signed (JARM).
    public var requiresJWTResponse: Bool { rules.requiresJWTResponse }

    /// Whether access tokens must be bound to a key.
    public var requiresSenderConstraint: Bool {
        rules.requiresSenderConstraint || dpopBoundTokens || certificateBoundTokens
    }

    /// Seconds of life of an access token.
    public var accessTokenLifetime: Int64 { rules.accessTokenLifetime }

    /// Seconds of life of a code.
    public var codeLifetime: Int64 { rules.codeLifetime }

    /// The algorithms that this client may sign assertions with.
    public var assertionAlgorithms: [JWSAlgorithm] { assertionAlgorithm.map { [$0] } ?? rules.assertionAlgorithms }

    /// The algorithms that this client may sign request objects with.
    public var requestObjectAlgorithms: [JWSAlgorithm] {
        requestObjectAlgorithm.map { [$0] } ?? rules.requestObjectAlgorithms
    }

    /// Whether this response type, words in the order `code id_token token`, is registered.
    public func allows(responseType: String) -> Bool { responseTypes.contains(responseType) }

    /// Whether the profile knows this response mode.
    public func allows(responseMode: String) -> Bool { rules.responseModes.contains(responseMode) }

    /// The name under which this client's subjects are made: its sector, or that of all clients with public subjects.
    public var subjectSector: String { subjectType == .public ? Self.publicSector : sector }

    /// No host and no registered sector can have this name.
    public static let publicSector = "*public*"

    /// Whether a redirect URI of a request is registered: character by character, but for the port of a native client's loopback
    /// address (RFC 8252, section 7.3).
    public func accepts(redirectURI: String) -> Bool {
        if redirectURIs.contains(where: { sameCodePoints($0, redirectURI) }) { return true }
        guard applicationType == .native, let bare = RedirectURI.loopbackWithoutPort(redirectURI) else { return false }
        return redirectURIs.contains { registered in
            RedirectURI.loopbackWithoutPort(registered).map { sameCodePoints($0, bare) } ?? false
        }
    }
}

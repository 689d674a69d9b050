import Codecs
import Crypto
import Kernel

/// What a relying party may ask for in a login.
public struct LoginOptions: Sendable {
    /// Scopes; `openid` is always among them.
    public var scope: [String] = ["openid"]
    /// Attributes wanted from userinfo, by claim name (OpenID Connect Core 1.0, section 5.5).
    public var claims: [String] = []
    /// Those among ``claims`` that the service cannot do without.
    public var essentialClaims: [String] = []
    /// The levels of assurance wanted, best first.
    public var acrValues: [String] = []
    /// Whether a login below all of ``acrValues`` is refused.
    public var requiresACR = false
    /// The code of the registered purpose; without one the first registered purpose holds.
    public var purpose: String?
    /// The languages of the pages, most wanted first.
    public var uiLocales: [String] = []
    /// The person must have been authenticated at most so many seconds ago.
    public var maxAge: Int64?

    public init(
        scope: [String] = ["openid"], claims: [String] = [], essentialClaims: [String] = [], acrValues: [String] = [],
        requiresACR: Bool = false, purpose: String? = nil, uiLocales: [String] = [], maxAge: Int64? = nil
    ) {
        self.scope = scope
        self.claims = claims
        self.essentialClaims = essentialClaims
        self.acrValues = acrValues
        self.requiresACR = requiresACR
        self.purpose = purpose
        self.uiLocales = uiLocales
        self.maxAge = maxAge
    }
}

/// What a relying party keeps between the start of a login and its callback, bound to the browser: in its own session,
/// or in a cookie that is `HttpOnly`, `Secure`, `SameSite=Lax` and encrypted.
public struct LoginSession: Sendable, Codable, Hashable {
    /// Ties the callback to the browser.
    public var state: String
    /// Ties the ID token to this login.
    public var nonce: String
    /// Proves that who redeems the code also asked for it (RFC 7636).
    public var codeVerifier: String
    /// When the login started.
    public var startedAt: Instant
    /// The levels of assurance one of which must be reached; empty when any will do.
    public var requiredACR: [String]
    /// The greatest age of the authentication, in seconds.
    public var maxAge: Int64?
}

/// Where to send the browser, and what to keep until it comes back.
public struct LoginStart: Sendable {
    /// The address for the redirect.
    public let url: String
    /// What to keep.
    public let session: LoginSession
}

extension RelyingParty {
    /// Starts a login.
    /// - Throws: `rp.configuration`, `rp.unreachable`, `rp.discovery`, `rp.authorization.*` when a pushed request is
    ///   refused; what a signing key throws.
    public func authorizationRequest(_ options: LoginOptions = LoginOptions()) async throws -> LoginStart {
        let session = LoginSession(
            state: ambient.newSecret(), nonce: ambient.newSecret(), codeVerifier: ambient.newSecret(),
            startedAt: ambient.now(), requiredACR: options.requiresACR ? options.acrValues : [],
            maxAge: options.maxAge)
        let challenge = Base64URL.encode(Array(SHA256.hash(data: Array(session.codeVerifier.utf8))))
        let scope = options.scope.contains("openid") ? options.scope : ["openid"] + options.scope
        var parameters = [
            ("response_type", "code"), ("client_id", configuration.clientID),
            ("redirect_uri", configuration.redirectURI), ("scope", scope.joined(separator: " ")),
            ("state", session.state), ("nonce", session.nonce), ("code_challenge", challenge),
            ("code_challenge_method", "S256"),
        ]
        if let claims = RelyingParty.claimsParameter(options) { parameters.append(("claims", claims)) }
        if !options.acrValues.isEmpty { parameters.append(("acr_values", options.acrValues.joined(separator: " "))) }
        if let purpose = options.purpose { parameters.append(("purpose", purpose)) }
        if !options.uiLocales.isEmpty { parameters.append(("ui_locales", options.uiLocales.joined(separator: " "))) }
        if let maxAge = options.maxAge { parameters.append(("max_age", String(maxAge))) }
        if configuration.protection.requiresSignedResponses { parameters.append(("response_mode", "jwt")) }
        // The code is bound to the key from the start (RFC 9449, section 10).
        if let prover = try prover.get() { parameters.append(("dpop_jkt", prover.thumbprint)) }
        return LoginStart(url: try await authorizationAddress(parameters), session: session)
    }

    /// The `claims` parameter, or `nil` when nothing in it would say anything.
    private static func claimsParameter(_ options: LoginOptions) -> String? {
        var object = JSONObject()
        let names = options.claims + options.essentialClaims.filter { !options.claims.contains($0) }
        if !names.isEmpty {
            object["userinfo"] = .object(
                JSONObject(names.map { ($0, options.essentialClaims.contains($0) ? ["essential": true] : .null) }))
        }
        if options.requiresACR, !options.acrValues.isEmpty {
            object["id_token"] = ["acr": ["essential": true, "values": .strings(options.acrValues)]]
        }
        return object.isEmpty ? nil : String(decoding: JSON.bytes(object), as: UTF8.self)
    }
}

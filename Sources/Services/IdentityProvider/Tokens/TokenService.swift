import Accountability
import Authenticators
import Codecs
import Consent
import Database
import JOSE
import Kernel
import KeyVault
import RelyingParties

/// What a client sent to the token endpoint, or to another endpoint where it proves itself.
struct ClientRequest: Sendable {
    let form: [String: String]
    /// `resource` may come more than once (RFC 8707).
    var resources: [String]
    /// How the client proves itself, or why that cannot be read.
    let credentials: Result<ClientCredentials, OAuthError>
    /// The keys that the client showed with the request.
    var keys: PresentedKeys
    var traceID: String

    /// - Parameter authorization: the `Authorization` field.
    init(
        form: [String: String], resources: [String] = [], authorization: String? = nil, keys: PresentedKeys = .init(),
        traceID: String = ""
    ) {
        self.form = form
        self.resources = resources
        self.keys = keys
        self.traceID = traceID
        credentials = Result { () throws(OAuthError) in
            try ClientCredentials.read(authorization: authorization, form: form)
        }
    }

    /// The client that the request says it comes from, proven or not.
    var claimedID: String? { (try? credentials.get())?.claimedID ?? form["client_id"] }
}

/// The token response (RFC 6749 section 5.1, OpenID Connect Core 1.0 section 3.1.3.3).
struct TokenResponse: Sendable {
    var accessToken: String
    var binding: TokenBinding?
    var expiresIn: Int64
    var scope: [String] = []
    var idToken: String?
    var refreshToken: String?
    var authorizationDetails: String?
    /// RFC 8693, section 2.2.1.
    var issuedTokenType: String?

    var json: [UInt8] {
        var writer = JSONWriter(capacity: 2048)
        writer.beginObject()
        writer.member("access_token", accessToken)
        writer.member("token_type", TokenBinding.tokenType(binding))
        writer.member("expires_in", expiresIn)
        if let idToken { writer.member("id_token", idToken) }
        if let refreshToken { writer.member("refresh_token", refreshToken) }
        if !scope.isEmpty { writer.member("scope", scope.joined(separator: " ")) }
        if let issuedTokenType { writer.member("issued_token_type", issuedTokenType) }
        if let authorizationDetails {
            writer.name("authorization_details")
            writer.raw(Array(authorizationDetails.utf8))
        }
        writer.endObject()
        return writer.bytes
    }
}

/// The token endpoint's grants, one file each. Whatever a grant writes it writes in one transaction with the client's authentication.
final class TokenService: Sendable {
    let database: any Database
    let people: any PersonDirectory
    let authentication: ClientAuthenticator
    let authenticators: Authenticators
    let consents: Consents
    let parties: RelyingPartyStore
    let accessTokens: AccessTokens
    let idTokens: IDTokens
    let release: AttributeRelease
    let settings: ProviderSettings
    let ambient: Ambient
    let vault: any KeyVault
    let store = TransactionStore()
    let codes = DeviceCodeStore()

    init(
        database: any Database, people: any PersonDirectory, authentication: ClientAuthenticator,
        authenticators: Authenticators, consents: Consents, parties: RelyingPartyStore, accessTokens: AccessTokens,
        idTokens: IDTokens, release: AttributeRelease, settings: ProviderSettings, ambient: Ambient, vault: any KeyVault
    ) {
        self.database = database
        self.people = people
        self.authentication = authentication
        self.authenticators = authenticators
        self.consents = consents
        self.parties = parties
        self.accessTokens = accessTokens
        self.idTokens = idTokens
        self.release = release
        self.settings = settings
        self.ambient = ambient
        self.vault = vault
    }

    /// The grants by their registered names.
    enum Grant: String, CaseIterable {
        case authorizationCode = "authorization_code"
        case refreshToken = "refresh_token"
        case clientCredentials = "client_credentials"
        case ciba = "urn:openid:params:grant-type:ciba"
        case deviceCode = "urn:ietf:params:oauth:grant-type:device_code"
        case tokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange"
    }

    /// Answers one token request. Throws `OAuthError`.
    func exchange(_ request: ClientRequest) async throws -> TokenResponse {
        guard let name = request.form["grant_type"] else { throw OAuthError.invalidRequest("grant_type is missing") }
        guard let grant = Grant(rawValue: name) else {
            throw OAuthError("unsupported_grant_type", "the grant type is not supported")
        }
        switch grant {
        case .authorizationCode: return try await redeemCode(request)
        case .refreshToken: return try await refresh(request)
        case .clientCredentials: return try await clientCredentials(request)
        case .ciba: return try await redeemCIBA(request)
        case .deviceCode: return try await redeemDeviceCode(request)
        case .tokenExchange: return try await exchangeToken(request)
        }
    }

    /// The client behind a request, allowed to use this grant. Reads the database, so call it outside of transactions.
    /// Throws `invalid_client`, `unauthorized_client`.
    func client(_ request: ClientRequest, for grant: Grant) async throws -> RelyingParty {
        let party = try await authentication.authenticate(request)
        guard party.grantTypes.contains(grant.rawValue) else {
            throw OAuthError("unauthorized_client", "the grant type is not registered for this client")
        }
        return party
    }

    /// The binding of the tokens to issue. Throws when the client must show a key and did not.
    static func binding(_ keys: PresentedKeys, party: RelyingParty) throws(OAuthError) -> TokenBinding? {
        if let proof = keys.proofThumbprint { return TokenBinding(.proof, proof) }
        if party.certificateBoundTokens {
            guard let certificate = keys.certificateThumbprint else {
                throw .invalidRequest("a client certificate is required")
            }
            return TokenBinding(.certificate, certificate)
        }
        guard !party.dpopBoundTokens else { throw OAuthError("invalid_dpop_proof", "a DPoP proof is required") }
        guard !party.requiresSenderConstraint else {
            throw .invalidRequest("tokens of this client are bound to a key: send a DPoP proof or a client certificate")
        }
        return nil
    }

    /// An access token of a person's grant, and the answer around it.
    func respond(
        _ item: Transaction, party: RelyingParty, binding: TokenBinding?, refreshToken: String?, scope: [String]? = nil,
        resources: [String]? = nil, withIDToken: Bool = true, attributes: JSONObject = [:], authRequestID: String? = nil
    ) async throws -> TokenResponse {
        guard let person = item.personID else { throw RumdulError.internal("approved transaction without a person") }
        let now = ambient.now()
        let subject = try await subject(of: person, party: party)
        let granted = scope ?? Self.grantedScope(item)
        let audience = resources ?? item.request.resources
        let claims = AccessTokenClaims(
            subject: subject, clientID: party.clientID, audience: audience.isEmpty ? [settings.issuer] : audience,
            scope: granted, issuedAt: now.seconds, expiresAt: now.seconds + party.accessTokenLifetime,
            identifier: accessTokens.identifier(), grantID: item.id, binding: binding, acr: item.acr,
            authTime: item.decidedAt?.seconds, authorizationDetails: item.request.authorizationDetails)
        let accessToken = try await accessTokens.issue(claims)
        var idToken: String?
        if withIDToken, granted.contains("openid") {
            idToken = try await idTokens.issue(
                IDTokens.Content(
                    item: item, party: party, subject: subject, accessToken: accessToken, refreshToken: refreshToken,
                    authRequestID: authRequestID, attributes: attributes))
        }
        return TokenResponse(
            accessToken: accessToken, binding: binding, expiresIn: party.accessTokenLifetime, scope: granted,
            idToken: idToken, refreshToken: refreshToken, authorizationDetails: item.request.authorizationDetails)
    }

    /// The tokens that travel through the browser (OpenID Connect Core 1.0, sections 3.2.2.5 and 3.3.2.5). Without a code the grant is redeemed
    /// here, so that it counts once, and the ID token carries what was asked of it; with one, the token endpoint's ID token does.
    /// Throws `authorize.request_stale` when it was redeemed before.
    func frontChannel(
        _ item: Transaction, party: RelyingParty, code: String?, traceID: String
    ) async throws -> TokenResponse {
        guard let person = item.personID else { throw RumdulError.internal("approved transaction without a person") }
        let attributes: JSONObject =
            code == nil ? try await redeemFrontChannel(item, party: party, traceID: traceID) : [:]
        let now = ambient.now().seconds
        let subject = try await subject(of: person, party: party)
        let lifetime = ProfileRules.frontChannelTokenLifetime
        var accessToken: String?
        if item.request.responseType.token {
            accessToken = try await accessTokens.issue(
                AccessTokenClaims(
                    subject: subject, clientID: party.clientID, audience: [settings.issuer],
                    scope: Self.grantedScope(item).filter { $0 != "offline_access" }, issuedAt: now,
                    expiresAt: now + lifetime, identifier: accessTokens.identifier(), grantID: item.id, acr: item.acr,
                    authTime: item.decidedAt?.seconds))
        }
        var idToken: String?
        if item.request.responseType.idToken {
            idToken = try await idTokens.issue(
                IDTokens.Content(
                    item: item, party: party, subject: subject, accessToken: accessToken, code: code,
                    state: party.hasStrictRequestObjects ? item.request.state : nil, attributes: attributes))
        }
        return TokenResponse(accessToken: accessToken ?? "", expiresIn: lifetime, idToken: idToken)
    }

    private func redeemFrontChannel(
        _ item: Transaction, party: RelyingParty, traceID: String
    ) async throws -> JSONObject {
        let attributes: JSONObject? = try await database.transaction { connection in
            guard try await self.store.redeem(item.id, binding: nil, refresh: nil, in: connection) else { return nil }
            guard item.request.responseType.idToken else { return [:] }
            return try await self.release.idToken(item, to: party, traceID: traceID, in: connection)
        }
        guard let attributes else { throw RumdulError.requestStale }
        return attributes
    }

    /// The person as this client knows them (OpenID Connect Core 1.0, section 8).
    func subject(of person: PersonID, party: RelyingParty) async throws -> String {
        try await people.subject(of: person, sector: party.subjectSector)
    }

    /// The scope that the person's decision left: without `offline_access` when they unticked it.
    static func grantedScope(_ item: Transaction) -> [String] {
        item.request.scope.filter { $0 != "offline_access" || item.granted.contains("offline_access") }
    }

    /// Throws `invalid_grant` when the person took the consent back, or the device that gave it is blocked.
    func requireLiving(_ item: Transaction, in connection: any SQLConnection) async throws {
        guard try await isConsented(item.consentID, in: connection) else {
            throw OAuthError.invalidGrant("the consent was withdrawn or has expired")
        }
        guard let device = item.deviceID, try await authenticators.isActive(device, in: connection) else {
            throw OAuthError.invalidGrant("the device that approved is no longer active")
        }
    }

    /// Whether a grant's consent holds and its device is active.
    func isLiving(consent: String?, device: String?, in connection: any SQLConnection) async throws -> Bool {
        guard let device, try await isConsented(consent, in: connection) else { return false }
        return try await authenticators.isActive(device, in: connection)
    }

    /// Rumdul's own pages have no consent and need none.
    private func isConsented(_ id: String?, in connection: any SQLConnection) async throws -> Bool {
        guard let id else { return true }
        return try await consents.isActive(id, in: connection)
    }
}

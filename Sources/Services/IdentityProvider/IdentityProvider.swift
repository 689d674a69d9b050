import Accountability
import Authenticators
import Codecs
import Consent
import Database
import Kernel
import KeyVault
import Logging
import RelyingParties

/// CamDigiKey as an OpenID Provider: relying parties, authorization code with PKCE, approvals on the device, tokens, userinfo.
public struct IdentityProvider: Sendable {
    /// The tables of this service.
    public static let migrations = ModuleMigrations("idp", [TransactionStore.migration])

    let database: any Database
    let vault: any KeyVault
    let settings: ProviderSettings
    let ambient: Ambient
    let logger: Logger
    /// The registrations of relying parties.
    public let registry: RelyingPartyRegistry
    let parties: RelyingPartyStore
    let authenticators: Authenticators
    let approvals: ApprovalService
    let tokens: TokenService
    let userInfo: UserInfoService
    let sealedRequests: SealedRequests

    /// - Parameters:
    ///   - people: finds people by what they type, and their pairwise subjects.
    ///   - attributes: the register behind the disclosure gate.
    public init(
        database: any Database, vault: any KeyVault, people: any PersonDirectory, attributes: any AttributeSource,
        gate: DisclosureGate, authenticators: Authenticators, consents: Consents, settings: ProviderSettings,
        ambient: Ambient, logger: Logger
    ) {
        self.database = database
        self.vault = vault
        self.settings = settings
        self.ambient = ambient
        self.logger = logger
        self.authenticators = authenticators
        registry = RelyingPartyRegistry(database: database, ambient: ambient)
        let parties = registry.store
        self.parties = parties
        approvals = ApprovalService(
            database: database, people: people, authenticators: authenticators, consents: consents, parties: parties,
            blindIndex: BlindIndex(vault: vault), settings: settings, ambient: ambient)
        tokens = TokenService(
            database: database, vault: vault, people: people,
            authentication: ClientAuthenticator(issuer: settings.issuer, parties: parties, ambient: ambient),
            consents: consents, settings: settings, ambient: ambient)
        userInfo = UserInfoService(
            database: database, vault: vault, people: people, attributes: attributes, gate: gate, consents: consents,
            parties: parties, settings: settings, ambient: ambient)
        sealedRequests = SealedRequests(vault: vault, ambient: ambient)
    }

    /// Adds or replaces a relying party: ``RelyingPartyRegistry/register(_:keepSecret:firstParty:)``.
    public func register(
        _ document: JSONObject, keepSecret: Bool = false, firstParty: Bool = false
    ) async throws -> RelyingPartyRegistry.Registration {
        try await registry.register(document, keepSecret: keepSecret, firstParty: firstParty)
    }

    /// All registrations, without secrets.
    public func relyingParties() async throws -> [(clientID: String, state: String, document: JSONObject)] {
        try await registry.relyingParties()
    }

    /// Suspends or reactivates a relying party. Throws `relying_party.not_found` when there is none.
    public func setRelyingParty(_ clientID: String, active: Bool) async throws {
        try await registry.setRelyingParty(clientID, active: active)
    }

    /// Who logged in to a first-party page.
    public struct FirstPartyLogin: Sendable {
        public var personID: PersonID
        public var acr: String
        public var deviceID: String
    }

    /// Redeems a code for Rumdul's own pages: the internal identifier instead of tokens. Throws `authorize.request_stale`.
    public func redeemFirstParty(code: String, verifier: String, clientID: String, redirectURI: String) async throws
        -> FirstPartyLogin
    {
        guard let decoded = try await AuthorizationCode.decode(code, vault: vault) else {
            throw RumdulError.requestStale
        }
        let now = ambient.now()
        let token = AccessToken(transactionID: decoded.transactionID, secret: ambient.randomBytes(32))
        let found: Transaction? = try await database.transaction { connection in
            guard let party = try await parties.party(clientID, in: connection), party.firstParty,
                let item = try await approvals.store.find(decoded.transactionID, in: connection),
                item.clientID == clientID, item.status == .approved, item.request.redirectURI == redirectURI,
                now < decoded.issuedAt.adding(seconds: AuthorizationCode.lifetime),
                constantTimeEquals(
                    Array(Base64URL.encode(sha256(Array(verifier.utf8))).utf8), Array(item.request.codeChallenge.utf8)),
                try await approvals.store.redeem(item.id, tokenHash: token.hash, expiresAt: now, in: connection)
            else { return nil }
            return item
        }
        guard let found, let person = found.personID, let acr = found.acr, let device = found.deviceID else {
            throw RumdulError.requestStale
        }
        return FirstPartyLogin(personID: person, acr: acr, deviceID: device)
    }

    /// Deletes login transactions that ended before a moment; returns how many.
    public func purgeTransactions(before: Instant) async throws -> Int {
        try await database.transaction { connection in try await approvals.store.purge(before: before, in: connection) }
    }
}

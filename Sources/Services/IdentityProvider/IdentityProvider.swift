import Accountability
import Authenticators
import Codecs
import Consent
import Database
import Kernel
import KeyVault
import Logging
import Outbound
import ProofOfPossession
import RelyingParties
import Web

/// What the provider needs of the world outside: addresses that clients name, memory that nodes share, authorities for client certificates.
public struct ProviderSurroundings: Sendable {
    public var documents: any DocumentFetcher
    public var requestObjects: (any RequestObjectFetcher)?
    /// Fetches logos.
    public var client: OutboundClient?
    /// Delivers logout tokens and pings.
    public var deliveries: DeliveryQueue?
    /// Remembers proofs and assertions that were used.
    public var replay: any ReplayMemory
    public var certificateRoots: CertificateRoots?
    /// Who may log in at sandbox clients.
    public var testPeople: any SandboxVisitors = Everybody()
    /// Hears of refusals and logins.
    public var events: any ClientEventSink = NoClientEvents()
    /// Tells people's browsers that something waits.
    public var notifier: any ApprovalNotifier = NoApprovalNotifier()
    /// Sends codes by text message; `nil` when they are not offered.
    public var messages: (any MessageGateway)?
    /// Terminals at which officers help people.
    public var terminals: any AssistedTerminals = NoAssistedTerminals()
    /// Knows how identities were proven.
    public var verification: any IdentityVerificationSource = NoIdentityVerification()
    /// Knows where networks are, roughly.
    public var places = NetworkPlaces.none

    public init(
        documents: any DocumentFetcher = NoDocuments(), requestObjects: (any RequestObjectFetcher)? = nil,
        client: OutboundClient? = nil, deliveries: DeliveryQueue? = nil,
        replay: any ReplayMemory = ProcessReplayMemory(), certificateRoots: CertificateRoots? = nil
    ) {
        self.documents = documents
        self.requestObjects = requestObjects
        self.client = client
        self.deliveries = deliveries
        self.replay = replay
        self.certificateRoots = certificateRoots
    }
}

/// A provider without a way out: no client document can be fetched.
public struct NoDocuments: DocumentFetcher {
    public init() {}

    public func fetchValue(_ url: String, limit: Int) async throws -> (JSONValue, maxAge: Int64?) {
        throw RumdulError.internal("this node fetches no documents")
    }
}

/// CamDigiKey as an OpenID Provider: relying parties, authorization, approvals on the device, sessions, tokens, userinfo, logout.
public final class IdentityProvider: Sendable {
    /// The tables of this service.
    public static let migrations = ModuleMigrations(
        "idp",
        [
            TransactionStore.migration, PushedRequestStore.migration, DeviceCodeStore.migration, CIBAStore.migration,
            AftermathStore.migration, TransactionStore.askerMigration,
        ])

    let database: any Database
    let vault: any KeyVault
    let people: any PersonDirectory
    let settings: ProviderSettings
    let ambient: Ambient
    let logger: Logger
    /// The registrations of relying parties.
    public let registry: RelyingPartyRegistry
    let registration: ClientRegistration
    let parties: RelyingPartyStore
    let clientKeys: ClientKeyResolver
    let authenticators: Authenticators
    let approvals: ApprovalService
    let passkeyLogin: PasskeyLogin
    let passkeyApproval: PasskeyApproval
    let authentication: ClientAuthenticator
    let tokens: TokenService
    let introspection: Introspection
    let userInfo: UserInfoService
    let sealedRequests: SealedRequests
    let resolver: RequestResolver
    let pushedRequests: PushedRequests
    let signOn: SingleSignOn
    let sessions: BrowserSessions
    let silentLogin: SilentLogin
    let hints: IDTokenHints
    let completion: Completion
    let logout: LogoutService
    let ciba: CIBAService
    let deviceGrant: DeviceGrantService
    let codeLogin: CodeLogin
    let cardLogin: CardLogin
    let surroundings: ProviderSurroundings

    /// - Parameters:
    ///   - people: finds people by what they type, and their pairwise subjects.
    ///   - attributes: the register behind the disclosure gate.
    public init(
        database: any Database, vault: any KeyVault, people: any PersonDirectory, attributes: any AttributeSource,
        gate: DisclosureGate, authenticators: Authenticators, consents: Consents, settings: ProviderSettings,
        ambient: Ambient, logger: Logger, surroundings: ProviderSurroundings = ProviderSurroundings()
    ) {
        self.database = database
        self.vault = vault
        self.people = people
        self.settings = settings
        self.ambient = ambient
        self.logger = logger
        self.surroundings = surroundings
        self.authenticators = authenticators
        let issuer = settings.issuer
        registry = RelyingPartyRegistry(database: database, ambient: ambient)
        registration = ClientRegistration(
            registry: registry, fetcher: surroundings.documents, endpoint: issuer + "/connect/register")
        let parties = registry.store
        self.parties = parties
        clientKeys = ClientKeyResolver(keys: ClientKeys(fetcher: surroundings.documents, ambient: ambient))
        signOn = SingleSignOn(vault: vault)
        hints = IDTokenHints(vault: vault, issuer: issuer, ambient: ambient)
        sealedRequests = SealedRequests(vault: vault, ambient: ambient)
        let release = AttributeRelease(
            attributes: attributes, gate: gate, consents: consents,
            verification: VerificationFacts(authenticators: authenticators, source: surroundings.verification),
            ambient: ambient)
        let accessTokens = AccessTokens(vault: vault, issuer: issuer, ambient: ambient)
        authentication = ClientAuthenticator(
            database: database, issuer: issuer, parties: parties, clientKeys: clientKeys, replay: surroundings.replay,
            roots: surroundings.certificateRoots, ambient: ambient)
        approvals = ApprovalService(
            database: database, people: people, authenticators: authenticators, consents: consents, parties: parties,
            blindIndex: BlindIndex(vault: vault), settings: settings, ambient: ambient,
            pings: surroundings.deliveries.map { queue in
                CIBAPings(database: database, vault: vault, parties: parties, queue: queue, ambient: ambient)
            }, testPeople: surroundings.testPeople, notifier: surroundings.notifier)
        passkeyApproval = PasskeyApproval(approvals: approvals, vault: vault)
        passkeyLogin = PasskeyLogin(
            database: database, vault: vault, people: people, authenticators: authenticators, consents: consents,
            parties: parties, settings: settings, ambient: ambient, testPeople: surroundings.testPeople,
            terminals: surroundings.terminals)
        tokens = TokenService(
            database: database, people: people, authentication: authentication, authenticators: authenticators,
            consents: consents, parties: parties, accessTokens: accessTokens,
            idTokens: IDTokens(
                vault: vault, sessions: signOn, settings: settings, ambient: ambient, clientKeys: clientKeys),
            release: release, settings: settings, ambient: ambient, vault: vault)
        introspection = Introspection(
            database: database, vault: vault, authentication: authentication, tokens: tokens, settings: settings,
            ambient: ambient)
        userInfo = UserInfoService(
            database: database, vault: vault, people: people, parties: parties, accessTokens: accessTokens,
            release: release, clientKeys: clientKeys, settings: settings, ambient: ambient)
        resolver = RequestResolver(
            database: database, pushed: PushedRequestStore(), clientKeys: clientKeys,
            fetcher: surroundings.requestObjects, issuer: issuer, ambient: ambient)
        pushedRequests = PushedRequests(
            database: database, authentication: authentication, resolver: resolver, store: PushedRequestStore(),
            policy: settings.policy, ambient: ambient)
        sessions = BrowserSessions(
            database: database, signOn: signOn, authenticators: authenticators, people: people,
            policy: settings.policy, ambient: ambient)
        silentLogin = SilentLogin(
            database: database, consents: consents, people: people, settings: settings, ambient: ambient,
            testPeople: surroundings.testPeople)
        completion = Completion(
            database: database, vault: vault, tokens: tokens,
            sender: ResponseSender(vault: vault, issuer: issuer, clientKeys: clientKeys, ambient: ambient),
            pushed: PushedRequestStore(), settings: settings, ambient: ambient, events: surroundings.events)
        logout = LogoutService(
            database: database, vault: vault, people: people, parties: parties, signOn: signOn,
            deliveries: surroundings.deliveries, issuer: issuer, ambient: ambient)
        ciba = CIBAService(
            database: database, vault: vault, people: people, authentication: authentication, resolver: resolver,
            hints: hints, approvals: approvals, pushed: PushedRequestStore(), settings: settings, ambient: ambient)
        deviceGrant = DeviceGrantService(
            database: database, authentication: authentication, blindIndex: BlindIndex(vault: vault),
            settings: settings, ambient: ambient)
        cardLogin = CardLogin(
            approvals: approvals, vault: vault, terminals: surroundings.terminals, deviceGrant: deviceGrant)
        codeLogin = CodeLogin(
            approvals: approvals, vault: vault, deviceGrant: deviceGrant,
            messages: surroundings.messages.map { gateway in
                MessageSurroundings(
                    gateway: gateway, codes: authenticators.textCodes(vault: vault), attributes: attributes,
                    gate: gate, logger: logger)
            })
    }

    /// The active client with an identifier. Throws `authorize.unknown_client`.
    func client(_ clientID: String) async throws -> RelyingParty {
        guard let party = try await parties.party(clientID, in: database) else { throw RumdulError.unknownClient }
        return party
    }

    /// A person's open sessions, newest first.
    public func sessions(of person: PersonID) async throws -> [OpenSession] { try await logout.sessions(of: person) }

    /// Ends one of a person's sessions from afar; false when there is no such session of theirs.
    public func endSession(_ id: String, of person: PersonID) async throws -> Bool {
        try await logout.end(id, of: person)
    }

    /// Adds or replaces a relying party: ``RelyingPartyRegistry/register(_:keepSecret:firstParty:)``.
    public func register(
        _ document: JSONObject, keepSecret: Bool = false, firstParty: Bool = false
    ) async throws -> RelyingPartyRegistry.Registration {
        try await registry.register(document, keepSecret: keepSecret, firstParty: firstParty)
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
        /// Whether a one-time code was all that proved the person: printed, or sent by message.
        public var isByCode: Bool
    }

    /// Redeems a code for Rumdul's own pages: the internal identifier instead of tokens. Throws `authorize.request_stale`.
    public func redeemFirstParty(code: String, verifier: String, clientID: String, redirectURI: String) async throws
        -> FirstPartyLogin
    {
        guard let decoded = try await AuthorizationCode.decode(code, vault: vault) else {
            throw RumdulError.requestStale
        }
        let now = ambient.now()
        let found: Transaction? = try await database.transaction { connection in
            guard let party = try await self.parties.party(clientID, in: connection), party.firstParty,
                let item = try await self.approvals.store.find(decoded.transactionID, in: connection),
                item.clientID == clientID, item.status == .approved, item.request.redirectURI == redirectURI,
                let challenge = item.request.codeChallenge,
                now < decoded.issuedAt.adding(seconds: AuthorizationCode.lifetime),
                constantTimeEquals(
                    Array(Base64URL.encode(sha256(Array(verifier.utf8))).utf8), Array(challenge.utf8)),
                try await self.approvals.store.redeem(item.id, binding: nil, refresh: nil, in: connection)
            else { return nil }
            return item
        }
        guard let found, let person = found.personID, let acr = found.acr, let device = found.deviceID else {
            throw RumdulError.requestStale
        }
        return FirstPartyLogin(
            personID: person, acr: acr, deviceID: device, isByCode: found.factors.contains(.oneTimeCode))
    }

    /// Deletes login transactions that ended before a moment; returns how many.
    public func purgeTransactions(before: Instant) async throws -> Int {
        let now = ambient.now()
        return try await database.transaction { connection in
            _ = try await self.codeLogin.messages?.codes.purge(in: connection)
            try await self.purgeAftermath(in: connection)
            _ = try await PushedRequestStore().purge(before: now.adding(seconds: -3600), in: connection)
            _ = try await CIBAStore().purge(before: now.adding(seconds: -3600), in: connection)
            _ = try await DeviceCodeStore().purge(before: now.adding(seconds: -3600), in: connection)
            return try await self.approvals.store.purge(before: before, in: connection)
        }
    }
}

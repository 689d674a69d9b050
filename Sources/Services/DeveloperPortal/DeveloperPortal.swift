import Accountability
import Database
import Kernel
import RelyingParties
import Web

/// The portal of relying parties: organisations register sandbox clients, try them, read their errors and ask for production; operators
/// decide.
public struct DeveloperPortal: Sendable {
    /// The tables of this service.
    public static let migrations = ModuleMigrations(
        "developer", [OrganisationStore.migration, ClientStore.migration, EventStore.migration])

    /// The pages of this service.
    public static let templates: [PageTemplates] = [DeveloperTemplates.module, OperatorTemplates.module]

    /// How long a developer stays logged in: half an hour without use, eight hours in all.
    public static let sessionPolicy = SessionPolicy(kind: "developer", idleSeconds: 1800, absoluteSeconds: 28_800)

    /// What the portal needs of the rest.
    public struct Surroundings: Sendable {
        public var database: any Database
        public var registry: RelyingPartyRegistry
        public var login: any DeveloperLogin
        public var trials: any TrialLogins
        /// For key sets at `jwks_uri`.
        public var documents: any DocumentFetcher
        public var officers: OfficerDirectory
        public var audit: AuditTrail
        /// What to say about error codes.
        public var errors: ErrorCatalogue
        public var ambient: Ambient
        /// The issuer and base URL.
        public var baseURL: String

        public init(
            database: any Database, registry: RelyingPartyRegistry, login: any DeveloperLogin,
            trials: any TrialLogins, documents: any DocumentFetcher, officers: OfficerDirectory, audit: AuditTrail,
            errors: ErrorCatalogue, ambient: Ambient, baseURL: String
        ) {
            self.database = database
            self.registry = registry
            self.login = login
            self.trials = trials
            self.documents = documents
            self.officers = officers
            self.audit = audit
            self.errors = errors
            self.ambient = ambient
            self.baseURL = baseURL
        }
    }

    let world: Surroundings
    let organisations: Organisations
    let clients: Clients
    let approvals: Approvals

    public init(_ world: Surroundings) {
        self.world = world
        organisations = Organisations(database: world.database, registry: world.registry, ambient: world.ambient)
        clients = Clients(
            database: world.database, registry: world.registry, organisations: organisations,
            check: GoLiveCheck(fetcher: world.documents, ambient: world.ambient), ambient: world.ambient,
            callback: world.baseURL + "/developers/try/callback")
        approvals = Approvals(
            database: world.database, clients: clients, audit: world.audit, ambient: world.ambient)
    }

    /// Adds the routes under `/developers` and `/operator`.
    public func addRoutes(to router: AppRouter, settings: WebSettings) {
        let ambient = world.ambient
        let csrf = CSRF(settings: settings, ambient: ambient)
        let sessions = SessionStore(
            database: world.database, settings: settings, ambient: ambient, policy: Self.sessionPolicy)
        let desk = DeveloperDesk(portal: self, sessions: sessions, csrf: csrf)
        DeveloperRoutes(portal: self, desk: desk).add(to: router)
        ClientRoutes(portal: self, desk: desk).add(to: router)
        TrialRoutes(portal: self, desk: desk).add(to: router)
        OperatorRoutes(
            portal: self, desk: OperatorDesk(world, csrf: csrf, settings: settings), developers: sessions
        ).add(to: router)
    }
}

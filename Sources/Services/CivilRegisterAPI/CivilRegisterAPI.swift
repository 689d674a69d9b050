import Accountability
import CivilRegister
import Database
import HTTPTypes
import Hummingbird
import Kernel
import KeyVault
import PopulationRegister
import Web

/// The interfaces of the registers for systems of other agencies: health and village notices, and more. Every answer
/// with personal data comes through the disclosure gate.
public struct CivilRegisterAPI: Sendable {
    let civil: CivilRegister
    let people: PopulationRegister
    let clients: any RegisterClients
    let printer: any CertificatePrinter
    let database: any Database
    let ambient: Ambient
    /// Notices of one system.
    let notices: SharedRateLimiter
    let guesses: GuessLimits
    /// The key of cursors.
    private let cursorSecret: [UInt8]
    /// Codes that one system has reserved.
    let reservations: SharedRateLimiter
    /// Questions and answers about external checks of one system.
    let checks: SharedRateLimiter
    /// For how many days a reserved code is held.
    let reservationDays: Int
    /// Documents that one system was given.
    let documents: SharedRateLimiter

    /// - Parameter reservationDays: for how many days a reserved code is held until it is confirmed.
    public init(
        civil: CivilRegister, people: PopulationRegister, clients: any RegisterClients,
        printer: any CertificatePrinter, database: any Database, vault: any KeyVault,
        reservationDays: Int = PopulationRegister.reservationDays, ambient: Ambient
    ) async throws {
        self.reservationDays = reservationDays
        self.civil = civil
        self.people = people
        self.clients = clients
        self.printer = printer
        self.database = database
        self.ambient = ambient
        let secret = try await Self.limitSecret(vault)
        notices = SharedRateLimiter(
            name: "register.api.notices", limit: RateLimit(1_000, per: 600), secret: secret, ambient: ambient)
        cursorSecret = try await vault.mac(Array("register api cursors 1".utf8), purpose: .mac)
        guesses = GuessLimits(secret: secret, ambient: ambient)
        checks = SharedRateLimiter(
            name: "register.api.checks", limit: RateLimit(3_000, per: 600), secret: secret, ambient: ambient)
        reservations = SharedRateLimiter(
            name: "register.api.uin", limit: RateLimit(600, per: 600), secret: secret, ambient: ambient)
        documents = SharedRateLimiter(
            name: "register.api.documents", limit: RateLimit(300, per: 600), secret: secret, ambient: ambient)
    }

    static func limitSecret(_ vault: any KeyVault) async throws -> [UInt8] {
        try await vault.mac(Array("register api rate limits 1".utf8), purpose: .mac)
    }

    /// Registers all routes.
    public func add(to router: AppRouter) {
        NoticeRoutes(api: self).add(to: router)
        VerifyRoutes(api: self).add(to: router)
        UINRoutes(api: self).add(to: router)
        ReservationRoutes(api: self).add(to: router)
        DataAccessRoutes(api: self).add(to: router)
        DocumentRoutes(api: self).add(to: router)
        PopulationRoutes(api: self).add(to: router)
        RecordRoutes(api: self).add(to: router)
        CheckRoutes(api: self).add(to: router)
        HouseholdRoutes(api: self).add(to: router)
        StayRoutes(api: self).add(to: router)
    }

    /// Cursors in lists of records: each system has its own.
    func recordCursors(_ client: RegisterClient) -> CursorCodec {
        CursorCodec(secret: cursorSecret, list: "cr.records:" + client.id)
    }

    /// Cursors in lists of checks: each system has its own.
    func checkCursors(_ client: RegisterClient) -> CursorCodec {
        CursorCodec(secret: cursorSecret, list: "cr.checks:" + client.id)
    }

    static let purposeField = HTTPField.Name("Rumdul-Purpose")

    typealias Handler = @Sendable (RegisterClient, Request, AppContext) async throws -> Response

    /// A handler behind the proof of the caller and a scope; what it throws becomes a problem document.
    func guarded(
        by scope: RegisterScope, _ handle: @escaping Handler
    ) -> @Sendable (Request, AppContext) async throws -> Response {
        { request, context in
            var response: Response
            do {
                let client = try await self.client(request, context)
                try Self.require(scope, of: client)
                response = try await handle(client, request, context)
            } catch {
                response = context.problem(error)
            }
            try await clients.complete(&response, after: request)
            return response
        }
    }

    func client(_ request: Request, _ context: AppContext) async throws -> RegisterClient {
        try await clients.client(request, context, purpose: Self.purposeField.flatMap { request.headers.one($0) })
    }

    static func require(_ scope: RegisterScope, of client: RegisterClient) throws {
        guard client.scopes.contains(scope.rawValue) else { throw RumdulError.apiScope(scope.rawValue) }
    }
}

import Codecs
import HTTPTypes
import Hummingbird
import Kernel
import Logging
import RelyingPartyKit
import Web

/// The bank of the demonstration: a web site of its own, which knows people only through "Log in with CamDigiKey".
struct ModelBank: Sendable {
    let relyingParty: RelyingPartyKit.RelyingParty
    let visits: BankVisits
    let cookie: WebCookie
    let ambient: Ambient
    let logger: Logger
    /// The first page of the story, for the way back.
    let story: String

    /// - Parameters:
    ///   - client: the bank's registration at the provider.
    ///   - issuer: the provider.
    ///   - transport: carries requests to the provider.
    init(
        client: DemoClient, issuer: String, transport: any OIDCTransport, settings: WebSettings, story: String,
        ambient: Ambient, logger: Logger
    ) {
        var configuration = RelyingPartyConfiguration(
            issuer: issuer, clientID: client.clientID, credentials: .clientSecretBasic(client.secret),
            redirectURI: client.redirectURIs.first ?? "")
        configuration.algorithms = [.es256]
        relyingParty = RelyingPartyKit.RelyingParty(configuration, transport: transport, ambient: ambient)
        visits = BankVisits(ambient: ambient)
        cookie = WebCookie("model-bank", settings: settings)
        self.ambient = ambient
        self.logger = logger
        self.story = story
    }

    /// The pages: styles and pictures for `WebApplication`.
    static let assets = [
        Asset("bank.css", contentType: "text/css; charset=utf-8", text: BankStyle.text),
        Asset("bank.svg", contentType: "image/svg+xml", text: BankStyle.icon),
    ]

    func addRoutes(to router: AppRouter) {
        router.get("/") { request, context in
            await answer(context) { try home(request, context) }
        }
        router.get("/login") { request, context in
            await answer(context) { try await login(request, context) }
        }
        router.get("/callback") { request, context in
            await answer(context) { try await callback(request, context) }
        }
        router.get("/account") { request, context in
            await answer(context) { try account(request, context) }
        }
        router.post("/account/read") { request, context in
            await answer(context) { try await readAgain(request, context) }
        }
        router.post("/logout") { request, context in
            await answer(context) {
                visits.end(cookie.value(in: request))
                return Redirect.seeOther("/").setting(cookie.clear)
            }
        }
    }

    /// Errors too are shown in the bank's own look.
    private func answer(_ context: AppContext, _ work: () async throws -> Response) async -> Response {
        do {
            return try await work()
        } catch {
            let known = error as? RumdulError ?? .internal("unexpected \(String(reflecting: type(of: error)))")
            logger.info("model bank: \(known.code) \(known.cause ?? "")")
            return BankPages(context: context, story: story).problem(known)
        }
    }

    private func home(_ request: Request, _ context: AppContext) throws -> Response {
        BankPages(context: context, story: story).home(isLoggedIn: visits.customer(cookie.value(in: request)) != nil)
    }

    private func login(_ request: Request, _ context: AppContext) async throws -> Response {
        let wanted = try QueryParameters.read(request)["purpose"]
        let service = BankService.all.first { $0.purpose == wanted } ?? BankService.account
        let start = try await relyingParty.authorizationRequest(
            LoginOptions(
                claims: service.optional, essentialClaims: service.essential, acrValues: ["urn:kh:camdigikey:aal:1"],
                requiresACR: true, purpose: service.purpose, uiLocales: [context.language.rawValue]))
        let visit = try visits.start(start.session, purpose: service.purpose, replacing: cookie.value(in: request))
        return Redirect.found(start.url).setting(cookie.set(visit, maximumAge: Int(BankVisits.lifetime)))
    }

    private func callback(_ request: Request, _ context: AppContext) async throws -> Response {
        let visit = cookie.value(in: request)
        guard let visit, let pending = visits.takePending(visit) else { throw RumdulError.loginSessionExpired }
        let query = request.head.path.flatMap { path in
            path.firstIndex(of: "?").map { String(path[path.index(after: $0)...]) }
        }
        let login = try await relyingParty.handleCallback(query ?? "", session: pending.session)
        let person = try await relyingParty.userInfo(login)
        let admitted = visits.admit(
            BankCustomer(
                login: login, purpose: pending.purpose, claims: person.claims, readAt: ambient.now(), refusal: nil),
            from: visit)
        return Redirect.found("/account").setting(cookie.set(admitted, maximumAge: Int(BankVisits.lifetime)))
    }

    private func account(_ request: Request, _ context: AppContext) throws -> Response {
        guard let customer = visits.customer(cookie.value(in: request)) else { return Redirect.found("/") }
        return BankPages(context: context, story: story).account(customer)
    }

    /// Asks the provider again. After a withdrawal it refuses, and the bank deletes what it held.
    private func readAgain(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let visit = cookie.value(in: request), var customer = visits.customer(visit) else {
            return Redirect.seeOther("/")
        }
        do {
            customer.claims = try await relyingParty.userInfo(customer.login).claims
            customer.refusal = nil
        } catch let error as RumdulError {
            if error.code.hasPrefix("rp.token.") { customer.claims = [:] }
            customer.refusal = error
        }
        customer.readAt = ambient.now()
        visits.update(visit, customer)
        return Redirect.seeOther("/account")
    }
}

/// What the bank offers, and which attributes it needs for that.
struct BankService: Sendable {
    let purpose: String
    let essential: [String]
    let optional: [String]

    static let account = BankService(
        purpose: DemoClients.accountOpening, essential: ["name_km", "name_latin", "birthdate"],
        optional: ["phone_number", "address_province", "gender"])
    static let age = BankService(purpose: DemoClients.ageCheck, essential: ["age_over_18"], optional: [])
    static let all = [account, age]

    static func of(_ purpose: String) -> BankService { all.first { $0.purpose == purpose } ?? account }
}

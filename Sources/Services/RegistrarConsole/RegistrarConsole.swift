import Accountability
import CivilRegister
import Database
import Hummingbird
import Kernel
import KeyVault
import OfficerDesk
import PopulationRegister
import ReferenceData
import Web

/// The console of commune clerks, registrars, district verifiers and provincial approvers under `/register`.
public struct RegistrarConsole: Sendable {
    let civil: CivilRegister
    let people: PopulationRegister
    let desk: OfficerDesk
    let directory: OfficerDirectory
    let places: PlaceBook
    let paper: CertificatePaper
    let ambient: Ambient
    let searches: SharedRateLimiter
    let database: any Database

    /// The tables of this module.
    public static let migrations = OfflineStore.migrations
    /// The files of its pages.
    public static let assets = OfflineScripts.assets

    static let home = "/register"
    /// What is entered every day.
    private static let often: [VitalEventKind] = [.birth, .death, .marriage]
    /// The rights one of which lets an officer in.
    static let rights: [Permission] = [
        .civilDeclare, .civilVerify, .civilRegister, .civilLateApprove, .civilCorrectApprove, .civilRevoke,
        .duplicateDecide, .medicalWrite, .householdRead, .stayRead, .stayWrite,
    ]

    public init(
        civil: CivilRegister, people: PopulationRegister, directory: OfficerDirectory, reference: ReferenceData,
        database: any Database,
        vault: any KeyVault, ambient: Ambient, settings: WebSettings
    ) async throws {
        self.civil = civil
        self.people = people
        self.directory = directory
        self.ambient = ambient
        self.database = database
        places = PlaceBook(reference: reference)
        paper = CertificatePaper(reference: reference, ambient: ambient)
        desk = try await OfficerDesk(
            OfficerDesk.Console(
                sessionKind: "register-officer", home: Self.home, title: ConsoleTexts.title,
                lead: ConsoleTexts.loginLead, rights: Self.rights),
            directory: directory, database: database, vault: vault, settings: settings, ambient: ambient)
        // Registrars look up one record at a time; nobody walks through the register.
        searches = SharedRateLimiter(
            name: "register.search", limit: RateLimit(120, per: 600),
            secret: try await vault.mac(Array("register rate limits 1".utf8), purpose: .mac), ambient: ambient)
    }

    /// Registers all routes.
    public func add(to router: AppRouter) {
        router.get("/register/login") { try await desk.loginPage($0, $1) }
        router.post("/register/login") { try await desk.login($0, $1) }
        router.post("/register/logout") { try await desk.logout($0, $1) }
        router.get("/register", use: homePage)
        router.get("/register/queues/{queue}", use: queuePage)
        SearchRoutes(console: self).add(to: router)
        FormRoutes(console: self).add(to: router)
        RecordRoutes(console: self).add(to: router)
        EvidenceRoutes(console: self).add(to: router)
        DuplicateRoutes(console: self).add(to: router)
        CertificateRoutes(console: self).add(to: router)
        OfflineRoutes(console: self).add(to: router)
        BookRoutes(console: self).add(to: router)
        CauseRoutes(console: self).add(to: router)
        HouseholdRoutes(console: self).add(to: router)
        StayRoutes(console: self).add(to: router)
    }

    // MARK: Lists

    private func homePage(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await desk.seat(request) else { return Redirect.found(Self.home + "/login") }
        return try await homePage(seat, context, search: nil)
    }

    func homePage(
        _ seat: OfficerDesk.Seat, _ context: AppContext, search: SearchViews?
    ) async throws -> Response {
        let language = context.language
        let counts = try await civil.queues(of: seat.officer)
        let views = search ?? SearchViews()
        var data = FormField.form([], errors: views.errors, csrf: seat.csrf, language: language)
        data.merge(views.data(now: ambient.now(), language)) { $1 }
        data["queues"] = counts.map { queue, count in
            [
                "path": "\(Self.home)/queues/\(queue.rawValue)", "text": queue.label[language],
                "count": RecordViews.count(count, language), "waits": count > 0,
            ] as [String: Any]
        }
        if let waiting = try await duplicatesWaiting(seat.officer) {
            // Who decides the cases needs no second list of the records that wait for them.
            var queues = (data["queues"] as? [[String: Any]] ?? []).filter {
                $0["path"] as? String != "\(Self.home)/queues/\(CivilQueue.duplicates.rawValue)"
            }
            queues.append([
                "path": DuplicateRoutes.path, "text": DuplicateViews.title[language],
                "count": RecordViews.count(waiting, language), "waits": waiting > 0,
            ])
            data["queues"] = queues
        }
        if !offices(of: seat.officer, .civilKey).isEmpty || !offices(of: seat.officer, .civilKeyDecide).isEmpty {
            var queues = data["queues"] as? [[String: Any]] ?? []
            queues.append(["path": BookRoutes.path, "text": BookViews.title[language], "count": "", "waits": false])
            data["queues"] = queues
        }
        if !offices(of: seat.officer, .civilRevoke).isEmpty {
            let agreed = try await civil.duplicatesToRevoke(of: seat.officer).count
            var queues = data["queues"] as? [[String: Any]] ?? []
            queues.append([
                "path": DuplicateRoutes.agreed, "text": DuplicateViews.agreedTitle[language],
                "count": RecordViews.count(agreed, language), "waits": agreed > 0,
            ])
            data["queues"] = queues
        }
        let causes = try await civil.causeLists(of: seat.officer)
        if !causes.isEmpty {
            var queues = data["queues"] as? [[String: Any]] ?? []
            queues += causes.map { list, count in
                [
                    "path": CauseRoutes.path, "text": list.label[language],
                    "count": RecordViews.count(count, language), "waits": count > 0,
                ] as [String: Any]
            }
            data["queues"] = queues
        }
        data["mayFind"] =
            !offices(of: seat.officer, .civilRead).isEmpty || !offices(of: seat.officer, .personFind).isEmpty
        data["queues"] = (data["queues"] as? [[String: Any]] ?? []) + (try await residence(seat.officer, language))
        let mayDeclare = offices(of: seat.officer, .civilDeclare).isEmpty == false
        data["mayDeclare"] = mayDeclare
        data["kinds"] =
            mayDeclare
            ? (Self.often + VitalEventKind.allCases.filter { !Self.often.contains($0) }).map { kind in
                [
                    "path": "\(Self.home)/new/\(kind.rawValue)", "text": kind.label[language],
                    "key": String(kind.letter), "isOften": Self.often.contains(kind),
                ] as [String: Any]
            } : []
        data["searched"] = search != nil
        var page = page("register/home", title: ConsoleTexts.title, data: data, seat: seat)
        if let script = context.assetPath("register.js") { page.scripts = [script] }
        if search != nil { page.languageSwitch = .path(Self.home) }
        if !views.errors.isEmpty { page.status = .badRequest }
        return context.show(page)
    }

    private func queuePage(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let seat = try await desk.seat(request) else { return Redirect.found(Self.home + "/login") }
        guard let queue = CivilQueue(rawValue: try context.pathParameter("queue")) else {
            throw RumdulError.civilNotFound
        }
        let records = try await civil.list(queue, of: seat.officer, limit: 200)
        var data = FormField.form([], csrf: seat.csrf, language: context.language)
        data["heading"] = queue.label[context.language]
        data["hasRecords"] = !records.isEmpty
        data["records"] = records.map { RecordViews.line($0, now: ambient.now(), context.language) }
        return context.show(page("register/queue", title: queue.label, data: data, seat: seat))
    }

    /// How many duplicate cases wait for this officer; `nil` for who does not decide about them.
    private func duplicatesWaiting(_ officer: Officer) async throws -> Int? {
        guard !offices(of: officer, .duplicateDecide).isEmpty || !offices(of: officer, .civilRevoke).isEmpty else {
            return nil
        }
        return try await civil.waitingDuplicates(of: officer).count
    }

    /// Links to households and legal stay, for who works on them.
    private func residence(_ officer: Officer, _ language: Language) async throws -> [[String: Any]] {
        var links: [[String: Any]] = []
        if !offices(of: officer, .householdRead).isEmpty {
            let waiting = try await people.headlessHouseholds(by: .officer(officer)).count
            links.append([
                "path": HouseholdRoutes.path, "text": HouseholdViews.title[language],
                "count": RecordViews.count(waiting, language), "waits": waiting > 0,
            ])
        }
        if !offices(of: officer, .stayRead).isEmpty {
            links.append(["path": StayRoutes.path, "text": StayViews.title[language], "count": "", "waits": false])
        }
        return links
    }

    // MARK: Shared

    func page(_ template: String, title: LocalizedText, data: [String: Any], seat: OfficerDesk.Seat) -> Page {
        var page = Page(template, title: title, data: data)
        page.account = seat.officer.username
        page.navigation = [
            .init(ConsoleTexts.title, path: Self.home, isCurrent: template == "register/home")
        ]
        page.isWide = true
        return page
    }

    /// The areas where an officer has a right: place codes, or an empty one for the whole country.
    func offices(of officer: Officer, _ permission: Permission) -> [String] {
        let areas = officer.grants.filter { $0.role.permissions.contains(permission) }.map { grant in
            if case .area(let code) = grant.jurisdiction { code } else { "" }
        }
        return Array(Set(areas)).sorted()
    }
}

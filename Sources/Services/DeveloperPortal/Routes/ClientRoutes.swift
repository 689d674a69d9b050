import Codecs
import Hummingbird
import Kernel
import RelyingParties
import Web

/// Registering, changing and going live.
struct ClientRoutes: Sendable {
    let portal: DeveloperPortal
    let desk: DeveloperDesk

    func add(to router: AppRouter) {
        router.get("/developers/organisations/{id}/clients/new") { try await blank($0, $1) }
        router.post("/developers/organisations/{id}/clients") { try await create($0, $1) }
        router.get("/developers/clients/{client}") { try await overview($0, $1) }
        router.get("/developers/clients/{client}/edit") { try await edit($0, $1) }
        router.post("/developers/clients/{client}/edit") { try await save($0, $1) }
        router.post("/developers/clients/{client}/secret") { try await secret($0, $1) }
        router.get("/developers/clients/{client}/samples") { try await samples($0, $1) }
        router.get("/developers/clients/{client}/errors") { try await errors($0, $1) }
        router.get("/developers/clients/{client}/golive") { try await goLive($0, $1) }
        router.post("/developers/clients/{client}/golive") { try await ask($0, $1) }
        router.post("/developers/clients/{client}/golive/withdraw") { try await takeBack($0, $1) }
        router.post("/developers/clients/{client}/draft/discard") { try await discard($0, $1) }
    }

    private func file(_ seat: DeveloperDesk.Seat, _ context: AppContext) async throws -> ClientFile {
        try await portal.clients.file(try context.pathParameter("client"), for: seat.person)
    }

    static func path(_ client: String) -> String { "/developers/clients/\(client)" }

    // MARK: The form

    private func blank(_ request: Request, _ context: AppContext) async throws -> Response {
        try await desk.page(request) { seat in
            let member = try await portal.organisations.membership(
                of: seat.person, in: try context.pathParameter("id"))
            return context.show(
                ClientFormViews.page(
                    .blank, target: .new(member.organisation), errors: [], csrf: seat.csrf, language: context.language))
        }
    }

    private func create(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, fields) = try await desk.form(request, context)
        let member = try await portal.organisations.membership(of: seat.person, in: try context.pathParameter("id"))
        let form = ClientForm(fields)
        let id = portal.clients.newClientID(member.organisation)
        switch form.read(
            clientID: id, organisation: member.organisation, base: [:], callback: portal.clients.callback)
        {
        case .success(let version):
            return try await saved(
                portal.clients.create(version, by: member), context, done: "registered")
        case .failure(let refused):
            return context.show(
                ClientFormViews.page(
                    form, target: .new(member.organisation), errors: refused.fields, csrf: seat.csrf,
                    language: context.language))
        }
    }

    private func edit(_ request: Request, _ context: AppContext) async throws -> Response {
        try await desk.page(request) { seat in
            let file = try await file(seat, context)
            return context.show(
                ClientFormViews.page(
                    ClientForm(file.candidate), target: .existing(file), errors: [], csrf: seat.csrf,
                    language: context.language))
        }
    }

    private func save(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, fields) = try await desk.form(request, context)
        let file = try await file(seat, context)
        let form = ClientForm(fields)
        switch form.read(
            clientID: file.client.clientID, organisation: file.membership.organisation, base: file.candidate.document,
            callback: portal.clients.callback)
        {
        case .success(let version):
            let saved = try await portal.clients.save(version, of: file)
            return try await self.saved(
                saved, context, done: saved.outcome == .drafted ? "drafted" : "saved")
        case .failure(let refused):
            return context.show(
                ClientFormViews.page(
                    form, target: .existing(file), errors: refused.fields, csrf: seat.csrf, language: context.language))
        }
    }

    /// A new secret is shown on the answer itself and nowhere else.
    private func saved(_ saved: Clients.Saved, _ context: AppContext, done: String) async throws -> Response {
        guard let secret = saved.secret else {
            return Redirect.seeOther(Self.path(saved.clientID) + "?done=" + done)
        }
        return context.show(ClientViews.secret(secret, clientID: saved.clientID, language: context.language))
    }

    private func secret(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, _) = try await desk.form(request, context)
        let file = try await file(seat, context)
        let secret = try await portal.clients.newSecret(of: file)
        return context.show(ClientViews.secret(secret, clientID: file.client.clientID, language: context.language))
    }

    private func discard(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, _) = try await desk.form(request, context)
        let file = try await file(seat, context)
        try await portal.clients.discardDraft(of: file)
        return Redirect.seeOther(Self.path(file.client.clientID) + "?done=discarded")
    }

    // MARK: Reading

    private func overview(_ request: Request, _ context: AppContext) async throws -> Response {
        try await desk.page(request) { seat in
            let file = try await file(seat, context)
            let events = portal.clients.events
            let logins = try await portal.world.database.read { connection in
                try await events.logins(of: file.client.clientID, limit: 14, in: connection)
            }
            return context.show(
                ClientViews.overview(
                    file, logins: logins, issuer: portal.world.baseURL,
                    done: try QueryParameters.read(request)["done"], csrf: seat.csrf, language: context.language))
        }
    }

    private func samples(_ request: Request, _ context: AppContext) async throws -> Response {
        try await desk.page(request) { seat in
            let file = try await file(seat, context)
            let wanted = try QueryParameters.read(request)["purpose"]
            guard let purpose = file.party.purpose(wanted) ?? file.party.purposes.first else {
                throw RumdulError.clientState
            }
            var party = file.party
            party.redirectURIs = party.redirectURIs.filter { $0 != portal.clients.callback }
            let samples = CodeSamples(issuer: portal.world.baseURL, client: party, purpose: purpose)
            return context.show(ClientViews.samples(file, samples, language: context.language))
        }
    }

    /// The log, newest first; `trace` finds one answer by its identifier.
    private func errors(_ request: Request, _ context: AppContext) async throws -> Response {
        try await desk.page(request) { seat in
            let file = try await file(seat, context)
            let query = try QueryParameters.read(request)
            let trace = query["trace"].map { String($0.prefix(64)) }
            let before = PageKey(query["before"])
            let events = portal.clients.events
            let rows = try await portal.world.database.read { connection in
                try await events.events(
                    of: file.client.clientID, before: before.map { ($0.at, $0.id) }, traceID: trace, limit: 51,
                    in: connection)
            }
            let shown = Array(rows.prefix(50))
            let next = rows.count > 50 ? shown.last.map { PageKey(at: $0.event.at, id: $0.id).text } : nil
            return context.show(
                ClientViews.errors(
                    file, shown.map(\.event), catalogue: portal.world.errors, trace: trace, next: next,
                    language: context.language))
        }
    }

    // MARK: Going live

    private func goLive(_ request: Request, _ context: AppContext) async throws -> Response {
        try await desk.page(request) { seat in
            try await goLivePage(seat, try await file(seat, context), context, refused: nil)
        }
    }

    private func goLivePage(
        _ seat: DeveloperDesk.Seat, _ file: ClientFile, _ context: AppContext, refused: RumdulError?
    ) async throws -> Response {
        let lines = try await portal.clients.goLive(file)
        return context.show(
            ClientViews.goLive(file, lines, refused: refused, csrf: seat.csrf, language: context.language))
    }

    private func ask(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, _) = try await desk.form(request, context)
        let file = try await file(seat, context)
        do {
            try await portal.clients.ask(file)
            return Redirect.seeOther(Self.path(file.client.clientID) + "?done=asked")
        } catch let error as RumdulError where error == .notReady {
            return try await goLivePage(seat, file, context, refused: error)
        }
    }

    private func takeBack(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, _) = try await desk.form(request, context)
        let file = try await file(seat, context)
        try await portal.clients.takeBack(file)
        return Redirect.seeOther(Self.path(file.client.clientID) + "?done=withdrawn")
    }
}

/// Where a page of a list ends: a moment and an identifier. It is no secret, and a made-up one only shows other rows of the same list.
struct PageKey: Sendable {
    var at: Instant
    var id: String

    init(at: Instant, id: String) {
        self.at = at
        self.id = id
    }

    init?(_ text: String?) {
        guard let parts = text?.split(separator: "_"), parts.count == 2, let microseconds = Int64(parts[0]),
            (1...36).contains(parts[1].utf8.count)
        else { return nil }
        self.init(at: Instant(microseconds: microseconds), id: String(parts[1]))
    }

    var text: String { "\(at.microseconds)_\(id)" }
}

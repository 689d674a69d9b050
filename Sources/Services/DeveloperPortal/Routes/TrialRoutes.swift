import Codecs
import Hummingbird
import JOSE
import Kernel
import Web

/// Trying a sandbox client: a real login whose answer is shown instead of used.
struct TrialRoutes: Sendable {
    let portal: DeveloperPortal
    let desk: DeveloperDesk

    func add(to router: AppRouter) {
        router.get("/developers/clients/{client}/try") { try await page($0, $1) }
        router.post("/developers/clients/{client}/try") { try await begin($0, $1) }
        router.get("/developers/try/callback") { try await callback($0, $1) }
    }

    private func page(_ request: Request, _ context: AppContext) async throws -> Response {
        try await desk.page(request) { seat in
            let file = try await portal.clients.file(try context.pathParameter("client"), for: seat.person)
            return context.show(ClientViews.trial(file, csrf: seat.csrf, language: context.language))
        }
    }

    /// What the way back must fit stays in the developer's session.
    private func begin(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await desk.form(request, context)
        let file = try await portal.clients.file(try context.pathParameter("client"), for: seat.person)
        guard file.isSandbox, file.record.state == .active,
            let purpose = file.party.purpose(form["purpose"]) ?? file.party.purposes.first
        else { throw RumdulError.clientState }
        let ambient = portal.world.ambient
        let (state, verifier, nonce) = (ambient.newSecret(), ambient.newSecret(), ambient.newSecret(bytes: 16))
        let target = try await portal.world.trials.begin(
            clientID: file.client.clientID, redirectURI: portal.clients.callback, purpose: purpose.code, state: state,
            nonce: nonce, codeChallenge: DeveloperDesk.challenge(verifier), language: context.language)
        var data = seat.session.data
        data["trial"] = [
            "client": .string(file.client.clientID), "state": .string(state), "verifier": .string(verifier),
            "nonce": .string(nonce), "purpose": .string(purpose.code),
        ]
        try await keep(data, seat)
        return Redirect.seeOther(target)
    }

    private func callback(_ request: Request, _ context: AppContext) async throws -> Response {
        let seat = try await desk.require(request)
        let answer = try Self.answer(try QueryParameters.read(request))
        guard let trial = seat.session.data.object("trial"), let state = trial.string("state"),
            let clientID = trial.string("client"), let verifier = trial.string("verifier"),
            constantTimeEquals(Array(state.utf8), Array((answer["state"] ?? "").utf8))
        else { throw RumdulError.trialStale }
        var data = seat.session.data
        data["trial"] = nil
        try await keep(data, seat)
        let file = try await portal.clients.file(clientID, for: seat.person)
        guard let code = answer["code"] else {
            return context.show(
                ClientViews.trialRefused(
                    file, error: answer["error"] ?? "", catalogue: portal.world.errors, language: context.language))
        }
        let result: TrialResult
        do {
            result = try await portal.world.trials.finish(
                code: code, verifier: verifier, clientID: clientID, redirectURI: portal.clients.callback,
                traceID: context.traceID)
        } catch let error as RumdulError where error.kind == .gone {
            throw RumdulError.trialStale
        }
        // What every client must check, checked here too.
        guard result.idToken.string("nonce") == trial.string("nonce") else { throw RumdulError.trialStale }
        let purpose = file.party.purpose(trial.string("purpose"))
        return context.show(
            ClientViews.trialResult(file, result, purpose: purpose, language: context.language))
    }

    /// The members of the authorization response, also of one that came as a JWT (JARM). The JWT proves nothing here: state and code
    /// do, which nobody else could know.
    private static func answer(_ query: FormFields) throws -> [String: String] {
        var members: [String: String] = [:]
        if let jwt = query["response"] {
            guard let claims = try? JWT.unverifiedClaims(jwt).claims else { throw RumdulError.trialStale }
            for name in ["code", "state", "error"] { members[name] = claims.string(name) }
        } else {
            for name in ["code", "state", "error"] { members[name] = query[name] }
        }
        return members
    }

    private func keep(_ data: JSONObject, _ seat: DeveloperDesk.Seat) async throws {
        _ = try await portal.world.database.transaction { connection in
            try await desk.sessions.update(seat.session, data: data, in: connection)
        }
    }
}

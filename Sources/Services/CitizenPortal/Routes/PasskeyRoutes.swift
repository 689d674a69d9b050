import Authenticators
import Codecs
import Hummingbird
import Kernel
import Web

/// The person's passkeys: see them, add one, name it, remove it.
struct PasskeyRoutes: Sendable {
    let portal: CitizenPortal
    let csrf: CSRF

    /// Seconds after a login within which a passkey may be added: a page that somebody left open is not enough.
    static let freshSeconds: Int64 = 900

    func add(to router: AppRouter) {
        router.get("/app/passkeys", use: list)
        router.post("/app/passkeys/options", use: options)
        router.post("/app/passkeys", use: register)
        router.post("/app/passkeys/{id}/rename", use: rename)
        router.post("/app/passkeys/{id}/remove", use: remove)
    }

    private var passkeys: Passkeys { portal.authenticators.passkeys }

    private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        guard let (session, person) = try await portal.signedIn(request) else {
            return context.show(PortalViews.welcome(notice: nil, language: context.language), at: nil)
        }
        let found = try await portal.database.read { connection in
            try await passkeys.passkeys(of: person, in: connection).filter { $0.state != .revoked }
        }
        let done = try QueryParameters.read(request)["done"].flatMap(PasskeyViews.notice)
        var page = PasskeyViews.list(
            found, isAvailable: passkeys.isAvailable, csrf: session.csrfToken, notice: done, language: context.language)
        if passkeys.isAvailable, let script = context.assetPath("passkeys.js") { page.scripts = [script] }
        return context.show(page, at: .passkeys)
    }

    private func options(_ request: Request, _ context: AppContext) async throws -> JSONResponse {
        let form = try await FormBody.read(request, context: context)
        let person = try await fresh(form, request)
        let label = form["name"].map { String($0.prefix(64)) } ?? "CamDigiKey"
        let options = try await portal.database.transaction { connection in
            try await passkeys.registrationOptions(for: person, label: label, in: connection)
        }
        return JSONResponse(bytes: JSON.bytes(.object(["publicKey": .object(try options.json())])))
    }

    private func register(_ request: Request, _ context: AppContext) async throws -> JSONResponse {
        let form = try await FormBody.read(request, context: context)
        let person = try await fresh(form, request)
        let credential = try JSON.parseObject(Array(form.required("credential").utf8))
        let name = form["name"] ?? "Passkey"
        // Taken first and for itself: a wrong answer uses the challenge up.
        let challenge = try await portal.database.transaction { connection in
            try await passkeys.takeChallenge(of: person, in: connection)
        }
        try await portal.database.transaction { connection in
            let ial = try await portal.authenticators.provenLevel(of: person, in: connection)
            _ = try await passkeys.register(
                credential, challenge: challenge, person: person, name: name, ial: ial, in: connection)
        }
        return JSONResponse(bytes: JSON.bytes(.object(["next": "/app/passkeys?done=added"])))
    }

    private func rename(_ request: Request, _ context: AppContext) async throws -> Response {
        let form = try await FormBody.read(request, context: context)
        let session = try await portal.requireAuthenticator(request)
        try csrf.verify(form, request, session: session)
        let (id, name) = (try context.pathParameter("id"), try form.required("name"))
        try await portal.database.transaction { connection in
            try await passkeys.rename(id, of: PersonID(session.subject ?? ""), to: name, in: connection)
        }
        return Redirect.seeOther("/app/passkeys?done=renamed")
    }

    private func remove(_ request: Request, _ context: AppContext) async throws -> Response {
        let form = try await FormBody.read(request, context: context)
        let session = try await portal.requireAuthenticator(request)
        try csrf.verify(form, request, session: session)
        let id = try context.pathParameter("id")
        try await portal.database.transaction { connection in
            try await passkeys.revoke(id, of: PersonID(session.subject ?? ""), by: "self", in: connection)
        }
        return Redirect.seeOther("/app/passkeys?done=removed")
    }

    /// The person behind a form, who logged in a short while ago.
    private func fresh(_ form: FormFields, _ request: Request) async throws -> PersonID {
        let session = try await portal.requireAuthenticator(request)
        try csrf.verify(form, request, session: session)
        guard portal.ambient.now() < session.createdAt.adding(seconds: Self.freshSeconds) else {
            throw RumdulError.loginAgain
        }
        return PersonID(session.subject ?? "")
    }
}

extension RumdulError {
    /// What is asked needs a login of a short while ago.
    static let loginAgain = RumdulError(
        "citizen.login_again", .forbidden, km: "ដើម្បីសុវត្ថិភាព សូមចូលម្តងទៀត មុនពេលបន្ថែមសោ។",
        en: "For your safety, please log in again before you add a passkey.")
}

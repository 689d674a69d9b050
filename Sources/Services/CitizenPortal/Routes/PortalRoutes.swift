import Codecs
import Consent
import Crypto
import HTTPTypes
import Hummingbird
import Kernel
import KhmerText
import Ledger
import Web

extension CitizenPortal {
    /// How long a citizen stays logged in: a quarter of an hour without use, two hours in all.
    public static let sessionPolicy = SessionPolicy(kind: "citizen", idleSeconds: 900, absoluteSeconds: 7200)

    /// Adds the routes under `/app`.
    public func addRoutes(to router: AppRouter, settings: WebSettings) {
        PortalRoutes(portal: self, csrf: CSRF(settings: settings, ambient: ambient)).add(to: router)
        AppShellRoutes().add(to: router, settings: settings)
        app.links.add(to: router, settings: settings)
    }
}

/// The citizen's pages over HTTP.
struct PortalRoutes: Sendable {
    let portal: CitizenPortal
    let csrf: CSRF

    func add(to router: AppRouter) {
        router.get("/app", use: home)
        router.get("/app/login", use: login)
        router.get("/app/callback", use: callback)
        router.post("/app/logout", use: logout)
        router.post("/app/consents/{id}/withdraw", use: withdraw)
        router.get("/app/consents/{id}/receipt", use: receipt)
        router.post("/app/devices/{id}/block", use: block)
        router.get("/app/access/{stream}/{sequence}/proof", use: proof)
        LoginRoutes(portal: portal, csrf: csrf).add(to: router)
        PasskeyRoutes(portal: portal, csrf: csrf).add(to: router)
        AppRoutes(portal: portal, csrf: csrf).add(to: router)
        CorrectionRoutes(portal: portal, csrf: csrf).add(to: router)
        RequestRoutes(portal: portal, csrf: csrf).add(to: router)
        PushRoutes(portal: portal, csrf: csrf).add(to: router)
        if let reports = portal.app.reports {
            ReportRoutes(portal: portal, reports: reports, csrf: csrf).add(to: router)
        }
        EvidenceKeys(journal: portal.journal, consents: portal.consents).add(to: router)
    }

    private func home(_ request: Request, _ context: AppContext) async throws -> Response {
        let query = try QueryParameters.read(request)
        var notice = query["done"].flatMap(PortalViews.notice)
        guard let session = try await portal.session(request), let subject = session.subject else {
            return context.show(PortalViews.welcome(notice: notice, language: context.language), at: nil)
        }
        if session.isByCode, notice == nil { notice = (RumdulError.portalLevel.message, "info") }
        let person = PersonID(subject)
        let before = try query["before"].map { text in
            guard let cursor = LedgerCursor(text: text) else { throw RumdulError.accessEntryNotFound }
            return cursor
        }
        let (consents, devices) = try await portal.database.read { connection in
            (
                try await portal.consents.records(of: person, in: connection),
                try await portal.authenticators.devices(of: person, in: connection)
            )
        }
        let page = try await portal.journal.page(of: person, before: before)
        return context.show(
            PortalViews.home(
                PortalViews.Home(
                    consents: consents, devices: devices,
                    trustsSoftware: portal.authenticators.attestation.trustsSoftware, access: page,
                    isFirst: before == nil, takesReports: portal.app.reports != nil, notice: notice,
                    csrf: session.csrfToken, now: portal.ambient.now()), language: context.language), at: .home)
    }

    /// Begins the login: state and verifier stay in a session of this browser.
    private func login(_ request: Request, _ context: AppContext) async throws -> Response {
        let state = portal.ambient.newSecret()
        let verifier = portal.ambient.newSecret()
        var data: JSONObject = ["state": .string(state), "verifier": .string(verifier)]
        if let place = try QueryParameters.read(request)["to"], Self.isPlace(place) {
            data["to"] = .string(place)
        }
        let started = try await portal.sessions.start(subject: nil, data: data)
        let challenge = Base64URL.encode(Array(SHA256.hash(data: Array(verifier.utf8))))
        return Redirect.found(
            portal.login.authorizationURL(state: state, codeChallenge: challenge, language: context.language)
        ).setting(started.cookie)
    }

    /// The way back: the state must be this browser's, the code becomes the person, the session gets a new secret.
    private func callback(_ request: Request, _ context: AppContext) async throws -> Response {
        let query = try QueryParameters.read(request)
        guard let session = try await portal.sessions.load(request), session.subject == nil,
            let state = session.data.string("state"), let verifier = session.data.string("verifier"),
            constantTimeEquals(Array(state.utf8), Array((query["state"] ?? "").utf8))
        else { throw RumdulError.portalLogin }
        guard let code = query["code"] else {
            let cleared = try await portal.sessions.end(session)
            return Redirect.found("/app?done=refused").setting(cleared)
        }
        let proof = try await portal.login.redeem(code: code, codeVerifier: verifier)
        var data: JSONObject = proof.session.map { [CitizenPortal.loginMember: .string($0)] } ?? [:]
        if proof.isByCode { data[CitizenPortal.codeMember] = true }
        let renewed = try await portal.database.transaction { [data] connection in
            try await portal.sessions.renew(session, subject: proof.person.text, data: data, in: connection)
        }
        let place = session.data.string("to").map { "/" + $0 } ?? ""
        return Redirect.found("/app" + place).setting(renewed.cookie)
    }

    /// Whether one may come to a page straight after the login: the list of requests, or one of them.
    private static func isPlace(_ text: String) -> Bool {
        text == "requests" || text.hasPrefix("requests/") && RequestRoutes.isIdentifier(text.dropFirst(9))
    }

    private func logout(_ request: Request, _ context: AppContext) async throws -> Response {
        let form = try await FormBody.read(request, context: context)
        let session = try await portal.requireSession(request)
        try csrf.verify(form, request, session: session)
        return Redirect.seeOther("/app").setting(try await portal.sessions.end(session))
    }

    private func withdraw(_ request: Request, _ context: AppContext) async throws -> Response {
        let person = try await person(request, context)
        try await portal.withdraw(try context.pathParameter("id"), by: person)
        return Redirect.seeOther("/app?done=withdrawn")
    }

    private func block(_ request: Request, _ context: AppContext) async throws -> Response {
        let person = try await person(request, context)
        try await portal.block(try context.pathParameter("id"), by: person)
        return Redirect.seeOther("/app?done=blocked")
    }

    /// The receipt of one consent as a signed token, with its content readable beside it.
    private func receipt(_ request: Request, _ context: AppContext) async throws -> Response {
        let session = try await portal.requireSession(request)
        let id = try context.pathParameter("id")
        let record = try await portal.database.read { connection in
            try await portal.consents.record(id, in: connection)
        }
        guard let record, record.grant.personID.text == session.subject else { throw RumdulError.consentNotFound }
        return JSONResponse([
            "receipt": .object(portal.consents.receipt(record)),
            "token": .string(try await portal.consents.receiptToken(record)),
        ]).response
    }

    /// One access entry with the proof that it stands in the signed ledger.
    private func proof(_ request: Request, _ context: AppContext) async throws -> Response {
        let session = try await portal.requireSession(request)
        let stream = try context.pathParameter("stream")
        let sequence = Int64(try context.integerPathParameter("sequence"))
        do {
            let evidence = try await portal.journal.evidence(
                of: PersonID(session.subject ?? ""), stream: stream, sequence: sequence)
            var proof = try evidence.proof.json(for: evidence.record)
            proof["keys"] = .string(context.settings.baseURL + EvidenceKeys.path)
            return JSONResponse(.object(proof)).response
        } catch let error as RumdulError where error == .ledgerNotCovered {
            let pending = RumdulError.proofPending(seconds: portal.checkpointSeconds)
            guard context.prefersHTML else { throw pending }
            let path = "/app/access/\(stream)/\(sequence)/proof"
            var response = context.show(PortalViews.pending(pending, path: path, language: context.language), at: .home)
            response.headers[.retryAfter] = pending.retryAfter.map { String($0) }
            return response.logged(errorCode: pending.code)
        }
    }

    /// The person behind a form, with the form's protection checked.
    private func person(_ request: Request, _ context: AppContext) async throws -> PersonID {
        let form = try await FormBody.read(request, context: context)
        let session = try await portal.requireSession(request)
        try csrf.verify(form, request, session: session)
        return PersonID(session.subject ?? "")
    }
}

extension RumdulError {
    /// What is asked needs more than a one-time code.
    static let portalLevel = RumdulError(
        "citizen.login_level", .forbidden,
        km: "លេខកូដប្រើម្តងអាចប្រើដើម្បីមើល ដកការយល់ព្រម និងបដិសេធ។ សម្រាប់ការងារនេះ សូមចូលដោយទូរស័ព្ទ ឬសោចូល (passkey)។",
        en: "A one-time code lets you see, withdraw and refuse. For this, log in with your phone or a passkey.")

    static let portalLogin = RumdulError(
        "citizen.login_stale", .gone, km: "ការចូលនេះផុតកំណត់ហើយ។ សូមចាប់ផ្តើមម្តងទៀត។",
        en: "This login has expired. Please start again.")

    /// The entry is newer than the last signed checkpoint. The next one comes within so many seconds.
    static func proofPending(seconds: Int) -> RumdulError {
        RumdulError(
            "access.proof_pending", .conflict,
            km: "កំណត់ត្រានេះថ្មី៖ ហត្ថលេខាបន្ទាប់នឹងបញ្ជាក់វាក្នុងរយៈពេល \(KhmerDigits.prose(seconds, .km)) វិនាទី។ សូមរង់ចាំបន្តិច។",
            en:
                "This entry is new: the next signed checkpoint covers it within \(seconds) seconds. Please wait a moment.",
            retryAfter: seconds + 1
        ).titled(km: "ភស្តុតាងកំពុងត្រូវបានរៀបចំ", en: "The proof is being prepared")
    }
}

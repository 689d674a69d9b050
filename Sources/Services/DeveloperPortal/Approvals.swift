import Accountability
import Codecs
import Database
import Kernel
import RelyingParties

/// What operators see of a client.
struct ClientDossier: Sendable {
    var record: RelyingPartyRecord
    /// `nil` for clients that operators registered themselves.
    var client: DeveloperClient?
    var open: ApprovalRequest?
    var approved: ApprovalRequest?
    var checks: [GoLiveCheck.Line]
    var differences: [RegisteredForm.Difference]
}

/// Deciding about requests for production: always a second pair of eyes, from outside of the organisation.
struct Approvals: Sendable {
    let database: any Database
    let clients: Clients
    let audit: AuditTrail
    let ambient: Ambient
    private var store: ClientStore { clients.store }

    /// One client with its open request beside the version that was approved last.
    /// Throws `relying_party.not_found`... as `developer.client_not_found`.
    func dossier(_ clientID: String) async throws -> ClientDossier {
        guard let record = try await clients.registry.registration(clientID) else { throw RumdulError.clientNotFound }
        let (client, open, approved, last) = try await database.read { connection in
            (
                try await store.client(clientID, in: connection),
                try await store.request(of: clientID, .open, in: connection),
                try await store.request(of: clientID, .approved, in: connection),
                try await clients.events.lastLogin(of: clientID, in: connection)
            )
        }
        let shown =
            open?.version
            ?? ClientVersion(
                document: RegisteredForm.version(record.document, callback: clients.callback),
                statement: client?.statement ?? LegalStatement())
        let checks = open == nil ? [] : await clients.check.run(shown, lastLogin: last)
        return ClientDossier(
            record: record, client: client, open: open, approved: approved, checks: checks,
            differences: RegisteredForm.differences(shown, before: approved?.version))
    }

    /// Lets the requested version serve people. All or nothing: registration, request and audit entry.
    /// - Parameters:
    ///   - requestID: the request that the officer looked at; any other is refused.
    ///   - developer: the person who is logged in to the developers' pages with the same browser.
    /// - Throws: `officer.forbidden`, `developer.own_organisation`, `developer.request_decided`, `developer.not_ready`.
    func approve(
        _ clientID: String, request requestID: String, by officer: Officer, developer: PersonID?
    ) async throws {
        let (request, actor) = try await requireDecision(clientID, requestID, officer, developer)
        let last = try await database.read { [clients] connection in
            try await clients.events.lastLogin(of: clientID, in: connection)
        }
        guard GoLiveCheck.passes(await clients.check.run(request.version, lastLogin: last)) else {
            throw RumdulError.notReady
        }
        let now = ambient.now()
        _ = try await clients.registry.register(
            RegisteredForm.production(request.version.document), keepSecret: true,
            alongside: { [store, audit] connection in
                guard
                    try await store.decide(
                        request.id, .approved, by: officer.id, reason: nil, at: now, in: connection)
                else { throw RumdulError.requestDecided }
                try await store.setStatement(request.version.statement, of: clientID, at: now, in: connection)
                try await store.setDraft(nil, of: clientID, at: now, in: connection)
                try await audit.record(
                    action: "relying_party.approved", actor: actor, subject: clientID,
                    details: ["request": .string(request.id)], in: connection)
            })
    }

    /// Sends a request back with a reason. Same errors as ``approve(_:request:by:developer:)``.
    func refuse(
        _ clientID: String, request requestID: String, reason: String, by officer: Officer, developer: PersonID?
    ) async throws {
        let (request, actor) = try await requireDecision(clientID, requestID, officer, developer)
        let now = ambient.now()
        let done = try await database.transaction { [store, audit] connection in
            let done = try await store.decide(
                request.id, .refused, by: officer.id, reason: reason, at: now, in: connection)
            if done {
                try await audit.record(
                    action: "relying_party.refused", actor: actor, subject: clientID,
                    details: ["request": .string(request.id)], in: connection)
            }
            return done
        }
        guard done else { throw RumdulError.requestDecided }
    }

    private func requireDecision(
        _ clientID: String, _ requestID: String, _ officer: Officer, _ developer: PersonID?
    ) async throws -> (ApprovalRequest, Actor) {
        let actor = try officer.acting(.relyingPartyApprove, in: nil)
        let found = try await database.read { [clients] connection -> (ApprovalRequest, DeveloperClient, Bool)? in
            guard let request = try await store.request(of: clientID, .open, in: connection), request.id == requestID,
                let client = try await store.client(clientID, in: connection)
            else { return nil }
            var isMember = false
            if let developer {
                isMember =
                    try await clients.organisations.store.membership(
                        of: developer, in: client.organisationID, connection) != nil
            }
            return (request, client, isMember)
        }
        guard let (request, _, isMember) = found else { throw RumdulError.requestDecided }
        let code = request.version.document.object("organisation")?.string("code")
        guard !isMember, officer.organisation.code != code else { throw RumdulError.ownOrganisation }
        return (request, actor)
    }
}

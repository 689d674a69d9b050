import Accountability
import Codecs
import Database
import Kernel
import RelyingParties
import Web

/// A client as its developers see it.
struct ClientFile: Sendable {
    var client: DeveloperClient
    var record: RelyingPartyRecord
    var membership: Membership
    /// The newest request, in whatever state.
    var request: ApprovalRequest?
    var approved: ApprovalRequest?
    /// The version that is registered.
    var current: ClientVersion
    var party: RelyingParty

    var isSandbox: Bool { party.environment == .sandbox }
    var isOpen: Bool { request?.state == .open }
    /// What would go live: the change that waits, or what is registered.
    var candidate: ClientVersion { client.draft ?? current }
}

/// Registering, changing and trying clients; asking for production.
struct Clients: Sendable {
    let database: any Database
    let registry: RelyingPartyRegistry
    let organisations: Organisations
    let check: GoLiveCheck
    let ambient: Ambient
    /// The portal's redirect page for trials.
    let callback: String
    let store = ClientStore()
    let events = EventStore()

    /// Clients of one organisation.
    static let perOrganisation = 500

    /// Whether a version could be saved, and the new secret when one was made.
    struct Saved: Sendable {
        /// What became of it.
        enum Outcome: Sendable, Equatable {
            case registered
            /// In production: waits for approval.
            case drafted
        }

        var clientID: String
        var outcome: Outcome
        var secret: String?
    }

    /// A new identifier for a client of an organisation.
    func newClientID(_ organisation: DeveloperOrganisation) -> String {
        organisation.code + "-" + Hex.encode(ambient.randomBytes(6))
    }

    /// Registers a sandbox client at once. Throws `developer.limit`, `relying_party.invalid`.
    func create(_ version: ClientVersion, by member: Membership) async throws -> Saved {
        guard let id = version.document.string("client_id") else { throw RumdulError.clientNotFound }
        let now = ambient.now()
        let client = DeveloperClient(
            clientID: id, organisationID: member.organisation.id, statement: version.statement, draft: nil,
            createdBy: member.personID, createdAt: now, updatedAt: now)
        let made = try await registry.register(
            RegisteredForm.sandbox(version.document, callback: callback),
            alongside: { [store] connection in
                guard try await store.count(of: member.organisation.id, in: connection) < Self.perOrganisation else {
                    throw RumdulError.developerLimit
                }
                // The identifier's row is new, or the whole registration is undone.
                try await store.insert(client, in: connection)
            })
        return Saved(clientID: id, outcome: .registered, secret: made.secret)
    }

    /// A client of one of this person's organisations. Throws `developer.client_not_found` for anybody else's.
    func file(_ clientID: String, for person: PersonID) async throws -> ClientFile {
        let found = try await database.read { connection -> (DeveloperClient, Membership)? in
            guard let client = try await store.client(clientID, in: connection),
                let member = try await organisations.store.membership(of: person, in: client.organisationID, connection)
            else { return nil }
            return (client, member)
        }
        guard let found else { throw RumdulError.clientNotFound }
        return try await file(found.0, membership: found.1)
    }

    private func file(_ client: DeveloperClient, membership: Membership) async throws -> ClientFile {
        guard let record = try await registry.registration(client.clientID), record.state != .deleted else {
            throw RumdulError.clientNotFound
        }
        let (request, approved) = try await database.read { connection in
            (
                try await store.request(of: client.clientID, in: connection),
                try await store.request(of: client.clientID, .approved, in: connection)
            )
        }
        return ClientFile(
            client: client, record: record, membership: membership, request: request, approved: approved,
            current: ClientVersion(
                document: RegisteredForm.version(record.document, callback: callback), statement: client.statement),
            party: try record.party)
    }

    /// One page of an organisation's clients.
    func list(
        of organisation: String, after: String
    ) async throws -> (clients: [RelyingPartyRecord], open: Set<String>, next: String?) {
        let limit = 50
        let (ids, open) = try await database.read { connection in
            let ids = try await store.clients(of: organisation, after: after, limit: limit + 1, in: connection)
            return (ids, try await store.open(among: ids, in: connection))
        }
        var records: [RelyingPartyRecord] = []
        for id in ids.prefix(limit) {
            if let record = try await registry.registration(id), record.state != .deleted { records.append(record) }
        }
        return (records, open, ids.count > limit ? ids[limit - 1] : nil)
    }

    /// Saves a change. A sandbox client is registered at once; a client in production keeps serving as it is while a change that people or
    /// their data could feel waits for approval. An open request is taken back: what operators decide about must not move.
    func save(_ version: ClientVersion, of file: ClientFile) async throws -> Saved {
        let (id, now) = (file.client.clientID, ambient.now())
        let needsApproval = !file.isSandbox && RegisteredForm.needsApproval(version, after: file.current)
        if needsApproval {
            try await database.transaction { [store] connection in
                try await store.setDraft(version, of: id, at: now, in: connection)
                try await store.withdraw(of: id, at: now, in: connection)
            }
            return Saved(clientID: id, outcome: .drafted)
        }
        let document =
            file.isSandbox
            ? RegisteredForm.sandbox(version.document, callback: callback)
            : RegisteredForm.production(version.document)
        let made = try await registry.register(
            document, keepSecret: true,
            alongside: { [store] connection in
                try await store.setStatement(version.statement, of: id, at: now, in: connection)
                try await store.setDraft(nil, of: id, at: now, in: connection)
                try await store.withdraw(of: id, at: now, in: connection)
            })
        return Saved(clientID: id, outcome: .registered, secret: made.secret)
    }

    /// A new client secret; the old one ends at once. Throws `developer.client_state` for clients without one.
    func newSecret(of file: ClientFile) async throws -> String {
        guard file.party.authentication.usesSecret,
            let secret = try await registry.register(file.record.document).secret
        else { throw RumdulError.clientState }
        return secret
    }

    func discardDraft(of file: ClientFile) async throws {
        let (id, now) = (file.client.clientID, ambient.now())
        try await database.transaction { [store] connection in
            try await store.setDraft(nil, of: id, at: now, in: connection)
            try await store.withdraw(of: id, at: now, in: connection)
        }
    }

    // MARK: Going live

    func goLive(_ file: ClientFile) async throws -> [GoLiveCheck.Line] {
        let last = try await database.read { [events] connection in
            try await events.lastLogin(of: file.client.clientID, in: connection)
        }
        return await check.run(file.candidate, lastLogin: last)
    }

    /// Asks operators for production, or for a change in production. Throws `developer.not_ready`, `developer.client_state`.
    func ask(_ file: ClientFile) async throws {
        guard !file.isOpen, file.isSandbox || file.client.draft != nil else { throw RumdulError.clientState }
        guard GoLiveCheck.passes(try await goLive(file)) else { throw RumdulError.notReady }
        let request = ApprovalRequest(
            id: ambient.newID(), clientID: file.client.clientID, version: file.candidate, state: .open,
            requestedBy: file.membership.personID, requestedAt: ambient.now())
        let inserted = try await database.transaction { [store] connection in
            // Two clicks at once make one request.
            try await connection.lock("dev_request:" + request.clientID)
            guard try await store.request(of: request.clientID, .open, in: connection) == nil else { return false }
            try await store.insert(request, in: connection)
            return true
        }
        guard inserted else { throw RumdulError.clientState }
        if file.isSandbox { try await registry.requestProduction(file.client.clientID) }
    }

    func takeBack(_ file: ClientFile) async throws {
        let (id, now) = (file.client.clientID, ambient.now())
        let done = try await database.transaction { [store] connection in
            try await store.withdraw(of: id, at: now, in: connection)
        }
        guard done else { throw RumdulError.requestDecided }
    }
}

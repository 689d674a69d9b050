import Codecs
import Crypto
import Database
import JOSE
import Kernel

/// The registrations of relying parties: what the operator adds, lists, suspends, lets go on and deletes.
public struct RelyingPartyRegistry: Sendable {
    public let store: RelyingPartyStore
    let database: any Database
    let ambient: Ambient

    public init(database: any Database, ambient: Ambient) {
        self.database = database
        self.ambient = ambient
        store = RelyingPartyStore()
    }

    /// What a registration gave.
    public struct Registration: Sendable {
        public var clientID: String
        public var profile: ClientProfile
        /// The new client secret, shown once; `nil` for clients without one or whose secret was kept.
        public var secret: String?
    }

    /// Adds or replaces a relying party; a suspended one stays suspended. Throws `relying_party.invalid`.
    /// - Parameters:
    ///   - keepSecret: a client registered already keeps its secret.
    ///   - firstParty: only for Rumdul's own pages.
    ///   - alongside: further rows, written in the same transaction; what it throws undoes the registration.
    public func register(
        _ document: JSONObject, keepSecret: Bool = false, firstParty: Bool = false,
        alongside: (@Sendable (any SQLConnection) async throws -> Void)? = nil
    ) async throws -> Registration {
        if !firstParty, document.has("client_secret_sha256") {
            throw RumdulError.relyingPartyInvalid(
                "client_secret_sha256", km: "បង្កើតដោយប្រព័ន្ធ", en: "secrets are made here")
        }
        let party = try RelyingPartyDocument.parse(document, allowFirstParty: firstParty)
        let fresh = party.authentication.usesSecret ? ambient.newSecret() : nil
        let now = ambient.now()
        let kept: Bool = try await database.transaction { [document] connection in
            var stored = document
            let known = try await store.record(party.clientID, in: connection)
            guard known?.state != .deleted else {
                throw RumdulError.relyingPartyInvalid("client_id", km: "បានលុប", en: "belonged to a deleted registration")
            }
            guard firstParty || known?.document.bool("first_party") != true else {
                throw RumdulError.relyingPartyInvalid("client_id", km: "បម្រុងទុក", en: "belongs to Rumdul's own pages")
            }
            let previous = keepSecret ? known?.document.string("client_secret_sha256") : nil
            let made = fresh.map { Base64URL.encode(sha256(Array($0.utf8))) }
            if let hash = previous ?? made, party.authentication.usesSecret {
                stored["client_secret_sha256"] = .string(hash)
            }
            var record = known ?? RelyingPartyRecord(party.clientID, stored, at: now)
            record.document = stored
            record.updatedAt = now
            if party.environment == .production { record.requestedProductionAt = nil }
            try await store.save(record, in: connection)
            try await alongside?(connection)
            return previous != nil
        }
        return Registration(clientID: party.clientID, profile: party.profile, secret: kept ? nil : fresh)
    }

    /// One page of registrations, without secrets.
    public func page(_ query: RelyingPartyQuery = RelyingPartyQuery()) async throws -> RelyingPartyPage {
        var page = try await database.read { connection in try await store.page(query, in: connection) }
        page.records = page.records.map { $0.withoutSecrets() }
        return page
    }

    /// All registrations that a query finds, page by page.
    public func all(_ query: RelyingPartyQuery = RelyingPartyQuery(limit: 200)) -> RelyingPartySequence {
        RelyingPartySequence(registry: self, query: query)
    }

    /// One registration in any state, without secrets; `nil` when unknown.
    public func registration(_ clientID: String) async throws -> RelyingPartyRecord? {
        try await database.read { connection in try await store.record(clientID, in: connection) }?.withoutSecrets()
    }

    /// Suspends or reactivates a relying party. Throws `relying_party.not_found` when there is none.
    public func setRelyingParty(_ clientID: String, active: Bool) async throws {
        try await set(clientID, active ? .active : .suspended)
    }

    /// Deletes a relying party for ever: its logins, tokens and userinfo stop at once. Throws `relying_party.not_found`.
    public func delete(_ clientID: String) async throws { try await set(clientID, .deleted) }

    /// Notes that a sandbox client asks to serve people. Throws `relying_party.not_found` when there is no such sandbox client.
    public func requestProduction(_ clientID: String) async throws {
        let now = ambient.now()
        let found = try await database.transaction { connection in
            try await store.requestProduction(clientID, at: now, in: connection)
        }
        guard found else { throw RumdulError.relyingPartyNotFound }
    }

    private func set(_ clientID: String, _ state: RelyingPartyState) async throws {
        let now = ambient.now()
        let found = try await database.transaction { connection in
            try await store.setState(clientID, state, at: now, in: connection)
        }
        guard found else { throw RumdulError.relyingPartyNotFound }
    }
}

extension RelyingPartyRecord {
    /// A new, active registration.
    init(_ clientID: String, _ document: JSONObject, at now: Instant) {
        self.init(
            clientID: clientID, document: document, state: .active, revision: 1, createdAt: now, updatedAt: now)
    }
}

/// Registrations one by one, read by pages.
public struct RelyingPartySequence: AsyncSequence, Sendable {
    public typealias Element = RelyingPartyRecord

    let registry: RelyingPartyRegistry
    let query: RelyingPartyQuery

    public func makeAsyncIterator() -> Iterator { Iterator(registry: registry, query: query) }

    public struct Iterator: AsyncIteratorProtocol {
        let registry: RelyingPartyRegistry
        var query: RelyingPartyQuery
        private var waiting: ArraySlice<RelyingPartyRecord> = []
        private var ended = false

        init(registry: RelyingPartyRegistry, query: RelyingPartyQuery) {
            self.registry = registry
            self.query = query
        }

        public mutating func next() async throws -> RelyingPartyRecord? {
            if waiting.isEmpty, !ended {
                let page = try await registry.page(query)
                waiting = page.records[...]
                query.after = page.next
                ended = page.next == nil
            }
            return waiting.popFirst()
        }
    }
}

func sha256(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

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
        let entry = try Entry(document, firstParty: firstParty, ambient: ambient)
        let kept = try await database.transaction { connection in
            let kept = try await save(entry, keepSecret: keepSecret, in: connection)
            try await alongside?(connection)
            return kept
        }
        return entry.registration(keptSecret: kept)
    }

    /// Registrations that ``register(many:keepSecret:first:)`` takes at once.
    public static let batch = 500

    /// Adds or replaces several relying parties in one transaction: all of them or none. At most ``batch``.
    /// - Parameter first: the number of the first document in errors.
    /// - Throws: `relying_party.invalid`; the field says which document is meant: `documents[3].redirect_uris`.
    public func register(
        many documents: [JSONObject], keepSecret: Bool = false, first: Int = 0
    ) async throws -> [Registration] {
        guard documents.count <= Self.batch else {
            throw RumdulError.relyingPartyInvalid("documents", km: "ច្រើនពេក", en: "more than \(Self.batch) at once")
        }
        var named: Set<String> = []
        var entries: [Entry] = []
        for (index, document) in documents.enumerated() {
            entries.append(
                try numbered(first + index) {
                    let entry = try Entry(document, firstParty: false, ambient: ambient)
                    guard named.insert(entry.party.clientID).inserted else {
                        throw RumdulError.relyingPartyInvalid("client_id", km: "មានពីរដង", en: "comes twice")
                    }
                    return entry
                })
        }
        let kept = try await database.transaction { [entries] connection in
            var kept: [Bool] = []
            for (index, entry) in entries.enumerated() {
                do {
                    kept.append(try await save(entry, keepSecret: keepSecret, in: connection))
                } catch {
                    try numbered(first + index) { throw error }
                }
            }
            return kept
        }
        return zip(entries, kept).map { $0.registration(keptSecret: $1) }
    }

    /// Names the document in the refused fields.
    private func numbered<Value>(_ index: Int, _ work: () throws -> Value) throws -> Value {
        do { return try work() } catch let error as RumdulError where error.code == "relying_party.invalid" {
            guard let field = error.fields.first else { throw error }
            throw RumdulError.relyingPartyInvalid(
                "documents[\(index)].\(field.field)", km: field.message.km, en: field.message.en)
        }
    }

    /// A checked registration with its new secret, ready to be stored.
    private struct Entry: Sendable {
        let document: JSONObject
        let party: RelyingParty
        let firstParty: Bool
        let secret: String?
        let now: Instant

        init(_ document: JSONObject, firstParty: Bool, ambient: Ambient) throws {
            if !firstParty, document.has("client_secret_sha256") {
                throw RumdulError.relyingPartyInvalid(
                    "client_secret_sha256", km: "បង្កើតដោយប្រព័ន្ធ", en: "secrets are made here")
            }
            party = try RelyingPartyDocument.parse(document, allowFirstParty: firstParty)
            secret = party.authentication.usesSecret ? ambient.newSecret() : nil
            now = ambient.now()
            self.document = document
            self.firstParty = firstParty
        }

        func registration(keptSecret: Bool) -> Registration {
            Registration(clientID: party.clientID, profile: party.profile, secret: keptSecret ? nil : secret)
        }
    }

    /// Stores a registration; true when its secret before was kept.
    private func save(_ entry: Entry, keepSecret: Bool, in connection: any SQLConnection) async throws -> Bool {
        let party = entry.party
        var stored = entry.document
        let known = try await store.record(party.clientID, in: connection)
        guard known?.state != .deleted else {
            throw RumdulError.relyingPartyInvalid("client_id", km: "បានលុប", en: "belonged to a deleted registration")
        }
        guard entry.firstParty || known?.document.bool("first_party") != true else {
            throw RumdulError.relyingPartyInvalid("client_id", km: "បម្រុងទុក", en: "belongs to Rumdul's own pages")
        }
        let previous = keepSecret ? known?.document.string("client_secret_sha256") : nil
        let made = entry.secret.map { Base64URL.encode(sha256(Array($0.utf8))) }
        if let hash = previous ?? made, party.authentication.usesSecret {
            stored["client_secret_sha256"] = .string(hash)
        }
        var record = known ?? RelyingPartyRecord(party.clientID, stored, at: entry.now)
        record.document = stored
        record.updatedAt = entry.now
        if party.environment == .production { record.requestedProductionAt = nil }
        try await store.save(record, in: connection)
        return previous != nil
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

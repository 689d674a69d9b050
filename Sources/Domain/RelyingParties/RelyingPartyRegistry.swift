import Codecs
import Crypto
import Database
import JOSE
import Kernel

/// The registrations of relying parties: what the operator adds, lists, suspends and lets go on.
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
        /// The new client secret, shown once; `nil` for clients without one or whose secret was kept.
        public var secret: String?
    }

    /// Adds or replaces a relying party; a suspended one stays suspended. Throws `relying_party.invalid`.
    /// - Parameters:
    ///   - keepSecret: a client registered already keeps its secret.
    ///   - firstParty: only for Rumdul's own pages.
    public func register(
        _ document: JSONObject, keepSecret: Bool = false, firstParty: Bool = false
    ) async throws -> Registration {
        if !firstParty, document.has("client_secret_sha256") {
            throw RumdulError.relyingPartyInvalid(
                "client_secret_sha256", km: "បង្កើតដោយប្រព័ន្ធ", en: "secrets are made here")
        }
        let party = try RelyingPartyDocument.parse(document, allowFirstParty: firstParty)
        let usesSecret = party.authentication == .clientSecretBasic || party.authentication == .clientSecretPost
        let fresh = usesSecret ? ambient.newSecret() : nil
        let now = ambient.now()
        let kept: Bool = try await database.transaction { [document] connection in
            var stored = document
            let known = try await store.registered(party.clientID, in: connection)
            guard firstParty || known?.firstParty != true else {
                throw RumdulError.relyingPartyInvalid("client_id", km: "បម្រុងទុក", en: "belongs to Rumdul's own pages")
            }
            let previous = keepSecret ? known?.secretHash : nil
            if let hash = previous ?? fresh.map({ sha256(Array($0.utf8)) }), usesSecret {
                stored["client_secret_sha256"] = .string(Base64URL.encode(hash))
            }
            try await store.save(party.clientID, document: stored, at: now, in: connection)
            return previous != nil
        }
        return Registration(clientID: party.clientID, secret: kept ? nil : fresh)
    }

    /// All registrations, without secrets.
    public func relyingParties() async throws -> [(clientID: String, state: String, document: JSONObject)] {
        try await database.read { connection in
            try await store.all(in: connection).map { party in
                var document = party.document
                document["client_secret_sha256"] = nil
                return (party.clientID, party.state, document)
            }
        }
    }

    /// Suspends or reactivates a relying party. Throws `relying_party.not_found` when there is none.
    public func setRelyingParty(_ clientID: String, active: Bool) async throws {
        let now = ambient.now()
        let found = try await database.transaction { connection in
            try await store.setState(clientID, active: active, at: now, in: connection)
        }
        guard found else { throw RumdulError.relyingPartyNotFound }
    }
}

func sha256(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

extension RumdulError {
    /// No registration has this identifier.
    static let relyingPartyNotFound = RumdulError(
        "relying_party.not_found", .notFound, km: "សេវាកម្មនេះមិនបានចុះឈ្មោះទេ។",
        en: "No relying party is registered under this identifier.")
}

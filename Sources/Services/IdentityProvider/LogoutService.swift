import Codecs
import Database
import JOSE
import Kernel
import KeyVault
import Outbound
import RelyingParties

/// Ends sessions, and tells the clients that took part (OpenID Connect Back-Channel Logout 1.0): the logout tokens are written in the
/// transaction that ends the session, and delivered afterwards, again and again until they arrive or are too old.
struct LogoutService: Sendable {
    let database: any Database
    let vault: any KeyVault
    let people: any PersonDirectory
    let parties: RelyingPartyStore
    let signOn: SingleSignOn
    let deliveries: DeliveryQueue?
    let issuer: String
    let ambient: Ambient
    let store = TransactionStore()
    private let keys = OwnKeys()

    init(
        database: any Database, vault: any KeyVault, people: any PersonDirectory, parties: RelyingPartyStore,
        signOn: SingleSignOn, deliveries: DeliveryQueue?, issuer: String, ambient: Ambient
    ) {
        self.database = database
        self.vault = vault
        self.people = people
        self.parties = parties
        self.signOn = signOn
        self.deliveries = deliveries
        self.issuer = issuer
        self.ambient = ambient
    }

    /// Seconds of life of a logout token, and for which its delivery is tried.
    static let tokenLifetime: Int64 = 7200

    /// Ends a session everywhere; returns the clients that took part.
    @discardableResult
    func end(_ session: BrowserSession) async throws -> [RelyingParty] {
        let clients = try await clients(of: session)
        var notices: [Delivery] = []
        for client in clients {
            guard let url = client.logout.backchannelURI else { continue }
            let token = try await token(for: client, session: session)
            notices.append(
                Delivery(
                    kind: .backChannelLogout, reference: client.clientID, url: url, headers: [],
                    content: .form([("logout_token", token)]),
                    endsAt: ambient.now().adding(seconds: Self.tokenLifetime)))
        }
        try await database.transaction { [notices] connection in
            guard try await store.endSession(session.id, in: connection) else { return }
            try await store.revokeSession(session.id, in: connection)
            guard let deliveries else { return }
            for notice in notices { try await deliveries.enqueue(notice, in: connection) }
        }
        if !notices.isEmpty { deliveries?.wake() }
        return clients
    }

    private func clients(of session: BrowserSession) async throws -> [RelyingParty] {
        try await database.read { connection in
            var found: [RelyingParty] = []
            for id in try await store.clients(ofSession: session.id, in: connection) {
                if let party = try await parties.party(id, in: connection) { found.append(party) }
            }
            return found
        }
    }

    /// The logout token (Back-Channel Logout 1.0, section 2.4): never a nonce, signed as the client's ID tokens are.
    func token(for client: RelyingParty, session: BrowserSession) async throws -> String {
        let now = ambient.now().seconds
        var writer = JSONWriter(capacity: 400)
        writer.beginObject()
        writer.member("iss", issuer)
        writer.member("sub", try await people.subject(of: session.personID, sector: client.subjectSector))
        writer.member("aud", client.clientID)
        writer.member("iat", now)
        writer.member("exp", now + Self.tokenLifetime)
        writer.member("jti", ambient.newID())
        writer.name("events")
        writer.beginObject()
        writer.name("http://schemas.openid.net/event/backchannel-logout")
        writer.beginObject()
        writer.endObject()
        writer.endObject()
        writer.member("sid", try await signOn.sessionIdentifier(session.id, clientID: client.clientID))
        writer.endObject()
        return try await keys.producer(client.idTokenAlgorithm, type: "logout+jwt", vault: vault).sign(writer.bytes)
    }

    /// A person's open sessions, newest first, with the clients of each.
    func sessions(of person: PersonID) async throws -> [OpenSession] {
        let now = ambient.now()
        return try await database.read { connection in
            var found: [OpenSession] = []
            for item in try await store.sessions(
                subjectKey: ApprovalService.subjectKey(person), now: now, in: connection)
            {
                guard let session = BrowserSession(item) else { continue }
                var names: [LocalizedText] = []
                for id in try await store.clients(ofSession: item.id, in: connection) {
                    if let party = try await parties.party(id, in: connection) { names.append(party.name) }
                }
                found.append(
                    OpenSession(
                        id: item.id, startedAt: session.authTime, endsAt: session.endsAt,
                        origin: item.details.string("origin") ?? "", clients: names))
            }
            return found
        }
    }

    /// Ends one of a person's sessions from afar. False when there is no such session of theirs.
    func end(_ id: String, of person: PersonID) async throws -> Bool {
        let found = try await database.read { connection in try await store.find(id, in: connection) }
        guard let found, found.personID == person, let session = BrowserSession(found) else { return false }
        try await end(session)
        return true
    }
}

/// A session as its person sees it.
public struct OpenSession: Sendable {
    public var id: String
    public var startedAt: Instant
    public var endsAt: Instant
    /// The browser in a few words of ours.
    public var origin: String
    /// The services that took part.
    public var clients: [LocalizedText]
}

extension BrowserSession {
    /// The session that an approval opened and that has not been ended.
    init?(_ item: Transaction) {
        guard let person = item.personID, let device = item.deviceID, let endsAt = item.sessionEndsAt,
            let authTime = item.decidedAt
        else { return nil }
        self.init(
            id: item.id, personID: person, deviceID: device, acr: item.acr, factors: item.factors, authTime: authTime,
            endsAt: endsAt)
    }
}

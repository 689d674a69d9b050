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
        let clients = try await clients(ofSession: session.root)
        let notices = try await notices(to: clients, of: session.personID, sessionID: session.root)
        try await database.transaction { connection in
            guard try await store.endSession(session.root, in: connection) else { return }
            try await store.revokeSession(session.root, in: connection)
            try await enqueue(notices, in: connection)
        }
        if !notices.isEmpty { deliveries?.wake() }
        return clients
    }

    /// Tells the clients of a session that ended with its authenticator. Once, by whichever node is first.
    func tell(_ item: AftermathStore.Item) async throws {
        let notices = try await notices(
            to: try await clients(ofSession: item.id), of: item.personID, sessionID: item.id)
        let now = ambient.now()
        try await database.transaction { connection in
            guard try await AftermathStore().finish(item.id, at: now, in: connection) else { return }
            try await enqueue(notices, in: connection)
        }
    }

    private func notices(
        to clients: [RelyingParty], of person: PersonID, sessionID: String
    ) async throws -> [Delivery] {
        var notices: [Delivery] = []
        for client in clients {
            guard let url = client.logout.backchannelURI else { continue }
            let subject = try await people.subject(of: person, sector: client.subjectSector)
            notices.append(try await notice(to: client, at: url, subject: subject, sessionID: sessionID))
        }
        return notices
    }

    private func notice(
        to client: RelyingParty, at url: String, subject: String, sessionID: String
    ) async throws -> Delivery {
        Delivery(
            kind: .backChannelLogout, reference: client.clientID, url: url, headers: [],
            content: .form([("logout_token", try await token(for: client, subject: subject, sessionID: sessionID))]),
            endsAt: ambient.now().adding(seconds: Self.tokenLifetime))
    }

    /// An address that this node may no longer ask keeps nobody logged in.
    private func enqueue(_ notices: [Delivery], in connection: any SQLConnection) async throws {
        guard let deliveries else { return }
        for notice in notices {
            do { try await deliveries.enqueue(notice, in: connection) } catch let error as RumdulError {
                guard error.code == "outbound.url" else { throw error }
            }
        }
    }

    private func clients(ofSession id: String) async throws -> [RelyingParty] {
        try await database.read { connection in
            var found: [RelyingParty] = []
            for client in try await store.clients(ofSession: id, in: connection) {
                if let party = try await parties.party(client, in: connection) { found.append(party) }
            }
            return found
        }
    }

    /// The logout token (Back-Channel Logout 1.0, section 2.4): never a nonce, signed as the client's ID tokens are.
    func token(for client: RelyingParty, subject: String, sessionID: String) async throws -> String {
        let now = ambient.now().seconds
        var writer = JSONWriter(capacity: 400)
        writer.beginObject()
        writer.member("iss", issuer)
        writer.member("sub", subject)
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
        writer.member("sid", try await signOn.sessionIdentifier(sessionID, clientID: client.clientID))
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
                // The newest approval speaks for the session.
                guard let session = BrowserSession(item), !found.contains(where: { $0.id == session.root }) else {
                    continue
                }
                var names: [LocalizedText] = []
                for id in try await store.clients(ofSession: session.root, in: connection) {
                    if let party = try await parties.party(id, in: connection) { names.append(party.name) }
                }
                found.append(
                    OpenSession(
                        id: session.root, startedAt: session.authTime, endsAt: session.endsAt,
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

    /// How often a withdrawal starts anew because the person logged in at the client meanwhile.
    private static let attempts = 4

    /// Ends what a client holds of a person, in one transaction with the withdrawal that causes it and the notices of it.
    func withdraw(
        by person: PersonID, clientID: String,
        _ withdrawal: @escaping @Sendable (any SQLConnection) async throws -> Void
    ) async throws {
        let subjectKey = ApprovalService.subjectKey(person)
        for attempt in 1...Self.attempts {
            // Signed before the transaction, whose closure may run again.
            let (client, sessions) = try await database.read { connection in
                (
                    try await parties.party(clientID, in: connection),
                    try await store.sessions(ofGrantsTo: clientID, subjectKey: subjectKey, in: connection)
                )
            }
            var notices: [Delivery] = []
            if let client, let url = client.logout.backchannelURI, !sessions.isEmpty {
                let subject = try await people.subject(of: person, sector: client.subjectSector)
                for id in sessions {
                    notices.append(try await notice(to: client, at: url, subject: subject, sessionID: id))
                }
            }
            let isDone = try await database.transaction { [notices] connection in
                let now = try await store.sessions(ofGrantsTo: clientID, subjectKey: subjectKey, in: connection)
                guard attempt == Self.attempts || Set(now).isSubset(of: sessions) else { return false }
                try await withdrawal(connection)
                try await store.revokeGrants(to: clientID, subjectKey: subjectKey, in: connection)
                try await enqueue(notices, in: connection)
                return true
            }
            guard isDone else { continue }
            if !notices.isEmpty { deliveries?.wake() }
            return
        }
    }
}

extension IdentityProvider {
    /// A person withdrew what a client had of them: the client's grants end, its refresh tokens are dead, and it gets one
    /// logout token for each session in which it took part (the 50 newest). All of it happens or none.
    /// - Parameter withdrawal: the withdrawal itself, in the same transaction; it may run more than once.
    public func consentWithdrawn(
        by person: PersonID, clientID: String,
        withdrawal: @escaping @Sendable (any SQLConnection) async throws -> Void = { _ in }
    ) async throws {
        try await logout.withdraw(by: person, clientID: clientID, withdrawal)
    }

    /// Whether a session was ended before its time, or never was.
    public func isSessionEnded(_ id: String) async throws -> Bool {
        try await database.read { connection in
            try await self.logout.store.find(id, in: connection)?.sessionEndsAt == nil
        }
    }

    /// The session that the authorization behind a code of ours belongs to; `nil` for one that opened none.
    public func sessionIdentifier(ofCode code: String) async throws -> String? {
        guard let decoded = try await AuthorizationCode.decode(code, vault: vault) else { return nil }
        return try await database.read { connection in
            let item = try await self.logout.store.find(decoded.transactionID, in: connection)
            // One-time codes open no session of the browser: a shared computer asks again.
            return item?.factors.contains(.oneTimeCode) == true ? nil : item?.session
        }
    }
}

extension TransactionStore {
    /// The sessions, newest first, in which a client holds grants of a person.
    func sessions(
        ofGrantsTo clientID: String, subjectKey: String, in connection: any SQLConnection
    ) async throws -> [String] {
        try await connection.query(
            """
            SELECT COALESCE(session_id, id) AS session, MAX(created_at) FROM idp_transactions
            WHERE subject_key = $1 AND client_id = $2 AND status IN ('approved', 'redeemed')
            GROUP BY COALESCE(session_id, id) ORDER BY MAX(created_at) DESC LIMIT 50
            """, [subjectKey, clientID]
        ).map { try $0.string(0) }
    }

    /// Kills every grant of a person to a client.
    func revokeGrants(
        to clientID: String, subjectKey: String, in connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            """
            UPDATE idp_transactions SET status = 'revoked', refresh_hash = NULL, refresh_previous = NULL
            WHERE subject_key = $1 AND client_id = $2 AND status IN ('approved', 'redeemed')
            """, [subjectKey, clientID])
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
            id: item.id, root: item.session, personID: person, deviceID: device, acr: item.acr, factors: item.factors,
            authTime: authTime,
            endsAt: endsAt)
    }
}

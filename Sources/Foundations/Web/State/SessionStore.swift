import Codecs
import Database
import HTTPTypes
import Hummingbird
import Kernel

/// Sessions of one kind in the database, so that every node knows them.
public struct SessionStore: Sendable {
    /// What was just begun, with the cookie for the answer.
    public struct Started: Sendable {
        /// The session.
        public let session: Session
        /// The `Set-Cookie` field: `response.setting(started.cookie)`.
        public let cookie: HTTPField
    }

    /// The policy of the kind.
    public let policy: SessionPolicy
    private let database: any Database
    private let ambient: Ambient
    private let cookie: WebCookie

    /// Writes of the time of last use are at least so far apart, in seconds.
    private static let touchInterval: Int64 = 60
    /// The longest `data` in bytes of JSON.
    private static let maximumData = 8 << 10

    public init(database: any Database, settings: WebSettings, ambient: Ambient, policy: SessionPolicy) {
        self.database = database
        self.ambient = ambient
        self.policy = policy
        cookie = WebCookie("rumdul-\(policy.kind)", sameSite: policy.sameSite, settings: settings)
    }

    /// Begins a session with a new secret, within a transaction of the caller's. At login call this, never reuse what
    /// the
    /// browser brought (session fixation).
    public func start(
        subject: String?, data: JSONObject = JSONObject(), in connection: any SQLConnection
    ) async throws -> Started {
        let now = ambient.now()
        let session = Session(
            token: ambient.newSecret(), kind: policy.kind, subject: subject, data: data, createdAt: now,
            lastSeenAt: now, expiresAt: now.adding(seconds: policy.absoluteSeconds))
        try await insert(session, in: connection)
        return Started(session: session, cookie: cookie.set(session.token))
    }

    /// Begins a session in a transaction of its own.
    public func start(subject: String?, data: JSONObject = JSONObject()) async throws -> Started {
        try await database.transaction { try await start(subject: subject, data: data, in: $0) }
    }

    /// The session of a request, or `nil` when there is none or it has ended.
    public func load(_ request: Request) async throws -> Session? {
        guard let token = cookie.value(in: request), token.utf8.count == 43 else { return nil }
        let now = ambient.now()
        let hash = Session.hash(token)
        let kind = policy.kind
        let row = try await database.read { connection in
            try await connection.first(
                """
                SELECT subject, data, created_at, seen_at, expires_at FROM web_sessions
                WHERE token_hash = $1 AND kind = $2
                """, [hash, kind])
        }
        guard let row else { return nil }
        let seen = try row.instant(3)
        let end = try row.instant(4)
        guard now < end, now < seen.adding(seconds: policy.idleSeconds) else { return nil }
        var session = Session(
            token: token, kind: kind, subject: try row.optionalString(0),
            data: try JSON.parseObject(Array(try row.string(1).utf8)), createdAt: try row.instant(2), lastSeenAt: seen,
            expiresAt: end)
        if now >= seen.adding(seconds: min(SessionStore.touchInterval, policy.idleSeconds / 4)) {
            _ = try await database.transaction { connection in
                try await connection.execute(
                    "UPDATE web_sessions SET seen_at = $1 WHERE token_hash = $2 AND seen_at < $1", [now, hash])
            }
            session.lastSeenAt = now
        }
        return session
    }

    /// The session of a request.
    /// - Throws: `web.session_required`
    public func require(_ request: Request) async throws -> Session {
        guard let session = try await load(request), session.subject != nil else { throw RumdulError.sessionRequired }
        return session
    }

    /// Gives a session a new secret (after login, PIN check or any rise of rights); the old one is void at once.
    public func renew(
        _ session: Session, subject: String? = nil, data: JSONObject? = nil, in connection: any SQLConnection
    ) async throws -> Started {
        try await connection.execute("DELETE FROM web_sessions WHERE token_hash = $1", [Session.hash(session.token)])
        let renewed = Session(
            token: ambient.newSecret(), kind: session.kind, subject: subject ?? session.subject,
            data: data ?? session.data, createdAt: session.createdAt, lastSeenAt: ambient.now(),
            expiresAt: session.expiresAt)
        try await insert(renewed, in: connection)
        return Started(session: renewed, cookie: cookie.set(renewed.token))
    }

    /// Replaces what the service keeps in a session.
    public func update(
        _ session: Session, data: JSONObject, in connection: any SQLConnection
    ) async throws -> Session {
        try await connection.execute(
            "UPDATE web_sessions SET data = $1 WHERE token_hash = $2",
            [try SessionStore.encode(data), Session.hash(session.token)])
        var copy = session
        copy.data = data
        return copy
    }

    /// Ends a session; the answer should carry the returned field, which removes the cookie.
    public func end(_ session: Session, in connection: any SQLConnection) async throws -> HTTPField {
        try await connection.execute("DELETE FROM web_sessions WHERE token_hash = $1", [Session.hash(session.token)])
        return cookie.clear
    }

    /// Ends a session in a transaction of its own.
    public func end(_ session: Session) async throws -> HTTPField {
        try await database.transaction { try await end(session, in: $0) }
    }

    /// Ends every session of a subject (account blocked, device lost). Returns how many there were.
    @discardableResult
    public func endAll(subject: String, in connection: any SQLConnection) async throws -> Int {
        try await connection.execute(
            "DELETE FROM web_sessions WHERE kind = $1 AND subject = $2", [policy.kind, subject])
    }

    private func insert(_ session: Session, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            INSERT INTO web_sessions (token_hash, kind, subject, data, created_at, seen_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            [
                Session.hash(session.token), session.kind, session.subject, try SessionStore.encode(session.data),
                session.createdAt, session.lastSeenAt, session.expiresAt,
            ])
    }

    private static func encode(_ data: JSONObject) throws -> String {
        let text = JSON.text(data)
        guard text.utf8.count <= maximumData else { throw RumdulError.internal("web.session: data too large") }
        return text
    }
}

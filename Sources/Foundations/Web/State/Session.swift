import Codecs
import Crypto
import Kernel

/// How sessions of one kind live.
public struct SessionPolicy: Sendable {
    /// The kind (`citizen`, `officer`): the name of the cookie, and what keeps kinds apart in the table.
    public var kind: String
    /// Seconds without a request after which a session ends.
    public var idleSeconds: Int64
    /// Seconds after which a session ends in any case.
    public var absoluteSeconds: Int64
    /// When the cookie travels from other sites.
    public var sameSite: WebCookie.SameSite

    public init(kind: String, idleSeconds: Int64, absoluteSeconds: Int64, sameSite: WebCookie.SameSite = .lax) {
        self.kind = kind
        self.idleSeconds = idleSeconds
        self.absoluteSeconds = absoluteSeconds
        self.sameSite = sameSite
    }
}

/// A running session. The secret in its cookie is known to the browser alone; the table holds its SHA-256.
public struct Session: Sendable {
    let token: String
    /// The kind of the policy that it lives by.
    public let kind: String
    /// Whose session it is: an opaque identifier; nil before login.
    public internal(set) var subject: String?
    /// What the service keeps in it: small, and nothing personal.
    public internal(set) var data: JSONObject
    /// When it began; renewing keeps it.
    public let createdAt: Instant
    /// When it was last used, within a minute.
    public internal(set) var lastSeenAt: Instant
    /// When it ends in any case.
    public let expiresAt: Instant

    /// The token that forms of this session carry in the field `csrf`.
    public var csrfToken: String { CSRF.token(secret: token) }

    static func hash(_ token: String) -> [UInt8] { Array(SHA256.hash(data: Array(token.utf8))) }
}

import Kernel
import RelyingParties

/// What the identity provider needs to know of people. The composition root fills it in: the register in the same process, or another agency's
/// through the exchange node.
public protocol PersonDirectory: Sendable {
    /// The living person behind what someone typed (a KIDC or a VID, with spaces, hyphens or Khmer digits), or `nil`. Throws
    /// `authorize.identifier_invalid` for what cannot be an identifier at all.
    func person(loginIdentifier: String) async throws -> PersonID?

    /// Whether the person is alive and their record in force, so that sessions and refresh tokens still hold.
    func mayLogIn(_ person: PersonID) async throws -> Bool

    /// The pairwise subject of a person in a sector (OpenID Connect Core 1.0, section 8.1).
    func subject(of person: PersonID, sector: String) async throws -> String
}

/// The identity provider's own settings.
public struct ProviderSettings: Sendable {
    /// The issuer URL: scheme, host, optional port, no trailing slash.
    public var issuer: String
    /// Seconds for which a request waits for the device. 1...600.
    public var approvalLifetime: Int64
    /// Seconds of life of an ID token.
    public var idTokenLifetime: Int64
    /// Base URL of the listener that asks for client certificates, if there is one.
    public var mutualTLSBase: String?
    /// Whether every DPoP proof must carry a nonce of ours.
    public var requiresProofNonce = false
    /// Seconds for which one approval keeps a browser logged in.
    public var sessionLifetime: Int64
    /// Prompts of one person that may be open, that is neither decided nor expired, at the same time.
    public var openPrompts: Int
    /// Unapproved prompts allowed to one person in five minutes and in a day.
    public var promptsPerFiveMinutes: Int
    public var promptsPerDay: Int
    /// Logins that one network address may begin in a minute.
    public var loginsPerMinute: Int
    public var policy: AssurancePolicy
    /// Where this node's citizen's app opens a request (`?request=` follows), for phones that are both browser and authenticator; `nil`
    /// where there is none.
    public var requestPage: String?

    public init(
        issuer: String, approvalLifetime: Int64 = 180, idTokenLifetime: Int64 = 600,
        sessionLifetime: Int64 = 3600, openPrompts: Int = 3, promptsPerFiveMinutes: Int = 3,
        promptsPerDay: Int = 10, loginsPerMinute: Int = 60, policy: AssurancePolicy = .scheme
    ) {
        self.issuer = issuer
        self.approvalLifetime = approvalLifetime
        self.idTokenLifetime = idTokenLifetime
        self.sessionLifetime = sessionLifetime
        self.openPrompts = openPrompts
        self.promptsPerFiveMinutes = promptsPerFiveMinutes
        self.promptsPerDay = promptsPerDay
        self.loginsPerMinute = loginsPerMinute
        self.policy = policy
    }
}

/// Who may log in at a client of the sandbox. The composition root fills it in.
public protocol SandboxVisitors: Sendable {
    /// Whether this person may try the client. Anybody else meets a decoy, as an unknown number does.
    func mayTry(_ client: RelyingParty, _ person: PersonID) async throws -> Bool
}

/// No limit: a node whose people are all invented, or one without sandbox clients.
public struct Everybody: SandboxVisitors {
    public init() {}

    public func mayTry(_ client: RelyingParty, _ person: PersonID) async throws -> Bool { true }
}

/// An OAuth error that was answered to a client. Nothing in it is personal.
public struct ClientRefusal: Sendable, Equatable {
    /// The client that the request named; nobody proved that it was the sender.
    public var clientID: String
    /// The path of the endpoint.
    public var endpoint: String
    /// The error code as the client saw it, or the code of the page that the person saw.
    public var code: String
    /// The English words that went with it.
    public var description: String
    public var traceID: String
    public var at: Instant

    public init(
        clientID: String, endpoint: String, code: String, description: String, traceID: String, at: Instant
    ) {
        self.clientID = clientID
        self.endpoint = endpoint
        self.code = code
        self.description = description
        self.traceID = traceID
        self.at = at
    }
}

/// Hears what becomes of clients' requests, for the clients' own logs. Called while a request is answered: an implementation returns
/// at once and cannot fail.
public protocol ClientEventSink: Sendable {
    func refused(_ refusal: ClientRefusal)
    /// A person logged in: the client received tokens.
    func loggedIn(clientID: String, at: Instant)
}

/// Nobody listens.
public struct NoClientEvents: ClientEventSink {
    public init() {}

    public func refused(_ refusal: ClientRefusal) {}

    public func loggedIn(clientID: String, at: Instant) {}
}

import Kernel

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
    /// Unapproved prompts allowed to one person in five minutes and in a day.
    public var promptsPerFiveMinutes: Int
    public var promptsPerDay: Int
    /// Logins that one network address may begin in a minute.
    public var loginsPerMinute: Int
    public var policy: AssurancePolicy

    public init(
        issuer: String, approvalLifetime: Int64 = 180, idTokenLifetime: Int64 = 600,
        sessionLifetime: Int64 = 3600, promptsPerFiveMinutes: Int = 3,
        promptsPerDay: Int = 10, loginsPerMinute: Int = 60, policy: AssurancePolicy = .scheme
    ) {
        self.issuer = issuer
        self.approvalLifetime = approvalLifetime
        self.idTokenLifetime = idTokenLifetime
        self.sessionLifetime = sessionLifetime
        self.promptsPerFiveMinutes = promptsPerFiveMinutes
        self.promptsPerDay = promptsPerDay
        self.loginsPerMinute = loginsPerMinute
        self.policy = policy
    }
}

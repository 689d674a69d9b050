import Database
import Kernel

/// How a citizen proves who they are to these pages: the same approval on the device as for any relying party.
public protocol CitizenLogin: Sendable {
    /// Where the browser goes to log in.
    /// - Parameters:
    ///   - state: comes back with the answer.
    ///   - codeChallenge: base64url SHA-256 of a secret that stays here (RFC 7636).
    func authorizationURL(state: String, codeChallenge: String, language: Language) -> String

    /// Who approved. Throws for a code that is forged, used or too old.
    func redeem(code: String, codeVerifier: String) async throws -> CitizenProof
}

/// Who logged in to these pages, and in which browser session.
public struct CitizenProof: Sendable {
    public var person: PersonID
    /// The session of ``CitizenSessions`` that the login belongs to; these pages close when it is ended.
    public var session: String?
    /// Whether a one-time code was all that proved the person: printed, or sent by message.
    public var isByCode: Bool

    public init(person: PersonID, session: String?, isByCode: Bool = false) {
        self.person = person
        self.session = session
        self.isByCode = isByCode
    }
}

/// A browser in which a person is logged in.
public struct BrowserLogin: Sendable {
    public var id: String
    /// The browser, and after a comma its system, in words of ours: `Firefox, Linux`; `Browser` when nothing is known.
    public var browser: String
    public var startedAt: Instant
    public var endsAt: Instant
    /// The services that took part.
    public var services: [LocalizedText]

    public init(id: String, browser: String, startedAt: Instant, endsAt: Instant, services: [LocalizedText]) {
        self.id = id
        self.browser = browser
        self.startedAt = startedAt
        self.endsAt = endsAt
        self.services = services
    }
}

/// The browsers in which people are logged in.
public protocol CitizenSessions: Sendable {
    /// A person's open sessions, newest first; perhaps not all of very many.
    func open(of person: PersonID) async throws -> [BrowserLogin]

    /// Ends one, and has the services told that took part. False when this person has no such open session.
    func end(_ id: String, of person: PersonID) async throws -> Bool

    /// Whether a session was ended before its time.
    func isEnded(_ id: String) async throws -> Bool
}

/// What a withdrawn consent means outside the registry of consents: grants end, and the relying party is told.
public protocol WithdrawalEffects: Sendable {
    /// Runs `withdrawal` in a transaction that also ends the relying party's grants and writes the notice to it, so that
    /// neither happens without the other. `withdrawal` may run more than once.
    func apply(
        by person: PersonID, clientID: String,
        withdrawal: @escaping @Sendable (any SQLConnection) async throws -> Void
    ) async throws
}

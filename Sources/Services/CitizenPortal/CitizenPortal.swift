import Accountability
import Authenticators
import Codecs
import Consent
import Database
import Hummingbird
import Kernel
import Web

extension Session {
    /// Whether a one-time code was all that proved the person. Whoever found a printed sheet gets no further than to look at what the person
    /// granted, and to stop things: nothing that lasts, no data of the register, no approval.
    var isByCode: Bool { data.bool(CitizenPortal.codeMember) == true }
}

/// The citizen's own pages: what I granted, who read my data, my devices, where I am logged in; withdraw, block and log out
/// with one press.
public struct CitizenPortal: Sendable {
    let database: any Database
    let login: any CitizenLogin
    let logins: any CitizenSessions
    let effects: any WithdrawalEffects
    let consents: Consents
    let journal: AccessJournal
    let authenticators: Authenticators
    let sessions: SessionStore
    let ambient: Ambient
    let checkpointSeconds: Int
    let app: CitizenApp

    /// - Parameters:
    ///   - login: proves who the citizen is.
    ///   - logins: the browsers in which the citizen is logged in.
    ///   - effects: what a withdrawal ends elsewhere.
    ///   - app: what the further pages need.
    ///   - checkpointSeconds: the time between two checkpoints of the ledger.
    public init(
        database: any Database, login: any CitizenLogin, logins: any CitizenSessions,
        effects: any WithdrawalEffects, consents: Consents, journal: AccessJournal, authenticators: Authenticators,
        sessions: SessionStore, app: CitizenApp, ambient: Ambient,
        checkpointSeconds: Int = 5
    ) {
        self.database = database
        self.login = login
        self.logins = logins
        self.effects = effects
        self.consents = consents
        self.journal = journal
        self.authenticators = authenticators
        self.sessions = sessions
        self.ambient = ambient
        self.checkpointSeconds = checkpointSeconds
        self.app = app
    }

    /// Where a request opens, in a native app that has this address for itself or in the browser; `?request=` and its identifier follow.
    public static let requestPage = "/app/open"

    /// The pages of this service.
    public static let templates = PortalTemplates.module

    /// The session of a request, or `nil`. It closes with the browser session in which it began.
    func session(_ request: Request) async throws -> Session? {
        guard let session = try await sessions.load(request), session.subject != nil else { return nil }
        if session.isByCode, ambient.now() >= session.createdAt.adding(seconds: Self.codeSeconds) {
            _ = try await sessions.end(session)
            return nil
        }
        guard let login = session.data.string(Self.loginMember), try await logins.isEnded(login) else { return session }
        _ = try await sessions.end(session)
        return nil
    }

    /// The session of a request. Throws `web.session_required`.
    func requireSession(_ request: Request) async throws -> Session {
        if let session = try await session(request) { return session }
        return try await sessions.require(request)
    }

    /// The session of a request by somebody who proved more than a one-time code. Throws `web.session_required`, `citizen.login_level`.
    func requireAuthenticator(_ request: Request) async throws -> Session {
        let session = try await requireSession(request)
        guard !session.isByCode else { throw RumdulError.portalLevel }
        return session
    }

    /// The member of a session's data that names its browser session.
    static let loginMember = "login"
    /// The member that marks a session which began with a one-time code alone.
    static let codeMember = "code"
    /// Seconds for which such a session lasts: codes are for shared computers.
    static let codeSeconds: Int64 = 900

    /// Withdraws one consent of this person, and all that hangs on it. Throws `consent.not_found` for another person's.
    func withdraw(_ id: String, by person: PersonID) async throws {
        let record = try await database.read { connection in try await consents.record(id, in: connection) }
        guard let record, record.grant.personID == person else { throw RumdulError.consentNotFound }
        // Again is no error, and does not end what a newer consent allows.
        guard record.state(at: ambient.now()) != .withdrawn else { return }
        try await effects.apply(by: person, clientID: record.grant.clientID) { connection in
            try await consents.withdraw(id, person: person, in: connection)
        }
    }

    /// Ends every browser session of this person, and every session of these pages.
    func endAllLogins(of person: PersonID) async throws {
        // A page of them at a time; a login that succeeds meanwhile is not chased for ever.
        for _ in 0..<Self.rounds {
            let open = try await logins.open(of: person)
            guard !open.isEmpty else { break }
            for login in open { _ = try await logins.end(login.id, of: person) }
        }
        _ = try await database.transaction { try await sessions.endAll(subject: person.text, in: $0) }
    }

    private static let rounds = 20

    /// Blocks one device of this person. Throws `device.not_found` for another person's.
    func block(_ id: String, by person: PersonID) async throws {
        try await database.transaction { connection in
            guard let device = try await authenticators.device(id, in: connection), device.personID == person else {
                throw RumdulError.deviceNotFound
            }
            try await authenticators.setState(id, .blocked, by: "self", reason: "blocked-by-person", in: connection)
        }
    }
}

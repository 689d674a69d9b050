import Accountability
import Authenticators
import Consent
import Database
import Kernel
import Web

/// The citizen's own pages: what I granted, who read my data, my devices; withdraw and block with one press.
public struct CitizenPortal: Sendable {
    let database: any Database
    let login: any CitizenLogin
    let consents: Consents
    let journal: AccessJournal
    let authenticators: Authenticators
    let sessions: SessionStore
    let ambient: Ambient
    let checkpointSeconds: Int

    /// - Parameters:
    ///   - login: proves who the citizen is.
    ///   - checkpointSeconds: the time between two checkpoints of the ledger.
    public init(
        database: any Database, login: any CitizenLogin, consents: Consents, journal: AccessJournal,
        authenticators: Authenticators, sessions: SessionStore, ambient: Ambient,
        checkpointSeconds: Int = 5
    ) {
        self.database = database
        self.login = login
        self.consents = consents
        self.journal = journal
        self.authenticators = authenticators
        self.sessions = sessions
        self.ambient = ambient
        self.checkpointSeconds = checkpointSeconds
    }

    /// The pages of this service.
    public static let templates = PortalTemplates.module

    /// Withdraws one consent of this person. Throws `consent.not_found` for another person's.
    func withdraw(_ id: String, by person: PersonID) async throws {
        try await database.transaction { connection in
            try await consents.withdraw(id, person: person, in: connection)
        }
    }

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

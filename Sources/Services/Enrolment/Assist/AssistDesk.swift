import Accountability
import Codecs
import Crypto
import Database
import Kernel
import Ledger

/// Assisted sessions: an officer with the right opens one at a terminal, one person logs in there with their own card or
/// passkey, the officer ends it. An officer has one at a time, cannot act for themselves, and is named by the audit entry of
/// each login.
public struct AssistDesk: Sendable {
    let database: any Database
    let officers: OfficerDirectory
    let audit: AuditTrail
    let ambient: Ambient
    private let store = AssistStore()

    public init(database: any Database, officers: OfficerDirectory, ledger: Ledger, ambient: Ambient) {
        self.database = database
        self.officers = officers
        audit = AuditTrail(ledger: ledger)
        self.ambient = ambient
    }

    /// Starts a session, in place of one that the officer may have. The secret marks the terminal, and exists nowhere else.
    ///
    /// Throws `officer.forbidden`, `assist.unlinked`.
    /// - Parameters:
    ///   - placeCode: where the terminal stands, within the officer's area.
    ///   - place: that place's name.
    func start(
        at placeCode: String, _ place: LocalizedText, by officer: Officer
    ) async throws -> (session: AssistedSession, secret: String) {
        let actor = try officer.acting(.assistSession, in: placeCode)
        guard let own = try await officers.person(of: officer.id) else { throw RumdulError.assistUnlinked }
        let (now, secret) = (ambient.now(), ambient.newSecret())
        let session = AssistedSession(
            id: ambient.newID(), officerID: officer.id, organisation: officer.organisation, placeCode: placeCode,
            place: place, startedAt: now, endsAt: now.adding(seconds: AssistedSession.lifetime), personID: nil)
        try await database.transaction { [store, audit] connection in
            try await connection.lock("assist:" + officer.id)
            _ = try await store.end(officer: officer.id, at: now, in: connection)
            try await store.insert(
                session, secretHash: Self.hash(secret), officerPerson: own, in: connection)
            try await audit.record(
                action: "assist.started", actor: actor, subject: officer.id,
                details: ["session": .string(session.id), "place": .string(placeCode)], in: connection)
        }
        return (session, secret)
    }

    /// The session of an officer, or `nil`.
    func session(of officer: Officer) async throws -> AssistedSession? {
        let now = ambient.now()
        return try await database.read { [store] in try await store.live(officer: officer.id, at: now, in: $0) }
    }

    /// Ends the officer's session. Does nothing when there is none.
    func end(by officer: Officer) async throws {
        let now = ambient.now()
        try await database.transaction { [store, audit] connection in
            guard let id = try await store.end(officer: officer.id, at: now, in: connection) else { return }
            try await audit.record(
                action: "assist.ended", actor: .officer(id: officer.id, role: Role.assistingOfficer.rawValue),
                subject: officer.id, details: ["session": .string(id)], in: connection)
        }
    }

    /// The living session of a terminal's cookie, or `nil`: the officer must still be active and have the right.
    public func session(secret: String) async throws -> AssistedSession? {
        guard secret.utf8.count == 43 else { return nil }
        let now = ambient.now()
        let hash = Self.hash(secret)
        guard
            let session = try await database.read({ [store] in
                try await store.live(secretHash: hash, at: now, in: $0)
            }), let officer = try await officers.officer(session.officerID),
            officer.may(.assistSession, in: session.placeCode)
        else { return nil }
        return session
    }

    /// Whether this person may be helped in this session, before anything is tried. Throws `assist.*`.
    public func require(
        _ person: PersonID, in id: String, connection: any SQLConnection
    ) async throws {
        guard let found = try await store.live(id: id, at: ambient.now(), in: connection) else {
            throw RumdulError.assistEnded
        }
        guard person != found.officerPerson else { throw RumdulError.assistOwnPerson }
        guard found.session.personID == nil || found.session.personID == person else {
            throw RumdulError.assistOtherPerson
        }
    }

    /// Takes a login into a session: the person's security notices and the audit trail tell of it, with the officer's
    /// identifier. Throws `assist.*`.
    public func admit(_ use: AssistedUse, to id: String, in connection: any SQLConnection) async throws {
        try await require(use.personID, in: id, connection: connection)
        guard let (session, _) = try await store.live(id: id, at: ambient.now(), in: connection),
            try await store.take(id, person: use.personID, in: connection)
        else { throw RumdulError.assistEnded }
        try await audit.record(
            action: "assisted.login",
            actor: .officer(id: session.officerID, role: Role.assistingOfficer.rawValue),
            subject: use.personID.text,
            details: [
                "session": .string(id), "by": .string(session.officerID), "txn": .string(use.transactionID),
                "client": .string(use.clientID), "method": .string(use.method),
                "organisation": .string(session.organisation.code),
                "organisation_km": .string(session.organisation.name.km),
                "organisation_en": .string(session.organisation.name.en), "place": .string(session.placeCode),
                "place_km": .string(session.place.km), "place_en": .string(session.place.en),
            ], in: connection)
    }

    /// Counts a card or PIN that was refused; ten end the session.
    public func noteRefusal(in id: String, connection: any SQLConnection) async throws {
        try await store.refuse(id, most: AssistedSession.mostRefusals, at: ambient.now(), in: connection)
    }

    private static func hash(_ secret: String) -> [UInt8] { Array(SHA256.hash(data: Array(secret.utf8))) }
}

import Accountability
import Database
import Enrolment
import IdentityProvider
import Kernel

/// The officers' console as the provider's terminals.
struct DeskTerminals: AssistedTerminals {
    let desk: AssistDesk

    var cookieName: String { AssistedSession.cookieName }

    func mark(cookie: String) async throws -> AssistedMark? {
        try await desk.session(secret: cookie).map { session in
            AssistedMark(
                session: session.id, officer: session.officerID, organisation: session.organisation,
                placeCode: session.placeCode, place: session.place)
        }
    }

    func require(_ person: PersonID, at mark: AssistedMark, in connection: any SQLConnection) async throws {
        try await desk.require(person, in: mark.session, connection: connection)
    }

    func admit(
        _ person: PersonID, transaction: String, clientID: String, method: String, at mark: AssistedMark,
        in connection: any SQLConnection
    ) async throws {
        try await desk.admit(
            AssistedUse(personID: person, transactionID: transaction, clientID: clientID, method: method),
            to: mark.session, in: connection)
    }

    func noteRefusal(at mark: AssistedMark, in connection: any SQLConnection) async throws {
        try await desk.noteRefusal(in: mark.session, connection: connection)
    }
}

extension ProviderSurroundings {
    /// With terminals at which officers help people.
    func assisted(by desk: AssistDesk) -> ProviderSurroundings {
        var copy = self
        copy.terminals = DeskTerminals(desk: desk)
        return copy
    }
}

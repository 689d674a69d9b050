import Accountability
import Codecs
import Database
import Kernel

/// What came of a request to reserve a code.
public struct Reservation: Sendable, Hashable {
    public let kidc: KIDC
    /// Whether the request had been carried out before.
    public let isRepeated: Bool
    /// Whether what was sent now is what was sent then.
    public let isSame: Bool
}

extension PopulationRegister {
    /// Reserves a code for a person whom another system is registering, as the verification of a birth does: the person
    /// does not count and the code opens nothing until a registration confirms it (`confirm`). A repeated request gets the
    /// code of the first, whatever happened since. Throws what `reserve(_:by:in:)` throws, `person.retired` when the
    /// reservation was given up.
    ///
    /// - Parameters:
    ///   - request: an unguessable or client-bound name of the request.
    ///   - content: what the request holds, in one canonical form.
    public func reserve(
        _ draft: PersonDraft, once request: String, content: String, by actor: Actor
    ) async throws -> Reservation {
        let tag = try await tags.request(request)
        let digest = try await tags.content(content)
        let reservations = ReservationStore()
        return try await database.transaction { connection in
            try await connection.lock("population:reservation:" + Hex.encode(tag))
            if let done = try await reservations.find(tag, in: connection) {
                guard let code = try await code(of: done.person, in: connection) else {
                    throw RumdulError.personRetired
                }
                return Reservation(
                    kidc: code, isRepeated: true, isSame: constantTimeEquals(done.content, digest))
            }
            let registration = try await reserve(draft, by: actor, in: connection)
            try await reservations.insert(
                tag, content: digest, person: registration.personID, at: ambient.now(), in: connection)
            return Reservation(kidc: registration.kidc, isRepeated: false, isSame: true)
        }
    }
}

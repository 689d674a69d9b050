import Accountability
import Codecs
import Database
import Kernel

/// How a reservation of a code stands.
public enum ReservationState: String, Sendable, CaseIterable {
    /// The code is held and opens nothing.
    case open
    /// The person counts under the code.
    case confirmed
    /// Given back by who asked. The code is nobody's for ever.
    case released
    /// Not confirmed in time. The code is nobody's for ever.
    case expired
}

/// A code that another system reserved.
public struct Reservation: Sendable, Hashable {
    public let kidc: KIDC
    /// Whether the request had been carried out before.
    public let isRepeated: Bool
    /// Whether what was sent now is what was sent then.
    public let isSame: Bool
    public let state: ReservationState
    /// When an open reservation ends by itself.
    public let expiresAt: Instant
}

extension PopulationRegister {
    /// For how many days a code is held, unless an operator says otherwise.
    public static let reservationDays = 90

    /// Reserves a code for a person whom another system is registering, as the verification of a birth does: the person
    /// does not count and the code opens nothing until `confirmReservation`. A repeated request gets the code of the
    /// first. Throws what `reserve(_:by:in:)` throws, `kidc.reservation_over` when the reservation ended without a
    /// person.
    ///
    /// - Parameters:
    ///   - request: an unguessable or client-bound name of the request.
    ///   - content: what the request holds, in one canonical form.
    ///   - days: how long the code is held.
    public func reserve(
        _ draft: PersonDraft, once request: String, content: String, days: Int = reservationDays, by actor: Actor
    ) async throws -> Reservation {
        let tag = try await tags.request(request)
        let digest = try await tags.content(content)
        let found: Reservation? = try await database.transaction { connection in
            try await lock(tag, in: connection)
            if let done = try await current(tag, in: connection) {
                guard let code = try await held(done, in: connection) else { return nil }
                return Reservation(
                    kidc: code, isRepeated: true, isSame: constantTimeEquals(done.content, digest), state: done.state,
                    expiresAt: done.expiresAt)
            }
            let registration = try await reserve(draft, by: actor, in: connection)
            let now = ambient.now()
            let end = now.adding(seconds: Int64(max(1, days)) * 86_400)
            try await reservations.insert(
                tag, content: digest, person: registration.personID, at: now, until: end, in: connection)
            return Reservation(
                kidc: registration.kidc, isRepeated: false, isSame: true, state: .open, expiresAt: end)
        }
        guard let found else { throw RumdulError.kidcReservationOver }
        return found
    }

    /// How a reservation stands, for who made it and knows the code. Throws `kidc.reservation_unknown` for everything
    /// else.
    public func reservation(
        once request: String, of code: KIDC
    ) async throws -> (state: ReservationState, expiresAt: Instant) {
        let tag = try await tags.request(request)
        return try await database.transaction { connection in
            try await lock(tag, in: connection)
            let row = try await own(tag, code, in: connection)
            return (row.state, row.expiresAt)
        }
    }

    /// Makes the person of a reservation count, with the facts as the other system registered them: the code is given
    /// out. The same confirmation again changes nothing. Writes the audit entry `person.registered`.
    ///
    /// Throws `kidc.reservation_unknown`, `kidc.reservation_over` when its time was over or it was given back,
    /// `kidc.reservation_confirmed` when it was confirmed with other facts, and what `confirm(_:as:by:in:)` throws.
    /// - Parameter content: the facts in one canonical form.
    public func confirmReservation(
        once request: String, of code: KIDC, as draft: PersonDraft, content: String, by actor: Actor
    ) async throws {
        let tag = try await tags.request(request)
        let digest = try await tags.content(content)
        let state = try await database.transaction { connection in
            try await lock(tag, in: connection)
            let row = try await own(tag, code, in: connection)
            switch row.state {
            case .open:
                try await confirm(row.person, as: draft, by: actor, in: connection)
                try await reservations.end(tag, as: .confirmed, confirmed: digest, in: connection)
                return ReservationState.confirmed
            case .confirmed:
                guard let known = row.confirmed, constantTimeEquals(known, digest) else {
                    throw RumdulError.kidcReservationConfirmed
                }
                return .confirmed
            case .released, .expired: return row.state
            }
        }
        // After the transaction, so that an end which was only now noticed stays.
        guard state == .confirmed else { throw RumdulError.kidcReservationOver }
    }

    /// Gives a reservation back: what was known of the person is erased, the code is given to nobody else ever. Again
    /// changes nothing. Throws `kidc.reservation_unknown`, `kidc.reservation_confirmed`.
    public func releaseReservation(once request: String, of code: KIDC, by actor: Actor) async throws {
        let tag = try await tags.request(request)
        try await database.transaction { connection in
            try await lock(tag, in: connection)
            let row = try await own(tag, code, in: connection)
            switch row.state {
            case .open: try await giveUp(row, as: .released, by: actor, in: connection)
            case .released, .expired: return
            case .confirmed: throw RumdulError.kidcReservationConfirmed
            }
        }
    }

    /// Ends reservations whose time is over, each in a transaction of its own: the job beside the requests.
    /// - Returns: how many were ended.
    @discardableResult
    public func expireReservations(limit: Int = 500) async throws -> Int {
        let due = try await database.read { try await reservations.due(at: ambient.now(), limit: limit, in: $0) }
        var ended = 0
        for tag in due {
            let row = try await database.transaction { connection in
                try await lock(tag, in: connection)
                return try await current(tag, in: connection)
            }
            if row?.state == .expired { ended += 1 }
        }
        return ended
    }

    // MARK: Within

    private var reservations: ReservationStore { ReservationStore() }

    private func lock(_ tag: [UInt8], in connection: any SQLConnection) async throws {
        try await connection.lock("population:reservation:" + Hex.encode(tag))
    }

    /// A reservation as it stands at this moment: one whose time is over ends here, whoever asks.
    private func current(_ tag: [UInt8], in connection: any SQLConnection) async throws -> ReservationRow? {
        guard let row = try await reservations.find(tag, in: connection) else { return nil }
        guard row.state == .open, row.expiresAt <= ambient.now() else { return row }
        try await giveUp(row, as: .expired, by: .system("reservations"), in: connection)
        return try await reservations.find(tag, in: connection)
    }

    /// The reservation when the code is its own. Of one that ended without a person nothing is left to compare with but
    /// the tag of the code, which stays for ever. Throws `kidc.reservation_unknown`.
    private func own(
        _ tag: [UInt8], _ code: KIDC, in connection: any SQLConnection
    ) async throws -> ReservationRow {
        let codeTag = try await tags.code(code)
        guard let row = try await current(tag, in: connection),
            try await store.holder(codeTag, in: connection) == row.person
        else { throw RumdulError.kidcReservationUnknown }
        return row
    }

    /// The code of a reservation; `nil` when it ended without a person.
    private func held(_ row: ReservationRow, in connection: any SQLConnection) async throws -> KIDC? {
        guard row.state == .open || row.state == .confirmed else { return nil }
        guard let code = try await code(of: row.person, in: connection) else { throw RumdulError.personRetired }
        return code
    }

    private func giveUp(
        _ row: ReservationRow, as state: ReservationState, by actor: Actor, in connection: any SQLConnection
    ) async throws {
        try await abandon(row.person, by: actor, in: connection)
        // Nobody needs the facts of somebody who never counted.
        if var person = try await store.person(row.person, in: connection), person.record == .error {
            (person.dataKey, person.snapshot) = (nil, nil)
            try await store.update(person, at: ambient.now(), in: connection)
            try await store.erase(row.person, in: connection)
        }
        try await reservations.end(row.request, as: state, confirmed: nil, in: connection)
    }
}

extension PopulationStore {
    /// Who has, or had, a code.
    func holder(_ tag: [UInt8], in connection: any SQLConnection) async throws -> PersonID? {
        try await connection.first("SELECT person_id FROM population_codes WHERE tag = $1", [tag])
            .map { PersonID(try $0.string(0)) }
    }
}

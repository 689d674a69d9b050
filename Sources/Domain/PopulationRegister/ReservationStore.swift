import Database
import Kernel

/// A reservation as it lies in the table.
struct ReservationRow: Sendable {
    let request: [UInt8]
    let content: [UInt8]
    let person: PersonID
    let state: ReservationState
    let expiresAt: Instant
    /// What was confirmed, as a tag.
    let confirmed: [UInt8]?
}

/// The SQL of reservations that other systems asked for; the only place that touches `population_reservations`. The
/// names of requests and what they held lie there as blind tags only.
struct ReservationStore: Sendable {
    static let migration = ModuleMigrations.Step(
        "reservations of codes for other systems",
        [
            """
            CREATE TABLE population_reservations (
                request BLOB PRIMARY KEY,
                content BLOB NOT NULL,
                person_id TEXT NOT NULL,
                at BIGINT NOT NULL
            )
            """
        ])

    /// Reservations that end. Those of older programs get ninety days from when they were made.
    static let ending = ModuleMigrations.Step(
        "ends of reservations",
        [
            "ALTER TABLE population_reservations ADD COLUMN state TEXT NOT NULL DEFAULT 'open'",
            "ALTER TABLE population_reservations ADD COLUMN expires_at BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE population_reservations ADD COLUMN confirmed BLOB",
            "UPDATE population_reservations SET expires_at = at + 7776000000000",
            "CREATE INDEX population_reservations_due ON population_reservations (expires_at) WHERE state = 'open'",
        ])

    func find(_ request: [UInt8], in connection: any SQLConnection) async throws -> ReservationRow? {
        try await connection.first(
            "SELECT content, person_id, state, expires_at, confirmed FROM population_reservations WHERE request = $1",
            [request]
        ).map { row in
            guard let state = ReservationState(rawValue: try row.string(2)) else {
                throw RumdulError.internal("population.reservation_row")
            }
            return ReservationRow(
                request: request, content: try row.blob(0), person: PersonID(try row.string(1)), state: state,
                expiresAt: try row.instant(3), confirmed: try row.optionalBlob(4))
        }
    }

    func insert(
        _ request: [UInt8], content: [UInt8], person: PersonID, at now: Instant, until end: Instant,
        in connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            """
            INSERT INTO population_reservations (request, content, person_id, at, state, expires_at)
            VALUES ($1, $2, $3, $4, 'open', $5)
            """, [request, content, person.text, now, end])
    }

    /// Ends an open reservation.
    func end(
        _ request: [UInt8], as state: ReservationState, confirmed: [UInt8]?, in connection: any SQLConnection
    ) async throws {
        let changed = try await connection.execute(
            "UPDATE population_reservations SET state = $2, confirmed = $3 WHERE request = $1 AND state = 'open'",
            [request, state.rawValue, confirmed])
        guard changed == 1 else { throw RumdulError.personChanged }
    }

    /// Open reservations whose time is over, the oldest first.
    func due(at now: Instant, limit: Int, in connection: any SQLConnection) async throws -> [[UInt8]] {
        try await connection.query(
            """
            SELECT request FROM population_reservations WHERE state = 'open' AND expires_at <= $1
            ORDER BY expires_at LIMIT \(limit)
            """, [now]
        ).map { try $0.blob(0) }
    }
}

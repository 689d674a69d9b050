import Database
import Kernel

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

    func find(
        _ request: [UInt8], in connection: any SQLConnection
    ) async throws -> (content: [UInt8], person: PersonID)? {
        try await connection.first(
            "SELECT content, person_id FROM population_reservations WHERE request = $1", [request]
        ).map { (try $0.blob(0), PersonID(try $0.string(1))) }
    }

    func insert(
        _ request: [UInt8], content: [UInt8], person: PersonID, at now: Instant, in connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            "INSERT INTO population_reservations (request, content, person_id, at) VALUES ($1, $2, $3, $4)",
            [request, content, person.text, now])
    }
}

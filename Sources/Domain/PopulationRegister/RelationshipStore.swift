import Database
import Kernel

/// Touches the table of edges between persons.
struct RelationshipStore: Sendable {
    static let migration = ModuleMigrations.Step(
        "relationships",
        [
            """
            CREATE TABLE population_relationships (
                id TEXT PRIMARY KEY,
                person_id TEXT NOT NULL,
                kind TEXT NOT NULL,
                other_id TEXT NOT NULL,
                source_kind TEXT NOT NULL,
                source TEXT NOT NULL,
                valid_from TEXT,
                valid_to TEXT,
                end_kind TEXT,
                end_source TEXT,
                separated BIGINT NOT NULL,
                recorded_at BIGINT NOT NULL,
                ended_at BIGINT
            )
            """,
            "CREATE INDEX population_relationships_person ON population_relationships (person_id, kind)",
            "CREATE INDEX population_relationships_other ON population_relationships (other_id, kind)",
            "CREATE INDEX population_relationships_source ON population_relationships (source)",
            "CREATE INDEX population_persons_survivor ON population_persons (survivor) WHERE survivor IS NOT NULL",
            "CREATE INDEX population_relationships_end ON population_relationships (end_source) WHERE end_source IS NOT NULL",
        ])

    private static let columns =
        "id, person_id, kind, other_id, source_kind, source, valid_from, valid_to, end_kind, end_source, separated"

    func insert(_ edge: Relationship, at now: Instant, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            INSERT INTO population_relationships (\(Self.columns), recorded_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """,
            [
                edge.id, edge.person.text, edge.kind.rawValue, edge.other.text, edge.source.kind, edge.source.reference,
                edge.validFrom, edge.validTo, edge.end?.rawValue, edge.endSource, edge.isSeparated ? 1 : 0, now,
            ])
    }

    /// Writes how an edge ends, is separated, or lives again.
    func update(_ edge: Relationship, at now: Instant, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            UPDATE population_relationships SET valid_to = $2, end_kind = $3, end_source = $4, separated = $5, ended_at = $6,
                valid_from = $7
            WHERE id = $1
            """,
            [
                edge.id, edge.validTo, edge.end?.rawValue, edge.endSource, edge.isSeparated ? 1 : 0,
                edge.isLive ? nil : now, edge.validFrom,
            ])
    }

    /// Every edge of a person in either direction, oldest first.
    func edges(of person: PersonID, in connection: any SQLConnection) async throws -> [Relationship] {
        try await list("person_id = $1 OR other_id = $1", [person.text], in: connection)
    }

    /// The edges that a record made or ended.
    func edges(ofSource source: String, in connection: any SQLConnection) async throws -> [Relationship] {
        try await list("source = $1", [source], in: connection)
    }

    /// The edges that a record ended.
    func edges(endedBy source: String, in connection: any SQLConnection) async throws -> [Relationship] {
        try await list("end_source = $1", [source], in: connection)
    }

    private func list(
        _ condition: String, _ arguments: [any SQLValueConvertible], in connection: any SQLConnection
    ) async throws -> [Relationship] {
        try await connection.query(
            "SELECT \(Self.columns) FROM population_relationships WHERE \(condition) ORDER BY recorded_at, id",
            arguments
        ).map { row in
            guard let kind = Relationship.Kind(rawValue: try row.string(2)) else {
                throw RumdulError.internal("population.relationship")
            }
            return Relationship(
                id: try row.string(0), person: PersonID(try row.string(1)), kind: kind,
                other: PersonID(try row.string(3)),
                source: FactSource(kind: try row.string(4), reference: try row.string(5)),
                validFrom: try row.optionalString(6).flatMap { CalendarDate(iso: $0) },
                validTo: try row.optionalString(7).flatMap { CalendarDate(iso: $0) },
                end: try row.optionalString(8).flatMap { Relationship.End(rawValue: $0) },
                endSource: try row.optionalString(9), isSeparated: try row.int64(10) == 1)
        }
    }
}

import Database
import Kernel

/// An alias as it lies in the table; the digits are not stored, only their blind tag.
struct AliasRow: Sendable {
    var person: PersonID
    var kind: VIDKind
    var isLive: Bool
    var expiresAt: Instant?
    var usesLeft: Int?

    func isUsable(at now: Instant) -> Bool {
        isLive && (expiresAt.map { now < $0 } ?? true) && (usesLeft.map { $0 > 0 } ?? true)
    }
}

extension PopulationStore {
    /// Enters an alias; `false` when its digits are taken.
    func insertAlias(_ tag: [UInt8], _ alias: AliasRow, at now: Instant, in connection: any SQLConnection) async throws
        -> Bool
    {
        try await connection.query(
            """
            INSERT INTO population_aliases (tag, person_id, kind, state, expires_at, uses_left, issued_at)
            VALUES ($1, $2, $3, 'active', $4, $5, $6) ON CONFLICT (tag) DO NOTHING RETURNING person_id
            """, [tag, alias.person.text, alias.kind.rawValue, alias.expiresAt, alias.usesLeft, now]
        ).count == 1
    }

    func alias(_ tag: [UInt8], in connection: any SQLConnection) async throws -> AliasRow? {
        try await connection.first(
            "SELECT person_id, kind, state, expires_at, uses_left FROM population_aliases WHERE tag = $1", [tag]
        ).map { row in
            AliasRow(
                person: PersonID(try row.string(0)), kind: VIDKind(rawValue: try row.string(1)) ?? .temporary,
                isLive: try row.string(2) == "active", expiresAt: try row.optionalInstant(3),
                usesLeft: try row.optionalInt64(4).map { Int($0) })
        }
    }

    func liveAliases(of person: PersonID, _ kind: VIDKind, at now: Instant, in connection: any SQLConnection)
        async throws -> Int
    {
        try await connection.first(
            """
            SELECT COUNT(*) FROM population_aliases WHERE person_id = $1 AND kind = $2 AND state = 'active'
                AND (expires_at IS NULL OR expires_at > $3) AND (uses_left IS NULL OR uses_left > 0)
            """, [person.text, kind.rawValue, now]
        )?.int(0) ?? 0
    }

    /// Takes one use from a usable alias and tells whose it is; `nil` when it is not usable (any more).
    func useAlias(_ tag: [UInt8], at now: Instant, in connection: any SQLConnection) async throws -> PersonID? {
        try await connection.first(
            """
            UPDATE population_aliases SET uses_left = uses_left - 1
            WHERE tag = $1 AND state = 'active' AND (expires_at IS NULL OR expires_at > $2)
                AND (uses_left IS NULL OR uses_left > 0)
            RETURNING person_id
            """, [tag, now]
        ).map { PersonID(try $0.string(0)) }
    }

    func revokeAlias(_ tag: [UInt8], of person: PersonID, in connection: any SQLConnection) async throws -> Bool {
        try await connection.execute(
            "UPDATE population_aliases SET state = 'revoked' WHERE tag = $1 AND person_id = $2 AND state = 'active'",
            [tag, person.text]) > 0
    }

    /// Ends every live alias because the record closes; `reopenAliases` gives exactly these back.
    func closeAliases(of person: PersonID, in connection: any SQLConnection) async throws {
        try await connection.execute(
            "UPDATE population_aliases SET state = 'closed' WHERE person_id = $1 AND state = 'active'", [person.text])
    }

    func reopenAliases(of person: PersonID, in connection: any SQLConnection) async throws {
        try await connection.execute(
            "UPDATE population_aliases SET state = 'active' WHERE person_id = $1 AND state = 'closed'", [person.text])
    }
}

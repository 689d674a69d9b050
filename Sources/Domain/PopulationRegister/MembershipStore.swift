import Database
import Kernel

/// Memberships of households, within `HouseholdStore`.
extension HouseholdStore {
    private static let memberColumns = """
        id, household_id, person_id, relation, valid_from, valid_to, end_kind, source_kind, source, end_source, recorded_at,
        recorded_to
        """

    func insert(_ membership: HouseholdMembership, in connection: any SQLConnection) async throws {
        try await connection.execute(
            """
            INSERT INTO population_memberships (\(Self.memberColumns))
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """,
            [
                membership.id, membership.household, membership.person.text, membership.relation.rawValue,
                membership.validFrom, membership.validTo, membership.end?.rawValue, membership.source.kind,
                membership.source.reference, membership.endSource, membership.recordedAt, membership.recordedTo,
            ])
    }

    /// The register says a row no more.
    /// - Parameter cause: what made it say so, by which it can be found again.
    func supersede(
        _ id: String, by cause: String, at now: Instant, in connection: any SQLConnection
    ) async throws {
        let changed = try await connection.execute(
            """
            UPDATE population_memberships SET recorded_to = $2, superseded_by = $3 WHERE id = $1 AND recorded_to IS NULL
            """, [id, now, cause])
        guard changed == 1 else { throw RumdulError.householdChanged }
    }

    /// Every row of a person, what the register says no more too, oldest first.
    func memberships(of person: PersonID, in connection: any SQLConnection) async throws -> [HouseholdMembership] {
        try await memberships("person_id = $1", [person.text], in: connection)
    }

    /// Every row of a household, what the register says no more too, oldest first.
    func memberships(ofHousehold id: String, in connection: any SQLConnection) async throws -> [HouseholdMembership] {
        try await memberships("household_id = $1", [id], in: connection)
    }

    /// The rows of a person that one cause superseded last.
    func memberships(
        of person: PersonID, supersededBy cause: String, in connection: any SQLConnection
    ) async throws -> [HouseholdMembership] {
        let rows = try await memberships(
            "person_id = $1 AND superseded_by = $2", [person.text, cause], in: connection)
        let last = rows.compactMap(\.recordedTo).max()
        return rows.filter { $0.recordedTo == last }
    }

    /// How many are in a household now, and whether one of them is the head.
    func count(of household: String, in connection: any SQLConnection) async throws -> (members: Int, hasHead: Bool) {
        let row = try await connection.first(
            """
            SELECT COUNT(*), SUM(CASE WHEN relation = 'head' THEN 1 ELSE 0 END) FROM population_memberships
            WHERE household_id = $1 AND valid_to IS NULL AND recorded_to IS NULL
            """, [household])
        guard let row else { return (0, false) }
        let members = try row.int(0)
        return (members, members > 0 ? try row.int(1) > 0 : false)
    }

    private func memberships(
        _ condition: String, _ arguments: [any SQLValueConvertible], in connection: any SQLConnection
    ) async throws -> [HouseholdMembership] {
        try await connection.query(
            """
            SELECT \(Self.memberColumns) FROM population_memberships WHERE \(condition)
            ORDER BY valid_from, recorded_at, id
            """, arguments
        ).map { row in
            guard let relation = HouseholdRelation(rawValue: try row.string(3)),
                let from = CalendarDate(iso: try row.string(4))
            else { throw RumdulError.internal("population.membership") }
            return HouseholdMembership(
                id: try row.string(0), household: try row.string(1), person: PersonID(try row.string(2)),
                relation: relation, validFrom: from,
                validTo: try row.optionalString(5).flatMap { CalendarDate(iso: $0) },
                end: try row.optionalString(6).flatMap { HouseholdMembership.End(rawValue: $0) },
                source: FactSource(kind: try row.string(7), reference: try row.string(8)),
                endSource: try row.optionalString(9), recordedAt: try row.instant(10),
                recordedTo: try row.optionalInstant(11))
        }
    }
}

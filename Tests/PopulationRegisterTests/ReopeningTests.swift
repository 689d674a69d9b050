import Accountability
import Database
import DatabaseTesting
import Kernel
import Testing

@testable import PopulationRegister

@Suite struct ReopeningTests {
    /// Everything that the tables say of a person but for what counts changes.
    private func content(_ person: PersonID, _ world: World) async throws -> [String] {
        try await world.database.read { connection in
            var rows: [String] = []
            for (table, columns, key) in [
                ("population_persons", "record_state, survivor, life_state, ial, data_key, snapshot", "id"),
                ("population_codes", "tag, profile, state, sealed, retired_at", "person_id"),
                ("population_aliases", "tag, kind, state, expires_at, uses_left", "person_id"),
                ("population_lookups", "tag", "person_id"), ("population_facts", "kind, seq, sealed", "person_id"),
                ("population_relationships", "id, kind, other_id, valid_from, valid_to, end_kind", "person_id"),
            ] {
                rows += try await connection.query(
                    "SELECT \(columns) FROM \(table) WHERE \(key) = $1", [person.text]
                ).map { "\(table) \($0.values)" }
            }
            return rows.sorted()
        }
    }

    /// Invariant 16: merge then split is identity.
    @Test(arguments: TestDatabases.kinds) func splittingGivesBackExactlyWhatWasMerged(
        _ kind: DatabaseKind
    ) async throws {
        try await World.with(kind) { world in
            let one = try await world.enter(dara()), other = try await world.enter(dara()),
                third = try await world.enter(dara())
            let alias = try await world.database.transaction { connection in
                let alias = try await world.register.issueVID(for: one.personID, .perpetual, by: clerk, in: connection)
                let gone = try await world.register.issueVID(for: one.personID, .perpetual, by: clerk, in: connection)
                try await world.register.revoke(gone, of: one.personID, by: clerk, in: connection)
                try await world.register.relate(
                    one.personID, .mother, to: third.personID, validFrom: nil, source: source, by: clerk, in: connection
                )
                try await world.register.amend(
                    one.personID, .sex(.female), validFrom: nil, source: source, by: clerk, in: connection)
                return alias
            }
            let before = try await content(one.personID, world), survivor = try await content(other.personID, world)
            try await world.database.transaction { connection in
                try await world.register.retire(
                    one.personID, .merged(into: other.personID), requestedBy: clerk, approvedBy: second, in: connection)
            }
            #expect(try await world.register.person(vid: alias) == nil)
            let graph = try await world.database.read { connection in
                try await world.register.relationships(ofSurvivor: other.personID, in: connection)
            }
            #expect(graph.map(\.other) == [third.personID], "the survivor has the family of both")
            await #expect(throws: RumdulError.officerSamePerson) {
                try await world.database.transaction { connection in
                    try await world.register.split(one.personID, requestedBy: clerk, approvedBy: clerk, in: connection)
                }
            }
            try await world.database.transaction { connection in
                try await world.register.split(one.personID, requestedBy: clerk, approvedBy: second, in: connection)
            }
            #expect(try await content(one.personID, world) == before)
            #expect(try await content(other.personID, world) == survivor)
            #expect(try await world.register.person(kidc: one.kidc) == one.personID)
            #expect(try await world.register.person(vid: alias) == one.personID)
            await #expect(throws: RumdulError.personRetired) {
                try await world.database.transaction { connection in
                    try await world.register.split(one.personID, requestedBy: clerk, approvedBy: second, in: connection)
                }
            }
        }
    }
}

import Accountability
import Codecs
import Database
import Kernel

extension PopulationRegister {
    /// Takes an annulled record back into force, with its code and aliases. It takes two officers. Writes the audit entry
    /// `person.restored`.
    ///
    /// Throws `officer.same_person`, `person.not_found`, `person.erased`, `person.retired` unless it was annulled.
    public func restore(
        _ person: PersonID, requestedBy: Actor, approvedBy: Actor, in connection: any SQLConnection
    ) async throws {
        try await reopen(
            person, from: .annulled, "person.restored", requestedBy: requestedBy, approvedBy: approvedBy, in: connection
        )
    }

    /// Takes a merge back: the record that was merged into another one stands again exactly as it was, with its code and
    /// aliases; the survivor never took anything from it. It takes two officers. Writes the audit entry `person.split`.
    ///
    /// Throws `officer.same_person`, `person.not_found`, `person.erased`, `person.retired` unless it was merged.
    public func split(
        _ person: PersonID, requestedBy: Actor, approvedBy: Actor, in connection: any SQLConnection
    ) async throws {
        try await reopen(
            person, from: .merged, "person.split", requestedBy: requestedBy, approvedBy: approvedBy, in: connection)
    }

    private func reopen(
        _ person: PersonID, from state: RecordState, _ action: String, requestedBy: Actor, approvedBy: Actor,
        in connection: any SQLConnection
    ) async throws {
        try requireTwo(requestedBy, approvedBy)
        guard var row = try await store.person(person, in: connection) else { throw RumdulError.personNotFound }
        guard row.dataKey != nil else { throw RumdulError.personErased }
        guard row.record == state else { throw RumdulError.personRetired }
        let survivor = row.survivor
        row.record = .active
        row.survivor = nil
        try await store.update(row, at: ambient.now(), in: connection)
        try await store.reviveCodes(of: person, retiredAs: state, in: connection)
        try await store.reopenAliases(of: person, in: connection)
        try await reindex(try await open(person, in: connection), in: connection)
        try await restoreMemberships(of: person, from: survivor, by: requestedBy, in: connection)
        try await audit.record(
            action: action, actor: requestedBy, subject: person.text,
            details: ["approved_by": .string(approvedBy.identifier ?? "")], in: connection)
    }

    /// Every edge of a person and of the records that were merged into the person's, in either direction.
    public func relationships(
        ofSurvivor person: PersonID, in connection: any SQLConnection
    ) async throws -> [Relationship] {
        var edges: [Relationship] = []
        for one in [person] + (try await store.merged(into: person, in: connection)) {
            edges += try await relationships(of: one, in: connection).filter { !edges.contains($0) }
        }
        return edges
    }
}

extension PopulationStore {
    /// Gives the retired code of a person back to the same person.
    func reviveCodes(of person: PersonID, retiredAs state: RecordState, in connection: any SQLConnection) async throws {
        try await connection.execute(
            "UPDATE population_codes SET state = 'active', retired_at = NULL WHERE person_id = $1 AND state = $2",
            [person.text, state.rawValue])
    }

    /// The records whose survivor this one is.
    func merged(into person: PersonID, in connection: any SQLConnection) async throws -> [PersonID] {
        try await connection.query(
            "SELECT id FROM population_persons WHERE survivor = $1 AND record_state = 'merged' ORDER BY id",
            [person.text]
        ).map { PersonID(try $0.string(0)) }
    }
}

import Database
import Kernel

extension PopulationRegister {
    /// When the record of a person was made; `nil` when there is none that stands.
    public func registeredAt(_ person: PersonID, in connection: any SQLConnection) async throws -> Instant? {
        try await store.registeredAt(person, in: connection)
    }
}

extension PopulationStore {
    func registeredAt(_ person: PersonID, in connection: any SQLConnection) async throws -> Instant? {
        try await connection.first(
            "SELECT registered_at FROM population_persons WHERE id = $1 AND record_state = $2",
            [person.text, RecordState.active.rawValue]
        ).map { try $0.instant(0) }
    }
}

import Kernel

extension PopulationRegister {
    /// The place code that decides which officers may act on a person: the residence, else the place of birth; `nil` when neither is on
    /// record. It is used for jurisdiction only and never shown, so it needs no disclosure. Throws `person.not_found`.
    public func area(of person: PersonID) async throws -> String? {
        try await database.read { connection in try await open(person, in: connection).snapshot.homeArea }
    }
}

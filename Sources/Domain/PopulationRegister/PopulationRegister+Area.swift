import Kernel

extension PopulationRegister {
    /// The place that officers' jurisdictions are measured against: the commune where the person lives, or was born when
    /// that is unknown; `nil` when neither is known, or the data was erased. Only for deciding who may act, never to be
    /// shown: whoever shows where a person lives asks the gate. Throws `person.not_found`.
    public func area(of person: PersonID) async throws -> String? {
        try await database.read { connection -> String? in
            do {
                return try await open(person, in: connection).snapshot.homeArea.map { String($0.prefix(6)) }
            } catch {
                if let error = error as? RumdulError, error == .personErased { return nil }
                throw error
            }
        }
    }
}

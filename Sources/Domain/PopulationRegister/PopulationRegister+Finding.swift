import Accountability
import Database
import Kernel

extension PopulationRegister {
    /// Persons with standing records whom every claim fits, at most 50 looked at. Identifiers only; whoever answers with
    /// more asks the gate.
    ///
    /// - Parameters:
    ///   - name: a full name in either script, or both; with the year of birth in the claims it leads to the persons.
    ///   - phone: a phone number, which leads to them as well.
    /// - Throws: `person.search_vague` when nothing leads to anybody.
    public func persons(
        named names: [String], phone: String?, matching claims: PersonClaims, in connection: any SQLConnection
    ) async throws -> [PersonID] {
        var candidates: [PersonID] = []
        if let phone {
            candidates = try await search(.phone(phone), limit: 50, in: connection)
        } else {
            guard let year = claims.birthdate?.year, !names.isEmpty else { throw RumdulError.searchTooVague }
            for name in names {
                for person in try await search(.name(name, birthYears: year...year), limit: 50, in: connection)
                where !candidates.contains(person) {
                    candidates.append(person)
                }
            }
        }
        var found: [PersonID] = []
        for person in candidates.sorted(by: { $0.text < $1.text }) {
            let snapshot = try await open(person, in: connection).snapshot
            if claims.fields.allSatisfy({ snapshot.compare($0, of: claims) == .match }) { found.append(person) }
        }
        return found
    }
}

extension PopulationRegister {
    /// The person of a code, when every claim fits. When one does not, the person gets an entry that names what was
    /// compared: a refusal tells something too. Throws what the gate throws.
    public func persons(
        _ identifier: PersonIdentifier, matching claims: PersonClaims, as request: DisclosureRequest,
        in connection: any SQLConnection
    ) async throws -> [PersonID] {
        guard let person = try await usable(identifier, in: connection) else { return [] }
        let snapshot = try await open(person, in: connection).snapshot
        if claims.fields.allSatisfy({ snapshot.compare($0, of: claims) == .match }) { return [person] }
        _ = try await compare(claims, with: person, as: request, in: connection)
        return []
    }

    /// What was asked for, through the gate.
    public func read(
        _ request: DisclosureRequest, in connection: any SQLConnection
    ) async throws -> DisclosedAttributes {
        try await gate.disclose(request, from: self, in: connection)
    }
}

extension PopulationRegister {
    /// Whether every claim certainly fits a person. It says something, so whoever tells anybody asks the gate.
    public func fits(
        _ claims: PersonClaims, _ person: PersonID, in connection: any SQLConnection
    ) async throws -> Bool {
        guard !claims.fields.isEmpty else { return true }
        let snapshot = try await open(person, in: connection).snapshot
        return claims.fields.allSatisfy { snapshot.compare($0, of: claims) == .match }
    }
}

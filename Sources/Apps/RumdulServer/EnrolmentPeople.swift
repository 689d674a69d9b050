import Accountability
import Database
import Enrolment
import Kernel
import PopulationRegister

/// The register as enrolment's `PersonFinder`.
struct RegisterFinder: PersonFinder {
    let database: any Database
    let register: PopulationRegister
    let gate: DisclosureGate

    func find(_ query: Enrolment.PersonQuery, limit: Int) async throws -> [PersonMatch] {
        let found: [PersonID]
        switch query {
        case .identifier(let text):
            found = try await register.person(loginIdentifier: text).map { [$0] } ?? []
        case .name(let name, let year):
            found = try await database.read { connection in
                try await register.search(.name(name, birthYears: year...year), limit: limit, in: connection)
            }
        }
        var matches: [PersonMatch] = []
        for person in found.prefix(limit) {
            if let match = try await match(person) { matches.append(match) }
        }
        return matches
    }

    func match(_ person: PersonID) async throws -> PersonMatch? {
        guard let state = try await register.state(of: person), state.isUsable else { return nil }
        return PersonMatch(personID: person, area: try await register.area(of: person))
    }

    func disclose(_ request: DisclosureRequest) async throws -> DisclosedAttributes {
        try await database.transaction { connection in
            try await gate.disclose(request, from: register, in: connection)
        }
    }
}

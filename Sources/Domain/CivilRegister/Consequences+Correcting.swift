import Accountability
import Database
import Kernel
import PopulationRegister

extension Consequences {
    /// Brings the persons of a corrected record up to date: what the record said of them is said anew, as if it always had
    /// been so, and what others have said since stays.
    func correct(_ before: VitalRecord, to after: VitalRecord, in connection: any SQLConnection) async throws {
        let from = after.declaration.occurredOn?.earliest
        switch after.kind {
        case .birth, .foundling: try await correctBirth(before, to: after, in: connection)
        case .foetalDeath: return
        case .death, .presumedDeath:
            guard let person = after.persons[.deceased], from != before.declaration.occurredOn?.earliest else { return }
            let life = after.kind == .presumedDeath ? LifeState.presumedDead : .deceased
            try await people.amend(
                person, .life(.alive), validFrom: nil, source: after.source, by: actor, in: connection)
            try await people.amend(
                person, .life(life), validFrom: from, source: after.source, by: actor, in: connection)
            try await redateEnds(after, in: connection)
        case .marriage:
            for edge in try await people.relationships(madeBy: after.id, in: connection) {
                try await people.redate(edge, from: from, to: edge.validTo, by: actor, in: connection)
            }
        case .divorce, .annulment, .judicialSeparation: try await redateEnds(after, in: connection)
        case .adoption, .recognition, .legitimation:
            for edge in try await people.relationships(madeBy: after.id, in: connection) {
                try await people.redate(edge, from: from, to: edge.validTo, by: actor, in: connection)
            }
            try await redateEnds(after, in: connection)
            guard let child = after.persons[.child] else { return }
            try await people.withdraw(child, saidBy: after.id, source: after.source, by: actor, in: connection)
            try await rename(child, after, in: connection)
        case .nameChange, .sexCorrection, .nationalityChange:
            guard let person = after.persons[.person] else { return }
            try await people.withdraw(person, saidBy: after.id, source: after.source, by: actor, in: connection)
            try await change(after, in: connection)
        }
    }

    private func redateEnds(_ record: VitalRecord, in connection: any SQLConnection) async throws {
        let day = record.declaration.occurredOn?.earliest
        for edge in try await people.relationships(endedBy: record.id, in: connection) {
            try await people.redate(edge, from: edge.validFrom, to: day, by: actor, in: connection)
        }
    }

    private func correctBirth(
        _ before: VitalRecord, to after: VitalRecord, in connection: any SQLConnection
    ) async throws {
        guard let child = after.persons[.child] else { return }
        let (old, new) = (before.childDraft(), after.childDraft())
        var facts: [PersonFact] = []
        if old.names != new.names { facts.append(.names(new.names)) }
        if old.sex != new.sex { facts.append(.sex(new.sex)) }
        if old.birth != new.birth { facts.append(.birth(new.birth)) }
        if before.nationality(.child).status != after.nationality(.child).status
            || before.nationality(.child).country != after.nationality(.child).country
        {
            facts.append(.nationality(new.nationality))
        }
        for fact in facts {
            try await people.amend(child, fact, validFrom: nil, source: after.source, by: actor, in: connection)
        }
        let made = try await people.relationships(madeBy: after.id, in: connection)
        for (role, kind) in [(ParticipantRole.mother, Relationship.Kind.mother), (.father, .father)]
        where before.persons[role] != after.persons[role] {
            for edge in made where edge.kind == kind {
                try await people.end(edge, .revoked, on: nil, source: after.id, by: actor, in: connection)
            }
            if let parent = after.persons[role] {
                try await require(parent, role, in: connection)
                try await people.relate(
                    child, kind, to: parent, validFrom: after.declaration.occurredOn?.earliest, source: after.source,
                    by: actor, in: connection)
            }
        }
    }

    // MARK: Revocation

    /// Takes back what registering did. Throws `civil.state` when later records build on it.
    func undo(
        _ record: VitalRecord, requestedBy: Actor, in connection: any SQLConnection
    ) async throws {
        let source = FactSource(kind: "civil-revocation", reference: record.id)
        switch record.kind {
        case .birth, .foundling:
            guard let child = record.persons[.child] else { break }
            for edge in try await people.relationships(of: child, in: connection)
            where edge.isLive && edge.source.reference != record.id {
                throw RumdulError.civilState.because("the person has later relationships")
            }
            try await people.retire(child, .annulled, requestedBy: requestedBy, approvedBy: actor, in: connection)
        case .death, .presumedDeath:
            if let person = record.persons[.deceased] {
                try await people.amend(
                    person, .life(.alive), validFrom: nil, source: source, by: actor, in: connection)
            }
        case .judicialSeparation:
            guard let one = record.persons[.spouse1] else { break }
            for edge in try await people.marriages(of: one, in: connection) where edge.isLive && edge.isSeparated {
                try await people.setSeparated(edge, false, by: actor, in: connection)
            }
        case .adoption, .recognition, .legitimation:
            if let child = record.persons[.child] {
                try await people.withdraw(child, saidBy: record.id, source: source, by: actor, in: connection)
            }
        case .nameChange, .sexCorrection, .nationalityChange:
            if let person = record.persons[.person] {
                try await people.withdraw(person, saidBy: record.id, source: source, by: actor, in: connection)
            }
        case .foetalDeath, .marriage, .divorce, .annulment: break
        }
        for edge in try await people.relationships(madeBy: record.id, in: connection) {
            try await people.end(edge, .revoked, on: nil, source: record.id, by: actor, in: connection)
        }
        for edge in try await people.relationships(endedBy: record.id, in: connection)
        where edge.source.reference != record.id {
            try await people.revive(edge, by: actor, in: connection)
        }
    }

    /// Does again what a revocation took back, with every check anew.
    func redo(
        _ record: VitalRecord, requestedBy: Actor, in connection: any SQLConnection
    ) async throws {
        guard record.kind.entersPerson, let child = record.persons[.child] else {
            _ = try await apply(record, in: connection)
            return
        }
        try await people.restore(child, requestedBy: requestedBy, approvedBy: actor, in: connection)
        for edge in try await people.relationships(madeBy: record.id, in: connection) where edge.end == .revoked {
            try await people.revive(edge, by: actor, in: connection)
        }
    }
}

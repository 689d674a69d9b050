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
            try await people.rejoinHouseholds(person, source: after.source, by: actor, in: connection)
            try await people.leaveHouseholds(
                person, on: from ?? register.ambient.now().dayInCambodia, source: after.source, by: actor,
                in: connection)
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
            guard let child = after.persons[.child],
                try await hasLastWord(after, on: .names, of: child, in: connection)
            else { return }
            try await withdraw(child, after, in: connection)
            try await rename(child, after, in: connection)
        case .nameChange, .sexCorrection, .nationalityChange:
            let fact: FactKind =
                after.kind == .nameChange ? .names : after.kind == .sexCorrection ? .sex : .nationality
            guard let person = after.persons[.person],
                try await hasLastWord(after, on: fact, of: person, in: connection)
            else { return }
            try await withdraw(person, after, in: connection)
            try await change(after, in: connection)
        }
    }

    private func hasLastWord(
        _ record: VitalRecord, on kind: FactKind, of person: PersonID, in connection: any SQLConnection
    ) async throws -> Bool {
        try await people.hasLastWord(
            record.id, since: record.registeredAt ?? register.ambient.now(), on: kind, of: person, in: connection)
    }

    /// Takes back what a record said of a person; what other revoked records said stays taken back too.
    private func withdraw(_ person: PersonID, _ record: VitalRecord, in connection: any SQLConnection) async throws {
        let revoked = try await register.store.records(of: person.text, in: connection)
            .filter { $0.state == .revoked }.map(\.id)
        try await people.withdraw(
            person, saidBy: record.id, revoked: Set(revoked), by: actor, in: connection)
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
        for fact in facts where try await hasLastWord(after, on: fact.kind, of: child, in: connection) {
            try await people.amend(child, fact, validFrom: nil, source: after.source, by: actor, in: connection)
        }
        if after.predecessor == nil {
            try await correctParents(child, before, to: after, in: connection)
        } else {
            try await correctLegalParents(child, before, to: after, in: connection)
        }
    }

    /// A record that replaced another names the parents by law, whom an adoption or recognition made, or still the first
    /// birth. Another parent takes the place of the one who was named, in the same way and since the same day; the edges
    /// of who was named there are annulled by this record, so that putting the old record back can let them hold again.
    private func correctLegalParents(
        _ child: PersonID, _ before: VitalRecord, to after: VitalRecord, in connection: any SQLConnection
    ) async throws {
        let edges = try await people.relationships(of: child, in: connection)
            .filter { $0.person == child && $0.kind.isParent && $0.isLive }
        let isAdopted = edges.contains { $0.kind == .adoptiveParent }
        for (role, natural) in [(ParticipantRole.mother, Relationship.Kind.mother), (.father, .father)]
        where before.persons[role] != after.persons[role] {
            let known = edges.filter { $0.other == before.persons[role] }
            for edge in known { try await people.annul(edge, source: after.id, by: actor, in: connection) }
            guard let parent = after.persons[role] else { continue }
            try await require(parent, role, in: connection)
            let isThere = edges.contains { edge in edge.other == parent && !known.contains { $0.id == edge.id } }
            guard !isThere else { continue }
            try await people.relate(
                child, known.last?.kind ?? (isAdopted ? .adoptiveParent : natural), to: parent,
                validFrom: known.last?.validFrom ?? after.declaration.occurredOn?.earliest, source: after.source,
                by: actor, in: connection)
        }
    }

    /// Takes back what corrections of a record that replaced another did to the family: what it made never held, what it
    /// annulled holds again.
    func undoCorrectedParents(of record: VitalRecord, in connection: any SQLConnection) async throws {
        for edge in try await people.relationships(madeBy: record.id, in: connection) where edge.end != .revoked {
            try await people.annul(edge, source: record.id, by: actor, in: connection)
        }
        for edge in try await people.relationships(endedBy: record.id, in: connection)
        where edge.source.reference != record.id {
            try await people.revive(edge, by: actor, in: connection)
        }
    }

    /// Lets the parents hold again whom corrections of a record that is put back had named.
    func redoCorrectedParents(of record: VitalRecord, in connection: any SQLConnection) async throws {
        guard let child = record.persons[.child] else { return }
        let named = Set([ParticipantRole.mother, .father].compactMap { record.persons[$0] })
        let back = try await people.relationships(madeBy: record.id, in: connection).filter { named.contains($0.other) }
        for edge in try await people.relationships(of: child, in: connection)
        where edge.person == child && edge.isLive && edge.source.reference != record.id {
            guard back.contains(where: { $0.kind == edge.kind }), !named.contains(edge.other) else { continue }
            try await people.annul(edge, source: record.id, by: actor, in: connection)
        }
        for edge in back { try await people.revive(edge, by: actor, in: connection) }
    }

    private func correctParents(
        _ child: PersonID, _ before: VitalRecord, to after: VitalRecord, in connection: any SQLConnection
    ) async throws {
        let from = after.declaration.occurredOn?.earliest
        let made = try await people.relationships(madeBy: after.id, in: connection).filter { $0.end != .revoked }
        // An adoption that ended what the birth had said ends what it says now.
        let adoption = made.first { $0.end == .adoption }
        for (role, kind) in [(ParticipantRole.mother, Relationship.Kind.mother), (.father, .father)] {
            if before.persons[role] == after.persons[role] {
                for edge in made where edge.kind == kind && edge.validFrom != from {
                    try await people.redate(edge, from: from, to: edge.validTo, by: actor, in: connection)
                }
                continue
            }
            for edge in made where edge.kind == kind {
                try await people.annul(edge, source: after.id, by: actor, in: connection)
            }
            guard let parent = after.persons[role] else { continue }
            try await require(parent, role, in: connection)
            let edge = try await people.relate(
                child, kind, to: parent, validFrom: from, source: after.source, by: actor, in: connection)
            if let adoption, let source = adoption.endSource {
                try await people.end(
                    edge, .adoption, on: adoption.validTo, source: source, by: actor, in: connection)
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
            try await requireNothingLater(child, record, in: connection)
            try await people.retire(child, .annulled, requestedBy: requestedBy, approvedBy: actor, in: connection)
        case .death, .presumedDeath:
            if let person = record.persons[.deceased] {
                try await people.amend(
                    person, .life(.alive), validFrom: nil, source: source, by: actor, in: connection)
                try await people.rejoinHouseholds(person, source: record.source, by: actor, in: connection)
            }
        case .judicialSeparation:
            guard let one = record.persons[.spouse1], let other = record.persons[.spouse2] else { break }
            // Also of a marriage that has ended since, for its end may be taken back too.
            let separated = try await people.marriages(of: one, in: connection).last {
                $0.isSeparated && $0.partner(of: one) == other
            }
            if let separated { try await people.setSeparated(separated, false, by: actor, in: connection) }
        case .adoption, .recognition, .legitimation:
            if let child = record.persons[.child] {
                try await withdraw(child, record, in: connection)
            }
        case .nameChange, .sexCorrection, .nationalityChange:
            if let person = record.persons[.person] { try await withdraw(person, record, in: connection) }
        case .foetalDeath, .marriage, .divorce, .annulment: break
        }
        try await undoRelationships(record, in: connection)
    }

    private func undoRelationships(_ record: VitalRecord, in connection: any SQLConnection) async throws {
        for edge in try await people.relationships(madeBy: record.id, in: connection) where edge.end != .revoked {
            // A divorce or a further adoption rests on it and must be taken back first; a death does not.
            guard edge.isLive || edge.end == .death else {
                throw RumdulError.civilState.because("a later record ended what this one made")
            }
            try await people.annul(edge, source: record.id, by: actor, in: connection)
        }
        for edge in try await people.relationships(endedBy: record.id, in: connection)
        where edge.source.reference != record.id {
            try await people.revive(edge, by: actor, in: connection)
            try await endWithTheDead(edge.id, of: edge.person, in: connection)
        }
    }

    /// A marriage that holds again although one of the two has died since ended with that death.
    private func endWithTheDead(_ id: String, of person: PersonID, in connection: any SQLConnection) async throws {
        let marriages = try await people.marriages(of: person, in: connection)
        guard let marriage = marriages.first(where: { $0.id == id && $0.isLive }) else { return }
        for party in [marriage.person, marriage.other] {
            let rows = try await register.store.records(of: party.text, in: connection)
            for row in rows where row.kind.endsLife && row.state == .registered {
                let death = try await register.open(row, in: connection).record
                guard death.persons[.deceased] == party else { continue }
                try await people.end(
                    marriage, .death, on: death.declaration.occurredOn?.earliest, source: death.id, by: actor,
                    in: connection)
                return
            }
        }
    }

    /// A person whom other records in force are about, or who has a family by them, was there.
    private func requireNothingLater(
        _ child: PersonID, _ record: VitalRecord, in connection: any SQLConnection
    ) async throws {
        for edge in try await people.relationships(of: child, in: connection)
        where edge.isLive && edge.source.reference != record.id {
            throw RumdulError.civilState.because("the person has later relationships")
        }
        let rows = try await register.store.records(of: child.text, in: connection)
        for row in rows where row.id != record.id && row.state == .registered {
            let other = try await register.open(row, in: connection).record
            guard other.persons.allSatisfy({ $0.value != child || $0.key == .informant }) else {
                throw RumdulError.civilState.because("record \(other.id) is about the person")
            }
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
        try await checkAges(record, in: connection)
        try await people.restore(child, requestedBy: requestedBy, approvedBy: actor, in: connection)
        try await relateParents(child, record, in: connection)
    }
}

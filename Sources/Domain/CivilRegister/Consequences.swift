import Accountability
import Codecs
import Database
import Kernel
import PopulationRegister

/// What registering an event does to the persons whom it is about.
struct Consequences: Sendable {
    let register: CivilRegister
    let actor: Actor
    /// Whether a record is only replayed after a correction: who died since stays in it.
    var isReplay = false

    var people: PopulationRegister { register.people }

    /// Carries them out, and says which persons were entered. Runs in the transaction that registers.
    func apply(
        _ record: VitalRecord, in connection: any SQLConnection
    ) async throws -> [ParticipantRole: PersonID] {
        try await checkAges(record, in: connection)
        switch record.kind {
        case .birth, .foundling: return try await birth(record, in: connection)
        case .foetalDeath: return [:]
        case .death, .presumedDeath: return try await death(record, in: connection)
        case .marriage: return try await marriage(record, in: connection)
        case .divorce, .annulment, .judicialSeparation: try await marriageEnd(record, in: connection)
        case .adoption: try await adoption(record, in: connection)
        case .recognition, .legitimation: try await filiation(record, in: connection)
        case .nameChange, .sexCorrection, .nationalityChange: try await change(record, in: connection)
        }
        return [:]
    }

    // MARK: Births

    private func birth(
        _ record: VitalRecord, in connection: any SQLConnection
    ) async throws -> [ParticipantRole: PersonID] {
        let child: PersonID
        var entered: [ParticipantRole: PersonID] = [:]
        if let reserved = record.persons[.child] {
            child = reserved
            if try await people.state(of: child, in: connection)?.record == .provisional {
                try await people.confirm(child, as: record.childDraft(), by: actor, in: connection)
            } else {
                // Two officers found that the child of this late birth is in the register already.
                try await require(child, .child, in: connection)
                try await people.amend(
                    child, .birth(record.childDraft().birth), validFrom: nil, source: record.source, by: actor,
                    in: connection)
            }
        } else {
            child = try await people.register(record.childDraft(), by: actor, in: connection).personID
            entered[.child] = child
        }
        try await relateParents(child, record, in: connection)
        if let born = record.declaration.occurredOn?.earliest {
            try await people.joinHousehold(
                child, of: [record.persons[.mother], record.persons[.father]].compactMap(\.self), born: born,
                source: record.source, by: actor, in: connection)
        }
        return entered
    }

    func relateParents(_ child: PersonID, _ record: VitalRecord, in connection: any SQLConnection) async throws {
        for (role, kind) in [(ParticipantRole.mother, Relationship.Kind.mother), (.father, .father)] {
            guard let parent = record.persons[role] else { continue }
            try await require(parent, role, in: connection)
            try await people.relate(
                child, kind, to: parent, validFrom: record.declaration.occurredOn?.earliest, source: record.source,
                by: actor, in: connection)
        }
    }

    // MARK: Deaths

    private func death(
        _ record: VitalRecord, in connection: any SQLConnection
    ) async throws -> [ParticipantRole: PersonID] {
        let person: PersonID
        var entered: [ParticipantRole: PersonID] = [:]
        if let known = record.persons[.deceased] {
            person = known
            try await requireAlive(person, .deceased, in: connection)
        } else {
            person = try await people.register(record.partyDraft(.deceased), by: actor, in: connection).personID
            entered[.deceased] = person
        }
        let day = record.declaration.occurredOn?.earliest
        try await people.amend(
            person, .life(record.kind == .presumedDeath ? .presumedDead : .deceased), validFrom: day,
            source: record.source, by: actor, in: connection)
        for marriage in try await people.marriages(of: person, in: connection) where marriage.isLive {
            try await people.end(marriage, .death, on: day, source: record.id, by: actor, in: connection)
        }
        try await people.leaveHouseholds(
            person, on: day ?? register.ambient.now().dayInCambodia, source: record.source, by: actor, in: connection)
        try await register.effects.ended(person, record: record.id, in: connection)
        return entered
    }

    // MARK: Marriages

    static let isMarried = LocalizedText(
        km: "មនុស្សនេះមានប្តី ឬប្រពន្ធរួចហើយ។", en: "This person is married already.")
    static let isDead = LocalizedText(
        km: "មនុស្សនេះត្រូវបានចុះបញ្ជីមរណភាពរួចហើយ។", en: "This person is registered as dead.")

    private func marriage(
        _ record: VitalRecord, in connection: any SQLConnection
    ) async throws -> [ParticipantRole: PersonID] {
        var parties: [ParticipantRole: PersonID] = [:]
        var entered: [ParticipantRole: PersonID] = [:]
        for role in [ParticipantRole.spouse1, .spouse2] {
            if let known = record.persons[role] {
                try await requireAlive(known, role, in: connection)
                if try await people.marriages(of: known, in: connection).contains(where: \.isLive) {
                    throw RumdulError.civilMarriage(
                        Self.isMarried, field: role.field("person"))
                }
                parties[role] = known
            } else {
                let new = try await people.register(record.partyDraft(role), by: actor, in: connection).personID
                parties[role] = new
                entered[role] = new
            }
        }
        guard let one = parties[.spouse1], let other = parties[.spouse2], one != other else {
            throw RumdulError.civilMarriage(
                LocalizedText(km: "ត្រូវជាមនុស្សពីរនាក់ផ្សេងគ្នា។", en: "These must be two different people."),
                field: "spouse2.person")
        }
        try await people.relate(
            one, .spouse, to: other, validFrom: record.declaration.occurredOn?.earliest, source: record.source,
            by: actor,
            in: connection)
        return entered
    }

    private func marriageEnd(_ record: VitalRecord, in connection: any SQLConnection) async throws {
        guard let one = record.persons[.spouse1], let other = record.persons[.spouse2] else {
            throw RumdulError.civilState
        }
        let live = try await people.marriages(of: one, in: connection).last {
            $0.isLive && $0.partner(of: one) == other
        }
        guard let marriage = live else {
            throw RumdulError.civilMarriage(
                LocalizedText(
                    km: "អ្នកទាំងពីរមិនមែនជាប្តីប្រពន្ធក្នុងបញ្ជីទេ។", en: "The register knows no marriage between these two."),
                field: "spouse2.person")
        }
        if record.kind == .judicialSeparation {
            guard !marriage.isSeparated else {
                throw RumdulError.civilMarriage(
                    LocalizedText(
                        km: "អ្នកទាំងពីររស់នៅដោយឡែកតាមសាលក្រមរួចហើយ។", en: "These two live apart by judgment already."),
                    field: "spouse2.person")
            }
            try await people.setSeparated(marriage, true, by: actor, in: connection)
        } else {
            try await people.end(
                marriage, record.kind == .annulment ? .annulment : .divorce,
                on: record.declaration.occurredOn?.earliest,
                source: record.id, by: actor, in: connection)
        }
    }

    // MARK: Parents by law

    private func adoption(_ record: VitalRecord, in connection: any SQLConnection) async throws {
        guard let child = record.persons[.child] else { throw RumdulError.civilState }
        try await requireAlive(child, .child, in: connection)
        let day = record.declaration.occurredOn?.earliest
        if record.declaration["event.type"] == "full" {
            for edge in try await people.relationships(of: child, in: connection)
            where edge.isLive && edge.kind.isParent && edge.person == child {
                try await people.end(edge, .adoption, on: day, source: record.id, by: actor, in: connection)
            }
        }
        for role in [ParticipantRole.adopter1, .adopter2] {
            guard let parent = record.persons[role] else { continue }
            try await require(parent, role, in: connection)
            try await people.relate(
                child, .adoptiveParent, to: parent, validFrom: day, source: record.source, by: actor, in: connection)
        }
        try await rename(child, record, in: connection)
    }

    private func filiation(_ record: VitalRecord, in connection: any SQLConnection) async throws {
        guard let child = record.persons[.child] else { throw RumdulError.civilState }
        let known = try await people.relationships(of: child, in: connection)
        for role in [ParticipantRole.father, .mother] {
            guard let parent = record.persons[role] else { continue }
            try await require(parent, role, in: connection)
            let isParent = known.contains { $0.isLive && $0.person == child && $0.kind.isParent && $0.other == parent }
            guard !isParent else { continue }
            try await people.relate(
                child, .recognisedParent, to: parent, validFrom: record.declaration.occurredOn?.earliest,
                source: record.source, by: actor, in: connection)
        }
        try await rename(child, record, in: connection)
    }

    // MARK: Changes

    func change(_ record: VitalRecord, in connection: any SQLConnection) async throws {
        guard let person = record.persons[.person] else { throw RumdulError.civilState }
        try await requireAlive(person, .person, in: connection)
        if record.isLegacy, record.kind != .nameChange {
            let fact: FactKind = record.kind == .sexCorrection ? .sex : .nationality
            try await requireLatest(fact, person, .person, record, in: connection)
        }
        let day = record.declaration.occurredOn?.earliest
        switch record.kind {
        case .nameChange: try await rename(person, record, in: connection)
        case .sexCorrection:
            let sex = record.declaration["new.sex"].flatMap { Int($0) }.flatMap { Sex(rawValue: $0) } ?? .notKnown
            try await people.amend(
                person, .sex(sex), validFrom: nil, source: record.source, by: actor, in: connection)
        default:
            let status = record.declaration["new.nationality"].flatMap { Nationality.Status(rawValue: $0) }
            let new = Nationality(
                status ?? .undetermined, country: record.declaration["new.country"],
                basis: record.declaration["new.basis"])
            try await people.amend(
                person, .nationality([new]), validFrom: day, source: record.source, by: actor, in: connection)
        }
    }

    /// Gives a person the parts of a new name that a record names; the others stay. The old name is kept as the name at
    /// birth or an alias.
    func rename(_ person: PersonID, _ record: VitalRecord, in connection: any SQLConnection) async throws {
        let new = { (name: String) in record.declaration["new.\(name)"] }
        guard ["family_km", "given_km", "family_latin", "given_latin"].contains(where: { new($0) != nil }) else {
            return
        }
        if record.isLegacy {
            try await requireLatest(.names, person, record.kind.subjects[0], record, in: connection)
        }
        try await people.rename(
            person, familyKhmer: new("family_km"), givenKhmer: new("given_km"), familyLatin: new("family_latin"),
            givenLatin: new("given_latin"), validFrom: record.declaration.occurredOn?.earliest, source: record.source,
            by: actor, in: connection)
    }

    /// An old entry does not undo what the register has known since: a change that a later one followed is refused.
    private func requireLatest(
        _ fact: FactKind, _ person: PersonID, _ role: ParticipantRole, _ record: VitalRecord,
        in connection: any SQLConnection
    ) async throws {
        guard let day = record.declaration.occurredOn?.latest,
            try await people.began(fact, of: person, after: day, in: connection)
        else { return }
        throw RumdulError.civilPerson(
            role,
            LocalizedText(
                km: "បញ្ជីមានការផ្លាស់ប្តូរក្រោយពីនេះរួចហើយ។", en: "The register has a later change of this already."))
    }

    // MARK: Who they must be

    /// The rules of ages again, with the dates of birth that the register itself has: what is typed, or left out, cannot
    /// make anybody older.
    func checkAges(_ record: VitalRecord, in connection: any SQLConnection) async throws {
        var declaration = record.declaration
        for (role, person) in record.persons where role != .child || !record.kind.entersPerson {
            if let date = try await people.birthDate(of: person, in: connection) {
                declaration[role.field("birthdate")] = date.iso
            }
        }
        var rules = EventRules(pack: .named(record.rules ?? ""), today: register.ambient.now().dayInCambodia)
        rules.check(declaration)
        for refused in rules.errors where refused.field.hasSuffix(".birthdate") || refused.field == "event.date" {
            if record.kind == .marriage { throw RumdulError.civilMarriage(refused.message, field: refused.field) }
            let role = ParticipantRole(rawValue: String(refused.field.prefix { $0 != "." })) ?? .deceased
            throw RumdulError.civilPerson(role, refused.message)
        }
        for role in [ParticipantRole.spouse1, .spouse2]
        where record.kind == .marriage && declaration[role, "birthdate"] == nil {
            throw RumdulError.civilMarriage(
                LocalizedText(km: "ត្រូវដឹងថ្ងៃខែឆ្នាំកំណើត។", en: "The date of birth must be known."),
                field: role.field("birthdate"))
        }
    }

    func require(_ person: PersonID, _ role: ParticipantRole, in connection: any SQLConnection) async throws {
        guard let state = try await people.state(of: person, in: connection), state.record == .active else {
            throw RumdulError.civilPerson(
                role, LocalizedText(km: "កំណត់ត្រារបស់មនុស្សនេះត្រូវបានបិទ។", en: "This person's record is closed."))
        }
    }

    private func requireAlive(
        _ person: PersonID, _ role: ParticipantRole, in connection: any SQLConnection
    ) async throws {
        if isReplay { return }
        try await require(person, role, in: connection)
        guard try await people.state(of: person, in: connection)?.life == .alive else {
            throw RumdulError.civilPerson(role, Self.isDead)
        }
    }
}

import Accountability
import Codecs
import Database
import Kernel
import ReferenceData

/// Who is in a household.
extension PopulationRegister {
    /// Takes somebody into a household; who was in another one leaves it on the same day. The person lives there from
    /// then on. Writes the audit entry `household.joined`.
    ///
    /// Throws `household.not_found`, `officer.forbidden`, `household.changed`, `household.closed`, `household.invalid`, and
    /// what `amend` throws.
    public func addMember(
        _ person: PersonID, as relation: HouseholdRelation, to id: String, by step: HouseholdStep
    ) async throws {
        try await changing(id, step) { open, change, actor, connection in
            let members = try await openMembers(of: id, in: connection)
            guard members.count < Self.largestHousehold else {
                throw RumdulError.household("person", km: "សមាជិកច្រើនពេក។", en: "There are too many members.")
            }
            if relation == .head, members.contains(where: { $0.relation == .head }) { throw Self.secondHead }
            try requireNotBefore(change.day, open.household.since)
            try await join(person, open.household, as: relation, from: change.day, change, actor, in: connection)
            try await households.update(open.row, at: change.now, in: connection)
        }
    }

    /// Lets somebody leave, who is in no household then. Where the person lives stays as it was. Writes the audit entry
    /// `household.left`. Throws as `addMember`.
    public func removeMember(_ person: PersonID, from id: String, by step: HouseholdStep) async throws {
        try await changing(id, step) { open, change, actor, connection in
            let member = try await member(person, of: id, in: connection)
            try requireNotBefore(change.day, member.validFrom)
            try await cut(member, from: change.day, as: .left, change, in: connection)
            try await households.update(open.row, at: change.now, in: connection)
            try await note("left", id, person, change, actor, in: connection)
        }
    }

    /// Says anew what a member is to the head. Writes the audit entry `household.relation`. Throws as `addMember`.
    public func setRelation(
        _ relation: HouseholdRelation, of person: PersonID, in id: String, by step: HouseholdStep
    ) async throws {
        try await changing(id, step) { open, change, actor, connection in
            let member = try await member(person, of: id, in: connection)
            guard relation != .head, member.relation != .head else {
                throw RumdulError.household(
                    "relation", km: "សូមប្រើ «ប្តូរមេគ្រួសារ»។", en: "Change the head of the household instead.")
            }
            try await relate(member, as: relation, change, in: connection)
            try await households.update(open.row, at: change.now, in: connection)
            try await note("relation", id, person, change, actor, in: connection)
        }
    }

    /// Makes a member the head. What the others are to the new head follows from the registered family, then from what all
    /// were to the old head; officers say it anew where that is not right. Writes the audit entry `household.head`. Throws
    /// as `addMember`.
    public func setHead(_ person: PersonID, of id: String, by step: HouseholdStep) async throws {
        try await changing(id, step) { open, change, actor, connection in
            let members = try await openMembers(of: id, in: connection)
            guard let new = members.first(where: { $0.person == person }) else { throw Self.notMember }
            guard new.relation != .head else { return }
            let relations = try await relations(of: members, towards: person, in: connection)
            // The old head first, so that there are never two.
            for member in members.sorted(by: { ($0.relation == .head ? 0 : 1) < ($1.relation == .head ? 0 : 1) }) {
                guard let relation = relations[member.person], relation != member.relation else { continue }
                try await relate(member, as: relation, change, in: connection)
            }
            try await households.update(open.row, at: change.now, in: connection)
            try await note("head", id, person, change, actor, in: connection)
        }
    }

    // MARK: Within

    static let secondHead = RumdulError.household(
        "relation", km: "គ្រួសារមានមេគ្រួសាររួចហើយ។", en: "The household has a head already.")
    static let notMember = RumdulError.household(
        "person", km: "មនុស្សនេះមិនមែនជាសមាជិកទេ។", en: "This person is not a member.")

    /// Who is in a household without an end, in the order in which they came.
    func openMembers(of id: String, in connection: any SQLConnection) async throws -> [HouseholdMembership] {
        try await households.memberships(ofHousehold: id, in: connection).filter { $0.recordedTo == nil && $0.isOpen }
    }

    private func member(
        _ person: PersonID, of id: String, in connection: any SQLConnection
    ) async throws -> HouseholdMembership {
        guard let found = try await openMembers(of: id, in: connection).first(where: { $0.person == person }) else {
            throw Self.notMember
        }
        return found
    }

    /// Who was the head before, while there is none.
    func lastHead(of id: String, in connection: any SQLConnection) async throws -> PersonID? {
        try await households.memberships(ofHousehold: id, in: connection)
            .filter { $0.recordedTo == nil && $0.relation == .head && !$0.isOpen }
            .max { ($0.validTo ?? $0.validFrom) < ($1.validTo ?? $1.validFrom) }?.person
    }

    /// Enters a membership from a day on, ends the one before, and says where the person lives.
    func join(
        _ person: PersonID, _ household: Household, as relation: HouseholdRelation, from day: CalendarDate,
        _ change: HouseholdChange, _ actor: Actor, in connection: any SQLConnection
    ) async throws {
        try await connection.lock("household-person:" + person.text)
        guard let state = try await state(of: person, in: connection), state.record == .active else {
            throw RumdulError.household("person", km: "រកមិនឃើញមនុស្សនេះក្នុងបញ្ជីទេ។", en: "There is no such person.")
        }
        guard state.life == .alive else {
            throw RumdulError.household(
                "person", km: "មនុស្សនេះត្រូវបានចុះបញ្ជីមរណភាព ឬបាត់ខ្លួន។", en: "This person is registered as dead or missing.")
        }
        for row in try await households.memberships(of: person, in: connection) where row.recordedTo == nil {
            if let end = row.validTo, end <= day { continue }
            if row.isOpen, row.household == household.id {
                throw RumdulError.household("person", km: "មនុស្សនេះជាសមាជិករួចហើយ។", en: "This person is a member already.")
            }
            try requireNotBefore(day, row.validFrom)
            try await cut(row, from: day, as: .moved, change, in: connection)
            if let left = try await households.household(row.household, in: connection), left.isOpen {
                try await households.update(left, at: change.now, in: connection)
            }
            try await note("left", row.household, person, change, actor, in: connection)
        }
        try await households.insert(
            HouseholdMembership(
                id: ambient.newID(), household: household.id, person: person, relation: relation, validFrom: day,
                validTo: nil, end: nil, source: change.cause, endSource: nil, recordedAt: change.now, recordedTo: nil),
            in: connection)
        try await settle(person, household, from: day, change.source, actor, in: connection)
        try await note("joined", household.id, person, change, actor, in: connection)
    }

    /// Ends a membership on a day; one that had not begun by then is withdrawn.
    func cut(
        _ row: HouseholdMembership, from day: CalendarDate, as end: HouseholdMembership.End, _ change: HouseholdChange,
        in connection: any SQLConnection
    ) async throws {
        let now = later(change.now, row)
        try await households.supersede(row.id, by: change.id, at: now, in: connection)
        guard row.validFrom < day else { return }
        var ended = row.renamed(ambient.newID(), at: now)
        (ended.validTo, ended.end, ended.endSource) = (day, end, change.id)
        try await households.insert(ended, in: connection)
    }

    private func relate(
        _ row: HouseholdMembership, as relation: HouseholdRelation, _ change: HouseholdChange,
        in connection: any SQLConnection
    ) async throws {
        try requireNotBefore(change.day, row.validFrom)
        try await cut(row, from: change.day, as: .relation, change, in: connection)
        var next = row.renamed(ambient.newID(), at: later(change.now, row))
        (next.relation, next.validFrom, next.source) = (relation, change.day, change.cause)
        try await households.insert(next, in: connection)
    }

    /// Recorded time moves forward even when the clock does not.
    func later(_ now: Instant, _ row: HouseholdMembership) -> Instant {
        max(now, Instant(microseconds: row.recordedAt.microseconds + 1))
    }

    /// The person lives, permanently, where the household is; temporary addresses stay.
    func settle(
        _ person: PersonID, _ household: Household, from day: CalendarDate, _ source: FactSource, _ actor: Actor,
        in connection: any SQLConnection
    ) async throws {
        let before = try await open(person, in: connection).snapshot.residence
        let home = Residence(.permanent, place: household.village, detail: household.address)
        guard before.first(where: { $0.kind == .permanent }) != home else { return }
        try await amend(
            person, .residence([home] + before.filter { $0.kind != .permanent }.prefix(9)), validFrom: day,
            source: source, by: actor, in: connection)
    }

    /// What members are to a new head.
    func relations(
        of members: [HouseholdMembership], towards head: PersonID, in connection: any SQLConnection
    ) async throws -> [PersonID: HouseholdRelation] {
        var family: [PersonID: HouseholdRelation] = [:]
        for edge in try await relationships(of: head, in: connection) where edge.isLive {
            switch edge.kind {
            case .spouse: family[edge.partner(of: head)] = .spouse
            case .guardian: continue
            default: family[edge.partner(of: head)] = edge.person == head ? .parent : .child
            }
        }
        let was = members.first { $0.person == head }?.relation ?? .otherRelative
        var relations: [PersonID: HouseholdRelation] = [:]
        for member in members {
            relations[member.person] =
                member.person == head ? .head : family[member.person] ?? member.relation.towards(was)
        }
        return relations
    }
}

extension HouseholdMembership {
    /// A copy as a row of its own, as said from now on.
    func renamed(_ id: String, at now: Instant) -> HouseholdMembership {
        HouseholdMembership(
            id: id, household: household, person: person, relation: relation, validFrom: validFrom, validTo: validTo,
            end: end, source: source, endSource: endSource, recordedAt: now, recordedTo: nil)
    }
}

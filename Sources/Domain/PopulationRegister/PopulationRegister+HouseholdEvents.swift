import Accountability
import Codecs
import Database
import Kernel

/// What events do to households, in the transaction that registers them.
extension PopulationRegister {
    /// Who was born joins the household of the mother, or of the first of `parents` who is in one. Nothing happens when none
    /// is, when the person is in one already, is of age, or is not alive.
    ///
    /// - Parameters:
    ///   - parents: in the order in which they count.
    ///   - born: the day of birth, as early as it can be; the child is a member from that day on, or since the parent is.
    ///   - source: the record of the birth.
    public func joinHousehold(
        _ child: PersonID, of parents: [PersonID], born: CalendarDate, source: FactSource, by actor: Actor,
        in connection: any SQLConnection
    ) async throws {
        let today = ambient.now().dayInCambodia
        guard born <= today, born.age(on: today) < 18,
            let state = try await state(of: child, in: connection), state.isUsable,
            try await households.memberships(of: child, in: connection).allSatisfy({ $0.recordedTo != nil })
        else { return }
        for parent in parents {
            let rows = try await households.memberships(of: parent, in: connection).filter { $0.recordedTo == nil }
            guard let open = rows.first(where: \.isOpen) else { continue }
            try await connection.lock("household:" + open.household)
            let home = try await openHousehold(open.household, in: connection)
            guard home.row.isOpen else { continue }
            let since = Self.since(open, among: rows)
            let day = max(born, since, home.household.since)
            let change = HouseholdChange(id: source.reference, day: day, now: ambient.now(), source: source)
            try await join(
                child, home.household, as: open.relation.ofChild, from: day, change, actor, in: connection)
            try await households.update(home.row, at: change.now, in: connection)
            return
        }
    }

    /// A dead person's time in households ends with the day of death. When the head dies, the household has none until an
    /// officer names one.
    /// - Parameter source: the record of the death.
    public func leaveHouseholds(
        _ person: PersonID, on day: CalendarDate, source: FactSource, by actor: Actor, in connection: any SQLConnection
    ) async throws {
        let change = HouseholdChange(id: source.reference, day: day, now: ambient.now(), source: source)
        for row in try await households.memberships(of: person, in: connection) where row.recordedTo == nil {
            if let end = row.validTo, end <= day { continue }
            try await cut(row, from: day, as: .death, change, in: connection)
            try await touch(row.household, at: change.now, in: connection)
            if row.isOpen { try await note("death", row.household, person, change, actor, in: connection) }
        }
    }

    /// Takes back what a record did to the person's time in households. Where the household was closed since, the time ends
    /// with it; a head who comes back to a household that has another one is a relative of that one.
    /// - Parameter source: the record.
    public func rejoinHouseholds(
        _ person: PersonID, source: FactSource, by actor: Actor, in connection: any SQLConnection
    ) async throws {
        try await restore(person, cause: source.reference, source, actor, in: connection)
    }

    // MARK: Records that close

    /// The memberships of a record that closes are said no more; a survivor takes over the time in which he or she was in
    /// no household.
    func retireMemberships(
        of person: PersonID, survivor: PersonID?, by actor: Actor, in connection: any SQLConnection
    ) async throws {
        let rows = try await households.memberships(of: person, in: connection).filter { $0.recordedTo == nil }
        guard !rows.isEmpty else { return }
        let source = FactSource(kind: "retirement", reference: person.text)
        let now = rows.map { later(ambient.now(), $0) }.max() ?? ambient.now()
        let change = HouseholdChange(id: source.reference, day: now.dayInCambodia, now: now, source: source)
        for row in rows {
            try await households.supersede(row.id, by: source.reference, at: now, in: connection)
        }
        if let survivor { try await takeOver(rows, by: survivor, source, at: now, actor, in: connection) }
        for household in Set(rows.map(\.household)).sorted() {
            try await touch(household, at: now, in: connection)
            try await note("retired", household, person, change, actor, in: connection)
        }
    }

    private func takeOver(
        _ rows: [HouseholdMembership], by survivor: PersonID, _ source: FactSource, at now: Instant, _ actor: Actor,
        in connection: any SQLConnection
    ) async throws {
        var taken = try await households.memberships(of: survivor, in: connection).filter { $0.recordedTo == nil }
        let life = try await open(survivor, in: connection).snapshot.versions[.life]
        let died = life?.fact == .life(.alive) ? nil : life.map { $0.validFrom ?? now.dayInCambodia }
        for row in rows {
            for piece in row.pieces(outside: taken) {
                var new = try await piece.fitting(self, as: survivor, source, at: now, in: connection)
                if let died, new.validTo.map({ died < $0 }) ?? true {
                    guard new.validFrom < died else { continue }
                    (new.validTo, new.end) = (died, .death)
                }
                try await households.insert(new, in: connection)
                taken.append(new)
                guard new.isOpen else { continue }
                let home = try await openHousehold(new.household, in: connection).household
                try await settle(survivor, home, from: max(new.validFrom, home.since), source, actor, in: connection)
            }
        }
    }

    /// What the register said of a record before it was closed is said again; what a survivor had taken over goes back.
    func restoreMemberships(
        of person: PersonID, from survivor: PersonID?, by actor: Actor, in connection: any SQLConnection
    ) async throws {
        let source = FactSource(kind: "retirement", reference: person.text)
        if let survivor {
            let now = ambient.now()
            var hadHome = false
            for row in try await households.memberships(of: survivor, in: connection)
            where row.recordedTo == nil && row.source == source {
                hadHome = hadHome || row.isOpen
                try await households.supersede(
                    row.id, by: source.reference, at: later(now, row), in: connection)
                try await touch(row.household, at: now, in: connection)
            }
            if hadHome { try await withdraw(survivor, saidBy: source.reference, by: actor, in: connection) }
        }
        try await restore(person, cause: source.reference, source, actor, in: connection)
    }

    // MARK: Within

    private func restore(
        _ person: PersonID, cause: String, _ source: FactSource, _ actor: Actor, in connection: any SQLConnection
    ) async throws {
        let before = try await households.memberships(of: person, supersededBy: cause, in: connection)
        guard !before.isEmpty else { return }
        var now = before.map { later(ambient.now(), $0) }.max() ?? ambient.now()
        now = max(now, before.compactMap(\.recordedTo).max() ?? now)
        var taken: [HouseholdMembership] = []
        for row in try await households.memberships(of: person, in: connection) where row.recordedTo == nil {
            if row.endSource == cause {
                try await households.supersede(row.id, by: cause + "/restored", at: later(now, row), in: connection)
            } else {
                taken.append(row)
            }
        }
        let change = HouseholdChange(id: cause, day: now.dayInCambodia, now: now, source: source)
        for row in before where try await isStillTheirs(row, in: connection) {
            for piece in row.pieces(outside: taken) {
                let home = try await openHousehold(piece.household, in: connection)
                var again = try await piece.fitting(self, as: person, nil, at: now, in: connection)
                if again.isOpen, !home.row.isOpen {
                    guard let closed = home.places.compactMap(\.place.validTo).max(), again.validFrom < closed else {
                        continue
                    }
                    (again.validTo, again.end) = (closed, .closed)
                }
                try await households.insert(again, in: connection)
                taken.append(again)
                try await touch(piece.household, at: now, in: connection)
                if again.isOpen {
                    try await note("returned", piece.household, person, change, actor, in: connection)
                }
            }
        }
    }

    /// Whether what a person had taken over from a merged record has not gone back to it.
    private func isStillTheirs(
        _ row: HouseholdMembership, in connection: any SQLConnection
    ) async throws -> Bool {
        guard row.source.kind == "retirement" else { return true }
        let other = try await store.person(PersonID(row.source.reference), in: connection)
        return other?.record == .merged && other?.survivor == row.person
    }

    /// Whoever looks at the household has to look again.
    private func touch(_ household: String, at now: Instant, in connection: any SQLConnection) async throws {
        guard let row = try await households.household(household, in: connection) else { return }
        try await households.update(row, at: now, in: connection)
    }

    /// Since when somebody is in a household, through all changes of the relation to its head.
    static func since(_ row: HouseholdMembership, among rows: [HouseholdMembership]) -> CalendarDate {
        var first = row.validFrom
        while let before = rows.first(where: { $0.household == row.household && $0.validTo == first }) {
            first = before.validFrom
        }
        return first
    }
}

extension HouseholdMembership {
    /// The parts of this time that lie outside others, oldest first.
    func pieces(outside others: [HouseholdMembership]) -> [HouseholdMembership] {
        var pieces: [HouseholdMembership] = []
        var rest: HouseholdMembership? = self
        for other in others.sorted(by: { $0.validFrom < $1.validFrom }) {
            guard let now = rest, other.validTo.map({ now.validFrom < $0 }) ?? true,
                now.validTo.map({ other.validFrom < $0 }) ?? true
            else { continue }
            if now.validFrom < other.validFrom {
                var before = now
                (before.validTo, before.end) = (other.validFrom, .moved)
                pieces.append(before)
            }
            guard let end = other.validTo, now.validTo.map({ end < $0 }) ?? true else {
                rest = nil
                break
            }
            rest?.validFrom = end
        }
        if let rest { pieces.append(rest) }
        return pieces
    }

    /// A copy for a person, as said from now on; nobody becomes the second head of a household.
    fileprivate func fitting(
        _ register: PopulationRegister, as person: PersonID, _ source: FactSource?, at now: Instant,
        in connection: any SQLConnection
    ) async throws -> HouseholdMembership {
        var relation = relation
        if relation == .head, isOpen,
            try await register.openMembers(of: household, in: connection).contains(where: { $0.relation == .head })
        {
            relation = .otherRelative
        }
        return HouseholdMembership(
            id: register.ambient.newID(), household: household, person: person, relation: relation,
            validFrom: validFrom, validTo: validTo, end: end, source: source ?? self.source, endSource: endSource,
            recordedAt: now, recordedTo: nil)
    }
}

import Accountability
import Codecs
import Database
import Kernel
import ReferenceData

/// What a household is searched by.
public enum HouseholdQuery: Sendable, Hashable {
    case number(HouseholdNumber)
    /// The number of the paper book.
    case book(String)
    case person(PersonID)
}

/// A line of a household's history, with its ground in words.
public struct HouseholdChangeLine: Sendable, Hashable {
    /// `opened`, `joined`, `left`, `relation`, `head`, `moved`, `book`, `closed`, `death`, `retired`, `returned`.
    public let action: String
    public let person: PersonID?
    public let day: CalendarDate
    public let recordedAt: Instant
    public let reference: String
}

/// Looking at households. What says who lives in one comes out through the gate, with an entry for everyone in it.
extension PopulationRegister {
    /// A household with its members, as on a day, as far as the register knew it at a moment. Each member gets one access
    /// entry in the transaction that reads.
    ///
    /// - Parameters:
    ///   - day: `nil` for today; of a closed household its last day.
    ///   - moment: `nil` for all that is known now.
    ///   - request: who looks, why and which attributes of the members; the subject is set here.
    /// - Throws: `household.not_found`, also for those of other areas and for days on which it was not there; what the gate
    ///   throws.
    public func household(
        _ id: String, on day: CalendarDate? = nil, knownAt moment: Instant? = nil, by hand: RegisterHand,
        as request: DisclosureRequest
    ) async throws -> OpenedHousehold {
        try await database.transaction { connection in
            try await household(id, on: day, knownAt: moment, by: hand, as: request, in: connection)
        }
    }

    func household(
        _ id: String, on day: CalendarDate?, knownAt moment: Instant?, by hand: RegisterHand,
        as request: DisclosureRequest, in connection: any SQLConnection
    ) async throws -> OpenedHousehold {
        let open = try await openHousehold(id, in: connection)
        let actor: Actor
        do {
            actor = try hand.acting(.householdRead, in: open.household.village.text)
        } catch { throw RumdulError.householdNotFound }
        let today = ambient.now().dayInCambodia
        let day = day ?? (open.row.isOpen ? today : open.lastDay)
        guard let household = open.on(day, knownAt: moment) else { throw RumdulError.householdNotFound }
        let rows = try await households.memberships(ofHousehold: id, in: connection)
            .filter { $0.isKnown(at: moment) }
        let present = rows.filter { $0.holds(on: day) }.map { row in
            (row: row, since: Self.since(row, among: rows.filter { $0.person == row.person }))
        }.sorted { one, other in
            (one.row.relation == .head ? 0 : 1, one.since, one.row.person.text)
                < (other.row.relation == .head ? 0 : 1, other.since, other.row.person.text)
        }
        var readable: [HouseholdMembership] = []
        for (row, _) in present where try await isReadable(row.person, in: connection) { readable.append(row) }
        let requests = readable.map { row in
            var one = request
            (one.subject, one.actor) = (row.person, actor)
            one.caseReference = open.household.number.text
            return one
        }
        let told =
            requests.isEmpty
            ? []
            : try await gate.disclose(many: requests, from: view(on: day, knownAt: moment), in: connection)
        let attributes = Dictionary(zip(readable.map(\.id), told)) { first, _ in first }
        let members = present.map { row, since in
            HouseholdMember(membership: row, since: since, attributes: attributes[row.id])
        }
        return OpenedHousehold(
            household: household, members: members,
            proposedHead: try await proposedHead(present.map(\.row), id, in: connection))
    }

    /// Finds a household that the officer or system may see; `nil` when there is none. Whoever asks for a person's
    /// household learns whether there is one, so the person gets an entry.
    ///
    /// - Parameter request: who asks and why; subject and attributes are set here.
    public func findHousehold(
        _ query: HouseholdQuery, by hand: RegisterHand, as request: DisclosureRequest
    ) async throws -> String? {
        try await database.transaction { connection in
            let row: HouseholdRow?
            switch query {
            case .number(let number):
                row = try await households.household(number: number.text, in: connection)
            case .book(let book):
                row = try await households.households(book: try await tags.book(book), in: connection).first {
                    hand.may(.householdRead, in: $0.commune)
                }
            case .person(let person):
                let found = try await households.memberships(of: person, in: connection)
                    .first { $0.recordedTo == nil && $0.isOpen }
                var wish = request
                (wish.subject, wish.attributes) = (person, [.household])
                if case .officer(let officer) = hand {
                    guard let area = hand.areas(.householdRead).first else { throw RumdulError.officerForbidden }
                    wish.actor = try officer.acting(.householdRead, in: area)
                }
                _ = try await gate.disclose(wish, from: self, in: connection)
                if let found {
                    row = try await households.household(found.household, in: connection)
                } else {
                    row = nil
                }
            }
            guard let row, hand.may(.householdRead, in: row.commune) else { return nil }
            return row.id
        }
    }

    /// Open households of a village, by number; numbers and counts only. Throws `officer.forbidden`.
    /// - Parameters:
    ///   - after: the number of the last one of the page before; empty at the beginning.
    ///   - limit: 1 to 100.
    public func households(
        village: PlaceCode, after: String = "", limit: Int = 50, by hand: RegisterHand
    ) async throws -> [HouseholdSummary] {
        _ = try hand.acting(.householdRead, in: village.text)
        let tag = try await tags.village(village)
        return try await database.read { connection in
            let rows = try await households.households(
                village: tag, after: after, limit: min(max(limit, 1), 100), in: connection)
            return try await summaries(rows, in: connection)
        }
    }

    /// Open households without a head where the officer works: a head died, left, or nobody is there any more.
    public func headlessHouseholds(by hand: RegisterHand, limit: Int = 100) async throws -> [HouseholdSummary] {
        let areas = hand.areas(.householdRead)
        return try await database.read { connection in
            var found: [HouseholdSummary] = []
            for area in areas where found.count < limit {
                let rows = try await households.headless(area: area, limit: limit - found.count, in: connection)
                found += try await summaries(rows, in: connection)
            }
            return found
        }
    }

    /// The number and version of a household; `nil` when it is no longer the hand's to see.
    public func householdVersion(
        _ id: String, by hand: RegisterHand
    ) async throws -> (number: HouseholdNumber, version: Int64)? {
        let open = try await database.read { try await openHousehold(id, in: $0) }
        guard hand.may(.householdRead, in: open.household.village.text) else { return nil }
        return (open.household.number, open.row.version)
    }

    /// The history of a household, newest first, at most 100 lines. Throws `household.not_found`.
    public func householdChanges(_ id: String, by hand: RegisterHand) async throws -> [HouseholdChangeLine] {
        try await database.read { connection in
            let open = try await openHousehold(id, in: connection)
            guard hand.may(.householdRead, in: open.household.village.text) else {
                throw RumdulError.householdNotFound
            }
            return try await households.changes(of: id, limit: 100, in: connection).map { line in
                let ground = try open.key.open(line.sealed, context: Self.sealing(id, "change"))
                return HouseholdChangeLine(
                    action: line.action, person: line.person, day: line.day, recordedAt: line.recordedAt,
                    reference: String(decoding: ground, as: UTF8.self))
            }
        }
    }

    // MARK: Within

    /// The household of a person as an attribute; `nil` when there is none.
    func household(
        of person: PersonID, on day: CalendarDate, knownAt moment: Instant?, in connection: any SQLConnection
    ) async throws -> JSONValue? {
        let rows = try await households.memberships(of: person, in: connection).filter { $0.isKnown(at: moment) }
        guard let row = rows.first(where: { $0.holds(on: day) }) else { return nil }
        let open = try await openHousehold(row.household, in: connection)
        guard let household = open.on(day, knownAt: moment) else { return nil }
        let members = try await households.memberships(ofHousehold: row.household, in: connection)
            .filter { $0.isKnown(at: moment) && $0.holds(on: day) }.count
        var json: JSONObject = [
            "number": .string(household.number.text), "village": .string(household.village.text),
            "relation": .string(row.relation.rawValue), "since": .string(Self.since(row, among: rows).description),
            "members": .integer(Int64(members)),
        ]
        json["address"] = household.address.map { .string($0) }
        return .object(json)
    }

    private func summaries(
        _ rows: [HouseholdRow], in connection: any SQLConnection
    ) async throws -> [HouseholdSummary] {
        var found: [HouseholdSummary] = []
        for row in rows {
            let household = try await opened(row, in: connection)
            let count = try await households.count(of: row.id, in: connection)
            found.append(
                HouseholdSummary(
                    id: row.id, number: household.number, village: household.village, isOpen: row.isOpen,
                    members: count.members, needsHead: row.isOpen && !count.hasHead))
        }
        return found
    }

    /// The spouse of the last head, while there is no head.
    private func proposedHead(
        _ members: [HouseholdMembership], _ id: String, in connection: any SQLConnection
    ) async throws -> PersonID? {
        guard !members.contains(where: { $0.relation == .head }) else { return nil }
        if let spouse = members.first(where: { $0.relation == .spouse }) { return spouse.person }
        guard let last = try await lastHead(of: id, in: connection) else { return nil }
        let wed = try await marriages(of: last, in: connection)
            .filter { $0.isLive || $0.end == .death }.map { $0.partner(of: last) }
        return members.first { wed.contains($0.person) }?.person
    }
}

extension PopulationRegister.OpenHousehold {
    /// The last day of a closed household.
    var lastDay: CalendarDate {
        let last = places.filter { $0.row.recordedTo == nil }.max { $0.place.validFrom < $1.place.validFrom }?.place
        guard let last else { return household.since }
        return max(last.validFrom, last.validTo?.adding(days: -1) ?? last.validFrom)
    }

    /// The household as it was on a day; `nil` when it was not there.
    func on(_ day: CalendarDate, knownAt moment: Instant?) -> Household? {
        let known = places.filter { place in
            guard let moment else { return place.row.recordedTo == nil }
            return place.row.recordedAt <= moment && (place.row.recordedTo.map { moment < $0 } ?? true)
        }
        let place = known.last { version in
            version.place.validFrom <= day
                && (version.place.validTo.map { day < $0 || day == version.place.validFrom } ?? true)
        }
        guard let place else { return nil }
        var household = household
        (household.village, household.address) = (place.place.village, place.place.address)
        household.since = place.place.validFrom
        return household
    }
}

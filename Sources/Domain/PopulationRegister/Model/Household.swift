import Accountability
import Kernel
import ReferenceData

/// The number of a household, for life: the commune that opened it, a serial number there, and two check digits
/// (`H-120101-000042-17`). The check is ISO 7064 MOD 97-10 over everything before it, with `H` as 17.
public struct HouseholdNumber: Sendable, Hashable {
    public let text: String

    /// - Parameters:
    ///   - commune: six digits.
    ///   - serial: 1...999,999.
    init(commune: String, serial: Int) {
        let body = "\(commune)\(String(String(1_000_000 + serial).suffix(6)))"
        text = "H-\(body.prefix(6))-\(body.dropFirst(6))-\(Self.check(body))"
    }

    /// Reads a number as typed: lower case and missing hyphens are accepted. `nil` when its form or check is wrong.
    public init?(_ typed: String) {
        guard typed.utf8.count <= 40 else { return nil }
        let kept = typed.utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: " ") }
        guard kept.count == 15, kept[0] == UInt8(ascii: "H") || kept[0] == UInt8(ascii: "h"),
            kept.dropFirst().allSatisfy({ (48...57).contains($0) })
        else { return nil }
        let body = String(decoding: kept[1..<13], as: UTF8.self)
        guard Self.check(body) == String(decoding: kept[13..<15], as: UTF8.self) else { return nil }
        text = "H-\(body.prefix(6))-\(body.dropFirst(6))-\(Self.check(body))"
    }

    /// Two digits such that the number with them is 1 modulo 97.
    private static func check(_ digits: String) -> String {
        var remainder = 17
        for byte in digits.utf8 { remainder = (remainder * 10 + Int(byte) - 48) % 97 }
        return String(String(100 + 98 - remainder * 100 % 97).suffix(2))
    }
}

/// A household: people who live together and stand in one residence book.
public struct Household: Sendable, Hashable {
    public let id: String
    public let number: HouseholdNumber
    /// The village as its code was on the day.
    public var village: PlaceCode
    /// House, street and group in words.
    public var address: String?
    /// The number of the paper book, if it has one.
    public var book: String?
    /// The first day at this place.
    public var since: CalendarDate
    public var isOpen: Bool
    /// Rises with every change.
    public var version: Int64
    public var openedAt: Instant

    /// The commune whose officers keep it, six digits.
    public var commune: String { String(village.text.prefix(6)) }
}

/// Somebody's time in a household, in one relation to its head. A change of the relation ends it and begins another.
public struct HouseholdMembership: Sendable, Hashable {
    /// Why it no longer holds.
    public enum End: String, Sendable, Codable, CaseIterable {
        /// The person left, and is in no household that the register knows.
        case left
        /// The person joined another one.
        case moved
        case death
        /// The same household, another relation to its head.
        case relation
        /// The household was closed.
        case closed
    }

    public let id: String
    public let household: String
    public let person: PersonID
    public var relation: HouseholdRelation
    /// The first day on which it holds.
    public var validFrom: CalendarDate
    /// The first day on which it holds no more; `nil` while it does.
    public var validTo: CalendarDate?
    public var end: End?
    /// What it rests on.
    public var source: FactSource
    /// What its end rests on.
    public var endSource: String?
    /// Since when the register says so.
    public var recordedAt: Instant
    /// Since when the register no longer says so; `nil` while it does.
    public var recordedTo: Instant?

    /// Whether it holds without an end.
    public var isOpen: Bool { validTo == nil }

    func holds(on day: CalendarDate) -> Bool { validFrom <= day && (validTo.map { day < $0 } ?? true) }

    func isKnown(at moment: Instant?) -> Bool {
        guard let moment else { return recordedTo == nil }
        return recordedAt <= moment && (recordedTo.map { moment < $0 } ?? true)
    }
}

/// A member as an officer or system sees one: the entry in the member's journal is written.
public struct HouseholdMember: Sendable {
    public let membership: HouseholdMembership
    /// Since when the person is in the household, in whatever relation.
    public let since: CalendarDate
    /// What the gate disclosed; `nil` for who was erased.
    public let attributes: DisclosedAttributes?
}

/// A household with its members on a day.
public struct OpenedHousehold: Sendable {
    public let household: Household
    /// The head first, then in the order in which they came.
    public let members: [HouseholdMember]
    /// Who would be the next head: the spouse of the one before. Only while there is none.
    public let proposedHead: PersonID?

    /// Whether an officer has to name a head, or to close it when nobody is left.
    public var needsHead: Bool {
        household.isOpen && !members.contains { $0.membership.relation == .head }
    }
}

/// A household in a list: nothing of the people in it.
public struct HouseholdSummary: Sendable, Hashable {
    public let id: String
    public let number: HouseholdNumber
    public let village: PlaceCode
    public let isOpen: Bool
    public let members: Int
    public let needsHead: Bool
}

/// Who works on the register, and where: decides what is allowed and who stands in the entries.
public enum RegisterHand: Sendable {
    case officer(Officer)
    /// A system of an agency, within the places that an operator let it deal with; none for the whole country.
    case system(id: String, areas: [String])

    /// The actor of an entry. Throws `officer.forbidden` when the place is not theirs.
    public func acting(_ permission: Permission, in area: String?) throws -> Actor {
        switch self {
        case .officer(let officer): return try officer.acting(permission, in: area)
        case .system(let id, let areas):
            guard areas.isEmpty || areas.contains(where: { area?.utf8.starts(with: $0.utf8) ?? false }) else {
                throw RumdulError.officerForbidden
            }
            return .client(id)
        }
    }

    func may(_ permission: Permission, in area: String?) -> Bool { (try? acting(permission, in: area)) != nil }

    /// The places where it has a permission; an empty code for the whole country.
    func areas(_ permission: Permission) -> [String] {
        switch self {
        case .officer(let officer):
            guard officer.state == .active else { return [] }
            let codes = officer.grants.filter { $0.role.permissions.contains(permission) }.map { grant in
                if case .area(let code) = grant.jurisdiction { code } else { "" }
            }
            return codes.contains("") ? [""] : Array(Set(codes)).sorted()
        case .system(_, let areas): return areas.isEmpty ? [""] : areas
        }
    }
}

/// A change of a household: by whom, from which day on, on what ground.
public struct HouseholdStep: Sendable {
    public let hand: RegisterHand
    /// The first day on which the change holds; not in the future. `nil` for today.
    public let day: CalendarDate?
    /// The paper, declaration or file behind it, 1 to 200 bytes.
    public let reference: String
    /// The version that was looked at; another one means that somebody was faster.
    public let expected: Int64?
    /// An unguessable name of the request, so that a repeated opening opens nothing twice.
    public let requestKey: String?

    public init(
        _ hand: RegisterHand, from day: CalendarDate? = nil, reference: String, expected: Int64? = nil,
        requestKey: String? = nil
    ) {
        self.hand = hand
        self.day = day
        self.reference = reference
        self.expected = expected
        self.requestKey = requestKey
    }
}

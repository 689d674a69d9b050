import Kernel

/// How one person belongs to another. Edges hold opaque identifiers, nothing readable.
public struct Relationship: Sendable, Hashable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// `other` is the mother or father by birth.
        case mother, father
        /// `other` became a parent by adoption.
        case adoptiveParent
        /// `other` recognised the child.
        case recognisedParent
        /// `other` is the spouse. One edge stands for both directions.
        case spouse
        /// `other` is the guardian.
        case guardian

        /// Whether `other` is a parent of some kind.
        public var isParent: Bool { self != .spouse && self != .guardian }
    }

    /// Why an edge no longer holds.
    public enum End: String, Sendable, Codable, CaseIterable {
        case death, divorce, annulment, adoption, revoked
    }

    public let id: String
    /// The child, ward, or one of the spouses.
    public let person: PersonID
    public let kind: Kind
    public let other: PersonID
    /// The record behind it.
    public let source: FactSource
    public var validFrom: CalendarDate?
    public var validTo: CalendarDate?
    public var end: End?
    /// The record behind its end.
    public var endSource: String?
    /// Spouses who live apart by judgment.
    public var isSeparated: Bool

    /// Whether it holds without an end.
    public var isLive: Bool { end == nil }

    /// The one of the two who is not this person.
    public func partner(of person: PersonID) -> PersonID { person == self.person ? other : self.person }
}

/// What a person's marriages amount to.
public enum CivilStatus: String, Sendable, Codable, CaseIterable {
    case single, married, separated, widowed, divorced

    /// Derived from the marriages of a person, oldest first.
    public init(_ marriages: [Relationship]) {
        if let live = marriages.last(where: \.isLive) {
            self = live.isSeparated ? .separated : .married
        } else {
            switch marriages.last(where: { $0.end != .annulment && $0.end != .revoked })?.end {
            case .death?: self = .widowed
            case .divorce?: self = .divorced
            default: self = .single
            }
        }
    }
}

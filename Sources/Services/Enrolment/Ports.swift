import Accountability
import Kernel

/// What an officer knows when looking for a person.
public enum PersonQuery: Sendable {
    /// A KIDC or virtual identifier as typed: spaces, hyphens and Khmer digits allowed.
    case identifier(String)
    /// Name in Khmer or Latin letters, and the year of birth.
    case name(String, birthYear: Int)
}

/// Somebody who fits a query: no attribute of the person, only who it is inside the system and which place decides.
public struct PersonMatch: Sendable, Hashable {
    public let personID: PersonID
    /// Place code of the residence (2, 4, 6 or 8 digits), `nil` when none is on record.
    public let area: String?

    public init(personID: PersonID, area: String?) {
        self.personID = personID
        self.area = area
    }
}

/// How enrolment reaches the population register: in one process a call, at the ministry a request to another agency.
public protocol PersonFinder: Sendable {
    /// Living people who fit, at most `limit`.
    func find(_ query: PersonQuery, limit: Int) async throws -> [PersonMatch]

    /// The person's match for an identifier that enrolment holds already; `nil` when there is no such living person.
    func match(_ person: PersonID) async throws -> PersonMatch?

    /// The attributes asked for, through the disclosure gate, which writes the access entry.
    func disclose(_ request: DisclosureRequest) async throws -> DisclosedAttributes
}

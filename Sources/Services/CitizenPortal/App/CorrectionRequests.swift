import Accountability
import Kernel

/// How a person's request for correction stands.
public enum CorrectionStanding: String, Sendable, CaseIterable {
    /// It waits for an officer.
    case open
    /// One officer agreed; it waits for a second one.
    case proposed
    case accepted, refused, withdrawn
}

/// A person's own request for correction.
public struct CorrectionRequest: Sendable {
    public var id: String
    public var attribute: AttributeName
    public var standing: CorrectionStanding
    /// What the person wrote.
    public var wish: String
    /// Why it was refused, in an officer's words.
    public var refusal: String?
    public var filedAt: Instant
    public var changedAt: Instant

    public init(
        id: String, attribute: AttributeName, standing: CorrectionStanding, wish: String, refusal: String?,
        filedAt: Instant, changedAt: Instant
    ) {
        self.id = id
        self.attribute = attribute
        self.standing = standing
        self.wish = wish
        self.refusal = refusal
        self.filedAt = filedAt
        self.changedAt = changedAt
    }
}

/// Where people's requests for correction go.
public protocol CorrectionRequests: Sendable {
    /// What people may ask to have corrected, in the order of the page.
    var attributes: [AttributeName] { get }
    /// The most characters of each text.
    var textLimit: Int { get }

    /// A person's requests, newest first.
    func requests(of person: PersonID) async throws -> [CorrectionRequest]

    /// Files a request. Throws an error with the fields `wish`, `why` and `evidence` for texts that were refused.
    func ask(_ attribute: AttributeName, wish: String, why: String, evidence: String?, by person: PersonID) async throws

    /// Takes a request back. Throws for another person's, and for one that was decided.
    func takeBack(_ id: String, by person: PersonID) async throws
}

import Codecs
import Kernel

/// A client that the portal looks after; the registration itself is kept by the relying parties' room.
public struct DeveloperClient: Sendable {
    public var clientID: String
    public var organisationID: String
    /// What goes with the registration that serves now.
    public var statement: LegalStatement
    /// A change of a client in production that waits for approval; the registration before it serves on.
    public var draft: ClientVersion?
    public var createdBy: PersonID
    public var createdAt: Instant
    public var updatedAt: Instant
}

/// Where a request for production stands.
public enum ApprovalState: String, Sendable, CaseIterable {
    case open
    case approved
    case refused
    /// Taken back by the organisation, or overtaken by a change.
    case withdrawn
}

/// A request that operators let a version of a client serve people.
public struct ApprovalRequest: Sendable {
    public var id: String
    public var clientID: String
    public var version: ClientVersion
    public var state: ApprovalState
    public var requestedBy: PersonID
    public var requestedAt: Instant
    /// The officer's identifier.
    public var decidedBy: String?
    public var decidedAt: Instant?
    /// What the officer wrote to the organisation.
    public var reason: String?
}

/// One page of requests.
public struct ApprovalPage: Sendable {
    public var requests: [ApprovalRequest]
    /// Sort keys of the last row when there are more: microseconds and identifier.
    public var next: [String]?
}

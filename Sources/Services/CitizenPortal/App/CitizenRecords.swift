import Accountability
import Kernel

/// A registered event of the citizen's own life, in words.
public struct CitizenRecord: Sendable {
    public let event: LocalizedText
    public let name: LocalizedText
    public let number: String
    /// ISO 8601, perhaps partial; `nil` when no date is known.
    public let occurredOn: String?
    public let office: LocalizedText
    public let registeredAt: Instant
    /// Numbers of the certificates that still hold.
    public let certificates: [String]

    public init(
        event: LocalizedText, name: LocalizedText, number: String, occurredOn: String?, office: LocalizedText,
        registeredAt: Instant, certificates: [String]
    ) {
        self.event = event
        self.name = name
        self.number = number
        self.occurredOn = occurredOn
        self.office = office
        self.registeredAt = registeredAt
        self.certificates = certificates
    }
}

/// Where a citizen's own records of civil status come from. Each call is a look that the citizen's journal keeps.
public protocol CitizenRecords: Sendable {
    /// A person's own records, newest first.
    /// - Parameter request: the person's own request, for their journal.
    func records(_ request: DisclosureRequest) async throws -> [CitizenRecord]
}

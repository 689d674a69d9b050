import Codecs
import Database
import Kernel
import Ledger

/// What was done to one person's record, device or passkey.
public struct AuditEvent: Sendable, Hashable {
    public let at: Instant
    /// What was done, stable and dotted (`device.bound`).
    public let action: String
    /// The facts that go with it, of texts alone: identifiers and codes, nothing personal.
    public let facts: [String: String]
}

/// A page of a person's audit entries.
public struct AuditPage: Sendable {
    /// Newest first.
    public let events: [AuditEvent]
    /// Where the next page begins; `nil` on the last one.
    public let next: LedgerCursor?
}

/// A person's view of the audit trail: the entries whose subject they are. What officers and auditors did elsewhere is not in it.
public struct AuditJournal: Sendable {
    private let ledger: Ledger
    private let database: any Database

    public init(ledger: Ledger, database: any Database) {
        self.ledger = ledger
        self.database = database
    }

    /// The entries about a person, newest first.
    /// - Parameters:
    ///   - before: continues after the last entry of the page before (`AuditPage.next`).
    ///   - limit: 1 to 200.
    public func page(of person: PersonID, before: LedgerCursor? = nil, limit: Int = 50) async throws -> AuditPage {
        let limit = min(max(limit, 1), 200)
        let ledger = ledger
        let records = try await database.read { connection in
            try await ledger.entries(
                subject: person.text, streamPrefix: AuditTrail.streamPrefix, before: before, limit: limit + 1,
                in: connection)
        }
        let shown = records.prefix(limit)
        return AuditPage(
            events: shown.map(Self.event), next: records.count > limit ? shown.last?.cursor : nil)
    }

    /// Some rooms write their facts into `details`, others into the payload itself.
    private static func event(_ record: LedgerRecord) -> AuditEvent {
        let payload = (try? record.value())?.objectValue ?? [:]
        var facts: [String: String] = [:]
        for object in [payload, payload.object("details") ?? [:]] {
            for member in object.members { if let text = member.value.stringValue { facts[member.name] = text } }
        }
        return AuditEvent(at: record.at, action: record.kind, facts: facts)
    }
}

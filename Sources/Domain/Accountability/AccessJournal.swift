import Codecs
import Database
import Kernel
import Ledger

/// A page of a person's journal.
public struct AccessPage: Sendable {
    /// Newest first.
    public let entries: [AccessEntry]
    /// Where the next page begins; `nil` on the last one.
    public let next: LedgerCursor?
}

/// An entry with the proof that it stands in the signed ledger: what a citizen can take away and have checked by
/// others.
public struct AccessEvidence: Sendable {
    public let entry: AccessEntry
    /// The entry as the ledger holds it; its hash is what the proof is about.
    public let record: LedgerRecord
    public let proof: InclusionProof
}

/// The right to know: every person reads here who saw which data about them, when, for what.
public struct AccessJournal: Sendable {
    private let ledger: Ledger
    private let database: any Database

    public init(ledger: Ledger, database: any Database) {
        self.ledger = ledger
        self.database = database
    }

    /// The public keys that sign the ledger's checkpoints, and that ever did (`Ledger.signingKeys`).
    public func signingKeys() async throws -> [JSONObject] { try await ledger.signingKeys() }

    /// The entries about a person, newest first.
    ///
    /// - Parameters:
    ///   - before: continues after the last entry of the page before (`AccessPage.next`).
    ///   - limit: 1 to 200.
    public func page(of person: PersonID, before: LedgerCursor? = nil, limit: Int = 20) async throws -> AccessPage {
        let limit = min(max(limit, 1), 200)
        let (ledger, prefix) = (ledger, DisclosureGate.streamPrefix)
        let records = try await database.read { connection in
            try await ledger.entries(
                subject: person.text, streamPrefix: prefix, before: before, limit: limit + 1, in: connection)
        }
        let shown = records.prefix(limit)
        return AccessPage(
            entries: try shown.map(Self.entry), next: records.count > limit ? shown.last?.cursor : nil)
    }

    /// The entries about a person, newest first; as `page` without the place of the next one.
    public func entries(of person: PersonID, before: LedgerCursor? = nil, limit: Int = 20) async throws -> [AccessEntry]
    {
        try await page(of: person, before: before, limit: limit).entries
    }

    /// One entry of a person with its proof. Throws `access.not_found` when it is not about this person,
    /// `ledger.not_covered` until the next checkpoint.
    public func evidence(of person: PersonID, stream: String, sequence: Int64) async throws -> AccessEvidence {
        guard stream.hasPrefix(DisclosureGate.streamPrefix) else { throw RumdulError.accessEntryNotFound }
        let ledger = ledger
        let record = try await database.read { try await ledger.entry(stream: stream, sequence: sequence, in: $0) }
        guard let record, record.subject == person.text else { throw RumdulError.accessEntryNotFound }
        return AccessEvidence(
            entry: try Self.entry(record), record: record,
            proof: try await ledger.inclusionProof(stream: stream, sequence: sequence))
    }

    private static func entry(_ record: LedgerRecord) throws -> AccessEntry {
        guard
            let entry = AccessEntry(
                stream: record.stream, sequence: record.sequence, at: record.at, payload: try record.value())
        else { throw RumdulError.internal("accountability.entry \(record.stream)/\(record.sequence)") }
        return entry
    }
}

import Codecs
import Database
import Kernel
import Ledger

/// The ledger of changes: who did what to which record. For auditors; what citizens see of readings is the
/// `AccessJournal`.
public struct AuditTrail: Sendable {
    /// The prefix of the streams that hold audit entries.
    public static let streamPrefix = "audit-"

    private let ledger: Ledger

    public init(ledger: Ledger) { self.ledger = ledger }

    /// Writes one entry (one row) in the transaction of the change itself.
    ///
    /// - Parameters:
    ///   - action: what was done, stable and dotted (`person.registered`).
    ///   - actor: who did it.
    ///   - subject: the opaque identifier of the record (a `PersonID`'s text, an officer's id), or `nil`. The stream's
    ///     shard follows it.
    ///   - details: facts that an auditor needs. No personal data, no secrets.
    public func record(
        action: String, actor: Actor, subject: String?, details: JSONObject = [:], in connection: any SQLConnection
    ) async throws {
        try await ledger.append(
            Self.entry(action: action, actor: actor, subject: subject, details: details), in: connection)
    }

    /// Takes the lock under which entries about a record are written. A transaction that reads before it writes one calls
    /// this first: see `Ledger.lock`.
    public func lock(subject: String, in connection: any SQLConnection) async throws {
        try await ledger.lock(Self.stream(of: subject), in: connection)
    }

    /// The stream of the entries about a record.
    public static func stream(of subject: String) -> String { Ledger.shard("audit", by: subject) }

    /// The ledger entry of a change, for callers that append many at once.
    public static func entry(action: String, actor: Actor, subject: String?, details: JSONObject = [:]) -> LedgerEntry {
        var who: JSONObject = ["kind": .string(actor.kind)]
        if let id = actor.identifier { who["id"] = .string(id) }
        if case .officer(_, let role) = actor { who["role"] = .string(role) }
        var payload: JSONObject = ["v": 1, "actor": .object(who)]
        if !details.isEmpty { payload["details"] = .object(details) }
        return LedgerEntry(
            stream: stream(of: subject ?? actor.identifier ?? action), kind: action, subject: subject,
            payload: .object(payload))
    }
}

import Codecs
import Database
import Kernel

/// A sign that an authenticator is misused or copied, for the operator: whatever was refused or blocked is in the answer
/// and in the ledger already, this is what somebody should look into.
public struct RiskEvent: Sendable, Hashable {
    public enum Kind: String, Sendable, CaseIterable {
        /// A passkey's counter did not rise; the passkey is blocked.
        case passkeyCounter = "passkey_counter"
        /// A passkey signed with another backup eligibility than it was registered with; refused.
        case passkeyBackupEligibility = "passkey_backup_eligibility"
        /// A proof that a device had signed came a second time; refused.
        case deviceReplay = "device_replay"
        /// Five wrong PINs; the PIN is locked.
        case pinLocked = "pin_locked"
        /// The person said that a request was not theirs.
        case reported
    }

    public let id: String
    public let kind: Kind
    /// The device or passkey.
    public let authenticatorID: String
    public let person: PersonID
    /// When it happened first and last: what repeats within an hour is one event.
    public let firstAt: Instant
    public let lastAt: Instant
    /// How often.
    public let count: Int
    /// Facts of the last time, such as counters: codes and numbers, nothing personal.
    public let detail: JSONObject

    /// Seconds in which the same thing is the same event, so that nobody fills the table by repeating it.
    static let span: Int64 = 3600
}

extension Authenticators {
    /// Notes a risk in the caller's transaction, together with what was done about it.
    /// - Parameter detail: codes and numbers, nothing personal.
    public func noteRisk(
        _ kind: RiskEvent.Kind, authenticator: String, person: PersonID, detail: JSONObject = [:],
        in connection: any SQLConnection
    ) async throws {
        try await RiskEventStore().note(
            kind, authenticator: authenticator, person: person, detail: detail, id: ambient.newID(),
            at: ambient.now(), in: connection)
    }

    /// The events that happened since a moment, newest first.
    /// - Parameters:
    ///   - kind: only these; `nil` for all.
    ///   - limit: 1 to 10,000.
    public func risks(
        since: Instant, kind: RiskEvent.Kind? = nil, limit: Int = 1000, in connection: any SQLConnection
    ) async throws -> [RiskEvent] {
        try await RiskEventStore().events(since: since, kind: kind, limit: min(max(limit, 1), 10_000), in: connection)
    }
}

/// The SQL of risk events; the only place that touches `auth_risk_events`.
struct RiskEventStore: Sendable {
    static let migration = ModuleMigrations.Step(
        "risk events",
        [
            """
            CREATE TABLE auth_risk_events (
                id TEXT PRIMARY KEY,
                kind TEXT NOT NULL,
                authenticator_id TEXT NOT NULL,
                person_id TEXT NOT NULL,
                first_at BIGINT NOT NULL,
                last_at BIGINT NOT NULL,
                occurrences BIGINT NOT NULL,
                detail TEXT NOT NULL
            )
            """,
            "CREATE INDEX auth_risk_events_by_time ON auth_risk_events (last_at)",
            """
            CREATE INDEX auth_risk_events_by_authenticator ON auth_risk_events (authenticator_id, kind, first_at)
            """,
        ])

    func note(
        _ kind: RiskEvent.Kind, authenticator: String, person: PersonID, detail: JSONObject, id: String,
        at now: Instant, in connection: any SQLConnection
    ) async throws {
        try await connection.lock("risk:" + authenticator)
        let text = JSON.text(detail)
        let repeated = try await connection.execute(
            """
            UPDATE auth_risk_events SET occurrences = occurrences + 1, last_at = $4, detail = $5
            WHERE authenticator_id = $1 AND kind = $2 AND first_at > $3
            """, [authenticator, kind.rawValue, now.adding(seconds: -RiskEvent.span), now, text])
        guard repeated == 0 else { return }
        try await connection.execute(
            """
            INSERT INTO auth_risk_events
                (id, kind, authenticator_id, person_id, first_at, last_at, occurrences, detail)
            VALUES ($1, $2, $3, $4, $5, $5, 1, $6)
            """, [id, kind.rawValue, authenticator, person.text, now, text])
    }

    func events(
        since: Instant, kind: RiskEvent.Kind?, limit: Int, in connection: any SQLConnection
    ) async throws -> [RiskEvent] {
        try await connection.query(
            """
            SELECT id, kind, authenticator_id, person_id, first_at, last_at, occurrences, detail FROM auth_risk_events
            WHERE last_at >= $1 AND ($2 = '' OR kind = $2) ORDER BY last_at DESC, id DESC LIMIT $3
            """, [since, kind?.rawValue ?? "", limit]
        ).map(event)
    }

    private func event(_ row: Row) throws -> RiskEvent {
        guard let kind = RiskEvent.Kind(rawValue: try row.string(1)) else { throw RumdulError.internal("risk event") }
        return RiskEvent(
            id: try row.string(0), kind: kind, authenticatorID: try row.string(2), person: PersonID(try row.string(3)),
            firstAt: try row.instant(4), lastAt: try row.instant(5), count: try row.int(6),
            detail: try JSON.parseObject(Array(try row.string(7).utf8)))
    }
}

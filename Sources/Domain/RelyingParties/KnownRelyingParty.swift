import Synchronization

/// A parsed registration, and when its row was last seen to be active and of this revision.
final class KnownRelyingParty: Sendable {
    /// For how long a row that was looked at is taken for current.
    static let trusted: Duration = .milliseconds(20)

    let party: RelyingParty
    let revision: Int64
    private let looked = Mutex<SuspendingClock.Instant?>(nil)

    init(_ party: RelyingParty, revision: Int64) {
        self.party = party
        self.revision = revision
    }

    /// Whether the row was looked at a moment ago.
    var isFresh: Bool { looked.withLock { $0.map { $0.duration(to: .now) < Self.trusted } ?? false } }

    /// Notes that the row was looked at, after a moment.
    func look(at start: SuspendingClock.Instant) { looked.withLock { $0 = start } }

    /// Notes that the row may have changed.
    func doubt() { looked.withLock { $0 = nil } }
}

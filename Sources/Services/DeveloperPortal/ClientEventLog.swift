import Database
import Kernel
import Logging
import Synchronization

/// Clients' error logs and login counts. Requests only put a value into memory; ``run()`` writes what came each second. What does not fit,
/// or cannot be written, is dropped: a log must never slow down or stop a login.
public final class ClientEventLog: Sendable {
    private struct Pending {
        var events: [ClientEvent] = []
        /// Events of each client since the last write.
        var counts: [String: Int] = [:]
        var logins: [String: (count: Int, last: Instant)] = [:]
        var dropped = 0
    }

    /// Events, and clients with logins, that wait at most.
    static let capacity = 4096
    /// Events of one client that wait at most: who floods fills only their own share.
    static let share = 64

    private let database: any Database
    private let ambient: Ambient
    private let logger: Logger
    private let pending = Mutex(Pending())
    private let store = EventStore()
    private let clients = ClientStore()

    public init(database: any Database, ambient: Ambient, logger: Logger) {
        self.database = database
        self.ambient = ambient
        self.logger = logger
    }

    /// Notes a refusal; returns at once.
    public func refused(_ event: ClientEvent) {
        guard let event = event.cleaned else { return }
        pending.withLock { pending in
            let count = pending.counts[event.clientID, default: 0]
            guard pending.events.count < Self.capacity, count < Self.share else {
                pending.dropped += 1
                return
            }
            pending.counts[event.clientID] = count + 1
            pending.events.append(event)
        }
    }

    /// Notes a login; returns at once.
    public func loggedIn(clientID: String, at now: Instant) {
        pending.withLock { pending in
            guard pending.logins.count < Self.capacity || pending.logins[clientID] != nil else { return }
            let known = pending.logins[clientID]
            pending.logins[clientID] = ((known?.count ?? 0) + 1, max(known?.last ?? now, now))
        }
    }

    /// Writes each second until the task is cancelled, and once more then.
    public func run() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(1))
            await flush()
        }
    }

    /// Writes what waits. A failure is logged, and what was to be written is gone.
    public func flush() async {
        let batch = pending.withLock { pending in
            let batch = pending
            pending = Pending()
            return batch
        }
        guard !batch.events.isEmpty || !batch.logins.isEmpty else { return }
        if batch.dropped > 0 { logger.notice("\(batch.dropped) client events were dropped: too many in a second") }
        let rows = batch.events.map { (id: ambient.newID(), event: $0) }
        let logins = batch.logins
        let names = Set(batch.events.map(\.clientID)).union(logins.keys).sorted()
        do {
            // Uncancellable: the last write comes when the node stops.
            let database = database
            try await Task { [store, clients] in
                try await database.transaction { connection in
                    let known = try await clients.known(names, in: connection)
                    try await store.append(rows.filter { known.contains($0.event.clientID) }, in: connection)
                    for (client, login) in logins.sorted(by: { $0.key < $1.key }) where known.contains(client) {
                        try await store.add(
                            login.count, loginsTo: client, on: login.last.dayInCambodia, last: login.last,
                            in: connection)
                    }
                }
            }.value
        } catch {
            logger.warning("client events could not be written: \(error)")
        }
    }

    /// Forgets old counts and invitations; returns how many rows went.
    public func purge() async throws -> Int {
        let now = ambient.now()
        let first = CalendarDate(daysSinceEpoch: now.dayInCambodia.daysSinceEpoch - EventStore.keptDays)
        return try await database.transaction { [store] connection in
            try await store.purge(before: first, in: connection)
                + OrganisationStore().purgeInvitations(before: now.adding(seconds: -86_400), in: connection)
        }
    }
}

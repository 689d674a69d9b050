import Database
import Kernel
import Logging
import NIOCore
import Synchronization

/// Notifications to relying parties, written in the transaction that causes them and delivered afterwards, at least
/// once, by any node: a crash between the two loses nothing.
///
/// A node takes a due row on by moving its next attempt behind a lease; when the node dies, the row is due again after
/// the lease. The receiver must therefore bear the same notification twice (a logout token has a `jti`).
public struct DeliveryQueue: Sendable {
    /// The table of this module.
    public static let migrations = DeliveryStore.migrations

    private let database: any Database
    private let client: OutboundClient
    private let sealer: any DeliverySealer
    private let ambient: Ambient
    private let logger: Logger
    private let settings: DeliverySettings
    private let policies: [DeliveryKind: DeliveryPolicy]
    private let store = DeliveryStore()
    private let activity = LeasedWork()
    private let written = WrittenFlag()

    /// - Parameters:
    ///   - sealer: encrypts what waits in the table.
    ///   - policies: for kinds that differ from `DeliveryPolicy.standard`.
    public init(
        database: any Database, client: OutboundClient, sealer: any DeliverySealer, ambient: Ambient, logger: Logger,
        settings: DeliverySettings = DeliverySettings(), policies: [DeliveryKind: DeliveryPolicy] = [:]
    ) {
        self.database = database
        self.client = client
        self.sealer = sealer
        self.ambient = ambient
        self.logger = logger
        self.settings = settings
        self.policies = policies
    }

    /// Writes a notification in the caller's transaction. Call `wake()` after the transaction, so that this node
    /// delivers at once and not only at its next look.
    /// - Returns: its identifier.
    /// - Throws: `outbound.url` when the URL could never be asked.
    @discardableResult
    public func enqueue(_ delivery: Delivery, in connection: any SQLConnection) async throws -> String {
        try client.check(delivery.url)
        let id = ambient.newID()
        let content = DeliveryContent(headers: delivery.headers, content: delivery.content)
        let sealed = try await sealer.seal(content.bytes, context: DeliveryContent.context(id))
        try await store.insert(
            id, delivery, host: try OutboundURL(delivery.url).host, content: sealed, at: ambient.now(), in: connection)
        written.set()
        return id
    }

    /// Writes a notification in a transaction of its own and delivers it at once.
    @discardableResult
    public func enqueue(_ delivery: Delivery) async throws -> String {
        let id = try await database.transaction { try await enqueue(delivery, in: $0) }
        wake()
        return id
    }

    /// Makes this node look now if it has written a notification since it was last woken.
    public func wake() { if written.clear() { activity.wake() } }

    /// One delivery, or `nil`.
    public func record(_ id: String, in connection: any SQLConnection) async throws -> DeliveryRecord? {
        try await store.record(id, in: connection)
    }

    /// The latest deliveries of a client, newest first.
    public func records(
        reference: String, limit: Int = 50, in connection: any SQLConnection
    ) async throws -> [DeliveryRecord] {
        try await store.records(reference: reference, limit: limit, in: connection)
    }

    /// Deletes what ended before a moment; returns how many rows.
    @discardableResult
    public func purge(before moment: Instant, in connection: any SQLConnection) async throws -> Int {
        try await store.purge(before: moment, in: connection)
    }

    /// Delivers until its task is cancelled; then waits for what is on its way (as long as one request lasts).
    public func run() async {
        await activity.run(every: settings.poll, take: { await take() }, attempt: { await attempt($0) })
    }

    /// Takes on what is due and what there is room for. The caller must `attempt` each.
    func take() async -> [DeliveryStore.Claimed] {
        let (room, busyHosts) = activity.room(capacity: settings.capacity, perHost: settings.perHost)
        guard room > 0 else { return [] }
        let (now, claim, store, settings) = (ambient.now(), ambient.newID(), store, settings)
        do {
            let ids = try await database.read { connection in
                try await store.due(
                    at: now, limit: room, perHost: settings.perHost, without: busyHosts, in: connection)
            }
            guard !ids.isEmpty else { return [] }
            let claimed = try await database.transaction { connection in
                try await store.claim(
                    ids, as: claim, at: now, lease: now.adding(seconds: settings.lease), in: connection)
            }
            for delivery in claimed { activity.begin(delivery.host) }
            return claimed
        } catch {
            if !Task.isCancelled { logger.error("deliveries cannot be read: \(error)") }
            return []
        }
    }

    /// Tries one delivery and writes down what came of it.
    func attempt(_ claimed: DeliveryStore.Claimed) async {
        defer { activity.end(claimed.host) }
        let outcome = claimed.endsAt <= ambient.now() ? .expired : await send(claimed)
        do {
            try await write(outcome, of: claimed)
        } catch {
            logger.error("the outcome of a delivery was not written: \(error)", metadata: ["delivery": "\(claimed.id)"])
        }
    }

    private func send(_ claimed: DeliveryStore.Claimed) async -> DeliveryOutcome {
        let policy = policies[claimed.kind] ?? .standard
        do {
            let bytes = try await sealer.open(claimed.content, context: DeliveryContent.context(claimed.id))
            let content = try DeliveryContent(bytes)
            let response = try await client.fetch(
                OutboundRequest(
                    url: claimed.url, headers: content.headers, content: content.content, bodyLimit: nil))
            let wish = response.header("retry-after").flatMap { OutboundResponse.seconds($0) }
            return policy.outcome(status: response.status, retryAfter: wish)
        } catch let error as RumdulError {
            return policy.outcome(error)
        } catch {
            return .retry("internal", nil, after: 0)
        }
    }

    private func write(_ outcome: DeliveryOutcome, of claimed: DeliveryStore.Claimed) async throws {
        let (now, store) = (ambient.now(), store)
        switch outcome {
        case .delivered(let status):
            try await database.transaction {
                try await store.finish(claimed, .delivered, error: nil, status: status, at: now, in: $0)
            }
        case .failed(let code, let status): try await fail(claimed, code, status, at: now)
        case .expired: try await fail(claimed, RumdulError.outboundExpired.code, nil, at: now)
        case .retry(let code, let status, let wish):
            let pause = settings.pause(afterAttempt: claimed.attempts, atLeast: wish, ambient: ambient)
            let next = Instant(microseconds: now.microseconds + pause)
            guard next < claimed.endsAt else { return try await fail(claimed, code, status, at: now) }
            try await database.transaction {
                try await store.release(
                    claimed, until: next, attempts: claimed.attempts, error: code, status: status, in: $0)
            }
        case .postpone:
            try await database.transaction {
                try await store.release(
                    claimed, until: now.adding(seconds: 1), attempts: claimed.attempts - 1, error: nil, status: nil,
                    in: $0)
            }
        }
    }

    private func fail(
        _ claimed: DeliveryStore.Claimed, _ code: String, _ status: Int?, at now: Instant
    ) async throws {
        let store = store
        let expired = code == RumdulError.outboundExpired.code
        logger.notice(
            "a notification was given up",
            metadata: [
                "delivery": "\(claimed.id)", "kind": "\(claimed.kind.rawValue)", "host": "\(claimed.host)",
                "attempts": "\(claimed.attempts - (expired ? 1 : 0))", "error": "\(code)", "status": "\(status ?? 0)",
            ])
        try await database.transaction {
            if expired {
                try await store.expire(claimed, code: code, at: now, in: $0)
            } else {
                try await store.finish(claimed, .failed, error: code, status: status, at: now, in: $0)
            }
        }
    }
}

/// Whether something was written that nobody was woken for.
private final class WrittenFlag: Sendable {
    private let flag = Atomic(false)

    func set() { flag.store(true, ordering: .releasing) }

    /// Whether it was set.
    func clear() -> Bool { flag.exchange(false, ordering: .acquiringAndReleasing) }
}

import Codecs
import Database
import JOSE
import Kernel
import KeyVault
import Logging
import Outbound

/// How messages are sent.
public struct NotificationSettings: Sendable {
    /// Messages at a time on this node.
    public var capacity: Int
    /// Messages at a time to one host on this node.
    public var perHost: Int
    /// Seconds after which another node takes over what a node has begun. Longer than a request may last.
    public var lease: Int64
    /// The time between two looks at the tables.
    public var poll: Duration

    public init(capacity: Int = 32, perHost: Int = 4, lease: Int64 = 90, poll: Duration = .seconds(1)) {
        self.capacity = capacity
        self.perHost = perHost
        self.lease = lease
        self.poll = poll
    }
}

/// What came of one attempt.
enum MessageOutcome: Sendable, Equatable {
    case delivered(Int)
    /// Will never arrive: the address may not be asked.
    case refused(String)
    case retry(String, Int?, after: Int64)
    /// Not tried: our own limits.
    case postpone
}

extension NotificationService {
    /// Dispatches events and sends messages until its task is cancelled; then waits for what is on its way.
    ///
    /// A node takes a due message on by moving its next attempt behind a lease, and no two nodes get the same one. When
    /// the node dies the message is due again after the lease, so a receiver may get it twice, with the same `message-id`.
    public func run() async {
        await activity.run(
            every: settings.poll,
            take: {
                await dispatchAll()
                return await take()
            }, attempt: { await attempt($0) })
    }

    private func dispatchAll() async {
        do {
            while try await dispatch() == 200 {}
        } catch {
            if !Task.isCancelled { logger.error("events cannot be dispatched: \(error)") }
        }
    }

    /// Sends what is due once, one after the other; returns how many messages were tried.
    @discardableResult
    func sendDue() async -> Int {
        let claimed = await take()
        for one in claimed { await attempt(one) }
        return claimed.count
    }

    /// Takes on what is due and what there is room for. The caller must `attempt` each.
    func take() async -> [OutboxStore.Claimed] {
        let (room, busyHosts) = activity.room(capacity: settings.capacity, perHost: settings.perHost)
        guard room > 0 else { return [] }
        let (now, claim, settings, outbox) = (ambient.now(), ambient.newID(), settings, outbox)
        do {
            let ids = try await database.read { connection in
                try await outbox.due(
                    at: now, limit: room, perHost: settings.perHost, without: busyHosts, in: connection)
            }
            guard !ids.isEmpty else { return [] }
            let claimed = try await database.transaction { connection in
                try await outbox.claim(
                    ids, as: claim, at: now, lease: now.adding(seconds: settings.lease), in: connection)
            }
            for one in claimed { activity.begin(one.host) }
            return claimed
        } catch {
            if !Task.isCancelled { logger.error("messages cannot be read: \(error)") }
            return []
        }
    }

    /// Tries one message and writes down what came of it.
    func attempt(_ claimed: OutboxStore.Claimed) async {
        defer { activity.end(claimed.host) }
        do {
            guard let prepared = try await prepare(claimed) else { return }
            try await write(await send(claimed, prepared), of: claimed, prepared.subscription)
        } catch {
            // The lease ends, and the message is due again.
            logger.error("a message was not sent: \(error)", metadata: ["message": "\(claimed.id)"])
        }
    }

    private func send(_ claimed: OutboxStore.Claimed, _ prepared: Prepared) async -> MessageOutcome {
        let item = prepared.subscription
        do {
            let headers =
                item.form != Subscription.osia
                ? []
                : [
                    OutboundHeader(
                        "message-type", prepared.isConfirmation ? "SubscriptionConfirmation" : "Notification"),
                    OutboundHeader("subscription-id", item.id), OutboundHeader("message-id", claimed.id),
                    OutboundHeader("topic-id", item.topic.id),
                    OutboundHeader("message-signature", try await signature(prepared.body, item)),
                ]
            let response = try await outbound.fetch(
                OutboundRequest(url: item.address, headers: headers, content: .json(prepared.body), bodyLimit: nil))
            if (200...299).contains(response.status) { return .delivered(response.status) }
            let wish = response.header("retry-after").flatMap { Int64($0) }.map { max(0, min($0, 86_400)) }
            return .retry("outbound.status", response.status, after: wish ?? 0)
        } catch let error as RumdulError {
            switch error.code {
            case "outbound.url": return .refused(error.code)
            case "outbound.busy": return .postpone
            default: return .retry(error.code, nil, after: 0)
            }
        } catch {
            return .retry("internal", nil, after: 0)
        }
    }

    /// A detached JWS (RFC 7515 appendix F) over the bytes of the body. The header says for whom it is (`aud`, the
    /// address; `sid`, the subscription), so that a receiver cannot pass it on to another one.
    private func signature(_ body: [UInt8], _ item: Subscription) async throws -> String {
        let key = try await vault.activeKey(Self.signing)
        return try await JWSProducer(
            signer: vault.signer(key), type: "rumdul-notification+jws",
            additional: [
                "aud": .string(item.address), "sid": .string(item.id), "iat": .integer(ambient.now().seconds),
            ]
        ).signDetached(body)
    }

    private func write(
        _ outcome: MessageOutcome, of claimed: OutboxStore.Claimed, _ item: Subscription
    ) async throws {
        let (now, outbox) = (ambient.now(), outbox)
        switch outcome {
        case .delivered(let status):
            try await database.transaction {
                try await outbox.finish(claimed, .delivered, error: nil, status: status, at: now, in: $0)
            }
        case .refused(let code): try await giveUp(claimed, code, nil, at: now)
        case .retry(let code, let status, let wish):
            guard !item.policy.isSpent(after: claimed.attempts) else {
                return try await giveUp(claimed, code, status, at: now)
            }
            let pause = item.policy.pause(after: claimed.attempts, atLeast: wish, ambient: ambient)
            let next = Instant(microseconds: now.microseconds + pause)
            try await database.transaction {
                try await outbox.release(
                    claimed, until: next, attempts: claimed.attempts, error: code, status: status, in: $0)
            }
        case .postpone:
            try await database.transaction {
                try await outbox.release(
                    claimed, until: now.adding(seconds: 1), attempts: claimed.attempts - 1, error: nil, status: nil,
                    in: $0)
            }
        }
    }

    private func giveUp(
        _ claimed: OutboxStore.Claimed, _ code: String, _ status: Int?, at now: Instant
    ) async throws {
        let outbox = outbox
        logger.notice(
            "a message was given up",
            metadata: [
                "message": "\(claimed.id)", "host": "\(claimed.host)", "attempts": "\(claimed.attempts)",
                "error": "\(code)", "status": "\(status ?? 0)",
            ])
        try await database.transaction {
            try await outbox.finish(claimed, .dead, error: code, status: status, at: now, in: $0)
        }
    }
}

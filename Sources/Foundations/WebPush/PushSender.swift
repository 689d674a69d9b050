import Kernel
import Outbound

/// How much a sender takes on.
public struct PushSettings: Sendable {
    /// Messages on their way at a time.
    public var concurrency: Int
    /// How long a message waits for its turn. After that it has the time of one request (`OutboundLimits.timeout`).
    public var longestWait: Duration
    /// Messages that wait for their turn.
    public var mostWaiting: Int

    public init(concurrency: Int = 64, longestWait: Duration = .seconds(2), mostWaiting: Int = 1024) {
        self.concurrency = concurrency
        self.longestWait = longestWait
        self.mostWaiting = mostWaiting
    }
}

extension OutboundLimits {
    /// For a client of push messages: nearly all of them go to the few hosts of the browsers' makers.
    public static let push = OutboundLimits(timeout: 5000, perHost: 64, perSecond: 500, burst: 1000, total: 128)
}

/// Tells browsers that something waits (RFC 8030, 8291, 8292). Knows no table: whoever owns the subscriptions deletes
/// those that are `gone`.
public struct PushSender: Sendable {
    private let client: OutboundClient
    private let tokens: VAPIDTokens
    private let ambient: Ambient
    private let settings: PushSettings
    private let slots: SendSlots

    /// - Parameter client: whose policy says where messages may go, and whose limits what one may cost.
    public init(
        client: OutboundClient, tokens: VAPIDTokens, ambient: Ambient, settings: PushSettings = PushSettings()
    ) {
        self.client = client
        self.tokens = tokens
        self.ambient = ambient
        self.settings = settings
        slots = SendSlots(settings.concurrency, mostWaiting: settings.mostWaiting)
    }

    /// Where messages may go: what a subscription is read with.
    public var policy: OutboundPolicy { client.policy }

    /// Sends the identifier, and nothing else, to one browser. Every message has the same length.
    /// - Throws: what is not the push service's doing: the errors of the vault, `CancellationError`.
    public func send(
        _ id: PushMessageID, to subscription: PushSubscription, _ options: PushOptions
    ) async throws -> PushResult {
        guard await slots.enter(within: settings.longestWait) else { return PushResult(.outboundBusy) }
        defer { slots.leave() }
        try Task.checkCancellation()
        let body = try PushEncryption.encrypt(
            Array(id.text.utf8), for: subscription, paddedTo: PushMessageID.maximumLength, ambient: ambient)
        var headers = [
            OutboundHeader("TTL", String(options.timeToLive)), OutboundHeader("Urgency", options.urgency.rawValue),
            OutboundHeader("Authorization", try await tokens.authorization(for: subscription.origin)),
        ]
        if let topic = options.topic { headers.append(OutboundHeader("Topic", topic.text)) }
        let request = OutboundRequest(
            url: subscription.endpoint, headers: headers,
            content: OutboundContent(
                type: "application/octet-stream", bytes: body, encoding: ContentCoding.name), bodyLimit: nil)
        do {
            return PushResult(try await client.fetch(request), now: ambient.now())
        } catch let error as RumdulError {
            return PushResult(error)
        }
    }

    /// Sends the identifier to all browsers of a person, at the same time as far as there is room.
    /// - Returns: the results in the order of the subscriptions.
    /// - Throws: as for one browser.
    public func send(
        _ id: PushMessageID, to subscriptions: [PushSubscription], _ options: PushOptions
    ) async throws -> [PushResult] {
        try await withThrowingTaskGroup(of: (Int, PushResult).self) { group in
            for (index, subscription) in subscriptions.enumerated() {
                group.addTask { (index, try await send(id, to: subscription, options)) }
            }
            var results: [Int: PushResult] = [:]
            for try await (index, result) in group { results[index] = result }
            return subscriptions.indices.compactMap { results[$0] }
        }
    }
}

import Database
import Kernel

/// What a notification is for. Rooms above may declare further kinds.
public struct DeliveryKind: RawRepresentable, Hashable, Sendable {
    /// The stable name in the table and the log.
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    /// A logout token to a `backchannel_logout_uri` (OpenID Connect Back-Channel Logout 1.0 section 2.5).
    public static let backChannelLogout = DeliveryKind(rawValue: "backchannel_logout")
    /// A ping to a client notification endpoint (CIBA Core 1.0 section 10.2).
    public static let cibaPing = DeliveryKind(rawValue: "ciba_ping")
    /// A text message to a person, handed to an operator's gateway.
    public static let textMessage = DeliveryKind(rawValue: "text_message")
}

/// A notification to be delivered at least once.
public struct Delivery: Sendable {
    public var kind: DeliveryKind
    /// Whose notification it is, for lists and logs: the client's identifier. Never anything personal.
    public var reference: String
    public var url: String
    /// Further header fields, such as `Authorization`. Kept sealed.
    public var headers: [OutboundHeader]
    /// What is posted. Kept sealed, and erased when the delivery has ended.
    public var content: OutboundContent
    /// When it is given up: for a token, not after its own end.
    public var endsAt: Instant

    public init(
        kind: DeliveryKind, reference: String, url: String, headers: [OutboundHeader] = [], content: OutboundContent,
        endsAt: Instant
    ) {
        self.kind = kind
        self.reference = reference
        self.url = url
        self.headers = headers
        self.content = content
        self.endsAt = endsAt
    }
}

/// Where a delivery stands.
public enum DeliveryState: String, Sendable {
    case pending, delivered, failed
}

/// A delivery as lists show it: without header fields and content.
public struct DeliveryRecord: Sendable {
    public var id: String
    public var kind: DeliveryKind
    public var reference: String
    /// The host that it goes to.
    public var host: String
    public var state: DeliveryState
    /// How often it was tried.
    public var attempts: Int
    /// The code of the last failure (`outbound.timeout`, `outbound.status`).
    public var lastError: String?
    /// The last status that the host answered with.
    public var lastStatus: Int?
    public var createdAt: Instant
    /// When it is tried next, or, while it is tried, when another node takes it over.
    public var nextAttemptAt: Instant
    public var endsAt: Instant
    public var finishedAt: Instant?
}

/// Keeps the content of waiting notifications unreadable in the database: they hold tokens.
public protocol DeliverySealer: Sendable {
    /// Encrypts and authenticates, bound to a context.
    func seal(_ bytes: [UInt8], context: [UInt8]) async throws -> [UInt8]
    /// Opens what `seal` made, with the same context.
    func open(_ sealed: [UInt8], context: [UInt8]) async throws -> [UInt8]
}

/// How the answers to one kind of notification are understood.
public struct DeliveryPolicy: Sendable {
    /// Statuses that say: delivered.
    public var success: Set<Int>
    /// Statuses after which it is not tried again.
    public var final: Set<Int>

    public init(success: Set<Int> = [200, 204], final: Set<Int> = [400, 401, 403]) {
        self.success = success
        self.final = final
    }

    /// 200 and 204 are success. 400, 401, 403, redirects and other statuses below 400 end it; everything else is tried
    /// again.
    public static let standard = DeliveryPolicy()

    /// Any 2xx is success: gateways that are nobody's standard answer 202 as well.
    public static let anySuccess = DeliveryPolicy(success: Set(200...299))

    /// What to do after an answer.
    func outcome(status: Int, retryAfter: Int64?) -> DeliveryOutcome {
        if success.contains(status) { return .delivered(status) }
        let code = "outbound.status"
        return final.contains(status) || status < 400
            ? .failed(code, status) : .retry(code, status, after: retryAfter ?? 0)
    }

    /// What to do after a request that got no answer.
    func outcome(_ error: RumdulError) -> DeliveryOutcome {
        switch error.code {
        case "outbound.redirect", "outbound.url": .failed(error.code, nil)
        case "outbound.busy": .postpone
        case "outbound.address", "outbound.unreachable", "outbound.tls", "outbound.timeout", "outbound.response":
            .retry(error.code, nil, after: 0)
        // Our own fault: no bytes of a request that could be made.
        default: .failed(error.code, nil)
        }
    }
}

/// What follows from one attempt.
enum DeliveryOutcome: Sendable, Equatable {
    case delivered(Int)
    case failed(String, Int?)
    case retry(String, Int?, after: Int64)
    /// Not tried: its time is over.
    case expired
    /// Not tried: our own limits.
    case postpone
}

/// How the queue works.
public struct DeliverySettings: Sendable {
    /// Deliveries at a time on this node.
    public var capacity: Int
    /// Deliveries at a time to one host on this node.
    public var perHost: Int
    /// Seconds after which another node takes over what a node has begun. Longer than a request may last.
    public var lease: Int64
    /// The time between two looks at the table, for what other nodes left behind and what is due again.
    public var poll: Duration
    /// The first pause after a failure and the longest one, in seconds.
    public var firstPause: Int64
    public var longestPause: Int64

    public init(
        capacity: Int = 32, perHost: Int = 4, lease: Int64 = 90, poll: Duration = .seconds(1), firstPause: Int64 = 2,
        longestPause: Int64 = 3600
    ) {
        self.capacity = capacity
        self.perHost = perHost
        self.lease = lease
        self.poll = poll
        self.firstPause = firstPause
        self.longestPause = longestPause
    }

    /// Microseconds until the next attempt: doubled each time, a fifth more or less by chance, at least what the host
    /// asked for (`Retry-After`), at most the longest pause.
    func pause(afterAttempt attempt: Int, atLeast wish: Int64, ambient: Ambient) -> Int64 {
        let doubled = firstPause << Int64(min(max(attempt - 1, 0), 20))
        let base = min(doubled, longestPause) * 1_000_000
        let chance = Int64(ambient.uniform(below: UInt64(max(base * 2 / 5, 1)))) - base / 5
        return min(max(base + chance, min(wish, longestPause) * 1_000_000), longestPause * 1_000_000)
    }
}

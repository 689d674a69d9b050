import Accountability
import Codecs
import Kernel

/// What a system can be let do with notifications; the scopes are OSIA's own (OSIA 7.1, Notification 1.2.0).
public enum NotificationScope: String, Sendable, CaseIterable {
    case subscriptionWrite = "notif.sub.write"
    case subscriptionRead = "notif.sub.read"
    case topicRead = "notif.topic.read"
    case topicWrite = "notif.topic.write"
    case topicPublish = "notif.topic.publish"

    /// What it allows, for the description of the interface.
    public var summary: String {
        switch self {
        case .subscriptionWrite: "Subscribe to topics, confirm, end and replay subscriptions"
        case .subscriptionRead: "List one's own subscriptions and what was sent on them"
        case .topicRead: "List the topics that one may subscribe to or owns"
        case .topicWrite: "Make and delete topics of one's own"
        case .topicPublish: "Publish to topics of one's own"
        }
    }
}

/// What the operator lets a system learn on a topic. Without it the topic does not exist for the system.
public struct TopicRight: Sendable, Hashable {
    /// Whether messages name those concerned by their codes (KIDC).
    public var identifiers: Bool
    /// Whether it is told of sealed records.
    public var sealed: Bool

    public init(identifiers: Bool = false, sealed: Bool = false) {
        self.identifiers = identifiers
        self.sealed = sealed
    }
}

/// A system that may subscribe, as the operator registered it.
public struct Subscriber: Sendable {
    public let id: String
    public let organisation: Organisation
    /// Codes of the places that it deals with; empty for the whole country.
    public let areas: [String]
    /// The code of the legal provision behind its access.
    public let basis: String
    public let purpose: Purpose
    /// By the name of the topic.
    public let rights: [String: TopicRight]
    /// The attributes that it may read in the clear; for forms that tell more than codes.
    public let attributes: Set<AttributeName>

    public init(
        id: String, organisation: Organisation, areas: [String], basis: String, purpose: Purpose,
        rights: [String: TopicRight], attributes: Set<AttributeName> = []
    ) {
        self.id = id
        self.organisation = organisation
        self.areas = areas
        self.basis = basis
        self.purpose = purpose
        self.rights = rights
        self.attributes = attributes
    }

    /// Whether an office lies within what it deals with.
    func covers(_ office: String) -> Bool {
        areas.isEmpty || areas.contains { office.utf8.starts(with: $0.utf8) }
    }

    /// What it may learn on a topic now; `nil` for nothing. The owner of a topic may read it.
    func right(on topic: NotificationTopic) -> TopicRight? {
        if let right = rights[topic.name] { return right }
        return topic.owner == id ? TopicRight() : nil
    }
}

/// A subscriber that proved itself, with the scopes of its token.
public struct NotificationClient: Sendable {
    public let subscriber: Subscriber
    public let scopes: Set<String>

    public init(subscriber: Subscriber, scopes: Set<String>) {
        self.subscriber = subscriber
        self.scopes = scopes
    }
}

/// Something that can be subscribed to.
public struct NotificationTopic: Sendable, Hashable {
    public let id: String
    /// 1 to 100 letters, digits, `.`, `_`, `-`.
    public let name: String
    /// The client that made it; `nil` for the register's own, to which nobody else publishes.
    public let owner: String?

    var json: JSONValue { ["uuid": .string(id), "name": .string(name)] }

    static func isName(_ text: String) -> Bool {
        (1...100).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 46
                    || $0 == 95
            }
    }
}

/// When a message that did not arrive is tried again (OSIA: `countdown,max`).
public struct RetryPolicy: Sendable, Hashable {
    /// Seconds between two attempts, 1 to 604800.
    public let countdown: Int64
    /// How many attempts after the first, 0 to 10000; −1 for ever.
    public let most: Int64

    /// Every hour for seven days: what OSIA says when nothing is said.
    public static let standard = RetryPolicy(countdown: 3600, most: 168)

    init(countdown: Int64, most: Int64) {
        self.countdown = countdown
        self.most = most
    }

    /// Reads `countdown,max`; either may be left out. `nil` when it is not of this form.
    public init?(_ text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), text.utf8.count <= 20 else { return nil }
        func number(_ part: Substring, _ standard: Int64) -> Int64? {
            if part.isEmpty { return standard }
            guard part.utf8.dropFirst(part.hasPrefix("-") ? 1 : 0).allSatisfy({ (48...57).contains($0) }) else {
                return nil
            }
            return Int64(part)
        }
        guard let countdown = number(parts[0], Self.standard.countdown), (1...604_800).contains(countdown),
            let most = number(parts.count == 2 ? parts[1] : "", Self.standard.most), (-1...10_000).contains(most)
        else { return nil }
        self.init(countdown: countdown, most: most)
    }

    var text: String { "\(countdown),\(most)" }

    /// Whether a message is given up after so many attempts.
    func isSpent(after attempts: Int) -> Bool { most >= 0 && Int64(attempts) > most }

    /// Microseconds until the next attempt: the countdown and up to a tenth more by chance, so that receivers that come
    /// back are not all met in one second; at least what the receiver asked for. Where attempts never end they become
    /// rarer after the tenth, doubling up to a day.
    func pause(after attempts: Int, atLeast wish: Int64, ambient: Ambient) -> Int64 {
        var seconds = max(countdown, min(wish, 86_400))
        if most < 0, attempts > 10 {
            seconds = max(seconds, min(seconds << Int64(min(attempts - 10, 17)), 86_400))
        }
        let micro = seconds * 1_000_000
        return micro + Int64(ambient.uniform(below: UInt64(max(micro / 10, 1))))
    }
}

/// Who is told on which topic, and where.
public struct Subscription: Sendable, Hashable {
    public enum State: String, Sendable {
        /// The receiver has not confirmed yet.
        case waiting
        case active
        case ended
    }

    public let id: String
    public let client: String
    public let topic: NotificationTopic
    public let address: String
    public var policy: RetryPolicy
    public let state: State
    public let createdAt: Instant
    /// The form of its messages: OSIA's, or that of a `MessageForm`.
    public var form = Self.osia
    /// The only person whose events it gets; `nil` for everybody's.
    public var subject: PersonID?
    /// What the form needs of it, sealed.
    var details: [UInt8]?

    /// The form of OSIA's Notification.
    public static let osia = "osia"

    var json: JSONValue {
        [
            "uuid": .string(id), "topic": .string(topic.id), "protocol": "http", "address": .string(address),
            "policy": .string(policy.text), "active": .bool(state == .active),
        ]
    }
}

/// A message on its way to one subscription, or what became of it.
public struct MessageRecord: Sendable {
    public enum State: String, Sendable, CaseIterable {
        case pending, delivered
        /// Given up after the policy's last attempt; can be replayed.
        case dead
        /// Not sent: the subscription, the right or the record was closed meanwhile.
        case withheld
    }

    public var id: String
    public var subscription: String
    public var client: String
    public var topic: String
    /// The event's name; `nil` for a confirmation.
    public var event: String?
    public var state: State
    public var attempts: Int
    public var lastError: String?
    public var lastStatus: Int?
    public var createdAt: Instant
    public var nextAttemptAt: Instant
    public var finishedAt: Instant?

    /// For lists: nothing of the content.
    public var json: JSONValue {
        var object: JSONObject = [
            "message": .string(id), "subscription": .string(subscription), "topic": .string(topic),
            "state": .string(state.rawValue), "attempts": .integer(Int64(attempts)),
            "created_at": .string(createdAt.rfc3339),
        ]
        object["event"] = event.map(JSONValue.string)
        object["last_error"] = lastError.map(JSONValue.string)
        object["last_status"] = lastStatus.map { .integer(Int64($0)) }
        if state == .pending { object["next_attempt_at"] = .string(nextAttemptAt.rfc3339) }
        object["finished_at"] = finishedAt.map { .string($0.rfc3339) }
        return .object(object)
    }
}

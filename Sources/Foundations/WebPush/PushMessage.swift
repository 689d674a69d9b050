import Kernel

/// All that a push message says: the opaque identifier of something that waits on the server, where the person's own
/// session may then read it. No name, no text, no relying party.
///
/// 16 to 64 letters, digits, hyphens and underscores, such as `Ambient.newID()` or `newSecret()` give. Shorter texts are
/// refused, so that no code of a person fits.
public struct PushMessageID: Sendable, Hashable {
    public let text: String

    /// The longest identifier, and the length to which all are padded.
    public static let maximumLength = 64

    /// An identifier, or `nil` when it is none.
    public init?(_ text: String) {
        guard (16...Self.maximumLength).contains(text.utf8.count), text.utf8.allSatisfy(isBase64URL) else { return nil }
        self.text = text
    }
}

/// A name under which a later message replaces an earlier one that was not delivered yet (RFC 8030 section 5.4). The push
/// service reads it: it must say nothing about anybody.
public struct PushTopic: Sendable, Hashable {
    public let text: String

    /// A topic of 1 to 32 characters of base64url, or `nil` when it is none.
    public init?(_ text: String) {
        guard (1...32).contains(text.utf8.count), text.utf8.allSatisfy(isBase64URL) else { return nil }
        self.text = text
    }
}

private func isBase64URL(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D
        || byte == 0x5F
}

/// For what a device should wake up (RFC 8030 section 5.3).
public enum PushUrgency: String, Sendable, CaseIterable {
    case veryLow = "very-low"
    case low
    case normal
    case high
}

/// How a message is to be kept and delivered.
public struct PushOptions: Sendable, Hashable {
    /// Seconds for which the push service keeps a message for a browser that is away (RFC 8030 section 5.2); 0 delivers
    /// at once or never. At most four weeks.
    public let timeToLive: Int64
    public let urgency: PushUrgency
    public let topic: PushTopic?

    /// The longest time a message is kept.
    public static let longestTimeToLive: Int64 = 28 * 86_400

    /// - Parameter timeToLive: seconds; cut to 0...4 weeks.
    public init(timeToLive: Int64, urgency: PushUrgency = .high, topic: PushTopic? = nil) {
        self.timeToLive = min(max(timeToLive, 0), Self.longestTimeToLive)
        self.urgency = urgency
        self.topic = topic
    }
}

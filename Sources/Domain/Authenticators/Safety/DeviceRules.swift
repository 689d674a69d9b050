import Kernel

/// What holds for all devices of a person, as one versioned value: an entry that was made under it names its version,
/// so a later change explains itself.
public struct DeviceRules: Sendable, Hashable {
    /// Names this set of values in entries.
    public var version: String
    /// How many devices of a person may be active at the same time.
    public var mostActive: Int
    /// Seconds for which the levels of a person are held after lost devices were replaced.
    public var holdSeconds: Int64
    /// The highest rank of the assurance policy that can be reached meanwhile (1 is the first level).
    public var holdRank: Int
    /// Whether a person may set a duress PIN.
    public var allowsDuressPIN: Bool

    public init(
        version: String, mostActive: Int, holdSeconds: Int64, holdRank: Int, allowsDuressPIN: Bool = false
    ) {
        self.version = version
        self.mostActive = mostActive
        self.holdSeconds = holdSeconds
        self.holdRank = holdRank
        self.allowsDuressPIN = allowsDuressPIN
    }

    /// The rules as they stand: five devices, a day at the first level.
    public static let standard = DeviceRules(version: "1", mostActive: 5, holdSeconds: 86_400, holdRank: 1)
}

extension DeviceRules {
    /// How long an answer about a PIN takes at least where duress PINs are allowed: what such a PIN writes besides must not
    /// show in the time.
    public static let pace = Duration.milliseconds(200)

    /// Does something with a PIN, and answers no sooner than the pace, whatever came out.
    public func paced<Value: Sendable>(_ work: () async throws -> Value) async throws -> Value {
        guard allowsDuressPIN else { return try await work() }
        let end = ContinuousClock.now + Self.pace
        let result: Result<Value, any Error>
        do { result = .success(try await work()) } catch { result = .failure(error) }
        try await Task.sleep(until: end, clock: .continuous)
        return try result.get()
    }
}

/// A person's levels are held for a while, because lost devices were replaced: a thief who talked an office into it
/// gains nothing at once, and the person has time to notice.
public struct AssuranceHold: Sendable, Hashable {
    /// Until when.
    public let until: Instant
    /// The highest rank of the assurance policy that can be reached meanwhile.
    public let highestRank: Int
    /// `recovery` or `replacement`.
    public let reason: String
}

/// Something that happened to a person's devices, told to the others.
public struct DeviceNotice: Sendable, Hashable {
    public enum Kind: String, Sendable, Codable {
        case added = "device_added"
        case blocked = "device_blocked"
        case unblocked = "device_unblocked"
        case revoked = "device_revoked"
        case pinChanged = "pin_changed"
    }

    public let kind: Kind
    public let at: Instant
    /// The name of the device that it happened to.
    public let deviceName: String
}

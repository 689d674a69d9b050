import Codecs
import Kernel

/// The state of a device at the server.
public enum DeviceState: String, Sendable, Hashable {
    /// Waits for the officer's comparison.
    case pending
    /// May approve.
    case active
    /// Stopped for now; an officer can lift it.
    case blocked
    /// Ended for good.
    case revoked
}

/// Something that happened to another device of the person.
public struct DeviceNotice: Sendable, Hashable {
    /// `device_added`, `device_blocked`, `device_unblocked`, `device_revoked`, `pin_changed`; later servers may add more.
    public let kind: String
    public let at: Instant
    /// The name of that device.
    public let deviceName: String
}

/// What the server says about this device.
public struct DeviceStatus: Sendable, Hashable {
    /// The server's name for the device.
    public let deviceID: String
    /// The name the person gave it.
    public let name: String
    /// Its state.
    public let state: DeviceState
    /// Whether five wrong PINs have locked it.
    public let isPINLocked: Bool
    /// How many tries are left, 0 to 5.
    public let pinTriesLeft: Int
    /// How well the person's identity was proven.
    public let ial: IdentityAssuranceLevel
    /// What the server believes about the device key: `software`, `tee`, `strongbox`, `secure_enclave`.
    public let keyProtection: String
    /// What happened to the person's other devices since this device asked last. Told once: show it.
    public let notices: [DeviceNotice]
    /// Until when higher levels of assurance are held, because lost devices were replaced; `nil` when they are not.
    public let heldUntil: Instant?

    /// Reads the answer of `GET /device/v1/self`.
    /// - Throws: `device.answer_malformed`.
    init(_ object: JSONObject) throws(RumdulError) {
        deviceID = try object.needIdentifier("device_id")
        name = object.string("name") ?? ""
        guard let state = object.string("state").flatMap(DeviceState.init(rawValue:)) else {
            throw RumdulError.answerMalformed("state")
        }
        guard let locked = object.bool("pin_locked") else { throw RumdulError.answerMalformed("pin_locked") }
        guard let tries = object.integer("pin_tries_left"), (0...5).contains(tries) else {
            throw RumdulError.answerMalformed("pin_tries_left")
        }
        guard let level = object.integer("ial"), let ial = IdentityAssuranceLevel(rawValue: Int(level)) else {
            throw RumdulError.answerMalformed("ial")
        }
        self.state = state
        isPINLocked = locked
        pinTriesLeft = Int(tries)
        self.ial = ial
        keyProtection = object.string("key_protection") ?? "software"
        notices = try (object.array("notices") ?? []).prefix(100).map { value throws(RumdulError) in
            guard let notice = value.objectValue, let kind = notice.string("kind"), kind.utf8.count <= 64,
                let name = notice.string("device_name"), name.utf8.count <= 512
            else { throw RumdulError.answerMalformed("notices") }
            return DeviceNotice(kind: kind, at: try notice.needInstant("at"), deviceName: name)
        }
        heldUntil = object.has("held_until") ? try object.needInstant("held_until") : nil
    }
}

/// What an activation gives: the device waits until an officer has compared the code.
public struct EnrolmentResult: Sendable, Hashable {
    /// The server's name for the device.
    public let deviceID: String
    /// The six digits that the officer compares with those on the officer's own screen.
    public let comparisonCode: String
    /// What the server believes about the device key: `software`, `tee`, `strongbox`, `secure_enclave`.
    public let keyProtection: String
    /// Until when the officer can activate the device.
    public let expiresAt: Instant
}

/// What became of a decision.
public enum DecisionStatus: String, Sendable, Hashable {
    case approved, denied, reported
}

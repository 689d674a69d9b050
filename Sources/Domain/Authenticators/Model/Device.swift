import JOSE
import Kernel

/// Where an authenticator stands in its life. `revoked` is the end.
public enum DeviceState: String, Sendable, Codable, CaseIterable {
    /// Bound, but no officer has compared the codes yet: it can prove itself and nothing else.
    case pending
    /// In use.
    case active
    /// Stopped for a while (lost, suspected): may become active again.
    case blocked
    /// Ended for good.
    case revoked

    /// True when a device may go from this state to another one. Staying in a state is no move.
    public func allows(_ next: DeviceState) -> Bool {
        switch (self, next) {
        case (.pending, .active), (.active, .blocked), (.blocked, .active): true
        case (.pending, .revoked), (.active, .revoked), (.blocked, .revoked): true
        default: false
        }
    }
}

/// Whether the device key lives in hardware, as far as it was attested.
public enum KeyStorage: String, Sendable, Codable, CaseIterable {
    case software
    case hardware

    /// The factor that a signature by such a key proves (RFC 8176: `swk`, `hwk`).
    public var factor: AuthenticationFactor { self == .hardware ? .hardwareKey : .softwareKey }
}

/// An authenticator of a person: a device key, the public half of the PIN key, and how far both may be trusted.
public struct Device: Sendable {
    /// How many wrong PIN tries in a row lock the PIN.
    public static let pinTries = 5

    /// Identifier, the `kid` of everything the device signs.
    public let id: String
    /// The person it speaks for.
    public let personID: PersonID
    /// The name the person gave it, 1...64 characters.
    public var name: String
    /// What it runs, as it says itself (`rumdul-cli/1`); at most 64 ASCII characters.
    public let platform: String
    /// Both public keys, ready to check signatures.
    let keys: (device: DeviceKey, pin: DeviceKey)
    /// What protects the device key, and what unlocks it.
    public let key: KeyProof
    public var state: DeviceState
    /// Wrong PIN tries since the last right one, 0...5.
    public var pinFailures: Int
    /// How well the person's identity was proven when the device was bound.
    public let ial: IdentityAssuranceLevel
    public let createdAt: Instant
    /// When an officer activated it for the first time.
    public var activatedAt: Instant?

    /// Whether the device key lives in hardware.
    public var keyStorage: KeyStorage { key.protection.storage }

    /// Public P-256 key in the device's key store.
    public var deviceKey: JWK { keys.device.jwk }

    /// Public P-256 key derived from the PIN and the device secret; only the public half exists outside the device.
    public var pinKey: JWK { keys.pin.jwk }

    /// True after five wrong tries in a row, until an officer unlocks the PIN.
    public var pinLocked: Bool { pinFailures >= Self.pinTries }

    /// How many wrong tries remain, 0...5.
    public var pinTriesLeft: Int { max(0, Self.pinTries - pinFailures) }
}

/// The answer to one try of the PIN.
public enum PINCheck: Sendable, Equatable {
    case correct
    /// The duress PIN: to be answered as the right one, while what it asked for is held back. Only where the rules allow it.
    case duress
    /// Wrong; so many tries remain, 1...4.
    case wrong(triesLeft: Int)
    /// Locked, by this try or before it. Says nothing about whether the PIN was right.
    case locked
    /// The PIN was accepted, and what it was for is refused; what was counted stays counted.
    case refused(RumdulError)
}

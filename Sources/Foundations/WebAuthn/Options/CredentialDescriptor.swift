import Codecs
import Kernel

/// Names one credential (WebAuthn section 5.8.3).
public struct CredentialDescriptor: Sendable, Hashable {
    /// The credential's identifier, 1 to 1023 bytes.
    public var id: [UInt8]
    /// How the authenticator can be reached; kept as registered, because new values may come (section 5.8.4).
    public var transports: [String]

    public init(id: [UInt8], transports: [String] = []) {
        self.id = id
        self.transports = transports
    }

    /// The longest identifier, in bytes (section 7.1 step 25).
    public static let longestID = 1023

    var json: JSONValue {
        var object: JSONObject = ["type": "public-key", "id": .string(Base64URL.encode(id))]
        if !transports.isEmpty { object["transports"] = .strings(transports) }
        return .object(object)
    }

    func check() throws(RumdulError) {
        guard (1...Self.longestID).contains(id.count) else {
            throw .webAuthn(.options, "a credential identifier has \(id.count) bytes")
        }
    }
}

/// The account for which a passkey is made (section 5.4.3).
public struct PasskeyUser: Sendable, Hashable {
    /// The user handle: 1 to 64 random bytes, never personal data (section 14.6.1).
    public var handle: [UInt8]
    /// What tells accounts of one person apart, shown by the authenticator.
    public var name: String
    /// What the person is called, shown by the authenticator.
    public var displayName: String

    public init(handle: [UInt8], name: String, displayName: String) {
        self.handle = handle
        self.name = name
        self.displayName = displayName
    }

    /// The longest user handle, in bytes (section 5.4.3).
    public static let longestHandle = 64
    /// How many bytes a new handle has: as many as may be (section 14.6.1).
    public static let newHandleSize = 64

    /// A new random user handle.
    public static func newHandle(_ ambient: Ambient) -> [UInt8] { ambient.randomBytes(newHandleSize) }
}

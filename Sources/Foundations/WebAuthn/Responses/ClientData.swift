import Codecs
import Crypto
import Kernel

/// What the browser says of a ceremony (WebAuthn section 5.8.1).
public struct ClientData: Sendable {
    /// Which ceremony it is.
    public enum Ceremony: String, Sendable {
        case create = "webauthn.create"
        case get = "webauthn.get"
    }

    /// `type`.
    public let type: String
    /// The challenge as text, as the browser wrote it.
    public let challenge: String
    /// Where the ceremony ran.
    public let origin: String
    /// Whether it ran in a frame of another origin.
    public let crossOrigin: Bool
    /// The origin of the outermost page, when it ran in a frame.
    public let topOrigin: String?
    /// SHA-256 over the bytes as they came.
    public let hash: [UInt8]

    /// The longest `clientDataJSON`, in bytes.
    public static let maximumSize = 1 << 14

    /// Reads the bytes; a byte order mark is left out (section 7.1 step 5).
    /// - Throws: `webauthn.too_large`, `webauthn.client_data`, `webauthn.token_binding`.
    public init(_ bytes: [UInt8]) throws(RumdulError) {
        guard bytes.count <= Self.maximumSize else { throw .webAuthn(.tooLarge, "clientDataJSON") }
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        let object: JSONObject
        do {
            object = try JSON.parseObject(text, limits: JSONLimits(depth: 8, size: Self.maximumSize, values: 256))
        } catch {
            throw .webAuthn(.clientData, error.cause ?? "not JSON")
        }
        type = try Self.text("type", of: object)
        challenge = try Self.text("challenge", of: object)
        origin = try Self.text("origin", of: object)
        guard Base64URL.decode(challenge) != nil else { throw .webAuthn(.clientData, "challenge is not base64url") }
        crossOrigin = try Self.flag("crossOrigin", of: object)
        if let member = object["topOrigin"] {
            guard let text = member.stringValue, !text.isEmpty else { throw .webAuthn(.clientData, "topOrigin") }
            topOrigin = text
        } else {
            topOrigin = nil
        }
        try Self.checkTokenBinding(object["tokenBinding"])
        hash = Array(SHA256.hash(data: bytes))
    }

    private static func text(_ name: String, of object: JSONObject) throws(RumdulError) -> String {
        guard let text = object.string(name), !text.isEmpty else {
            throw .webAuthn(.clientData, "\(name) is missing, empty or no string")
        }
        return text
    }

    private static func flag(_ name: String, of object: JSONObject) throws(RumdulError) -> Bool {
        guard let member = object[name] else { return false }
        guard let flag = member.boolValue else { throw .webAuthn(.clientData, "\(name) is no boolean") }
        return flag
    }

    /// Token binding is history, yet old clients write it and FIDO's tool checks its form (Level 2, section 5.8.1).
    private static func checkTokenBinding(_ member: JSONValue?) throws(RumdulError) {
        guard let member else { return }
        guard let object = member.objectValue, let status = object.string("status") else {
            throw .webAuthn(.tokenBinding, "no object with a status")
        }
        switch status {
        case "supported", "not-supported": return
        case "present":
            guard let id = object.string("id"), !id.isEmpty, Base64URL.decode(id) != nil else {
                throw .webAuthn(.tokenBinding, "present without an identifier")
            }
        default: throw .webAuthn(.tokenBinding, "an unknown status")
        }
    }

    /// Checks type, challenge and origins (section 7.1 steps 7 to 12, section 7.2 steps 10 to 15).
    func check(_ ceremony: Ceremony, challenge expected: [UInt8], origins: OriginPolicy) throws(RumdulError) {
        guard sameCodePoints(type, ceremony.rawValue) else { throw .webAuthn(.type, "not \(ceremony.rawValue)") }
        guard !expected.isEmpty, constantTimeEquals(Array(challenge.utf8), Array(Base64URL.encode(expected).utf8))
        else { throw .webAuthn(.challenge, "another challenge") }
        try origins.check(self)
    }
}

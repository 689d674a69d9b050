import Codecs
import Crypto
import Kernel

/// What a device says about where its key lives (device protocol, section 1).
public enum KeyAttestation: Sendable, Equatable {
    /// Nobody vouches; the device says itself how its key is unlocked.
    case software(KeyUnlock)
    /// Android Key Attestation: the certificates of the device key, leaf first.
    case android(chain: [[UInt8]])
    /// Apple App Attest: the statement about an app's key, which vouches for the device key and for how it is unlocked.
    case appAttest(statement: [UInt8], keyID: [UInt8], unlock: KeyUnlock)

    /// The longest statement, in characters of all its members.
    public static let maximumSize = 1 << 15
    /// The most certificates of a chain.
    public static let maximumCertificates = 8

    /// Reads the member `attestation` of an activation; without one nobody vouches.
    /// - Throws: `attestation.malformed`, `attestation.unsupported`, `attestation.too_large`.
    public init(_ value: JSONValue?) throws(RumdulError) {
        guard let value else {
            self = .software(.none)
            return
        }
        guard let object = value.objectValue, let format = object.string("format") else {
            throw .attestationMalformed.because("format")
        }
        switch format {
        case "software": self = .software(try Self.unlock(object))
        case "android-key-attestation": self = .android(chain: try Self.chain(object))
        case "apple-app-attest":
            let statement = object.string("statement") ?? ""
            guard statement.utf8.count <= Self.maximumSize else { throw .attestationTooLarge }
            guard let bytes = Base64URL.decode(statement), !bytes.isEmpty,
                let keyID = object.string("key_id").flatMap({ $0.utf8.count <= 64 ? Base64URL.decode($0) : nil })
            else { throw .attestationMalformed.because("statement or key_id") }
            self = .appAttest(statement: bytes, keyID: keyID, unlock: try Self.unlock(object))
        default: throw .attestationUnsupported.because("another format")
        }
    }

    /// Without the member the key needs nothing.
    private static func unlock(_ object: JSONObject) throws(RumdulError) -> KeyUnlock {
        guard object.has("unlock") else { return .none }
        guard let unlock = object.string("unlock").flatMap(KeyUnlock.init(rawValue:)) else {
            throw .attestationMalformed.because("unlock")
        }
        return unlock
    }

    /// `x5c` as in RFC 7515 section 4.1.6: base64 of DER.
    private static func chain(_ object: JSONObject) throws(RumdulError) -> [[UInt8]] {
        guard let texts = object.strings("x5c"), !texts.isEmpty else { throw .attestationMalformed.because("x5c") }
        guard texts.count <= maximumCertificates, texts.reduce(0, { $0 + $1.utf8.count }) <= maximumSize else {
            throw .attestationTooLarge
        }
        var chain: [[UInt8]] = []
        for text in texts {
            guard let der = Base64.decode(text) else { throw .attestationMalformed.because("x5c") }
            chain.append(der)
        }
        return chain
    }
}

/// What an attestation must be bound to: this server, this code, these keys.
struct AttestationBinding: Sendable {
    let audience: String
    let codeHash: String
    let deviceKey: DeviceKey
    let pinThumbprint: String

    private static func hash(_ lines: [String]) -> [UInt8] {
        Array(SHA256.hash(data: Array(lines.joined(separator: "\n").utf8)))
    }

    /// The challenge that an Android key is made with. The device key itself is in the certificate.
    var androidChallenge: [UInt8] { Self.hash(["rumdul-android-key-1", audience, codeHash, pinThumbprint]) }

    /// What an App Attest key signs as the hash of client data: the device key that it vouches for, and how that is unlocked.
    func appleClientDataHash(_ unlock: KeyUnlock) -> [UInt8] {
        Self.hash(["rumdul-app-attest-1", audience, codeHash, pinThumbprint, deviceKey.thumbprint, unlock.rawValue])
    }
}

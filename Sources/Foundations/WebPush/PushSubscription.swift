import Codecs
import Crypto
import Kernel
import Outbound

/// Where and how one browser takes push messages: the values of the Push API's `PushSubscription`. A value of this type
/// is well-formed: the endpoint was allowed when it was read, and the key is a point on its curve.
///
/// The endpoint is a capability (RFC 8030 section 8.3) and `auth` a secret: neither belongs into a log, and neither is
/// in the description.
public struct PushSubscription: Sendable, Hashable {
    /// The push resource (RFC 8030 section 2), in its one form.
    public let endpoint: String
    /// The origin of the endpoint (RFC 6454 section 6.1): whom tokens are for.
    public let origin: String
    /// The browser's public key on P-256, uncompressed: 65 bytes (RFC 8291 section 3.1).
    public let p256dh: [UInt8]
    /// The authentication secret: 16 bytes (RFC 8291 section 3.2).
    public let auth: [UInt8]
    /// When the push service ends the subscription, if it said so.
    public let expiresAt: Instant?

    /// The length of `p256dh` in bytes.
    public static let keyLength = 65
    /// The length of `auth` in bytes.
    public static let authLength = 16
    /// What the JSON of a browser may cost: 4 KiB, 3 deep, 32 values.
    static let jsonLimits = JSONLimits(depth: 3, size: 4096, values: 32)

    /// A subscription from its values, as a table keeps them.
    /// - Parameter policy: where push messages may go; the policy of the client that will send them.
    /// - Throws: `push.endpoint`, `push.subscription`.
    public init(
        endpoint: String, p256dh: [UInt8], auth: [UInt8], expiresAt: Instant? = nil, policy: OutboundPolicy
    ) throws(RumdulError) {
        let url: OutboundURL
        do {
            url = try OutboundURL(endpoint)
            try policy.check(url)
        } catch {
            throw .pushEndpoint(error.cause ?? "")
        }
        self.endpoint = url.text
        origin = url.scheme.rawValue + "://" + url.authority
        // The one form of RFC 8291 section 3.1, whatever others a library may read.
        guard p256dh.count == Self.keyLength, p256dh.first == 4,
            (try? P256.KeyAgreement.PublicKey(x963Representation: p256dh)) != nil
        else { throw .pushSubscription("p256dh is no uncompressed point on P-256") }
        guard auth.count == Self.authLength else { throw .pushSubscription("auth has not 16 bytes") }
        self.p256dh = p256dh
        self.auth = auth
        self.expiresAt = expiresAt
    }

    /// Reads the JSON that the browser's `PushSubscription.toJSON()` gives (Push API section 8.2): `endpoint`,
    /// `expirationTime` (milliseconds, `null` or absent) and `keys` with `p256dh` and `auth` as base64url without
    /// padding. Further members are left to newer editions of the Push API, and ignored.
    /// - Throws: `push.subscription`, `push.endpoint`.
    public init(json bytes: [UInt8], policy: OutboundPolicy) throws(RumdulError) {
        let object: JSONObject
        do { object = try JSON.parseObject(bytes, limits: Self.jsonLimits) } catch {
            throw .pushSubscription("JSON: \(error.cause ?? "")")
        }
        guard let endpoint = object.string("endpoint") else { throw .pushSubscription("no endpoint") }
        guard let keys = object.object("keys") else { throw .pushSubscription("no keys") }
        guard let p256dh = keys.string("p256dh").flatMap({ Base64URL.decode($0) }) else {
            throw .pushSubscription("p256dh is no base64url")
        }
        guard let auth = keys.string("auth").flatMap({ Base64URL.decode($0) }) else {
            throw .pushSubscription("auth is no base64url")
        }
        try self.init(
            endpoint: endpoint, p256dh: p256dh, auth: auth, expiresAt: Self.expiration(object["expirationTime"]),
            policy: policy)
    }

    /// `expirationTime` is a `DOMHighResTimeStamp`: milliseconds since 1970, perhaps with a fraction.
    private static func expiration(_ value: JSONValue?) throws(RumdulError) -> Instant? {
        guard let value, !value.isNull else { return nil }
        guard let milliseconds = value.doubleValue, (0...253_402_300_799_000).contains(milliseconds) else {
            throw .pushSubscription("expirationTime is no time")
        }
        return Instant(microseconds: Int64(milliseconds * 1000))
    }
}

extension PushSubscription: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The push service alone.
    public var description: String { "push subscription at \(origin)" }
    public var debugDescription: String { description }
    /// Nothing for `dump` and string interpolation to find.
    public var customMirror: Mirror { Mirror(self, children: ["origin": origin]) }
}

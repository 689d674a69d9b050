import Codecs
import Kernel

/// A JWK Set (RFC 7517 section 5).
public struct JWKSet: Sendable, Equatable {
    /// The keys in order.
    public let keys: [JWK]

    /// A set of these keys.
    /// - Throws: `jose.key` when two keys have the same `kid`, or when secret and public keys are mixed.
    public init(_ keys: [JWK]) throws(RumdulError) {
        let identifiers = keys.compactMap(\.keyID)
        guard Set(identifiers.map { Array($0.utf8) }).count == identifiers.count else {
            throw .joseKey("two keys of the set have the same kid")
        }
        guard Set(keys.map(\.isSecret)).count <= 1 else { throw .joseKey("the set mixes secret and public keys") }
        self.keys = keys
    }

    /// Parses a set of at most 100 keys. Keys of an unknown `kty` or `crv` are left out (RFC 7517 section 5); a
    /// malformed key of a known type spoils the set.
    /// - Throws: `jose.key`, `codec.json`.
    public static func parse(_ bytes: [UInt8]) throws(RumdulError) -> JWKSet {
        try JWKSet(JSON.parseObject(bytes, limits: JSONLimits(depth: 8, size: 1 << 18)))
    }

    /// Reads a set from a JSON object.
    /// - Throws: `jose.key`.
    public init(_ object: JSONObject) throws(RumdulError) {
        guard let members = object.array("keys") else { throw .joseKey("keys is missing") }
        guard members.count <= 100 else { throw .joseKey("the set has too many keys") }
        var keys: [JWK] = []
        for member in members {
            guard let object = member.objectValue else { throw .joseKey("a key is no object") }
            if JWKSet.isKnown(object) { keys.append(try JWK(object)) }
        }
        try self.init(keys)
    }

    private static func isKnown(_ object: JSONObject) -> Bool {
        switch object["kty"] {
        case .string("EC"): object["crv"].map { JWK.Curve(rawValue: $0.stringValue ?? "") != nil } ?? true
        case .string("OKP"): object["crv"].map { JWK.OctetCurve(rawValue: $0.stringValue ?? "") != nil } ?? true
        case .string("RSA"), .string("oct"): true
        case .string: false
        default: true
        }
    }

    /// True when no key holds a secret: what a set that somebody else registers with us must be.
    public var isPublic: Bool { keys.allSatisfy { !$0.isSecret } }

    /// The key with this `kid`.
    public subscript(keyID: String) -> JWK? {
        keys.first { key in key.keyID.map { sameCodePoints($0, keyID) } ?? false }
    }

    /// The public keys as a JSON object, for publication; symmetric keys are left out.
    public var publicJSON: JSONObject {
        ["keys": .array(keys.compactMap { $0.publicKey }.map { .object($0.json) })]
    }
}

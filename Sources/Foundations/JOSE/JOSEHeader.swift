import Codecs
import Kernel

/// A protected header (RFC 7515 section 4, RFC 7516 section 4), strictly parsed. Keys that it carries or points to
/// (`jwk`, `jku`, `x5u`, `x5c`) are never used by verification; a protocol that wants one (RFC 9449) takes it from
/// ``parameters`` knowingly.
public struct JOSEHeader: Sendable {
    /// `alg`, not yet checked against anything.
    public let algorithm: String
    /// `kid`.
    public private(set) var keyID: String?
    /// `typ`.
    public let type: String?
    /// `cty`.
    public let contentType: String?
    /// All members.
    public let parameters: JSONObject

    /// The names that the base specifications define; these must not be listed as critical.
    private static let registered: Set<String> = [
        "alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit", "enc", "zip", "epk", "apu",
        "apv", "iv", "tag", "p2s", "p2c",
    ]

    /// Parses the JSON of a header.
    /// - Throws: `jose.malformed`.
    static func parse(encoded: ArraySlice<UInt8>) throws(RumdulError) -> JOSEHeader {
        guard encoded.count <= 1 << 15 else { throw .joseTooLarge("header") }
        guard let bytes = Base64URL.decode(ascii: encoded) else { throw .joseMalformed("header is no base64url") }
        let object: JSONObject
        do { object = try JSON.parseObject(bytes, limits: JSONLimits(depth: 8, size: 1 << 15)) } catch {
            throw .joseMalformed("header: \(error.cause ?? "")")
        }
        return try JOSEHeader(object)
    }

    init(_ object: JSONObject) throws(RumdulError) {
        var algorithm: String?
        var keyID: String?
        var type: String?
        var contentType: String?
        for member in object.members {
            switch member.name {
            case "alg": algorithm = try JOSEHeader.text(member)
            case "kid": keyID = try JOSEHeader.text(member)
            case "typ": type = try JOSEHeader.text(member)
            case "cty": contentType = try JOSEHeader.text(member)
            default: break
            }
        }
        guard let algorithm else { throw .joseMalformed("alg is missing") }
        self.algorithm = algorithm
        self.keyID = keyID
        self.type = type
        self.contentType = contentType
        parameters = object
    }

    private static func text(_ member: JSONObject.Member) throws(RumdulError) -> String {
        guard let text = member.value.stringValue else { throw .joseMalformed("\(member.name) is no string") }
        return text
    }

    /// The same header with a `kid` that was found outside it.
    func withKeyID(_ keyID: String) -> JOSEHeader {
        var copy = self
        copy.keyID = keyID
        return copy
    }

    /// Enforces `crit` (RFC 7515 section 4.1.11) and refuses unencoded payloads (RFC 7797).
    /// - Parameter understood: the extensions that the caller processes.
    /// - Throws: `jose.crit`.
    func requireUnderstood(_ understood: Set<String>) throws(RumdulError) {
        if let b64 = parameters["b64"], b64 != .bool(true) { throw .joseCritical("b64 is not true") }
        guard let value = parameters["crit"] else { return }
        guard let names = value.stringsValue, !names.isEmpty else { throw .joseCritical("crit is no list of names") }
        guard Set(names).count == names.count else { throw .joseCritical("crit names a parameter twice") }
        for name in names {
            guard !JOSEHeader.registered.contains(name) else { throw .joseCritical("crit names a base parameter") }
            guard parameters.has(name) else { throw .joseCritical("crit names an absent parameter") }
            guard understood.contains(name) else { throw .joseCritical("a critical parameter is not understood") }
        }
    }

    /// The public key inside the header (`jwk`), for the few protocols that want it there, such as DPoP (RFC 9449
    /// section 4.2). It proves possession of itself, never who the sender is.
    /// - Throws: `jose.key` when there is none, or when it is malformed or secret.
    public func embeddedKey() throws(RumdulError) -> JWK {
        guard let object = parameters.object("jwk") else { throw .joseKey("jwk is missing") }
        let key = try JWK(object)
        guard !key.isSecret else { throw .joseKey("jwk is secret") }
        return key
    }

    /// True when `typ` is the given media type, compared as RFC 7515 section 4.1.9 says: without regard to ASCII case
    /// and with or without `application/`.
    public func isType(_ wanted: String) -> Bool {
        guard let type else { return false }
        return JOSEHeader.shortType(type) == JOSEHeader.shortType(wanted)
    }

    private static func shortType(_ type: String) -> [UInt8] {
        let lower = type.utf8.map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 }
        let prefix = Array("application/".utf8)
        let rest = lower.dropFirst(prefix.count)
        return lower.starts(with: prefix) && !rest.contains(UInt8(ascii: "/")) ? Array(rest) : lower
    }
}

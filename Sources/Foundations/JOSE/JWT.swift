import Codecs
import Kernel

/// A JSON Web Token (RFC 7519) whose signature and claims have been checked.
public struct JWT: Sendable {
    /// The protected header.
    public let header: JOSEHeader
    /// The claims.
    public let claims: JSONObject

    init(header: JOSEHeader, claims: JSONObject) {
        self.header = header
        self.claims = claims
    }

    /// `iss`.
    public var issuer: String? { claims.string("iss") }
    /// `sub`.
    public var subject: String? { claims.string("sub") }
    /// `aud`, as a list.
    public var audience: [String] { JWT.audience(of: claims) ?? [] }
    /// `jti`.
    public var identifier: String? { claims.string("jti") }
    /// `exp`.
    public var expiresAt: Instant? { try? JWT.date("exp", of: claims) }
    /// `nbf`.
    public var notBefore: Instant? { try? JWT.date("nbf", of: claims) }
    /// `iat`.
    public var issuedAt: Instant? { try? JWT.date("iat", of: claims) }

    /// The claims of a token about which nothing is proven: only to find out whose key to ask for.
    /// - Throws: `jose.malformed`, `jose.too_large`.
    public static func unverifiedClaims(
        _ token: String, maximumSize: Int = JWS.standardSize
    ) throws(RumdulError) -> (header: JOSEHeader, claims: JSONObject) {
        let jws = try UnverifiedJWS.parse(token, maximumSize: maximumSize)
        return (jws.header, try claims(in: jws.unverifiedPayload))
    }

    static func claims(in payload: [UInt8]) throws(RumdulError) -> JSONObject {
        do { return try JSON.parseObject(payload, limits: JSONLimits(depth: 32, size: 1 << 20)) } catch {
            throw .joseMalformed("claims: \(error.cause ?? "")")
        }
    }

    /// `aud`: a string, or a list of strings that is not empty; `nil` otherwise.
    static func audience(of claims: JSONObject) -> [String]? {
        guard let value = claims["aud"] else { return nil }
        if let one = value.stringValue { return [one] }
        guard let many = value.stringsValue, !many.isEmpty else { return nil }
        return many
    }

    /// A `NumericDate` (RFC 7519 section 2) from 1970 to 9999; fractions of a second are cut off.
    /// - Throws: `jose.claim`.
    static func date(_ name: String, of claims: JSONObject) throws(RumdulError) -> Instant? {
        switch claims[name] {
        case nil: return nil
        case .integer(let seconds) where (0...253_402_300_799).contains(seconds): return Instant(seconds: seconds)
        case .double(let seconds) where (0...253_402_300_799.0).contains(seconds):
            return Instant(seconds: Int64(seconds))
        default: throw .joseClaim(name)
        }
    }
}

import Codecs
import Kernel

/// The rules by which one use accepts JWTs (RFC 7519 section 7.2, RFC 8725). One value per use, made once.
public struct JWTValidator: Sendable {
    /// The only `iss` that is accepted, compared exactly; `nil` when the caller checks it otherwise.
    public var issuer: String?
    /// Names of ours, one of which `aud` must contain, compared exactly; empty when `aud` is not looked at.
    public var audiences: Set<String>
    /// Whether `aud` must name nobody else (one string, or a list of one).
    public var soleAudience: Bool
    /// The only signature algorithms that are accepted.
    public var algorithms: Set<JWSAlgorithm>
    /// Symmetric algorithms accepted by ``validate(_:macKey:now:)``; none unless named.
    public var macAlgorithms: Set<MACAlgorithm>
    /// The accepted `typ` values (RFC 8725 section 3.11), with or without `application/`.
    public var types: Set<String>
    /// Whether a token without `typ` is refused.
    public var typeRequired: Bool
    /// How far clocks may differ, in seconds.
    public var clockSkew: Int64
    /// Claims that must be there.
    public var requiredClaims: Set<String>
    /// The greatest age since `iat`, in seconds; makes `iat` required.
    public var maximumAge: Int64?
    /// The longest time from `iat` (or else `nbf`, or else now) to `exp`, in seconds.
    public var maximumLifetime: Int64?
    /// Critical header parameters that the caller processes itself.
    public var understood: Set<String>
    /// The longest token, in bytes.
    public var maximumSize: Int

    public init(
        issuer: String?, audiences: Set<String>, algorithms: Set<JWSAlgorithm>, types: Set<String> = ["JWT"],
        typeRequired: Bool = true, clockSkew: Int64 = 30, requiredClaims: Set<String> = ["exp"],
        soleAudience: Bool = false, maximumAge: Int64? = nil, maximumLifetime: Int64? = nil,
        macAlgorithms: Set<MACAlgorithm> = [], understood: Set<String> = [], maximumSize: Int = JWS.standardSize
    ) {
        self.issuer = issuer
        self.audiences = audiences
        self.soleAudience = soleAudience
        self.algorithms = algorithms
        self.macAlgorithms = macAlgorithms
        self.types = types
        self.typeRequired = typeRequired
        self.clockSkew = clockSkew
        self.requiredClaims = requiredClaims
        self.maximumAge = maximumAge
        self.maximumLifetime = maximumLifetime
        self.understood = understood
        self.maximumSize = maximumSize
    }

    /// Verifies the signature with a key of the set, then checks type and claims.
    /// - Throws: `jose.*`.
    public func validate(_ token: String, keys: VerificationKeySet, now: Instant) throws(RumdulError) -> JWT {
        let jws = try JWS.verify(
            token, algorithms: algorithms, keys: keys, understood: understood, maximumSize: maximumSize)
        return try check(jws.header, payload: jws.payload, now: now)
    }

    /// Verifies the signature with one key, then checks type and claims.
    /// - Throws: `jose.*`.
    public func validate(_ token: String, key: VerificationKey, now: Instant) throws(RumdulError) -> JWT {
        let jws = try JWS.verify(
            token, algorithms: algorithms, key: key, understood: understood, maximumSize: maximumSize)
        return try check(jws.header, payload: jws.payload, now: now)
    }

    /// Verifies a message authentication code, then checks type and claims; refuses everything unless
    /// ``macAlgorithms`` names the algorithm.
    /// - Throws: `jose.*`.
    public func validate(_ token: String, macKey: MACKey, now: Instant) throws(RumdulError) -> JWT {
        let jws = try UnverifiedJWS.parse(token, maximumSize: maximumSize)
        let payload = try jws.verifyMAC(algorithms: macAlgorithms, key: macKey, understood: understood)
        return try check(jws.header, payload: payload, now: now)
    }

    private func check(_ header: JOSEHeader, payload: [UInt8], now: Instant) throws(RumdulError) -> JWT {
        if header.type == nil {
            if typeRequired { throw .joseType }
        } else if !types.contains(where: header.isType) {
            throw .joseType
        }
        let claims = try JWT.claims(in: payload)
        for name in requiredClaims where claims[name] == nil { throw .joseClaim(name) }
        for name in ["iss", "sub", "jti"] where claims[name] != nil {
            guard claims.string(name) != nil else { throw .joseClaim(name) }
        }
        if let issuer {
            guard let found = claims.string("iss"), sameCodePoints(found, issuer) else { throw .joseIssuer }
        }
        try checkAudience(claims)
        try checkTimes(claims, now: now)
        return JWT(header: header, claims: claims)
    }

    private func checkAudience(_ claims: JSONObject) throws(RumdulError) {
        if claims["aud"] != nil, JWT.audience(of: claims) == nil { throw .joseClaim("aud") }
        guard !audiences.isEmpty else { return }
        let named = JWT.audience(of: claims) ?? []
        guard named.contains(where: { name in audiences.contains { sameCodePoints($0, name) } }) else {
            throw .joseAudience
        }
        if soleAudience, named.count != 1 { throw .joseAudience }
    }

    private func checkTimes(_ claims: JSONObject, now: Instant) throws(RumdulError) {
        let expires = try JWT.date("exp", of: claims)
        let notBefore = try JWT.date("nbf", of: claims)
        let issued = try JWT.date("iat", of: claims)
        let early = now.adding(seconds: -clockSkew)
        let late = now.adding(seconds: clockSkew)
        // RFC 7519 section 4.1.4: on or after the expiration time a token must not be accepted.
        if let expires, expires <= early { throw .joseExpired }
        if let notBefore, notBefore > late { throw .joseNotYetValid }
        if let issued, issued > late { throw .joseIssuedAt }
        if let maximumAge {
            guard let issued else { throw .joseClaim("iat") }
            if issued.adding(seconds: maximumAge) < early { throw .joseIssuedAt }
        }
        if let maximumLifetime {
            guard let expires else { throw .joseClaim("exp") }
            if (issued ?? notBefore ?? now).adding(seconds: maximumLifetime) < expires { throw .joseLifetime }
        }
    }
}

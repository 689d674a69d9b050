import Codecs
import Crypto
import JOSE
import Kernel

/// A checked ID token (OpenID Connect Core 1.0, section 2).
public struct IDToken: Sendable {
    /// The provider.
    public let issuer: String
    /// The person, to us alone: another relying party gets another identifier. Store this, together with the issuer.
    public let subject: String
    /// When the person was authenticated, if the provider said so.
    public let authTime: Instant?
    /// The level of assurance reached.
    public let acr: String?
    /// The factors proven (RFC 8176).
    public let amr: [String]
    /// When the token ends.
    public let expiresAt: Instant
    /// All claims.
    public let claims: JSONObject
}

extension RelyingParty {
    /// Checks an ID token (OpenID Connect Core 1.0, section 3.1.3.7).
    /// - Throws: `rp.id_token` with the failed check as cause, `rp.acr`, `rp.unreachable`, `rp.answer_malformed`.
    func verify(idToken text: String, accessToken: String, session: LoginSession) async throws -> IDToken {
        let validator = JWTValidator(
            issuer: configuration.issuer, audiences: [configuration.clientID], algorithms: configuration.algorithms,
            typeRequired: false, clockSkew: configuration.clockSkew,
            requiredClaims: ["iss", "sub", "aud", "exp", "iat", "nonce"])
        let jwt: JWT
        do {
            let token = RelyingParty.isEncrypted(text) ? String(decoding: try decrypt(text), as: UTF8.self) : text
            jwt = try await validate(token, by: validator)
        } catch let error as RumdulError where error.code.hasPrefix("jose.") {
            throw RumdulError.idTokenRefused("\(error.code) \(error.cause ?? "")")
        }
        try checkParties(jwt)
        guard let nonce = jwt.claims.string("nonce"), constantTimeEquals(nonce.utf8, session.nonce.utf8) else {
            throw RumdulError.idTokenRefused("nonce")
        }
        try checkAccessTokenHash(jwt, accessToken: accessToken)
        let authTime = try authTime(jwt.claims, session: session)
        if !session.requiredACR.isEmpty {
            let reached = jwt.claims.string("acr") ?? ""
            guard session.requiredACR.contains(where: { AssuranceNames.satisfies(reached, required: $0) }) else {
                throw RumdulError.assuranceTooLow
            }
        }
        guard let expiresAt = jwt.expiresAt, let issuer = jwt.issuer, let subject = jwt.subject else {
            throw RumdulError.idTokenRefused("exp, iss, sub")
        }
        return IDToken(
            issuer: issuer, subject: subject, authTime: authTime, acr: jwt.claims.string("acr"),
            amr: jwt.claims.strings("amr") ?? [], expiresAt: expiresAt, claims: jwt.claims)
    }

    private func checkParties(_ jwt: JWT) throws(RumdulError) {
        guard let subject = jwt.subject, (1...255).contains(subject.utf8.count) else {
            throw RumdulError.idTokenRefused("sub")
        }
        // `azp` must be ours when it is there, and must be there when the token is for others too.
        if jwt.claims.has("azp") || jwt.audience.count > 1 {
            guard let party = jwt.claims.string("azp"), sameCodePoints(party, configuration.clientID) else {
                throw RumdulError.idTokenRefused("azp")
            }
        }
    }

    /// `at_hash`, when it is there, must fit the access token (OpenID Connect Core 1.0, section 3.1.3.8).
    private func checkAccessTokenHash(_ jwt: JWT, accessToken: String) throws(RumdulError) {
        guard jwt.claims.has("at_hash") else { return }
        let bytes = Array(accessToken.utf8)
        let digest: [UInt8]
        switch jwt.header.algorithm.suffix(3) {
        case "384": digest = Array(SHA384.hash(data: bytes))
        case "512", "DSA": digest = Array(SHA512.hash(data: bytes))
        default: digest = Array(SHA256.hash(data: bytes))
        }
        let expected = Base64URL.encode(Array(digest.prefix(digest.count / 2)))
        guard let hash = jwt.claims.string("at_hash"), constantTimeEquals(hash.utf8, expected.utf8) else {
            throw RumdulError.idTokenRefused("at_hash")
        }
    }

    private func authTime(_ claims: JSONObject, session: LoginSession) throws(RumdulError) -> Instant? {
        let now = ambient.now()
        var authTime: Instant?
        if claims.has("auth_time") {
            guard let seconds = claims.integer("auth_time"), (0...253_402_300_799).contains(seconds) else {
                throw RumdulError.idTokenRefused("auth_time")
            }
            let moment = Instant(seconds: seconds)
            guard moment <= now.adding(seconds: configuration.clockSkew) else {
                throw RumdulError.idTokenRefused("auth_time in the future")
            }
            authTime = moment
        }
        if let maxAge = session.maxAge {
            guard let authTime, now <= authTime.adding(seconds: maxAge + configuration.clockSkew) else {
                throw RumdulError.idTokenRefused("auth_time too old or missing")
            }
        }
        return authTime
    }
}

/// Levels of assurance by name.
enum AssuranceNames {
    private static let scheme = "urn:kh:camdigikey:aal:"

    /// True for the same name, and within the scheme's own levels for a higher one.
    static func satisfies(_ reached: String, required: String) -> Bool {
        if sameCodePoints(reached, required) { return true }
        guard let have = level(reached), let want = level(required) else { return false }
        return have >= want
    }

    private static func level(_ name: String) -> Int? {
        guard name.hasPrefix(scheme), let level = Int(name.dropFirst(scheme.count)), (1...3).contains(level) else {
            return nil
        }
        return level
    }
}

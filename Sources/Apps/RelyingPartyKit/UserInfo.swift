import Codecs
import JOSE
import Kernel

/// What the person chose to share.
public struct UserInfo: Sendable {
    /// The person, the same as in the ID token.
    public let subject: String
    /// All claims. Any of them may be missing: the person decides attribute by attribute.
    public let claims: JSONObject

    /// A claim that is a text, or `nil` when it was not shared.
    public subscript(_ name: String) -> String? { claims.string(name) }
}

extension RelyingParty {
    /// Fetches the person's data (OpenID Connect Core 1.0, section 5.3): plain, signed, encrypted, or signed and then
    /// encrypted, as registered.
    /// - Throws: `rp.userinfo` with the failed check as cause, `rp.token.invalid_token` when the access token or the
    ///   consent has ended, `rp.unreachable`, `rp.answer_malformed`.
    public func userInfo(_ login: Login) async throws -> UserInfo {
        guard let endpoint = try await cache.metadata().userInfoEndpoint else {
            throw RumdulError.providerMetadata("userinfo_endpoint")
        }
        let request = OIDCRequest(
            method: "GET", url: endpoint, headers: [("accept", "application/json, application/jwt")])
        let response = try await send(request, with: login)
        guard response.body.count <= 1 << 20 else { throw RumdulError.providerAnswer("longer than 1 MiB") }
        switch response.status {
        case 200: break
        case 401: throw RumdulError.tokenRefused("invalid_token")
        case 403: throw RumdulError.tokenRefused("insufficient_scope")
        case 500...: throw RumdulError.providerUnreachable.because("status \(response.status)")
        default: throw RumdulError.providerAnswer("userinfo status \(response.status)")
        }
        let claims: JSONObject
        do {
            claims = try await userInfoClaims(response)
        } catch let error as RumdulError where error.code.hasPrefix("jose.") {
            throw RumdulError.userInfoRefused("\(error.code) \(error.cause ?? "")")
        }
        // Without this check a userinfo answer about someone else could be slipped in (section 5.3.2).
        guard let subject = claims.string("sub"), sameCodePoints(subject, login.idToken.subject) else {
            throw RumdulError.userInfoRefused("sub")
        }
        return UserInfo(subject: subject, claims: claims)
    }

    private func userInfoClaims(_ response: OIDCResponse) async throws -> JSONObject {
        if response.mediaType == "application/json" {
            guard !configuration.requiresSignedUserInfo, !configuration.requiresEncryptedUserInfo else {
                throw RumdulError.userInfoRefused("neither signed nor encrypted")
            }
            guard let object = try? JSON.parseObject(response.body) else {
                throw RumdulError.providerAnswer("userinfo")
            }
            return object
        }
        guard response.mediaType == "application/jwt" else { throw RumdulError.providerAnswer("userinfo media type") }
        guard var token = String(validating: response.body, as: UTF8.self) else {
            throw RumdulError.providerAnswer("userinfo")
        }
        if RelyingParty.isEncrypted(token) {
            let inner = try decrypt(token)
            if inner.first == UInt8(ascii: "{") { return try encryptedOnly(inner) }
            token = String(decoding: inner, as: UTF8.self)
        } else if configuration.requiresEncryptedUserInfo {
            throw RumdulError.userInfoRefused("not encrypted")
        }
        let validator = JWTValidator(
            issuer: configuration.issuer, audiences: [configuration.clientID], algorithms: configuration.algorithms,
            typeRequired: false, clockSkew: configuration.clockSkew, requiredClaims: ["iss", "sub", "aud"])
        return try await validate(token, by: validator).claims
    }

    /// Claims that were encrypted but not signed: anyone can encrypt to us, so TLS alone says who sent them.
    private func encryptedOnly(_ bytes: [UInt8]) throws(RumdulError) -> JSONObject {
        guard !configuration.requiresSignedUserInfo else { throw RumdulError.userInfoRefused("not signed") }
        guard let claims = try? JSON.parseObject(bytes) else { throw RumdulError.providerAnswer("userinfo") }
        if let issuer = claims.string("iss"), !sameCodePoints(issuer, configuration.issuer) {
            throw RumdulError.userInfoRefused("iss")
        }
        return claims
    }
}

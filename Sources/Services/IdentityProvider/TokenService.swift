import Authenticators
import Codecs
import Consent
import Crypto
import Database
import JOSE
import Kernel
import KeyVault
import RelyingParties

/// The token response of one redeemed code (OpenID Connect Core 1.0, section 3.1.3.3).
struct TokenResponse: Sendable {
    var accessToken: String
    var idToken: String
    var expiresIn: Int64

    var json: [UInt8] {
        var writer = JSONWriter(capacity: 1024)
        writer.beginObject()
        writer.member("access_token", accessToken)
        writer.member("token_type", "Bearer")
        writer.member("expires_in", expiresIn)
        writer.member("id_token", idToken)
        writer.endObject()
        return writer.bytes
    }
}

/// Exchanges codes: one row write, one or two signatures (the ID token; with RS256 clients an RSA one).
struct TokenService: Sendable {
    let database: any Database
    let vault: any KeyVault
    let people: any PersonDirectory
    let authentication: ClientAuthenticator
    let consents: Consents
    let settings: ProviderSettings
    let ambient: Ambient
    let store = TransactionStore()

    private enum Exchange: Sendable {
        case redeemed(Transaction, RelyingParty)
        case refused(OAuthError)
    }

    /// Redeems an authorization code. A second redemption kills the tokens of the first (RFC 6749 section 4.1.2).
    func exchange(form: [String: String], authorization: String?) async throws -> TokenResponse {
        guard let grant = form["grant_type"] else { throw OAuthError.invalidRequest("grant_type is missing") }
        guard grant == "authorization_code" else {
            throw OAuthError("unsupported_grant_type", "only authorization_code is supported")
        }
        let credentials = try ClientCredentials.read(authorization: authorization, form: form)
        let code = try await form["code"].asyncMap { try await AuthorizationCode.decode($0, vault: vault) } ?? nil
        let token = AccessToken(transactionID: code?.transactionID ?? "", secret: ambient.randomBytes(32))
        let now = ambient.now()
        let attempt = ambient.newID()
        let exchange: Exchange = try await database.transaction { connection in
            let party = try await authentication.authenticate(credentials, attempt: attempt, in: connection)
            do {
                let item = try await redeem(code, form: form, party: party, token: token, now: now, in: connection)
                return .redeemed(item, party)
            } catch let error as OAuthError {
                return .refused(error)
            }
        }
        switch exchange {
        case .refused(let error): throw error
        case .redeemed(let item, let party):
            guard let encoded = token.encoded else { throw RumdulError.internal("access token") }
            return TokenResponse(
                accessToken: encoded, idToken: try await idToken(item, party: party, accessToken: encoded, now: now),
                expiresIn: AccessToken.lifetime)
        }
    }

    private func redeem(
        _ code: AuthorizationCode?, form: [String: String], party: RelyingParty, token: AccessToken, now: Instant,
        in connection: any SQLConnection
    ) async throws -> Transaction {
        guard form["code"] != nil else { throw OAuthError.invalidRequest("code is missing") }
        guard let redirectURI = form["redirect_uri"] else { throw OAuthError.invalidRequest("redirect_uri is missing") }
        guard let verifier = form["code_verifier"] else { throw OAuthError.invalidRequest("code_verifier is missing") }
        guard let code, let item = try await store.find(code.transactionID, in: connection),
            item.clientID == party.clientID
        else { throw OAuthError.invalidGrant("the code is not valid for this client") }
        guard (43...128).contains(verifier.utf8.count),
            constantTimeEquals(
                Array(Base64URL.encode(sha256(Array(verifier.utf8))).utf8), Array(item.request.codeChallenge.utf8))
        else { throw OAuthError.invalidGrant("code_verifier does not fit the code_challenge") }
        guard sameCodePoints(redirectURI, item.request.redirectURI) else {
            throw OAuthError.invalidGrant("redirect_uri differs from the authorization request")
        }
        if item.status == .redeemed {
            try await store.revoke(item.id, in: connection)
            throw OAuthError.invalidGrant("the code was used before")
        }
        guard item.status == .approved, now < code.issuedAt.adding(seconds: AuthorizationCode.lifetime) else {
            throw OAuthError.invalidGrant("the code has expired or was used before")
        }
        if let consent = item.consentID {
            do { try await consents.requireActive(consent, in: connection) } catch is RumdulError {
                throw OAuthError.invalidGrant("the consent was withdrawn")
            }
        }
        guard
            try await store.redeem(
                item.id, tokenHash: token.hash, expiresAt: now.adding(seconds: AccessToken.lifetime), in: connection)
        else { throw OAuthError.invalidGrant("the code was used before") }
        return item
    }

    /// The ID token: who, for whom, how and when the person proved themselves; no attributes (they come from userinfo).
    private func idToken(
        _ item: Transaction, party: RelyingParty, accessToken: String, now: Instant
    ) async throws -> String {
        guard let person = item.personID else { throw RumdulError.internal("approved transaction without a person") }
        let key = try await vault.activeKey(.oidcSigning, party.idTokenAlgorithm.keyAlgorithm)
        var writer = JSONWriter(capacity: 640)
        writer.beginObject()
        writer.member("iss", settings.issuer)
        writer.member("sub", try await people.subject(of: person, sector: party.sector))
        writer.member("aud", party.clientID)
        writer.member("exp", now.seconds + settings.idTokenLifetime)
        writer.member("iat", now.seconds)
        writer.member("auth_time", (item.decidedAt ?? now).seconds)
        if let nonce = item.request.nonce { writer.member("nonce", nonce) }
        if let acr = item.acr { writer.member("acr", acr) }
        writer.member("amr", AssurancePolicy.methods(item.factors))
        writer.member("at_hash", Self.halfHash(accessToken, for: party.idTokenAlgorithm))
        writer.member("txn", item.id)
        writer.member("device_assurance", item.factors.contains(.hardwareKey) ? "hardware" : "software")
        writer.endObject()
        return try await JWSProducer(signer: vault.signer(key), type: "JWT").sign(writer.bytes)
    }

    /// `at_hash`: the left half of the hash that fits the signature algorithm (OpenID Connect Core 1.0, section 3.1.3.6); Ed25519 uses SHA-512.
    static func halfHash(_ token: String, for algorithm: JWSAlgorithm) -> String {
        let bytes = Array(token.utf8)
        switch algorithm {
        case .edDSA: return Base64URL.encode(Array(SHA512.hash(data: bytes)).prefix(32))
        default: return Base64URL.encode(Array(SHA256.hash(data: bytes)).prefix(16))
        }
    }
}

extension JWSAlgorithm {
    /// The vault's name of the key that signs with this algorithm.
    var keyAlgorithm: KeyAlgorithm? {
        switch self {
        case .es256: .es256
        case .es384: .es384
        case .rs256: .rs256
        case .ps256: .ps256
        case .edDSA: .eddsa
        default: nil
        }
    }
}

extension Optional {
    /// `map` for an asynchronous transform.
    func asyncMap<Result>(_ transform: (Wrapped) async throws -> Result) async rethrows -> Result? {
        guard let value = self else { return nil }
        return try await transform(value)
    }
}

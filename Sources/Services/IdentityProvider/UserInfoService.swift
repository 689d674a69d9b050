import Accountability
import Codecs
import Consent
import Database
import JOSE
import Kernel
import KeyVault
import RelyingParties

/// A userinfo answer and its media type.
struct UserInfoResponse: Sendable {
    var body: [UInt8]
    var contentType: String
}

/// Answers userinfo requests (OpenID Connect Core 1.0, section 5.3). Each answer with attributes is one disclosure through the gate: the access
/// entry is written in the transaction that reads the data, and the consent is asked in the same transaction.
struct UserInfoService: Sendable {
    let database: any Database
    let vault: any KeyVault
    let people: any PersonDirectory
    let attributes: any AttributeSource
    let gate: DisclosureGate
    let consents: Consents
    let parties: RelyingPartyStore
    let settings: ProviderSettings
    let ambient: Ambient
    let store = TransactionStore()

    /// Throws `OAuthError.invalidToken` for a token that is unknown, expired or revoked, or whose consent is gone.
    func respond(token text: String, traceID: String) async throws -> UserInfoResponse {
        guard let token = AccessToken(text) else { throw OAuthError.invalidToken }
        let now = ambient.now()
        let answer = try await database.transaction { connection in
            try await self.claims(token, now: now, traceID: traceID, in: connection)
        }
        return try await encode(answer.0, party: answer.1, now: now)
    }

    private func claims(
        _ token: AccessToken, now: Instant, traceID: String, in connection: any SQLConnection
    ) async throws -> (JSONObject, RelyingParty) {
        guard let item = try await store.find(token.transactionID, in: connection), let person = item.personID,
            item.status == .redeemed, let hash = item.tokenHash, constantTimeEquals(hash, token.hash),
            let end = item.tokenExpiresAt, now < end,
            let party = try await parties.party(item.clientID, in: connection),
            let purpose = party.purpose(item.request.purposeCode)
        else { throw OAuthError.invalidToken }
        var claims: JSONObject = ["sub": .string(try await people.subject(of: person, sector: party.sector))]
        guard let consent = item.consentID else { return (claims, party) }
        do { try await consents.requireActive(consent, in: connection) } catch is RumdulError {
            throw OAuthError.invalidToken
        }
        let registered = Set(purpose.essential + purpose.optional)
        let names = item.granted.filter(registered.contains)
        guard !names.isEmpty else { return (claims, party) }
        let disclosed = try await gate.disclose(
            DisclosureRequest(
                subject: person, actor: .client(party.clientID),
                organisation: Organisation(code: party.clientID, name: party.name), system: "openid-provider",
                service: "userinfo", purpose: Purpose(code: purpose.code, text: purpose.text), basis: .consent(consent),
                attributes: names.map { AttributeName(rawValue: $0) }, traceID: traceID, caseReference: item.id),
            from: attributes, in: connection)
        for (name, value) in disclosed.values { claims[name.rawValue] = value }
        return (claims, party)
    }

    private func encode(_ claims: JSONObject, party: RelyingParty, now: Instant) async throws -> UserInfoResponse {
        guard party.userInfoSignedAlgorithm != nil || party.userInfoEncryption != nil else {
            return UserInfoResponse(body: JSON.bytes(claims), contentType: "application/json")
        }
        var body = claims
        body["iss"] = .string(settings.issuer)
        body["aud"] = .string(party.clientID)
        body["iat"] = .integer(now.seconds)
        var payload = JSON.bytes(body)
        if let algorithm = party.userInfoSignedAlgorithm {
            let key = try await vault.activeKey(.oidcSigning, algorithm.keyAlgorithm)
            payload = Array(try await JWSProducer(signer: vault.signer(key), type: "JWT").sign(payload).utf8)
        }
        if let encryption = party.userInfoEncryption {
            guard let keys = party.keys, let key = ClientEncryptionKey.find(in: keys, for: encryption.algorithm)
            else {
                throw RumdulError.internal("client \(party.clientID) has no encryption key")
            }
            let nested = party.userInfoSignedAlgorithm != nil
            payload = Array(
                try JWE.encrypt(
                    payload, to: try EncryptionKey(key), algorithm: encryption.algorithm,
                    encryption: encryption.encryption,
                    contentType: nested ? "JWT" : nil
                ).utf8)
        }
        return UserInfoResponse(body: payload, contentType: "application/jwt")
    }
}

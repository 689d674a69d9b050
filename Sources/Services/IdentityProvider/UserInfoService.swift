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

/// Answers userinfo requests (OpenID Connect Core 1.0, section 5.3).
final class UserInfoService: Sendable {
    let database: any Database
    let vault: any KeyVault
    let people: any PersonDirectory
    let parties: RelyingPartyStore
    let accessTokens: AccessTokens
    let release: AttributeRelease
    let clientKeys: ClientKeyResolver
    let settings: ProviderSettings
    let ambient: Ambient
    let store = TransactionStore()
    private let keys = OwnKeys()

    init(
        database: any Database, vault: any KeyVault, people: any PersonDirectory, parties: RelyingPartyStore,
        accessTokens: AccessTokens, release: AttributeRelease, clientKeys: ClientKeyResolver,
        settings: ProviderSettings, ambient: Ambient
    ) {
        self.database = database
        self.vault = vault
        self.people = people
        self.parties = parties
        self.accessTokens = accessTokens
        self.release = release
        self.clientKeys = clientKeys
        self.settings = settings
        self.ambient = ambient
    }

    /// Throws `OAuthError.invalidToken` for a token that is unknown, expired, revoked, meant for another server, or whose consent is gone;
    /// for one that is bound to a key that was not shown.
    func respond(
        token: String, isProof: Bool, keys shown: PresentedKeys, traceID: String
    ) async throws -> UserInfoResponse {
        guard let shared = try await accessTokens.claims(token), case let claims = shared.value,
            claims.audience.contains(settings.issuer),
            let grantID = claims.grantID
        else { throw OAuthError.invalidToken }
        try Self.requireKey(claims.binding, shown, isProof: isProof)
        guard claims.scope.contains("openid") else {
            throw OAuthError("insufficient_scope", "the token does not have the scope openid", status: 403)
        }
        // Where nothing is disclosed nothing is written, and a read is enough.
        if store.asksNothing(grantID),
            let (body, party) = try await database.read({ connection in
                try await self.subjectAlone(grantID: grantID, in: connection)
            })
        {
            return try await encode(body, party: party)
        }
        let (body, party) = try await database.transaction { connection in
            try await self.claims(grantID: grantID, traceID: traceID, in: connection)
        }
        return try await encode(body, party: party)
    }

    /// RFC 9449 section 7.1 and RFC 8705 section 3: a bound token is worth nothing without its key, and a bearer token none with a proof.
    static func requireKey(_ binding: TokenBinding?, _ shown: PresentedKeys, isProof: Bool) throws(OAuthError) {
        switch binding?.kind {
        case .proof:
            guard isProof, shown.proofThumbprint == binding?.thumbprint else {
                throw OAuthError("invalid_token", "the token is bound to a DPoP key that was not shown", status: 401)
            }
        case .certificate:
            guard !isProof, shown.certificateThumbprint == binding?.thumbprint else {
                throw OAuthError(
                    "invalid_token", "the token is bound to a client certificate that was not shown", status: 401)
            }
        case nil: guard !isProof else { throw OAuthError.invalidToken }
        }
    }

    /// The answer to a grant without attributes; `nil` when it has some after all.
    private func subjectAlone(
        grantID: String, in connection: any SQLConnection
    ) async throws -> (JSONObject, RelyingParty)? {
        let (item, party, person) = try await living(grantID, in: connection)
        guard item.granted.allSatisfy({ $0 == "offline_access" }), item.request.verifiedUserInfo.isEmpty else {
            return nil
        }
        if let consent = item.consentID, try await !release.consents.isActive(consent, in: connection) {
            throw OAuthError.invalidToken
        }
        return (["sub": .string(try await people.subject(of: person, sector: party.subjectSector))], party)
    }

    private func living(
        _ grantID: String, in connection: any SQLConnection
    ) async throws -> (Transaction, RelyingParty, PersonID) {
        guard let item = try await store.find(grantID, in: connection), let person = item.personID,
            item.status == .redeemed || (item.status == .approved && item.request.responseType.token),
            let party = try await parties.party(item.clientID, in: connection)
        else { throw OAuthError.invalidToken }
        return (item, party, person)
    }

    private func claims(
        grantID: String, traceID: String, in connection: any SQLConnection
    ) async throws -> (JSONObject, RelyingParty) {
        let (item, party, person) = try await living(grantID, in: connection)
        do {
            var claims = try await release.userInfo(item, to: party, traceID: traceID, in: connection)
            claims["sub"] = .string(try await people.subject(of: person, sector: party.subjectSector))
            return (claims, party)
        } catch let error as RumdulError where error == .consentNotActive {
            throw OAuthError.invalidToken
        }
    }

    private func encode(_ claims: JSONObject, party: RelyingParty) async throws -> UserInfoResponse {
        guard party.userInfoSignedAlgorithm != nil || party.userInfoEncryption != nil else {
            return UserInfoResponse(body: JSON.bytes(claims), contentType: "application/json")
        }
        var body = claims
        body["iss"] = .string(settings.issuer)
        body["aud"] = .string(party.clientID)
        body["iat"] = .integer(ambient.now().seconds)
        var payload = JSON.bytes(body)
        if let algorithm = party.userInfoSignedAlgorithm {
            payload = Array(
                try await keys.producer(algorithm, type: "JWT", vault: vault).sign(payload).utf8)
        }
        if let encryption = party.userInfoEncryption {
            let nested = party.userInfoSignedAlgorithm != nil
            payload = Array(
                try await clientKeys.encrypt(payload, for: party, encryption, contentType: nested ? "JWT" : nil).utf8)
        }
        return UserInfoResponse(body: payload, contentType: "application/jwt")
    }
}

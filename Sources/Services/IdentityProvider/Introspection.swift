import Codecs
import Database
import JOSE
import Kernel
import KeyVault
import RelyingParties

/// Token introspection (RFC 7662, signed answers RFC 9701) and revocation (RFC 7009). Introspection only reads.
final class Introspection: Sendable {
    let database: any Database
    let vault: any KeyVault
    let authentication: ClientAuthenticator
    let tokens: TokenService
    let settings: ProviderSettings
    let ambient: Ambient
    private let keys = OwnKeys()

    init(
        database: any Database, vault: any KeyVault, authentication: ClientAuthenticator, tokens: TokenService,
        settings: ProviderSettings, ambient: Ambient
    ) {
        self.database = database
        self.vault = vault
        self.authentication = authentication
        self.tokens = tokens
        self.settings = settings
        self.ambient = ambient
    }

    struct Answer: Sendable {
        var body: [UInt8]
        var contentType: String
    }

    /// What a token is worth to the client that asks: its own tokens, and those whose audience is one of its resources. Everything else is
    /// `active: false`, so that nobody learns of other clients' tokens.
    func respond(_ request: ClientRequest, accept: String?) async throws -> Answer {
        let client = try await authentication.authenticate(request)
        guard client.authentication != .none else { throw OAuthError.invalidClient }
        guard let token = request.form["token"] else { throw OAuthError.invalidRequest("token is missing") }
        let body = try await describe(token, for: client)
        guard accept?.contains("application/token-introspection+jwt") ?? false else {
            return Answer(body: body, contentType: "application/json")
        }
        var writer = JSONWriter(capacity: body.count + 200)
        writer.beginObject()
        writer.member("iss", settings.issuer)
        writer.member("aud", client.clientID)
        writer.member("iat", ambient.now().seconds)
        writer.name("token_introspection")
        writer.raw(body)
        writer.endObject()
        let algorithm = client.introspectionAlgorithm ?? client.idTokenAlgorithm
        let jwt = try await keys.producer(algorithm, type: "token-introspection+jwt", vault: vault).sign(writer.bytes)
        return Answer(body: Array(jwt.utf8), contentType: "application/token-introspection+jwt")
    }

    private func describe(_ token: String, for client: RelyingParty) async throws -> [UInt8] {
        if let claims = try await tokens.accessTokens.claims(token)?.value {
            let isOwn = claims.clientID == client.clientID
            guard isOwn || claims.audience.contains(where: client.resources.contains), try await isAlive(claims) else {
                return Self.inactive
            }
            return describe(claims)
        }
        guard let refresh = RefreshToken(token) else { return Self.inactive }
        let found = try await database.read { connection -> Transaction? in
            guard let item = try await self.tokens.store.find(refresh.transactionID, in: connection),
                item.clientID == client.clientID, item.status == .redeemed, let state = item.refresh,
                constantTimeEquals(state.hash, refresh.hash), self.ambient.now() < state.endsAt
            else { return nil }
            do { try await self.tokens.requireLiving(item, in: connection) } catch is OAuthError { return nil }
            return item
        }
        guard let found, let end = found.refresh?.endsAt else { return Self.inactive }
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        writer.member("active", true)
        writer.member("client_id", found.clientID)
        writer.member("scope", TokenService.grantedScope(found).joined(separator: " "))
        writer.member("exp", end.seconds)
        writer.endObject()
        return writer.bytes
    }

    /// Whether the grant behind a token still holds.
    func isAlive(_ claims: AccessTokenClaims) async throws -> Bool {
        guard let grantID = claims.grantID else { return true }
        return try await database.read { connection in
            guard let grant = try await self.tokens.store.grant(grantID, in: connection), grant.status == .redeemed
            else {
                return false
            }
            return try await self.tokens.isLiving(consent: grant.consentID, device: grant.deviceID, in: connection)
        }
    }

    private static let inactive = Array(#"{"active":false}"#.utf8)

    private func describe(_ claims: AccessTokenClaims) -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.member("active", true)
        writer.member("iss", settings.issuer)
        writer.member("sub", claims.subject)
        // A client's own token has the client as its subject (RFC 9700, section 4.15).
        writer.member("sub_type", claims.grantID == nil ? "client" : "person")
        writer.member("client_id", claims.clientID)
        writer.member("aud", claims.audience)
        writer.member("scope", claims.scope.joined(separator: " "))
        writer.member("token_type", TokenBinding.tokenType(claims.binding))
        writer.member("iat", claims.issuedAt)
        writer.member("exp", claims.expiresAt)
        writer.member("jti", claims.identifier)
        if let acr = claims.acr { writer.member("acr", acr) }
        if let authTime = claims.authTime { writer.member("auth_time", authTime) }
        if let binding = claims.binding { writer.member("cnf", .object(binding.confirmation)) }
        if let details = claims.authorizationDetails {
            writer.name("authorization_details")
            writer.raw(Array(details.utf8))
        }
        if let actor = claims.actor { writer.member("act", ["sub": .string(actor)]) }
        if let organisation = claims.organisation { writer.member("organisation", organisation) }
        writer.endObject()
        return writer.bytes
    }

    /// Ends the grant behind an access or refresh token of this client; a token that is unknown is no error (RFC 7009, section 2.2).
    func revoke(_ request: ClientRequest) async throws {
        let client = try await authentication.authenticate(request)
        guard let token = request.form["token"] else { throw OAuthError.invalidRequest("token is missing") }
        var id = RefreshToken(token)?.transactionID
        if let claims = try await tokens.accessTokens.claims(token)?.value { id = claims.grantID }
        guard let id else { return }
        let refresh = RefreshToken(token)
        try await database.transaction { connection in
            guard let item = try await self.tokens.store.find(id, in: connection), item.clientID == client.clientID
            else {
                return
            }
            if let refresh {
                guard let state = item.refresh, constantTimeEquals(state.hash, refresh.hash) else { return }
            }
            try await self.tokens.store.revoke(item.id, in: connection)
        }
    }
}

import Accountability
import Codecs
import Database
import JOSE
import Kernel
import RelyingParties

/// What a trial login gave, opened: what the client would have received, without the seals that only the client can break.
public struct TrialAnswer: Sendable {
    /// The header of the ID token.
    public var header: JSONObject
    /// The claims of the ID token.
    public var idToken: JSONObject
    /// The userinfo answer.
    public var userInfo: JSONObject
    /// Attributes that the person granted but that leave this server only encrypted for the client's key.
    public var sealed: [String]
    public var scope: [String]
    /// Seconds of life of the access token that the client would have had.
    public var expiresIn: Int64
    /// Whether the client would have had to show a key with it.
    public var isSenderConstrained: Bool
}

/// Trying a sandbox client from the developer portal: a person's whole login with this client's registration, whose answer goes to the
/// portal instead of the client. The client's keys are not needed, so only sandbox clients can be tried, and no token leaves.
extension IdentityProvider {
    /// Stores the request, as if the client had pushed it, and gives the path to send the browser to.
    /// - Parameter redirectURI: must be registered for the client.
    /// - Throws: `authorize.unknown_client` for clients outside of the sandbox, `authorize.redirect_uri_mismatch`, and
    ///   `authorize.*` for a registration that cannot ask.
    public func beginTrial(
        clientID: String, redirectURI: String, purpose: String, state: String, nonce: String, codeChallenge: String,
        language: Language
    ) async throws -> String {
        let client = try await trialClient(clientID)
        guard let registered = client.purpose(purpose) else { throw RumdulError.requestStale }
        var wanted: JSONObject = [:]
        for name in registered.essential { wanted[name] = ["essential": true] }
        for name in registered.optional { wanted[name] = .null }
        var values = [
            "client_id": client.clientID, "response_type": "code", "redirect_uri": redirectURI, "scope": "openid",
            "purpose": purpose, "state": state, "nonce": nonce, "code_challenge": codeChallenge,
            "code_challenge_method": "S256", "prompt": "login",
            "claims": JSON.text(["userinfo": .object(wanted)] as JSONObject),
        ]
        if client.requiresJWTResponse { values["response_mode"] = "query.jwt" }
        let parameters = AuthorizationParameters(values)
        let uri = try AuthorizationRequest.trustedRedirect(parameters, client: client)
        do {
            _ = try AuthorizationRequest(parameters, client: client, redirectURI: uri, policy: settings.policy)
        } catch let refusal as AuthorizationRequest.Refusal {
            throw RumdulError.authorizationRefused(refusal.error)
        }
        let requestURI = PushedRequestStore.prefix + ambient.newSecret()
        guard let id = PushedRequestStore.id(requestURI) else { throw RumdulError.internal("request_uri") }
        let expires = ambient.now().adding(seconds: PushedRequestStore.lifetime)
        try await database.transaction { connection in
            try await PushedRequestStore().insert(
                id, clientID: client.clientID, parameters: parameters, expiresAt: expires, in: connection)
        }
        return AuthorizationResponse.location(
            "/authorize",
            [("client_id", clientID), ("request_uri", requestURI), ("ui_locales", language.rawValue)])
    }

    /// Redeems the code of a trial. Throws `authorize.request_stale` for a code that is forged, used, too old, of another client, or
    /// whose consent or device is gone.
    public func finishTrial(
        code: String, verifier: String, clientID: String, redirectURI: String, traceID: String
    ) async throws -> TrialAnswer {
        guard let decoded = try await AuthorizationCode.decode(code, vault: vault) else {
            throw RumdulError.requestStale
        }
        var party = try await trialClient(clientID)
        // What only the client can open is of no use here; numbers that must be sealed stay out instead.
        party.idTokenEncryption = nil
        party.userInfoEncryption = nil
        let now = ambient.now()
        let (item, userInfo) = try await database.transaction { [party] connection -> (Transaction, JSONObject) in
            guard let item = try await self.approvals.store.find(decoded.transactionID, in: connection),
                item.clientID == clientID, item.status == .approved, item.request.redirectURI == redirectURI,
                now < decoded.issuedAt.adding(seconds: AuthorizationCode.lifetime)
            else { throw RumdulError.requestStale }
            do {
                try TokenService.checkVerifier(verifier, challenge: item.request.codeChallenge)
                try await self.tokens.requireLiving(item, in: connection)
            } catch is OAuthError {
                throw RumdulError.requestStale
            }
            guard try await self.approvals.store.redeem(item.id, binding: nil, refresh: nil, in: connection) else {
                throw RumdulError.requestStale
            }
            let open = item.granted.filter { !Self.isSealed($0) }
            let values = try await self.userInfo.release.release(
                open, of: item, to: party, service: "userinfo", traceID: traceID, in: connection)
            return (item, values)
        }
        let answer = try await tokens.respond(item, party: party, binding: nil, refreshToken: nil)
        let token = try JWT.unverifiedClaims(answer.idToken ?? "")
        var info: JSONObject = ["sub": token.claims["sub"] ?? .null]
        for member in userInfo.members { info[member.name] = member.value }
        return TrialAnswer(
            header: ["alg": .string(party.idTokenAlgorithm.rawValue), "typ": "JWT"], idToken: token.claims,
            userInfo: info, sealed: item.granted.filter(Self.isSealed), scope: answer.scope,
            expiresIn: answer.expiresIn, isSenderConstrained: party.requiresSenderConstraint)
    }

    private static func isSealed(_ name: String) -> Bool {
        AttributeCatalogue.description(of: AttributeName(rawValue: name))?.encryptedOnly ?? false
    }

    private func trialClient(_ clientID: String) async throws -> RelyingParty {
        let party = try await client(clientID)
        guard party.environment == .sandbox else { throw RumdulError.unknownClient }
        return party
    }
}

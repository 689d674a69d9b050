import Codecs
import Database
import Kernel
import RelyingParties

/// The authorization code grant (RFC 6749 section 4.1.3, RFC 7636 section 4.6): one row write, two signatures.
extension TokenService {
    private enum Exchange: Sendable {
        case redeemed(Transaction, TokenBinding?, JSONObject)
        case refused(OAuthError)
    }

    /// Redeems an authorization code. A second redemption kills the tokens of the first (RFC 6749 section 4.1.2).
    func redeemCode(_ request: ClientRequest) async throws -> TokenResponse {
        var code: AuthorizationCode?
        if let text = request.form["code"] { code = try await AuthorizationCode.decode(text, vault: vault) }
        let refresh = RefreshToken(transactionID: code?.transactionID ?? "", secret: ambient.randomBytes(32))
        let party = try await client(request, for: .authorizationCode)
        let exchange: Exchange = try await database.transaction { [code] connection in
            do {
                let (item, binding) = try await self.redeem(
                    code, request: request, party: party, refresh: refresh, in: connection)
                let attributes = try await self.release.idToken(
                    item, to: party, traceID: request.traceID, in: connection)
                return .redeemed(item, binding, attributes)
            } catch let error as OAuthError {
                return .refused(error)
            }
        }
        switch exchange {
        case .refused(let error): throw error
        case .redeemed(let item, let binding, let attributes):
            let offline = Self.isOffline(item, party: party)
            return try await respond(
                item, party: party, binding: binding, refreshToken: offline ? refresh.encoded : nil,
                attributes: attributes)
        }
    }

    /// Whether a refresh token goes with the grant.
    static func isOffline(_ item: Transaction, party: RelyingParty) -> Bool {
        item.granted.contains("offline_access") && party.grantTypes.contains(Grant.refreshToken.rawValue)
    }

    private func redeem(
        _ code: AuthorizationCode?, request: ClientRequest, party: RelyingParty, refresh: RefreshToken,
        in connection: any SQLConnection
    ) async throws -> (Transaction, TokenBinding?) {
        let form = request.form
        guard form["code"] != nil else { throw OAuthError.invalidRequest("code is missing") }
        guard let redirectURI = form["redirect_uri"] else { throw OAuthError.invalidRequest("redirect_uri is missing") }
        guard let code, let item = try await store.find(code.transactionID, in: connection),
            item.clientID == party.clientID
        else { throw OAuthError.invalidGrant("the code is not valid for this client") }
        try Self.checkVerifier(form["code_verifier"], challenge: item.request.codeChallenge)
        guard sameCodePoints(redirectURI, item.request.redirectURI) else {
            throw OAuthError.invalidGrant("redirect_uri differs from the authorization request")
        }
        if let bound = item.request.proofThumbprint, bound != request.keys.proofThumbprint {
            throw OAuthError.invalidGrant("the code is bound to another DPoP key")
        }
        if item.status == .redeemed {
            try await store.revoke(item.id, in: connection)
            throw OAuthError.invalidGrant("the code was used before")
        }
        let now = ambient.now()
        guard item.status == .approved, now < code.issuedAt.adding(seconds: AuthorizationCode.lifetime) else {
            throw OAuthError.invalidGrant("the code has expired or was used before")
        }
        try await requireLiving(item, in: connection)
        let binding = try Self.binding(request.keys, party: party)
        let state = try await refreshState(item, party: party, token: refresh, in: connection)
        guard try await store.redeem(item.id, binding: binding, refresh: state, in: connection) else {
            throw OAuthError.invalidGrant("the code was used before")
        }
        return (item, binding)
    }

    /// A verifier is needed exactly when there was a challenge (RFC 9700, section 2.1.1: no downgrade either way).
    static func checkVerifier(_ verifier: String?, challenge: String?) throws(OAuthError) {
        guard let challenge else {
            guard verifier == nil else { throw .invalidGrant("code_verifier without a code_challenge") }
            return
        }
        guard let verifier else { throw .invalidGrant("code_verifier is missing") }
        guard (43...128).contains(verifier.utf8.count),
            constantTimeEquals(
                Array(Base64URL.encode(sha256(Array(verifier.utf8))).utf8), Array(challenge.utf8))
        else { throw .invalidGrant("code_verifier does not fit the code_challenge") }
    }

    /// The refresh token of a grant ends with its consent.
    func refreshState(
        _ item: Transaction, party: RelyingParty, token: RefreshToken, in connection: any SQLConnection
    ) async throws -> Transaction.RefreshState? {
        guard Self.isOffline(item, party: party), let consent = item.consentID,
            let record = try await consents.record(consent, in: connection)
        else { return nil }
        return .init(hash: token.hash, previous: nil, rotatedAt: nil, endsAt: record.grant.validTo)
    }
}

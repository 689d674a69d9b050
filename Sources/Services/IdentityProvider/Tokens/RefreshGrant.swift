import Codecs
import Database
import Kernel
import RelyingParties

/// The refresh grant (RFC 6749 section 6, OpenID Connect Core 1.0 section 12). Clients that prove themselves keep their refresh token; public
/// clients get a new one each time, and the one before holds 30 seconds more for the same DPoP key, for an answer that was lost on the way.
/// An older one that comes back ends the grant (RFC 9700, section 4.14.2).
extension TokenService {
    /// Seconds for which the token before the last rotation is still good.
    static let rotationGrace: Int64 = 30

    private enum Outcome: Sendable {
        case kept(Transaction)
        case rotated(Transaction)
        case refused(OAuthError)
    }

    func refresh(_ request: ClientRequest) async throws -> TokenResponse {
        guard let text = request.form["refresh_token"] else {
            throw OAuthError.invalidRequest("refresh_token is missing")
        }
        let presented = RefreshToken(text)
        let next = RefreshToken(transactionID: presented?.transactionID ?? "", secret: ambient.randomBytes(32))
        let party = try await client(request, for: .refreshToken)
        let work: @Sendable (any SQLConnection) async throws -> Outcome = { connection in
            do {
                return try await self.renew(presented, next: next, request: request, party: party, in: connection)
            } catch let error as OAuthError {
                return .refused(error)
            }
        }
        // A public client's refresh writes; the others only read.
        let rotates = party.authentication == .none
        let outcome = rotates ? try await database.transaction(work) : try await database.read(work)
        switch outcome {
        case .refused(let error): throw error
        case .kept(let item):
            return try await answer(item, party: party, refreshToken: text, request: request)
        case .rotated(let item):
            return try await answer(item, party: party, refreshToken: next.encoded, request: request)
        }
    }

    private func renew(
        _ token: RefreshToken?, next: RefreshToken, request: ClientRequest, party: RelyingParty,
        in connection: any SQLConnection
    ) async throws -> Outcome {
        let unknown = OAuthError.invalidGrant("the refresh token is not valid for this client")
        guard let token, let item = try await store.find(token.transactionID, in: connection),
            item.clientID == party.clientID, item.status == .redeemed, let state = item.refresh
        else { throw unknown }
        let now = ambient.now()
        guard now < state.endsAt else { throw OAuthError.invalidGrant("the refresh token has expired") }
        try Self.requireKey(item.binding, request.keys)
        let isCurrent = constantTimeEquals(token.hash, state.hash)
        let isPrevious = state.previous.map { constantTimeEquals(token.hash, $0) } ?? false
        guard isCurrent || isPrevious else { throw unknown }
        try await requireLiving(item, in: connection)
        guard party.authentication == .none else {
            guard isCurrent else { throw unknown }
            return .kept(item)
        }
        if isPrevious {
            let inGrace = state.rotatedAt.map { now < $0.adding(seconds: Self.rotationGrace) } ?? false
            guard inGrace, item.binding?.kind == .proof else {
                try await store.revoke(item.id, in: connection)
                return .refused(OAuthError.invalidGrant("the refresh token was used before: the grant is revoked"))
            }
        }
        guard try await store.rotate(item.id, from: state.hash, to: next.hash, at: now, in: connection) else {
            throw OAuthError.invalidGrant("the refresh token was used by another request")
        }
        return .rotated(item)
    }

    /// A bound grant wants the same key again.
    static func requireKey(_ binding: TokenBinding?, _ keys: PresentedKeys) throws(OAuthError) {
        guard let binding else { return }
        switch binding.kind {
        case .proof:
            guard let shown = keys.proofThumbprint else {
                throw OAuthError("invalid_dpop_proof", "the refresh token is bound to a DPoP key")
            }
            guard shown == binding.thumbprint else { throw .invalidGrant("the token is bound to another DPoP key") }
        case .certificate:
            guard keys.certificateThumbprint == binding.thumbprint else {
                throw .invalidGrant("the token is bound to another client certificate")
            }
        }
    }

    private func answer(
        _ item: Transaction, party: RelyingParty, refreshToken: String?, request: ClientRequest
    ) async throws -> TokenResponse {
        guard let person = item.personID, try await people.mayLogIn(person) else {
            throw OAuthError.invalidGrant("the grant has ended")
        }
        let granted = Self.grantedScope(item)
        var scope = granted
        if let asked = request.form["scope"] {
            scope = asked.words
            guard Set(scope).isSubset(of: granted) else {
                throw OAuthError("invalid_scope", "the scope goes beyond what was granted")
            }
        }
        for resource in request.resources where !item.request.resources.contains(resource) {
            throw OAuthError("invalid_target", "the resource was not part of the grant")
        }
        return try await respond(
            item, party: party, binding: item.binding ?? Self.binding(request.keys, party: party),
            refreshToken: refreshToken, scope: scope, resources: request.resources.isEmpty ? nil : request.resources)
    }
}

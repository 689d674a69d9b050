import Database
import Kernel
import RelyingParties

/// The CIBA grant (OpenID CIBA Core 1.0, sections 10.1 and 11): the client asks until the person has decided on the
/// device.
extension TokenService {
    func redeemCIBA(_ request: ClientRequest) async throws -> TokenResponse {
        let party = try await client(request, for: .ciba)
        guard let authRequestID = request.form["auth_req_id"] else {
            throw OAuthError.invalidRequest("auth_req_id is missing")
        }
        let unknown = OAuthError.invalidGrant("auth_req_id is not valid for this client")
        guard let key = CIBAStore.key(authRequestID) else { throw unknown }
        let requests = CIBAStore()
        let refresh = RefreshToken(transactionID: "", secret: ambient.randomBytes(32))
        let outcome: PolledGrant.Outcome = try await database.transaction { connection in
            guard let found = try await requests.find(key, in: connection), found.clientID == party.clientID,
                let item = try await self.store.find(found.transactionID, in: connection)
            else { return .refused(unknown) }
            guard item.status == .pending else {
                return try await self.collect(
                    item, request: request, party: party, endsAt: found.expiresAt, refresh: refresh, in: connection)
            }
            let now = self.ambient.now()
            guard now < found.expiresAt else { return .refused(PolledGrant.expired) }
            var pace = found.pace
            let isTooFast = pace.isTooFast(at: now)
            try await requests.setPace(key, pace, in: connection)
            return .refused(isTooFast ? PolledGrant.slowDown : PolledGrant.pending)
        }
        return try await answer(
            outcome, party: party, refresh: refresh, traceID: request.traceID, authRequestID: authRequestID)
    }
}

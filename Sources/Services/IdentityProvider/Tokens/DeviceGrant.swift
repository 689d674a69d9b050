import Database
import Kernel
import RelyingParties

/// The device grant (RFC 8628, sections 3.4 and 3.5): the device asks until somebody has entered its code elsewhere
/// and decided.
extension TokenService {
    func redeemDeviceCode(_ request: ClientRequest) async throws -> TokenResponse {
        let party = try await client(request, for: .deviceCode)
        guard let deviceCode = request.form["device_code"] else {
            throw OAuthError.invalidRequest("device_code is missing")
        }
        let unknown = OAuthError.invalidGrant("device_code is not valid for this client")
        guard let key = DeviceCodeStore.key(deviceCode) else { throw unknown }
        let refresh = RefreshToken(transactionID: "", secret: ambient.randomBytes(32))
        let outcome: PolledGrant.Outcome = try await database.transaction { connection in
            guard let found = try await self.codes.find(key, in: connection), found.clientID == party.clientID else {
                return .refused(unknown)
            }
            guard !found.isDenied else { return .refused(.accessDenied) }
            if let id = found.transactionID {
                guard let item = try await self.store.find(id, in: connection) else { return .refused(unknown) }
                if item.status != .pending {
                    return try await self.collect(
                        item, request: request, party: party, endsAt: found.expiresAt, refresh: refresh,
                        in: connection)
                }
            }
            let now = self.ambient.now()
            guard now < found.expiresAt else { return .refused(PolledGrant.expired) }
            var pace = found.pace
            let isTooFast = pace.isTooFast(at: now)
            try await self.codes.setPace(key, pace, in: connection)
            return .refused(isTooFast ? PolledGrant.slowDown : PolledGrant.pending)
        }
        return try await answer(outcome, party: party, refresh: refresh, traceID: request.traceID)
    }
}

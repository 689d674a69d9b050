import Codecs
import Database
import Kernel
import RelyingParties

/// How fast a client may ask, and when it last did (RFC 8628, section 3.5; OpenID CIBA Core 1.0, section 7.3).
struct PollingPace: Sendable, Equatable {
    /// Seconds between two questions.
    var interval: Int64
    var lastAt: Instant?

    static let standardInterval: Int64 = 5
    /// What one question too early adds, and the longest interval.
    static let penalty: Int64 = 5
    static let longestInterval: Int64 = 60
    /// What the way through the network may take off an interval.
    static let toleranceMicroseconds: Int64 = 500_000

    init(interval: Int64 = standardInterval, lastAt: Instant? = nil) {
        self.interval = interval
        self.lastAt = lastAt
    }

    /// Notes a question; true when it came too early, after which the interval is longer.
    mutating func isTooFast(at now: Instant) -> Bool {
        defer { lastAt = now }
        guard let lastAt,
            now.microseconds - lastAt.microseconds < interval * 1_000_000 - Self.toleranceMicroseconds
        else { return false }
        interval = min(interval + Self.penalty, Self.longestInterval)
        return true
    }
}

/// What the grants have in common whose clients ask until the person has decided elsewhere: CIBA and the device grant.
enum PolledGrant {
    enum Outcome: Sendable {
        /// With what the ID token tells of the person.
        case granted(Transaction, TokenBinding?, JSONObject)
        /// A refusal that leaves something to store (the time of the last question), so the transaction must not be
        /// undone.
        case refused(OAuthError)
    }

    static let pending = OAuthError("authorization_pending", "the person has not decided yet")
    static let slowDown = OAuthError(
        "slow_down", "the token endpoint was asked too soon: wait five seconds longer from now on")
    static let expired = OAuthError("expired_token", "the request has expired: begin again")

    /// Seconds after the decision for which the tokens can be fetched when the request itself has ended meanwhile.
    static let pickUpGrace: Int64 = 60
}

extension TokenService {
    /// Redeems an approved transaction, or says why there are no tokens for it. A pending one is the caller's.
    /// - Parameters:
    ///   - endsAt: the end of the request itself.
    ///   - refresh: the refresh token that goes with the grant if there is one.
    func collect(
        _ item: Transaction, request: ClientRequest, party: RelyingParty, endsAt: Instant, refresh: RefreshToken,
        in connection: any SQLConnection
    ) async throws -> PolledGrant.Outcome {
        switch item.status {
        case .pending: return .refused(PolledGrant.pending)
        case .denied, .reported, .mismatch: return .refused(.accessDenied)
        case .redeemed, .revoked: return .refused(.invalidGrant("the tokens were fetched before"))
        case .approved: break
        }
        let now = ambient.now()
        guard let decided = item.decidedAt,
            now < max(endsAt, decided.adding(seconds: PolledGrant.pickUpGrace))
        else { return .refused(PolledGrant.expired) }
        guard item.meetsEssentialLevel(settings.policy) else { return .refused(.unmetAuthentication) }
        do {
            try await requireLiving(item, in: connection)
            let binding = try Self.binding(request.keys, party: party)
            let state = try await refreshState(item, party: party, token: refresh, in: connection)
            guard try await store.redeem(item.id, binding: binding, refresh: state, in: connection) else {
                return .refused(.invalidGrant("the tokens were fetched before"))
            }
            let attributes = try await release.idToken(item, to: party, traceID: request.traceID, in: connection)
            return .granted(item, binding, attributes)
        } catch let error as OAuthError {
            return .refused(error)
        }
    }

    /// The answer to what `collect` found.
    func answer(
        _ outcome: PolledGrant.Outcome, party: RelyingParty, refresh: RefreshToken, traceID: String,
        authRequestID: String? = nil
    ) async throws -> TokenResponse {
        switch outcome {
        case .refused(let error): throw error
        case .granted(let item, let binding, let attributes):
            if let wanted = item.request.subject, let person = item.personID,
                try await subject(of: person, party: party) != wanted
            {
                throw OAuthError.accessDenied
            }
            let offline = Self.isOffline(item, party: party)
            let token = RefreshToken(transactionID: item.id, secret: refresh.secret)
            return try await respond(
                item, party: party, binding: binding, refreshToken: offline ? token.encoded : nil,
                attributes: attributes, authRequestID: authRequestID)
        }
    }
}

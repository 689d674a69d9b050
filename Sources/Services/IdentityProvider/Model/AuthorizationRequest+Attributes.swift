import Kernel
import RelyingParties

extension AuthorizationRequest {
    /// Notes which attributes are asked, and in which channel: only those that the purpose registers.
    mutating func ask(scope: [String], claims: ClaimsRequest?, purpose: RegisteredPurpose) {
        self.scope = scope
        // Staying connected is one of the things that the person decides, like an attribute.
        let offline = scope.contains("offline_access") ? ["offline_access"] : []
        let elements = (claims?.verifiedUserInfo ?? []) + (claims?.verifiedIDToken ?? [])
        if elements.isEmpty {
            let names = (claims?.userInfo ?? []) + (claims?.idToken ?? [])
            let asked = RequestedAttributes(scope: scope, claimNames: names, purpose: purpose)
            attributes = asked.shown + offline
            essential = asked.essential
            idTokenAttributes = claims.map { claims in asked.shown.filter(claims.idToken.contains) } ?? []
            dropped = asked.dropped
            return
        }
        let registered = Set(purpose.essential + purpose.optional)
        verifiedUserInfo = (claims?.verifiedUserInfo ?? []).compactMap { $0.restricted(to: registered) }
        verifiedIDToken = (claims?.verifiedIDToken ?? []).compactMap { $0.restricted(to: registered) }
        let plainNames = (claims?.userInfo ?? []) + (claims?.idToken ?? [])
        let verifiedNames = (verifiedUserInfo + verifiedIDToken).flatMap(\.attributes)
        let plain = RequestedAttributes(scope: scope, claimNames: plainNames, purpose: purpose)
        let all = RequestedAttributes(scope: scope, claimNames: plainNames + verifiedNames, purpose: purpose)
        attributes = all.shown + offline
        essential = all.essential
        idTokenAttributes = all.shown.filter { claims?.idToken.contains($0) ?? false }
        verifiedOnly = all.shown.filter { !plain.shown.contains($0) }
        dropped = Set(all.dropped + elements.flatMap(\.attributes).filter { !registered.contains($0) }).sorted()
    }
}

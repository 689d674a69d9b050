import Kernel
import RelyingParties

extension AuthorizationRequest {
    /// Notes which attributes are asked, and in which channel: only those that the purpose registers.
    mutating func ask(scope: [String], claims: ClaimsRequest?, purpose: RegisteredPurpose) {
        let registered = Set(purpose.essential + purpose.optional)
        let elements = (claims?.verifiedUserInfo ?? []) + (claims?.verifiedIDToken ?? [])
        verifiedUserInfo = (claims?.verifiedUserInfo ?? []).compactMap { $0.restricted(to: registered) }
        verifiedIDToken = (claims?.verifiedIDToken ?? []).compactMap { $0.restricted(to: registered) }
        let plainNames = (claims?.userInfo ?? []) + (claims?.idToken ?? [])
        let verifiedNames = (verifiedUserInfo + verifiedIDToken).flatMap(\.attributes)
        let plain = RequestedAttributes(scope: scope, claimNames: plainNames, purpose: purpose)
        let all = RequestedAttributes(scope: scope, claimNames: plainNames + verifiedNames, purpose: purpose)
        self.scope = scope
        // Staying connected is one of the things that the person decides, like an attribute.
        attributes = all.shown + (scope.contains("offline_access") ? ["offline_access"] : [])
        essential = all.essential
        idTokenAttributes = all.shown.filter { claims?.idToken.contains($0) ?? false }
        verifiedOnly = all.shown.filter { !plain.shown.contains($0) }
        dropped = Set(all.dropped + elements.flatMap(\.attributes).filter { !registered.contains($0) }).sorted()
    }
}

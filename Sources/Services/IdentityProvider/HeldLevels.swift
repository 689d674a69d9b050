import Authenticators
import Kernel

extension IdentityProvider {
    /// Until when a person's levels are held after lost devices were replaced; `nil` when they are not. For the pages
    /// of the person.
    public func heldUntil(_ person: PersonID) async throws -> Instant? {
        try await database.read { try await self.authenticators.hold(of: person, in: $0)?.until }
    }

    /// The error for an essential level that was not reached; says until when levels are held, if they are.
    func unmetLevel(of item: Transaction) async throws -> OAuthError {
        guard let person = item.personID, let until = try await heldUntil(person) else { return .unmetAuthentication }
        return OAuthError(
            "unmet_authentication_requirements",
            "the person's authenticators were replaced; higher levels are held until \(until.rfc3339)")
    }
}

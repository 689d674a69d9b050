import Database
import Kernel

/// What the life of authenticators means elsewhere: grants and sessions end with them, people are told. The composition root fills it in.
///
/// Every function is called in the transaction that causes it, whose closure may run again: implementations write to their own tables and
/// do nothing else. What they throw undoes the cause.
public protocol AuthenticatorEffects: Sendable {
    /// A device, passkey or sheet of codes was blocked, revoked or ended.
    /// - Parameter id: as it stands in approvals.
    func ended(_ id: String, of person: PersonID, in connection: any SQLConnection) async throws

    /// A person has a new device or passkey that works.
    func added(_ kind: AuthenticatorKind, to person: PersonID, in connection: any SQLConnection) async throws

    /// Somebody came to an officer as this person and said that their phone is gone; their devices are blocked.
    func reportedGone(by person: PersonID, in connection: any SQLConnection) async throws
}

/// What people log in with.
public enum AuthenticatorKind: String, Sendable {
    case device, passkey
}

/// Nothing follows.
public struct NoAuthenticatorEffects: AuthenticatorEffects {
    public init() {}

    public func ended(_ id: String, of person: PersonID, in connection: any SQLConnection) async throws {}

    public func added(
        _ kind: AuthenticatorKind, to person: PersonID, in connection: any SQLConnection
    ) async throws {}

    public func reportedGone(by person: PersonID, in connection: any SQLConnection) async throws {}
}

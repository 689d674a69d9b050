import Authenticators
import Database
import Kernel
import Outbound

/// What follows at the provider when authenticators come and go: grants and sessions of one that ended end in the same transaction, so that
/// userinfo and introspection need not ask for the device at each request. Telling relying parties and people is only noted down there, and
/// done afterwards by ``IdentityProvider/followUp()``.
public struct Aftermath: AuthenticatorEffects {
    private let ambient: Ambient
    private let transactions = TransactionStore()
    private let store = AftermathStore()

    public init(ambient: Ambient) { self.ambient = ambient }

    /// The sessions in which the authenticator took part end as a whole, whoever else approved in them; other sessions and their grants stay.
    public func ended(_ id: String, of person: PersonID, in connection: any SQLConnection) async throws {
        let (now, subjectKey) = (ambient.now(), ApprovalService.subjectKey(person))
        let sessions = try await transactions.sessions(
            approvedBy: id, subjectKey: subjectKey, now: now, in: connection)
        guard !sessions.isEmpty else { return }
        try await transactions.revokeGrants(approvedBy: id, subjectKey: subjectKey, in: connection)
        for session in sessions {
            if try await transactions.endSession(session, in: connection) {
                try await transactions.revokeSession(session, in: connection)
            }
            try await store.insert(
                .init(id: session, kind: .session, personID: person), at: now, in: connection)
        }
    }

    public func added(
        _ kind: AuthenticatorKind, to person: PersonID, in connection: any SQLConnection
    ) async throws {
        try await note(kind == .device ? .device : .passkey, person, in: connection)
    }

    public func reportedGone(by person: PersonID, in connection: any SQLConnection) async throws {
        try await note(.reportedGone, person, in: connection)
    }

    private func note(
        _ kind: AftermathStore.Kind, _ person: PersonID, in connection: any SQLConnection
    ) async throws {
        try await store.insert(
            .init(id: ambient.newID(), kind: kind, personID: person), at: ambient.now(), in: connection)
    }
}

extension IdentityProvider {
    /// Does what has yet to follow from the life of authenticators: logout tokens to the relying parties of sessions that ended, and text
    /// messages to people when there is a gateway. Every node may call it; each thing is done once. Call it every few seconds.
    /// - Returns: how many things were done.
    @discardableResult
    public func followUp() async throws -> Int {
        let (store, texts) = (AftermathStore(), securityTexts)
        let kinds = [.session] + (texts == nil ? [] : AftermathStore.Kind.texts)
        let waiting = try await database.read { try await store.waiting(kinds, limit: 100, in: $0) }
        guard !waiting.isEmpty else { return 0 }
        var done = 0
        for item in waiting {
            do {
                if item.kind == .session {
                    try await logout.tell(item)
                } else {
                    try await texts?.tell(item)
                }
                done += 1
            } catch {
                // One that cannot be told keeps nobody else from being told; it is tried again for an hour.
                logger.error("what follows an authenticator's change failed", metadata: ["error": "\(error)"])
            }
        }
        surroundings.deliveries?.wake()
        return done
    }

    /// Forgets what nobody counts or waits for any more.
    func purgeAftermath(in connection: any SQLConnection) async throws {
        let now = ambient.now()
        try await AftermathStore().purge(
            doneBefore: now.adding(seconds: -SecurityTexts.windowSeconds), waitingBefore: now.adding(seconds: -3600),
            in: connection)
    }
}

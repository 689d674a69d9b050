import Kernel

/// Tells a person's browsers that something waits for their approval. The composition root fills it in. Called after the request was
/// stored: an implementation returns at once and cannot fail, so that no login waits for it.
public protocol ApprovalNotifier: Sendable {
    /// Something waits for a person.
    /// - Parameters:
    ///   - id: opaque; it opens nothing.
    ///   - until: when it stops waiting.
    func waits(for person: PersonID, id: String, until: Instant)
}

/// Nobody is told.
public struct NoApprovalNotifier: ApprovalNotifier {
    public init() {}

    public func waits(for person: PersonID, id: String, until: Instant) {}
}

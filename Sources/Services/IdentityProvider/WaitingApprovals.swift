import Codecs
import Kernel

/// A request that waits for a person's approval, as the person's own pages show it. Nothing in it lets anybody approve.
public struct WaitingApproval: Sendable {
    public var id: String
    public var createdAt: Instant
    public var expiresAt: Instant
    /// Who asks, and the host that the person returns to.
    public var clientName: LocalizedText
    public var clientHost: String
    public var purpose: LocalizedText
    /// The data that is asked for.
    public var attributes: [LocalizedText]
    /// What is authorised besides, line by line.
    public var details: [LocalizedText]
    /// What the person compares with the other side, where no browser waits.
    public var message: String?
    /// The browser, in words of ours.
    public var origin: String
}

extension IdentityProvider {
    /// What waits for a person now, oldest first, at most ten.
    public func waitingApprovals(of person: PersonID) async throws -> [WaitingApproval] {
        try await approvals.pending(for: person, waitSeconds: 0).map { item in
            let details = item.details
            return WaitingApproval(
                id: item.id, createdAt: item.createdAt, expiresAt: item.expiresAt,
                clientName: Self.text(details["client_name"]), clientHost: details.string("client_host") ?? "",
                purpose: Self.text(details["purpose"]),
                attributes: (details["attributes"]?.arrayValue ?? []).map(Self.text),
                details: (details["authorization_details"]?.arrayValue ?? []).map(Self.text),
                message: details.string("binding_message"), origin: details.string("origin") ?? "")
        }
    }

    private static func text(_ value: JSONValue?) -> LocalizedText {
        LocalizedText(km: value?["km"]?.stringValue ?? "", en: value?["en"]?.stringValue ?? "")
    }
}

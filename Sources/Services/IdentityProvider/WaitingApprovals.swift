import Authenticators
import Codecs
import Database
import Hummingbird
import Kernel
import Web

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
    /// The network that the browser is in, in words of ours; `nil` where there is none.
    public var network: String?
    /// Where that network is, roughly; `nil` where nobody knows.
    public var place: LocalizedText?
}

/// A request with all that the person needs to decide about it. The right number is not among it.
public struct DecidableApproval: Sendable {
    /// Data that is asked for.
    public struct Attribute: Sendable {
        public var name: String
        public var label: LocalizedText
        public var summary: LocalizedText
        /// The service says that it needs it.
        public var isEssential: Bool
        /// Whether the person chose it already where the request began, or, where nobody was asked, whether it is essential.
        public var isChosen: Bool
    }

    public var waiting: WaitingApproval
    public var attributes: [Attribute]
    /// Until when the consent would hold.
    public var validUntil: Instant
    /// The three numbers to choose among, in rising order.
    public var numbers: [Int]
    /// Whether a passkey reaches what the request calls essential.
    public var isWithinPasskeys: Bool
    /// Whether the person has a passkey that may be used.
    public var hasPasskey: Bool
}

extension IdentityProvider {
    /// What waits for a person now, oldest first, at most ten.
    public func waitingApprovals(of person: PersonID) async throws -> [WaitingApproval] {
        try await approvals.pending(for: person, waitSeconds: 0).map(Self.waiting)
    }

    /// One request that waits for a person. Throws `transaction.not_found`, `transaction.decided`, `transaction.expired`.
    public func waitingApproval(_ id: String, of person: PersonID) async throws -> DecidableApproval {
        let (item, isReachable, hasPasskey) = try await database.read { [self] connection in
            let item = try await approvals.undecided(id, of: person, in: connection)
            return (
                item, try await passkeyApproval.reaches(item, in: connection),
                try await !passkeyApproval.active(of: person, in: connection).isEmpty
            )
        }
        let asked = item.details.string("origin") != CIBAService.origin
        return DecidableApproval(
            waiting: Self.waiting(item),
            attributes: item.request.attributes.map { name in
                let (text, isEssential) = (AttributeText(name), item.request.essential.contains(name))
                return .init(
                    name: name, label: text.label, summary: text.summary, isEssential: isEssential,
                    isChosen: asked || isEssential)
            },
            validUntil: Instant(seconds: item.details.integer("valid_until") ?? item.expiresAt.seconds),
            numbers: item.numbers, isWithinPasskeys: isReachable, hasPasskey: hasPasskey)
    }

    /// The options for a passkey's signature over an approval, and the state that comes back with it. Throws `transaction.*`, `passkey.refused`.
    /// - Parameter session: names the session of the pages that the person is in.
    public func approvalOptions(
        _ id: String, of person: PersonID, attributes: [String], number: Int, session: [UInt8]
    ) async throws -> JSONObject {
        try await passkeyApproval.options(
            id, of: person, ApprovalChoice(attributes: attributes, number: number), session: session)
    }

    /// Approves with a passkey. Throws `transaction.*`, `passkey.*`, `webauthn.*`.
    public func approve(
        _ id: String, of person: PersonID, state: String, credential: JSONObject, session: [UInt8]
    ) async throws {
        _ = try await passkeyApproval.complete(
            id, of: person, state: state, credential: credential, session: session)
    }

    /// Says no to a request; with `report`, also that it was not this person. Throws `transaction.*`.
    public func decline(_ id: String, of person: PersonID, report: Bool) async throws {
        try await passkeyApproval.decline(id, of: person, report ? .report : .deny)
    }

    /// Where the browser of this web request goes on when it is the one that began the login; `nil` for every other browser.
    public func continuation(of id: String, _ request: Request, _ context: AppContext) async throws -> String? {
        let binding = BrowserBinding(request: request, context: context, ambient: ambient)
        guard !binding.isNew else { return nil }
        let found = try await database.read { [self] connection in try await approvals.store.status(id, in: connection)
        }
        guard let found, constantTimeEquals(found.browserHash, binding.hash) else { return nil }
        return "/authorize/\(id)/continue"
    }

    private static func waiting(_ item: Transaction) -> WaitingApproval {
        let details = item.details
        return WaitingApproval(
            id: item.id, createdAt: item.createdAt, expiresAt: item.expiresAt,
            clientName: text(details["client_name"]), clientHost: details.string("client_host") ?? "",
            purpose: text(details["purpose"]),
            attributes: (details["attributes"]?.arrayValue ?? []).map(text),
            details: (details["authorization_details"]?.arrayValue ?? []).map(text),
            message: details.string("binding_message"), origin: details.string("origin") ?? "",
            network: details.string("network"), place: details.object("place").map { text(.object($0)) })
    }

    private static func text(_ value: JSONValue?) -> LocalizedText {
        LocalizedText(km: value?["km"]?.stringValue ?? "", en: value?["en"]?.stringValue ?? "")
    }
}

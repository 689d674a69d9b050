import CitizenPortal
import Database
import IdentityProvider
import Kernel
import KeyVault
import Logging
import Outbound
import WebPush

extension Configuration {
    /// Whom push services may write to: the setting, or the public address where it is https. `nil`: nothing is sent.
    var pushSender: String? {
        if let pushContact { return pushContact }
        return baseURL.flatMap { $0.hasPrefix("https://") ? $0 : nil }
    }

    /// The browsers of people that are told when something waits; `nil` when this node tells none.
    /// Throws `push.contact`, `configuration.invalid`.
    func notifications(
        database: any Database, vault: any KeyVault, ambient: Ambient, logger: Logger
    ) throws -> Notifications? {
        guard let contact = pushSender else { return nil }
        // A client of its own: where the server may ask relying parties says nothing about push services, whose addresses come from browsers.
        let client = OutboundClient(
            policy: OutboundPolicy(rules: pushAllow.compactMap(OutboundRule.init)), limits: .push,
            trust: try outboundTrust())
        let sender = PushSender(
            client: client, tokens: try VAPIDTokens(contact: contact, ambient: ambient, vault: vault), ambient: ambient)
        return Notifications(database: database, vault: vault, sender: sender, ambient: ambient, logger: logger)
    }
}

/// The citizen's notifications as the identity provider's `ApprovalNotifier`.
struct BrowserNotifier: ApprovalNotifier {
    let notifications: Notifications

    func waits(for person: PersonID, id: String, until: Instant) {
        notifications.announce(id, to: person, until: until)
    }
}

extension Node {
    /// The further pages of the citizen's app.
    var citizenApp: CitizenApp {
        CitizenApp(
            requests: ProviderRequests(provider: provider), register: register, gate: gate,
            audit: auditJournal, corrections: RegisterCorrections(register: register), notifications: notifications)
    }
}

/// The provider's open approvals as the citizen's pages show them.
struct ProviderRequests: WaitingRequests {
    let provider: IdentityProvider

    func waiting(for person: PersonID) async throws -> [WaitingRequest] {
        try await provider.waitingApprovals(of: person).map { item in
            WaitingRequest(
                id: item.id, since: item.createdAt, until: item.expiresAt, service: item.clientName,
                host: item.clientHost, purpose: item.purpose, attributes: item.attributes, details: item.details,
                message: item.message, browser: item.origin)
        }
    }
}

extension ProviderSurroundings {
    /// The same with people's browsers told of what waits.
    func telling(_ notifications: Notifications?) -> ProviderSurroundings {
        guard let notifications else { return self }
        var copy = self
        copy.notifier = BrowserNotifier(notifications: notifications)
        return copy
    }
}

import CitizenPortal
import Codecs
import Database
import Hummingbird
import IdentityProvider
import Kernel
import KeyVault
import Logging
import Outbound
import Web
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
        let reports = CivilReports(civil: civil, reference: reference, ambient: ambient)
        return CitizenApp(
            requests: ProviderRequests(provider: provider), register: register, gate: gate,
            audit: auditJournal, corrections: RegisterCorrections(register: register), notifications: notifications,
            links: configuration.appLinks,
            reports: configuration.services.contains(.registration) ? reports : nil,
            records: CivilRecords(civil: civil, reports: reports))
    }
}

/// The provider's open approvals as the citizen's pages show them.
struct ProviderRequests: WaitingRequests {
    let provider: IdentityProvider

    func waiting(for person: PersonID) async throws -> [WaitingRequest] {
        try await provider.waitingApprovals(of: person).map(Self.request)
    }

    func request(_ id: String, of person: PersonID) async throws -> DecidableRequest {
        let found = try await provider.waitingApproval(id, of: person)
        return DecidableRequest(
            request: Self.request(found.waiting),
            attributes: found.attributes.map {
                .init(
                    name: $0.name, label: $0.label, summary: $0.summary, isEssential: $0.isEssential,
                    isChosen: $0.isChosen)
            },
            validUntil: found.validUntil, numbers: found.numbers, isWithinPasskeys: found.isWithinPasskeys,
            hasPasskey: found.hasPasskey)
    }

    func options(
        _ id: String, of person: PersonID, attributes: [String], number: Int, session: [UInt8]
    ) async throws -> JSONObject {
        try await provider.approvalOptions(id, of: person, attributes: attributes, number: number, session: session)
    }

    func approve(
        _ id: String, of person: PersonID, state: String, credential: JSONObject, session: [UInt8]
    ) async throws {
        try await provider.approve(id, of: person, state: state, credential: credential, session: session)
    }

    func decline(_ id: String, of person: PersonID, report: Bool) async throws {
        try await provider.decline(id, of: person, report: report)
    }

    func continuation(_ id: String, _ request: Request, _ context: AppContext) async throws -> String? {
        try await provider.continuation(of: id, request, context)
    }

    private static func request(_ item: WaitingApproval) -> WaitingRequest {
        WaitingRequest(
            id: item.id, since: item.createdAt, until: item.expiresAt, service: item.clientName, host: item.clientHost,
            purpose: item.purpose, attributes: item.attributes, details: item.details, message: item.message,
            browser: item.origin, network: item.network, place: item.place)
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

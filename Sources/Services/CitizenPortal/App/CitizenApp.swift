import Accountability
import Kernel
import Web

/// A request that waits for the person's approval, in words.
public struct WaitingRequest: Sendable {
    public var id: String
    public var since: Instant
    public var until: Instant
    /// Who asks, and the host that the person returns to.
    public var service: LocalizedText
    public var host: String
    public var purpose: LocalizedText
    /// The data that is asked for.
    public var attributes: [LocalizedText]
    /// What is authorised besides, line by line.
    public var details: [LocalizedText]
    /// What the person compares with the other side, where no browser waits.
    public var message: String?
    /// The browser, as in ``BrowserLogin/browser``.
    public var browser: String

    public init(
        id: String, since: Instant, until: Instant, service: LocalizedText, host: String, purpose: LocalizedText,
        attributes: [LocalizedText], details: [LocalizedText] = [], message: String? = nil, browser: String
    ) {
        self.id = id
        self.since = since
        self.until = until
        self.service = service
        self.host = host
        self.purpose = purpose
        self.attributes = attributes
        self.details = details
        self.message = message
        self.browser = browser
    }
}

/// What waits for people's approval.
public protocol WaitingRequests: Sendable {
    /// What waits for a person now, oldest first.
    func waiting(for person: PersonID) async throws -> [WaitingRequest]
}

/// What the pages of the app need besides the citizen's first page.
public struct CitizenApp: Sendable {
    let requests: any WaitingRequests
    let register: any AttributeSource
    let gate: DisclosureGate
    let audit: AuditJournal
    let corrections: any CorrectionRequests
    let notifications: Notifications?

    /// - Parameters:
    ///   - register: what is held about people, behind the gate.
    ///   - corrections: where requests for correction go.
    ///   - notifications: `nil` on a node that sends none.
    public init(
        requests: any WaitingRequests, register: any AttributeSource, gate: DisclosureGate, audit: AuditJournal,
        corrections: any CorrectionRequests, notifications: Notifications?
    ) {
        self.requests = requests
        self.register = register
        self.gate = gate
        self.audit = audit
        self.corrections = corrections
        self.notifications = notifications
    }
}

extension CitizenPortal {
    /// Styles, scripts and pictures of the citizen's pages.
    public static let assets: [Asset] = AppScripts.assets + AppIcons.assets + [PasskeyPageScript.asset]
}

import Accountability
import Codecs
import Hummingbird
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
    /// The network that the browser is in, as ``NetworkName`` words it; `nil` where there is none.
    public var network: String?
    /// Where that network is, roughly; `nil` where nobody knows.
    public var place: LocalizedText?

    public init(
        id: String, since: Instant, until: Instant, service: LocalizedText, host: String, purpose: LocalizedText,
        attributes: [LocalizedText], details: [LocalizedText] = [], message: String? = nil, browser: String,
        network: String? = nil, place: LocalizedText? = nil
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
        self.network = network
        self.place = place
    }
}

/// A request with all that its page shows. Nothing in it says which number is the right one.
public struct DecidableRequest: Sendable {
    /// Data that is asked for.
    public struct Attribute: Sendable {
        public var name: String
        public var label: LocalizedText
        public var summary: LocalizedText
        /// The service says that it needs it.
        public var isEssential: Bool
        /// Whether it is ticked at first.
        public var isChosen: Bool

        public init(
            name: String, label: LocalizedText, summary: LocalizedText, isEssential: Bool, isChosen: Bool
        ) {
            self.name = name
            self.label = label
            self.summary = summary
            self.isEssential = isEssential
            self.isChosen = isChosen
        }
    }

    public var request: WaitingRequest
    public var attributes: [Attribute]
    /// Until when the consent would hold.
    public var validUntil: Instant
    /// The numbers to choose among.
    public var numbers: [Int]
    /// Whether a passkey reaches the level that the service calls essential.
    public var isWithinPasskeys: Bool
    /// Whether the person has a passkey that may be used.
    public var hasPasskey: Bool

    public init(
        request: WaitingRequest, attributes: [Attribute], validUntil: Instant, numbers: [Int], isWithinPasskeys: Bool,
        hasPasskey: Bool
    ) {
        self.request = request
        self.attributes = attributes
        self.validUntil = validUntil
        self.numbers = numbers
        self.isWithinPasskeys = isWithinPasskeys
        self.hasPasskey = hasPasskey
    }
}

/// What waits for people's approval, and their decisions about it. Another person's request is answered like none.
public protocol WaitingRequests: Sendable {
    /// What waits for a person now, oldest first.
    func waiting(for person: PersonID) async throws -> [WaitingRequest]

    /// One of them. Throws for one that is not this person's, decided, or over.
    func request(_ id: String, of person: PersonID) async throws -> DecidableRequest

    /// What the browser needs for a passkey's signature over an approval: `publicKey` and `state`.
    /// - Parameter session: names the session of these pages; the answer counts in the same one only.
    func options(
        _ id: String, of person: PersonID, attributes: [String], number: Int, session: [UInt8]
    ) async throws -> JSONObject

    /// Approves with what the passkey signed.
    func approve(
        _ id: String, of person: PersonID, state: String, credential: JSONObject, session: [UInt8]
    ) async throws

    /// Says no; with `report`, also that it was somebody else.
    func decline(_ id: String, of person: PersonID, report: Bool) async throws

    /// Where the browser of this web request goes on when it is the one in which the login began; `nil` for all others.
    func continuation(_ id: String, _ request: Request, _ context: AppContext) async throws -> String?
}

/// What the pages of the app need besides the citizen's first page.
public struct CitizenApp: Sendable {
    let requests: any WaitingRequests
    let register: any AttributeSource
    let gate: DisclosureGate
    let audit: AuditJournal
    let corrections: any CorrectionRequests
    let notifications: Notifications?
    let links: AppLinks
    let reports: (any CitizenReports)?
    let records: (any CitizenRecords)?

    /// - Parameters:
    ///   - register: what is held about people, behind the gate.
    ///   - corrections: where requests for correction go.
    ///   - notifications: `nil` on a node that sends none.
    ///   - links: native apps that open our addresses.
    ///   - reports: where reports of births and deaths go; `nil` on a node that takes none.
    ///   - records: where one's own records of civil status come from; `nil` on a node without that register.
    public init(
        requests: any WaitingRequests, register: any AttributeSource, gate: DisclosureGate, audit: AuditJournal,
        corrections: any CorrectionRequests, notifications: Notifications?, links: AppLinks = AppLinks(),
        reports: (any CitizenReports)? = nil, records: (any CitizenRecords)? = nil
    ) {
        self.requests = requests
        self.register = register
        self.gate = gate
        self.audit = audit
        self.corrections = corrections
        self.notifications = notifications
        self.links = links
        self.reports = reports
        self.records = records
    }
}

extension CitizenPortal {
    /// Styles, scripts and pictures of the citizen's pages.
    public static let assets: [Asset] =
        AppScripts.assets + AppIcons.assets + [PasskeyPageScript.asset, RequestScript.asset]
}

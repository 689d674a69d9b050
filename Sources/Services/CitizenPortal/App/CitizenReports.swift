import Kernel

/// What a citizen can tell the office of.
public enum ReportedEvent: String, Sendable, CaseIterable {
    case birth, death

    /// The name in both languages.
    public var label: LocalizedText {
        switch self {
        case .birth: LocalizedText(km: "កំណើត", en: "Birth")
        case .death: LocalizedText(km: "មរណភាព", en: "Death")
        }
    }
}

/// A place to choose.
public struct ReportPlace: Sendable {
    public let code: String
    public let name: LocalizedText

    public init(code: String, name: LocalizedText) {
        self.code = code
        self.name = name
    }
}

/// One field of the short form.
public struct ReportField: Sendable {
    public let id: String
    public let label: LocalizedText
    public let hint: LocalizedText?
    /// Answers to choose from; empty for a text.
    public let choices: [(code: String, label: LocalizedText)]
    public let isRequired: Bool
    public let limit: Int

    public init(
        id: String, label: LocalizedText, hint: LocalizedText? = nil,
        choices: [(code: String, label: LocalizedText)] = [], isRequired: Bool, limit: Int = 100
    ) {
        self.id = id
        self.label = label
        self.hint = hint
        self.choices = choices
        self.isRequired = isRequired
        self.limit = limit
    }
}

/// How far a report is.
public struct CitizenReport: Sendable {
    public let trackingID: String
    public let event: LocalizedText
    public let office: LocalizedText
    public let state: LocalizedText
    /// Whether the event is registered.
    public let isDone: Bool
    public let sentAt: Instant
    public let changedAt: Instant

    public init(
        trackingID: String, event: LocalizedText, office: LocalizedText, state: LocalizedText, isDone: Bool,
        sentAt: Instant, changedAt: Instant
    ) {
        self.trackingID = trackingID
        self.event = event
        self.office = office
        self.state = state
        self.isDone = isDone
        self.sentAt = sentAt
        self.changedAt = changedAt
    }
}

/// Where citizens' reports of births and deaths go.
public protocol CitizenReports: Sendable {
    /// The provinces, or the parts of a place down to communes.
    func places(in code: String?) async throws -> [ReportPlace]

    /// A commune in words, or `nil` when it is none.
    func commune(_ code: String) async throws -> LocalizedText?

    /// The short form for an event in a commune.
    func form(_ event: ReportedEvent, commune: String) async throws -> [ReportField]

    /// Sends a report; the identifier for asking how far it is. Throws an error with fields for what was refused.
    /// - Parameter key: names the form, so that sending it twice does nothing twice.
    func send(
        _ event: ReportedEvent, _ values: [String: String], commune: String, key: String, by person: PersonID
    ) async throws -> String

    /// A person's own report. Throws for anybody else's.
    func report(_ trackingID: String, of person: PersonID) async throws -> CitizenReport
}

import Kernel

/// What data is wanted for. Stands in the access entry that the citizen reads.
public struct Purpose: Sendable, Hashable {
    /// The registered code of the purpose (`login`, `ekyc.account-opening`).
    public let code: String
    /// The purpose in words that a citizen understands.
    public let text: LocalizedText

    public init(code: String, text: LocalizedText) {
        self.code = code
        self.text = text
    }
}

/// Why the disclosure is allowed. There is no fourth way.
public enum Basis: Sendable, Hashable {
    /// The person asked for what is held about them, and nobody else sees it. Only with `Actor.subjectSelf`.
    case ownRequest
    /// The identifier of a consent record.
    case consent(String)
    /// The code of a legal provision.
    case statute(String)

    var kind: String {
        switch self {
        case .ownRequest: Self.ownRequestKind
        case .consent: "consent"
        case .statute: "statute"
        }
    }

    var reference: String {
        switch self {
        case .ownRequest: "self"
        case .consent(let id), .statute(let id): id
        }
    }

    private static let ownRequestKind = "own_request"

    /// A basis as an entry of the journal holds it.
    init(kind: String, reference: String) {
        switch kind {
        case Self.ownRequestKind: self = .ownRequest
        case "consent": self = .consent(reference)
        default: self = .statute(reference)
        }
    }
}

/// Who acts.
public enum Actor: Sendable, Hashable {
    /// An officer, by the identifier in the directory, in one of the officer's roles.
    case officer(id: String, role: String)
    /// A relying party, by its client identifier.
    case client(String)
    /// The person whom the data is about.
    case subjectSelf
    /// A part of this system, by name.
    case system(String)

    /// `officer`, `client`, `self` or `system`.
    public var kind: String {
        switch self {
        case .officer: "officer"
        case .client: "client"
        case .subjectSelf: "self"
        case .system: "system"
        }
    }

    /// The identifier of an officer or client, or the name of a part of the system; `nil` for the subject.
    public var identifier: String? {
        switch self {
        case .officer(let id, _): id
        case .client(let id): id
        case .system(let name): name
        case .subjectSelf: nil
        }
    }
}

/// An agency or company, as a citizen knows it.
public struct Organisation: Sendable, Hashable {
    /// The registered code.
    public let code: String
    public let name: LocalizedText

    public init(code: String, name: LocalizedText) {
        self.code = code
        self.name = name
    }
}

/// A wish to see personal data: who, about whom, on what basis, what for, which attributes. The gate refuses an
/// incomplete one.
public struct DisclosureRequest: Sendable {
    /// Whose data.
    public var subject: PersonID
    /// Who asks.
    public var actor: Actor
    /// For which organisation.
    public var organisation: Organisation
    /// Through which system of the organisation.
    public var system: String
    /// For which of its services.
    public var service: String
    public var purpose: Purpose
    public var basis: Basis
    /// At most 64; repeated names count once.
    public var attributes: [AttributeName]
    /// Ties the entry to the request in other logs.
    public var traceID: String
    /// The case or file at the organisation, if there is one.
    public var caseReference: String?

    public init(
        subject: PersonID, actor: Actor, organisation: Organisation, system: String, service: String, purpose: Purpose,
        basis: Basis, attributes: [AttributeName], traceID: String, caseReference: String? = nil
    ) {
        self.subject = subject
        self.actor = actor
        self.organisation = organisation
        self.system = system
        self.service = service
        self.purpose = purpose
        self.basis = basis
        self.attributes = attributes
        self.traceID = traceID
        self.caseReference = caseReference
    }

    /// Throws unless everything that the access entry needs is there, within sensible lengths, and every attribute is
    /// known.
    func validate() throws {
        func filled(_ texts: String...) -> Bool { texts.allSatisfy { (1...200).contains($0.utf8.count) } }
        guard filled(basis.reference) else { throw RumdulError.disclosureNoBasis }
        // One's own request is no basis for anybody else.
        if basis == .ownRequest, actor != .subjectSelf { throw RumdulError.disclosureNoBasis }
        guard filled(purpose.code), (1...1000).contains(purpose.text.km.utf8.count),
            (1...1000).contains(purpose.text.en.utf8.count)
        else { throw RumdulError.disclosureNoPurpose }
        guard (1...64).contains(attributes.count) else { throw RumdulError.disclosureNoAttributes }
        guard attributes.allSatisfy({ AttributeCatalogue.description(of: $0) != nil }) else {
            throw RumdulError.disclosureUnknownAttribute
        }
        guard filled(subject.text, organisation.code, system, service, traceID),
            organisation.name.km.utf8.count <= 1000,
            organisation.name.en.utf8.count <= 1000, actor.identifier.map({ filled($0) }) ?? true,
            caseReference.map({ filled($0) }) ?? true
        else { throw RumdulError.disclosureIncomplete }
    }
}

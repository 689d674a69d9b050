import Accountability
import Kernel

/// A request for correction on the list of what waits: names nobody.
public struct WaitingCorrection: Sendable {
    public var id: String
    public var attribute: AttributeName
    /// A first officer wrote down what is right; a second one decides.
    public var isProposed: Bool
    /// That first officer.
    public var proposedBy: String?
    /// Where the person lived when the request was made, by its place code.
    public var area: String?
    public var filedAt: Instant

    public init(
        id: String, attribute: AttributeName, isProposed: Bool, proposedBy: String?, area: String?, filedAt: Instant
    ) {
        self.id = id
        self.attribute = attribute
        self.isProposed = isProposed
        self.proposedBy = proposedBy
        self.area = area
        self.filedAt = filedAt
    }
}

/// One thing that an officer fills in to say what is right.
public struct CorrectionInput: Sendable {
    public var name: String
    /// The values to choose from; empty for an input that is typed.
    public var choices: [String]
    public var isOptional: Bool

    public init(name: String, choices: [String], isOptional: Bool) {
        self.name = name
        self.choices = choices
        self.isOptional = isOptional
    }
}

/// A request for correction as an officer reads it.
public struct CorrectionFile: Sendable {
    public var about: WaitingCorrection
    /// Nothing is left to do.
    public var isDecided: Bool
    /// In the person's words: what it should be, why, and which document shows it.
    public var wish: String
    public var why: String
    public var evidence: String?
    /// Who it is, and what the register says now.
    public var present: DisclosedAttributes
    public var inputs: [CorrectionInput]
    /// What the first officer wrote down and saw.
    public var proposed: [String: String]
    public var seen: String?

    public init(
        about: WaitingCorrection, isDecided: Bool, wish: String, why: String, evidence: String?,
        present: DisclosedAttributes, inputs: [CorrectionInput], proposed: [String: String], seen: String?
    ) {
        self.about = about
        self.isDecided = isDecided
        self.wish = wish
        self.why = why
        self.evidence = evidence
        self.present = present
        self.inputs = inputs
        self.proposed = proposed
        self.seen = seen
    }
}

/// Where requests for correction wait for officers. Whoever fills this in checks rights and jurisdiction in each call, and
/// that two officers decide.
public protocol CorrectionDesk: Sendable {
    /// The rights one of which an officer needs to see requests.
    var rights: [Permission] { get }

    /// What waits where this officer works, longest first.
    func waiting(for officer: Officer) async throws -> [WaitingCorrection]

    /// One request in full; the person sees that it was read.
    func file(_ id: String, by officer: Officer, trace: String) async throws -> CorrectionFile

    /// The first officer's word: what is right, and what was seen. Throws an error with the fields of refused inputs.
    func propose(_ id: String, values: [String: String], seen: String, by officer: Officer) async throws

    /// The second officer's word: the register says so from now on.
    func accept(_ id: String, by officer: Officer) async throws

    /// Refuses, with a reason that the person reads.
    func refuse(_ id: String, reason: String, by officer: Officer) async throws
}

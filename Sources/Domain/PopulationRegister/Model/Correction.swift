import Accountability
import Codecs
import Kernel

/// How a request for correction stands.
public enum CorrectionState: String, Sendable, Codable, CaseIterable {
    /// It waits for a first officer.
    case open
    /// A first officer saw the evidence and wrote down the right value; it waits for a second one.
    case proposed
    /// A second officer agreed; the register says so now.
    case accepted
    /// An officer refused it, with a reason.
    case refused
    /// The person took it back.
    case withdrawn

    /// Whether somebody still has to do something.
    public var isLive: Bool { self == .open || self == .proposed }
}

/// What a person asks for: kept sealed with the person's own key.
public struct CorrectionWish: Sendable, Hashable {
    /// What it should be, in the person's own words.
    public var wish: String
    /// Why.
    public var why: String
    /// A document that shows it, if there is one.
    public var evidence: String?

    public init(wish: String, why: String, evidence: String? = nil) {
        self.wish = wish
        self.why = why
        self.evidence = evidence
    }
}

/// A request for correction as far as it names nobody.
public struct CorrectionCase: Sendable, Hashable {
    public let id: String
    public let personID: PersonID
    /// Which attribute is wrong.
    public let attribute: AttributeName
    public let state: CorrectionState
    /// The place that officers' jurisdictions are measured against, when the request was made.
    public let area: String?
    public let filedAt: Instant
    public let changedAt: Instant
    /// The first officer.
    public let proposedBy: String?
}

/// A request for correction with all that belongs to it.
public struct Correction: Sendable, Hashable {
    public let about: CorrectionCase
    public let wish: CorrectionWish
    /// What the first officer wrote down.
    public let proposal: CorrectionProposal?
    /// Why it was refused.
    public let refusal: String?
}

/// The right value as the first officer wrote it down, by the inputs of ``CorrectionRules``, and what the officer saw.
public struct CorrectionProposal: Sendable, Hashable {
    public var values: [String: String]
    public var evidence: String

    public init(values: [String: String], evidence: String) {
        self.values = values
        self.evidence = evidence
    }
}

extension CorrectionWish {
    var json: JSONObject {
        var object: JSONObject = ["wish": .string(wish), "why": .string(why)]
        if let evidence { object["evidence"] = .string(evidence) }
        return object
    }

    init(json: JSONObject) throws {
        guard let wish = json.string("wish"), let why = json.string("why") else {
            throw RumdulError.internal("population.correction")
        }
        self.init(wish: wish, why: why, evidence: json.string("evidence"))
    }
}

extension CorrectionProposal {
    var json: JSONObject {
        let members = values.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }
        return ["values": .object(JSONObject(members)), "evidence": .string(evidence)]
    }

    init(json: JSONObject) throws {
        guard let values = json.object("values"), let evidence = json.string("evidence") else {
            throw RumdulError.internal("population.correction")
        }
        self.init(values: [:], evidence: evidence)
        for member in values.members { self.values[member.name] = member.value.stringValue }
    }
}

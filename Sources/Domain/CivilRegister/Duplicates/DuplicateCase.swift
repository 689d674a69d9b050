import Codecs
import Kernel
import RecordLinkage

/// Two records, or a record and a person, that may be about the same. Two officers decide, neither knowing what the other
/// said; when they differ a third one does. Nothing is merged by itself.
public struct DuplicateCase: Sendable, Hashable {
    public enum State: String, Sendable, Codable, CaseIterable {
        case open
        /// One officer has decided.
        case half
        /// The two differ; a third officer of the general department decides.
        case escalated
        case closed
    }

    /// What an officer says.
    public enum Verdict: String, Sendable, Codable, CaseIterable {
        case same, different
        /// Twins, or people who look alike for another good reason.
        case lookalike

        /// The name in both languages.
        public var label: LocalizedText {
            switch self {
            case .same: LocalizedText(km: "មនុស្ស ឬព្រឹត្តិការណ៍តែមួយ", en: "The same")
            case .different: LocalizedText(km: "ខុសគ្នា", en: "Different")
            case .lookalike: LocalizedText(km: "កូនភ្លោះ ឬមនុស្សស្រដៀងគ្នា", en: "Twins, or people who look alike")
            }
        }

        var isSame: Bool { self == .same }
    }

    public let id: String
    /// The record that was declared.
    public let record: String
    /// The record that it resembles, or `nil` when it resembles a person.
    public let otherRecord: String?
    public let otherPerson: PersonID?
    public let office: String
    public let openedAt: Instant
    public internal(set) var state: State
    /// Who decided; verdicts stay with the case until it is closed.
    public internal(set) var first: Decision?
    public internal(set) var second: Decision?
    public internal(set) var third: Decision?
    /// What holds, once it is closed.
    public internal(set) var outcome: Verdict?

    /// One officer's word.
    public struct Decision: Sendable, Hashable {
        public let officer: String
        public let verdict: Verdict
    }

    /// Whether an officer has had a say in it.
    public func wasDecided(by officer: String) -> Bool {
        [first, second, third].contains { $0?.officer == officer }
    }

    /// Takes an officer's word. Throws `civil.state` when it is closed, `civil.same_person` when the officer decided before.
    mutating func decide(_ verdict: Verdict, by officer: String) throws(RumdulError) {
        guard !wasDecided(by: officer) else { throw .civilSamePerson }
        let decision = Decision(officer: officer, verdict: verdict)
        switch state {
        case .open: (first, state) = (decision, .half)
        case .half:
            second = decision
            if first?.verdict.isSame == verdict.isSame {
                (state, outcome) = (.closed, verdict.isSame ? .same : first?.verdict == verdict ? verdict : .different)
            } else {
                state = .escalated
            }
        case .escalated: (third, state, outcome) = (decision, .closed, verdict)
        case .closed: throw .civilState
        }
    }
}

/// Why two look alike, field by field, without the values.
public struct DuplicateReason: Sendable, Hashable {
    public let field: LinkageField
    public let level: AgreementLevel
    /// Bits for or against.
    public let weight: Double
}

/// A score with its reasons, as a case keeps it.
public struct DuplicateScore: Sendable, Hashable {
    public let total: Double
    /// 0...1.
    public let probability: Double
    public let isCertain: Bool
    public let reasons: [DuplicateReason]

    init(_ explanation: LinkageExplanation) {
        total = explanation.total
        probability = explanation.probability
        isCertain = explanation.decision == .certain
        reasons = explanation.lines.filter { $0.level != .missing }.map {
            DuplicateReason(field: $0.field, level: $0.level, weight: $0.weight)
        }
    }

    var json: JSONValue {
        [
            "total": .double(total), "probability": .double(probability), "certain": .bool(isCertain),
            "reasons": .array(
                reasons.map {
                    .array([
                        .integer(Int64($0.field.rawValue)), .integer(Int64($0.level.rawValue)), .double($0.weight),
                    ])
                }),
        ]
    }

    init(json: JSONObject) throws {
        total = json["total"]?.doubleValue ?? 0
        probability = json["probability"]?.doubleValue ?? 0
        isCertain = json.bool("certain") ?? false
        reasons = (json.array("reasons") ?? []).compactMap { line in
            guard let parts = line.arrayValue, parts.count == 3,
                let field = parts[0].integerValue.flatMap({ LinkageField(rawValue: Int($0)) }),
                let level = parts[1].integerValue.flatMap({ AgreementLevel(rawValue: Int($0)) })
            else { return nil }
            return DuplicateReason(field: field, level: level, weight: parts[2].doubleValue ?? 0)
        }
    }
}

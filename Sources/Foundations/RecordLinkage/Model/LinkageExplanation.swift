import Kernel

/// A score field by field, for the officer who decides and for the one who later asks why.
public struct LinkageExplanation: Sendable {
    /// One field and what it contributes.
    public struct Line: Sendable {
        public var field: LinkageField
        public var level: AgreementLevel
        /// Bits for (above 0) or against (below 0) the same person, with the rarity of the value.
        public var weight: Double
        /// The part of the weight that comes from the rarity of the value.
        public var rarity: Double

        /// The level in words.
        public var text: LocalizedText { level.text }
    }

    /// All fields, also those that are missing.
    public var lines: [Line]
    /// Bits before any field is looked at: how seldom any two records are of one person.
    public var prior: Double
    /// The other explanation that the weights speak against.
    public var against: LinkageClass
    /// The sum of the prior and all weights.
    public var total: Double
    public var probability: Double
    public var decision: LinkageDecision
    /// The totals from which the decision is `certain` and `possible`.
    public var certain: Double
    public var possible: Double

    /// The decision and what it was weighed against, in a sentence.
    public var summary: LocalizedText {
        let verdict: LocalizedText =
            switch decision {
            case .certain: LocalizedText(km: "ទំនងជាមនុស្សតែមួយ", en: "Very likely the same person")
            case .possible: LocalizedText(km: "អាចជាមនុស្សតែមួយ", en: "Possibly the same person")
            case .different: LocalizedText(km: "ទំនងជាមនុស្សផ្សេងគ្នា", en: "Probably different people")
            }
        let other: LocalizedText =
            switch against {
            case .sibling: LocalizedText(km: "ប្រៀបធៀបនឹងបងប្អូនបង្កើត", en: "weighed against brothers and sisters")
            case .twin: LocalizedText(km: "ប្រៀបធៀបនឹងកូនភ្លោះ", en: "weighed against twins")
            case .match, .stranger:
                LocalizedText(km: "ប្រៀបធៀបនឹងមនុស្សដែលមិនពាក់ព័ន្ធគ្នា", en: "weighed against people who are not related")
            }
        return LocalizedText(
            km: "\(verdict.km) (\(other.km))។ មន្ត្រីជាអ្នកសម្រេច។",
            en: "\(verdict.en) (\(other.en)). An officer decides.")
    }
}

extension LinkageModel {
    /// The score of a pair with its reasons.
    public func explain(_ left: PreparedRecord, _ right: PreparedRecord) -> LinkageExplanation {
        let vector = left.compared(with: right)
        let score = score(left, right, vector)
        let lines = LinkageField.allCases.map { field in
            let level = vector[field]
            let rarity = score.against == .stranger ? left.rarity(field, with: right, level) : 0
            return LinkageExplanation.Line(
                field: field, level: level, weight: weight(field, level, against: score.against) + rarity,
                rarity: rarity)
        }
        return LinkageExplanation(
            lines: lines, prior: prior(against: score.against), against: score.against,
            total: score.total, probability: score.probability, decision: score.decision, certain: certain,
            possible: possible)
    }
}

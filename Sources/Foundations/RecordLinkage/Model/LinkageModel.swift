import Foundation

/// What may lie behind two records that look alike.
public enum LinkageClass: Int, Sendable, CaseIterable, Codable {
    /// The same person twice.
    case match = 0
    /// Two people who have nothing to do with each other.
    case stranger = 1
    /// Brothers and sisters. They share parents, place and family name, so these say nothing about whether they are one
    /// person; the given name and the date do.
    case sibling = 2
    /// Brothers and sisters born on one day: only the given name tells them apart, and sometimes the sex.
    case twin = 3
}

/// How often each level of each field occurs in one class of pairs (Fellegi and Sunter's m and u).
public struct LevelProbabilities: Sendable, Equatable {
    /// One row of `AgreementLevel.allCases.count` for each field.
    private(set) var values: [Double]

    /// A table with a chance of nothing anywhere.
    public init() {
        values = Array(repeating: 0, count: LinkageField.allCases.count * AgreementLevel.allCases.count)
    }

    /// The chance of a level, among pairs in which the field is known on both sides.
    public subscript(field: LinkageField, level: AgreementLevel) -> Double {
        get { values[field.rawValue * AgreementLevel.allCases.count + level.rawValue] }
        set { values[field.rawValue * AgreementLevel.allCases.count + level.rawValue] = newValue }
    }
}

/// What a score says. Nothing merges by itself: also `certain` is only a recommendation to a human being.
public enum LinkageDecision: String, Sendable, Codable, CaseIterable {
    case certain, possible, different
}

/// The result for one pair of records.
public struct LinkageScore: Sendable, Equatable {
    /// Bits of evidence for the same person, against the best other explanation, with the prior. The weights of the
    /// explanation add up to it.
    public var total: Double
    /// The chance that both are one person, by the model.
    public var probability: Double
    /// The other explanation that fits best: strangers, siblings or twins.
    public var against: LinkageClass
    public var decision: LinkageDecision
}

/// A Fellegi-Sunter model that knows three other explanations of likeness. A pair's total is the sum of log2(m/u) over the
/// fields plus the prior, where u is taken from strangers, siblings or twins, whichever explains the pair best; so that
/// twins, who share everything but the given name, are not taken for one person.
public struct LinkageModel: Sendable {
    /// The chances of the levels in each class, by its raw value.
    private var chances: [LevelProbabilities]
    /// How many records of each class a record meets, by its raw value.
    private var perRecord: [Double]
    /// Totals from here on are `certain`.
    public var certain = LinkageModel.standardCertain
    /// Totals from here on are `possible`.
    public var possible = LinkageModel.standardPossible

    /// log2(m/u) against strangers, siblings and twins, for each field and level; rows as in `LevelProbabilities`.
    private var weights: [SIMD3<Float>]
    /// The priors against strangers, siblings and twins.
    private var priors: SIMD3<Double>

    /// From this total on a pair is `certain`, unless a model says otherwise.
    public static let standardCertain = 10.0
    /// From this total on a pair is `possible`, unless a model says otherwise: by the model one such pair in nine is of one
    /// person, and an officer should look.
    public static let standardPossible = -3.0

    /// - Parameters:
    ///   - chances: the chances of the levels in each class; those of 0 are taken as very small.
    ///   - perRecord: how many duplicates, strangers, siblings and twins a record is expected to meet among those that it
    ///     is compared with. The strangers are the whole register: in a larger one the score of the same pair is lower.
    public init(chances: [LinkageClass: LevelProbabilities], perRecord: [LinkageClass: Double]) {
        self.chances = LinkageClass.allCases.map { chances[$0] ?? LevelProbabilities() }
        self.perRecord = LinkageClass.allCases.map { max(1e-9, perRecord[$0] ?? 0) }
        let match = self.perRecord[0]
        let others = self.perRecord
        priors = SIMD3(log2(match / others[1]), log2(match / others[2]), log2(match / others[3]))
        weights = LinkageModel.weights(self.chances)
    }

    /// The same model for a register of another size or with another share of duplicates.
    public func adapted(population: Int, duplicatesPerRecord: Double? = nil) -> LinkageModel {
        var counts = Dictionary(uniqueKeysWithValues: LinkageClass.allCases.map { ($0, perRecord($0)) })
        counts[.stranger] = Double(max(2, population))
        if let duplicatesPerRecord { counts[.match] = duplicatesPerRecord }
        let tables = Dictionary(uniqueKeysWithValues: LinkageClass.allCases.map { ($0, chances($0)) })
        var model = LinkageModel(chances: tables, perRecord: counts)
        model.certain = certain
        model.possible = possible
        return model
    }

    /// The chances of the levels in a class.
    public func chances(_ one: LinkageClass) -> LevelProbabilities { chances[one.rawValue] }

    /// How many records of a class a record is expected to meet.
    public func perRecord(_ one: LinkageClass) -> Double { perRecord[one.rawValue] }

    /// The bits before any field is looked at, against another explanation.
    public func prior(against other: LinkageClass) -> Double {
        other == .match ? 0 : priors[other.rawValue - 1]
    }

    /// The weight of a level in bits, against another explanation, without the rarity of the value.
    public func weight(_ field: LinkageField, _ level: AgreementLevel, against other: LinkageClass) -> Double {
        let cell = weights[field.rawValue * AgreementLevel.allCases.count + level.rawValue]
        return other == .match ? 0 : Double(cell[other.rawValue - 1])
    }

    /// How likely the two records are of one person. Symmetric, and the same on every run.
    public func score(_ left: PreparedRecord, _ right: PreparedRecord) -> LinkageScore {
        score(left, right, left.compared(with: right))
    }

    /// The score from a comparison that was made before.
    func score(_ left: PreparedRecord, _ right: PreparedRecord, _ vector: ComparisonVector) -> LinkageScore {
        var sums = priors
        weights.withUnsafeBufferPointer { weights in
            for field in 0..<LinkageField.allCases.count {
                sums += SIMD3<Double>(weights[field * AgreementLevel.allCases.count + Int(vector.levels[field])])
            }
        }
        // Relatives share family name and parents whether these are rare or not, and do not share given names.
        sums.x += left.rarity(.familyName, with: right, vector[.familyName])
        sums.x += left.rarity(.givenName, with: right, vector[.givenName])
        sums.x += left.rarity(.mother, with: right, vector[.mother])
        sums.x += left.rarity(.father, with: right, vector[.father])
        let total = sums.min()
        return LinkageScore(
            total: total, probability: 1 / (1 + exp2(-sums.x) + exp2(-sums.y) + exp2(-sums.z)),
            against: sums.x == total ? .stranger : sums.y == total ? .sibling : .twin, decision: decision(total))
    }

    /// What a total says.
    public func decision(_ total: Double) -> LinkageDecision {
        total >= certain ? .certain : total >= possible ? .possible : .different
    }

    /// log2(m/u) of each level; 0 for a missing field and for levels that the field does not have.
    private static func weights(_ chances: [LevelProbabilities]) -> [SIMD3<Float>] {
        let width = AgreementLevel.allCases.count
        var weights = [SIMD3<Float>](repeating: .zero, count: LinkageField.allCases.count * width)
        for field in LinkageField.allCases {
            for level in field.levels {
                let bits = chances.map { log2(max($0[field, level], LinkageModel.smallest)) }
                weights[field.rawValue * width + level.rawValue] = SIMD3(
                    Float(bits[0] - bits[1]), Float(bits[0] - bits[2]), Float(bits[0] - bits[3]))
            }
        }
        return weights
    }

    /// No level is impossible.
    static let smallest = 1e-7
}

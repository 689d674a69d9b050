import Foundation

/// Estimates a model from the records themselves, without knowing which pairs are duplicates.
///
/// What strangers look like is counted in pairs drawn at random. What duplicates and relatives look like comes from
/// expectation maximisation over all candidate pairs and all pairs of one mother or father in a commune, with four
/// classes: the same person, siblings, twins, and strangers who share a key. The last agree in what their key is made of, so under each kind of key they have a
/// distribution of their own in these fields, which is thrown away in the end; in all other fields they look like strangers. Everything is repeatable: the same records give the same model.
public struct WeightEstimator: Sendable {
    /// Expectation maximisation stops after so many rounds at the latest,
    public var rounds = 300
    /// or when no probability moves by more than this.
    public var tolerance = 1e-5
    /// How many pairs are drawn at random for what strangers look like.
    public var randomPairs = 400_000
    /// Pairs that every level has been seen in beforehand, so that none is impossible.
    public var smoothing = 0.3
    /// Seeds the drawing of pairs.
    public var seed: UInt64 = 1

    public init() {}

    /// A model with how it was come by.
    public struct Result: Sendable {
        public var model: LinkageModel
        public var rounds: Int
        public var converged: Bool
        /// The pairs that were looked at.
        public var pairs: Int
        /// The share of each class among the pairs.
        public var shares: [LinkageClass: Double]
    }

    /// Estimates the model of some records. With fewer than two records, or without any candidate pairs, the result says
    /// next to nothing.
    public func estimate(_ records: [LinkageRecord]) -> Result {
        let prepared = records.map { PreparedRecord($0) }
        let stranger = strangers(prepared)
        let patterns = PairPatterns(prepared, WeightEstimator.pairs(records))
        var mixture = LinkageMixture(patterns, stranger: stranger, smoothing: smoothing)
        var round = 0
        var moved = Double.infinity
        while round < rounds, moved > tolerance, patterns.total > 0 {
            moved = mixture.step()
            round += 1
        }
        let shares = mixture.classShares
        let count = Double(max(2, records.count))
        var chances = mixture.chances
        chances[.stranger] = stranger
        var perRecord = shares.mapValues { 2 * Double(patterns.total) * $0 / count }
        perRecord[.stranger] = count
        let model = LinkageModel(chances: chances, perRecord: perRecord)
        return Result(
            model: model, rounds: round, converged: moved <= tolerance, pairs: patterns.total, shares: shares)
    }

    /// How many kinds of keys bring pairs to the estimate: those of look-ups, and each parent with the commune.
    static let kinds = keyedFields.count

    /// The fields that pairs of each kind agree in by their key.
    static let keyedFields: [Set<LinkageField>] =
        BlockingKeys.Kind.allCases.map(\.fields) + [
            [.mother, .birthPlace, .residence], [.father, .birthPlace, .residence],
        ]

    /// All candidates, and the pairs of one mother or one father in a commune: among the candidates alone there are too
    /// few brothers and sisters to tell what these look like.
    private static func pairs(_ records: [LinkageRecord]) -> CandidatePairs {
        let kin = BlockingKeys.Kind.allCases.count
        return CandidatePairs(records, kinds: kinds) { record in
            BlockingKeys.kindsAndKeys(for: record).map { ($0.kind.number, $0.key) }
                + BlockingKeys.kinKeys(for: record).enumerated().compactMap { index, key in
                    key.map { (kin + index, $0) }
                }
        }
    }

    /// How often strangers agree: among random pairs, so few of which are anything else that it does not matter.
    private func strangers(_ records: [PreparedRecord]) -> LevelProbabilities {
        var counts = LevelProbabilities()
        var random = SplitMix64(seed: seed)
        if records.count > 1 {
            for _ in 0..<randomPairs {
                let left = random.below(records.count)
                let right = (left + 1 + random.below(records.count - 1)) % records.count
                let vector = records[left].compared(with: records[right])
                for field in LinkageField.allCases { counts[field, vector[field]] += 1 }
            }
        }
        return counts.normalised(smoothing: smoothing)
    }
}

extension LevelProbabilities {
    /// Counts as chances: each field's levels add up to one.
    func normalised(smoothing: Double) -> LevelProbabilities {
        var result = LevelProbabilities()
        for field in LinkageField.allCases {
            let levels = field.levels
            let total = levels.reduce(0) { $0 + self[field, $1] + smoothing }
            guard total > 0 else { continue }
            for level in levels { result[field, level] = (self[field, level] + smoothing) / total }
        }
        return result
    }
}

/// How many candidate pairs show the same levels under the same kind of key.
struct PairPatterns {
    struct Key: Hashable {
        let kind: UInt8
        let vector: ComparisonVector
    }

    private(set) var keys: [Key] = []
    private(set) var counts: [Double] = []
    private(set) var total = 0

    init(_ records: [PreparedRecord], _ candidates: CandidatePairs) {
        var table: [Key: Int] = [:]
        candidates.visitNumbered { left, right, kind in
            table[Key(kind: UInt8(kind), vector: records[left].compared(with: records[right])), default: 0] += 1
        }
        // In a fixed order, so that sums come out the same to the last bit.
        for (key, count) in table.sorted(by: { PairPatterns.precedes($0.key, $1.key) }) {
            keys.append(key)
            counts.append(Double(count))
            total += count
        }
    }

    private static func precedes(_ left: Key, _ right: Key) -> Bool {
        if left.kind != right.kind { return left.kind < right.kind }
        for index in 0..<LinkageField.allCases.count
        where left.vector.levels[index] != right.vector.levels[index] {
            return left.vector.levels[index] < right.vector.levels[index]
        }
        return false
    }
}

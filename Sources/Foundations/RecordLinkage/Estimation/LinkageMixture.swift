import Foundation

/// The state of expectation maximisation: chances of levels for duplicates, relatives, and strangers under each kind of
/// key, and the shares of the classes under each kind.
struct LinkageMixture {
    private static let kinds = WeightEstimator.kinds
    private static let width = AgreementLevel.allCases.count
    private static let fields = LinkageField.allCases.count

    private static let table = fields * width

    private let patterns: PairPatterns
    private let smoothing: Double
    /// The chances of duplicates, siblings and twins.
    private(set) var chances: [LinkageClass: LevelProbabilities] = [:]
    /// The chances of strangers under each kind of key.
    private var strangers: [LevelProbabilities]
    /// For each kind the shares of the classes.
    private var shares: [SIMD4<Double>]

    init(_ patterns: PairPatterns, stranger: LevelProbabilities, smoothing: Double) {
        self.patterns = patterns
        self.smoothing = smoothing
        for (one, guess) in LinkageMixture.guesses { chances[one] = LinkageMixture.firstGuess(guess) }
        strangers = Array(repeating: stranger, count: Self.kinds)
        shares = Array(repeating: SIMD4(0.3, 0.5, 0.15, 0.05), count: Self.kinds)
    }

    /// The share of each class among all pairs.
    var classShares: [LinkageClass: Double] {
        var sums = SIMD4<Double>.zero
        for index in patterns.keys.indices {
            sums += shares[Int(patterns.keys[index].kind)] * patterns.counts[index]
        }
        let total = max(1e-9, sums.sum())
        return Dictionary(uniqueKeysWithValues: LinkageClass.allCases.map { ($0, sums[$0.rawValue] / total) })
    }

    /// One round. Returns the most that a chance of duplicates, siblings or twins moved.
    mutating func step() -> Double {
        var sums = [SIMD4<Double>](repeating: .zero, count: Self.table)
        var strangerSums = [Double](repeating: 0, count: Self.kinds * Self.table)
        var shareSums = [SIMD4<Double>](repeating: SIMD4(repeating: 0.01), count: Self.kinds)
        let logs = logarithms()
        for (index, key) in patterns.keys.enumerated() {
            let kind = Int(key.kind)
            let part = responsibilities(key, logs) * patterns.counts[index]
            shareSums[kind] += part
            for field in 0..<Self.fields {
                let level = Int(key.vector.levels[field])
                guard level != 0 else { continue }
                let cell = field * Self.width + level
                sums[cell] += part
                strangerSums[kind * Self.table + cell] += part[LinkageClass.stranger.rawValue]
            }
        }
        var moved = 0.0
        for (one, before) in chances {
            let after = normalised(sums.map { $0[one.rawValue] }[...])
            moved = max(moved, before.distance(to: after))
            chances[one] = after
        }
        for kind in 0..<Self.kinds {
            let keyed = normalised(strangerSums[kind * Self.table..<(kind + 1) * Self.table])
            for field in WeightEstimator.keyedFields[kind] {
                for level in field.levels { strangers[kind][field, level] = keyed[field, level] }
            }
            shares[kind] = shareSums[kind] / shareSums[kind].sum()
        }
        return moved
    }

    /// The chance of each class for one pattern.
    private func responsibilities(_ key: PairPatterns.Key, _ logs: [SIMD4<Double>]) -> SIMD4<Double> {
        let kind = Int(key.kind)
        var sums = LinkageMixture.map(shares[kind], log)
        for field in 0..<Self.fields {
            let level = Int(key.vector.levels[field])
            guard level != 0 else { continue }
            sums += logs[kind * Self.table + field * Self.width + level]
        }
        let parts = LinkageMixture.map(sums - sums.max(), exp)
        return parts / parts.sum()
    }

    /// Logarithms of the chances in all classes, for each kind, worked out once a round.
    private func logarithms() -> [SIMD4<Double>] {
        let tables = LinkageClass.allCases.map { (chances[$0] ?? LevelProbabilities()).values }
        var logs: [SIMD4<Double>] = []
        logs.reserveCapacity(Self.kinds * Self.table)
        for kind in 0..<Self.kinds {
            let strange = strangers[kind].values
            for cell in 0..<Self.table {
                let chances = SIMD4(tables[0][cell], strange[cell], tables[2][cell], tables[3][cell])
                logs.append(LinkageMixture.map(chances) { log(max($0, LinkageModel.smallest)) })
            }
        }
        return logs
    }

    private static func map(_ four: SIMD4<Double>, _ function: (Double) -> Double) -> SIMD4<Double> {
        SIMD4(function(four.x), function(four.y), function(four.z), function(four.w))
    }

    private func normalised(_ sums: ArraySlice<Double>) -> LevelProbabilities {
        var counts = LevelProbabilities()
        for field in LinkageField.allCases {
            for level in field.levels {
                counts[field, level] = sums[sums.startIndex + field.rawValue * Self.width + level.rawValue]
            }
        }
        return counts.normalised(smoothing: smoothing)
    }

    // MARK: First guess

    /// The chance of the best level and of `different`; the levels between share the rest. Where the rounds begin decides
    /// which class comes to mean what.
    private static let guesses: [LinkageClass: [LinkageField: (best: Double, different: Double)]] = {
        let family: [LinkageField: (best: Double, different: Double)] = [
            .familyName: (0.8, 0.05), .givenName: (0.01, 0.95), .sex: (0.5, 0.5), .birthPlace: (0.8, 0.05),
            .residence: (0.6, 0.15), .mother: (0.8, 0.05), .father: (0.8, 0.05), .motherBirthYear: (0.8, 0.05),
        ]
        let person: [LinkageField: (best: Double, different: Double)] = [.givenName: (0.8, 0.02), .sex: (0.98, 0.02)]
        let sameDay: [LinkageField: (best: Double, different: Double)] = [.birthDate: (0.8, 0.01)]
        let otherDay: [LinkageField: (best: Double, different: Double)] = [.birthDate: (0.01, 0.8)]
        return [
            .match: family.merging(person) { $1 }.merging(sameDay) { $1 }, .sibling: family.merging(otherDay) { $1 },
            .twin: family.merging(sameDay) { $1 },
        ]
    }()

    private static func firstGuess(_ guess: [LinkageField: (best: Double, different: Double)]) -> LevelProbabilities {
        var table = LevelProbabilities()
        for (field, chance) in guess {
            let levels = field.levels
            let between = max(0.001, 1 - chance.best - chance.different) / Double(max(1, levels.count - 2))
            for level in levels { table[field, level] = between }
            table[field, levels[0]] = chance.best
            table[field, .different] = chance.different
        }
        return table
    }
}

extension LevelProbabilities {
    /// The most that any chance differs.
    func distance(to other: LevelProbabilities) -> Double {
        zip(values, other.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }
}

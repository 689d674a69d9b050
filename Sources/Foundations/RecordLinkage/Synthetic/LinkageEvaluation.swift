import Foundation

/// What blocking and scoring find in a register whose truth is known.
public struct LinkageEvaluation: Sendable {
    /// How a pair is truly related.
    public enum Truth: Int, Sendable, CaseIterable {
        case same, family, stranger
    }

    /// Entries of the register and pairs of them that are of one person.
    public private(set) var entries = 0
    public private(set) var truePairs = 0
    /// Pairs that share a key, and those of them that are of one person.
    public private(set) var candidates = 0
    public private(set) var trueCandidates = 0
    /// Totals of all candidates by truth.
    private var totals: [[Float]] = Array(repeating: [], count: Truth.allCases.count)

    /// Links a register with itself.
    ///
    /// - Parameters:
    ///   - entries: the register.
    ///   - model: the weights; adapted to the number of entries here.
    ///   - counted: whether the names' frequencies are counted from the register, as a real register would.
    public init(_ entries: [SyntheticEntry], model: LinkageModel, counted: Bool = true) {
        let records = entries.map(\.record)
        let frequencies = counted ? NameFrequencies(counting: records) : nil
        let prepared = records.map { PreparedRecord($0, frequencies: frequencies) }
        self.init(entries, prepared, CandidatePairs(records), model)
    }

    init(
        _ entries: [SyntheticEntry], _ prepared: [PreparedRecord], _ pairs: CandidatePairs, _ model: LinkageModel
    ) {
        self.entries = entries.count
        truePairs = LinkageEvaluation.pairs(entries)
        let model = model.adapted(population: entries.count)
        var totals = self.totals
        pairs.visit { left, right, _ in
            let total = model.score(prepared[left], prepared[right]).total
            totals[LinkageEvaluation.truth(entries[left], entries[right]).rawValue].append(Float(total))
        }
        self.totals = totals
        candidates = totals.reduce(0) { $0 + $1.count }
        trueCandidates = totals[Truth.same.rawValue].count
    }

    /// How two entries are truly related.
    public static func truth(_ left: SyntheticEntry, _ right: SyntheticEntry) -> Truth {
        left.person == right.person ? .same : left.family == right.family ? .family : .stranger
    }

    private static func pairs(_ entries: [SyntheticEntry]) -> Int {
        var counts: [Int: Int] = [:]
        for entry in entries { counts[entry.person, default: 0] += 1 }
        return counts.values.reduce(0) { $0 + $1 * ($1 - 1) / 2 }
    }

    /// Pairs of a truth with a total from the threshold on.
    public func found(_ truth: Truth, from threshold: Double) -> Int {
        totals[truth.rawValue].count { Double($0) >= threshold }
    }

    /// The share of the true pairs that are found, over all true pairs: also those that share no key count.
    public func recall(from threshold: Double) -> Double {
        Double(found(.same, from: threshold)) / Double(max(1, truePairs))
    }

    /// The share of what is found that is true.
    public func precision(from threshold: Double) -> Double {
        let all = Truth.allCases.reduce(0) { $0 + found($1, from: threshold) }
        return all == 0 ? 1 : Double(found(.same, from: threshold)) / Double(all)
    }

    /// The share of the true pairs that share a key.
    public var blockingRecall: Double { Double(trueCandidates) / Double(max(1, truePairs)) }
}

/// How large the blocks of each kind of key are, and would be in a whole country.
public struct BlockMeasure: Sendable {
    public var kind: BlockingKeys.Kind
    /// The share of the entries that have such a key.
    public var coverage: Double
    /// The share of the true pairs that share a key of this kind, namesakes left out.
    public var recall: Double
    /// Other entries, not of the same family and no namesakes, that an entry shares the key with, on average.
    public var strangers: Double
    /// The same in a register of ten million: in proportion, since the chance of two strangers stays what it is.
    public var strangersInTenMillion: Double
    /// The most entries of one block here.
    public var largest: Int

    /// Measures all kinds on a register whose truth is known.
    public static func measure(_ entries: [SyntheticEntry]) -> [BlockMeasure] {
        let pairs = CandidatePairs(entries.map(\.record))
        var together: [Int: Int] = [:]
        for entry in entries where !entry.isNamesake { together[entry.person, default: 0] += 1 }
        let truePairs = Double(max(1, together.values.reduce(0) { $0 + $1 * ($1 - 1) / 2 }))
        return BlockingKeys.Kind.allCases.enumerated().map { number, kind in
            var counts = [0, 0, 0]
            pairs.visit(within: number) { left, right in
                // Namesakes are put there on purpose: as many per person in a large country as in a small one.
                if entries[left].isNamesake || entries[right].isNamesake { return }
                counts[LinkageEvaluation.truth(entries[left], entries[right]).rawValue] += 1
            }
            let sizes = pairs.blockSizes(kind)
            let bearers = sizes.reduce(0, +)
            let strangers = 2 * Double(counts[2]) / Double(max(1, bearers))
            return BlockMeasure(
                kind: kind, coverage: Double(bearers) / Double(max(1, entries.count)),
                recall: Double(counts[0]) / truePairs, strangers: strangers,
                strangersInTenMillion: strangers * 1e7 / Double(max(1, entries.count)), largest: sizes.max() ?? 0)
        }
    }
}

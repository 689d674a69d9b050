import Foundation
import KhmerText

/// How common names are, counted from a register. That two people are both called Sokha says less than that both bear a
/// name that nobody else has.
public struct NameFrequencies: Sendable {
    /// The most that rarity can add to an agreement, and the most that frequency can take off, in bits.
    public static let most: Float = 4
    static let least: Float = -4

    private var families: [[UInt8]: Float] = [:]
    private var givens: [[UInt8]: Float] = [:]

    /// Counts the names of some records (persons and parents alike do not need to be counted: the persons do).
    public init(counting records: some Sequence<LinkageRecord>) {
        var familyCounts: [[UInt8]: Int] = [:]
        var givenCounts: [[UInt8]: Int] = [:]
        for record in records {
            if let key = Self.key(record.name.khmerFamily, record.name.latinFamily) {
                familyCounts[key, default: 0] += 1
            }
            if let key = Self.key(record.name.khmerGiven, record.name.latinGiven) { givenCounts[key, default: 0] += 1 }
        }
        families = Self.rarities(familyCounts)
        givens = Self.rarities(givenCounts)
    }

    /// Bits that the family name's agreement is worth beyond the average.
    func rarity(family name: LinkageName) -> Float { Self.rarity(name.khmerFamily, name.latinFamily, in: families) }

    /// Bits that the given name's agreement is worth beyond the average.
    func rarity(given name: LinkageName) -> Float { Self.rarity(name.khmerGiven, name.latinGiven, in: givens) }

    private static func rarity(_ khmer: String?, _ latin: String?, in table: [[UInt8]: Float]) -> Float {
        guard !table.isEmpty, let key = key(khmer, latin) else { return 0 }
        return table[key] ?? most
    }

    /// The name by which it is counted: the Khmer key, or the Latin fold of a name without Khmer letters. As bytes, so
    /// that no comparison of strings ever sees Khmer.
    private static func key(_ khmer: String?, _ latin: String?) -> [UInt8]? {
        if let khmer, !khmer.isEmpty {
            return Array(NameForms.joined(KhmerText.key(of: NameForms.bounded(khmer))).utf8)
        }
        guard let latin, !latin.isEmpty else { return nil }
        return Array(LatinName.fold(NameForms.bounded(latin)).utf8)
    }

    /// The bits of each name: log2 of the average chance of agreement by the name's own share.
    private static func rarities(_ counts: [[UInt8]: Int]) -> [[UInt8]: Float] {
        let total = Double(counts.values.reduce(0, +))
        guard total > 0 else { return [:] }
        // Sorted, so that the sum comes out the same to the last bit on every run.
        let average = counts.values.sorted().reduce(0.0) { $0 + (Double($1) / total) * (Double($1) / total) }
        return counts.mapValues { count in
            min(most, max(least, Float(log2(average * total / Double(count)))))
        }
    }
}

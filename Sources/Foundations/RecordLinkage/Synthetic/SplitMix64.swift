/// SplitMix64 (Steele, Lea, Flood 2014): a small repeatable generator, for invented people only, never for secrets.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// The same seed gives the same numbers.
    public init(seed: UInt64) { state = seed }

    /// A sequence of its own for each stream of a seed, so that a family is the same in a small country and a large one.
    init(seed: UInt64, stream: UInt64) {
        var mixer = SplitMix64(seed: seed)
        self.init(seed: mixer.next() ^ (stream &* 0xD134_2543_DE82_EF95))
        state = next()
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number in `0..<bound`; 0 for a bound below 1.
    mutating func below(_ bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(max(1, bound))).high)
    }

    /// True with this chance.
    mutating func chance(_ probability: Double) -> Bool {
        Double(next() >> 11) * 0x1p-53 < probability
    }

    /// One of several, or `nil` when there is none.
    mutating func pick<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[below(elements.count)]
    }

    /// An index in proportion to running sums of weights.
    mutating func index(_ sums: [Int]) -> Int {
        let point = below(sums.last ?? 1)
        var low = 0
        var high = max(0, sums.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if sums[middle] > point { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

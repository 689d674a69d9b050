/// A small repeatable generator (xoshiro256** by Blackman and Vigna, seeded through SplitMix64). For invented people
/// only, never for secrets.
struct Random: Sendable {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    /// - Parameters:
    ///   - seed: the country.
    ///   - stream: the person; each has a sequence of their own, so that person 7 is the same in a small country and in
    ///     a large one.
    init(seed: UInt64, stream: UInt64) {
        var mixer = SplitMix64(state: seed)
        var second = SplitMix64(state: mixer.next() ^ (stream &* 0xD134_2543_DE82_EF95))
        state = (second.next(), second.next(), second.next(), second.next())
    }

    mutating func next() -> UInt64 {
        func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 { value << count | value >> (64 - count) }
        let result = rotate(state.1 &* 5, 7) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = rotate(state.3, 45)
        return result
    }

    /// A number in `0..<bound`; the bias is below 2^-40 for the bounds used here.
    mutating func below(_ bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(max(1, bound))).high)
    }

    /// True in so many cases of a thousand.
    mutating func chance(perMille: Int) -> Bool { below(1000) < perMille }

    /// One of several.
    mutating func pick<Element>(_ elements: [Element]) -> Element {
        precondition(!elements.isEmpty, "there is something to pick from")
        return elements[below(elements.count)]
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): turns one number into well-mixed others.
struct SplitMix64: Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Picks indices in proportion to whole weights.
struct WeightedTable: Sendable {
    private let sums: [UInt64]

    init(_ weights: [UInt64]) {
        var total: UInt64 = 0
        sums = weights.map { weight in
            total += weight
            return total
        }
    }

    func pick(_ random: inout Random) -> Int {
        let point = UInt64(random.below(Int(sums.last ?? 1)))
        var low = 0
        var high = sums.count - 1
        while low < high {
            let middle = (low + high) / 2
            if sums[middle] > point { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// A generator that gives the same numbers on every run (SplitMix64), so that a failure can be repeated.
public struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    public init(_ seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Random bytes.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    /// The bytes with one to four random changes: a byte replaced, a bit turned, a byte put in, a byte taken out, a piece
    /// repeated, a cut.
    public mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
        var result = bytes
        for _ in 0..<Int.random(in: 1...4, using: &self) where !result.isEmpty {
            let index = Int.random(in: 0..<result.count, using: &self)
            switch Int.random(in: 0..<6, using: &self) {
            case 0: result[index] = UInt8.random(in: 0...255, using: &self)
            case 1: result[index] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            case 2: result.insert(UInt8.random(in: 0...255, using: &self), at: index)
            case 3: result.remove(at: index)
            case 4: result.insert(contentsOf: result[index...].prefix(8), at: index)
            default: result.removeLast(min(result.count, Int.random(in: 1...4, using: &self)))
            }
        }
        return result
    }
}

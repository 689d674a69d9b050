/// SipHash-2-4 (Aumasson and Bernstein 2012) of one 64-bit word: a keyed function that is fast on short input.
struct SipHash: Sendable {
    private let k0: UInt64
    private let k1: UInt64

    init(_ k0: UInt64, _ k1: UInt64) {
        self.k0 = k0
        self.k1 = k1
    }

    /// The 64 bits for the eight bytes of a word, least first.
    func hash(_ word: UInt64) -> UInt64 {
        var v0 = k0 ^ 0x736F_6D65_7073_6575
        var v1 = k1 ^ 0x646F_7261_6E64_6F6D
        var v2 = k0 ^ 0x6C79_6765_6E65_7261
        var v3 = k1 ^ 0x7465_6462_7974_6573
        func round() {
            v0 &+= v1
            v1 = (v1 << 13 | v1 >> 51) ^ v0
            v0 = v0 << 32 | v0 >> 32
            v2 &+= v3
            v3 = (v3 << 16 | v3 >> 48) ^ v2
            v0 &+= v3
            v3 = (v3 << 21 | v3 >> 43) ^ v0
            v2 &+= v1
            v1 = (v1 << 17 | v1 >> 47) ^ v2
            v2 = v2 << 32 | v2 >> 32
        }
        // The word, then the length in the highest byte.
        for block in [word, 8 << 56] {
            v3 ^= block
            round()
            round()
            v0 ^= block
        }
        v2 ^= 0xFF
        for _ in 0..<4 { round() }
        return v0 ^ v1 ^ v2 ^ v3
    }
}

/// A search key under the vault's key: the tag that it is found by, and a key of its own for what stands beside the tag.
/// So the same year has another code beside every name, and the table tells nobody who was born when.
struct KeyedTag: Sendable {
    /// The first eight bytes of the HMAC. Two keys that meet by chance cost a reader one record too many.
    let tag: Int64
    private let cipher: SipHash

    /// What a code stands for.
    enum Column: UInt64 {
        case year = 1
        case place = 2
        case marks = 3
    }

    /// From the 32 bytes of an HMAC.
    init(_ mac: [UInt8]) {
        func word(_ start: Int) -> UInt64 {
            mac[start..<min(start + 8, mac.count)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        tag = Int64(bitPattern: word(0))
        cipher = SipHash(word(8), word(16))
    }

    /// Sixteen bits for a small number: a year (0 when unknown), a district's code.
    func code(_ value: Int, _ column: Column) -> Int16 {
        Int16(truncatingIfNeeded: cipher.hash(column.rawValue << 56 | UInt64(truncatingIfNeeded: value) & 0xFF_FFFF))
    }

    /// Sixteen bits for the marks of a name.
    func code(marks: [UInt32]) -> Int16 {
        var state: UInt64 = Column.marks.rawValue << 56 | UInt64(marks.count)
        for mark in marks { state = cipher.hash(state ^ UInt64(mark)) }
        return Int16(truncatingIfNeeded: cipher.hash(state))
    }
}

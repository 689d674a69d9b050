/// Distances of short sequences without allocations.
enum LetterDistance {
    /// Whether the Levenshtein distance is 0 or 1. Linear.
    static func isWithinOne(_ left: Letters, _ right: Letters) -> Bool {
        let short = left.count <= right.count ? left : right
        let long = left.count <= right.count ? right : left
        guard long.count - short.count <= 1 else { return false }
        var start = 0
        while start < short.count, short[start] == long[start] { start += 1 }
        if start == short.count { return true }
        // Behind the first difference everything must agree: one letter replaced, or one letter more.
        var end = 0
        while end < short.count - start, short[short.count - 1 - end] == long[long.count - 1 - end] { end += 1 }
        return short.count == long.count ? start + end >= short.count - 1 : start + end >= short.count
    }

    /// The Jaro-Winkler similarity as `StringDistance.jaroWinkler` gives it, for at most 64 letters each.
    static func jaroWinkler(_ left: Letters, _ right: Letters) -> Double {
        let a = min(left.count, 64)
        let b = min(right.count, 64)
        if a == 0 || b == 0 { return a == b ? 1 : 0 }
        let window = max(0, max(a, b) / 2 - 1)
        var leftMatched: UInt64 = 0
        var rightMatched: UInt64 = 0
        var matches = 0
        for i in 0..<a {
            let low = max(0, i - window)
            let high = min(b - 1, i + window)
            var j = low
            while j <= high {
                if rightMatched & (1 << UInt64(j)) == 0 && left[i] == right[j] {
                    leftMatched |= 1 << UInt64(i)
                    rightMatched |= 1 << UInt64(j)
                    matches += 1
                    break
                }
                j += 1
            }
        }
        if matches == 0 { return 0 }
        var outOfPlace = 0
        var rest = rightMatched
        for i in 0..<a where leftMatched & (1 << UInt64(i)) != 0 {
            if left[i] != right[rest.trailingZeroBitCount] { outOfPlace += 1 }
            rest &= rest - 1
        }
        let m = Double(matches)
        let jaro = (m / Double(a) + m / Double(b) + (m - Double(outOfPlace / 2)) / m) / 3
        var prefix = 0
        while prefix < min(4, a, b), left[prefix] == right[prefix] { prefix += 1 }
        return jaro + Double(prefix) * 0.1 * (1 - jaro)
    }
}

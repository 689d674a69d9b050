/// How alike two strings are. Both measures cost the product of the lengths at most: bound the lengths first.
public enum StringDistance {
    /// The Levenshtein distance (insertions, deletions, substitutions), or `nil` when it is above `limit`. Costs
    /// `limit` times the length.
    public static func levenshtein<Element: Equatable>(
        _ left: some Collection<Element>, _ right: some Collection<Element>, limit: Int
    ) -> Int? {
        let a = Array(left)
        let b = Array(right)
        guard limit >= 0, abs(a.count - b.count) <= limit else { return nil }
        if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
        let bound = min(limit, max(a.count, b.count))
        let far = bound + 1
        var previous = (0...b.count).map { min($0, far) }
        var current = [Int](repeating: far, count: b.count + 1)
        for i in 1...a.count {
            let low = max(1, i - bound)
            let high = min(b.count, i + bound)
            current[low - 1] = low == 1 ? min(i, far) : far
            var best = current[low - 1]
            if low <= high {
                for j in low...high {
                    let substituted = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
                    current[j] = min(substituted, previous[j] + 1, current[j - 1] + 1, far)
                    best = min(best, current[j])
                }
            }
            // Cells right of the band were never written: they are still far.
            guard best <= bound else { return nil }
            swap(&previous, &current)
        }
        return previous[b.count] <= bound ? previous[b.count] : nil
    }

    /// The Levenshtein distance of two texts by Unicode scalar, or `nil` when it is above `limit`.
    public static func levenshtein(_ left: String, _ right: String, limit: Int) -> Int? {
        levenshtein(left.unicodeScalars, right.unicodeScalars, limit: limit)
    }

    /// The Jaro-Winkler similarity, 0 (nothing in common) to 1 (the same), with prefix scale 0.1 and at most four
    /// prefix elements. Two empty strings are the same.
    public static func jaroWinkler<Element: Equatable>(
        _ left: some Collection<Element>, _ right: some Collection<Element>
    ) -> Double {
        let a = Array(left)
        let b = Array(right)
        if a.isEmpty && b.isEmpty { return 1 }
        if a.isEmpty || b.isEmpty { return 0 }
        let window = max(0, max(a.count, b.count) / 2 - 1)
        var aMatched = [Bool](repeating: false, count: a.count)
        var bMatched = [Bool](repeating: false, count: b.count)
        var matches = 0
        for i in a.indices {
            let low = max(0, i - window)
            let high = min(b.count - 1, i + window)
            guard low <= high else { continue }
            for j in low...high where !bMatched[j] && a[i] == b[j] {
                aMatched[i] = true
                bMatched[j] = true
                matches += 1
                break
            }
        }
        if matches == 0 { return 0 }
        var outOfPlace = 0
        var j = 0
        for i in a.indices where aMatched[i] {
            while !bMatched[j] { j += 1 }
            if a[i] != b[j] { outOfPlace += 1 }
            j += 1
        }
        let m = Double(matches)
        let jaro = (m / Double(a.count) + m / Double(b.count) + (m - Double(outOfPlace / 2)) / m) / 3
        let prefix = zip(a, b).prefix(4).prefix { $0 == $1 }.count
        return jaro + Double(prefix) * 0.1 * (1 - jaro)
    }

    /// The Jaro-Winkler similarity of two texts by Unicode scalar.
    public static func jaroWinkler(_ left: String, _ right: String) -> Double {
        jaroWinkler(left.unicodeScalars, right.unicodeScalars)
    }
}

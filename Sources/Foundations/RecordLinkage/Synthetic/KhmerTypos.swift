import KhmerText

/// What goes wrong when Khmer is typed.
enum KhmerTypos {
    /// The same name typed in another order, so that it looks the same: one of the ways that apply, or the name itself.
    static func reordered(_ name: String, _ random: inout SplitMix64) -> String {
        let scalars = Array(name.unicodeScalars)
        let ways = ways(scalars)
        guard let way = random.pick(ways) else { return name }
        return text(way)
    }

    /// A zero-width space between two syllables.
    static func spaced(_ name: String, _ random: inout SplitMix64) -> String {
        var syllables = KhmerText.syllables(of: name)
        guard syllables.count > 1 else { return name }
        syllables.insert("\u{200B}", at: 1 + random.below(syllables.count - 1))
        return syllables.joined()
    }

    /// Another name by one letter: mostly one that sounds or looks alike, sometimes any, sometimes a mark left out.
    static func slipped(_ name: String, _ random: inout SplitMix64) -> String {
        var scalars = Array(name.unicodeScalars)
        let letters = scalars.indices.filter { (0x1780...0x17C8).contains(scalars[$0].value) }
        let choice = random.below(10)
        let marks = scalars.indices.filter { dropped.contains(scalars[$0]) && $0 > 0 }
        if choice < 2, let index = random.pick(marks) {
            scalars.remove(at: index)
            return text(scalars)
        }
        let alike = letters.filter { confused[scalars[$0]] != nil }
        if choice < 8, let index = random.pick(alike), let other = confused[scalars[index]] {
            scalars[index] = random.pick(other) ?? scalars[index]
            return text(scalars)
        }
        let consonants = letters.filter { scalars[$0].value <= 0x17A2 }
        if let index = random.pick(consonants), let other = Unicode.Scalar(UInt32(0x1780 + random.below(0x23))) {
            scalars[index] = other
        }
        return text(scalars)
    }

    // MARK: Parts

    private static func ways(_ scalars: [Unicode.Scalar]) -> [[Unicode.Scalar]] {
        var result: [[Unicode.Scalar]] = []
        for index in scalars.indices {
            let rest = scalars[index...].prefix(4).map(\.value)
            func replace(_ count: Int, _ with: [UInt32]) {
                var copy = scalars
                copy.replaceSubrange(index..<index + count, with: with.compactMap(Unicode.Scalar.init))
                result.append(copy)
            }
            // Coeng RO before the other coeng.
            if rest.count == 4, rest[0] == 0x17D2, rest[1] != 0x179A, rest[2] == 0x17D2, rest[3] == 0x179A {
                replace(4, [0x17D2, 0x179A, 0x17D2, rest[1]])
            }
            // The vowel that stands in front before the coeng.
            if rest.count >= 3, rest[0] == 0x17D2, (0x17C1...0x17C5).contains(rest[2]) {
                replace(3, [rest[2], 0x17D2, rest[1]])
            }
            // Coeng DA and coeng TA look the same.
            if rest.count >= 2, rest[0] == 0x17D2, rest[1] == 0x178A || rest[1] == 0x178F {
                replace(2, [0x17D2, rest[1] == 0x178A ? 0x178F : 0x178A])
            }
            // The shifter behind its vowel; below an upper vowel also as u.
            if rest.count >= 2, rest[0] == 0x17C9 || rest[0] == 0x17CA, (0x17B6...0x17C5).contains(rest[1]) {
                replace(2, [rest[1], rest[0]])
                if (0x17B7...0x17BA).contains(rest[1]) { replace(2, [0x17BB, rest[1]]) }
            }
            if rest.count >= 2, rest[0] == 0x17B6, rest[1] == 0x17C6 { replace(2, [0x17C6, 0x17B6]) }
            // A split vowel in its two halves.
            if rest[0] == 0x17C4 { replace(1, [0x17C1, 0x17B6]) }
            if rest[0] == 0x17BE { replace(1, [0x17C1, 0x17B8]) }
        }
        // Only ways that the key undoes are order errors; the rest would be other names.
        let key = Array(KhmerText.key(of: text(scalars)).unicodeScalars)
        return result.filter { Array(KhmerText.key(of: text($0)).unicodeScalars) == key }
    }

    private static func text(_ scalars: [Unicode.Scalar]) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    private static let dropped: Set<Unicode.Scalar> = [
        "\u{17CB}", "\u{17C7}", "\u{17C8}", "\u{17C9}", "\u{17CD}", "\u{17D0}",
    ]

    /// Letters that are taken for one another.
    private static let confused: [Unicode.Scalar: [Unicode.Scalar]] = {
        let groups: [[Unicode.Scalar]] = [
            ["ក", "គ"], ["ខ", "ឃ"], ["ច", "ជ"], ["ឆ", "ឈ"], ["ដ", "ទ"], ["ត", "ទ"], ["ថ", "ធ"], ["ណ", "ន"], ["ផ", "ភ"],
            ["ប", "ព"], ["ល", "ឡ"], ["រ", "ល"], ["\u{17B7}", "\u{17B8}"], ["\u{17B9}", "\u{17BA}"],
            ["\u{17BB}", "\u{17BC}"], ["\u{17C1}", "\u{17C2}"], ["\u{17BF}", "\u{17C0}"], ["\u{17C4}", "\u{17C5}"],
        ]
        var table: [Unicode.Scalar: [Unicode.Scalar]] = [:]
        for group in groups {
            table[group[0], default: []].append(group[1])
            table[group[1], default: []].append(group[0])
        }
        return table
    }()
}

/// Orthographic syllables: the units in which Khmer may be cut, counted and masked. Swift's `Character` is the wrong
/// unit for Khmer, because it splits behind the coeng.
extension KhmerText {
    /// The units of a text: a Khmer syllable with all that hangs on it, or one `Character` of another script. Joined
    /// they are the text again. Marks without a letter hang on the unit before them.
    public static func syllables(of text: String) -> [String] {
        let scalars = Array(text.unicodeScalars)
        let boundaries = boundaries(in: scalars)
        return zip(boundaries, boundaries.dropFirst()).map { String(scalars: scalars[$0..<$1]) }
    }

    /// The first so many syllables of a text.
    public static func prefix(of text: String, syllables count: Int) -> String {
        let scalars = Array(text.unicodeScalars)
        let boundaries = boundaries(in: scalars)
        return String(scalars: scalars[..<boundaries[min(max(0, count), boundaries.count - 1)]])
    }

    /// The longest beginning of whole syllables with at most so many Unicode scalars. When something is cut off, the
    /// ending (not for identifiers: an ellipsis, say) is put behind it, within the limit; an ending that does not fit
    /// is left out.
    public static func truncate(_ text: String, maxScalars: Int, ending: String = "") -> String {
        let scalars = Array(text.unicodeScalars)
        guard scalars.count > maxScalars else { return text }
        let endingCount = ending.unicodeScalars.count
        let usesEnding = endingCount <= maxScalars
        let room = max(0, usesEnding ? maxScalars - endingCount : maxScalars)
        let end = boundaries(in: scalars).last { $0 <= room } ?? 0
        return String(scalars: scalars[..<end]) + (usesEnding ? ending : "")
    }

    /// A name of which only the first syllable of each word is seen: `សុខ ដារ៉ា` gives `សុ••• ដា•••`. A word of one
    /// syllable is hidden whole. The number of dots says nothing of the length.
    public static func masked(_ name: String) -> String {
        let words = display(of: name).unicodeScalars.split(separator: " ")
        return words.map { word in
            let units = syllables(of: String(word))
            return (units.count > 1 ? units[0] : "") + "•••"
        }.joined(separator: " ")
    }

    /// The offsets at which a text may be cut, first 0, last the number of scalars (just `[0]` when empty).
    private static func boundaries(in scalars: [Unicode.Scalar]) -> [Int] {
        var boundaries = [0]
        var index = 0
        func close(_ end: Int) { if end > boundaries[boundaries.count - 1] { boundaries.append(end) } }
        while index < scalars.count {
            let scalar = scalars[index]
            if hangsOnKhmer(scalar) {
                index = endOfHanging(scalars, from: index)
                // Hangs on the unit before it, if there is one.
                if boundaries.count > 1 { boundaries.removeLast() }
                close(index)
            } else if scalar.isKhmer {
                index = endOfHanging(scalars, from: index + 1)
                close(index)
            } else {
                var end = index
                while end < scalars.count, !scalars[end].isKhmer { end += 1 }
                var offset = index
                for character in String(scalars: scalars[index..<end]) {
                    offset += character.unicodeScalars.count
                    close(offset)
                }
                index = end
            }
        }
        return boundaries
    }

    private static func endOfHanging(_ scalars: [Unicode.Scalar], from start: Int) -> Int {
        var index = start
        while index < scalars.count, hangsOnKhmer(scalars[index]) {
            let isCoeng = scalars[index] == Khmer.coeng
            index += 1
            // Invisible fillers between a coeng and its letter do not part them.
            var letter = index
            while isCoeng, letter < scalars.count, scalars[letter].isInvisibleFiller { letter += 1 }
            if isCoeng, letter < scalars.count, isLetter(scalars[letter]) { index = letter + 1 }
        }
        return index
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool { (0x1780...0x17B3).contains(scalar.value) }

    /// Whether the scalar is a dependent Khmer mark or an invisible filler behind one.
    private static func hangsOnKhmer(_ scalar: Unicode.Scalar) -> Bool {
        (0x17B4...0x17D3).contains(scalar.value) || scalar.value == 0x17DD || scalar.isInvisibleFiller
    }
}

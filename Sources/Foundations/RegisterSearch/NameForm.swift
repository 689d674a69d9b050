import KhmerText

/// A name as search sees it: its letters, which carry most of it, and its marks. One slip of the finger changes the
/// letters in one place, or the marks, seldom both, so each half finds what the other has lost.
struct NameForm: Sendable, Hashable {
    /// Khmer: consonants and independent vowels in order, written below or not. Latin: the consonant skeleton of each
    /// word.
    var letters: [UInt32] = []
    /// Khmer: vowels and signs in order. Latin: the vowels of the fold.
    var marks: [UInt32] = []

    /// The most scalars of a name that count: more than any name has, and a bound for hostile input.
    static let limit = 64

    init() {}

    init(khmer name: String) {
        let key = KhmerText.key(of: String(String.UnicodeScalarView(name.unicodeScalars.prefix(Self.limit))))
        for scalar in key.unicodeScalars {
            switch scalar.value {
            // Letters that are typed for one another more often than any others count as one.
            case 0x178A: letters.append(0x178F)
            case 0x178E: letters.append(0x1793)
            case 0x17A1: letters.append(0x179B)
            case 0x1780...0x17B3: letters.append(scalar.value)
            // The coeng itself says nothing: who forgets it has typed the same letters.
            case 0x17D2, 0x17B4, 0x17B5: continue
            case 0x17B6...0x17DD: marks.append(scalar.value)
            default: if scalar.properties.isAlphabetic { letters.append(scalar.value) }
            }
        }
    }

    init(latin name: String) {
        for word in name.unicodeScalars.prefix(Self.limit).split(separator: " ").prefix(8) {
            let word = String(String.UnicodeScalarView(word))
            letters += LatinName.skeleton(word).utf8.map(UInt32.init)
            for letter in LatinName.fold(word).utf8 where "aeiou".utf8.contains(letter) { marks.append(UInt32(letter)) }
        }
    }

    init(_ name: String, _ script: NameScript) {
        switch script {
        case .khmer: self.init(khmer: name)
        case .latin: self.init(latin: name)
        }
    }

    /// The letters, and the letters without each one of them: two names that differ in one letter, or in two that stand
    /// in the other order, share one of these.
    var variants: Set<[UInt32]> {
        guard !letters.isEmpty else { return [] }
        var result: Set<[UInt32]> = [letters]
        guard letters.count > 1 else { return result }
        for index in letters.indices {
            var shorter = letters
            shorter.remove(at: index)
            result.insert(shorter)
        }
        return result
    }
}

/// The script that a name is written in.
public enum NameScript: Sendable, Hashable, CaseIterable {
    case khmer, latin

    /// The script of what somebody typed: Khmer as soon as one Khmer letter is in it.
    public init(of text: String) {
        self = text.unicodeScalars.contains { (0x1780...0x17DD).contains($0.value) } ? .khmer : .latin
    }
}

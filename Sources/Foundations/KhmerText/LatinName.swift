/// Latin spellings of Khmer names for finding candidates. Spelling is personal and inconsistent, so these forms only
/// block and score; a human decides about people.
public enum LatinName {
    /// The consonant skeleton, a blocking key: spellings that differ in vowels, doubled letters and silent `h` and `r`
    /// share it (`Sokha`, `Sokkha`, `Soka` are `sk`). A leading vowel is `a`. Empty when the name has no Latin letter.
    public static func skeleton(_ name: String) -> String {
        let letters = consonantsFolded(LatinLetters.lowercased(name))
        guard let first = letters.first else { return "" }
        var output: [UInt8] = [isVowel(first) ? UInt8(ascii: "a") : first]
        for letter in letters.dropFirst() where !isVowel(letter) && letter != UInt8(ascii: "y") {
            if output.last != letter { output.append(letter) }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// The fold, for scoring: the consonants of the skeleton, with vowels brought to the main spelling of their sound
    /// and doubled letters once.
    public static func fold(_ name: String) -> String {
        String(decoding: foldedLetters(name), as: UTF8.self)
    }

    /// The ASCII letters of a name in lower case: marks dropped, special letters spelt out, everything else left out.
    public static func letters(_ name: String) -> [UInt8] { LatinLetters.lowercased(name) }

    /// How alike two Latin names are, 0 to 1: Jaro-Winkler on the folds, the best of the given and the turned order of
    /// words (family name first or last). Only the first 200 letters count.
    public static func similarity(_ left: String, _ right: String) -> Double {
        let a = foldedLetters(left).prefix(200)
        var best = StringDistance.jaroWinkler(a, foldedLetters(right).prefix(200))
        let words = right.split(separator: " ")
        if best < 1, words.count > 1, words.count <= 4 {
            for turn in 1..<words.count {
                let turned = (words[turn...] + words[..<turn]).joined(separator: " ")
                best = max(best, StringDistance.jaroWinkler(a, foldedLetters(turned).prefix(200)))
            }
        }
        return best
    }

    private static func foldedLetters(_ name: String) -> [UInt8] {
        vowelsFolded(consonantsFolded(LatinLetters.lowercased(name)))
    }

    private static func isVowel(_ letter: UInt8) -> Bool {
        switch letter {
        case UInt8(ascii: "a"), UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "o"), UInt8(ascii: "u"): true
        default: false
        }
    }

    // MARK: Consonants

    /// One letter for each consonant sound (`c` for ch, chh, tch and j), no silent `h` and `r`, final b and d as p and
    /// t.
    private static func consonantsFolded(_ letters: [UInt8]) -> [UInt8] {
        var output = withoutSilent(withoutDigraphs(letters))
        if let last = output.last {
            if last == UInt8(ascii: "b") { output[output.count - 1] = UInt8(ascii: "p") }
            if last == UInt8(ascii: "d") { output[output.count - 1] = UInt8(ascii: "t") }
        }
        return output
    }

    private static func withoutDigraphs(_ letters: [UInt8]) -> [UInt8] {
        let h = UInt8(ascii: "h")
        var output: [UInt8] = []
        output.reserveCapacity(letters.count)
        var index = 0
        func at(_ offset: Int) -> UInt8 { index + offset < letters.count ? letters[index + offset] : 0 }
        while index < letters.count {
            switch (letters[index], at(1)) {
            case (UInt8(ascii: "t"), UInt8(ascii: "c")) where at(2) == h:
                index += 1
                continue
            case (UInt8(ascii: "c"), h):
                output.append(UInt8(ascii: "c"))
                index += at(2) == h ? 3 : 2
            case (UInt8(ascii: "k"), h), (UInt8(ascii: "g"), h):
                output.append(UInt8(ascii: "k"))
                index += 2
            case (UInt8(ascii: "t"), h), (UInt8(ascii: "p"), h), (UInt8(ascii: "n"), h):
                output.append(letters[index])
                index += at(2) == h ? 3 : 2
            case (UInt8(ascii: "g"), UInt8(ascii: "n")):
                output.append(UInt8(ascii: "n"))
                index += 2
            case (UInt8(ascii: "w"), _):
                output.append(UInt8(ascii: "v"))
                index += 1
            case (UInt8(ascii: "j"), _):
                output.append(UInt8(ascii: "c"))
                index += 1
            case (UInt8(ascii: "c"), _):
                output.append(UInt8(ascii: "k"))
                index += 1
            case (let letter, _):
                output.append(letter)
                index += 1
            }
        }
        return output
    }

    /// Without `r` and `h` between a vowel and a consonant or the end.
    private static func withoutSilent(_ letters: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(letters.count)
        for (index, letter) in letters.enumerated() {
            if letter == UInt8(ascii: "r") || letter == UInt8(ascii: "h"), let last = output.last, soundsAsVowel(last) {
                let next = index + 1 < letters.count ? letters[index + 1] : nil
                guard let next, soundsAsVowel(next) || next == letter else { continue }
            }
            output.append(letter)
        }
        return output
    }

    private static func soundsAsVowel(_ letter: UInt8) -> Bool { isVowel(letter) || letter == UInt8(ascii: "y") }

    // MARK: Vowels

    /// Vowel groups that spell one sound, longest first.
    private static let vowelGroups: [(group: [UInt8], sound: [UInt8])] = [
        ("oeu", "oe"), ("eou", "ov"), ("iea", "ia"), ("eoi", "oi"),
        ("ee", "i"), ("ei", "i"), ("ey", "i"), ("ie", "ia"), ("ea", "ia"), ("ae", "e"), ("ai", "ay"),
        ("ou", "u"), ("oo", "u"), ("au", "o"), ("ao", "o"), ("eo", "oe"), ("eu", "oe"), ("oa", "o"),
    ].map { (Array($0.0.utf8), Array($0.1.utf8)) }

    private static func vowelsFolded(_ letters: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(letters.count)
        func append(_ letter: UInt8) { if output.last != letter { output.append(letter) } }
        var index = 0
        while index < letters.count {
            let rest = letters[index...]
            if let (group, sound) = vowelGroups.first(where: { rest.starts(with: $0.group) }) {
                for letter in sound { append(letter) }
                index += group.count
                continue
            }
            // Between consonants and at the end y is a vowel.
            let isFirst = index == 0
            append(letters[index] == UInt8(ascii: "y") && !isFirst ? UInt8(ascii: "i") : letters[index])
            index += 1
        }
        return output
    }
}

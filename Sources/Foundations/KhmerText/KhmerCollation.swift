import Foundation

/// The order of Khmer lists: that of the Khmer dictionary and of the CLDR collation `km`. The weights are our own, so
/// that the order is the same on every node and in every database, and a sort key once stored stays valid when ICU
/// changes.
///
/// The order is taken on the key form: spellings that look the same stand together. White space and punctuation come
/// first, then digits (Khmer and ASCII alike), Khmer, Latin (case and marks only break ties), other scripts by code
/// point.
public enum KhmerCollation {
    /// Whether one text comes before another; a total order on texts that differ.
    public static func areInOrder(_ left: String, _ right: String) -> Bool { compare(left, right) < 0 }

    /// Negative when `left` comes first, positive when `right` does, zero only for the same scalars.
    ///
    /// To sort a list, use `sorted(_:by:)`: it makes each sort key once.
    public static func compare(_ left: String, _ right: String) -> Int {
        compare((sortKey(of: left), left), (sortKey(of: right), right))
    }

    /// A list in order, by the name of each element.
    public static func sorted<Element>(_ elements: some Sequence<Element>, by name: (Element) -> String) -> [Element] {
        let keyed = elements.map { element in
            let text = name(element)
            return (element: element, key: (sortKey(of: text), text))
        }
        return keyed.sorted { compare($0.key, $1.key) < 0 }.map(\.element)
    }

    /// Bytes whose unsigned byte order is the order of the texts (`ORDER BY` on a binary column). Spellings with one
    /// key form have one sort key. Less than four bytes for each scalar plus two.
    public static func sortKey(of text: String) -> [UInt8] {
        let scalars = KhmerNormaliser.keyScalars(ofDisplay: KhmerNormaliser.displayScalars(of: text))
        var weights = Weights()
        var index = 0
        while index < scalars.count {
            index = weights.append(scalars, at: index)
        }
        return weights.bytes
    }

    private static func compare(_ left: (key: [UInt8], text: String), _ right: (key: [UInt8], text: String)) -> Int {
        if left.key.lexicographicallyPrecedes(right.key) { return -1 }
        if right.key.lexicographicallyPrecedes(left.key) { return 1 }
        if left.text.unicodeScalars.elementsEqual(right.text.unicodeScalars) { return 0 }
        return left.text.unicodeScalars.lexicographicallyPrecedes(right.text.unicodeScalars) ? -1 : 1
    }
}

/// The two levels of a sort key while it is made. Primary weights tell letters apart, secondary ones signs and
/// variants.
private struct Weights {
    private var primary: [UInt8] = []
    private var secondary: [UInt8] = []

    /// Lower than every weight, so that a text comes before its continuations.
    private static let separator: UInt8 = 1
    /// The secondary weight of a plain letter.
    private static let common: UInt8 = 5
    /// The secondary weight of an independent vowel (sorted as QA with the vowel) and of a letter under robat (sorted
    /// as RO with the letter as coeng). Lower than that of every sign.
    private static let variant: UInt8 = 0x08
    private static let space: UInt8 = 0x05
    private static let digitZero: UInt8 = 0x40
    private static let latinA: UInt8 = 0xC0
    /// Followed by the three bytes of the scalar.
    private static let otherScript: UInt8 = 0xF0

    /// Primary level, separator, secondary level without plain weights at its end.
    var bytes: [UInt8] {
        let end = secondary.lastIndex { $0 != Weights.common }.map { $0 + 1 } ?? 0
        return primary + [Weights.separator] + secondary[..<end]
    }

    /// Adds the weights of what stands at `index` and returns the index behind it.
    mutating func append(_ scalars: [Unicode.Scalar], at index: Int) -> Int {
        let scalar = scalars[index]
        let next = index + 1 < scalars.count ? scalars[index + 1] : nil
        if let next, next.khmerClass == .robat, let letter = KhmerWeights.primary[scalar] {
            add(KhmerWeights.ro)
            add(KhmerWeights.coeng)
            add(letter, Weights.variant)
            return index + 2
        }
        if let next, let weight = KhmerWeights.pairs[KhmerWeights.Pair(scalar, next)] {
            add(weight)
            return index + 2
        }
        if let weight = KhmerWeights.primary[scalar] {
            add(weight)
        } else if let sign = KhmerWeights.signs[scalar] {
            secondary.append(sign)
        } else if let (vowel, letter) = KhmerWeights.independentVowel(scalar) {
            add(KhmerWeights.qa)
            add(vowel, Weights.variant)
            if let letter { add(letter, Weights.variant) }
        } else {
            appendOther(scalar)
        }
        return index + 1
    }

    private mutating func add(_ weight: UInt8, _ second: UInt8 = Weights.common) {
        primary.append(weight)
        secondary.append(second)
    }

    private mutating func appendOther(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x20: add(Weights.space)
        case 0x30...0x39: add(Weights.digitZero + UInt8(scalar.value - 0x30))
        case 0x17E0...0x17E9: add(Weights.digitZero + UInt8(scalar.value - 0x17E0))
        case 0x61...0x7A: add(Weights.latinA + UInt8(scalar.value - 0x61))
        default:
            if let rank = KhmerWeights.punctuation[scalar] {
                add(rank)
            } else if let letters = LatinLetters.expansion(of: scalar) {
                letters.withUTF8Buffer { for byte in $0 { add(Weights.latinA + (byte - 97), Weights.variant) } }
            } else {
                appendDecomposed(scalar)
            }
        }
    }

    private mutating func appendDecomposed(_ scalar: Unicode.Scalar) {
        for part in String(Character(scalar)).decomposedStringWithCanonicalMapping.unicodeScalars {
            switch part.value {
            case 0x300...0x36F: secondary.append(UInt8(0x80 + part.value - 0x300))
            case 0x61...0x7A: add(Weights.latinA + UInt8(part.value - 0x61))
            default:
                primary += [
                    Weights.otherScript, UInt8(part.value >> 16), UInt8(part.value >> 8 & 0xFF),
                    UInt8(part.value & 0xFF),
                ]
                secondary.append(Weights.common)
            }
        }
    }
}

/// The weights of the Khmer script, in the order of CLDR's `km` rules.
private enum KhmerWeights {
    struct Pair: Hashable {
        let first: Unicode.Scalar
        let second: Unicode.Scalar

        init(_ first: Unicode.Scalar, _ second: Unicode.Scalar) {
            self.first = first
            self.second = second
        }
    }

    private static let first: UInt8 = 0x50
    private static let letters: [Unicode.Scalar] = Array(
        "កខគឃងចឆជឈញដឋឌឍណតថទធនបផពភមយរឫឬលឭឮវឝឞសហឡអៜ".unicodeScalars)
    private static let vowels: [Unicode.Scalar] = (0x17B6...0x17C5).compactMap { Unicode.Scalar($0) }
    /// Vowels with nikahit or reahmuk, which follow all plain vowels.
    private static let compounds: [[Unicode.Scalar]] = [
        ["\u{17BB}", "\u{17C6}"], ["\u{17C6}"], ["\u{17B6}", "\u{17C6}"], ["\u{17C7}"], ["\u{17B7}", "\u{17C7}"],
        ["\u{17BB}", "\u{17C7}"], ["\u{17C1}", "\u{17C7}"], ["\u{17C4}", "\u{17C7}"],
    ]

    /// Letters, vowels and the coeng.
    static let primary: [Unicode.Scalar: UInt8] = {
        var weights: [Unicode.Scalar: UInt8] = [:]
        for scalar in letters + vowels { weights[scalar] = first + UInt8(weights.count) }
        for (offset, compound) in compounds.enumerated() where compound.count == 1 {
            weights[compound[0]] = compoundFirst + UInt8(offset)
        }
        weights[Khmer.coeng] = coeng
        return weights
    }()

    /// Vowel and sign that are one unit of the order.
    static let pairs: [Pair: UInt8] = {
        var weights: [Pair: UInt8] = [:]
        for (offset, compound) in compounds.enumerated() where compound.count == 2 {
            weights[Pair(compound[0], compound[1])] = compoundFirst + UInt8(offset)
        }
        return weights
    }()

    private static let compoundFirst: UInt8 = first + UInt8(letters.count + vowels.count)
    static let coeng: UInt8 = compoundFirst + UInt8(compounds.count)
    static let ro: UInt8 = first + UInt8(letters.firstIndex(of: Khmer.ro) ?? 0)
    static let qa: UInt8 = first + UInt8(letters.firstIndex(of: Khmer.qa) ?? 0)

    /// Signs that only tell otherwise equal texts apart, as secondary weights.
    static let signs: [Unicode.Scalar: UInt8] = {
        let order: [Unicode.Scalar] = [
            "\u{17D3}", "\u{17CC}", "\u{17CE}", "\u{17CF}", "\u{17D1}", "\u{17D0}", "\u{17C8}", "\u{17DD}", "\u{17CB}",
            "\u{17C9}", "\u{17CA}", "\u{17CD}",
        ]
        return Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, UInt8(0x10 + $0)) })
    }()

    /// Punctuation in the order of CLDR's root, as primary weights between space and digits.
    static let punctuation: [Unicode.Scalar: UInt8] = {
        let order = "_-,;:៖!?.។៘៕'\"()[]{}@*/\\&#%`^+<=>|~$៙៚ៗ៛".unicodeScalars
        return Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, UInt8(0x06 + $0)) })
    }()

    /// An independent vowel as the weight of its vowel after QA, and of a letter after that.
    static func independentVowel(_ scalar: Unicode.Scalar) -> (vowel: UInt8, letter: UInt8?)? {
        switch scalar.value {
        case 0x17A5: (weight("\u{17B7}"), nil)
        case 0x17A6: (weight("\u{17B8}"), nil)
        case 0x17A7: (weight("\u{17BB}"), nil)
        case 0x17A8: (weight("\u{17BB}"), weight("\u{1780}"))
        case 0x17A9: (weight("\u{17BC}"), nil)
        case 0x17AA: (weight("\u{17BC}"), weight("\u{179C}"))
        case 0x17AF: (weight("\u{17C2}"), nil)
        case 0x17B0: (weight("\u{17C3}"), nil)
        case 0x17B1, 0x17B2: (weight("\u{17C4}"), nil)
        case 0x17B3: (weight("\u{17C5}"), nil)
        default: nil
        }
    }

    private static func weight(_ scalar: Unicode.Scalar) -> UInt8 { primary[scalar] ?? first }
}

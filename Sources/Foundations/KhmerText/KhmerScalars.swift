/// The part a scalar plays in a Khmer orthographic syllable. The raw values are the order in which the parts are stored
/// (Khmer Encoding Structure v2, SIL 2024).
enum KhmerClass: UInt8, Comparable {
    /// Not a part of a syllable: other scripts, digits, punctuation, a coeng without a letter.
    case other = 0
    /// Consonant or independent vowel.
    case base = 1
    case robat = 2
    /// U+17D2 together with the letter that follows it.
    case coeng = 3
    case shifter = 4
    /// ZERO WIDTH NON-JOINER behind a shifter: keeps the shifter's upper shape.
    case nonJoiner = 5
    /// Vowels written in front of the base, and the split vowels.
    case preVowel = 6
    case belowVowel = 7
    case aboveVowel = 8
    /// U+17B6.
    case postVowel = 9
    case sign = 10
    case final = 11

    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension Unicode.Scalar {
    /// The part this scalar plays in a Khmer syllable.
    var khmerClass: KhmerClass {
        switch value {
        case 0x1780...0x17A2, 0x17A5...0x17B3: .base
        case 0x17B6: .postVowel
        case 0x17B7...0x17BA: .aboveVowel
        case 0x17BB...0x17BD: .belowVowel
        case 0x17BE...0x17C5: .preVowel
        case 0x17C6, 0x17CB, 0x17CD...0x17D1, 0x17D3, 0x17DD: .sign
        case 0x17C7, 0x17C8: .final
        case 0x17C9, 0x17CA: .shifter
        case 0x17CC: .robat
        case 0x17D2: .coeng
        case 0x200C: .nonJoiner
        default: .other
        }
    }

    /// Whether the scalar belongs to the Khmer or Khmer Symbols block.
    var isKhmer: Bool { (0x1780...0x17FF).contains(value) || (0x19E0...0x19FF).contains(value) }

    /// Whether the scalar is white space of any width, a tab or a line end.
    var isSpacing: Bool {
        switch value {
        case 0x20, 0x09...0x0D, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    /// Whether the scalar has no shape of its own and means nothing between Khmer or Latin letters: zero-width space
    /// and joiners, soft hyphen, byte order mark, and Khmer's two inherent vowels.
    var isInvisibleFiller: Bool {
        switch value {
        case 0xAD, 0x200B...0x200D, 0x2060, 0xFEFF, 0x17B4, 0x17B5: true
        default: false
        }
    }

    /// Whether the scalar is a consonant that takes triisap, not muusikatoan, where a below-u stands for a shifter.
    /// U+1794 BA is left out: it takes muusikatoan and decides for its whole cluster.
    var isStrongConsonant: Bool {
        switch value {
        case 0x1780...0x1783, 0x1785...0x1788, 0x178A...0x178D, 0x178F...0x1792, 0x1795...0x1797, 0x179E...0x17A0,
            0x17A2:
            true
        default: false
        }
    }
}

/// The scalars that rules name.
enum Khmer {
    static let coeng: Unicode.Scalar = "\u{17D2}"
    static let da: Unicode.Scalar = "\u{178A}"
    static let ta: Unicode.Scalar = "\u{178F}"
    static let ba: Unicode.Scalar = "\u{1794}"
    static let ro: Unicode.Scalar = "\u{179A}"
    static let qa: Unicode.Scalar = "\u{17A2}"
    static let vowelAA: Unicode.Scalar = "\u{17B6}"
    static let vowelII: Unicode.Scalar = "\u{17B8}"
    static let vowelU: Unicode.Scalar = "\u{17BB}"
    static let vowelOE: Unicode.Scalar = "\u{17BE}"
    static let vowelYA: Unicode.Scalar = "\u{17BF}"
    static let vowelE: Unicode.Scalar = "\u{17C1}"
    static let vowelOO: Unicode.Scalar = "\u{17C4}"
    static let nikahit: Unicode.Scalar = "\u{17C6}"
    static let muusikatoan: Unicode.Scalar = "\u{17C9}"
    static let triisap: Unicode.Scalar = "\u{17CA}"
    static let samyokSannya: Unicode.Scalar = "\u{17D0}"
    static let atthacan: Unicode.Scalar = "\u{17DD}"
    static let nonJoiner: Unicode.Scalar = "\u{200C}"

    /// The end of the syllable that starts at `start`, where a base must stand: past every coeng pair, vowel and sign
    /// that belongs to it. A coeng without a letter after it belongs to no syllable.
    static func clusterEnd(_ scalars: [Unicode.Scalar], from start: Int) -> Int {
        var index = start + 1
        while index < scalars.count {
            switch scalars[index].khmerClass {
            case .coeng:
                guard index + 1 < scalars.count, scalars[index + 1].khmerClass == .base else { return index }
                index += 2
            case .other, .base:
                return index
            default:
                index += 1
            }
        }
        return index
    }
}

extension String {
    init(scalars: some Sequence<Unicode.Scalar>) {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        self.init(view)
    }
}

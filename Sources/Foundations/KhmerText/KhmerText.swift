import Kernel

/// A Khmer (or Latin, or mixed) single-line text in its three forms. Legal names are never silently altered: what was
/// typed stays as evidence, what is shown looks the same, and only the key is made for finding and comparing.
///
/// Compare texts by `key`. Two values are equal when they were entered the same, scalar by scalar.
public struct KhmerText: Sendable, Hashable {
    /// The text exactly as it was typed.
    public let entered: String
    /// The text in canonical order: invisible fillers gone, white space collapsed and trimmed, deprecated letters
    /// replaced, every syllable in the order of the encoding structure, split vowels joined, other scripts in NFC.
    /// Looks like `entered`.
    public let display: String
    /// The form for search and comparison: `display` plus coeng DA as coeng TA, U+17B2 as U+17B1, below-u with an upper
    /// vowel as shifter, coeng RO last, no joiners, and cased letters of other scripts in lower case. Digits stay as
    /// they are.
    public let key: String

    /// Takes a text from outside.
    ///
    /// - Parameters:
    ///   - entered: the text as typed.
    ///   - limit: the most Unicode scalars it may have as typed.
    /// - Throws: `text.empty`, `text.too_long`, `text.control_character`, `text.bidi_control`,
    ///   `text.unusable_character`.
    public init(_ entered: String, limit: Int = TextInput.nameLimit) throws(RumdulError) {
        try TextInput.check(entered, limit: limit, lines: .single)
        let display = KhmerNormaliser.displayScalars(of: entered)
        guard !display.isEmpty else { throw .textEmpty }
        self.entered = entered
        self.display = String(scalars: display)
        self.key = String(scalars: KhmerNormaliser.keyScalars(ofDisplay: display))
    }

    /// The display form of any text, in time linear in its length. Idempotent.
    public static func display(of text: String) -> String {
        String(scalars: KhmerNormaliser.displayScalars(of: text))
    }

    /// The key form of any text, in time linear in its length. Idempotent, and the same for a text and its display
    /// form.
    public static func key(of text: String) -> String {
        String(scalars: KhmerNormaliser.keyScalars(ofDisplay: KhmerNormaliser.displayScalars(of: text)))
    }

    /// Whether the text follows the structure of modern Khmer: no mark without its letter; in each syllable at most one
    /// robat, two coengs, one shifter, one vowel, two signs, one final. Other scripts are always well formed. A
    /// malformed official name exists, so this is a reason to ask, not to refuse.
    public static func isWellFormed(_ text: String) -> Bool {
        let scalars = KhmerNormaliser.displayScalars(of: text)
        var index = 0
        while index < scalars.count {
            switch scalars[index].khmerClass {
            case .other:
                index += 1
            case .base:
                let end = Khmer.clusterEnd(scalars, from: index)
                guard clusterIsWellFormed(scalars[index..<end]) else { return false }
                index = end
            default:
                return false
            }
        }
        return true
    }

    private static func clusterIsWellFormed(_ cluster: ArraySlice<Unicode.Scalar>) -> Bool {
        var robats = 0
        var coengs = 0
        var shifters = 0
        var vowels = 0
        var signs = 0
        var finals = 0
        for scalar in cluster {
            switch scalar.khmerClass {
            case .robat: robats += 1
            case .coeng: coengs += 1
            case .shifter: shifters += 1
            case .preVowel, .belowVowel, .aboveVowel, .postVowel: vowels += 1
            case .sign: signs += 1
            case .final: finals += 1
            case .base, .nonJoiner, .other: break
            }
        }
        return robats <= 1 && coengs <= 2 && shifters <= 1 && vowels <= 1 && signs <= 2 && finals <= 1
    }

    public static func == (left: KhmerText, right: KhmerText) -> Bool {
        left.entered.unicodeScalars.elementsEqual(right.entered.unicodeScalars)
    }

    public func hash(into hasher: inout Hasher) {
        for scalar in entered.unicodeScalars { hasher.combine(scalar) }
    }
}

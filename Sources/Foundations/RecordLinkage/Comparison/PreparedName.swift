import KhmerText

/// The comparable forms of one part of a name, as ranges of the record's storage. Empty ranges are missing forms.
struct PreparedPart: Sendable {
    /// Scalars of the Khmer display form, without spaces.
    var khmer = StorageRange()
    /// Scalars of the Khmer key, without spaces.
    var khmerKey = StorageRange()
    /// One number for each orthographic syllable of the key.
    var clusters = StorageRange()
    /// Lower-case Latin letters as spelt, without spaces and marks between words.
    var latin = StorageRange()
    /// The Latin fold.
    var fold = StorageRange()
    /// The Latin consonant skeleton.
    var skeleton = StorageRange()
    /// How many bits more than an average name an agreement of this one is worth: the rarer, the more.
    var rarity: Float = 0

    var isMissing: Bool { khmerKey.isEmpty && latin.isEmpty }
}

/// A name made comparable.
struct PreparedName: Sendable {
    var family = PreparedPart()
    var given = PreparedPart()

    var hasKhmer: Bool { !family.khmerKey.isEmpty || !given.khmerKey.isEmpty }
}

/// A piece of a record's storage.
struct StorageRange: Sendable {
    var start: UInt16 = 0
    var end: UInt16 = 0

    var isEmpty: Bool { start == end }
    var count: Int { Int(end) - Int(start) }
}

/// Letters in one flat memory, so that a comparison touches no reference counts.
typealias Letters = UnsafeBufferPointer<UInt32>

extension UnsafeBufferPointer<UInt32> {
    /// A piece of the storage as a buffer of its own.
    func part(_ range: StorageRange) -> Letters {
        Letters(rebasing: self[Int(range.start)..<Int(range.end)])
    }

    func isSame(as other: Letters) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count where self[index] != other[index] { return false }
        return true
    }
}

/// Builds the storage of a record.
struct NameBuilder {
    /// The most scalars of a part that are compared: far more than any name has, and a bound for hostile input.
    static let limit = 64

    private(set) var storage: [UInt32] = []

    init() { storage.reserveCapacity(256) }

    mutating func name(_ name: LinkageName, _ frequencies: NameFrequencies?) -> PreparedName {
        var prepared = PreparedName(
            family: part(khmer: name.khmerFamily, latin: name.latinFamily),
            given: part(khmer: name.khmerGiven, latin: name.latinGiven))
        if let frequencies {
            prepared.family.rarity = frequencies.rarity(family: name)
            prepared.given.rarity = frequencies.rarity(given: name)
        }
        return prepared
    }

    private mutating func part(khmer: String?, latin: String?) -> PreparedPart {
        var part = PreparedPart()
        if let khmer, !khmer.isEmpty {
            let text = KhmerText.display(of: NameForms.bounded(khmer))
            let key = KhmerText.key(of: text)
            part.khmer = append(NameForms.letters(text))
            part.khmerKey = append(NameForms.letters(key))
            part.clusters = append(
                KhmerText.syllables(of: key).lazy.filter { $0.utf8.first != 0x20 }.map(NameForms.number))
        }
        if let latin, !latin.isEmpty {
            let text = NameForms.bounded(latin)
            part.latin = append(NameForms.letters(KhmerText.key(of: text)))
            part.fold = append(LatinName.fold(text).utf8.lazy.map(UInt32.init))
            part.skeleton = append(LatinName.skeleton(text).utf8.lazy.map(UInt32.init))
        }
        return part
    }

    private mutating func append(_ letters: some Sequence<UInt32>) -> StorageRange {
        let start = storage.count
        storage.append(contentsOf: letters.prefix(NameBuilder.limit))
        return StorageRange(start: UInt16(start), end: UInt16(storage.count))
    }
}

/// Forms of names that comparison and blocking share.
enum NameForms {
    /// The text cut to what is compared, at a syllable.
    static func bounded(_ text: String) -> String {
        text.utf8.count <= NameBuilder.limit ? text : KhmerText.truncate(text, maxScalars: NameBuilder.limit)
    }

    /// The scalars that carry a name: without spaces, hyphens, dots and apostrophes, which people put in and leave out.
    static func letters(_ text: String) -> [UInt32] {
        text.unicodeScalars.compactMap { isDivider($0) ? nil : $0.value }
    }

    /// The same as a text.
    static func joined(_ text: String) -> String {
        var view = String.UnicodeScalarView()
        for scalar in text.unicodeScalars where !isDivider(scalar) { view.append(scalar) }
        return String(view)
    }

    private static func isDivider(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20, 0x27, 0x2D, 0x2E, 0x2010...0x2015, 0x2018, 0x2019, 0xB7: true
        default: false
        }
    }

    /// A number for a syllable (FNV-1a, 32 bits). Only near agreement rests on it, never equality of names.
    static func number(_ syllable: String) -> UInt32 {
        var hash: UInt32 = 0x811C_9DC5
        for byte in syllable.utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        return hash
    }
}

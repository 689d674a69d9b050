import KhmerText
import RecordLinkage

/// What an officer searches by: a name in either script, a date or years, a place; any of them, but a name, or a whole
/// date, or a commune with a year, must be among them.
public struct SearchQuery: Sendable {
    /// A place with everything below it.
    public struct Place: Sendable {
        /// 2, 4, 6 or 8 digits.
        public var code: String
        /// The codes that rows of the index can have within it: its district, or the districts of a province and the
        /// province itself.
        public var districts: [String]

        public init(code: String, districts: [String] = []) {
            self.code = code
            self.districts = districts.isEmpty ? [String(code.prefix(4))] : districts
        }
    }

    /// A name as typed, perhaps with slips, perhaps a given name alone.
    public var name: String?
    /// The years that the date may lie in. Subjects whose date is unknown fit all years.
    public var years: ClosedRange<Int>?
    /// The date, as far as it is known.
    public var date: LinkageDate?
    public var place: Place?
    /// Where the subjects must belong to whatever is asked, such as an officer's district; `nil` for the whole country.
    public var within: [String]?

    public init(
        name: String? = nil, years: ClosedRange<Int>? = nil, date: LinkageDate? = nil, place: Place? = nil,
        within: [String]? = nil
    ) {
        self.name = name.flatMap { $0.unicodeScalars.allSatisfy { $0.properties.isWhitespace } ? nil : $0 }
        self.years = date.map { $0.year...$0.year } ?? years
        self.date = date
        self.place = place
        self.within = within
    }

    /// Whether it says enough for few subjects to fit.
    public var isPrecise: Bool {
        if let name { return !NameForm(name, NameScript(of: name)).letters.isEmpty }
        if let date, date.month != nil { return true }
        return years.map { $0.count <= 5 } ?? false && (place?.code.utf8.count ?? 0) >= 6
    }

    /// The name with its words turned around, as typed first: many write the given name first.
    var spellings: [String] {
        guard let name else { return [] }
        let words = name.unicodeScalars.prefix(2 * NameForm.limit).split(separator: " ").prefix(5).map {
            String(String.UnicodeScalarView($0))
        }
        guard words.count > 1 else { return words }
        return words.indices.map { (words[$0...] + words[..<$0]).joined(separator: " ") }
    }
}

/// How near a subject is to what was asked for, nearest first.
public enum Nearness: Int, Sendable, Comparable, CaseIterable {
    /// No name was asked for, or the name is the same to the letter.
    case exact = 0
    /// The same name: typed in another order of signs, or spelt otherwise for the same sound.
    case spelling = 1
    /// One letter or mark is wrong, missing, too many or in the wrong place.
    case slip = 2
    /// Two slips, or the same consonants.
    case alike = 3
    /// The given name alone agrees.
    case given = 4
    /// An earlier name.
    case earlier = 5

    public static func < (left: Nearness, right: Nearness) -> Bool { left.rawValue < right.rawValue }
}

extension SearchQuery {
    /// How near these facts are; `nil` when they do not fit. What is not known of the subject speaks against nothing.
    public func rate(_ facts: SearchFacts) -> Nearness? {
        guard fitsDate(facts.date), fitsPlace(facts) else { return nil }
        guard let name else { return .exact }
        let script = NameScript(of: name)
        let known = (facts.names + facts.relatives).compactMap { $0.whole(script) }
        var best: Nearness?
        for spelling in spellings {
            for candidate in known {
                if let found = NameDistance.rate(spelling, candidate, script), best.map({ found < $0 }) ?? true {
                    best = found
                }
            }
        }
        if best == nil {
            let given = facts.names.compactMap { $0.given(script) }
            let agrees = words(name).contains { word in
                given.contains { NameDistance.rate(word, $0, script).map { $0 <= .slip } ?? false }
            }
            if agrees { best = .given }
        }
        return best
    }

    private func words(_ name: String) -> [String] {
        name.unicodeScalars.prefix(2 * NameForm.limit).split(separator: " ").prefix(5).map {
            String(String.UnicodeScalarView($0))
        }
    }

    private func fitsDate(_ known: LinkageDate?) -> Bool {
        guard let known else { return date?.month == nil }
        if let years, !years.contains(known.year) { return false }
        guard let date else { return true }
        func same(_ asked: Int?, _ known: Int?) -> Bool { asked == nil || known == nil || asked == known }
        return same(date.month, known.month) && same(date.day, known.day)
    }

    private func fitsPlace(_ facts: SearchFacts) -> Bool {
        guard let code = place?.code else { return true }
        if [facts.home, facts.born].compactMap(\.self).contains(where: { $0.utf8.starts(with: code.utf8) }) {
            return true
        }
        // Began in the commune or district, and where in it nobody knows.
        return facts.born.map { $0.utf8.count >= 4 && code.utf8.starts(with: $0.utf8) } ?? false
    }
}

/// How far two names are apart.
enum NameDistance {
    static func rate(_ asked: String, _ known: String, _ script: NameScript) -> Nearness? {
        script == .khmer ? khmer(asked, known) : latin(asked, known)
    }

    private static func khmer(_ asked: String, _ known: String) -> Nearness? {
        func scalars(_ text: String) -> [UInt32] {
            text.unicodeScalars.prefix(NameForm.limit).map(\.value).filter { $0 != 0x20 && $0 != 0x200B }
        }
        let a = scalars(KhmerText.key(of: asked))
        let b = scalars(KhmerText.key(of: known))
        if a == b {
            return scalars(KhmerText.display(of: asked)) == scalars(KhmerText.display(of: known)) ? .exact : .spelling
        }
        // A coeng and its letter are one mistake, not two. A slip can also make the key put other signs in order, so that
        // only what was typed is near.
        let byKey = byDistance(a.filter { $0 != 0x17D2 }, b.filter { $0 != 0x17D2 })
        if byKey == .slip { return byKey }
        func typed(_ text: String) -> [UInt32] {
            scalars(text).filter { $0 != 0x17D2 && !(0x200B...0x200D).contains($0) }
        }
        return [byKey, byDistance(typed(asked), typed(known))].compactMap(\.self).min()
    }

    private static func latin(_ asked: String, _ known: String) -> Nearness? {
        let a = LatinName.letters(asked).prefix(NameForm.limit).map(UInt32.init)
        let b = LatinName.letters(known).prefix(NameForm.limit).map(UInt32.init)
        guard !a.isEmpty, !b.isEmpty else { return nil }
        if a == b { return .exact }
        if LatinName.fold(asked).utf8.elementsEqual(LatinName.fold(known).utf8) { return .spelling }
        if let near = byDistance(a, b) { return near }
        let form = NameForm(latin: asked)
        return form.letters.count > 2 && form.letters == NameForm(latin: known).letters ? .alike : nil
    }

    private static func byDistance(_ a: [UInt32], _ b: [UInt32]) -> Nearness? {
        switch edits(a, b) {
        case 0, 1: .slip
        // Two slips in a very short name make it another one.
        case 2 where min(a.count, b.count) > 4: .alike
        default: nil
        }
    }

    /// Insertions, deletions, replacements and exchanges of neighbours (optimal string alignment), up to 3.
    static func edits(_ a: [UInt32], _ b: [UInt32]) -> Int {
        guard abs(a.count - b.count) < 3 else { return 3 }
        if a.isEmpty || b.isEmpty { return min(3, max(a.count, b.count)) }
        var before = [Int](repeating: 0, count: b.count + 1)
        var last = Array(0...b.count)
        var row = last
        for i in 1...a.count {
            row[0] = i
            for j in 1...b.count {
                let same = a[i - 1] == b[j - 1]
                row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { row[j] = min(row[j], before[j - 2] + 1) }
            }
            (before, last, row) = (last, row, before)
        }
        return min(3, last[b.count])
    }
}

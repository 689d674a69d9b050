import KhmerText

/// Keys under which records are looked up that could be of the same person: two records are compared when they share
/// one. Each key is a short text for equality only; a register keeps a keyed hash of it (a blind tag), never the text.
///
/// Every key joins a name with something of a date, or a name or a date with a place, so that none is common: see
/// `docs/duplicates.md` for the measured sizes.
public enum BlockingKeys {
    /// The kinds of keys, in order. The letter begins the key's text, and is never reused for something else.
    public enum Kind: String, Sendable, CaseIterable {
        /// Whole Khmer name in any order of words, year of birth.
        case khmerYear = "a"
        /// Skeleton of the whole Latin name in any order of words, year of birth, sex.
        case latinYear = "b"
        /// Whole Khmer name, day and month in any order: finds a wrong year.
        case khmerDay = "c"
        /// Skeleton of the whole Latin name, day and month in any order.
        case latinDay = "d"
        /// Khmer given name, whole date: finds another family name or place.
        case givenDate = "e"
        /// Khmer family name, whole date: finds a slip in the given name.
        case familyDate = "f"
        /// Date and commune: finds any slip in names.
        case placeDate = "g"
        /// Mother's Khmer name, year of birth.
        case motherYear = "h"
        /// Skeleton of the mother's Latin name, whole date.
        case motherDate = "i"
        /// Skeleton of the whole Latin name, commune: finds any slip in the date.
        case latinPlace = "j"
        /// Whole Khmer name, commune: finds any slip in the date.
        case khmerPlace = "k"
        /// Khmer given name and mother's given name, district: finds slips in family names and dates.
        case givenMother = "l"

        /// The place of the kind in the order, from 0.
        var number: Int { Int((rawValue.utf8.first ?? 0x61) - 0x61) }

        /// The fields that two records with such a key agree in, more or less, whoever they are.
        var fields: Set<LinkageField> {
            switch self {
            case .khmerYear, .latinYear, .khmerDay, .latinDay: [.familyName, .givenName, .sex, .birthDate]
            case .givenDate: [.givenName, .sex, .birthDate]
            case .familyDate: [.familyName, .birthDate]
            case .placeDate: [.birthPlace, .residence, .birthDate]
            case .motherYear, .motherDate: [.mother, .motherBirthYear, .birthDate]
            case .latinPlace, .khmerPlace: [.familyName, .givenName, .sex, .birthPlace, .residence]
            case .givenMother: [.givenName, .sex, .mother, .birthPlace, .residence]
            }
        }
    }

    /// At most so many keys does a record have.
    public static let limit = Kind.allCases.count

    /// The keys of a record, at most one of each kind, without those for which it has no data.
    public static func keys(for record: LinkageRecord) -> [String] { kindsAndKeys(for: record).map(\.key) }

    /// The keys with their kinds, in the order of the kinds.
    public static func kindsAndKeys(for record: LinkageRecord) -> [(kind: Kind, key: String)] {
        let parts = Parts(record)
        var keys: [(Kind, String)] = []
        keys.reserveCapacity(limit)
        func add(_ kind: Kind, _ first: String?, _ second: String?) {
            guard let first, let second else { return }
            keys.append((kind, "\(kind.rawValue)|\(first)|\(second)"))
        }
        add(.khmerYear, parts.khmer, parts.year)
        add(.latinYear, parts.latin, parts.yearAndSex)
        add(.khmerDay, parts.khmer, parts.dayAndMonth)
        add(.latinDay, parts.latin, parts.dayAndMonth)
        add(.givenDate, parts.given, parts.date)
        add(.familyDate, parts.family, parts.date)
        add(.placeDate, parts.commune, parts.date)
        add(.motherYear, parts.mother, parts.year)
        add(.motherDate, parts.motherLatin, parts.date)
        add(.latinPlace, parts.latin, parts.commune)
        add(.khmerPlace, parts.khmer, parts.commune)
        add(.givenMother, parts.givenAndMother, parts.district)
        return keys
    }

    /// Keys under which brothers and sisters meet: each parent with the commune. Only for estimating what relatives look
    /// like; nobody is looked up by them.
    static func kinKeys(for record: LinkageRecord) -> [String?] {
        let parts = Parts(record)
        guard let commune = parts.commune else { return [nil, nil] }
        return [parts.mother.map { "m|\($0)|\(commune)" }, parts.father.map { "f|\($0)|\(commune)" }]
    }

    /// The pieces that keys are made of; `nil` where the record does not say.
    private struct Parts {
        var khmer: String?
        var latin: String?
        var family: String?
        var given: String?
        var mother: String?
        var father: String?
        var motherLatin: String?
        var givenAndMother: String?
        var year: String?
        var yearAndSex: String?
        var dayAndMonth: String?
        var date: String?
        var commune: String?
        var district: String?

        init(_ record: LinkageRecord) {
            family = BlockingKeys.khmer(record.name.khmerFamily)
            given = BlockingKeys.khmer(record.name.khmerGiven)
            khmer = BlockingKeys.whole(family, given)
            latin = BlockingKeys.skeletons(record.name)
            let motherGiven = BlockingKeys.khmer(record.mother.khmerGiven)
            mother = BlockingKeys.whole(BlockingKeys.khmer(record.mother.khmerFamily), motherGiven)
            father = BlockingKeys.whole(
                BlockingKeys.khmer(record.father.khmerFamily), BlockingKeys.khmer(record.father.khmerGiven))
            motherLatin = BlockingKeys.skeletons(record.mother)
            if let given, let motherGiven { givenAndMother = given + "+" + motherGiven }
            setDate(record)
            // The place of residence stands in where the place of birth is not known to the commune.
            let places = [record.birthPlace, record.residence].compactMap { $0 }.filter {
                [6, 8].contains($0.utf8.count) && $0.utf8.allSatisfy { (48...57).contains($0) }
            }
            commune = places.first.map { String(decoding: $0.utf8.prefix(6), as: UTF8.self) }
            district = commune.map { String(decoding: $0.utf8.prefix(4), as: UTF8.self) }
        }

        private mutating func setDate(_ record: LinkageRecord) {
            guard let birth = record.birthDate else { return }
            // A year of the Buddhist era is brought to the common one, as far as that can be told.
            let common = birth.year > 2400 ? birth.year - 543 : birth.year
            let year = String(common)
            self.year = year
            yearAndSex = record.sex.map { "\(year)\($0.rawValue)" }
            guard let month = birth.month, let day = birth.day else { return }
            let pair = "\(min(day, month)).\(max(day, month))"
            dayAndMonth = pair
            date = "\(pair).\(year)"
        }
    }

    /// The Khmer key without spaces, or `nil`.
    private static func khmer(_ text: String?) -> String? {
        guard let text, !text.isEmpty else { return nil }
        let key = NameForms.joined(KhmerText.key(of: NameForms.bounded(text)))
        return key.isEmpty ? nil : key
    }

    /// Both parts of a name in the order of their bytes, whichever is the family name.
    private static func whole(_ family: String?, _ given: String?) -> String? {
        guard let family, let given else { return family ?? given }
        return family.utf8.lexicographicallyPrecedes(given.utf8) ? "\(family)+\(given)" : "\(given)+\(family)"
    }

    /// The skeletons of a Latin name, likewise. A name of fewer than two consonants is too common for a key.
    private static func skeletons(_ name: LinkageName) -> String? {
        func skeleton(_ text: String?) -> String? {
            text.map { LatinName.skeleton(NameForms.bounded($0)) }.flatMap { $0.isEmpty ? nil : $0 }
        }
        let whole = whole(skeleton(name.latinFamily), skeleton(name.latinGiven))
        return whole.flatMap { $0.utf8.count > 2 ? $0 : nil }
    }
}

import Accountability
import Kernel
import KhmerText
import ReferenceData

/// What somebody says about a person, to be compared with the register field by field.
public struct PersonClaims: Sendable, Hashable {
    /// One thing that can be claimed.
    public enum Field: String, Sendable, CaseIterable {
        case nameKhmer = "name_km"
        case nameLatin = "name_latin"
        case birthdate
        case sex
        case birthplace
        case residence
        case alive
        case familyNameKhmer = "family_name_km"
        case givenNameKhmer = "given_name_km"
        case familyName = "family_name"
        case givenName = "given_name"

        /// What a verification offers: parts of names are for interfaces that know no whole ones.
        public static let verifiable: [Field] = [
            .nameKhmer, .nameLatin, .birthdate, .sex, .birthplace, .residence, .alive,
        ]

        /// The attribute that an access entry names.
        public var attribute: AttributeName {
            switch self {
            case .nameKhmer: .nameKhmer
            case .nameLatin: .nameLatin
            case .birthdate: .birthdate
            case .sex: .gender
            case .birthplace: .birthplace
            case .residence: .address
            case .alive: .alive
            case .familyNameKhmer: .familyNameKhmer
            case .givenNameKhmer: .givenNameKhmer
            case .familyName: .familyName
            case .givenName: .givenName
            }
        }
    }

    /// A day that the birth must lie before or after.
    public struct BirthBound: Sendable, Hashable {
        public enum Order: String, Sendable, CaseIterable {
            case before = "<"
            case notAfter = "<="
            case after = ">"
            case notBefore = ">="
        }

        public let order: Order
        public let date: PartialDate

        public init(_ order: Order, _ date: PartialDate) {
            self.order = order
            self.date = date
        }
    }

    /// The full name in Khmer script.
    public var nameKhmer: String?
    /// The full name in Latin letters, in any order of its words.
    public var nameLatin: String?
    public var birthdate: PartialDate?
    /// At most a few; together with `birthdate` they are the claim about it.
    public var birthBounds: [BirthBound] = []
    public var sex: Sex?
    /// A place that the place of birth is, or lies in.
    public var birthplace: PlaceCode?
    /// A place that a place of residence is, or lies in.
    public var residence: PlaceCode?
    public var alive: Bool?
    /// Family and given names, by their fields.
    public var nameParts: [Field: String] = [:]

    public init() {}

    /// What is claimed, in a fixed order.
    public var fields: [Field] {
        Field.allCases.filter { field in
            switch field {
            case .nameKhmer: nameKhmer != nil
            case .nameLatin: nameLatin != nil
            case .birthdate: birthdate != nil || !birthBounds.isEmpty
            case .sex: sex != nil
            case .birthplace: birthplace != nil
            case .residence: residence != nil
            case .alive: alive != nil
            case .familyNameKhmer, .givenNameKhmer, .familyName, .givenName: nameParts[field] != nil
            }
        }
    }

    /// Fields of which a match shows that the asker knows the person: a name, or a birth date to the day. The others are
    /// guessed too easily.
    public var anchors: [Field] {
        var anchors = fields.filter { $0 == .nameKhmer || $0 == .nameLatin }
        if case .day? = birthdate { anchors.append(.birthdate) }
        return anchors
    }
}

/// What a comparison says about one field.
public enum ClaimVerdict: String, Sendable, CaseIterable {
    case match
    case noMatch = "no_match"
    /// The register does not know, or knows it less exactly than it was claimed.
    case notKnown = "not_known"
}

extension PersonSnapshot {
    /// Compares one claim; `nil` for what was not claimed.
    func compare(_ field: PersonClaims.Field, of claims: PersonClaims) -> ClaimVerdict? {
        switch field {
        case .nameKhmer: claims.nameKhmer.map { compare($0, with: names.compactMap(\.khmer), by: NameComparison.khmer) }
        case .nameLatin: claims.nameLatin.map { compare($0, with: names.compactMap(\.latin), by: NameComparison.latin) }
        case .birthdate: compareBirth(claims)
        case .sex:
            claims.sex.map { sex == .notKnown || sex == .notApplicable ? .notKnown : sex == $0 ? .match : .noMatch }
        case .birthplace: claims.birthplace.map { compare($0, with: [birth.place].compactMap(\.self)) }
        case .residence: claims.residence.map { compare($0, with: residence.map(\.place)) }
        case .alive:
            claims.alive.map { claimed in
                switch life {
                case .alive: claimed ? .match : .noMatch
                case .deceased: claimed ? .noMatch : .match
                case .presumedDead, .missing: .notKnown
                }
            }
        case .familyNameKhmer, .givenNameKhmer, .familyName, .givenName: comparePart(field, of: claims)
        }
    }

    private func compareBirth(_ claims: PersonClaims) -> ClaimVerdict? {
        guard claims.birthdate != nil || !claims.birthBounds.isEmpty else { return nil }
        guard let known = birth.date else { return .notKnown }
        let verdicts =
            claims.birthBounds.map { known.agrees(with: $0) }
            + (claims.birthdate.map { [known.agrees(with: $0)] } ?? [])
        return verdicts.contains(.noMatch) ? .noMatch : verdicts.contains(.notKnown) ? .notKnown : .match
    }

    private func comparePart(_ field: PersonClaims.Field, of claims: PersonClaims) -> ClaimVerdict? {
        guard let claimed = claims.nameParts[field] else { return nil }
        let isKhmer = field == .familyNameKhmer || field == .givenNameKhmer
        let parts = names.compactMap { isKhmer ? $0.khmer : $0.latin }
        let known = parts.map { field == .familyNameKhmer || field == .familyName ? $0.family : $0.given }
            .filter { !$0.isEmpty }
        if known.isEmpty { return .notKnown }
        return known.contains {
            isKhmer ? NameComparison.khmer(claimed, $0) : NameComparison.latin(claimed, $0)
        } ? .match : .noMatch
    }

    private func compare(
        _ claimed: String, with known: [NameParts], by areSame: (String, String) -> Bool
    ) -> ClaimVerdict {
        known.isEmpty ? .notKnown : known.contains { areSame(claimed, $0.full) } ? .match : .noMatch
    }

    /// A claim of a larger place than the register knows agrees as far as it goes; of a smaller one within it, the
    /// register does not know.
    private func compare(_ claimed: PlaceCode, with known: [PlaceCode]) -> ClaimVerdict {
        if known.isEmpty { return .notKnown }
        if known.contains(where: { $0.text.utf8.starts(with: claimed.text.utf8) }) { return .match }
        return known.contains { claimed.text.utf8.starts(with: $0.text.utf8) } ? .notKnown : .noMatch
    }
}

extension PartialDate {
    /// Compares a claim with what the register knows. A less exact claim agrees as far as it goes; a more exact one
    /// cannot be confirmed, only excluded.
    func agrees(with claimed: PartialDate) -> ClaimVerdict {
        if earliest >= claimed.earliest, latest <= claimed.latest { return .match }
        return claimed.earliest >= earliest && claimed.latest <= latest ? .notKnown : .noMatch
    }
}

extension PartialDate {
    /// Whether a date certainly keeps a bound, certainly breaks it, or may do either.
    func agrees(with bound: PersonClaims.BirthBound) -> ClaimVerdict {
        let (first, last) = (bound.date.earliest, bound.date.latest)
        func verdict(_ certainly: Bool, _ certainlyNot: Bool) -> ClaimVerdict {
            certainly ? .match : certainlyNot ? .noMatch : .notKnown
        }
        switch bound.order {
        case .before: return verdict(latest < first, earliest >= last)
        case .notAfter: return verdict(latest <= first, earliest > last)
        case .after: return verdict(earliest > last, latest <= first)
        case .notBefore: return verdict(earliest >= last, latest < first)
        }
    }
}

/// Whether two names are the same but for habits of writing.
enum NameComparison {
    /// By the key form, without spaces.
    static func khmer(_ left: String, _ right: String) -> Bool {
        let wanted = key(left)
        return !wanted.isEmpty && wanted == key(right)
    }

    private static func key(_ name: String) -> [Unicode.Scalar] {
        KhmerText.key(of: name).unicodeScalars.filter { $0 != " " }
    }

    /// By the fold of each word in whatever order, or of the whole name when words were joined or divided.
    static func latin(_ left: String, _ right: String) -> Bool {
        let (a, b) = (words(left), words(right))
        guard !a.isEmpty, !b.isEmpty else { return false }
        return a == b || joined(left) == joined(right)
    }

    private static func words(_ name: String) -> [String] {
        name.split(separator: " ").prefix(12).map { LatinName.fold(String($0)) }.filter { !$0.isEmpty }.sorted()
    }

    private static func joined(_ name: String) -> String {
        LatinName.fold(String(String.UnicodeScalarView(name.unicodeScalars.filter { $0 != " " })))
    }
}

/// Sex in the codes of ISO/IEC 5218. `notKnown` and `notApplicable` say nothing and compare as missing.
public enum LinkageSex: Int, Sendable, Hashable, Codable, CaseIterable {
    case notKnown = 0
    case male = 1
    case female = 2
    case notApplicable = 9
}

/// A date of which perhaps only the year, or the year and month, is known. It is taken as it was typed: the thirteenth
/// month is no error here but something that may turn out to be day and month in the wrong order.
public struct LinkageDate: Sendable, Hashable, Codable {
    public var year: Int
    /// The month as typed, or `nil` when unknown.
    public var month: Int?
    /// The day as typed, or `nil` when unknown.
    public var day: Int?

    public init(year: Int, month: Int? = nil, day: Int? = nil) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// Whether year, month and day are all known.
    public var isWhole: Bool { month != nil && day != nil }
}

/// A person's name in Khmer and Latin script, as entered. Any part may be missing, and an empty part is a missing one.
public struct LinkageName: Sendable, Codable {
    public var khmerFamily: String?
    public var khmerGiven: String?
    public var latinFamily: String?
    public var latinGiven: String?

    public init(
        khmerFamily: String? = nil, khmerGiven: String? = nil, latinFamily: String? = nil, latinGiven: String? = nil
    ) {
        self.khmerFamily = khmerFamily
        self.khmerGiven = khmerGiven
        self.latinFamily = latinFamily
        self.latinGiven = latinGiven
    }
}

extension LinkageName: Equatable {
    /// Entered the same, scalar by scalar. Whether two names are the same name is for `PreparedRecord` to say.
    public static func == (left: LinkageName, right: LinkageName) -> Bool {
        func same(_ one: String?, _ other: String?) -> Bool {
            guard let one, let other else { return one == nil && other == nil }
            return one.unicodeScalars.elementsEqual(other.unicodeScalars)
        }
        return same(left.khmerFamily, right.khmerFamily) && same(left.khmerGiven, right.khmerGiven)
            && same(left.latinFamily, right.latinFamily) && same(left.latinGiven, right.latinGiven)
    }
}

/// What linkage looks at of a person, or of the person that a civil event is about. Everything is optional, and nothing
/// here is an identifier: whoever asks keeps the number that the record belongs to.
public struct LinkageRecord: Sendable, Equatable, Codable {
    public var name: LinkageName
    public var sex: LinkageSex?
    public var birthDate: LinkageDate?
    /// The official code of the place of birth: 2 (province), 4 (district), 6 (commune) or 8 digits (village).
    public var birthPlace: String?
    /// The official code of the place of residence, in the same form.
    public var residence: String?
    public var mother: LinkageName
    public var father: LinkageName
    public var motherBirthYear: Int?

    public init(
        name: LinkageName = LinkageName(), sex: LinkageSex? = nil, birthDate: LinkageDate? = nil,
        birthPlace: String? = nil, residence: String? = nil, mother: LinkageName = LinkageName(),
        father: LinkageName = LinkageName(), motherBirthYear: Int? = nil
    ) {
        self.name = name
        self.sex = sex
        self.birthDate = birthDate
        self.birthPlace = birthPlace
        self.residence = residence
        self.mother = mother
        self.father = father
        self.motherBirthYear = motherBirthYear
    }
}

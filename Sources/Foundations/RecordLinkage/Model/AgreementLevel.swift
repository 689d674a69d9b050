import Kernel

/// The fields that are compared.
public enum LinkageField: Int, Sendable, CaseIterable, Codable {
    case familyName = 0
    case givenName = 1
    case sex = 2
    case birthDate = 3
    case birthPlace = 4
    case residence = 5
    case mother = 6
    case father = 7
    case motherBirthYear = 8

    /// The name of the field for the officer who reads an explanation.
    public var text: LocalizedText {
        switch self {
        case .familyName: LocalizedText(km: "នាមត្រកូល", en: "Family name")
        case .givenName: LocalizedText(km: "នាមខ្លួន", en: "Given name")
        case .sex: LocalizedText(km: "ភេទ", en: "Sex")
        case .birthDate: LocalizedText(km: "ថ្ងៃខែឆ្នាំកំណើត", en: "Date of birth")
        case .birthPlace: LocalizedText(km: "ទីកន្លែងកំណើត", en: "Place of birth")
        case .residence: LocalizedText(km: "ទីលំនៅ", en: "Residence")
        case .mother: LocalizedText(km: "ឈ្មោះម្តាយ", en: "Mother's name")
        case .father: LocalizedText(km: "ឈ្មោះឪពុក", en: "Father's name")
        case .motherBirthYear: LocalizedText(km: "ឆ្នាំកំណើតម្តាយ", en: "Mother's year of birth")
        }
    }

    /// The levels that a comparison of this field can give, best first, without `missing`.
    public var levels: [AgreementLevel] {
        switch self {
        case .familyName: [.exact, .sameKey, .sameFold, .sameSkeleton, .oneLetter, .near, .turned, .different]
        case .givenName: [.exact, .sameKey, .sameFold, .sameSkeleton, .oneLetter, .near, .different]
        case .mother, .father:
            [.exact, .sameKey, .sameFold, .sameSkeleton, .oneLetter, .near, .turned, .partly, .different]
        case .sex: [.exact, .different]
        case .birthDate:
            [
                .exact, .knownPartsSame, .dayMonthTurned, .oneDigit, .sameYear, .yearNext, .yearTwelve, .yearEra,
                .yearNear, .different,
            ]
        case .birthPlace, .residence: [.sameVillage, .sameCommune, .sameDistrict, .sameProvince, .different]
        case .motherBirthYear: [.exact, .yearNext, .yearTwelve, .yearEra, .yearNear, .different]
        }
    }
}

/// How far the two values of a field agree. One scale for all fields; `LinkageField.levels` says which apply to which.
public enum AgreementLevel: Int, Sendable, CaseIterable, Codable {
    /// One side, or both, says nothing.
    case missing = 0
    case different = 1
    /// The same to the letter.
    case exact = 2
    /// Khmer that differs only in how it was typed.
    case sameKey = 3
    /// Latin that differs only in how the same sounds are spelt.
    case sameFold = 4
    /// Latin with the same consonants.
    case sameSkeleton = 5
    /// One Khmer syllable differs by more than a letter, or the Latin spellings are alike.
    case near = 6
    /// Family and given name stand in the other order, or the words are divided otherwise.
    case turned = 7
    /// Of a parent's name, one part agrees.
    case partly = 8
    /// What is known on both sides agrees, but a day or month is missing.
    case knownPartsSame = 9
    case dayMonthTurned = 10
    /// One digit of the date differs.
    case oneDigit = 11
    /// The year agrees, the day or month does not.
    case sameYear = 12
    /// The years differ by one, and no day or month speaks against it.
    case yearNext = 13
    /// The years differ by twelve (the same animal), and no day or month speaks against it.
    case yearTwelve = 14
    /// One year is of the Buddhist era (543 or 544 more), and no day or month speaks against it.
    case yearEra = 15
    /// The years differ by up to two, and the day or month by something too.
    case yearNear = 16
    case sameVillage = 17
    case sameCommune = 18
    case sameDistrict = 19
    case sameProvince = 20
    /// One Khmer letter or mark differs.
    case oneLetter = 21

    /// The level in words, for the officer who reads an explanation.
    public var text: LocalizedText {
        switch self {
        case .missing: LocalizedText(km: "គ្មានទិន្នន័យ", en: "not known on both sides")
        case .different: LocalizedText(km: "ខុសគ្នា", en: "different")
        case .exact: LocalizedText(km: "ដូចគ្នាទាំងស្រុង", en: "exactly the same")
        case .sameKey: LocalizedText(km: "ដូចគ្នា ខុសតែរបៀបវាយអក្សរ", en: "the same, typed in another way")
        case .sameFold: LocalizedText(km: "សូរដូចគ្នាជាអក្សរឡាតាំង", en: "the same sounds in Latin letters")
        case .sameSkeleton: LocalizedText(km: "ព្យញ្ជនៈឡាតាំងដូចគ្នា", en: "the same consonants in Latin letters")
        case .oneLetter: LocalizedText(km: "ខុសតែអក្សរខ្មែរមួយ", en: "one Khmer letter differs")
        case .near: LocalizedText(km: "ស្រដៀងគ្នា", en: "similar")
        case .turned: LocalizedText(km: "ពាក្យដដែល តែលំដាប់ ឬការបំបែកខុសគ្នា", en: "the same words in another order")
        case .partly: LocalizedText(km: "ដូចគ្នាតែមួយផ្នែក", en: "one part agrees")
        case .knownPartsSame: LocalizedText(km: "ផ្នែកដែលស្គាល់គឺដូចគ្នា", en: "the known parts agree")
        case .dayMonthTurned: LocalizedText(km: "ថ្ងៃនិងខែប្តូរគ្នា", en: "day and month exchanged")
        case .oneDigit: LocalizedText(km: "ខុសតែលេខមួយខ្ទង់", en: "one digit differs")
        case .sameYear: LocalizedText(km: "ឆ្នាំដូចគ្នា ថ្ងៃឬខែខុសគ្នា", en: "same year, other day or month")
        case .yearNext: LocalizedText(km: "ឆ្នាំខុសគ្នាមួយ", en: "one year apart")
        case .yearTwelve: LocalizedText(km: "ឆ្នាំខុសគ្នា១២ (សត្វដដែល)", en: "twelve years apart (same animal)")
        case .yearEra: LocalizedText(km: "ឆ្នាំមួយជាពុទ្ធសករាជ", en: "one year is of the Buddhist era")
        case .yearNear: LocalizedText(km: "ឆ្នាំជិតគ្នា", en: "years close together")
        case .sameVillage: LocalizedText(km: "ភូមិតែមួយ", en: "same village")
        case .sameCommune: LocalizedText(km: "ឃុំ/សង្កាត់តែមួយ", en: "same commune")
        case .sameDistrict: LocalizedText(km: "ស្រុក/ក្រុង/ខណ្ឌតែមួយ", en: "same district")
        case .sameProvince: LocalizedText(km: "ខេត្ត/រាជធានីតែមួយ", en: "same province")
        }
    }
}

/// The levels of all fields of one comparison: sixteen bytes, no references.
public struct ComparisonVector: Sendable, Hashable {
    /// The raw values of the levels, by the raw value of the field.
    var levels = SIMD16<UInt8>(repeating: 0)

    /// A comparison in which everything is missing.
    public init() {}

    /// The level of one field.
    public subscript(field: LinkageField) -> AgreementLevel {
        get { AgreementLevel(rawValue: Int(levels[field.rawValue])) ?? .missing }
        set { levels[field.rawValue] = UInt8(newValue.rawValue) }
    }
}

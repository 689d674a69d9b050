import Kernel

/// How much harm a disclosure can do.
public enum AttributeSensitivity: Int, Sendable, Comparable, Codable, CaseIterable {
    /// Says little about one person (is over 18).
    case low = 1
    /// Identifies or describes the person (name).
    case personal = 2
    /// Opens doors or invites unfair treatment (birth date, address, nationality, phone number).
    case sensitive = 3
    /// Links records everywhere (KIDC, card number).
    case identifier = 4

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What the system knows about one attribute.
public struct AttributeDescription: Sendable, Hashable {
    public let name: AttributeName
    /// The words on a consent page.
    public let label: LocalizedText
    /// What a relying party receives.
    public let summary: LocalizedText
    public let sensitivity: AttributeSensitivity
    /// Whether it may leave only inside an encrypted answer (JWE for the relying party's key).
    public let encryptedOnly: Bool
}

/// Every attribute that the registers can disclose. An attribute that is not here cannot be asked for.
public enum AttributeCatalogue {
    /// All attributes in the order of a consent page.
    public static let all: [AttributeDescription] = [
        entry(.name, .personal, "ឈ្មោះ", "Name", "ឈ្មោះពេញជាអក្សរខ្មែរ", "Full name in Khmer"),
        entry(.nameKhmer, .personal, "ឈ្មោះជាអក្សរខ្មែរ", "Name in Khmer", "គោត្តនាម និងនាម", "Family name, then given name"),
        entry(
            .nameLatin, .personal, "ឈ្មោះជាអក្សរឡាតាំង", "Name in Latin letters", "គោត្តនាម និងនាម",
            "Family name, then given name"),
        entry(.givenName, .personal, "នាម (ឡាតាំង)", "Given name (Latin)", "នាមជាអក្សរឡាតាំង", "Given name in Latin letters"),
        entry(
            .familyName, .personal, "គោត្តនាម (ឡាតាំង)", "Family name (Latin)", "គោត្តនាមជាអក្សរឡាតាំង",
            "Family name in Latin letters"),
        entry(.givenNameKhmer, .personal, "នាម", "Given name (Khmer)", "នាមជាអក្សរខ្មែរ", "Given name in Khmer script"),
        entry(
            .familyNameKhmer, .personal, "គោត្តនាម", "Family name (Khmer)", "គោត្តនាមជាអក្សរខ្មែរ",
            "Family name in Khmer script"),
        entry(.gender, .personal, "ភេទ", "Sex", "ប្រុស ស្រី ឬមិនបានបញ្ជាក់", "male, female or unspecified"),
        entry(
            .birthdate, .sensitive, "ថ្ងៃខែឆ្នាំកំណើត", "Date of birth", "ថ្ងៃខែឆ្នាំ ឬតែឆ្នាំ",
            "Day, month and year, or the year alone"),
        entry(
            .dateOfBirth, .sensitive, "ថ្ងៃខែឆ្នាំកំណើត", "Date of birth", "ថ្ងៃខែឆ្នាំ ឬតែឆ្នាំ",
            "Day, month and year, or the year alone"),
        entry(
            .ageOver15, .low, "អាយុចាប់ពី ១៥ ឆ្នាំ", "Is 15 or older", "បាទ/ចាស ឬទេ គ្មានថ្ងៃកំណើត",
            "Yes or no, without the date of birth"),
        entry(
            .ageOver18, .low, "អាយុចាប់ពី ១៨ ឆ្នាំ", "Is 18 or older", "បាទ/ចាស ឬទេ គ្មានថ្ងៃកំណើត",
            "Yes or no, without the date of birth"),
        entry(
            .addressProvince, .personal, "ខេត្តដែលរស់នៅ", "Province of residence", "លេខកូដខេត្ត",
            "The province only, as a code"),
        entry(
            .address, .sensitive, "អាសយដ្ឋាន", "Address", "ភូមិ ឃុំ ស្រុក ខេត្តដែលរស់នៅ",
            "Village, commune, district and province of residence"),
        entry(
            .nationality, .sensitive, "សញ្ជាតិ", "Nationality", "លេខកូដប្រទេស ឬស្ថានភាព", "Country code or status"),
        entry(
            .residencyStatus, .sensitive, "ស្ថានភាពស្នាក់នៅ", "Residency", "អចិន្ត្រៃយ៍ ឬបណ្តោះអាសន្ន",
            "Permanent or temporary"),
        entry(.phoneNumber, .sensitive, "លេខទូរស័ព្ទ", "Phone number", "ជាទម្រង់អន្តរជាតិ", "In international form"),
        entry(.email, .sensitive, "អ៊ីមែល", "Email", "អាសយដ្ឋានអ៊ីមែល", "Email address"),
        entry(
            .kidc, .identifier, "លេខកូដអត្តសញ្ញាណ", "Identification code", "លេខកូដពេញមួយជីវិត",
            "The lifelong identification code", encryptedOnly: true),
        entry(
            .nationalID, .identifier, "លេខអត្តសញ្ញាណប័ណ្ណ", "Identity card number", "លេខនៅលើអត្តសញ្ញាណប័ណ្ណ",
            "The number of the identity card", encryptedOnly: true),
        entry(
            .documentType, .personal, "ប្រភេទឯកសារ", "Kind of document", "ឯកសារដែលបានប្រើបញ្ជាក់អត្តសញ្ញាណ",
            "The document with which identity was proven"),
    ]

    /// What registers show to officers and systems of agencies only: no relying party can ask for it, but its entry
    /// stands in the citizen's journal as every other.
    public static let forOfficers: [AttributeDescription] = [
        entry(
            .birthplace, .sensitive, "ទីកន្លែងកំណើត", "Place of birth", "លេខកូដភូមិ ឃុំ ស្រុក ឬខេត្ត",
            "The code of the village, commune, district or province"),
        entry(.alive, .low, "ស្ថានភាពរស់", "Is alive", "បាទ/ចាស ឬទេ", "Yes or no"),
        entry(
            .household, .sensitive, "គ្រួសារ", "Household", "លេខគ្រួសារ ទីកន្លែង និងទំនាក់ទំនងនឹងមេគ្រួសារ",
            "Its number and place, and what the person is to its head"),
        entry(
            .legalStay, .sensitive, "ការស្នាក់នៅស្របច្បាប់", "Legal stay", "មូលដ្ឋាន ឯកសារ និងសុពលភាព",
            "On what ground, by which document, until when"),
        entry(
            .civilRecord, .sensitive, "កំណត់ត្រាអត្រានុកូលដ្ឋាន", "Record of civil status",
            "សំបុត្រកំណើត អាពាហ៍ពិពាហ៍ មរណភាព ឬកំណត់ត្រាផ្សេង", "A birth, marriage, death or another record"),
        entry(
            .causeOfDeath, .sensitive, "មូលហេតុមរណភាព", "Cause of death", "មូលហេតុដែលគ្រូពេទ្យបានបញ្ជាក់",
            "The cause that a physician stated"),
    ]

    /// What the operator can let a system of an agency read at the registers.
    public static let forSystems =
        all + forOfficers.filter { [.birthplace, .alive, .household, .legalStay].contains($0.name) }

    private static let byName = Dictionary(uniqueKeysWithValues: (all + forOfficers).map { ($0.name, $0) })

    /// What is known about an attribute; `nil` when the registers do not have it.
    public static func description(of name: AttributeName) -> AttributeDescription? { byName[name] }

    private static func entry(
        _ name: AttributeName, _ sensitivity: AttributeSensitivity, _ labelKhmer: String, _ label: String,
        _ summaryKhmer: String, _ summary: String, encryptedOnly: Bool = false
    ) -> AttributeDescription {
        AttributeDescription(
            name: name, label: LocalizedText(km: labelKhmer, en: label),
            summary: LocalizedText(km: summaryKhmer, en: summary), sensitivity: sensitivity,
            encryptedOnly: encryptedOnly)
    }
}

import Kernel

/// One value of a dimension: its code as it stands in the facts and in SDMX, and its name.
public struct Category: Sendable, Hashable {
    public let code: String
    public let label: LocalizedText

    public init(_ code: String, km: String, en: String) {
        self.code = code
        label = LocalizedText(km: km, en: en)
    }

    /// The code of a sum over all values, as SDMX writes it.
    public static let total = Category("_T", km: "សរុប", en: "Total")
    /// The code of what was not stated.
    public static let unknown = Category("_U", km: "មិនដឹង", en: "Not stated")
    /// The code of what makes no sense for an event.
    public static let notApplicable = "_Z"
}

/// What events are counted by. The raw value is the name of the column of facts.
public enum StatisticsDimension: String, Sendable, CaseIterable {
    case sex
    case motherAge = "mother_age"
    case multiplicity
    case placeKind = "place_kind"
    case attendant
    case ageGroup = "age_group"
    case manner
    case cause = "cause_group"
    case nationality
    /// Days from the event to its registration.
    case delay
    case month
    /// Where it happened, seen from the usual residence.
    case occurrence

    /// The identifier in SDMX messages.
    public var identifier: String {
        switch self {
        case .sex: "SEX"
        case .motherAge: "AGE_MOTHER"
        case .multiplicity: "MULTIPLICITY"
        case .placeKind: "SITE"
        case .attendant: "ATTENDANT"
        case .ageGroup: "AGE"
        case .manner: "MANNER"
        case .cause: "CAUSE_OF_DEATH"
        case .nationality: "NATIONALITY_STATUS"
        case .delay: "REGISTRATION_DELAY"
        case .month: "MONTH"
        case .occurrence: "OCCURRENCE"
        }
    }

    /// The name in both languages.
    public var label: LocalizedText {
        switch self {
        case .sex: LocalizedText(km: "ភេទ", en: "Sex")
        case .motherAge: LocalizedText(km: "អាយុម្តាយ", en: "Age of mother")
        case .multiplicity: LocalizedText(km: "កំណើតតែមួយ ឬភ្លោះ", en: "Single or multiple")
        case .placeKind: LocalizedText(km: "ប្រភេទទីកន្លែង", en: "Site")
        case .attendant: LocalizedText(km: "អ្នកសម្រាល", en: "Attendant")
        case .ageGroup: LocalizedText(km: "អាយុ", en: "Age")
        case .manner: LocalizedText(km: "លក្ខណៈនៃការស្លាប់", en: "Manner of death")
        case .cause: LocalizedText(km: "ក្រុមមូលហេតុ", en: "Group of causes")
        case .nationality: LocalizedText(km: "ស្ថានភាពសញ្ជាតិ", en: "Nationality status")
        case .delay: LocalizedText(km: "ចំនួនថ្ងៃរហូតដល់ចុះបញ្ជី", en: "Days until registration")
        case .month: LocalizedText(km: "ខែ", en: "Month")
        case .occurrence: LocalizedText(km: "ទីកន្លែងកើតហេតុ", en: "Place of occurrence")
        }
    }

    /// Its values in the order of the tables.
    public var categories: [Category] {
        switch self {
        case .sex: Self.sexes
        case .motherAge: AgeGroups.mothers
        case .multiplicity: Self.multiplicities
        case .placeKind: Self.sites
        case .attendant: Self.attendants
        case .ageGroup: AgeGroups.ages
        case .manner: Self.manners
        case .cause: CauseGroup.categories
        case .nationality: Self.nationalities
        case .delay: DelayBucket.categories
        case .month: Self.months
        case .occurrence: Self.occurrences
        }
    }

    /// The code if it is one of the dimension's, else that of what was not stated.
    public func code(_ value: String?) -> String {
        guard let value, categories.contains(where: { $0.code == value }) else { return Category.unknown.code }
        return value
    }

    private static let sexes = [
        Category("M", km: "ប្រុស", en: "Male"), Category("F", km: "ស្រី", en: "Female"), Category.unknown,
    ]
    private static let multiplicities = [
        Category("1", km: "តែមួយ", en: "Single"), Category("2", km: "ភ្លោះពីរ", en: "Twin"),
        Category("3", km: "ភ្លោះបី ឬច្រើនជាង", en: "Triplet or more"), Category.unknown,
    ]
    private static let sites = [
        Category("facility", km: "មូលដ្ឋានសុខាភិបាល", en: "Health facility"), Category("home", km: "ផ្ទះ", en: "Home"),
        Category("other", km: "កន្លែងផ្សេង", en: "Other"), Category.unknown,
    ]
    private static let attendants = [
        Category("physician", km: "គ្រូពេទ្យ", en: "Physician"), Category("midwife", km: "ឆ្មប", en: "Midwife"),
        Category("nurse", km: "គិលានុបដ្ឋាក", en: "Nurse"),
        Category("traditional", km: "ឆ្មបបុរាណ", en: "Traditional attendant"), Category("none", km: "គ្មាន", en: "None"),
        Category.unknown,
    ]
    private static let manners = [
        Category("natural", km: "ជំងឺ ឬចាស់ជរា", en: "Natural"), Category("accident", km: "គ្រោះថ្នាក់", en: "Accident"),
        Category("suicide", km: "អត្តឃាត", en: "Suicide"), Category("homicide", km: "ឃាតកម្ម", en: "Homicide"),
        Category.unknown,
    ]
    private static let nationalities = [
        Category("khmer", km: "ខ្មែរ", en: "Khmer"), Category("foreign", km: "បរទេស", en: "Foreign"),
        Category("undetermined", km: "មិនទាន់កំណត់", en: "Undetermined"),
        Category("stateless", km: "គ្មានសញ្ជាតិ", en: "Stateless"), Category("refugee", km: "ជនភៀសខ្លួន", en: "Refugee"),
        Category.unknown,
    ]
    private static let occurrences = [
        Category("district", km: "ក្នុងស្រុករស់នៅ", en: "In the district of residence"),
        Category("province", km: "ស្រុកផ្សេងក្នុងខេត្ត", en: "In another district of the province"),
        Category("elsewhere", km: "ខេត្តផ្សេង", en: "In another province"), Category.unknown,
    ]
    private static let months =
        zip(
            [
                "មករា", "កុម្ភៈ", "មីនា", "មេសា", "ឧសភា", "មិថុនា", "កក្កដា", "សីហា", "កញ្ញា", "តុលា", "វិច្ឆិកា", "ធ្នូ",
            ],
            [
                "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
                "November", "December",
            ]
        ).enumerated().map { index, name in
            Category(String(String(101 + index).suffix(2)), km: name.0, en: name.1)
        } + [Category.unknown]
}

/// How many days after an event it was registered. The bounds are those of the United Nations' tables and of the law.
public enum DelayBucket: String, Sendable, CaseIterable {
    case to15 = "D0T15"
    case to30 = "D16T30"
    case to90 = "D31T90"
    case to365 = "D91T365"
    case more = "D_GE366"

    /// The bucket of a number of days; what was registered on the day itself, or seems earlier, is in the first.
    public init(days: Int) {
        self = Self.allCases.first { days <= $0.last } ?? .more
    }

    /// The last day of the bucket.
    public var last: Int {
        switch self {
        case .to15: 15
        case .to30: 30
        case .to90: 90
        case .to365: 365
        case .more: Int.max
        }
    }

    static let categories = [
        Category("D0T15", km: "០–១៥ ថ្ងៃ", en: "0–15 days"), Category("D16T30", km: "១៦–៣០ ថ្ងៃ", en: "16–30 days"),
        Category("D31T90", km: "៣១–៩០ ថ្ងៃ", en: "31–90 days"),
        Category("D91T365", km: "៩១–៣៦៥ ថ្ងៃ", en: "91–365 days"),
        Category("D_GE366", km: "លើសពី ៣៦៥ ថ្ងៃ", en: "More than 365 days"), Category.unknown,
    ]
}

import Kernel

/// The vital events of the civil register: the ten of the United Nations (Principles and Recommendations for a Vital
/// Statistics System, Rev. 3), and those of Cambodia's law that change a person's record.
public enum VitalEventKind: String, Sendable, Codable, CaseIterable {
    case birth
    /// A child found whose parents are unknown.
    case foundling
    case foetalDeath
    case death
    /// Declared dead by a court.
    case presumedDeath
    case marriage
    case divorce
    case annulment
    case judicialSeparation
    case adoption
    /// A parent recognises a child.
    case recognition
    /// A child's parents marry, or a court makes it legitimate.
    case legitimation
    case nameChange
    case sexCorrection
    case nationalityChange

    /// The letter that begins its registration numbers. No letter stands for two kinds.
    public var letter: Character {
        switch self {
        case .birth: "B"
        case .foundling: "U"
        case .foetalDeath: "F"
        case .death: "D"
        case .presumedDeath: "P"
        case .marriage: "M"
        case .divorce: "V"
        case .annulment: "X"
        case .judicialSeparation: "J"
        case .adoption: "A"
        case .recognition: "R"
        case .legitimation: "L"
        case .nameChange: "N"
        case .sexCorrection: "S"
        case .nationalityChange: "Z"
        }
    }

    /// Whether registering it enters a new person.
    public var entersPerson: Bool { self == .birth || self == .foundling }

    /// Whether it ends a life.
    public var endsLife: Bool { self == .death || self == .presumedDeath }

    /// Whether it ends or loosens a marriage.
    public var endsMarriage: Bool { self == .divorce || self == .annulment || self == .judicialSeparation }

    /// Whether it rests on a judgment, without which it cannot be declared.
    public var needsCourt: Bool {
        switch self {
        case .presumedDeath, .divorce, .annulment, .judicialSeparation, .adoption: true
        default: false
        }
    }

    /// Whom it is about, in the order in which they are shown.
    public var subjects: [ParticipantRole] {
        switch self {
        case .birth, .foundling, .recognition, .legitimation, .adoption: [.child]
        case .foetalDeath: [.mother]
        case .death, .presumedDeath: [.deceased]
        case .marriage, .divorce, .annulment, .judicialSeparation: [.spouse1, .spouse2]
        case .nameChange, .sexCorrection, .nationalityChange: [.person]
        }
    }

    /// The name in both languages.
    public var label: LocalizedText {
        switch self {
        case .birth: LocalizedText(km: "កំណើត", en: "Birth")
        case .foundling: LocalizedText(km: "កុមាររើសបាន", en: "Foundling")
        case .foetalDeath: LocalizedText(km: "មរណភាពទារកក្នុងផ្ទៃ", en: "Foetal death")
        case .death: LocalizedText(km: "មរណភាព", en: "Death")
        case .presumedDeath: LocalizedText(km: "មរណភាពសន្មត", en: "Presumed death")
        case .marriage: LocalizedText(km: "អាពាហ៍ពិពាហ៍", en: "Marriage")
        case .divorce: LocalizedText(km: "លែងលះ", en: "Divorce")
        case .annulment: LocalizedText(km: "មោឃភាពអាពាហ៍ពិពាហ៍", en: "Annulment of marriage")
        case .judicialSeparation: LocalizedText(km: "ការរស់នៅដោយឡែកតាមសាលក្រម", en: "Judicial separation")
        case .adoption: LocalizedText(km: "ស្មុំកូន", en: "Adoption")
        case .recognition: LocalizedText(km: "ទទួលស្គាល់កូន", en: "Recognition of a child")
        case .legitimation: LocalizedText(km: "នីត្យានុកូលកម្មកូន", en: "Legitimation")
        case .nameChange: LocalizedText(km: "ប្តូរឈ្មោះ", en: "Change of name")
        case .sexCorrection: LocalizedText(km: "កែភេទ", en: "Correction of sex")
        case .nationalityChange: LocalizedText(km: "ប្តូរសញ្ជាតិ", en: "Change of nationality")
        }
    }
}

/// What a person is in an event. The raw value begins the names of the person's fields.
public enum ParticipantRole: String, Sendable, Codable, CaseIterable {
    case child, mother, father, deceased
    case spouse1, spouse2
    case adopter1, adopter2
    case person
    case informant
    case witness1, witness2

    /// The name in both languages.
    public var label: LocalizedText {
        switch self {
        case .child: LocalizedText(km: "កូន", en: "Child")
        case .mother: LocalizedText(km: "ម្តាយ", en: "Mother")
        case .father: LocalizedText(km: "ឪពុក", en: "Father")
        case .deceased: LocalizedText(km: "អ្នកស្លាប់", en: "Deceased")
        case .spouse1: LocalizedText(km: "ប្តី", en: "Husband")
        case .spouse2: LocalizedText(km: "ប្រពន្ធ", en: "Wife")
        case .adopter1: LocalizedText(km: "អ្នកសុំទី១", en: "First adopter")
        case .adopter2: LocalizedText(km: "អ្នកសុំទី២", en: "Second adopter")
        case .person: LocalizedText(km: "សាមីខ្លួន", en: "The person")
        case .informant: LocalizedText(km: "អ្នករាយការណ៍", en: "Informant")
        case .witness1: LocalizedText(km: "សាក្សីទី១", en: "First witness")
        case .witness2: LocalizedText(km: "សាក្សីទី២", en: "Second witness")
        }
    }

    /// The name of one of the person's fields.
    public func field(_ name: String) -> String { "\(rawValue).\(name)" }
}

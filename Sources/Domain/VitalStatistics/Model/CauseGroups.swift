import Kernel

/// A code of ICD-10 or ICD-11 that can be an underlying cause of death.
///
/// The two are told apart by their form: ICD-10 is a letter and two digits (`I21.9`), the second character of an ICD-11
/// code is a letter (`BA41.0`). Codes that describe an injury and not what led to it, factors, and extension codes are
/// no underlying causes and are refused.
public struct CauseCode: Sendable, Hashable {
    /// Upper case, with its point.
    public let text: String
    public let group: CauseGroup
    /// Whether it is of ICD-11.
    public let isEleven: Bool

    /// Reads a code as typed: lower case and a missing point (ICD-10) are accepted. `nil` for anything else, and for
    /// clusters of ICD-11.
    public init?(_ typed: String) {
        guard let code = ICDCode(typed), code.text.utf8.count <= 7 else { return nil }
        let group = code.isEleven ? CauseGroup(eleven: code.text) : CauseGroup(ten: code.text)
        guard let group, !code.text.utf8.contains(38), !code.text.utf8.contains(47) else { return nil }
        (text, self.group, isEleven) = (code.text, group, code.isEleven)
    }
}

/// Groups of causes of death: the chapters of ICD-10, with those of ICD-11 brought to them.
public enum CauseGroup: String, Sendable, CaseIterable {
    case infectious = "CG01"
    case neoplasms = "CG02"
    case blood = "CG03"
    case endocrine = "CG04"
    case mental = "CG05"
    case nervous = "CG06"
    case senses = "CG07"
    case circulatory = "CG08"
    case respiratory = "CG09"
    case digestive = "CG10"
    case skin = "CG11"
    case musculoskeletal = "CG12"
    case genitourinary = "CG13"
    case maternal = "CG14"
    case perinatal = "CG15"
    case congenital = "CG16"
    case illDefined = "CG17"
    case external = "CG18"

    /// The group of an ICD-10 code.
    init?(ten code: String) {
        let bytes = Array(code.utf8)
        let number = Int(bytes[1] - 48) * 10 + Int(bytes[2] - 48)
        switch Character(UnicodeScalar(bytes[0])) {
        case "A", "B": self = .infectious
        case "C": self = .neoplasms
        case "D": self = number < 50 ? .neoplasms : .blood
        case "E": self = .endocrine
        case "F": self = .mental
        case "G": self = .nervous
        case "H": self = .senses
        case "I": self = .circulatory
        case "J": self = .respiratory
        case "K": self = .digestive
        case "L": self = .skin
        case "M": self = .musculoskeletal
        case "N": self = .genitourinary
        case "O": self = .maternal
        case "P": self = .perinatal
        case "Q": self = .congenital
        case "R": self = .illDefined
        case "V", "W", "X", "Y": self = .external
        // COVID-19 and the severe respiratory syndromes stand among the codes for special purposes.
        case "U" where [4, 7, 9, 10, 12].contains(number): self = .infectious
        default: return nil
        }
    }

    /// The group of an ICD-11 stem code, by its chapter.
    init?(eleven code: String) {
        switch code.utf8.first.map({ Character(UnicodeScalar($0)) }) {
        case "1": self = .infectious
        case "2": self = .neoplasms
        case "3", "4": self = .blood
        case "5": self = .endocrine
        case "6", "7": self = .mental
        case "8": self = .nervous
        case "9", "A": self = .senses
        case "B": self = .circulatory
        case "C": self = .respiratory
        case "D": self = .digestive
        case "E": self = .skin
        case "F": self = .musculoskeletal
        case "G", "H": self = .genitourinary
        case "J": self = .maternal
        case "K": self = .perinatal
        case "L": self = .congenital
        case "M": self = .illDefined
        case "P": self = .external
        case "R" where code.utf8.starts(with: "RA".utf8): self = .infectious
        default: return nil
        }
    }

    static let categories: [Category] = allCases.map(\.category) + [Category.unknown]

    private var category: Category {
        switch self {
        case .infectious: Category(rawValue, km: "ជំងឺឆ្លង និងបរាសិត", en: "Infectious and parasitic diseases")
        case .neoplasms: Category(rawValue, km: "ដុំសាច់ និងមហារីក", en: "Neoplasms")
        case .blood: Category(rawValue, km: "ជំងឺឈាម និងភាពស៊ាំ", en: "Blood and immune disorders")
        case .endocrine: Category(rawValue, km: "ជំងឺក្រពេញ អាហារូបត្ថម្ភ", en: "Endocrine, nutritional, metabolic")
        case .mental: Category(rawValue, km: "ជំងឺផ្លូវចិត្ត", en: "Mental and behavioural disorders")
        case .nervous: Category(rawValue, km: "ជំងឺប្រព័ន្ធប្រសាទ", en: "Diseases of the nervous system")
        case .senses: Category(rawValue, km: "ជំងឺភ្នែក និងត្រចៀក", en: "Diseases of eye and ear")
        case .circulatory: Category(rawValue, km: "ជំងឺបេះដូង និងសរសៃឈាម", en: "Diseases of the circulatory system")
        case .respiratory: Category(rawValue, km: "ជំងឺផ្លូវដង្ហើម", en: "Diseases of the respiratory system")
        case .digestive: Category(rawValue, km: "ជំងឺប្រព័ន្ធរំលាយអាហារ", en: "Diseases of the digestive system")
        case .skin: Category(rawValue, km: "ជំងឺស្បែក", en: "Diseases of the skin")
        case .musculoskeletal: Category(rawValue, km: "ជំងឺសាច់ដុំ និងឆ្អឹង", en: "Musculoskeletal diseases")
        case .genitourinary: Category(rawValue, km: "ជំងឺទឹកនោម និងប្រដាប់ភេទ", en: "Genitourinary diseases")
        case .maternal: Category(rawValue, km: "ការមានគភ៌ និងសម្រាល", en: "Pregnancy and childbirth")
        case .perinatal: Category(rawValue, km: "ស្ថានភាពពេលកើត", en: "Perinatal conditions")
        case .congenital: Category(rawValue, km: "ភាពមិនប្រក្រតីពីកំណើត", en: "Congenital anomalies")
        case .illDefined: Category(rawValue, km: "រោគសញ្ញាមិនច្បាស់", en: "Ill-defined conditions")
        case .external: Category(rawValue, km: "មូលហេតុខាងក្រៅ", en: "External causes")
        }
    }
}

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

    /// Reads a code as typed: lower case and a missing point (ICD-10) are accepted. `nil` for anything else.
    public init?(_ typed: String) {
        let bytes = Array(typed.uppercased().utf8.filter { $0 != 32 })
        guard (3...8).contains(bytes.count), bytes.allSatisfy({ Self.isDigit($0) || Self.isLetter($0) || $0 == 46 })
        else { return nil }
        if Self.isLetter(bytes[0]), Self.isDigit(bytes[1]) {
            guard let text = Self.ten(bytes), let group = CauseGroup(ten: text) else { return nil }
            (self.text, self.group, isEleven) = (text, group, false)
        } else {
            guard Self.isEleven(bytes) else { return nil }
            let text = String(decoding: bytes, as: UTF8.self)
            guard let group = CauseGroup(eleven: text) else { return nil }
            (self.text, self.group, isEleven) = (text, group, true)
        }
    }

    /// `A00` or `A00.0`, with at most two characters behind the point.
    private static func ten(_ bytes: [UInt8]) -> String? {
        guard isDigit(bytes[2]) else { return nil }
        var rest = bytes.dropFirst(3)
        if rest.first == 46 {
            rest = rest.dropFirst()
            guard !rest.isEmpty else { return nil }
        }
        guard rest.count <= 2, rest.allSatisfy(isDigit) else { return nil }
        let head = String(decoding: bytes.prefix(3), as: UTF8.self)
        return rest.isEmpty ? head : head + "." + String(decoding: rest, as: UTF8.self)
    }

    /// A stem code: chapter, letter, digit, digit or letter, and at most two more behind a point. I and O are not used.
    private static func isEleven(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 4, bytes.count <= 7, isDigit(bytes[0]) || isLetter(bytes[0]), isLetter(bytes[1]),
            isDigit(bytes[2]), isDigit(bytes[3]) || isLetter(bytes[3]),
            !bytes.contains(where: { $0 == UInt8(ascii: "I") || $0 == UInt8(ascii: "O") })
        else { return false }
        if bytes.count == 4 { return true }
        return bytes[4] == 46 && bytes.count > 5 && bytes[5...].allSatisfy { isDigit($0) || isLetter($0) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) }
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

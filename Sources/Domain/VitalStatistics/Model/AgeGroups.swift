import Kernel
import KhmerText

/// Groups of ages, as the United Nations tabulate them.
public enum AgeGroups {
    /// Of the deceased: under 28 days, under a year, 1–4, then five years each, 85 and over.
    public static let ages: [Category] =
        [
            Category("D0T27", km: "ក្រោម ២៨ ថ្ងៃ", en: "Under 28 days"),
            Category("D28T364", km: "២៨ ថ្ងៃ ដល់ក្រោម ១ ឆ្នាំ", en: "28 days to under 1 year"),
            Category("Y1T4", km: "១–៤ ឆ្នាំ", en: "1–4 years"),
        ] + stride(from: 5, to: 85, by: 5).map(fiveYears)
        + [Category("Y_GE85", km: "៨៥ ឆ្នាំឡើង", en: "85 years and over"), Category.unknown]

    /// Of mothers.
    public static let mothers: [Category] =
        [Category("Y_LT15", km: "ក្រោម ១៥ ឆ្នាំ", en: "Under 15 years")]
        + stride(from: 15, to: 50, by: 5).map(fiveYears)
        + [Category("Y_GE50", km: "៥០ ឆ្នាំឡើង", en: "50 years and over"), Category.unknown]

    /// The fertile ages: seven groups from 15 to 49.
    public static let fertile: [Category] = stride(from: 15, to: 50, by: 5).map(fiveYears)

    /// The group of a deceased.
    /// - Parameters:
    ///   - days: days between birth and death, when both days are known.
    ///   - years: completed years of age.
    public static func age(days: Int?, years: Int?) -> String {
        if let days, days < 0 { return Category.unknown.code }
        if let days, days < 28 { return "D0T27" }
        guard let years else { return Category.unknown.code }
        switch years {
        case ..<0: return Category.unknown.code
        case 0: return days == nil ? Category.unknown.code : "D28T364"
        case 1..<5: return "Y1T4"
        case 85...: return "Y_GE85"
        default: return code(years / 5 * 5)
        }
    }

    /// The group of a mother by completed years.
    public static func mother(years: Int?) -> String {
        guard let years, years >= 0 else { return Category.unknown.code }
        switch years {
        case ..<15: return "Y_LT15"
        case 50...: return "Y_GE50"
        default: return code(years / 5 * 5)
        }
    }

    static func code(_ from: Int) -> String { "Y\(from)T\(from + 4)" }

    private static func fiveYears(_ from: Int) -> Category {
        Category(
            code(from), km: "\(KhmerDigits.toKhmer(from))–\(KhmerDigits.toKhmer(from + 4)) ឆ្នាំ",
            en: "\(from)–\(from + 4) years")
    }
}

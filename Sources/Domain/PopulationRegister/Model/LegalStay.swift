import Kernel

/// On what ground somebody who is no citizen stays in the country. It decides about the stay and nothing else: who has none,
/// or one that has run out, is registered like everybody.
public struct LegalStay: Sendable, Hashable {
    /// The ground. The letters are those that are printed on Cambodian visas and extensions.
    public enum Basis: String, Sendable, Codable, CaseIterable {
        case diplomaticVisa = "visa_a"
        case officialVisa = "visa_b"
        case courtesyVisa = "visa_c"
        /// For people of Khmer origin with another nationality; without an end.
        case khmerOriginVisa = "visa_k"
        case touristVisa = "visa_t"
        case ordinaryVisa = "visa_e"
        case businessExtension = "extension_eb"
        case jobExtension = "extension_eg"
        case retirementExtension = "extension_er"
        case studyExtension = "extension_es"
        /// The card of an immigrant, for two years at a time.
        case residentCard = "resident_card"
        case asylumSeeker = "asylum_seeker"
        case refugee
        case stateless
        /// A judgment or another decision.
        case decision

        /// The ground in both languages.
        public var label: LocalizedText {
            switch self {
            case .diplomaticVisa: LocalizedText(km: "ទិដ្ឋាការការទូត A", en: "Diplomatic visa (A)")
            case .officialVisa: LocalizedText(km: "ទិដ្ឋាការផ្លូវការ B", en: "Official visa (B)")
            case .courtesyVisa: LocalizedText(km: "ទិដ្ឋាការគួរសម C", en: "Courtesy visa (C)")
            case .khmerOriginVisa: LocalizedText(km: "ទិដ្ឋាការដើមកំណើតខ្មែរ K", en: "Visa for people of Khmer origin (K)")
            case .touristVisa: LocalizedText(km: "ទិដ្ឋាការទេសចរណ៍ T", en: "Tourist visa (T)")
            case .ordinaryVisa: LocalizedText(km: "ទិដ្ឋាការធម្មតា E", en: "Ordinary visa (E)")
            case .businessExtension: LocalizedText(km: "បន្តស្នាក់នៅ អាជីវកម្ម EB", en: "Extension, business (EB)")
            case .jobExtension: LocalizedText(km: "បន្តស្នាក់នៅ រកការងារ EG", en: "Extension, looking for work (EG)")
            case .retirementExtension: LocalizedText(km: "បន្តស្នាក់នៅ និវត្តជន ER", en: "Extension, retirement (ER)")
            case .studyExtension: LocalizedText(km: "បន្តស្នាក់នៅ សិក្សា ES", en: "Extension, study (ES)")
            case .residentCard: LocalizedText(km: "ប័ណ្ណស្នាក់នៅជនអន្តោប្រវេសន៍", en: "Resident card of an immigrant")
            case .asylumSeeker: LocalizedText(km: "អ្នកសុំសិទ្ធិជ្រកកោន", en: "Asylum seeker")
            case .refugee: LocalizedText(km: "ជនភៀសខ្លួនដែលបានទទួលស្គាល់", en: "Recognised refugee")
            case .stateless: LocalizedText(km: "ជនគ្មានសញ្ជាតិដែលបានទទួលស្គាល់", en: "Recognised as stateless")
            case .decision: LocalizedText(km: "សាលក្រម ឬសេចក្តីសម្រេចផ្សេង", en: "A judgment or another decision")
            }
        }
    }

    /// What a stay is on a day; computed, never stored.
    public enum State: String, Sendable, CaseIterable {
        case valid, expired
        /// It begins later.
        case future

        /// The state in both languages.
        public var label: LocalizedText {
            switch self {
            case .valid: LocalizedText(km: "មានសុពលភាព", en: "valid")
            case .expired: LocalizedText(km: "ផុតកំណត់", en: "expired")
            case .future: LocalizedText(km: "មិនទាន់ចូលជាធរមាន", en: "not yet in force")
            }
        }
    }

    public var basis: Basis
    /// The number of the visa, permit, card or decision.
    public var number: String?
    /// Who issued it.
    public var office: String
    /// The first day.
    public var from: CalendarDate
    /// The last day; `nil` for one without an end.
    public var until: CalendarDate?

    public init(_ basis: Basis, number: String?, office: String, from: CalendarDate, until: CalendarDate?) {
        self.basis = basis
        self.number = number
        self.office = office
        self.from = from
        self.until = until
    }

    /// What it is on a day.
    public func state(on day: CalendarDate) -> State {
        if day < from { return .future }
        return until.map { $0 < day } ?? false ? .expired : .valid
    }
}

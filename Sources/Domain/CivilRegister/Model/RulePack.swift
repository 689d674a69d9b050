import Kernel

/// The law as data: deadlines, ages, periods, who may report, and what may be corrected without a court. A record keeps
/// the identifier of the pack that it was judged by.
public struct RulePack: Sendable {
    /// Where a rule comes from.
    public struct Source: Sendable {
        public let rule: String
        public let reference: String
        /// Whether the text itself was at hand, or only what others report of it.
        public let isConfirmed: Bool
    }

    public let id: String
    /// The first day on which it holds.
    public let validFrom: CalendarDate
    /// Days within which an event is on time; kinds that are missing have no limit.
    public let deadlineDays: [VitalEventKind: Int]
    /// Days after which a registration needs the approval of the province.
    public let lateApprovalDays: [VitalEventKind: Int]
    /// Which kinds a district verifies before the commune registers.
    public let verifiedKinds: Set<VitalEventKind>
    /// Days between the notice of a marriage and its registration.
    public let marriageNoticeDays: Int
    /// Years of age for marriage, and with the consent of parents and an adult partner.
    public let marriageAge: Int
    public let marriageAgeWithConsent: Int
    /// Days after the end of a marriage during which a woman's new marriage is questioned.
    public let remarriageDays: Int
    /// Years by which a parent is older than a child.
    public let parentAgeDifference: Int
    /// Years by which an adopter is older than the child.
    public let adopterAgeDifference: Int
    /// A mother's births that are closer than this (days) and not multiple are questioned.
    public let birthSpacingDays: Int
    /// The youngest and oldest age of a mother that is not questioned.
    public let motherAge: ClosedRange<Int>
    /// Who may report, in the order of priority.
    public let reporters: [VitalEventKind: [Reporter]]
    /// Fields that two officers may correct without a court.
    public let clericalFields: Set<String>
    /// Fees in riel by service.
    public let feesRiel: [String: Int]
    /// Numbers of events below this, except zero, are not published.
    public let statisticsThreshold: Int
    public let sources: [Source]

    /// The pack in force on a day: the newest that began.
    public static func inForce(on day: CalendarDate) -> RulePack {
        all.last { $0.validFrom <= day } ?? cambodia2026
    }

    public static func named(_ id: String) -> RulePack { all.first { $0.id == id } ?? cambodia2026 }

    static let all = [cambodia2026]

    /// The class of a registration by the days since the event.
    public func lateness(_ kind: VitalEventKind, days: Int) -> Lateness {
        guard let deadline = deadlineDays[kind], days > deadline else { return .onTime }
        guard let approval = lateApprovalDays[kind], days > approval else { return .late }
        return .delayed
    }
}

/// How long after the event it was declared.
public enum Lateness: String, Sendable, Codable, CaseIterable {
    case onTime
    /// After the deadline; registered as others are, with the reason.
    case late
    /// So late that the province must approve.
    case delayed

    /// The name in both languages.
    public var label: LocalizedText {
        switch self {
        case .onTime: LocalizedText(km: "ទាន់ពេល", en: "On time")
        case .late: LocalizedText(km: "យឺត", en: "Late")
        case .delayed: LocalizedText(km: "យឺតយ៉ាវ ត្រូវការការអនុញ្ញាត", en: "Delayed, needs approval")
        }
    }
}

/// Who reports an event.
public enum Reporter: String, Sendable, Codable, CaseIterable {
    case mother, father, grandparent, relative, guardian, healthFacility, villageChief, householdHead, spouse, child
    case finder, authority, parties, court, person

    /// The name in both languages.
    public var label: LocalizedText {
        switch self {
        case .mother: LocalizedText(km: "ម្តាយ", en: "Mother")
        case .father: LocalizedText(km: "ឪពុក", en: "Father")
        case .grandparent: LocalizedText(km: "ជីដូន ឬជីតា", en: "Grandparent")
        case .relative: LocalizedText(km: "សាច់ញាតិ", en: "Relative")
        case .guardian: LocalizedText(km: "អ្នកអាណាព្យាបាល", en: "Guardian")
        case .healthFacility: LocalizedText(km: "មូលដ្ឋានសុខាភិបាល", en: "Health facility")
        case .villageChief: LocalizedText(km: "មេភូមិ", en: "Village chief")
        case .householdHead: LocalizedText(km: "មេគ្រួសារ", en: "Head of household")
        case .spouse: LocalizedText(km: "ប្តី ឬប្រពន្ធ", en: "Spouse")
        case .child: LocalizedText(km: "កូន", en: "Son or daughter")
        case .finder: LocalizedText(km: "អ្នករើសបាន", en: "Finder")
        case .authority: LocalizedText(km: "អាជ្ញាធរ", en: "Authority")
        case .parties: LocalizedText(km: "ភាគីទាំងពីរ", en: "Both parties")
        case .court: LocalizedText(km: "តុលាការ", en: "Court")
        case .person: LocalizedText(km: "សាមីខ្លួន", en: "The person")
        }
    }
}

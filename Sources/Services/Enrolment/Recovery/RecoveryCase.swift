import Kernel

/// Why a person cannot use the old devices.
public enum RecoveryReason: String, Sendable, Codable, CaseIterable {
    case lost
    case stolen
    case broken

    /// The name in both languages.
    public var label: LocalizedText {
        switch self {
        case .lost: LocalizedText(km: "បាត់ឧបករណ៍", en: "Device lost")
        case .stolen: LocalizedText(km: "ឧបករណ៍ត្រូវគេលួច", en: "Device stolen")
        case .broken: LocalizedText(km: "ឧបករណ៍ខូច", en: "Device broken")
        }
    }
}

/// Where a recovery stands.
public enum RecoveryState: String, Sendable, Codable, CaseIterable {
    /// The first officer has seen the evidence; the old devices are blocked.
    case open
    /// A second officer has confirmed: a new device may be activated.
    case confirmed
    /// A new device is active. An end.
    case done
    /// Called off. An end; the devices stay blocked until a supervisor unblocks them.
    case cancelled
}

/// One recovery after the loss of a person's devices: two officers, one of whom saw the evidence.
public struct RecoveryCase: Sendable {
    public let id: String
    public let personID: PersonID
    /// Place code of the person's residence when it was opened.
    public let area: String?
    /// The officer who saw the evidence.
    public let openedBy: String
    public let reason: RecoveryReason
    public let evidenceTypes: [EvidenceType]
    public let state: RecoveryState
    public let openedAt: Instant
    /// The other officer.
    public let confirmedBy: String?
}

extension RumdulError {
    /// There is no such recovery where this officer works.
    public static let recoveryNotFound = RumdulError(
        "recovery.not_found", .notFound, km: "រកមិនឃើញករណីសង្គ្រោះនេះទេ។", en: "There is no such recovery.")

    /// The recovery is not in a state in which this can be done.
    public static let recoveryState = RumdulError(
        "recovery.state", .conflict, km: "ជំហាននេះមិនអាចធ្វើបានទេនៅពេលនេះ។ សូមមើលស្ថានភាពបច្ចុប្បន្ន។",
        en: "This step cannot be taken now. Look at how the recovery stands.")

    /// The officer who opened a recovery cannot confirm it.
    public static let recoverySameOfficer = RumdulError(
        "recovery.same_officer", .forbidden, km: "ត្រូវការមន្ត្រីម្នាក់ទៀតបញ្ជាក់។ អ្នកបើកករណីមិនអាចបញ្ជាក់ដោយខ្លួនឯងបានទេ។",
        en: "Another officer must confirm: whoever opened a recovery cannot confirm it.")

    /// A second officer has not confirmed yet.
    public static let recoveryUnconfirmed = RumdulError(
        "recovery.unconfirmed", .conflict, km: "មន្ត្រីទីពីរមិនទាន់បានបញ្ជាក់ការសង្គ្រោះទេ។",
        en: "A second officer has not confirmed the recovery yet.")
}

extension ErrorRoom {
    /// Errors of recoveries.
    static let recovery = [
        ErrorEntry(
            .recoveryNotFound, cause: "The recovery does not exist, or belongs to another area or person.",
            remedy: "Search for the person again.", km: "សូមស្វែងរកមនុស្សនោះម្តងទៀត។"),
        ErrorEntry(
            .recoveryState, cause: "The recovery went on meanwhile, or another one is under way.",
            remedy: "Load the person's page again.", km: "សូមបើកទំព័រម្តងទៀត។"),
        ErrorEntry(
            .recoverySameOfficer, cause: "The same officer tried to be both.",
            remedy: "Ask a second officer with the right to confirm.", km: "សូមសុំមន្ត្រីម្នាក់ទៀតដែលមានសិទ្ធិ។"),
        ErrorEntry(
            .recoveryUnconfirmed, cause: "A recovery of this person waits for its second officer.",
            remedy: "Have it confirmed, or call it off.", km: "សូមឱ្យមន្ត្រីទីពីរបញ្ជាក់ ឬបោះបង់ករណីនេះ។"),
    ]
}

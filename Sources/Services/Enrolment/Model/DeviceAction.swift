import Accountability
import Kernel

/// What an officer can do to a device that is in use.
public enum OfficerDeviceAction: String, Sendable, CaseIterable {
    case block
    case unblock
    case revoke
    case unlockPIN

    /// The right that it needs.
    var permission: Permission {
        switch self {
        case .block: .deviceBlock
        case .unblock, .unlockPIN: .deviceUnlock
        case .revoke: .deviceRevoke
        }
    }

    /// The name in both languages.
    public var label: LocalizedText {
        switch self {
        case .block: LocalizedText(km: "បិទឧបករណ៍", en: "Block")
        case .unblock: LocalizedText(km: "បើកឧបករណ៍វិញ", en: "Unblock")
        case .revoke: LocalizedText(km: "លុបចោលជារៀងរហូត", en: "Revoke for good")
        case .unlockPIN: LocalizedText(km: "ដោះសោលេខសម្ងាត់", en: "Unlock PIN")
        }
    }
}

/// Why an officer does something to a device. Codes only: the ledger keeps them for ever.
public enum OfficerDeviceReason: String, Sendable, CaseIterable {
    case lost
    case stolen
    case found
    case forgottenPIN = "forgotten_pin"
    case replaced
    case suspectedMisuse = "suspected_misuse"
    case personRequest = "person_request"

    /// The name in both languages.
    public var label: LocalizedText {
        switch self {
        case .lost: LocalizedText(km: "បាត់ឧបករណ៍", en: "Device lost")
        case .stolen: LocalizedText(km: "ឧបករណ៍ត្រូវគេលួច", en: "Device stolen")
        case .found: LocalizedText(km: "រកឃើញឧបករណ៍វិញ", en: "Device found again")
        case .forgottenPIN: LocalizedText(km: "ភ្លេចលេខសម្ងាត់", en: "PIN forgotten")
        case .replaced: LocalizedText(km: "ប្តូរឧបករណ៍ថ្មី", en: "Device replaced")
        case .suspectedMisuse: LocalizedText(km: "សង្ស័យថាមានការប្រើខុស", en: "Misuse suspected")
        case .personRequest: LocalizedText(km: "តាមសំណើរបស់សាមីខ្លួន", en: "The person asks for it")
        }
    }
}

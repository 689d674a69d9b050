import CivilRegister

/// The vital events of the standard (`VitalEventTypeEnum`), of which four are registry event types as well
/// (`RegistryEventTypeEnum`: LiveBirth, Death, Marriage, Divorce).
public enum DCIEventType: String, Sendable, CaseIterable {
    case liveBirth = "live_birth"
    case death
    case fetalDeath = "fetal_death"
    case marriage
    case divorce
    case adoption

    /// Reads either list's name, with or without a prefix that ends in a colon: `live_birth`,
    /// `spdci-common:RegistryEventType:LiveBirth`.
    init?(_ text: String) {
        let last = text.split(separator: ":", omittingEmptySubsequences: false).last.map(String.init) ?? ""
        let plain = last.lowercased().utf8.filter { $0 != UInt8(ascii: "_") }
        guard let found = Self.allCases.first(where: { Array($0.plain) == Array(plain) }) else { return nil }
        self = found
    }

    private var plain: [UInt8] { rawValue.utf8.filter { $0 != UInt8(ascii: "_") } }

    /// The kinds of records here. A foundling is a live birth and a presumed death a death to others: more would tell how
    /// a life began or ended.
    public var kinds: Set<VitalEventKind> {
        switch self {
        case .liveBirth: [.birth, .foundling]
        case .death: [.death, .presumedDeath]
        case .fetalDeath: [.foetalDeath]
        case .marriage: [.marriage]
        case .divorce: [.divorce]
        case .adoption: [.adoption]
        }
    }

    /// The topic of notifications here.
    public var topic: RegisterEvent.Topic {
        switch self {
        case .liveBirth: .liveBirth
        case .death: .death
        case .fetalDeath: .foetalDeath
        case .marriage: .marriage
        case .divorce: .divorce
        case .adoption: .adoption
        }
    }

    /// The types whose people can be searched. Nobody is named by a foetal death, and whose child one is by law is told at
    /// the offices.
    static let searchable: Set<DCIEventType> = [.liveBirth, .death, .marriage, .divorce]

    /// The registration number's type (`IdentifierTypeEnum`); the standard has none for divorces.
    var identifierType: String? {
        switch self {
        case .liveBirth: "BRN"
        case .death: "DRN"
        case .marriage: "MRN"
        default: nil
        }
    }
}

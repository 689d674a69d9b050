import Kernel

/// What may stand in a field.
public enum FieldType: Sendable, Hashable {
    /// One part of a name in Khmer script.
    case khmerName
    /// One part of a name in Latin letters.
    case latinName
    /// A line of text with so many characters at most.
    case text(Int)
    /// A whole day.
    case date
    /// A day, a month or a year, as much as is known.
    case partialDate
    /// `HH:MM`.
    case time
    /// A place code of at least this level (1 province ... 4 village).
    case place(Int)
    case choice([FieldChoice])
    case number(ClosedRange<Int>)
    /// ISO 3166-1 alpha-3, and ICAO's XXA, XXB, XXC, XXX.
    case country
    /// A code of ICD-10 or ICD-11.
    case icd
    /// A person of the population register, by KIDC.
    case person
}

/// One answer of a choice.
public struct FieldChoice: Sendable, Hashable {
    public let code: String
    public let label: LocalizedText

    public init(_ code: String, _ km: String, _ en: String) {
        self.code = code
        label = LocalizedText(km: km, en: en)
    }
}

/// When a field must be filled in.
public enum Requirement: Sendable, Hashable {
    case optional
    case always
    /// When another field has one of these values.
    case when(String, [String])
    /// When another field is empty.
    case unless(String)
}

/// One field of an event's form: the declaration, its checks, the pages, the certificate and the interface description all
/// follow from it.
public struct FieldDefinition: Sendable, Hashable {
    /// `role.name`, or `event.name` for the event itself.
    public let id: String
    public let type: FieldType
    public let label: LocalizedText
    public let hint: LocalizedText?
    public let requirement: Requirement

    public init(
        _ id: String, _ type: FieldType, _ km: String, _ en: String, _ requirement: Requirement = .optional,
        hint: LocalizedText? = nil
    ) {
        self.id = id
        self.type = type
        label = LocalizedText(km: km, en: en)
        self.hint = hint
        self.requirement = requirement
    }
}

/// Fields that belong together on a page.
public struct FormSection: Sendable, Hashable {
    public let id: String
    public let title: LocalizedText
    public let fields: [FieldDefinition]

    public init(_ id: String, _ km: String, _ en: String, _ fields: [FieldDefinition]) {
        self.id = id
        title = LocalizedText(km: km, en: en)
        self.fields = fields
    }
}

/// The form of one kind of event.
public struct EventForm: Sendable {
    public let kind: VitalEventKind
    public let sections: [FormSection]
    private let byID: [String: FieldDefinition]

    init(_ kind: VitalEventKind, _ sections: [FormSection]) {
        self.kind = kind
        self.sections = sections
        byID = Dictionary(sections.flatMap(\.fields).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Every field, in the order of the pages.
    public var fields: [FieldDefinition] { sections.flatMap(\.fields) }

    public subscript(id: String) -> FieldDefinition? { byID[id] }

    /// The form of a kind.
    public static func of(_ kind: VitalEventKind) -> EventForm { forms[kind] ?? EventForm(kind, []) }

    private static let forms: [VitalEventKind: EventForm] = Dictionary(
        uniqueKeysWithValues: VitalEventKind.allCases.map { ($0, make($0)) })

    private static func make(_ kind: VitalEventKind) -> EventForm {
        switch kind {
        case .birth: birth
        case .foundling: foundling
        case .foetalDeath: foetalDeath
        case .death, .presumedDeath: death(kind)
        case .marriage: marriage
        case .divorce, .annulment, .judicialSeparation: marriageEnd(kind)
        case .adoption: adoption
        case .recognition, .legitimation: filiation(kind)
        case .nameChange, .sexCorrection, .nationalityChange: change(kind)
        }
    }
}

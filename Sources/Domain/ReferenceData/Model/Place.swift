import Kernel

/// What a place is called in administration: the word that stands before its name.
public enum PlaceKind: String, Sendable, Codable, CaseIterable {
    /// Province, ខេត្ត.
    case khaet
    /// Capital, រាជធានី.
    case reachTheani
    /// District, ស្រុក.
    case srok
    /// Municipality, ក្រុង.
    case krong
    /// Section of the capital, ខណ្ឌ.
    case khan
    /// Commune, ឃុំ.
    case khum
    /// Quarter, សង្កាត់.
    case sangkat
    /// Village, ភូមិ.
    case phum
    /// A place of the past whose kind is not on record.
    case unspecified

    /// The word in both languages; empty when the kind is not on record.
    public var word: LocalizedText {
        switch self {
        case .khaet: LocalizedText(km: "ខេត្ត", en: "Province")
        case .reachTheani: LocalizedText(km: "រាជធានី", en: "Capital")
        case .srok: LocalizedText(km: "ស្រុក", en: "District")
        case .krong: LocalizedText(km: "ក្រុង", en: "Municipality")
        case .khan: LocalizedText(km: "ខណ្ឌ", en: "Khan")
        case .khum: LocalizedText(km: "ឃុំ", en: "Commune")
        case .sangkat: LocalizedText(km: "សង្កាត់", en: "Sangkat")
        case .phum: LocalizedText(km: "ភូមិ", en: "Village")
        case .unspecified: LocalizedText(km: "", en: "")
        }
    }

    /// Whether the kind belongs to a level. An unrecorded kind belongs to all.
    public func belongs(to level: PlaceLevel) -> Bool {
        switch self {
        case .khaet, .reachTheani: level == .province
        case .srok, .krong, .khan: level == .district
        case .khum, .sangkat: level == .commune
        case .phum: level == .village
        case .unspecified: true
        }
    }
}

/// One version of a place: what it was called from one day to another. A record that names a place keeps the code
/// together with the day, since codes move.
public struct Place: Sendable, Hashable {
    /// The official code.
    public let code: PlaceCode
    /// The word before the name.
    public let kind: PlaceKind
    /// The Khmer name without the word, as published.
    public let nameKhmer: String
    /// The Latin name without the word, as published; empty when there is none.
    public let nameLatin: String
    /// The first day of this version; `nil` when it is older than the records.
    public let validFrom: CalendarDate?
    /// The first day on which this version is no longer valid; `nil` while it is.
    public let validTo: CalendarDate?
    /// The codes that took its place, when it ended and that is known.
    public let successors: [PlaceCode]

    public init(
        code: PlaceCode, kind: PlaceKind, nameKhmer: String, nameLatin: String, validFrom: CalendarDate? = nil,
        validTo: CalendarDate? = nil, successors: [PlaceCode] = []
    ) {
        self.code = code
        self.kind = kind
        self.nameKhmer = nameKhmer
        self.nameLatin = nameLatin
        self.validFrom = validFrom
        self.validTo = validTo
        self.successors = successors
    }

    /// Which of the four levels it is on.
    public var level: PlaceLevel { code.level }

    /// The code of the place that contains it; `nil` for a province.
    public var parent: PlaceCode? { code.parent }

    /// Both names without the word before them. The Khmer name stands in where there is no Latin one.
    public var name: LocalizedText { LocalizedText(km: nameKhmer, en: nameLatin.isEmpty ? nameKhmer : nameLatin) }

    /// The name as it is written in an address: `ឃុំបន្ទាយនាង`, `Banteay Neang Commune`; the capital stands without a
    /// word in English.
    public var fullName: LocalizedText {
        let word = kind.word
        let plain = name
        return LocalizedText(
            km: word.km + plain.km,
            en: word.en.isEmpty || kind == .reachTheani ? plain.en : "\(plain.en) \(word.en)")
    }

    /// The ISO 3166-2 code of a province; `nil` for other levels.
    public var iso3166: String? { level == .province ? code.iso3166 : nil }

    /// Whether this version holds on a day.
    public func isValid(on day: CalendarDate) -> Bool {
        (validFrom.map { $0 <= day } ?? true) && (validTo.map { day < $0 } ?? true)
    }
}

extension [Place] {
    /// An address of places, given from the largest to the smallest: from small to large in both languages (Khmer runs
    /// together with spaces between the places, English with commas).
    public var formattedAddress: LocalizedText {
        LocalizedText(
            km: reversed().map(\.fullName.km).joined(separator: " "),
            en: reversed().map(\.fullName.en).joined(separator: ", "))
    }
}

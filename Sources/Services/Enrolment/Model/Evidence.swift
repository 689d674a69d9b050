import Codecs
import Kernel

/// What an officer may see as proof of who a person is.
public enum EvidenceType: String, Sendable, Codable, CaseIterable {
    case khmerIDCard
    case passport
    case permanentResidentCard
    case birthCertificate
    case familyBook
    case residenceBook
    /// The word of the village chief, in writing.
    case villageChiefAttestation
    /// The word of two people who know the person and show who they are.
    case twoWitnesses

    /// True when somebody's word stands in for a document.
    public var isAttestation: Bool { self == .villageChiefAttestation || self == .twoWitnesses }

    /// The name in both languages.
    public var label: LocalizedText {
        switch self {
        case .khmerIDCard: LocalizedText(km: "អត្តសញ្ញាណប័ណ្ណសញ្ជាតិខ្មែរ", en: "Khmer identity card")
        case .passport: LocalizedText(km: "លិខិតឆ្លងដែន", en: "Passport")
        case .permanentResidentCard: LocalizedText(km: "ប័ណ្ណស្នាក់នៅអចិន្ត្រៃយ៍", en: "Permanent resident card")
        case .birthCertificate: LocalizedText(km: "សំបុត្រកំណើត", en: "Birth certificate")
        case .familyBook: LocalizedText(km: "សៀវភៅគ្រួសារ", en: "Family book")
        case .residenceBook: LocalizedText(km: "សៀវភៅស្នាក់នៅ", en: "Residence book")
        case .villageChiefAttestation: LocalizedText(km: "លិខិតបញ្ជាក់របស់មេភូមិ", en: "Attestation by the village chief")
        case .twoWitnesses: LocalizedText(km: "សាក្សីពីរនាក់", en: "Two witnesses")
        }
    }
}

/// One piece of evidence as the officer saw it.
public struct EvidenceItem: Sendable, Hashable {
    public var type: EvidenceType
    /// Number on the document, if it has a readable one; at most 64 characters.
    public var number: String?
    /// What else the officer noted; at most 500 characters.
    public var note: String?

    public init(_ type: EvidenceType, number: String? = nil, note: String? = nil) {
        self.type = type
        self.number = number
        self.note = note
    }
}

/// All the evidence of one enrolment.
public struct Evidence: Sendable, Hashable {
    public var items: [EvidenceItem]
    /// Why there is no document; needed when only people's word was given. At most 500 characters.
    public var reason: String?

    /// Evidence as entered. Throws `enrolment.evidence` with the refused fields: at least one item, each type once, a
    /// reason when there is no document, nothing too long.
    public init(_ items: [EvidenceItem], reason: String? = nil) throws {
        self.items = items.map {
            EvidenceItem($0.type, number: Self.tidy($0.number), note: Self.tidy($0.note))
        }
        self.reason = Self.tidy(reason)
        let refused = refusedFields()
        guard refused.isEmpty else { throw RumdulError.enrolmentEvidence.with(fields: refused) }
    }

    /// The level that this evidence reaches. Documents reach level 2; people's word alone reaches level 1. Level 3
    /// needs captured biometrics, which no enrolment here has, so it is never given.
    public var assuranceLevel: IdentityAssuranceLevel {
        items.contains { !$0.type.isAttestation } ? .ial2 : .ial1
    }

    private func refusedFields() -> [FieldError] {
        var refused: [FieldError] = []
        if items.isEmpty || Set(items.map(\.type)).count != items.count {
            refused.append(
                FieldError(
                    "evidence",
                    LocalizedText(km: "សូមជ្រើសរើសភស្តុតាងយ៉ាងតិចមួយ។", en: "Choose at least one piece of evidence.")))
        }
        let tooLong = LocalizedText(km: "អត្ថបទវែងពេក។", en: "The text is too long.")
        for item in items {
            if (item.number?.count ?? 0) > 64 { refused.append(FieldError("number_\(item.type.rawValue)", tooLong)) }
            if (item.note?.count ?? 0) > 500 { refused.append(FieldError("note_\(item.type.rawValue)", tooLong)) }
        }
        if (reason?.count ?? 0) > 500 { refused.append(FieldError("reason", tooLong)) }
        if !items.isEmpty, assuranceLevel == .ial1, reason == nil {
            refused.append(
                FieldError(
                    "reason",
                    LocalizedText(km: "សូមសរសេរហេតុផលដែលគ្មានឯកសារ។", en: "Write why there is no document.")))
        }
        return refused
    }

    /// The text without white space at its ends; `nil` when nothing is left.
    private static func tidy(_ text: String?) -> String? {
        guard let text else { return nil }
        var scalars = Substring(text).unicodeScalars
        while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return scalars.isEmpty ? nil : String(Substring(scalars))
    }

    /// The evidence as JSON, for sealing.
    var json: JSONObject {
        var object: JSONObject = [
            "items": .array(
                items.map { item in
                    var entry: JSONObject = ["type": .string(item.type.rawValue)]
                    entry["number"] = item.number.map(JSONValue.string)
                    entry["note"] = item.note.map(JSONValue.string)
                    return .object(entry)
                })
        ]
        object["reason"] = reason.map(JSONValue.string)
        return object
    }

    /// Evidence as it was sealed, or `nil`.
    init?(json: JSONObject) {
        guard let entries = json.array("items") else { return nil }
        items = entries.compactMap { entry in
            guard let type = entry["type"]?.stringValue.flatMap(EvidenceType.init(rawValue:)) else { return nil }
            return EvidenceItem(type, number: entry["number"]?.stringValue, note: entry["note"]?.stringValue)
        }
        guard items.count == entries.count else { return nil }
        reason = json.string("reason")
    }
}

import Kernel
import KhmerText
import Web

/// The inputs of the two searches.
enum SearchFields {
    static let identifier = [
        FormField(
            "identifier", LocalizedText(km: "លេខកូដអត្តសញ្ញាណ ឬលេខបណ្តោះអាសន្ន", en: "Identification code or virtual code"),
            autocomplete: "off", inputMode: "numeric", maximumLength: 64)
    ]

    static let name = [
        FormField(
            "name", LocalizedText(km: "ឈ្មោះពេញ", en: "Full name"),
            hint: LocalizedText(km: "ជាអក្សរខ្មែរ ឬឡាតាំង", en: "In Khmer or Latin letters"), autocomplete: "off",
            maximumLength: 200),
        FormField(
            "birth_year", LocalizedText(km: "ឆ្នាំកំណើត", en: "Year of birth"), autocomplete: "off", inputMode: "numeric",
            maximumLength: 12),
    ]

    /// Why there is no document.
    static func reason(_ value: String) -> FormField {
        FormField(
            "reason", LocalizedText(km: "ហេតុផលដែលគ្មានឯកសារ", en: "Why there is no document"), value: value,
            hint: LocalizedText(
                km: "ចាំបាច់តែពេលមានតែលិខិតមេភូមិ ឬសាក្សី។", en: "Needed only with an attestation or witnesses alone."),
            autocomplete: "off", maximumLength: 500, isRequired: false)
    }

    /// The query of a search form, by the button that was pressed; `nil` when a field was refused.
    static func query(_ form: FormFields, _ reader: inout FieldReader) -> PersonQuery? {
        guard form["by"] == "name" else {
            let identifier = reader.text("identifier", maximum: 64)
            return reader.errors.isEmpty ? .identifier(identifier) : nil
        }
        let name = reader.text("name", maximum: 200)
        let year = reader.value("birth_year") { text in
            KhmerDigits.number(text).flatMap { (1850...2200).contains($0) ? $0 : nil }
        }
        guard reader.errors.isEmpty, let year else { return nil }
        return .name(name, birthYear: year)
    }
}

/// The evidence part of the person's page.
enum EvidenceForm {
    /// The evidence as ticked and filled in. Throws `enrolment.evidence`.
    static func read(_ form: FormFields) throws -> Evidence {
        let items = EvidenceType.allCases.compactMap { type -> EvidenceItem? in
            guard form["evidence_\(type.rawValue)"] != nil else { return nil }
            return EvidenceItem(
                type, number: form["number_\(type.rawValue)"], note: form["note_\(type.rawValue)"])
        }
        return try Evidence(items, reason: form["reason"])
    }
}

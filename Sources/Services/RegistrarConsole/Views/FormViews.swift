import CivilRegister
import Kernel
import PopulationRegister
import Web

/// A form's values for its template.
enum FormViews {
    /// What no clerk types: it comes with a scan.
    static let unseen: Set<String> = ["legacy.image"]

    /// - Parameter places: the places that stand in the form, by code, in words.
    static func data(
        _ filled: FormRoutes.Filled, errors: [FieldError], places: [String: String] = [:], csrf: String,
        language: Language
    ) -> [String: Any] {
        let form = EventForm.of(filled.kind)
        var data = FormField.form([], errors: errors, csrf: csrf, language: language)
        // In the order in which the fields stand on the page.
        let order = Dictionary(form.fields.enumerated().map { ($0.element.id, $0.offset) }) { first, _ in first }
        data["errors"] = errors.sorted { (order[$0.field] ?? -1) < (order[$1.field] ?? -1) }.map { error in
            [
                "field": error.field, "label": label(of: error.field, form)?[language] ?? false as Any,
                "message": error.message[language],
            ]
        }
        data["heading"] = filled.kind.label[language]
        data["action"] = filled.path
        data["requestKey"] = filled.requestKey
        data["sequence"] = filled.sequence.map { String($0) as Any } ?? false
        data["isCorrection"] = filled.isCorrection
        let (lead, request) =
            filled.isReplacement
            ? ("replacementLead", "requestReplacement") : ("correctionLead", "requestCorrection")
        data["lead"] = ConsoleTexts.texts[lead]?[language] ?? ""
        data["request"] = ConsoleTexts.texts[request]?[language] ?? ""
        data["offline"] = filled.sequence == nil ? filled.kind.rawValue as Any : false
        data["isNew"] = filled.sequence == nil
        data["notice"] = filled.notice.map { ["kind": $0.kind, "text": $0.text[language]] as Any } ?? false
        data["hasPersons"] = form.fields.contains { $0.type == .person } && !filled.isCorrection
        data["sections"] = form.sections.map { section($0, filled, errors: errors, places: places, language) }
        data["countries"] = Countries.options(language)
        data["kept"] = unseen.compactMap { id in
            filled.values[id].map { ["name": id, "value": $0] as [String: Any] }
        }
        data["reasonField"] = FormField(
            "reason", LocalizedText(km: "មូលហេតុនៃការកែ", en: "Why it must be corrected"), value: filled.reason,
            autocomplete: "off", maximumLength: 500
        ).view(language, errors: errors)
        data["basisField"] = FormField(
            "basis", LocalizedText(km: "លេខសេចក្តីសម្រេចតុលាការ", en: "Number of the court decision"),
            value: filled.basis, autocomplete: "off", maximumLength: 500, isRequired: false
        ).view(language, errors: errors)
        return data
    }

    /// Whose field it is, and which: many forms have several names.
    static func label(of field: String, _ form: EventForm) -> LocalizedText? {
        guard let label = form[field]?.label else { return field == "office" ? ConsoleTexts.office : nil }
        guard let section = form.sections.first(where: { $0.fields.contains { $0.id == field } }) else { return label }
        return LocalizedText(km: "\(section.title.km) · \(label.km)", en: "\(section.title.en) · \(label.en)")
    }

    private static func section(
        _ section: FormSection, _ filled: FormRoutes.Filled, errors: [FieldError], places: [String: String],
        _ language: Language
    ) -> [String: Any] {
        let fields = section.fields.filter { !unseen.contains($0.id) }
        let isUsed = fields.contains { field in
            !(filled.values[field.id] ?? "").isEmpty || errors.contains { $0.field == field.id }
        }
        return [
            "id": section.id, "title": section.title[language],
            // Seldom there: a paper book that had the event before.
            "isFolded": section.id == "legacy" && !isUsed,
            "fields": fields.map {
                field($0, value: filled.values[$0.id] ?? "", errors: errors, places: places, language)
            },
        ]
    }

    /// A value as people write it: days and months before years, which is also how they are typed.
    static func shown(_ value: String, _ type: FieldType) -> String {
        switch type {
        case .date, .partialDate:
            guard let date = PartialDate(iso: value) else { return value }
            return date.iso.split(separator: "-").reversed().joined(separator: "/")
        default: return value
        }
    }

    static func field(
        _ definition: FieldDefinition, value: String, errors: [FieldError], places: [String: String] = [:],
        _ language: Language
    ) -> [String: Any] {
        var view: [String: Any] = ["isSelect": false, "isText": false, "isListed": false, "condition": false]
        if case .when(let other, let values) = definition.requirement {
            view["condition"] = ["field": other, "values": values.joined(separator: " ")]
        }
        let isRequired = definition.requirement == .always
        let isOptional = definition.requirement == .optional
        if case .choice(let choices) = definition.type {
            let error = errors.first { $0.field == definition.id }?.message[language]
            let empty: [String: Any] = ["value": "", "text": "–", "selected": value.isEmpty]
            view["isSelect"] = true
            view["select"] =
                [
                    "name": definition.id, "label": definition.label[language],
                    "error": error.map { $0 as Any } ?? false, "required": isRequired, "optional": isOptional,
                    "options": [empty]
                        + choices.map {
                            ["value": $0.code, "text": $0.label[language], "selected": $0.code == value]
                                as [String: Any]
                        },
                ] as [String: Any]
            return view
        }
        var hint = definition.hint ?? hint(definition.type)
        var list: String?
        if definition.type == .country {
            list = "countries"
        } else if case .place = definition.type {
            list = "places"
            if let words = places[value] { hint = LocalizedText(km: "= " + words, en: "= " + words) }
        }
        view["isListed"] = list != nil
        view["isText"] = list == nil
        var field = FormField(
            definition.id, definition.label, value: shown(value, definition.type), hint: hint, autocomplete: "off",
            maximumLength: limit(definition.type), isRequired: isRequired)
        switch definition.type {
        case .number, .person: field.inputMode = "numeric"
        default: break
        }
        var inner = field.view(language, errors: errors)
        // What is needed in some cases is neither required by the browser nor said to be optional.
        inner["optional"] = isOptional
        if let list { inner["list"] = list }
        view["field"] = inner
        return view
    }

    private static func limit(_ type: FieldType) -> Int {
        switch type {
        case .khmerName, .latinName: 100
        case .text(let limit): limit
        case .date, .partialDate: 20
        case .time: 5
        case .place: 60
        case .number: 9
        case .country: 3
        case .icd: 12
        case .person: 24
        case .choice: 40
        }
    }

    private static func hint(_ type: FieldType) -> LocalizedText? {
        switch type {
        case .date: LocalizedText(km: "ថ្ងៃ/ខែ/ឆ្នាំ", en: "day/month/year")
        case .partialDate: LocalizedText(km: "ថ្ងៃ/ខែ/ឆ្នាំ ខែ/ឆ្នាំ ឬឆ្នាំ", en: "day/month/year, month/year, or year")
        case .time: LocalizedText(km: "ម៉ោង:នាទី ឧ. ០៧:៣០", en: "Hours:minutes, such as 07:30")
        case .place: LocalizedText(km: "ឈ្មោះភូមិ ឬលេខកូដ", en: "Name of the village, or its code")
        case .country: LocalizedText(km: "៣ អក្សរ ឧទាហរណ៍ VNM", en: "Three letters, such as VNM")
        default: nil
        }
    }
}

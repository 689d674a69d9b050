import CivilRegister
import Kernel
import Web

/// A form's values for its template.
enum FormViews {
    static func data(
        _ filled: FormRoutes.Filled, errors: [FieldError], csrf: String, language: Language
    ) -> [String: Any] {
        let form = EventForm.of(filled.kind)
        var data = FormField.form([], errors: errors, csrf: csrf, language: language)
        data["errors"] = errors.map { error in
            [
                "field": error.field, "label": form[error.field]?.label[language] ?? false as Any,
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
        data["sections"] = form.sections.map { section in
            [
                "id": section.id, "title": section.title[language],
                "fields": section.fields.map {
                    field($0, value: filled.values[$0.id] ?? "", errors: errors, language)
                },
            ] as [String: Any]
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

    static func field(
        _ definition: FieldDefinition, value: String, errors: [FieldError], _ language: Language
    ) -> [String: Any] {
        let isRequired = definition.requirement == .always
        if case .choice(let choices) = definition.type {
            let error = errors.first { $0.field == definition.id }?.message[language]
            let empty: [String: Any] = ["value": "", "text": "–", "selected": value.isEmpty]
            return [
                "isSelect": true, "isText": false, "isPlace": false,
                "select": [
                    "name": definition.id, "label": definition.label[language],
                    "error": error.map { $0 as Any } ?? false,
                    "options": [empty]
                        + choices.map {
                            ["value": $0.code, "text": $0.label[language], "selected": $0.code == value]
                                as [String: Any]
                        },
                ] as [String: Any],
            ]
        }
        var isPlace = false
        if case .place = definition.type { isPlace = true }
        var field = FormField(
            definition.id, definition.label, value: value, hint: definition.hint ?? hint(definition.type),
            autocomplete: "off", maximumLength: limit(definition.type), isRequired: isRequired)
        switch definition.type {
        case .number, .date, .partialDate, .person: field.inputMode = "numeric"
        default: break
        }
        return [
            "isSelect": false, "isText": !isPlace, "isPlace": isPlace, "field": field.view(language, errors: errors),
        ]
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
        case .place: LocalizedText(km: "ឈ្មោះភូមិ ឬលេខកូដ", en: "Name of the village, or its code")
        case .country: LocalizedText(km: "៣ អក្សរ ឧទាហរណ៍ VNM", en: "Three letters, such as VNM")
        default: nil
        }
    }
}

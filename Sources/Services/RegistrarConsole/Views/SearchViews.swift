import Accountability
import CivilRegister
import Kernel
import RegisterSearch
import Web

/// The search form with what was typed, and what was found.
struct SearchViews: Sendable {
    var query = ""
    var date = ""
    var place = ""
    var errors: [FieldError] = []
    var notice: LocalizedText?
    /// `nil` when nothing was searched.
    var found: FoundRecords?
    var persons: [FoundSubject] = []
    var hasMorePersons = false
    /// Names of provinces by their code in ISO 3166-2.
    var provinces: [String: LocalizedText] = [:]

    func data(now: Instant, _ language: Language) -> [String: Any] {
        let records = (found?.records ?? []).map { item in
            RecordViews.line(item.summary, now: now, language)
                .merging(["near": Self.near(item.nearness, language)]) { $1 }
        }
        return [
            "notice": notice.map { ["kind": "warn", "text": $0[language]] as Any } ?? false,
            "searchFields": fields.map {
                // Any one of them will do: none is marked.
                $0.view(language, errors: errors).merging(["optional": false]) { $1 }
            }, "hasResults": found != nil,
            "nothing": found != nil && records.isEmpty && persons.isEmpty, "records": records,
            "hasRecords": !records.isEmpty, "hasMore": (found?.hasMore ?? false) || hasMorePersons,
            "people": persons.map { person($0, language) }, "hasPeople": !persons.isEmpty,
        ]
    }

    private var fields: [FormField] {
        [
            ConsoleTexts.search(query),
            FormField(
                "date", ConsoleTexts.searchDate, value: date, hint: ConsoleTexts.searchDateHint, autocomplete: "off",
                maximumLength: 40, isRequired: false),
            FormField(
                "place", ConsoleTexts.searchPlace, value: place, hint: ConsoleTexts.searchPlaceHint,
                autocomplete: "off", maximumLength: 60, isRequired: false),
        ]
    }

    private func person(_ person: FoundSubject, _ language: Language) -> [String: Any] {
        func text(_ name: AttributeName) -> String {
            if case .string(let text)? = person.attributes[name] { text } else { "" }
        }
        let khmer = text(.name)
        let latin = text(.nameLatin)
        let sex: String =
            switch person.attributes[.gender] {
            case .string("male")?: ConsoleTexts.male[language]
            case .string("female")?: ConsoleTexts.female[language]
            default: "–"
            }
        return [
            "name": khmer.isEmpty ? latin : khmer, "latin": khmer.isEmpty || latin.isEmpty ? false as Any : latin,
            "sex": sex, "born": RecordViews.date(text(.birthdate), language), "lives": place(person, language),
            "near": Self.near(person.nearness, language), "isAlone": person.records.isEmpty,
            "records": person.records.map {
                [
                    "path": "\(RegistrarConsole.home)/records/\($0.id)",
                    "text": "\($0.kind.label[language]) \($0.number)",
                ]
            },
        ]
    }

    private func place(_ person: FoundSubject, _ language: Language) -> String {
        guard case .string(let code)? = person.attributes[.addressProvince] else { return "–" }
        return provinces[code]?[language] ?? code
    }

    /// How near a match is in words; nothing for what is the same.
    private static func near(_ nearness: Nearness, _ language: Language) -> Any {
        switch nearness {
        case .exact: false
        case .spelling: LocalizedText(km: "សរសេរខុសរបៀប", en: "spelt another way")[language]
        case .slip: LocalizedText(km: "ខុសអក្សរមួយ", en: "one letter differs")[language]
        case .alike: LocalizedText(km: "ស្រដៀង", en: "alike")[language]
        case .given: LocalizedText(km: "ដូចតែនាមខ្លួន", en: "given name only")[language]
        case .earlier: LocalizedText(km: "ឈ្មោះមុន", en: "earlier name")[language]
        }
    }

    /// people (name, latin, sex, born, lives, near, records)
    static let people = """
        <table class="cards"><thead><tr><th scope="col">{{t.who}}</th><th scope="col">{{t.sex}}</th>\
        <th scope="col">{{t.born}}</th><th scope="col">{{t.lives}}</th><th scope="col">{{t.inRecords}}</th></tr></thead><tbody>
        {{#people}}<tr><td data-label="{{t.who}}"><span><b>{{name}}</b>{{#latin}}<br>{{latin}}{{/latin}}\
        {{#near}} <span class="badge warn">{{near}}</span>{{/near}}</span></td>\
        <td data-label="{{t.sex}}">{{sex}}</td><td data-label="{{t.born}}">{{born}}</td>\
        <td data-label="{{t.lives}}">{{lives}}</td>\
        <td data-label="{{t.inRecords}}"><span>{{#records}}<a href="{{path}}">{{text}}</a><br>{{/records}}{{#isAlone}}–{{/isAlone}}</span></td></tr>
        {{/people}}</tbody></table>

        """

    static let texts: [String: LocalizedText] = [
        "people": LocalizedText(km: "បុគ្គលក្នុងបញ្ជីប្រជាជន", en: "People in the population register"),
        "foundRecords": LocalizedText(km: "កំណត់ត្រា", en: "Records"), "sex": LocalizedText(km: "ភេទ", en: "Sex"),
        "born": LocalizedText(km: "ថ្ងៃខែឆ្នាំកំណើត", en: "Born"), "lives": LocalizedText(km: "លំនៅ", en: "Lives in"),
        "inRecords": LocalizedText(km: "កំណត់ត្រា", en: "Records"),
        "more": LocalizedText(
            km: "មានលទ្ធផលច្រើនជាងនេះ។ សូមបន្ថែមឆ្នាំ ឬទីកន្លែង។", en: "There are more. Add a year or a place."),
    ]
}

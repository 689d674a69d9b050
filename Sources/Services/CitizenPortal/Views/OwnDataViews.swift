import Accountability
import Codecs
import Kernel
import KhmerText
import Web

/// What the register holds about the person, in words.
enum OwnDataViews {
    static let templates = ["own_data": template]

    /// What is shown, in this order: everything that the register holds; nothing that only follows from the rest.
    static let attributes: [AttributeName] = [
        .nameKhmer, .nameLatin, .gender, .birthdate, .nationality, .residencyStatus, .address, .phoneNumber, .email,
        .kidc, .nationalID, .household, .legalStay,
    ]

    /// - Parameter correctable: what the person may ask to have corrected.
    static func data(
        _ data: DisclosedAttributes, correctable: [AttributeName], at now: Instant, csrf: String, language: Language
    ) -> Page {
        let facts: [[String: Any]] = attributes.map { name in
            let value = data[name].map { words($0, name, language) } ?? ""
            return [
                "name": name.rawValue,
                "label": AttributeCatalogue.description(of: name)?.label[language] ?? name.rawValue,
                "value": value.isEmpty ? texts["own_data_none"]?[language] ?? "—" : value,
                "correctable": correctable.contains(name),
            ]
        }
        var page = Page(
            "citizen/own_data", title: AppViews.texts["own_data"] ?? LocalizedText(km: "", en: ""),
            data: ["attributes": facts, "at": KhmerDates.short(now, language), "csrf": csrf])
        page.languageSwitch = .path("/app/data")
        return page
    }

    /// One value as a person reads it.
    private static func words(_ value: JSONValue, _ name: AttributeName, _ language: Language) -> String {
        if name == .address {
            let khmer = value["formatted"]?.stringValue
            return language == .km ? khmer ?? "" : value["formatted_latin"]?.stringValue ?? khmer ?? ""
        }
        if name == .household { return OwnDataWords.household(value, language) }
        if name == .legalStay { return OwnDataWords.stay(value, language) }
        guard let text = value.stringValue else { return "" }
        if name == .birthdate {
            return CalendarDate(iso: text).map { KhmerDates.long($0, language) } ?? KhmerDigits.prose(text, language)
        }
        return vocabulary["\(name.rawValue)=\(text)"]?[language] ?? text
    }

    private static let vocabulary: [String: LocalizedText] = [
        "gender=male": LocalizedText(km: "ប្រុស", en: "male"),
        "gender=female": LocalizedText(km: "ស្រី", en: "female"),
        "gender=unspecified": LocalizedText(km: "មិនបានបញ្ជាក់", en: "not specified"),
        "nationality=KHM": LocalizedText(km: "ខ្មែរ", en: "Khmer"),
        "nationality=stateless": LocalizedText(km: "គ្មានសញ្ជាតិ", en: "stateless"),
        "nationality=refugee": LocalizedText(km: "ជនភៀសខ្លួន", en: "refugee"),
        "nationality=undetermined": LocalizedText(km: "មិនទាន់កំណត់", en: "not determined yet"),
        "residency_status=permanent": LocalizedText(km: "អចិន្ត្រៃយ៍", en: "permanent"),
        "residency_status=temporary": LocalizedText(km: "បណ្តោះអាសន្ន", en: "temporary"),
        "residency_status=unrecorded": LocalizedText(km: "មិនបានកត់ត្រា", en: "not recorded"),
    ]

    static let texts: [String: LocalizedText] = [
        "own_data_none": LocalizedText(km: "គ្មានក្នុងបញ្ជី", en: "not held"),
        "own_data_at": LocalizedText(km: "ដូចក្នុងបញ្ជីនៅ", en: "As held on"),
        "own_data_wrong": LocalizedText(km: "មានអ្វីខុស?", en: "Is something wrong?"),
        "own_data_correct": LocalizedText(
            km: "អ្នកមានសិទ្ធិសុំកែ នៅទីនេះ ឬនៅសាលាឃុំ សង្កាត់ ឬមន្ត្រីចុះឈ្មោះ ដោយយកឯកសារដែលបញ្ជាក់ទៅជាមួយ។",
            en:
                "You have the right to a correction: ask here, or take a document that proves it to your commune or sangkat "
                + "office, or to an enrolment officer."),
        "own_data_ask": LocalizedText(km: "សុំកែ", en: "Ask for a correction"),
        "own_data_fix": LocalizedText(km: "កែ", en: "correct"),
        "own_data_noted": LocalizedText(
            km: "ការមើលនេះបានកត់ត្រាហើយ។", en: "This look has been noted."),
        "own_data_journal": LocalizedText(km: "មើលអ្នកណាបានអាន", en: "See who read my data"),
    ]

    private static let template = """
        <h1>{{t.own_data}}</h1>
        <section class="card" id="own-data">
        <dl class="facts">{{#attributes}}<div data-attribute="{{name}}"><dt>{{label}}</dt><dd>{{value}}\
        {{#correctable}} <a class="fine" href="/app/corrections?field={{name}}"><span class="visually-hidden">{{label}}, </span>\
        {{t.own_data_fix}}</a>{{/correctable}}</dd></div>
        {{/attributes}}</dl>
        <p class="fine">{{t.own_data_at}} {{at}}</p>
        </section>
        <p class="notice info" role="note">{{t.own_data_noted}} <a href="/app#access">{{t.own_data_journal}}</a></p>
        <section class="card">
        <h2>{{t.own_data_wrong}}</h2>
        <p>{{t.own_data_correct}}</p>
        <p><a class="button secondary" id="corrections" href="/app/corrections">{{t.own_data_ask}}</a></p>
        </section>

        """
}

import Accountability
import Codecs
import Kernel
import KhmerText
import PopulationRegister
import Web

/// Legal stay in words.
enum StayViews {
    /// The day that is asked about, and the day on whose knowledge.
    struct Asked: Sendable {
        var on: CalendarDate?
        var known: CalendarDate?

        var isPast: Bool { on != nil || known != nil }
    }

    static let templates = ["stays": asking, "stay": personPage]

    static func asking(
        code: String, errors: [FieldError], csrf: String, language: Language
    ) -> [String: Any] {
        FormField.form([codeField(code)], errors: errors, csrf: csrf, language: language)
    }

    static func person(
        _ told: DisclosedAttributes, code: String, asked: Asked, mayRecord: Bool, error: RumdulError?,
        notice: LocalizedText?, sent: FormFields, today: CalendarDate, csrf: String, language: Language
    ) -> [String: Any] {
        let errors = error?.fields ?? []
        var data = FormField.form([], errors: errors, csrf: csrf, language: language)
        data["notice"] =
            error.map { ["kind": "bad", "text": $0.message[language]] as Any }
            ?? notice.map { ["kind": "good", "text": $0[language]] as Any } ?? false
        data["heading"] = told[.name]?.stringValue ?? told[.nameLatin]?.stringValue ?? "–"
        data["facts"] = who(told, asked, language).map { ["label": $0.0[language], "value": $0.1] }
        let stay = told[.legalStay]
        data["hasStay"] = stay != nil
        data["stayFacts"] = facts(stay, language)
        data["isExpired"] = stay?["state"]?.stringValue == LegalStay.State.expired.rawValue
        data["code"] = code
        data["mayRecord"] = mayRecord
        data["mayEnd"] = mayRecord && stay != nil
        data["isPast"] = asked.isPast
        data["select"] = basisField(sent["basis"] ?? "", errors, language)
        data["stayFields"] = fields(sent, today).map { $0.view(language, errors: errors) }
        data["endFields"] = [
            FormField(
                "ended", LocalizedText(km: "ចប់ចាប់ពីថ្ងៃ", en: "Ended from the day"),
                value: sent["ended"] ?? today.description, hint: HouseholdViews.dayHint, autocomplete: "off",
                maximumLength: 20)
        ].map { $0.view(language, errors: errors) }
        data["asAtFields"] = HouseholdViews.asAt(
            .init(onText: asked.on?.description ?? "", knownText: asked.known?.description ?? "")
        ).map { $0.view(language) }
        return data
    }

    // MARK: Words

    private static func who(
        _ told: DisclosedAttributes, _ asked: Asked, _ language: Language
    ) -> [(LocalizedText, String)] {
        let nationality = told[.nationality]?.stringValue ?? "–"
        var facts: [(LocalizedText, String)] = [
            (LocalizedText(km: "អក្សរឡាតាំង", en: "In Latin letters"), told[.nameLatin]?.stringValue ?? "–"),
            (
                LocalizedText(km: "ថ្ងៃខែឆ្នាំកំណើត", en: "Born"),
                RecordViews.date(told[.birthdate]?.stringValue, language)
            ),
            (
                LocalizedText(km: "សញ្ជាតិ", en: "Nationality"),
                Nationality.Status(rawValue: nationality).map { statusWords($0)[language] } ?? nationality
            ),
        ]
        if let on = asked.on {
            facts.append((LocalizedText(km: "គិតត្រឹមថ្ងៃ", en: "As at"), KhmerDates.short(on, language)))
        }
        if let known = asked.known {
            facts.append((LocalizedText(km: "តាមដែលបានដឹងនៅ", en: "As known on"), KhmerDates.short(known, language)))
        }
        return facts
    }

    private static func statusWords(_ status: Nationality.Status) -> LocalizedText {
        switch status {
        case .khmer: LocalizedText(km: "ខ្មែរ", en: "Khmer")
        case .foreign: LocalizedText(km: "បរទេស", en: "Foreign")
        case .stateless: LocalizedText(km: "គ្មានសញ្ជាតិ", en: "Stateless")
        case .refugee: LocalizedText(km: "ជនភៀសខ្លួន", en: "Refugee")
        case .undetermined: LocalizedText(km: "មិនទាន់កំណត់", en: "Not determined yet")
        }
    }

    private static func facts(_ stay: JSONValue?, _ language: Language) -> [[String: Any]] {
        guard let stay else { return [] }
        func day(_ name: String) -> String {
            stay[name]?.stringValue.flatMap { CalendarDate(iso: $0) }.map { KhmerDates.short($0, language) } ?? "–"
        }
        let basis = stay["basis"]?.stringValue.flatMap(LegalStay.Basis.init(rawValue:))
        let state = stay["state"]?.stringValue.flatMap(LegalStay.State.init(rawValue:))
        let facts: [(LocalizedText, String)] = [
            (basisLabel, basis?.label[language] ?? "–"),
            (LocalizedText(km: "លេខឯកសារ", en: "Document number"), stay["number"]?.stringValue ?? "–"),
            (officeLabel, stay["office"]?.stringValue ?? "–"), (fromLabel, day("from")), (untilLabel, day("until")),
            (LocalizedText(km: "ស្ថានភាព", en: "State"), state?.label[language] ?? "–"),
        ]
        return facts.map { ["label": $0.0[language], "value": $0.1] }
    }

    // MARK: Fields

    private static func codeField(_ value: String) -> FormField {
        FormField(
            "code", LocalizedText(km: "លេខអត្តសញ្ញាណ", en: "Identification code"), value: value, autocomplete: "off",
            inputMode: "numeric", maximumLength: 24)
    }

    private static func basisField(_ chosen: String, _ errors: [FieldError], _ language: Language) -> [String: Any] {
        [
            "name": "basis", "label": basisLabel[language],
            "error": errors.first { $0.field == "basis" }.map { $0.message[language] as Any } ?? false,
            "options": [["value": "", "text": "–", "selected": chosen.isEmpty] as [String: Any]]
                + LegalStay.Basis.allCases.map {
                    ["value": $0.rawValue, "text": $0.label[language], "selected": $0.rawValue == chosen]
                },
        ]
    }

    private static func fields(_ sent: FormFields, _ today: CalendarDate) -> [FormField] {
        [
            FormField(
                "number", LocalizedText(km: "លេខឯកសារ", en: "Document number"), value: sent["number"] ?? "",
                autocomplete: "off", maximumLength: 40, isRequired: false),
            FormField("office", officeLabel, value: sent["office"] ?? "", autocomplete: "off", maximumLength: 100),
            FormField(
                "from", fromLabel, value: sent["from"] ?? "", hint: HouseholdViews.dayHint, autocomplete: "off",
                maximumLength: 20),
            FormField(
                "until", untilLabel, value: sent["until"] ?? "", hint: untilHint, autocomplete: "off",
                maximumLength: 20, isRequired: false),
            FormField(
                "reference", LocalizedText(km: "សំណុំរឿង ឬឯកសារយោង", en: "File or paper"),
                value: sent["reference"] ?? "", autocomplete: "off", maximumLength: 60),
        ]
    }

    private static let basisLabel = LocalizedText(km: "មូលដ្ឋាន", en: "Ground")
    private static let officeLabel = LocalizedText(km: "ការិយាល័យដែលចេញ", en: "Issued by")
    private static let fromLabel = LocalizedText(km: "ចាប់ពី", en: "From")
    private static let untilLabel = LocalizedText(km: "រហូតដល់", en: "Until")
    private static let untilHint = LocalizedText(
        km: "ថ្ងៃចុងក្រោយ; ទុកចន្លោះបើគ្មានកំណត់", en: "The last day; empty when there is no end")

    static let title = LocalizedText(km: "ការស្នាក់នៅស្របច្បាប់", en: "Legal stay")
    static let nobody = LocalizedText(
        km: "រកមិនឃើញមនុស្សនេះក្នុងតំបន់របស់អ្នកទេ។", en: "Nobody under this code is in your area.")
    static let noted = LocalizedText(km: "បានកត់ត្រា។", en: "Noted.")
    static let purpose = Purpose(
        code: "legal-stay", text: LocalizedText(km: "ការកត់ត្រាការស្នាក់នៅរបស់ជនបរទេស", en: "Keeping notes of legal stay"))

    // MARK: Templates

    private static let asking = """
        <h1>{{t.staysTitle}}</h1>
        {{> web/errors}}
        <p>{{t.staysLead}}</p>
        <form class="card" method="post" action="/register/stays" autocomplete="off">{{> web/csrf}}
        {{#fields}}{{> web/field}}{{/fields}}
        <div class="actions"><button type="submit">{{t.search}}</button></div>
        <p class="fine">{{t.logged}}</p></form>
        <p><a href="/register">{{t.back}}</a></p>

        """

    private static let personPage = """
        <h1>{{heading}}</h1>
        {{> web/notice}}{{> web/errors}}
        <section class="card">{{> web/facts}}</section>
        <section class="card" id="stay"><h2>{{t.staysTitle}}{{#isExpired}} <span class="badge bad">{{t.expired}}</span>{{/isExpired}}</h2>
        {{#hasStay}}<dl class="facts">{{#stayFacts}}<div><dt>{{label}}</dt><dd>{{value}}</dd></div>{{/stayFacts}}</dl>{{/hasStay}}
        {{^hasStay}}<p>{{t.noStay}}</p>{{/hasStay}}<p class="fine">{{t.stayBlocksNothing}}</p></section>
        {{#mayRecord}}<form class="card" method="post" action="/register/stays/record" data-once autocomplete="off">{{> web/csrf}}
        <input type="hidden" name="code" value="{{code}}"><h2>{{t.recordStay}}</h2>
        <div class="fields">{{#select}}{{> web/select}}{{/select}}{{#stayFields}}{{> web/field}}{{/stayFields}}</div>
        <div class="actions"><button type="submit" name="action" value="record">{{t.recordStay}}</button></div></form>{{/mayRecord}}
        {{#mayEnd}}<details class="card"><summary>{{t.endStay}}</summary>
        <form method="post" action="/register/stays/record" data-once autocomplete="off">{{> web/csrf}}
        <input type="hidden" name="code" value="{{code}}">
        {{#endFields}}{{> web/field}}{{/endFields}}
        <div class="field"><label for="f-end-reference">{{t.fileOrPaper}}</label>\
        <input id="f-end-reference" name="reference" maxlength="60" autocomplete="off" required></div>
        <div class="actions"><button class="danger" type="submit" name="action" value="end">{{t.endStay}}</button></div></form>\
        </details>{{/mayEnd}}
        <form class="card" method="post" action="/register/stays" autocomplete="off">{{> web/csrf}}
        <input type="hidden" name="code" value="{{code}}"><h2>{{t.asAt}}</h2>
        <div class="fields">{{#asAtFields}}{{> web/field}}{{/asAtFields}}</div>
        <div class="actions"><button class="secondary" type="submit">{{t.look}}</button></div></form>
        <p><a href="/register/stays">{{t.staysTitle}}</a></p>

        """

    static let texts: [String: LocalizedText] = [
        "staysTitle": title,
        "staysLead": LocalizedText(
            km: "វីសា ប័ណ្ណស្នាក់នៅ ឋានៈជនភៀសខ្លួន ឬគ្មានសញ្ជាតិ។",
            en: "Visas, resident cards, and the status of refugees and stateless people."),
        "noStay": LocalizedText(km: "គ្មានការកត់ត្រាទេ។", en: "Nothing is noted."),
        "expired": LocalizedText(km: "ផុតកំណត់", en: "Expired"),
        "stayBlocksNothing": LocalizedText(
            km: "ការចុះបញ្ជីកំណើត អាពាហ៍ពិពាហ៍ និងមរណភាព មិនអាស្រ័យលើការស្នាក់នៅទេ។",
            en: "Births, marriages and deaths are registered whatever stands here."),
        "recordStay": LocalizedText(km: "កត់ត្រាមូលដ្ឋានថ្មី", en: "Note a new ground"),
        "endStay": LocalizedText(km: "មូលដ្ឋាននេះបានចប់", en: "This ground has ended"),
        "fileOrPaper": LocalizedText(km: "សំណុំរឿង ឬឯកសារយោង", en: "File or paper"),
    ]
}

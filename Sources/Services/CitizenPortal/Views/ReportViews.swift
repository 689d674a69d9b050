import Kernel
import KhmerText
import Web

/// The pages on which a citizen reports a birth or death.
enum ReportViews {
    static let templates = [
        "report": start, "report_place": place, "report_form": formTemplate, "report_sent": sent,
    ]

    /// A form and what stands in it.
    struct Filled {
        var event: ReportedEvent
        var office: String
        var place: LocalizedText
        var fields: [ReportField]
        var values: [String: String]
        var key: String
        var errors: [FieldError] = []
    }

    static func start(tracking: String, csrf: String, error: RumdulError?, language: Language) -> Page {
        var errors: [FieldError] = []
        if let error { errors = [FieldError("tracking", error.message)] }
        var data = FormField.form(
            [
                FormField(
                    "tracking", text("report_tracking"), value: tracking, autocomplete: "off", maximumLength: 20)
            ], errors: errors, csrf: csrf, language: language)
        data["notice"] = false
        data["events"] = ReportedEvent.allCases.map {
            ["path": "/app/report/" + $0.rawValue, "text": text("report_" + $0.rawValue)[language]]
        }
        return Page("citizen/report", title: text("report"), data: data)
    }

    static func places(_ event: ReportedEvent, _ places: [ReportPlace], language: Language) -> Page {
        let page = "/app/report/" + event.rawValue
        let data: [String: Any] = [
            "heading": text("report_" + event.rawValue)[language], "back": page,
            "has_places": !places.isEmpty,
            "places": places.map { place -> [String: Any] in
                let next = place.code.utf8.count == 6 ? "office" : "in"
                return ["path": "\(page)?\(next)=\(place.code)", "text": place.name[language]]
            },
        ]
        return Page("citizen/report_place", title: text("report"), data: data)
    }

    static func form(_ filled: Filled, csrf: String, language: Language) -> Page {
        var data = FormField.form([], errors: filled.errors, csrf: csrf, language: language)
        let labels = Dictionary(filled.fields.map { ($0.id, $0.label[language]) }) { first, _ in first }
        data["errors"] = filled.errors.map {
            ["field": $0.field, "label": labels[$0.field] ?? false as Any, "message": $0.message[language]]
        }
        data["heading"] = text("report_" + filled.event.rawValue)[language]
        data["action"] = "/app/report/" + filled.event.rawValue
        data["office"] = filled.office
        data["place"] = filled.place[language]
        data["key"] = filled.key
        data["inputs"] = filled.fields.map { field($0, filled, language) }
        var page = Page("citizen/report_form", title: text("report"), data: data)
        if !filled.errors.isEmpty { page.languageSwitch = .path("/app/report") }
        return page
    }

    private static func field(_ field: ReportField, _ filled: Filled, _ language: Language) -> [String: Any] {
        let value = filled.values[field.id] ?? ""
        guard !field.choices.isEmpty else {
            let input = FormField(
                field.id, field.label, value: value, hint: field.hint, autocomplete: "off",
                maximumLength: field.limit, isRequired: field.isRequired)
            return ["is_select": false, "is_text": true, "field": input.view(language, errors: filled.errors)]
        }
        let error = filled.errors.first { $0.field == field.id }?.message[language]
        let empty: [String: Any] = ["value": "", "text": "–", "selected": value.isEmpty]
        let options = field.choices.map {
            ["value": $0.code, "text": $0.label[language], "selected": $0.code == value] as [String: Any]
        }
        return [
            "is_select": true, "is_text": false,
            "select": [
                "name": field.id, "label": field.label[language], "error": error.map { $0 as Any } ?? false,
                "required": field.isRequired, "optional": !field.isRequired,
                "options": [empty] + options,
            ] as [String: Any],
        ]
    }

    static func report(_ report: CitizenReport, language: Language) -> Page {
        let facts = [
            (text("report_tracking"), report.trackingID), (text("report_office"), report.office[language]),
            (text("report_sent"), KhmerDates.short(report.sentAt, language)),
            (text("report_changed"), KhmerDates.short(report.changedAt, language)),
        ]
        let data: [String: Any] = [
            "heading": report.event[language], "state": report.state[language],
            "tone": report.isDone ? "good" : "warn", "is_done": report.isDone,
            "facts": facts.map { ["label": $0.0[language], "value": $0.1] },
        ]
        return Page("citizen/report_sent", title: text("report"), data: data)
    }

    private static func text(_ key: String) -> LocalizedText { texts[key] ?? LocalizedText(km: key, en: key) }

    static let texts: [String: LocalizedText] = [
        "report": LocalizedText(km: "រាយការណ៍កំណើត ឬមរណភាព", en: "Report a birth or death"),
        "report_lead": LocalizedText(
            km: "ប្រាប់សាលាឃុំ ឬសង្កាត់ជាមុន ដើម្បីឱ្យការចុះបញ្ជីលឿន។ បំពេញតែអ្វីដែលអ្នកដឹង។ មិនគិតថ្លៃទេ។",
            en: "Tell the commune office ahead, so that registration is quick. Fill in only what you know. It is free."),
        "report_birth": LocalizedText(km: "រាយការណ៍កំណើត", en: "Report a birth"),
        "report_death": LocalizedText(km: "រាយការណ៍មរណភាព", en: "Report a death"),
        "report_where": LocalizedText(km: "កើតឡើងនៅទីណា?", en: "Where did it happen?"),
        "report_no_places": LocalizedText(
            km: "មិនទាន់មានបញ្ជីឃុំ សង្កាត់នៅទីនេះទេ។ សូមទៅសាលាឃុំ សង្កាត់ដោយផ្ទាល់។",
            en: "The communes here are not listed yet. Please go to the commune office."),
        "report_again": LocalizedText(km: "ជ្រើសរើសទីកន្លែងផ្សេង", en: "Choose another place"),
        "report_office": LocalizedText(km: "សាលាឃុំ សង្កាត់", en: "Commune office"),
        "report_send": LocalizedText(km: "ផ្ញើទៅសាលាឃុំ", en: "Send to the office"),
        "report_private": LocalizedText(
            km: "អ្វីដែលអ្នកសរសេរត្រូវបានរក្សាជាសម្ងាត់ ហើយមានតែមន្ត្រីអត្រានុកូលដ្ឋានទេដែលអាចអាន។",
            en: "What you write is kept encrypted; only officers of civil status can read it."),
        "report_next": LocalizedText(
            km: "សូមទៅសាលាឃុំ សង្កាត់ ដោយយកឯកសារ និងលេខតាមដាននេះទៅជាមួយ។ ការរាយការណ៍នេះមិនទាន់ជាការចុះបញ្ជីទេ។",
            en:
                "Go to the commune office with your papers and this tracking number. This report is no registration yet."
        ),
        "report_tracking": LocalizedText(km: "លេខតាមដាន", en: "Tracking number"),
        "report_sent": LocalizedText(km: "បានផ្ញើនៅ", en: "Sent on"),
        "report_changed": LocalizedText(km: "បានផ្លាស់ប្តូរនៅ", en: "Changed on"),
        "report_find": LocalizedText(km: "មើលថាដល់ណា", en: "See how far it is"),
    ]

    private static let start = """
        <h1>{{t.report}}</h1>
        <section class="card cream"><p class="lead">{{t.report_lead}}</p>
        <div class="actions">{{#events}}<a class="button" href="{{path}}">{{text}}</a>{{/events}}</div></section>
        <form class="card" method="post" action="/app/report/find">{{> web/csrf}}
        <h2>{{t.report_find}}</h2>{{> web/errors}}
        {{#fields}}{{> web/field}}{{/fields}}
        <div class="actions"><button class="secondary" type="submit">{{t.report_find}}</button></div></form>
        <p><a href="/app">{{t.title}}</a></p>

        """

    private static let place = """
        <h1>{{heading}}</h1>
        <section class="card"><h2>{{t.report_where}}</h2>
        {{^has_places}}<p>{{t.report_no_places}}</p>{{/has_places}}
        <ul class="list">{{#places}}<li><a href="{{path}}">{{text}}</a></li>{{/places}}</ul></section>
        <p><a href="{{back}}">{{t.report_again}}</a> · <a href="/app/report">{{t.report}}</a></p>

        """

    private static let formTemplate = """
        <h1>{{heading}}</h1>
        {{> web/errors}}
        <form class="card" method="post" action="{{action}}" data-once autocomplete="off">{{> web/csrf}}
        <input type="hidden" name="office" value="{{office}}"><input type="hidden" name="key" value="{{key}}">
        <p>{{t.report_office}}: <b>{{place}}</b> · <a href="{{action}}">{{t.report_again}}</a></p>
        {{#inputs}}{{#is_select}}{{#select}}{{> web/select}}{{/select}}{{/is_select}}\
        {{#is_text}}{{#field}}{{> web/field}}{{/field}}{{/is_text}}{{/inputs}}
        <p class="fine">{{t.report_private}}</p>
        <div class="actions"><button type="submit">{{t.report_send}}</button></div></form>

        """

    private static let sent = """
        <h1>{{heading}} <span class="badge {{tone}}">{{state}}</span></h1>
        <section class="card">{{> web/facts}}</section>
        {{^is_done}}<p class="notice info" role="note">{{t.report_next}}</p>{{/is_done}}
        <p><a href="/app/report">{{t.report}}</a> · <a href="/app">{{t.title}}</a></p>

        """
}

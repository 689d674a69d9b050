import Accountability
import Kernel
import KhmerText
import Web

/// The person's requests for correction, and the form for a new one.
enum CorrectionViews {
    static let templates = ["corrections": template]

    static func page(
        _ requests: [CorrectionRequest], form: CorrectionForm, port: any CorrectionRequests, csrf: String,
        notice: (text: LocalizedText, kind: String)?, language: Language
    ) -> Page {
        let errors = form.refusal?.fields ?? []
        var data = FormField.form(fields(form, limit: port.textLimit), errors: errors, csrf: csrf, language: language)
        data["field_error"] = errors.first { $0.field == "field" }?.message[language] ?? false as Any
        data["choices"] = port.attributes.map { name -> [String: Any] in
            [
                "value": name.rawValue, "text": label(name, language),
                "selected": name.rawValue == form.attribute,
            ]
        }
        data["requests"] = requests.map { line($0, language) }
        data["has_requests"] = !requests.isEmpty
        data["notice"] = false
        if let notice { data["notice"] = ["text": notice.text[language], "kind": notice.kind] }
        if let refusal = form.refusal, errors.isEmpty {
            data["notice"] = ["text": refusal.message[language], "kind": "bad"]
        }
        var page = Page("citizen/corrections", title: text("corrections"), data: data)
        page.languageSwitch = .path("/app/corrections")
        if let refusal = form.refusal {
            page.status = refusal.fields.isEmpty ? .conflict : .badRequest
            page.mainErrorCode = refusal.code
        }
        return page
    }

    /// The sentence for what was just done.
    static func notice(_ done: String) -> (text: LocalizedText, kind: String)? {
        switch done {
        case "asked": (text("correction_asked"), "good")
        case "withdrawn": (text("correction_taken_back"), "good")
        default: nil
        }
    }

    private static func fields(_ form: CorrectionForm, limit: Int) -> [FormField] {
        [
            FormField(
                "wish", text("correction_wish"), value: form.wish, hint: text("correction_wish_hint"),
                autocomplete: "off", maximumLength: limit),
            FormField("why", text("correction_why"), value: form.why, autocomplete: "off", maximumLength: limit),
            FormField(
                "evidence", text("correction_evidence"), value: form.evidence, hint: text("correction_evidence_hint"),
                autocomplete: "off", maximumLength: limit, isRequired: false),
        ]
    }

    private static func line(_ request: CorrectionRequest, _ language: Language) -> [String: Any] {
        let tone =
            switch request.standing {
            case .open, .proposed: "warn"
            case .accepted: "good"
            case .refused: "bad"
            case .withdrawn: ""
            }
        return [
            "id": request.id, "label": label(request.attribute, language), "wish": request.wish,
            "state": text("correction_" + request.standing.rawValue)[language], "tone": tone,
            "filed": KhmerDates.short(request.filedAt, language),
            "changed": KhmerDates.short(request.changedAt, language),
            "has_changed": request.changedAt != request.filedAt, "refusal": request.refusal ?? "",
            "refused": request.refusal != nil, "live": request.standing == .open || request.standing == .proposed,
        ]
    }

    private static func label(_ name: AttributeName, _ language: Language) -> String {
        AttributeCatalogue.description(of: name)?.label[language] ?? name.rawValue
    }

    private static func text(_ key: String) -> LocalizedText { texts[key] ?? LocalizedText(km: key, en: key) }

    /// Said where nothing, or nothing that can be corrected, was chosen.
    static let choose = LocalizedText(km: "សូមជ្រើសរើសអ្វីដែលខុស។", en: "Please choose what is wrong.")

    static let texts: [String: LocalizedText] = [
        "corrections": LocalizedText(km: "សុំកែទិន្នន័យ", en: "Ask for a correction"),
        "corrections_lead": LocalizedText(
            km: "ប្រាប់យើងថាអ្វីខុស និងអ្វីត្រូវ។ មន្ត្រីម្នាក់ពិនិត្យឯកសារ ហើយមន្ត្រីទីពីរសម្រេច។ មិនគិតថ្លៃទេ។",
            en:
                "Say what is wrong and what is right. One officer looks at the documents and a second one decides. It is free."
        ),
        "correction_field": LocalizedText(km: "អ្វីខុស?", en: "What is wrong?"),
        "correction_choose": LocalizedText(km: "សូមជ្រើសរើស", en: "Please choose"),
        "correction_wish": LocalizedText(km: "គួរតែជាអ្វី?", en: "What should it be?"),
        "correction_wish_hint": LocalizedText(
            km: "សរសេរដូចក្នុងឯកសាររបស់អ្នក។", en: "Write it as it stands in your document."),
        "correction_why": LocalizedText(km: "ហេតុអ្វី?", en: "Why?"),
        "correction_evidence": LocalizedText(km: "ឯកសារដែលបញ្ជាក់", en: "A document that shows it"),
        "correction_evidence_hint": LocalizedText(
            km: "ប្រភេទ និងលេខ ឧទាហរណ៍ សំបុត្រកំណើតលេខ ១២៣។ បើគ្មាន មន្ត្រីនឹងជួយអ្នក។",
            en: "Its kind and number, such as birth certificate 123. Without one, an officer will help you."),
        "correction_send": LocalizedText(km: "ផ្ញើសំណើ", en: "Send the request"),
        "correction_private": LocalizedText(
            km: "អ្វីដែលអ្នកសរសេរត្រូវបានរក្សាជាសម្ងាត់ ហើយមានតែមន្ត្រីដែលពិនិត្យសំណើនេះទេដែលអាចអាន។ រាល់ការអានត្រូវបានកត់ត្រា។",
            en:
                "What you write is kept encrypted; only officers who look at this request can read it, and each look is noted."
        ),
        "correction_mine": LocalizedText(km: "សំណើរបស់ខ្ញុំ", en: "My requests"),
        "correction_none": LocalizedText(km: "មិនទាន់មានសំណើទេ។", en: "There are no requests yet."),
        "correction_filed": LocalizedText(km: "បានសុំនៅ", en: "Asked on"),
        "correction_changed": LocalizedText(km: "បានផ្លាស់ប្តូរនៅ", en: "Changed on"),
        "correction_answer": LocalizedText(km: "ហេតុផលរបស់មន្ត្រី", en: "The officer's reason"),
        "correction_take_back": LocalizedText(km: "ដកសំណើវិញ", en: "Take it back"),
        "correction_open": LocalizedText(km: "រង់ចាំមន្ត្រី", en: "waits for an officer"),
        "correction_proposed": LocalizedText(km: "រង់ចាំមន្ត្រីទីពីរ", en: "waits for a second officer"),
        "correction_accepted": LocalizedText(km: "បានកែរួច", en: "corrected"),
        "correction_refused": LocalizedText(km: "មិនយល់ព្រម", en: "refused"),
        "correction_withdrawn": LocalizedText(km: "បានដកវិញ", en: "taken back"),
        "correction_asked": LocalizedText(
            km: "បានទទួលសំណើរបស់អ្នក។ ចម្លើយនឹងបង្ហាញនៅទីនេះ និងក្នុងដំណឹង។",
            en: "Your request has arrived. The answer will be here and among the notices."),
        "correction_taken_back": LocalizedText(km: "បានដកសំណើវិញ។", en: "The request has been taken back."),
    ]

    private static let template = """
        <h1>{{t.corrections}}</h1>
        {{> web/notice}}{{> web/errors}}
        <form class="card" method="post" action="/app/corrections" id="ask" data-once>{{> web/csrf}}
        <p>{{t.corrections_lead}}</p>
        <div class="field"><label for="f-field">{{t.correction_field}}</label>
        {{#field_error}}<p class="error" id="e-field">{{field_error}}</p>{{/field_error}}
        <select id="f-field" name="field" required{{#field_error}} aria-invalid="true" aria-describedby="e-field"{{/field_error}}><option value="">{{t.correction_choose}}</option>
        {{#choices}}<option value="{{value}}"{{#selected}} selected{{/selected}}>{{text}}</option>{{/choices}}</select></div>
        {{#fields}}{{> web/field}}{{/fields}}
        <p class="fine">{{t.correction_private}}</p>
        <div class="actions"><button type="submit">{{t.correction_send}}</button></div>
        </form>
        <section id="mine">
        <h2>{{t.correction_mine}}</h2>
        {{^has_requests}}<p class="card">{{t.correction_none}}</p>{{/has_requests}}
        {{#requests}}<article class="card" data-correction="{{id}}">
        <h3>{{label}} <span class="badge {{tone}}">{{state}}</span></h3>
        <dl class="facts">
        <div><dt>{{t.correction_wish}}</dt><dd>{{wish}}</dd></div>
        {{#refused}}<div><dt>{{t.correction_answer}}</dt><dd>{{refusal}}</dd></div>{{/refused}}
        <div><dt>{{t.correction_filed}}</dt><dd>{{filed}}</dd></div>
        {{#has_changed}}<div><dt>{{t.correction_changed}}</dt><dd>{{changed}}</dd></div>{{/has_changed}}
        </dl>
        {{#live}}<form method="post" action="/app/corrections/{{id}}/withdraw" data-once>{{> web/csrf}}\
        <button class="secondary" type="submit">{{t.correction_take_back}}</button></form>{{/live}}
        </article>{{/requests}}
        </section>

        """
}

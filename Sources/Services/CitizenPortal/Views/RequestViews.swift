import Kernel
import KhmerText
import Web

/// The page of one request that waits, on which the person decides.
enum RequestViews {
    static let templates = ["request": template]

    /// What the page shows.
    struct Shown {
        var found: DecidableRequest
        /// Whether this is the browser in which the login began.
        var isHere: Bool
        /// Whether this browser is in the same network as that one.
        var isNear: Bool
        /// Whether the person is logged in by a one-time code alone.
        var isByCode: Bool
        var csrf: String
    }

    /// The sentence for what was just done; only known words.
    static func notice(_ done: String) -> (text: LocalizedText, kind: String)? {
        switch done {
        case "approved": texts["request_approved"].map { ($0, "good") }
        case "denied": texts["request_denied"].map { ($0, "info") }
        case "reported": texts["request_reported"].map { ($0, "warn") }
        default: nil
        }
    }

    static func request(_ shown: Shown, language: Language) -> Page {
        let (found, item) = (shown.found, shown.found.request)
        var data = AppViews.item(item, language)
        let obstacle = obstacle(shown)
        data["csrf"] = shown.csrf
        data["here"] = shown.isHere
        data["near"] = shown.isNear
        data["valid_until"] = KhmerDates.long(found.validUntil, language)
        data["choices"] = found.attributes.map { attribute -> [String: Any] in
            [
                "name": attribute.name, "label": attribute.label[language], "summary": attribute.summary[language],
                "essential": attribute.isEssential, "checked": attribute.isChosen,
            ]
        }
        data["numbers"] = found.numbers.map { ["number": $0] }
        data["can"] = obstacle == nil
        data["obstacle"] = obstacle?.text[language] ?? ""
        data["wants_passkey"] = obstacle?.wantsPasskey ?? false
        return Page("citizen/request", title: text("request_title"), data: data)
    }

    /// Why nothing can be approved here; a no is always possible.
    private static func obstacle(_ shown: Shown) -> (text: LocalizedText, wantsPasskey: Bool)? {
        if shown.isByCode { return (RumdulError.portalLevel.message, false) }
        if !shown.found.isWithinPasskeys { return (text("request_level"), false) }
        if !shown.found.hasPasskey { return (text("request_no_passkey"), true) }
        return nil
    }

    private static func text(_ key: String) -> LocalizedText { texts[key] ?? LocalizedText(km: key, en: key) }

    static let texts: [String: LocalizedText] = [
        "request_title": LocalizedText(km: "តើអ្នកសុំមែនទេ?", en: "Was this you?"),
        "request_look": LocalizedText(km: "មើល និងសម្រេច", en: "Look and decide"),
        "request_asks": LocalizedText(km: "សុំការអនុម័តពីអ្នក", en: "asks for your approval"),
        "request_valid": LocalizedText(km: "ការយល់ព្រមមានសុពលភាពដល់", en: "The consent is valid until"),
        "request_network": LocalizedText(km: "បណ្តាញ", en: "Network"),
        "request_place": LocalizedText(km: "ទីកន្លែង", en: "Place"),
        "request_near": LocalizedText(km: "បណ្តាញតែមួយនឹងអ្នក", en: "the same as yours now"),
        "request_here": LocalizedText(km: "កម្មវិធីរុករកនេះ", en: "this browser"),
        "request_elsewhere": LocalizedText(
            km: "សំណើនេះមិនមែនចាប់ផ្តើមពីកម្មវិធីរុករកនេះទេ។ អនុម័តតែពេលអេក្រង់ដែលសុំ នៅចំពោះមុខអ្នក។",
            en: "This request did not begin in this browser. Approve only if the screen that asks is in front of you."),
        "request_share": LocalizedText(km: "ព័ត៌មានដែលត្រូវចែករំលែក", en: "Which data to share"),
        "request_essential": LocalizedText(km: "ត្រូវការសម្រាប់សេវានេះ", en: "needed for this service"),
        "request_optional": LocalizedText(km: "ស្រេចចិត្ត", en: "optional"),
        "request_number": LocalizedText(km: "តើអេក្រង់ដែលសុំ បង្ហាញលេខមួយណា?", en: "Which number does the other screen show?"),
        "request_number_here": LocalizedText(
            km: "តើទំព័រមុន បានបង្ហាញលេខមួយណា?", en: "Which number did the page before show?"),
        "request_number_help": LocalizedText(
            km: "មើលលេខលើអេក្រង់ដែលអ្នកកំពុងចូល។ បើជ្រើសខុស សំណើត្រូវបញ្ឈប់។ បើមាននរណាប្រាប់លេខអ្នក សូមកុំអនុម័ត។",
            en:
                "Look at the screen where you are logging in. A wrong number ends the request. If somebody told you a "
                + "number, do not approve."),
        "request_approve": LocalizedText(km: "អនុម័តដោយសោចូល", en: "Approve with my passkey"),
        "request_cancelled": LocalizedText(
            km: "សោចូលមិនត្រូវបានប្រើទេ។ គ្មានអ្វីត្រូវបានអនុម័តឡើយ។", en: "The passkey was not used. Nothing was approved."),
        "request_script": LocalizedText(
            km: "ការអនុម័តត្រូវការ JavaScript និងកម្មវិធីរុករកដែលស្គាល់សោចូល (passkey)។ អ្នកនៅតែអាចបដិសេធនៅទីនេះ ឬអនុម័តក្នុងកម្មវិធី CamDigiKey។",
            en:
                "Approving needs JavaScript and a browser that knows passkeys. You can still refuse here, or approve in "
                + "the CamDigiKey app."),
        "request_level": LocalizedText(
            km: "សេវានេះត្រូវការកម្រិតសុវត្ថិភាពខ្ពស់ជាងសោចូល (passkey)។ សូមអនុម័តក្នុងកម្មវិធី CamDigiKey ដោយប្រើលេខសម្ងាត់។",
            en:
                "This service needs a higher level than a passkey gives. Approve it in the CamDigiKey app with your PIN."
        ),
        "request_no_passkey": LocalizedText(
            km: "អ្នកមិនទាន់មានសោចូលទេ។ សូមបន្ថែមសោចូលមួយ ឬអនុម័តក្នុងកម្មវិធី CamDigiKey។",
            en: "You have no passkey yet. Add one, or approve in the CamDigiKey app."),
        "request_add_passkey": LocalizedText(km: "បន្ថែមសោចូល", en: "Add a passkey"),
        "request_deny": LocalizedText(km: "បដិសេធ", en: "Refuse"),
        "request_not_me": LocalizedText(km: "មិនមែនខ្ញុំទេ", en: "This was not me"),
        "request_not_me_note": LocalizedText(
            km: "«មិនមែនខ្ញុំទេ» បដិសេធ ហើយបញ្ឈប់សំណើពីសេវានេះមួយថ្ងៃ។",
            en: "\"This was not me\" refuses, and stops this service's requests for a day."),
        "request_back": LocalizedText(km: "ត្រឡប់ទៅសេវា", en: "Back to the service"),
        "request_approved": LocalizedText(
            km: "បានអនុម័ត។ អេក្រង់ដែលសុំនឹងបន្តដោយខ្លួនឯង។", en: "Approved. The screen that asked goes on by itself."),
        "request_denied": LocalizedText(
            km: "បានបដិសេធ។ គ្មានអ្វីត្រូវបានចែករំលែកឡើយ។", en: "Refused. Nothing was shared."),
        "request_reported": LocalizedText(
            km: "បានបដិសេធ។ សេវានេះមិនអាចសុំអ្នកម្តងទៀតក្នុងមួយថ្ងៃ។ បើអ្នកសង្ស័យថាមានគេប្រើលេខរបស់អ្នក សូមទៅការិយាល័យចុះឈ្មោះ។",
            en:
                "Refused. This service cannot ask you again for a day. If you think that somebody uses your number, "
                + "please visit an enrolment office."),
    ]

    private static let template = """
        <h1>{{t.request_title}}</h1>
        <section class="card cream" data-request="{{id}}">
        <p class="lead"><b>{{service}}</b><br><span class="fine">{{host}}</span></p>
        <p>{{t.request_asks}}</p>
        <dl class="facts">
        <div><dt>{{t.purpose}}</dt><dd>{{purpose}}</dd></div>
        {{#has_details}}<div><dt>{{t.request_details}}</dt><dd><ul>{{#details}}<li>{{text}}</li>{{/details}}</ul></dd></div>{{/has_details}}
        {{#has_message}}<div><dt>{{t.request_message}}</dt><dd>{{message}}</dd></div>{{/has_message}}
        <div><dt>{{t.request_from}}</dt><dd>{{browser}}{{#here}} <span class="badge good">{{t.request_here}}</span>{{/here}}</dd></div>
        {{#has_network}}<div><dt>{{t.request_network}}</dt><dd>{{network}}{{#near}} <span class="badge">{{t.request_near}}</span>{{/near}}</dd></div>{{/has_network}}
        {{#has_place}}<div><dt>{{t.request_place}}</dt><dd id="place">{{place}}</dd></div>{{/has_place}}
        <div><dt>{{t.request_since}}</dt><dd>{{since}}</dd></div>
        <div><dt>{{t.request_until}}</dt><dd>{{until}}</dd></div>
        {{#has_attributes}}<div><dt>{{t.request_valid}}</dt><dd>{{valid_until}}</dd></div>{{/has_attributes}}
        </dl>
        </section>
        {{^here}}<p class="notice warn">{{t.request_elsewhere}}</p>{{/here}}
        {{^can}}<div class="notice warn" id="obstacle"><p>{{obstacle}}</p>
        {{#wants_passkey}}<p><a href="/app/passkeys">{{t.request_add_passkey}}</a></p>{{/wants_passkey}}</div>
        <section class="card"><h2>{{t.data}}</h2>
        {{#has_attributes}}<ul>{{#choices}}<li>{{label}}</li>{{/choices}}</ul>{{/has_attributes}}\
        {{^has_attributes}}<p>{{t.request_no_data}}</p>{{/has_attributes}}</section>{{/can}}
        {{#can}}<form id="approve" data-approve="/app/requests/{{id}}" data-cancelled="{{t.request_cancelled}}">{{> web/csrf}}
        {{#has_attributes}}<fieldset><legend>{{t.request_share}}</legend>
        {{#choices}}<div class="check"><input type="checkbox" id="a-{{name}}" name="attr.{{name}}" value="on"\
        {{#checked}} checked{{/checked}}><label for="a-{{name}}"><b>{{label}}</b> \
        {{#essential}}<span class="badge warn">{{t.request_essential}}</span>{{/essential}}\
        {{^essential}}<span class="badge">{{t.request_optional}}</span>{{/essential}}<br>\
        <span class="fine">{{summary}}</span></label></div>
        {{/choices}}</fieldset>{{/has_attributes}}
        <p class="notice warn" id="approve-no-script">{{t.request_script}}</p>
        <fieldset data-with-script hidden aria-describedby="number-help"><legend>{{#here}}{{t.request_number_here}}{{/here}}\
        {{^here}}{{t.request_number}}{{/here}}</legend>
        <p class="hint" id="number-help">{{t.request_number_help}}</p>
        <div class="choices">{{#numbers}}<label class="choice"><input type="radio" name="number" value="{{number}}" required>\
        <span>{{number}}</span></label>{{/numbers}}</div></fieldset>
        <div class="notice bad" role="alert" id="approve-error" hidden></div>
        <div class="actions" data-with-script hidden><button type="submit" id="approve-button">{{t.request_approve}}</button></div>
        </form>{{/can}}
        <div class="actions">
        <form method="post" action="/app/requests/{{id}}/deny" data-once>{{> web/csrf}}\
        <button class="secondary wide" type="submit">{{t.request_deny}}</button></form>
        <form method="post" action="/app/requests/{{id}}/report" data-once>{{> web/csrf}}\
        <button class="danger wide" type="submit">{{t.request_not_me}}</button></form>
        </div>
        <p class="fine">{{t.request_not_me_note}}</p>

        """
}

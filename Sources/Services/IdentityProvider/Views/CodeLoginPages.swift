import Kernel
import RelyingParties
import Web

/// The pages of a login with a printed code.
enum CodeLoginPages {
    /// What both pages show of the request.
    struct Frame {
        var request: AuthorizationRequest
        var client: RelyingParty
        var sealed: String
        var offersMessages: Bool
    }

    static func person(_ frame: Frame, identifier: String, refused: RumdulError?, language: Language) -> Page {
        var data = self.data(frame, refused: refused, language: language)
        data["identifier"] = String(identifier.prefix(40))
        data["offers_messages"] = frame.offersMessages
        return page("idp/code_person", data, refused)
    }

    static func code(_ frame: Frame, _ step: CodeLogin.Step, login: String, refused: RumdulError?, language: Language)
        -> Page
    {
        var data = self.data(frame, refused: refused, language: language)
        data["is_message"] = step.message != nil
        data["number"] = step.number
        data["login"] = login
        return page("idp/code_enter", data, refused)
    }

    static func done(_ item: Transaction, client: RelyingParty, language: Language) -> Page {
        let path = "/authorize/\(item.id)"
        return page(
            "idp/code_done",
            [
                "client_name": client.name[language], "status_url": path + "/status", "next": path + "/continue",
                "by_card": item.request.assisted != nil,
            ], nil)
    }

    private static func page(_ template: String, _ data: [String: Any], _ refused: RumdulError?) -> Page {
        var page = Page(template, title: texts["code_title"] ?? LocalizedText(km: "", en: ""), data: data)
        // The page is the answer to a form: another language would need that form again.
        page.languageSwitch = .hidden
        if let refused {
            page.status =
                switch refused.kind {
                case .rateLimited: .tooManyRequests
                case .forbidden: .forbidden
                default: .badRequest
                }
            page.mainErrorCode = refused.code
        }
        return page
    }

    private static func data(_ frame: Frame, refused: RumdulError?, language: Language) -> [String: Any] {
        [
            "client_name": frame.client.name[language],
            "client_host": TransactionDetails.shownHost(frame.request, frame.client),
            "attributes": frame.request.attributes.map { ["label": AttributeText($0).label[language]] },
            "has_attributes": !frame.request.attributes.isEmpty, "request": frame.sealed,
            "error": refused?.message[language] ?? "", "has_error": refused != nil,
        ]
    }

    static let templates = [
        "code_person": personTemplate, "code_enter": enterTemplate, "code_frame": frameTemplate,
        "code_done": doneTemplate,
    ]

    static let texts: [String: LocalizedText] = [
        "no_phone": LocalizedText(km: "ខ្ញុំគ្មានទូរស័ព្ទ", en: "I have no phone"),
        "code_title": LocalizedText(km: "ចូលដោយលេខកូដ", en: "Log in with a code"),
        "code_lead": LocalizedText(
            km: "សម្រាប់អ្នកដែលមានសន្លឹកលេខកូដពីការិយាល័យចុះឈ្មោះ។ សន្លឹកនេះមិនគិតថ្លៃទេ។",
            en: "For people who have a sheet of codes from an enrolment office. The sheet is free of charge."),
        "code_data": LocalizedText(km: "ព័ត៌មានដែលនឹងចែករំលែក", en: "Data that will be shared"),
        "code_next": LocalizedText(km: "បន្ត", en: "Continue"),
        "code_ask": LocalizedText(
            km: "វាយលេខកូដដែលមានលេខរៀងនេះនៅលើសន្លឹករបស់អ្នក៖", en: "Type the code with this number on your sheet:"),
        "code_label": LocalizedText(km: "លេខកូដ ៨ ខ្ទង់", en: "The 8 digits of the code"),
        "code_help": LocalizedText(
            km: "លេខកូដនីមួយៗប្រើបានតែម្តង។ សូមគូសវាចោលបន្ទាប់ពីប្រើ។",
            en: "Each code works once. Cross it out after use."),
        "code_message": LocalizedText(km: "ផ្ញើលេខកូដតាមសារ SMS", en: "Send me a code by SMS"),
        "code_sent": LocalizedText(
            km: "បើលេខសម្គាល់នេះមានលេខទូរស័ព្ទក្នុងបញ្ជី សារមួយកំពុងផ្ញើទៅ។",
            en: "If a phone number is on record for this code, a message is on its way to it."),
        "code_label_six": LocalizedText(km: "លេខកូដ ៦ ខ្ទង់ក្នុងសារ", en: "The 6 digits in the message"),
        "code_help_message": LocalizedText(
            km: "ប្រើបានម្តង ក្នុងរយៈពេល ៥ នាទី។ អាចវាយបាន ៣ ដង។", en: "Works once, for 5 minutes. You have three tries."),
        "code_log_in": LocalizedText(km: "យល់ព្រម ហើយចូល", en: "Agree and log in"),
        "code_done": LocalizedText(km: "អ្នកបានចូលហើយ", en: "You are logged in"),
        "code_cross": LocalizedText(
            km: "លេខកូដនេះប្រើរួចហើយ។ កំពុងនាំអ្នកត្រឡប់ទៅសេវា។", en: "This code is used up. You are taken back to the service."),
        "code_alone": LocalizedText(
            km: "កុំអានលេខកូដឱ្យអ្នកណាស្តាប់ឡើយ ទោះតាមទូរស័ព្ទ ឬមន្ត្រីក៏ដោយ។",
            en: "Never read a code to anyone, not on a call and not to an official."),
        "code_shared": LocalizedText(
            km: "លើកុំព្យូទ័ររួម សូមបិទកម្មវិធីរុករកពេលរួចរាល់។",
            en: "On a shared computer, close the browser when you are done."),
    ]

    private static let frameTemplate = """
        {{#has_error}}<div class="notice bad" role="alert" id="error"><p>{{error}}</p></div>{{/has_error}}
        <section class="card cream">
        <p class="lead"><b>{{client_name}}</b><br><span class="fine">{{client_host}}</span></p>
        {{#has_attributes}}<p>{{t.code_data}}</p>
        <ul>{{#attributes}}<li>{{label}}</li>{{/attributes}}</ul>{{/has_attributes}}
        {{^has_attributes}}<p>{{t.no_data}}</p>{{/has_attributes}}
        </section>

        """

    private static let doneTemplate = """
        <section class="card" data-poll="{{status_url}}">
        <h1>{{t.code_done}}</h1>
        <p>{{client_name}}</p>
        {{^by_card}}<p>{{t.code_cross}}</p>{{/by_card}}{{#by_card}}<p>{{t.card_done}}</p>{{/by_card}}
        <div class="actions"><a class="button" id="continue" href="{{next}}">{{t.return}}</a></div>
        </section>

        """

    private static let personTemplate = """
        <h1>{{t.code_title}}</h1>
        <p>{{t.code_lead}}</p>
        {{> idp/code_frame}}
        <form method="post" action="/authorize/code/person" data-once>
        <input type="hidden" name="request" value="{{request}}">
        <div class="field{{#has_error}} bad{{/has_error}}">
        <label for="identifier">{{t.identifier}}</label>
        <p class="hint" id="identifier-hint">{{t.identifier_help}}</p>
        <input id="identifier" name="identifier" type="text" inputmode="numeric" autocomplete="off" maxlength="40" required \
        value="{{identifier}}" aria-describedby="identifier-hint{{#has_error}} error{{/has_error}}">
        </div>
        <div class="actions"><button type="submit">{{t.code_next}}</button>
        {{#offers_messages}}<button class="secondary" id="message" type="submit" formaction="/authorize/code/message">\
        {{t.code_message}}</button>{{/offers_messages}}
        <a class="button secondary" id="refuse" href="/authorize/cancel?request={{request}}">{{t.refuse}}</a></div>
        </form>

        """

    private static let enterTemplate = """
        <h1>{{t.code_title}}</h1>
        {{> idp/code_frame}}
        <form class="card" method="post" action="/authorize/code/enter" data-once>
        <input type="hidden" name="login" value="{{login}}">
        {{^is_message}}<p id="code-ask">{{t.code_ask}}</p>
        <p class="number"><b>{{number}}</b></p>{{/is_message}}
        {{#is_message}}<p id="code-ask">{{t.code_sent}}</p>{{/is_message}}
        <div class="field{{#has_error}} bad{{/has_error}}">
        <label for="code">{{^is_message}}{{t.code_label}}{{/is_message}}{{#is_message}}{{t.code_label_six}}{{/is_message}}\
        </label>
        <p class="hint" id="code-hint">{{^is_message}}{{t.code_help}}{{/is_message}}\
        {{#is_message}}{{t.code_help_message}}{{/is_message}}</p>
        <input id="code" name="code" type="text" inputmode="numeric" autocomplete="off" maxlength="24" required \
        aria-describedby="code-ask code-hint{{#has_error}} error{{/has_error}}">
        </div>
        <div class="actions"><button type="submit">{{t.code_log_in}}</button>
        <a class="button secondary" id="refuse" href="/authorize/cancel?request={{request}}">{{t.refuse}}</a></div>
        </form>
        <p class="notice warn">{{t.code_alone}}</p>
        <p class="fine">{{t.code_shared}}</p>

        """
}

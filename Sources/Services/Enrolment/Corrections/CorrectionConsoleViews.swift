import Accountability
import Kernel
import KhmerText
import Web

/// The officers' list of requests for correction, and the page of one.
enum CorrectionConsoleViews {
    static let title = LocalizedText(km: "សំណើសុំកែទិន្នន័យ", en: "Requests for correction")
    static let templates = ["corrections": list, "correction": file]

    static func list(
        _ waiting: [WaitingCorrection], officer: String, notice: (kind: String, text: LocalizedText)?, csrf: String,
        language: Language
    ) -> [String: Any] {
        var data: [String: Any] = ["csrf": csrf, "hasRequests": !waiting.isEmpty, "notice": false]
        if let notice { data["notice"] = ["kind": notice.kind, "text": notice.text[language]] }
        data["requests"] = waiting.map { item -> [String: Any] in
            let state: LocalizedText =
                !item.isProposed
                ? text("correctionOpen")
                : item.proposedBy == officer ? text("correctionMine") : text("correctionProposed")
            return [
                "path": "\(CorrectionConsole.path)/\(item.id)", "label": label(item.attribute, language),
                "filed": KhmerDates.short(item.filedAt, language), "state": state[language],
                "tone": item.isProposed ? "good" : "warn",
            ]
        }
        return data
    }

    /// - Parameters:
    ///   - facts: what the register disclosed, in words.
    ///   - sent: what the officer filled in before, when it was refused.
    static func file(
        _ file: CorrectionFile, facts: [[String: Any]], officer: Officer, sent: [String: String]?,
        errors: [FieldError], csrf: String, language: Language
    ) -> [String: Any] {
        let about = file.about
        let isFirst = about.proposedBy == officer.id
        let mayPropose = !about.isProposed && officer.may(.personAmendRequest, in: about.area)
        let mayAccept = about.isProposed && !isFirst && officer.may(.personAmendApprove, in: about.area)
        let mayRefuse = mayPropose || officer.may(.personAmendApprove, in: about.area)
        let seen = FormField(
            "seen", text("correctionSeen"), value: sent?["seen"] ?? "", hint: text("correctionSeenHint"),
            autocomplete: "off", maximumLength: 500)
        var data = FormField.form([], errors: errors, csrf: csrf, language: language)
        data["notice"] = false
        data["path"] = "\(CorrectionConsole.path)/\(about.id)"
        data["label"] = label(about.attribute, language)
        data["filed"] = KhmerDates.short(about.filedAt, language)
        data["facts"] = facts
        data["wish"] = file.wish
        data["why"] = file.why
        data["evidence"] = file.evidence ?? text("correctionNoEvidence")[language]
        data["mayPropose"] = !file.isDecided && mayPropose
        data["mayAccept"] = !file.isDecided && mayAccept
        data["mayRefuse"] = !file.isDecided && mayRefuse
        data["waitsForOther"] = !file.isDecided && about.isProposed && !mayAccept
        data["isDecided"] = file.isDecided
        data["inputs"] = file.inputs.map { input($0, value: sent?[$0.name] ?? "", errors: errors, language) }
        data["seenField"] = seen.view(language, errors: errors)
        data["reasonField"] = FormField(
            "reason", text("correctionReason"), hint: text("correctionReasonHint"), autocomplete: "off",
            maximumLength: 500
        ).view(language, errors: errors)
        data["isProposed"] = file.seen != nil
        data["proposed"] = file.inputs.compactMap { input -> [String: Any]? in
            guard let value = file.proposed[input.name] else { return nil }
            let words = choices[value]?[language] ?? value
            return [
                "label": text("input_" + input.name)[language],
                "value": value.isEmpty ? text("correctionEmpty")[language] : words,
            ]
        }
        data["seen"] = file.seen ?? ""
        return data
    }

    /// The fields of an error under the names that the inputs have on the page. Rules of the register that look at a whole
    /// fact name their own fields: they are said at the first input.
    static func placed(_ errors: [FieldError]) -> [FieldError] {
        errors.map { error in
            error.field == "evidence"
                ? FieldError("seen", error.message) : FieldError("value-" + error.field, error.message)
        }
    }

    static func notice(_ done: String) -> (kind: String, text: LocalizedText)? {
        switch done {
        case "proposed": ("good", text("correctionDoneProposed"))
        case "accepted": ("good", text("correctionDoneAccepted"))
        case "refused": ("good", text("correctionDoneRefused"))
        default: nil
        }
    }

    private static func input(
        _ input: CorrectionInput, value: String, errors: [FieldError], _ language: Language
    ) -> [String: Any] {
        let name = "value-" + input.name
        let label = text("input_" + input.name)
        guard !input.choices.isEmpty else {
            var view: [String: Any] = ["isSelect": false, "isText": true]
            view["field"] = FormField(
                name, label, value: value, hint: texts["hint_" + input.name], autocomplete: "off", maximumLength: 254,
                isRequired: !input.isOptional
            ).view(language, errors: errors)
            return view
        }
        let error = errors.first { $0.field == name }?.message[language]
        let options = ["": "–"].map { ["value": $0.key, "text": $0.value, "selected": value.isEmpty] }
        return [
            "isSelect": true, "isText": false,
            "select": [
                "name": name, "label": label[language], "error": error.map { $0 as Any } ?? false,
                "options": options
                    + input.choices.map {
                        ["value": $0, "text": choices[$0]?[language] ?? $0, "selected": $0 == value]
                    },
            ] as [String: Any],
        ]
    }

    private static func label(_ name: AttributeName, _ language: Language) -> String {
        AttributeCatalogue.description(of: name)?.label[language] ?? name.rawValue
    }

    private static func text(_ key: String) -> LocalizedText { texts[key] ?? LocalizedText(km: key, en: key) }

    private static let choices: [String: LocalizedText] = [
        "male": LocalizedText(km: "ប្រុស", en: "male"), "female": LocalizedText(km: "ស្រី", en: "female"),
        "unspecified": LocalizedText(km: "មិនបានបញ្ជាក់", en: "not specified"),
        "khmer": LocalizedText(km: "ខ្មែរ", en: "Khmer"), "foreign": LocalizedText(km: "បរទេស", en: "foreign"),
        "stateless": LocalizedText(km: "គ្មានសញ្ជាតិ", en: "stateless"),
        "refugee": LocalizedText(km: "ជនភៀសខ្លួន", en: "refugee"),
        "undetermined": LocalizedText(km: "មិនទាន់កំណត់", en: "not determined yet"),
        "permanent": LocalizedText(km: "អចិន្ត្រៃយ៍", en: "permanent"),
        "temporary": LocalizedText(km: "បណ្តោះអាសន្ន", en: "temporary"),
    ]

    static let texts: [String: LocalizedText] = [
        "corrections": title,
        "correctionsLead": LocalizedText(
            km: "មន្ត្រីទីមួយពិនិត្យឯកសារ ហើយសរសេរអ្វីដែលត្រូវ។ មន្ត្រីទីពីរសម្រេច។",
            en: "A first officer looks at the documents and writes down what is right. A second one decides."),
        "correctionsNone": LocalizedText(km: "គ្មានអ្វីរង់ចាំទេ។", en: "Nothing waits."),
        "correctionField": LocalizedText(km: "អ្វីដែលខុស", en: "What is wrong"),
        "correctionFiled": LocalizedText(km: "បានសុំនៅ", en: "Asked on"),
        "correctionOpen": LocalizedText(km: "រង់ចាំមន្ត្រីទីមួយ", en: "Waits for a first officer"),
        "correctionProposed": LocalizedText(km: "រង់ចាំមន្ត្រីទីពីរ", en: "Waits for a second officer"),
        "correctionMine": LocalizedText(km: "រង់ចាំមន្ត្រីម្នាក់ទៀត", en: "Waits for another officer than you"),
        "correctionNow": LocalizedText(km: "ក្នុងបញ្ជីឥឡូវនេះ", en: "In the register now"),
        "correctionAsked": LocalizedText(km: "អ្វីដែលសាមីខ្លួនសុំ", en: "What the person asks"),
        "correctionWish": LocalizedText(km: "គួរតែជា", en: "Should be"),
        "correctionWhy": LocalizedText(km: "ព្រោះ", en: "Because"),
        "correctionEvidence": LocalizedText(km: "ឯកសារដែលលើកឡើង", en: "Document named"),
        "correctionNoEvidence": LocalizedText(km: "គ្មាន", en: "none"),
        "correctionRight": LocalizedText(km: "អ្វីដែលត្រូវ", en: "What is right"),
        "correctionSeen": LocalizedText(km: "ឯកសារដើមដែលអ្នកបានឃើញ", en: "The original that you saw"),
        "correctionSeenHint": LocalizedText(
            km: "ប្រភេទ លេខ និងអ្នកចេញ។", en: "Its kind, number and who issued it."),
        "correctionPropose": LocalizedText(km: "ផ្ញើទៅមន្ត្រីទីពីរ", en: "Send to a second officer"),
        "correctionFirst": LocalizedText(km: "អ្វីដែលមន្ត្រីទីមួយសរសេរ", en: "What the first officer wrote down"),
        "correctionSecondLead": LocalizedText(
            km: "សូមផ្ទៀងផ្ទាត់ជាមួយឯកសារ មុនពេលយល់ព្រម។ បញ្ជីនឹងត្រូវកែភ្លាម។",
            en: "Compare with the document before you agree. The register is corrected at once."),
        "correctionAccept": LocalizedText(km: "ខ្ញុំយល់ព្រមក្នុងនាមមន្ត្រីទីពីរ", en: "I agree as the second officer"),
        "correctionWaitsOther": LocalizedText(
            km: "សំណើនេះរង់ចាំមន្ត្រីម្នាក់ទៀតដែលមានសិទ្ធិសម្រេច។", en: "This waits for another officer who may decide."),
        "correctionDecided": LocalizedText(km: "សំណើនេះបានបញ្ចប់ហើយ។", en: "This request is closed."),
        "correctionReason": LocalizedText(km: "ហេតុផលដែលមិនយល់ព្រម", en: "Why it is refused"),
        "correctionReasonHint": LocalizedText(
            km: "សាមីខ្លួននឹងអានហេតុផលនេះ។", en: "The person will read this."),
        "correctionRefuse": LocalizedText(km: "មិនយល់ព្រម", en: "Refuse"),
        "correctionEmpty": LocalizedText(km: "(ទទេ)", en: "(empty)"),
        "correctionDoneProposed": LocalizedText(
            km: "បានផ្ញើទៅមន្ត្រីទីពីរ។", en: "Sent to a second officer."),
        "correctionDoneAccepted": LocalizedText(km: "បញ្ជីត្រូវបានកែ។", en: "The register has been corrected."),
        "correctionDoneRefused": LocalizedText(km: "បានបដិសេធ។", en: "Refused."),
        "input_family": LocalizedText(km: "គោត្តនាម", en: "Family name"),
        "input_given": LocalizedText(km: "នាម", en: "Given name"),
        "input_sex": LocalizedText(km: "ភេទ", en: "Sex"),
        "input_birthdate": LocalizedText(km: "ថ្ងៃខែឆ្នាំកំណើត", en: "Date of birth"),
        "hint_birthdate": LocalizedText(
            km: "ដូចជា ១៩៩០-០៤-១៣ ឬ ១៩៩០-០៤ ឬ ១៩៩០ បើដឹងតែប៉ុណ្ណោះ។",
            en: "As 1990-04-13, or 1990-04 or 1990 when no more is known."),
        "input_nationality": LocalizedText(km: "សញ្ជាតិ ឬស្ថានភាព", en: "Nationality or status"),
        "input_country": LocalizedText(km: "ប្រទេស", en: "Country"),
        "hint_country": LocalizedText(
            km: "អក្សរបី ដូចជា VNM សម្រាប់ជនបរទេស។", en: "Three letters, such as VNM, for a foreign national."),
        "input_residence": LocalizedText(km: "ការស្នាក់នៅ", en: "Residence"),
        "input_place": LocalizedText(km: "លេខកូដភូមិ ឃុំ ឬស្រុក", en: "Code of the village, commune or district"),
        "hint_place": LocalizedText(km: "២ ទៅ ៨ ខ្ទង់។", en: "2 to 8 digits."),
        "input_detail": LocalizedText(km: "ផ្ទះ ផ្លូវ ក្រុម", en: "House, street, group"),
        "input_phone": LocalizedText(km: "លេខទូរស័ព្ទ", en: "Phone number"),
        "hint_phone": LocalizedText(km: "ទុកទទេ ដើម្បីលុបចេញ។", en: "Empty: it is taken out."),
        "input_email": LocalizedText(km: "អ៊ីមែល", en: "Email address"),
        "hint_email": LocalizedText(km: "ទុកទទេ ដើម្បីលុបចេញ។", en: "Empty: it is taken out."),
        "input_number": LocalizedText(km: "លេខអត្តសញ្ញាណប័ណ្ណ", en: "Number of the identity card"),
    ]

    /// requests (path, label, filed, state, tone), hasRequests, notice, csrf
    private static let list = """
        <h1>{{t.corrections}}</h1>
        {{> web/notice}}
        <p>{{t.correctionsLead}}</p>
        {{#hasRequests}}<table class="cards"><caption class="visually-hidden">{{t.corrections}}</caption>
        <thead><tr><th scope="col">{{t.correctionField}}</th><th scope="col">{{t.correctionFiled}}</th>\
        <th scope="col">{{t.state}}</th></tr></thead><tbody>
        {{#requests}}<tr><td data-label="{{t.correctionField}}"><a href="{{path}}">{{label}}</a></td>\
        <td data-label="{{t.correctionFiled}}">{{filed}}</td>\
        <td data-label="{{t.state}}"><span class="badge {{tone}}">{{state}}</span></td></tr>
        {{/requests}}</tbody></table>{{/hasRequests}}
        {{^hasRequests}}<p class="card">{{t.correctionsNone}}</p>{{/hasRequests}}
        <form method="post" action="/enrol/logout">{{> web/csrf}}\
        <button class="secondary" type="submit">{{t.logout}}</button></form>

        """

    private static let file = """
        <h1>{{label}}</h1>
        {{> web/notice}}{{> web/errors}}
        <section class="card"><h2>{{t.correctionNow}}</h2>{{> web/facts}}<p class="fine">{{t.viewIsLogged}}</p></section>
        <section class="card cream"><h2>{{t.correctionAsked}}</h2>
        <dl class="facts"><div><dt>{{t.correctionWish}}</dt><dd>{{wish}}</dd></div>
        <div><dt>{{t.correctionWhy}}</dt><dd>{{why}}</dd></div>
        <div><dt>{{t.correctionEvidence}}</dt><dd>{{evidence}}</dd></div>
        <div><dt>{{t.correctionFiled}}</dt><dd>{{filed}}</dd></div></dl></section>
        {{#isDecided}}<p class="notice info">{{t.correctionDecided}}</p>{{/isDecided}}
        {{#mayPropose}}<form class="card" method="post" action="{{path}}/propose" data-once>{{> web/csrf}}
        <h2>{{t.correctionRight}}</h2>
        {{#inputs}}{{#isSelect}}{{#select}}{{> web/select}}{{/select}}{{/isSelect}}\
        {{#isText}}{{#field}}{{> web/field}}{{/field}}{{/isText}}{{/inputs}}
        {{#seenField}}{{> web/field}}{{/seenField}}
        <div class="actions"><button type="submit">{{t.correctionPropose}}</button></div></form>{{/mayPropose}}
        {{#isProposed}}<section class="card"><h2>{{t.correctionFirst}}</h2>
        <dl class="facts" id="proposed">{{#proposed}}<div><dt>{{label}}</dt><dd>{{value}}</dd></div>{{/proposed}}
        <div><dt>{{t.correctionSeen}}</dt><dd>{{seen}}</dd></div></dl>
        {{#mayAccept}}<p>{{t.correctionSecondLead}}</p>
        <form method="post" action="{{path}}/accept" data-once>{{> web/csrf}}
        <div class="actions"><button type="submit">{{t.correctionAccept}}</button></div></form>{{/mayAccept}}
        {{#waitsForOther}}<p class="notice warn">{{t.correctionWaitsOther}}</p>{{/waitsForOther}}
        </section>{{/isProposed}}
        {{#mayRefuse}}<form class="card" method="post" action="{{path}}/refuse" data-once>{{> web/csrf}}
        {{#reasonField}}{{> web/field}}{{/reasonField}}
        <div class="actions"><button class="danger" type="submit">{{t.correctionRefuse}}</button></div></form>{{/mayRefuse}}
        <p><a href="/enrol/corrections">{{t.backToList}}</a></p>

        """
}

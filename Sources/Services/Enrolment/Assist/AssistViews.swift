import Accountability
import Kernel
import KhmerText
import Web

/// The officer's page of assisted sessions.
enum AssistViews {
    static let title = LocalizedText(km: "ជួយប្រជាពលរដ្ឋនៅបញ្ជរ", en: "Assist a person")

    /// The place, filled in when the officer works in one place alone.
    static func placeField(_ officer: Officer) -> FormField {
        let areas = officer.grants.compactMap { grant -> String? in
            guard grant.role.permissions.contains(.assistSession), case .area(let code) = grant.jurisdiction else {
                return nil
            }
            return code
        }
        return FormField(
            "place", LocalizedText(km: "លេខកូដទីកន្លែងរបស់បញ្ជរ", en: "Code of the counter's place"),
            value: areas.count == 1 ? areas[0] : "",
            hint: LocalizedText(
                km: "ឃុំ ស្រុក ឬខេត្ត៖ ២ ៤ ៦ ឬ ៨ ខ្ទង់។", en: "Commune, district or province: 2, 4, 6 or 8 digits."),
            autocomplete: "off", inputMode: "numeric", maximumLength: 8)
    }

    static func session(_ session: AssistedSession?, language: Language) -> [String: Any] {
        guard let session else { return ["assistLive": false] }
        return [
            "assistLive": true, "assistPlace": session.place[language],
            "assistStarted": KhmerDates.time(session.startedAt, language),
            "assistUntil": KhmerDates.time(session.endsAt, language), "assistUsed": session.personID != nil,
        ]
    }

    static let templates = ["assist": page]

    /// fields, csrf, assistLive (assistPlace, assistStarted, assistUntil, assistUsed)
    private static let page = """
        <h1>{{t.assistTitle}}</h1>
        {{> web/notice}}{{> web/errors}}
        {{#assistLive}}<section class="card cream" id="assist-live">
        <h2>{{t.assistOn}}</h2>
        <dl class="facts"><div><dt>{{t.assistWhere}}</dt><dd>{{assistPlace}}</dd></div>
        <div><dt>{{t.assistSince}}</dt><dd>{{assistStarted}}</dd></div>
        <div><dt>{{t.validUntil}}</dt><dd>{{assistUntil}}</dd></div></dl>
        {{#assistUsed}}<p class="notice info">{{t.assistWasUsed}}</p>{{/assistUsed}}
        <p>{{t.assistHow}}</p>
        <ul><li>{{t.assistRuleSelf}}</li><li>{{t.assistRuleLook}}</li><li>{{t.assistRuleEnd}}</li></ul>
        <form method="post" action="/enrol/assist/end" data-once>{{> web/csrf}}
        <div class="actions"><button class="danger" type="submit">{{t.assistEnd}}</button></div></form>
        </section>{{/assistLive}}
        {{^assistLive}}<form class="card" method="post" action="/enrol/assist/start" data-once>{{> web/csrf}}
        <p>{{t.assistLead}}</p>
        {{#fields}}{{> web/field}}{{/fields}}
        <div class="actions"><button type="submit">{{t.assistStart}}</button></div>
        </form>{{/assistLive}}
        <form method="post" action="/enrol/logout">{{> web/csrf}}\
        <button class="secondary" type="submit">{{t.logout}}</button></form>

        """

    static let texts: [String: LocalizedText] = [
        "assistTitle": title,
        "assistLead": LocalizedText(
            km: "សម្រាប់អ្នកគ្មានទូរស័ព្ទ៖ សាមីខ្លួនចូលសេវានៅកុំព្យូទ័រនេះ ដោយប្រើប័ណ្ណ PIN ឬសោសុវត្ថិភាពរបស់ខ្លួន។ វាត្រូវបានកត់ត្រាជាមួយឈ្មោះគណនីរបស់អ្នក។",
            en:
                "For a person without a phone, who logs in to a service on this computer with their own PIN card or security key. It is recorded under your account."
        ),
        "assistStart": LocalizedText(km: "ចាប់ផ្តើមវគ្គជំនួយ", en: "Start an assisted session"),
        "assistEnd": LocalizedText(km: "បញ្ចប់វគ្គជំនួយ", en: "End the assisted session"),
        "assistOn": LocalizedText(km: "វគ្គជំនួយកំពុងដំណើរការ", en: "An assisted session is open"),
        "assistWhere": LocalizedText(km: "ទីកន្លែង", en: "Place"),
        "assistSince": LocalizedText(km: "ចាប់ពីម៉ោង", en: "Since"),
        "assistWasUsed": LocalizedText(
            km: "មានមនុស្សម្នាក់បានចូលរួចហើយ។ មនុស្សផ្សេងត្រូវការវគ្គថ្មី។",
            en: "A person has logged in. Another person needs another session."),
        "assistHow": LocalizedText(
            km: "ឥឡូវ សូមបើកសេវាដែលសាមីខ្លួនចង់ប្រើ ក្នុងកម្មវិធីរុករកនេះ ហើយជ្រើសរើសចូលដោយ CamDigiKey។",
            en: "Now open the service in this browser and choose to log in with CamDigiKey."),
        "assistRuleSelf": LocalizedText(km: "អ្នកមិនអាចចូលជំនួសខ្លួនឯងបានទេ។", en: "You cannot log in as yourself."),
        "assistRuleLook": LocalizedText(
            km: "កុំមើលពេលសាមីខ្លួនវាយលេខ PIN ហើយកុំសួររកលេខនោះ។",
            en: "Look away while the person types the PIN, and never ask for it."),
        "assistRuleEnd": LocalizedText(
            km: "ពេលរួចរាល់ សូមបញ្ចប់វគ្គ ហើយបិទផ្ទាំងរបស់សេវា។",
            en: "When done, end the session and close the service's window."),
    ]
}

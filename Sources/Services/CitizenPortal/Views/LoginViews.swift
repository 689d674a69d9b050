import Kernel
import KhmerText
import Web

/// The pages about the browsers in which the citizen is logged in.
enum LoginViews {
    static let templates = ["sessions": list, "sessions_end": confirm]

    static let texts: [String: LocalizedText] = [
        "sessions": LocalizedText(km: "ខ្ញុំបានចូលនៅកន្លែងណា", en: "Where am I logged in"),
        "sessions_lead": LocalizedText(
            km: "អ្នកបានអនុម័តការចូលទាំងនេះលើទូរស័ព្ទរបស់អ្នក។ សូមបញ្ចប់ការចូលដែលអ្នកមិនស្គាល់ ឬលែងប្រើ។",
            en: "You approved these logins on your phone. End those that you do not know or no longer need."),
        "sessions_none": LocalizedText(
            km: "អ្នកមិនបានចូលក្នុងកម្មវិធីរុករកណាមួយទេ។", en: "You are not logged in on any browser."),
        "sessions_own": LocalizedText(km: "កម្មវិធីរុករកនេះ", en: "this browser"),
        "sessions_since": LocalizedText(km: "តាំងពី", en: "Since"),
        "sessions_until": LocalizedText(km: "រហូតដល់", en: "Until"),
        "sessions_services": LocalizedText(km: "សេវា", en: "Services"),
        "sessions_no_service": LocalizedText(km: "គ្មានសេវាណាមួយទេ", en: "no service"),
        "sessions_end": LocalizedText(km: "បញ្ចប់ការចូលនេះ", en: "End this login"),
        "sessions_end_all": LocalizedText(km: "បញ្ចប់ការចូលទាំងអស់", en: "End all logins"),
        "sessions_ask": LocalizedText(km: "បញ្ចប់ការចូលនេះមែនទេ?", en: "End this login?"),
        "sessions_ask_all": LocalizedText(km: "បញ្ចប់ការចូលទាំងអស់មែនទេ?", en: "End all logins?"),
        "sessions_note": LocalizedText(
            km: "សេវាដែលបានចូលនឹងត្រូវបានជូនដំណឹង ហើយលើកក្រោយត្រូវអនុម័តលើទូរស័ព្ទម្តងទៀត។",
            en: "The services are told, and the next login there needs an approval on your phone again."),
        "sessions_yes": LocalizedText(km: "បាទ/ចាស បញ្ចប់", en: "Yes, end"),
        "sessions_back": LocalizedText(km: "ត្រឡប់ក្រោយ", en: "Go back"),
        "session_ended": LocalizedText(
            km: "បានបញ្ចប់ការចូល។ សេវានានាកំពុងត្រូវបានជូនដំណឹង។",
            en: "The login has ended. The services are being told."),
        "session_gone": LocalizedText(km: "ការចូលនោះបានបញ្ចប់រួចហើយ។", en: "That login had ended already."),
        "sessions_ended": LocalizedText(
            km: "បានបញ្ចប់ការចូលទាំងអស់។ សេវានានាកំពុងត្រូវបានជូនដំណឹង។",
            en: "All logins have ended. The services are being told."),
    ]

    private static let facts = """
        <h2>{{browser}}{{#own}} <span class="badge good">{{t.sessions_own}}</span>{{/own}}</h2>
        <dl class="facts">
        <div><dt>{{t.sessions_since}}</dt><dd>{{since}}</dd></div>
        <div><dt>{{t.sessions_until}}</dt><dd>{{until}}</dd></div>
        <div><dt>{{t.sessions_services}}</dt><dd>{{services}}</dd></div>
        </dl>
        """

    private static let list = """
        <h1>{{t.sessions}}</h1>
        {{> web/notice}}
        <p class="lead">{{t.sessions_lead}}</p>
        {{^has_sessions}}<p class="card">{{t.sessions_none}}</p>{{/has_sessions}}
        {{#sessions}}<article class="card" data-session="{{id}}">
        \(facts)
        <form method="post" action="/app/sessions/{{id}}/end">{{> web/csrf}}\
        <button class="danger" type="submit">{{t.sessions_end}}</button></form>
        </article>{{/sessions}}
        {{#has_sessions}}<form method="post" action="/app/sessions/end">{{> web/csrf}}\
        <button class="danger" type="submit">{{t.sessions_end_all}}</button></form>{{/has_sessions}}
        <p><a href="/app">{{t.title}}</a></p>

        """

    private static let confirm = """
        <h1>{{heading}}</h1>
        {{#sessions}}<article class="card" data-session="{{id}}">
        \(facts)
        </article>{{/sessions}}
        <p>{{t.sessions_note}}</p>
        <form method="post" action="{{action}}" data-once>{{> web/csrf}}\
        <div class="actions"><button class="danger" type="submit" name="confirm" value="yes">{{t.sessions_yes}}</button>
        <a class="button secondary" href="/app/sessions">{{t.sessions_back}}</a></div></form>

        """

    static func list(
        _ logins: [BrowserLogin], own: String?, notice: (text: LocalizedText, kind: String)?, csrf: String,
        language: Language
    ) -> Page {
        var data = PortalViews.data(notice: notice, language: language)
        data["csrf"] = csrf
        data["has_sessions"] = !logins.isEmpty
        data["sessions"] = logins.map { item($0, own: own, language: language) }
        return Page("citizen/sessions", title: text("sessions"), data: data)
    }

    /// Asks before anything ends.
    /// - Parameter id: the one session; `nil` for all of them.
    static func confirm(
        _ logins: [BrowserLogin], id: String?, own: String?, csrf: String, language: Language
    ) -> Page {
        let heading = text(id == nil ? "sessions_ask_all" : "sessions_ask")
        return Page(
            "citizen/sessions_end", title: heading,
            data: [
                "heading": heading[language], "csrf": csrf,
                "action": LoginRoutes.path + (id.map { "/\($0)" } ?? "") + "/end",
                "sessions": logins.map { item($0, own: own, language: language) },
            ])
    }

    /// A browser in words. Names of products stay as they are.
    static func browser(_ words: String, _ language: Language) -> String {
        let parts = words.split(separator: ",", maxSplits: 1).map { $0.drop { $0 == " " } }
        let name = parts.first.map(String.init) ?? ""
        let known =
            name.isEmpty || name == "Browser"
            ? LocalizedText(km: "កម្មវិធីរុករកដែលមិនស្គាល់", en: "Unknown browser")[language] : name
        guard parts.count == 2 else { return known }
        return LocalizedText(km: "\(known) លើ \(parts[1])", en: "\(known) on \(parts[1])")[language]
    }

    private static func text(_ key: String) -> LocalizedText { texts[key] ?? LocalizedText(km: key, en: key) }

    private static func item(_ login: BrowserLogin, own: String?, language: Language) -> [String: Any] {
        let services = login.services.map { $0[language] }.joined(separator: " · ")
        return [
            "id": login.id, "browser": browser(login.browser, language), "own": login.id == own,
            "since": KhmerDates.short(login.startedAt, language), "until": KhmerDates.short(login.endsAt, language),
            "services": services.isEmpty ? text("sessions_no_service")[language] : services,
        ]
    }
}

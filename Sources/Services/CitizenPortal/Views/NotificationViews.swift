import Kernel
import KhmerText
import Web

/// The page of notifications.
enum NotificationViews {
    static let templates = ["notifications": list]

    static func notice(_ done: String) -> (text: LocalizedText, kind: String)? {
        switch done {
        case "push-on": texts["push_on_done"].map { ($0, "good") }
        case "push-off": texts["push_off_done"].map { ($0, "good") }
        default: nil
        }
    }

    /// - Parameter browsers: `nil` on a system that sends none.
    static func list(
        _ browsers: [Notifications.Browser]?, notice: (text: LocalizedText, kind: String)?, csrf: String,
        language: Language
    ) -> Page {
        var data = PortalViews.data(notice: notice, language: language)
        data["csrf"] = csrf
        data["sends"] = browsers != nil
        data["browsers"] = (browsers ?? []).map { browser in
            [
                "id": browser.id, "name": LoginViews.browser(browser.words, language),
                "since": KhmerDates.short(browser.since, language), "hash": browser.endpointHash,
                "delivered": browser.deliveredAt.map { KhmerDates.short($0, language) } ?? texts["push_never"]?[
                    language]
                    ?? "—",
            ]
        }
        data["has_browsers"] = browsers?.isEmpty == false
        return Page("citizen/notifications", title: text("notifications"), data: data)
    }

    private static func text(_ key: String) -> LocalizedText { texts[key] ?? LocalizedText(km: key, en: key) }

    static let texts: [String: LocalizedText] = [
        "notifications": LocalizedText(km: "ការជូនដំណឹង", en: "Notifications"),
        "push_lead": LocalizedText(
            km: "ទូរស័ព្ទ ឬកុំព្យូទ័រនេះអាចប្រាប់អ្នក នៅពេលមាននរណាម្នាក់សុំការអនុម័ត។ សារមិនបង្ហាញថាអ្នកណា ឬអ្វីឡើយ៖ អ្នកត្រូវបើកកម្មវិធីដើម្បីមើល។",
            en: "This phone or computer can tell you when somebody asks for your approval. The message never shows who "
                + "or what: you open the app to see it."),
        "push_off_state": LocalizedText(km: "ការជូនដំណឹងបិទក្នុងកម្មវិធីរុករកនេះ។", en: "Notifications are off in this browser."),
        "push_on_state": LocalizedText(km: "ការជូនដំណឹងបើកក្នុងកម្មវិធីរុករកនេះ។", en: "Notifications are on in this browser."),
        "push_denied": LocalizedText(
            km: "កម្មវិធីរុករកនេះហាមការជូនដំណឹងពីគេហទំព័រនេះ។ សូមអនុញ្ញាតក្នុងការកំណត់របស់កម្មវិធីរុករក។",
            en: "This browser blocks notifications of this site. Allow them in the browser's settings."),
        "push_unsupported": LocalizedText(
            km: "កម្មវិធីរុករកនេះមិនអាចបង្ហាញការជូនដំណឹងបានទេ។ នៅលើ iPhone សូមបន្ថែមទំព័រនេះទៅអេក្រង់ដើមជាមុនសិន។",
            en: "This browser cannot show notifications. On an iPhone add this page to the home screen first."),
        "push_failed": LocalizedText(
            km: "មិនបានសម្រេច។ សេវាជូនដំណឹងរបស់កម្មវិធីរុករកមិនឆ្លើយទេ។ សូមព្យាយាមម្តងទៀត។",
            en: "It did not work: the browser's push service did not answer. Please try again."),
        "push_working": LocalizedText(km: "សូមរង់ចាំ…", en: "Please wait…"),
        "push_no_script": LocalizedText(
            km: "ត្រូវការ JavaScript ដើម្បីបើកការជូនដំណឹង។", en: "Turning notifications on needs JavaScript."),
        "push_not_sent": LocalizedText(km: "ប្រព័ន្ធនេះមិនផ្ញើការជូនដំណឹងទេ។", en: "This system sends no notifications."),
        "push_turn_on": LocalizedText(km: "បើកការជូនដំណឹង", en: "Turn notifications on"),
        "push_turn_off": LocalizedText(km: "បិទការជូនដំណឹង", en: "Turn notifications off"),
        "push_browsers": LocalizedText(km: "បើកក្នុងកម្មវិធីរុករកទាំងនេះ", en: "On in these browsers"),
        "push_none": LocalizedText(km: "មិនទាន់បើកនៅកន្លែងណាទេ។", en: "Not on anywhere yet."),
        "push_since": LocalizedText(km: "តាំងពី", en: "Since"),
        "push_last": LocalizedText(km: "ជូនដំណឹងចុងក្រោយ", en: "Last notified"),
        "push_never": LocalizedText(km: "មិនទាន់មាន", en: "not yet"),
        "push_own": LocalizedText(km: "កម្មវិធីរុករកនេះ", en: "this browser"),
        "push_remove": LocalizedText(km: "ដកចេញ", en: "Remove"),
        "push_on_done": LocalizedText(km: "បានបើកការជូនដំណឹង។", en: "Notifications are on."),
        "push_off_done": LocalizedText(km: "បានបិទការជូនដំណឹង។", en: "Notifications are off."),
    ]

    private static let list = """
        <h1>{{t.notifications}}</h1>
        {{> web/notice}}
        <p class="lead">{{t.push_lead}}</p>
        {{^sends}}<p class="card">{{t.push_not_sent}}</p>{{/sends}}
        {{#sends}}<section class="card cream" data-push="none">
        <p role="status"><span data-when="none">{{t.push_no_script}}</span>\
        <span data-when="off" hidden>{{t.push_off_state}}</span><span data-when="on" hidden>{{t.push_on_state}}</span>\
        <span data-when="denied" hidden>{{t.push_denied}}</span>\
        <span data-when="unsupported" hidden>{{t.push_unsupported}}</span>\
        <span data-when="failed" hidden>{{t.push_failed}}</span>\
        <span data-when="working" hidden>{{t.push_working}}</span></p>
        <form method="post" action="/app/push" data-push-on data-when="off failed" hidden>{{> web/csrf}}\
        <input type="hidden" name="subscription" value=""><button type="submit">{{t.push_turn_on}}</button></form>
        <form method="post" action="/app/push/remove" data-push-off data-when="on" hidden>{{> web/csrf}}\
        <input type="hidden" name="endpoint" value=""><button class="secondary" type="submit">{{t.push_turn_off}}</button></form>
        </section>
        <h2>{{t.push_browsers}}</h2>
        {{^has_browsers}}<p class="card">{{t.push_none}}</p>{{/has_browsers}}
        {{#browsers}}<article class="card" data-endpoint="{{hash}}">
        <h3>{{name}} <span class="badge good" data-own hidden>{{t.push_own}}</span></h3>
        <dl class="facts"><div><dt>{{t.push_since}}</dt><dd>{{since}}</dd></div>
        <div><dt>{{t.push_last}}</dt><dd>{{delivered}}</dd></div></dl>
        <form method="post" action="/app/push/remove">{{> web/csrf}}<input type="hidden" name="id" value="{{id}}">\
        <button class="danger" type="submit">{{t.push_remove}}</button></form>
        </article>{{/browsers}}{{/sends}}

        """
}

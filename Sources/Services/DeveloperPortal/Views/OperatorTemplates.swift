import Kernel
import Web

/// The templates of the operators' pages.
enum OperatorTemplates {
    static let module = PageTemplates(
        module: "operator", templates: ["login": login, "list": list, "detail": detail], texts: texts)

    static let login = """
        <h1>{{t.login_title}}</h1>
        {{> web/notice}}
        <form method="post" action="/operator/login" class="card">{{> web/csrf}}
        {{#fields}}{{> web/field}}{{/fields}}
        <button type="submit">{{t.login}}</button></form>

        """

    static let list = """
        <h1>{{t.title}}</h1>
        <form method="get" action="/operator/relying-parties" role="search" class="card">
        {{#fields}}{{> web/field}}{{/fields}}{{#show}}{{> web/select}}{{/show}}
        <button type="submit">{{t.search}}</button></form>
        {{^hasRows}}<p class="card">{{t.none}}</p>{{/hasRows}}
        {{#hasRows}}<table class="cards"><thead><tr><th>{{t.name}}</th><th>{{t.client}}</th><th>{{t.organisation}}</th>\
        <th>{{t.profile}}</th><th>{{t.state}}</th></tr></thead><tbody>
        {{#rows}}<tr data-client="{{id}}"><td data-label="{{t.name}}"><a href="/operator/relying-parties/{{id}}">{{name}}</a></td>\
        <td data-label="{{t.client}}"><code>{{id}}</code></td><td data-label="{{t.organisation}}">{{organisation}}</td>\
        <td data-label="{{t.profile}}"><code>{{profile}}</code></td>\
        <td data-label="{{t.state}}"><span><span class="badge {{tone}}">{{state}}</span>\
        {{#waiting}} <span class="badge warn">{{t.waiting}} {{waiting}}</span>{{/waiting}}</span></td></tr>
        {{/rows}}</tbody></table>{{/hasRows}}
        {{#next}}<p><a id="next" href="{{next}}">{{t.next}}</a></p>{{/next}}
        <form method="post" action="/operator/logout">{{> web/csrf}}<button class="secondary" type="submit">{{t.logout}}</button></form>

        """

    static let detail = """
        <h1>{{name}}</h1>
        <p class="fine"><code>{{id}}</code> · {{organisation}} · <span class="badge {{tone}}">{{state}}</span></p>
        {{> web/notice}}
        {{> web/errors}}
        {{#open}}<section class="card cream" id="request"><h2>{{t.request}}</h2><p>{{t.asked}} {{askedAt}}</p>
        {{> developer/checks}}</section>{{/open}}
        {{^open}}<p class="card">{{t.no_request}}</p>{{/open}}
        <section><h2>{{heading}}</h2>
        <table class="cards" id="diff"><thead><tr><th>{{t.member}}</th><th>{{t.before}}</th><th>{{t.after}}</th></tr></thead><tbody>
        {{#differences}}<tr data-member="{{member}}" data-changed="{{changed}}"><td data-label="{{t.member}}"><span><code>{{member}}</code>\
        {{#isChange}} <span class="badge warn">{{t.changed}}</span>{{/isChange}}</span></td>\
        <td data-label="{{t.before}}"><span>{{#before}}<code>{{.}}</code><br>{{/before}}</span></td>\
        <td data-label="{{t.after}}"><span>{{#after}}<code>{{.}}</code><br>{{/after}}</span></td></tr>
        {{/differences}}</tbody></table></section>
        {{#open}}<div class="grid"><form method="post" action="/operator/relying-parties/{{id}}/approve" class="card" data-once>\
        {{> web/csrf}}<input type="hidden" name="request" value="{{request}}">
        <p>{{t.approve_note}}</p><button type="submit">{{t.approve}}</button></form>
        <form method="post" action="/operator/relying-parties/{{id}}/refuse" class="card" data-once>{{> web/csrf}}\
        <input type="hidden" name="request" value="{{request}}">
        {{#reason}}{{> developer/area}}{{/reason}}<button class="danger" type="submit">{{t.refuse}}</button></form></div>{{/open}}
        <p><a href="/operator/relying-parties">{{t.title}}</a></p>

        """

    static let texts: [String: LocalizedText] = [
        "title": LocalizedText(km: "សេវាដែលភ្ជាប់", en: "Relying parties"),
        "login_title": LocalizedText(km: "អ្នកប្រតិបត្តិ", en: "Operators"),
        "login": LocalizedText(km: "ចូលប្រើ", en: "Log in"), "logout": LocalizedText(km: "ចាកចេញ", en: "Log out"),
        "search": LocalizedText(km: "ស្វែងរក", en: "Search"), "none": LocalizedText(km: "រកមិនឃើញទេ។", en: "There is none."),
        "name": LocalizedText(km: "ឈ្មោះ", en: "Name"), "client": LocalizedText(km: "client_id", en: "client_id"),
        "organisation": LocalizedText(km: "ស្ថាប័ន", en: "Organisation"),
        "profile": LocalizedText(km: "ទម្រង់", en: "Profile"),
        "state": LocalizedText(km: "ស្ថានភាព", en: "State"), "waiting": LocalizedText(km: "រង់ចាំ", en: "waits since"),
        "next": LocalizedText(km: "ទំព័របន្ទាប់", en: "Next page"),
        "request": LocalizedText(km: "សំណើដាក់ឱ្យប្រើជាផ្លូវការ", en: "Request for production"),
        "asked": LocalizedText(km: "បានសុំនៅ", en: "Asked for on"),
        "no_request": LocalizedText(km: "គ្មានសំណើរង់ចាំទេ។", en: "No request waits."),
        "member": LocalizedText(km: "សមាជិក", en: "Member"),
        "before": LocalizedText(km: "បានអនុម័តចុងក្រោយ", en: "Approved last"),
        "after": LocalizedText(km: "ឥឡូវនេះ", en: "Now"), "changed": LocalizedText(km: "ប្តូរ", en: "changed"),
        "approve": LocalizedText(km: "អនុម័ត", en: "Approve"), "refuse": LocalizedText(km: "បដិសេធ", en: "Send back"),
        "optional": LocalizedText(km: "(មិនចាំបាច់)", en: "(optional)"),
        "approve_note": LocalizedText(
            km: "អ្នកបានអានគោលបំណង មូលដ្ឋានច្បាប់ និងអាសយដ្ឋាន ហើយអ្នកមិនមែនជាសមាជិកស្ថាប័ននេះទេ។",
            en: "You have read purposes, legal bases and addresses, and you do not belong to this organisation."),
    ]
}

import Web

/// The templates of the citizen's pages.
enum PortalTemplates {
    static let module = PageTemplates(
        module: "citizen",
        templates: merged([
            ["welcome": welcome, "home": home, "pending": pending, "passkeys": PasskeyViews.template],
            LoginViews.templates, AppViews.templates, RequestViews.templates,
            OwnDataViews.templates, OwnRecordViews.templates, ReportViews.templates, CorrectionViews.templates,
            NoticeViews.templates,
            NotificationViews.templates,
        ]),
        texts: merged([
            PortalStrings.all, LoginViews.texts, AppViews.texts, RequestViews.texts, OwnDataViews.texts,
            NoticeViews.texts, OwnRecordViews.texts, ReportViews.texts,
            NotificationViews.texts, CorrectionViews.texts, PasskeyViews.texts,
        ]))

    private static func merged<Value>(_ parts: [[String: Value]]) -> [String: Value] {
        parts.reduce(into: [:]) { all, part in all.merge(part) { own, _ in own } }
    }

    static let welcome = """
        <h1>{{t.title}}</h1>
        {{> web/notice}}
        <section class="card cream">
        <p class="lead">{{t.welcome}}</p>
        <div class="actions"><a class="button" id="login" href="/app/login{{to}}">{{t.login}}</a></div>
        </section>

        """

    static let pending = """
        <section class="card cream" data-poll="{{path}}" data-poll-interval="{{seconds}}">
        <h1>{{heading}}</h1>
        <p class="waiting" role="status">{{detail}}</p>
        <p><a href="{{path}}">{{t.proof}}</a> · <a href="/app">{{t.title}}</a></p>
        </section>

        """

    static let home = """
        <h1>{{t.title}}</h1>
        {{> web/notice}}
        <p><a id="sessions" href="/app/sessions">{{t.sessions}}</a> · <a id="passkeys" href="/app/passkeys">{{t.passkeys}}</a>\
        {{#reports}} · <a id="report" href="/app/report">{{t.report}}</a>{{/reports}}</p>
        <section id="consents">
        <h2>{{t.consents}}</h2>
        {{^has_consents}}<p class="card">{{t.consents_none}}</p>{{/has_consents}}
        {{#consents}}<article class="card" data-consent="{{id}}">
        <h3>{{client}} <span class="badge {{tone}}">{{state}}</span></h3>
        <dl class="facts">
        <div><dt>{{t.purpose}}</dt><dd>{{purpose}}</dd></div>
        <div><dt>{{t.data}}</dt><dd>{{attributes}}</dd></div>
        <div><dt>{{t.when}}</dt><dd>{{granted_at}} – {{valid_to}}</dd></div>
        </dl>
        <p><a href="/app/consents/{{id}}/receipt">{{t.receipt}}</a></p>
        {{#active}}<form method="post" action="/app/consents/{{id}}/withdraw" data-once>{{> web/csrf}}\
        <button class="danger" type="submit">{{t.withdraw}}</button> <span class="fine">{{t.withdraw_note}}</span></form>{{/active}}
        </article>{{/consents}}
        </section>
        <section id="access">
        <h2>{{t.access}}</h2>
        {{^has_entries}}<p class="card">{{t.access_none}}</p>{{/has_entries}}
        {{#has_entries}}<table class="cards">
        <thead><tr><th>{{t.when}}</th><th>{{t.who}}</th><th>{{t.purpose}}</th><th>{{t.data}}</th><th>{{t.basis}}</th><th></th></tr></thead>
        <tbody>{{#entries}}<tr data-entry="{{stream}}/{{sequence}}">
        <td data-label="{{t.when}}">{{at}}</td><td data-label="{{t.who}}">{{who}}</td>
        <td data-label="{{t.purpose}}">{{purpose}}</td><td data-label="{{t.data}}">{{attributes}}</td>
        <td data-label="{{t.basis}}">{{basis}}</td>
        <td data-label="{{t.proof}}"><a href="/app/access/{{stream}}/{{sequence}}/proof">{{t.proof}}</a></td>
        </tr>{{/entries}}</tbody></table>{{/has_entries}}
        <p>{{#newer}}<a href="/app">{{t.access_newest}}</a> {{/newer}}{{#next}}<a rel="next" href="/app?before={{next}}">{{t.access_more}}</a>{{/next}}</p>
        </section>
        <section id="devices">
        <h2>{{t.devices}}</h2>
        {{#devices}}<article class="card" data-device="{{id}}">
        <h3>{{name}} <span class="badge {{tone}}">{{state}}</span></h3>
        <p class="fine">{{platform}} · {{created}} · {{protection}}</p>
        {{#hasKeyNote}}<p class="fine">{{keyNote}}</p>{{/hasKeyNote}}
        {{#active}}<form method="post" action="/app/devices/{{id}}/block" data-once>{{> web/csrf}}\
        <button class="danger" type="submit">{{t.block}}</button></form>{{/active}}
        </article>{{/devices}}
        </section>
        <form method="post" action="/app/logout">{{> web/csrf}}<button class="secondary" type="submit">{{t.logout}}</button></form>

        """
}

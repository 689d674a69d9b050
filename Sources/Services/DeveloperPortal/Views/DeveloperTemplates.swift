import Web

/// The templates of the developers' pages.
enum DeveloperTemplates {
    static let module = PageTemplates(
        module: "developer",
        templates: [
            "welcome": welcome, "home": home, "organisation": organisation, "tabs": tabs, "area": area, "form": form,
            "client": client, "secret": secret, "samples": samples, "errors": errors, "golive": goLive,
            "checks": checks,
            "trial": trial, "result": result, "refused": refused,
        ], texts: DeveloperStrings.all)

    static let welcome = """
        <h1>{{t.title}}</h1>
        {{> web/notice}}
        <section class="card cream">
        <p class="lead">{{t.welcome}}</p>
        <ol><li>{{t.step_organisation}}</li><li>{{t.step_sandbox}}</li><li>{{t.step_try}}</li><li>{{t.step_live}}</li></ol>
        <div class="actions"><a class="button" id="login" href="/developers/login">{{t.login}}</a></div>
        </section>
        <p><a href="/.well-known/openid-configuration">{{t.discovery}}</a></p>

        """

    static let home = """
        <h1>{{t.title}}</h1>
        {{> web/notice}}
        {{> web/errors}}
        <section id="organisations">
        <h2>{{t.organisations}}</h2>
        {{^hasOrganisations}}<p class="card">{{t.organisations_none}}</p>{{/hasOrganisations}}
        <ul class="list">{{#organisations}}<li><a href="/developers/organisations/{{id}}">{{name}}</a> \
        <span class="badge">{{role}}</span> <code>{{code}}</code></li>{{/organisations}}</ul>
        </section>
        <div class="grid">
        <section class="card"><h2>{{t.organisation_new}}</h2>
        <form method="post" action="/developers/organisations" data-once>{{> web/csrf}}
        {{#createFields}}{{> web/field}}{{/createFields}}
        <button type="submit">{{t.organisation_make}}</button></form></section>
        <section class="card"><h2>{{t.join}}</h2>
        <form method="post" action="/developers/join" data-once>{{> web/csrf}}
        {{#joinFields}}{{> web/field}}{{/joinFields}}
        <button class="secondary" type="submit">{{t.join_do}}</button></form></section>
        </div>
        <form method="post" action="/developers/logout">{{> web/csrf}}\
        <button class="secondary" type="submit">{{t.logout}}</button></form>

        """

    static let organisation = """
        <h1>{{name}}</h1>
        <p class="fine"><code>{{code}}</code> · {{role}}</p>
        {{> web/notice}}
        {{#invitation}}<section class="card cream" id="invitation"><h2>{{t.invitation}}</h2>
        <p class="lead"><code data-invitation="{{invitation}}">{{invitation}}</code></p><p>{{t.invitation_once}}</p></section>{{/invitation}}
        <section id="clients"><h2>{{t.clients}}</h2>
        <p><a class="button" id="new-client" href="/developers/organisations/{{id}}/clients/new">{{t.client_new}}</a></p>
        {{^hasClients}}<p class="card">{{t.clients_none}}</p>{{/hasClients}}
        {{#hasClients}}<table class="cards"><thead><tr><th>{{t.name}}</th><th>{{t.client_id}}</th><th>{{t.profile}}</th>\
        <th>{{t.state}}</th></tr></thead><tbody>
        {{#clients}}<tr data-client="{{id}}"><td data-label="{{t.name}}"><a href="/developers/clients/{{id}}">{{name}}</a></td>\
        <td data-label="{{t.client_id}}"><code>{{id}}</code></td><td data-label="{{t.profile}}"><code>{{profile}}</code></td>\
        <td data-label="{{t.state}}"><span><span class="badge {{tone}}">{{state}}</span>\
        {{#waiting}} <span class="badge warn">{{t.waiting}}</span>{{/waiting}}</span></td></tr>
        {{/clients}}</tbody></table>{{/hasClients}}
        {{#next}}<p><a href="/developers/organisations/{{id}}?after={{next}}">{{t.more}}</a></p>{{/next}}</section>
        <section id="members"><h2>{{t.members}}</h2><ul class="list">
        {{#members}}<li>{{name}} <span class="badge">{{role}}</span>{{#you}} <span class="fine">{{t.you}}</span>{{/you}} \
        {{#removable}}<form method="post" action="/developers/organisations/{{id}}/members/{{person}}/remove" data-once>\
        {{> web/csrf}}<button class="danger" type="submit">{{#you}}{{t.leave}}{{/you}}{{^you}}{{t.remove}}{{/you}}\
        <span class="visually-hidden"> {{name}}</span></button></form>{{/removable}}</li>
        {{/members}}</ul>
        {{#owner}}<form method="post" action="/developers/organisations/{{id}}/invitations">{{> web/csrf}}
        {{#inviteRole}}{{> web/select}}{{/inviteRole}}<button class="secondary" type="submit">{{t.invite}}</button>
        <p class="fine">{{t.invite_note}}</p></form>{{/owner}}</section>
        <p><a href="/developers">{{t.title}}</a></p>

        """

    static let tabs = """
        <h1>{{clientName}}</h1>
        <p class="fine"><code>{{clientID}}</code> · <span class="badge {{tone}}">{{state}}</span></p>
        <nav class="card" aria-label="{{t.pages}}">{{#tabs}}<a href="{{path}}"{{#current}} aria-current="page"{{/current}}>{{text}}</a>\
        {{^last}} · {{/last}}{{/tabs}}</nav>

        """

    static let area = """
        <div class="field{{#error}} bad{{/error}}">
        <label for="f-{{name}}">{{label}}{{#optional}} <span class="fine">{{t.optional}}</span>{{/optional}}</label>
        {{#hint}}<p class="hint" id="h-{{name}}">{{hint}}</p>{{/hint}}
        {{#error}}<p class="error" id="e-{{name}}">{{error}}</p>{{/error}}
        <textarea id="f-{{name}}" name="{{name}}" rows="{{rows}}" spellcheck="false"\
        {{#described}} aria-describedby="{{described}}"{{/described}}{{#error}} aria-invalid="true"{{/error}}>{{value}}</textarea>
        </div>

        """

    static let form = """
        <h1>{{heading}}</h1>
        <p class="lead">{{lead}}</p>
        {{#explained}}<div class="notice info"><p>{{explained}}</p></div>{{/explained}}
        {{> web/errors}}
        <details class="card"><summary>{{t.profiles_explained}}</summary>
        <table class="cards"><thead><tr><th>{{t.profile}}</th><th>{{t.profile_for}}</th><th>{{t.authentication}}</th>\
        <th>{{t.demands}}</th></tr></thead><tbody>
        {{#profiles}}<tr><td data-label="{{t.profile}}"><code>{{profile}}</code></td><td data-label="{{t.profile_for}}">{{for}}</td>\
        <td data-label="{{t.authentication}}">{{authentication}}</td><td data-label="{{t.demands}}">{{demands}}</td></tr>
        {{/profiles}}</tbody></table></details>
        <form method="post" action="{{action}}" id="client-form" data-once>{{> web/csrf}}
        {{#sections}}<fieldset><legend>{{title}}</legend>{{#hint}}<p class="hint">{{hint}}</p>{{/hint}}
        {{#items}}{{#field}}{{> web/field}}{{/field}}{{#area}}{{> developer/area}}{{/area}}\
        {{#select}}{{> web/select}}{{/select}}{{#check}}{{> web/checkbox}}{{/check}}
        {{/items}}
        {{#attributes}}<details id="f-{{name}}"{{#open}} open{{/open}}><summary>{{t.attributes}}</summary>
        {{#error}}<p class="error">{{error}}</p>{{/error}}
        <div class="facts">{{#rows}}<div><label for="f-{{name}}">{{label}} <span class="fine">{{summary}}</span></label>\
        <select id="f-{{name}}" name="{{name}}">{{#options}}<option value="{{value}}"{{#selected}} selected{{/selected}}>{{text}}</option>\
        {{/options}}</select></div>
        {{/rows}}</div></details>{{/attributes}}
        </fieldset>
        {{/sections}}
        <div class="actions"><button type="submit">{{t.save}}</button><a class="button secondary" href="{{back}}">{{t.cancel}}</a></div>
        </form>

        """

    static let client = """
        {{> developer/tabs}}
        {{> web/notice}}
        {{#drafted}}<div class="notice warn"><p>{{t.draft_waits}}</p>\
        <form method="post" action="/developers/clients/{{clientID}}/draft/discard" data-once>{{> web/csrf}}\
        <button class="danger" type="submit">{{t.draft_discard}}</button></form></div>{{/drafted}}
        {{#refusal}}<div class="notice bad"><h2>{{t.refused}}</h2><p>{{refusal}}</p></div>{{/refusal}}
        {{#open}}<div class="notice info"><p>{{t.request_open}} {{open}}</p>\
        <form method="post" action="/developers/clients/{{clientID}}/golive/withdraw" data-once>{{> web/csrf}}\
        <button class="secondary" type="submit">{{t.request_withdraw}}</button></form></div>{{/open}}
        {{#sandbox}}<div class="notice info"><p>{{t.sandbox_note}}</p></div>{{/sandbox}}
        <section><h2>{{t.registration}}</h2><dl class="facts">
        {{#facts}}<div><dt>{{label}}</dt><dd>{{#lines}}<code>{{.}}</code><br>{{/lines}}</dd></div>
        {{/facts}}</dl></section>
        <section><h2>{{t.purposes}}</h2>
        {{#purposes}}<article class="card"><h3>{{text}} <code>{{code}}</code></h3><dl class="facts">
        <div><dt>{{t.legal_basis}}</dt><dd>{{basis}}</dd></div>
        <div><dt>{{t.essential}}</dt><dd>{{essential}}</dd></div><div><dt>{{t.optional_attributes}}</dt><dd>{{optional}}</dd></div>
        </dl></article>{{/purposes}}</section>
        <section><h2>{{t.logins}}</h2>
        {{^hasLogins}}<p class="card">{{t.logins_none}}</p>{{/hasLogins}}
        {{#hasLogins}}<table><thead><tr><th>{{t.day}}</th><th class="figure">{{t.logins}}</th></tr></thead><tbody>
        {{#logins}}<tr><td>{{day}}</td><td class="figure">{{count}}</td></tr>
        {{/logins}}</tbody></table>{{/hasLogins}}</section>
        {{#secretClient}}<section class="card"><h2>{{t.secret}}</h2><p>{{t.secret_note}}</p>
        <form method="post" action="/developers/clients/{{clientID}}/secret" data-once>{{> web/csrf}}\
        <button class="danger" type="submit">{{t.secret_new}}</button></form></section>{{/secretClient}}
        <p><a href="/developers/organisations/{{organisation}}">{{organisationName}}</a></p>

        """

    static let secret = """
        <h1>{{t.secret_made}}</h1>
        <section class="card cream"><p>{{t.secret_once}}</p>
        <dl class="facts"><div><dt>{{t.client_id}}</dt><dd><code>{{clientID}}</code></dd></div>
        <div><dt>{{t.secret}}</dt><dd><code data-secret="{{secret}}">{{secret}}</code></dd></div></dl></section>
        <div class="actions"><a class="button" href="/developers/clients/{{clientID}}">{{t.continue_client}}</a></div>

        """

    static let samples = """
        {{> developer/tabs}}
        <p>{{t.samples_note}}</p>
        {{#hasPurposes}}<p>{{t.purpose}}: {{#choices}}<a href="{{path}}"{{#current}} aria-current="page"{{/current}}><code>{{code}}</code></a> \
        {{/choices}}</p>{{/hasPurposes}}
        {{#samples}}<section><h2>{{title}}</h2><p class="fine">{{note}}</p>
        <pre id="sample-{{id}}" tabindex="0" role="region" aria-label="{{title}}"><code>{{code}}</code></pre></section>
        {{/samples}}

        """

    static let errors = """
        {{> developer/tabs}}
        <p>{{t.errors_note}}</p>
        <form method="get" action="/developers/clients/{{clientID}}/errors" role="search">
        {{#fields}}{{> web/field}}{{/fields}}<button class="secondary" type="submit">{{t.find}}</button></form>
        <section id="log"><h2>{{t.errors}}</h2>
        {{^hasEvents}}<p class="card">{{t.errors_none}}</p>{{/hasEvents}}
        {{#events}}<article class="card" data-event="{{code}}">
        <h3><code>{{code}}</code> <span class="fine">{{endpoint}} · {{at}}</span></h3>
        <p>{{description}}</p>
        {{#known}}<dl class="facts"><div><dt>{{t.means}}</dt><dd>{{text}}</dd></div><div><dt>{{t.cause}}</dt><dd>{{cause}}</dd></div>\
        <div><dt>{{t.remedy}}</dt><dd>{{remedy}}</dd></div></dl>{{/known}}
        <p class="fine">{{t.trace}} <code>{{trace}}</code></p></article>
        {{/events}}
        {{#next}}<p><a href="/developers/clients/{{clientID}}/errors?before={{next}}">{{t.older}}</a></p>{{/next}}</section>

        """

    static let checks = """
        <ul class="list" id="checks">{{#checks}}<li data-check="{{id}}" data-passed="{{passed}}">\
        <span class="badge {{tone}}">{{state}}</span> {{title}}{{#advice}}<br><span class="hint">{{advice}}</span>{{/advice}}</li>
        {{/checks}}</ul>

        """

    static let goLive = """
        {{> developer/tabs}}
        {{> web/notice}}
        <p>{{t.golive_note}}</p>
        {{> developer/checks}}
        {{#mayAsk}}<form method="post" action="/developers/clients/{{clientID}}/golive" data-once>{{> web/csrf}}\
        <button type="submit">{{t.golive_ask}}</button></form>{{/mayAsk}}
        {{^mayAsk}}<p class="card">{{whyNot}}</p>{{/mayAsk}}

        """

    static let trial = """
        {{> developer/tabs}}
        {{#sandbox}}<p>{{t.trial_note}}</p>
        <form method="post" action="/developers/clients/{{clientID}}/try">{{> web/csrf}}
        {{#purpose}}{{> web/select}}{{/purpose}}<button type="submit">{{t.trial_begin}}</button></form>{{/sandbox}}
        {{^sandbox}}<p class="card">{{t.trial_production}}</p>{{/sandbox}}

        """

    static let result = """
        {{> developer/tabs}}
        <div class="notice good" role="status"><p>{{t.trial_done}}</p></div>
        <section id="id-token"><h2>{{t.id_token}}</h2><p class="fine">{{t.id_token_note}}</p>
        <table class="cards"><thead><tr><th>{{t.member}}</th><th>{{t.value}}</th><th>{{t.meaning}}</th></tr></thead><tbody>
        {{#idToken}}<tr data-member="{{name}}"><td data-label="{{t.member}}"><code>{{name}}</code></td>\
        <td data-label="{{t.value}}"><code>{{value}}</code></td><td data-label="{{t.meaning}}">{{meaning}}</td></tr>
        {{/idToken}}</tbody></table></section>
        <section id="userinfo"><h2>{{t.userinfo}}</h2>
        <table class="cards"><thead><tr><th>{{t.member}}</th><th>{{t.value}}</th><th>{{t.meaning}}</th></tr></thead><tbody>
        {{#userInfo}}<tr data-member="{{name}}"><td data-label="{{t.member}}"><code>{{name}}</code></td>\
        <td data-label="{{t.value}}"><code>{{value}}</code></td><td data-label="{{t.meaning}}">{{meaning}}</td></tr>
        {{/userInfo}}</tbody></table></section>
        <section id="channels"><h2>{{t.channels}}</h2><p class="fine">{{t.channels_note}}</p>
        <table class="cards"><thead><tr><th>{{t.member}}</th><th>{{t.channel}}</th></tr></thead><tbody>
        {{#channels}}<tr data-channel="{{name}}"><td data-label="{{t.member}}"><code>{{name}}</code></td>\
        <td data-label="{{t.channel}}">{{channel}}</td></tr>
        {{/channels}}</tbody></table></section>
        <dl class="facts">{{#facts}}<div><dt>{{label}}</dt><dd>{{value}}</dd></div>{{/facts}}</dl>
        <details class="card"><summary>JSON</summary><pre tabindex="0" role="region" aria-label="JSON"><code>{{json}}</code></pre></details>
        <p><a class="button secondary" href="/developers/clients/{{clientID}}/try">{{t.trial_again}}</a></p>

        """

    static let refused = """
        {{> developer/tabs}}
        <section class="card problem"><h2>{{t.trial_refused}}</h2><p><code>{{code}}</code></p>
        {{#known}}<dl class="facts"><div><dt>{{t.means}}</dt><dd>{{text}}</dd></div><div><dt>{{t.cause}}</dt><dd>{{cause}}</dd></div>\
        <div><dt>{{t.remedy}}</dt><dd>{{remedy}}</dd></div></dl>{{/known}}
        <p><a class="button secondary" href="/developers/clients/{{clientID}}/try">{{t.trial_again}}</a></p></section>

        """
}

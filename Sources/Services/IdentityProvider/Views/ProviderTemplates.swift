import Web

/// The provider's templates. They work without scripts; the waiting page then loads itself again.
enum ProviderTemplates {
    static let module = PageTemplates(
        module: "idp",
        templates: [
            "consent": consent, "wait": wait, "expired": expired, "form_post": formPost, "device_done": deviceDone,
            "logout": logout, "logged_out": loggedOut,
        ].merging(ActivationPages.templates) { own, _ in own }.merging(QRPages.templates) { own, _ in own }
            .merging(CodeLoginPages.templates) { own, _ in own }.merging(CardPages.templates) { own, _ in own },
        texts: ProviderStrings.all.merging(ActivationPages.texts) { own, _ in own }
            .merging(QRPages.texts) { own, _ in own }.merging(CodeLoginPages.texts) { own, _ in own }
            .merging(CardPages.texts) { own, _ in own })

    /// Who asks, what for, which data, until when, and how to say no.
    static let consent = """
        <h1>{{t.consent_title}}</h1>
        {{> idp/assisted}}
        {{#has_error}}<div class="notice bad" role="alert" id="error"><p>{{error}}</p></div>{{/has_error}}
        <section class="card cream">
        {{#logo}}<p><img src="{{logo}}" alt="" width="48" height="48"></p>{{/logo}}
        <p class="lead"><b>{{client_name}}</b><br><span class="fine">{{client_host}}</span></p>
        <p>{{t.asks}}</p>
        <dl class="facts">
        <div><dt>{{t.purpose}}</dt><dd>{{purpose}}</dd></div>
        {{#has_attributes}}<div><dt>{{t.until}}</dt><dd>{{until}}</dd></div>{{/has_attributes}}
        </dl>
        </section>
        <form method="post" action="/authorize/start" data-once data-passkey="/authorize/passkey">
        <input type="hidden" name="request" value="{{request}}">
        {{#has_attributes}}<fieldset>
        <legend>{{t.which_data}}</legend>
        <p class="hint">{{t.which_help}}</p>
        {{#attributes}}<div class="check"><input type="checkbox" id="a-{{name}}" name="attr.{{name}}" value="on"\
        {{#checked}} checked{{/checked}}><label for="a-{{name}}"><b>{{label}}</b> \
        {{#essential}}<span class="badge warn">{{t.essential}}</span>{{/essential}}\
        {{^essential}}<span class="badge">{{t.optional}}</span>{{/essential}}<br>\
        <span class="fine">{{summary}}</span></label></div>
        {{/attributes}}<p class="fine">{{t.until_note}}</p>
        </fieldset>{{/has_attributes}}
        {{^has_attributes}}<p class="notice info">{{t.no_data}}</p>{{/has_attributes}}
        {{#has_details}}<section class="card"><h2>{{t.details}}</h2>
        <ul>{{#details}}<li>{{text}}</li>{{/details}}</ul></section>{{/has_details}}
        {{^assisted}}{{#known}}<p class="notice good" id="known">{{t.known}}</p>
        <details><summary>{{t.someone_else}}</summary>{{/known}}
        <div class="field{{#has_error}} bad{{/has_error}}">
        <label for="identifier">{{t.identifier}}</label>
        <p class="hint" id="identifier-hint">{{t.identifier_help}}</p>
        <input id="identifier" name="identifier" type="text" inputmode="numeric" autocomplete="username webauthn" maxlength="40"{{^known}} required{{/known}} \
        value="{{identifier}}" aria-describedby="identifier-hint{{#has_error}} error{{/has_error}}">
        </div>
        {{#known}}</details>{{/known}}{{/assisted}}
        <div class="notice bad" role="alert" id="passkey-error" hidden></div>
        <div class="actions">
        {{#assisted}}<button id="card" type="submit" formaction="/authorize/card">{{t.card_use}}</button>
        <button type="button" class="secondary" id="passkey" hidden>{{t.card_key}}</button>{{/assisted}}
        {{^assisted}}<button type="submit">{{t.continue}}</button>
        <button type="button" class="secondary" id="passkey" hidden>{{t.passkey}}</button>
        <button type="submit" class="secondary" id="scan" name="via" value="qr" formnovalidate>{{t.qr_start}}</button>{{/assisted}}
        <a class="button secondary" id="refuse" href="/authorize/cancel?request={{request}}">{{t.refuse}}</a>
        </div>
        {{^assisted}}<p><button class="secondary" id="no-phone" type="submit" formaction="/authorize/code" formnovalidate>\
        {{t.no_phone}}</button></p>{{/assisted}}
        </form>
        <p class="fine">{{#policy_uri}}<a href="{{policy_uri}}" rel="noreferrer">{{t.policy}}</a> {{/policy_uri}}\
        {{#terms_uri}}<a href="{{terms_uri}}" rel="noreferrer">{{t.terms}}</a>{{/terms_uri}}</p>

        """

    /// The number to choose on the phone.
    static let wait = """
        <h1>{{t.wait_title}}</h1>
        <section class="card" data-poll="{{status_url}}" data-events="{{events_url}}">
        <p>{{t.wait_open}}</p>
        {{> web/number}}
        <p>{{t.wait_check}}</p>
        <dl class="facts">
        <div><dt>{{t.service}}</dt><dd>{{client_name}} · {{client_host}}</dd></div>
        {{#has_from}}<div><dt>{{t.wait_from}}</dt><dd id="from">{{from}}</dd></div>{{/has_from}}
        </dl>
        {{#has_attributes}}<ul>{{#attributes}}<li>{{label}}</li>{{/attributes}}</ul>{{/has_attributes}}
        <p class="waiting" role="status">{{t.wait_working}}</p>
        </section>
        <p class="notice warn">{{t.wait_alone}}</p>
        {{#request_url}}<p><a class="button" id="this-phone" href="{{request_url}}">{{t.wait_here}}</a><br>\
        <span class="fine">{{t.wait_here_note}}</span></p>{{/request_url}}
        <p><a class="button secondary" href="{{self_url}}">{{t.wait_refresh}}</a></p>

        """

    /// Sends itself where scripts run; a button where they do not.
    static let formPost = """
        <form method="post" action="{{target}}" data-auto>
        {{#fields}}<input type="hidden" name="{{name}}" value="{{value}}">
        {{/fields}}<p>{{t.return_note}}</p>
        <button type="submit">{{t.return}}</button>
        </form>

        """

    static let deviceDone = """
        <section class="card">
        {{#granted}}<h1>{{t.device_done_title}}</h1><p>{{t.device_done}}</p>{{/granted}}
        {{^granted}}<h1>{{t.device_refused_title}}</h1><p>{{t.device_refused}}</p>{{/granted}}
        </section>

        """

    static let logout = """
        <section class="card">
        <h1>{{t.logout_title}}</h1>
        <p>{{t.logout_ask}}</p>
        <form method="post" action="/connect/logout">
        <input type="hidden" name="csrf" value="{{csrf}}">
        {{#fields}}<input type="hidden" name="{{name}}" value="{{value}}">
        {{/fields}}<div class="actions"><button type="submit" name="confirm" value="yes">{{t.logout_yes}}</button></div>
        </form>
        </section>

        """

    static let loggedOut = """
        <section class="card">
        <h1>{{t.logged_out_title}}</h1>
        <p>{{t.logged_out}}</p>
        </section>

        """

    static let expired = """
        <section class="card problem">
        <h1>{{t.expired_title}}</h1>
        <p>{{t.expired_text}}</p>
        <p><a class="button" href="{{continue_url}}">{{t.expired_back}}</a></p>
        </section>

        """
}

import Web

/// The provider's templates. They work without scripts; the waiting page then loads itself again.
enum ProviderTemplates {
    static let module = PageTemplates(
        module: "idp", templates: ["consent": consent, "wait": wait, "expired": expired], texts: ProviderStrings.all)

    /// Who asks, what for, which data, until when, and how to say no.
    static let consent = """
        <h1>{{t.consent_title}}</h1>
        {{#has_error}}<div class="notice bad" role="alert" id="error"><p>{{error}}</p></div>{{/has_error}}
        <section class="card cream">
        <p class="lead"><b>{{client_name}}</b><br><span class="fine">{{client_host}}</span></p>
        <p>{{t.asks}}</p>
        <dl class="facts">
        <div><dt>{{t.purpose}}</dt><dd>{{purpose}}</dd></div>
        {{#has_attributes}}<div><dt>{{t.until}}</dt><dd>{{until}}</dd></div>{{/has_attributes}}
        </dl>
        </section>
        <form method="post" action="/authorize/start" data-once>
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
        <div class="field{{#has_error}} bad{{/has_error}}">
        <label for="identifier">{{t.identifier}}</label>
        <p class="hint" id="identifier-hint">{{t.identifier_help}}</p>
        <input id="identifier" name="identifier" type="text" inputmode="numeric" autocomplete="off" maxlength="40" required \
        value="{{identifier}}" aria-describedby="identifier-hint{{#has_error}} error{{/has_error}}">
        </div>
        <div class="actions">
        <button type="submit">{{t.continue}}</button>
        <a class="button secondary" id="refuse" href="/authorize/cancel?request={{request}}">{{t.refuse}}</a>
        </div>
        </form>
        <p class="fine">{{#policy_uri}}<a href="{{policy_uri}}" rel="noreferrer">{{t.policy}}</a> {{/policy_uri}}\
        {{#terms_uri}}<a href="{{terms_uri}}" rel="noreferrer">{{t.terms}}</a>{{/terms_uri}}</p>

        """

    /// The number to choose on the phone.
    static let wait = """
        <h1>{{t.wait_title}}</h1>
        <section class="card" data-poll="{{status_url}}">
        <p>{{t.wait_open}}</p>
        {{> web/number}}
        <p>{{t.wait_check}}</p>
        <dl class="facts">
        <div><dt>{{t.service}}</dt><dd>{{client_name}} · {{client_host}}</dd></div>
        </dl>
        {{#has_attributes}}<ul>{{#attributes}}<li>{{label}}</li>{{/attributes}}</ul>{{/has_attributes}}
        <p class="waiting" role="status">{{t.wait_working}}</p>
        </section>
        <p class="notice warn">{{t.wait_alone}}</p>
        <p><a class="button secondary" href="{{self_url}}">{{t.wait_refresh}}</a></p>

        """

    static let expired = """
        <section class="card problem">
        <h1>{{t.expired_title}}</h1>
        <p>{{t.expired_text}}</p>
        <p><a class="button" href="{{continue_url}}">{{t.expired_back}}</a></p>
        </section>

        """
}

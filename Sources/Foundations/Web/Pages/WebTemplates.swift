import Kernel

/// The components that pages of all modules share, as partials `web/...`, and the page for errors.
enum WebTemplates {
    static let module = PageTemplates(
        module: "web",
        templates: [
            "error": errorPage, "csrf": csrf, "field": field, "select": select, "checkbox": checkbox, "errors": errors,
            "card_script": CardScript.notices, "notice": notice, "steps": steps, "facts": facts, "number": number,
        ], texts: texts.merging(CardScript.texts) { own, _ in own })

    /// heading, detail, errors, code, trace, home (where the button leads)
    static let errorPage = """
        <section class="card problem">
        <h1>{{heading}}</h1>
        <p>{{detail}}</p>
        {{#errors}}<p class="error"><b>{{field}}</b>: {{message}}</p>{{/errors}}
        <p><a class="button secondary" href="{{home}}">{{t.home}}</a></p>
        <p class="fine">{{t.reference}} {{#about}}<a href="{{about}}"><code>{{code}}</code></a>{{/about}}\
        {{^about}}<code>{{code}}</code>{{/about}} · <code>{{trace}}</code></p>
        </section>

        """

    /// csrf
    static let csrf = "<input type=\"hidden\" name=\"csrf\" value=\"{{csrf}}\">"

    /// A `FormField`.
    static let field = """
        <div class="field{{#error}} bad{{/error}}">
        <label for="f-{{name}}">{{label}}{{#optional}} <span class="fine">{{t.optional}}</span>{{/optional}}</label>
        {{#hint}}<p class="hint" id="h-{{name}}">{{hint}}</p>{{/hint}}
        {{#error}}<p class="error" id="e-{{name}}">{{error}}</p>{{/error}}
        <input id="f-{{name}}"{{^unsent}} name="{{name}}"{{/unsent}} type="{{type}}"{{#value}} value="{{value}}"{{/value}}\
        {{#inputmode}} inputmode="{{inputmode}}"{{/inputmode}}{{#autocomplete}} autocomplete="{{autocomplete}}"\
        {{/autocomplete}}{{#maxlength}} maxlength="{{maxlength}}"{{/maxlength}}{{#required}} required{{/required}}\
        {{#described}} aria-describedby="{{described}}"{{/described}}{{#error}} aria-invalid="true"{{/error}}>
        </div>

        """

    /// name, label, options (value, text, selected), error; optional, required
    static let select = """
        <div class="field{{#error}} bad{{/error}}">
        <label for="f-{{name}}">{{label}}{{#optional}} <span class="fine">{{t.optional}}</span>{{/optional}}</label>
        {{#error}}<p class="error" id="e-{{name}}">{{error}}</p>{{/error}}
        <select id="f-{{name}}" name="{{name}}"{{#required}} required{{/required}}{{#error}} aria-invalid="true" aria-describedby="e-{{name}}"{{/error}}>
        {{#options}}<option value="{{value}}"{{#selected}} selected{{/selected}}>{{text}}</option>
        {{/options}}</select>
        </div>

        """

    /// name, label, value, checked, hint
    static let checkbox = """
        <div class="check"><input type="checkbox" id="f-{{name}}" name="{{name}}" value="{{value}}"\
        {{#checked}} checked{{/checked}}><label for="f-{{name}}">{{label}}</label></div>

        """

    /// errors (field, label, message)
    static let errors = """
        {{#hasErrors}}<div class="notice bad" role="alert"><h2>{{t.check}}</h2><ul>
        {{#errors}}<li><a href="#f-{{field}}">{{#label}}{{label}}: {{/label}}{{message}}</a></li>
        {{/errors}}</ul></div>{{/hasErrors}}

        """

    /// notice (kind: info, good, warn, bad; text)
    static let notice = """
        {{#notice}}<div class="notice {{kind}}" role="status"><p>{{text}}</p></div>{{/notice}}

        """

    /// steps (text, done, current)
    static let steps = """
        <ol class="steps">{{#steps}}<li{{#done}} class="done"{{/done}}{{#current}} aria-current="step"{{/current}}>\
        <span>{{text}}</span></li>{{/steps}}</ol>

        """

    /// facts (label, value)
    static let facts = """
        <dl class="facts">{{#facts}}<div><dt>{{label}}</dt><dd>{{value}}</dd></div>{{/facts}}</dl>

        """

    /// number: the two digits to choose on the phone
    static let number = """
        <p class="number"><span class="visually-hidden">{{t.number}} </span><b>{{number}}</b></p>

        """

    static let texts: [String: LocalizedText] = [
        "home": LocalizedText(km: "ទៅទំព័រដើម", en: "Go to the first page"),
        "reference": LocalizedText(km: "លេខយោង៖", en: "Reference:"),
        "optional": LocalizedText(km: "(មិនចាំបាច់)", en: "(optional)"),
        "check": LocalizedText(km: "សូមពិនិត្យព័ត៌មានខាងក្រោម", en: "Please check the following"),
        "number": LocalizedText(km: "លេខផ្ទៀងផ្ទាត់", en: "Matching number"),
        "continue": LocalizedText(km: "បន្ត", en: "Continue"),
        "cancel": LocalizedText(km: "បោះបង់", en: "Cancel"),
        "back": LocalizedText(km: "ត្រឡប់ក្រោយ", en: "Back"),
        "save": LocalizedText(km: "រក្សាទុក", en: "Save"),
        "login": LocalizedText(km: "ចូលប្រើ", en: "Log in"),
        "logout": LocalizedText(km: "ចាកចេញ", en: "Log out"),
        "yes": LocalizedText(km: "យល់ព្រម", en: "Yes"),
        "no": LocalizedText(km: "មិនយល់ព្រម", en: "No"),
        "search": LocalizedText(km: "ស្វែងរក", en: "Search"),
        "next": LocalizedText(km: "បន្ទាប់", en: "Next"),
    ]
}

import Kernel

extension HouseholdViews {
    static let templates = [
        "households": households, "household_lines": lines, "household_new": newHousehold, "household": household,
        "household_field": field, "village": village,
    ]

    /// A field for a village, with suggestions.
    private static let village = """
        <div class="field{{#error}} bad{{/error}}"><label for="f-{{name}}">{{label}}</label>
        {{#hint}}<p class="hint" id="h-{{name}}">{{hint}}</p>{{/hint}}
        {{#error}}<p class="error" id="e-{{name}}">{{error}}</p>{{/error}}
        <input id="f-{{name}}" name="{{name}}" list="places" autocomplete="off" maxlength="60" required\
        {{#value}} value="{{value}}"{{/value}}{{#described}} aria-describedby="{{described}}"{{/described}}\
        {{#error}} aria-invalid="true"{{/error}}></div>

        """

    private static let households = """
        <h1>{{t.householdsTitle}}</h1>
        {{> web/notice}}{{> web/errors}}
        <datalist id="places">{{#places}}<option value="{{value}}">{{text}}</option>{{/places}}</datalist>
        <form class="card" method="post" action="/register/households/search" role="search">{{> web/csrf}}
        {{#queryField}}{{> web/field}}{{/queryField}}
        <div class="actions"><button type="submit">{{t.search}}</button>\
        {{#mayOpen}}<a class="button secondary" href="/register/households/new">{{t.openHousehold}}</a>{{/mayOpen}}</div>
        <p class="fine">{{t.logged}}</p></form>
        {{#hasHeadless}}<section class="card cream"><h2>{{t.headless}}</h2>{{#headless}}{{> register/household_lines}}\
        {{/headless}}</section>{{/hasHeadless}}
        <form class="card" method="get" action="/register/households">{{#villageField}}{{> register/village}}{{/villageField}}
        <div class="actions"><button class="secondary" type="submit">{{t.listVillage}}</button></div></form>
        {{#searched}}<h2>{{t.results}}</h2>{{#found}}{{> register/household_lines}}{{/found}}\
        {{^hasFound}}<p>{{t.noHouseholds}}</p>{{/hasFound}}{{/searched}}
        <p><a href="/register">{{t.back}}</a></p>

        """

    /// path, number, village, count, needsHead
    private static let lines = """
        <p class="line"><a href="{{path}}">{{number}}</a> · {{village}} · {{t.memberCount}} {{count}}\
        {{#needsHead}} <span class="badge warn">{{t.needsHead}}</span>{{/needsHead}}</p>

        """

    private static let newHousehold = """
        <h1>{{t.openHousehold}}</h1>
        {{> web/notice}}{{> web/errors}}
        <p>{{t.openLead}}</p>
        <form class="card" method="post" action="/register/households/new" data-once autocomplete="off">{{> web/csrf}}
        <input type="hidden" name="request_key" value="{{requestKey}}">
        <datalist id="places">{{#places}}<option value="{{value}}">{{text}}</option>{{/places}}</datalist>
        <div class="fields">{{#villageField}}{{> register/village}}{{/villageField}}\
        {{#openFields}}{{> web/field}}{{/openFields}}</div>
        <div class="actions"><button type="submit">{{t.openHousehold}}</button></div></form>
        <p><a href="/register/households">{{t.householdsTitle}}</a></p>

        """

    private static let household = """
        <h1>{{t.household}} {{heading}}{{#isClosed}} <span class="badge bad">{{t.closed}}</span>{{/isClosed}}\
        {{#needsHead}} <span class="badge warn">{{t.needsHead}}</span>{{/needsHead}}</h1>
        {{> web/notice}}{{> web/errors}}
        {{#needsHead}}<div class="notice warn" role="status"><p>{{#isEmpty}}{{t.nobodyLeft}}{{/isEmpty}}\
        {{^isEmpty}}{{t.chooseHead}}{{/isEmpty}}</p></div>{{/needsHead}}
        <section class="card">{{> web/facts}}</section>
        <section class="card"><h2>{{t.members}}</h2>
        {{^isEmpty}}<table class="cards"><thead><tr><th scope="col">{{t.who}}</th><th scope="col">{{t.relationColumn}}</th>\
        <th scope="col">{{t.sex}}</th><th scope="col">{{t.born}}</th><th scope="col">{{t.memberSince}}</th></tr></thead><tbody>
        {{#members}}<tr><td data-label="{{t.who}}"><b>{{name}}</b>{{#latin}}<br>{{latin}}{{/latin}}</td>\
        <td data-label="{{t.relationColumn}}">{{relation}}{{#isProposed}} <span class="badge">{{t.proposed}}</span>{{/isProposed}}</td>\
        <td data-label="{{t.sex}}">{{sex}}</td><td data-label="{{t.born}}">{{born}}</td>\
        <td data-label="{{t.memberSince}}">{{since}}</td></tr>
        {{/members}}</tbody></table>{{/isEmpty}}{{#isEmpty}}<p>{{t.noMembers}}</p>{{/isEmpty}}
        <p class="fine">{{t.logged}}</p></section>
        {{#mayChange}}<section class="card" id="steps"><h2>{{t.actions}}</h2>
        <datalist id="places">{{#places}}<option value="{{value}}">{{text}}</option>{{/places}}</datalist>
        {{#steps}}<details id="step-{{step}}"{{#open}} open{{/open}}><summary>{{text}}</summary>
        <form method="post" action="{{path}}/do" data-once autocomplete="off">{{> web/csrf}}\
        <input type="hidden" name="version" value="{{version}}"><input type="hidden" name="request_key" value="{{requestKey}}">
        {{#hint}}<p class="fine">{{hint}}</p>{{/hint}}
        <div class="fields">{{#fields}}{{> register/household_field}}{{/fields}}</div>
        <div class="actions"><button class="{{tone}}" type="submit" name="step" value="{{step}}">{{text}}</button></div>
        </form></details>
        {{/steps}}</section>{{/mayChange}}
        <form class="card" method="get" action="{{path}}"><h2>{{t.asAt}}</h2>
        <div class="fields">{{#asAtFields}}{{> web/field}}{{/asAtFields}}</div>
        <div class="actions"><button class="secondary" type="submit">{{t.look}}</button>\
        {{#isPast}}<a class="button secondary" href="{{path}}">{{t.today}}</a>{{/isPast}}</div></form>
        <section class="card"><h2>{{t.history}}</h2><ol class="list">{{#history}}<li><b>{{what}}</b>\
        {{#who}} · {{who}}{{/who}} · {{day}}<br><span class="fine">{{t.noted}} {{at}}{{#reference}} · {{reference}}{{/reference}}\
        </span></li>{{/history}}</ol></section>
        <p><a href="/register/households">{{t.householdsTitle}}</a></p>

        """

    private static let field = """
        {{#isText}}<div class="field{{#error}} bad{{/error}}">
        <label for="{{id}}">{{label}}{{#optional}} <span class="fine">{{t.optional}}</span>{{/optional}}</label>
        {{#hint}}<p class="hint" id="{{hintID}}">{{hint}}</p>{{/hint}}
        {{#error}}<p class="error" id="e-{{step}}-{{name}}" role="alert">{{error}}</p>{{/error}}
        <input id="{{id}}" name="{{name}}" maxlength="{{maxlength}}" autocomplete="off"{{#list}} list="places"{{/list}}\
        {{#value}} value="{{value}}"{{/value}}{{#inputmode}} inputmode="{{inputmode}}"{{/inputmode}}\
        {{#required}} required{{/required}}{{#described}} aria-describedby="{{described}}"{{/described}}\
        {{#error}} aria-invalid="true"{{/error}}></div>
        {{/isText}}{{#isSelect}}<div class="field{{#error}} bad{{/error}}"><label for="{{id}}">{{label}}</label>
        {{#error}}<p class="error" id="e-{{step}}-{{name}}" role="alert">{{error}}</p>{{/error}}
        <select id="{{id}}" name="{{name}}" required{{#described}} aria-describedby="{{described}}"{{/described}}\
        {{#error}} aria-invalid="true"{{/error}}>{{#options}}<option value="{{value}}"{{#selected}} selected{{/selected}}>\
        {{text}}</option>{{/options}}</select></div>
        {{/isSelect}}{{#isChecks}}<fieldset class="field{{#error}} bad{{/error}}"><legend>{{label}}</legend>
        {{#error}}<p class="error" role="alert">{{error}}</p>{{/error}}
        {{#checks}}<p><label><input type="checkbox" id="{{id}}" name="{{name}}" value="{{value}}"{{#checked}} checked{{/checked}}> \
        {{text}}</label></p>{{/checks}}</fieldset>
        {{/isChecks}}

        """

    static let texts: [String: LocalizedText] = [
        "householdsTitle": title, "household": LocalizedText(km: "គ្រួសារ", en: "Household"),
        "openHousehold": LocalizedText(km: "បើកគ្រួសារថ្មី", en: "Open a household"),
        "openLead": LocalizedText(
            km: "បើកជាមួយមេគ្រួសារសិន រួចបន្ថែមសមាជិកនៅទំព័របន្ទាប់។ អ្នកដែលចូលនឹងមានលំនៅនៅទីនេះ។",
            en: "Open it with its head, then add the members on the next page. Whoever joins lives here from then on."),
        "headless": LocalizedText(km: "គ្រួសារដែលគ្មានមេគ្រួសារ", en: "Households without a head"),
        "needsHead": LocalizedText(km: "ត្រូវការមេគ្រួសារ", en: "Needs a head"),
        "listVillage": LocalizedText(km: "បង្ហាញគ្រួសារក្នុងភូមិ", en: "Show the households of the village"),
        "noHouseholds": LocalizedText(km: "គ្មានគ្រួសារក្នុងភូមិនេះទេ។", en: "There is no household in this village."),
        "memberCount": LocalizedText(km: "សមាជិក៖", en: "Members:"),
        "members": LocalizedText(km: "សមាជិក", en: "Members"),
        "noMembers": LocalizedText(km: "គ្មានសមាជិកទេ។", en: "There are no members."),
        "relationColumn": LocalizedText(km: "ត្រូវជា", en: "Relation"),
        "memberSince": LocalizedText(km: "នៅក្នុងគ្រួសារតាំងពី", en: "In it since"),
        "proposed": LocalizedText(km: "ស្នើជាមេគ្រួសារ", en: "Proposed as head"),
        "closed": LocalizedText(km: "បានបិទ", en: "Closed"),
        "nobodyLeft": LocalizedText(
            km: "គ្មាននរណានៅសល់ទេ។ សូមបិទគ្រួសារនេះ។", en: "Nobody is left. Close the household."),
        "chooseHead": LocalizedText(
            km: "មេគ្រួសារបានស្លាប់ ឬចេញហើយ។ សូមជ្រើសរើសមេគ្រួសារថ្មី។",
            en: "The head has died or left. Choose a new one."),
        "asAt": LocalizedText(km: "មើលអតីតកាល", en: "Look at the past"),
        "look": LocalizedText(km: "មើល", en: "Look"), "today": LocalizedText(km: "បច្ចុប្បន្ន", en: "Now"),
        "noted": LocalizedText(km: "កត់ត្រានៅ", en: "Noted on"),
    ]
}

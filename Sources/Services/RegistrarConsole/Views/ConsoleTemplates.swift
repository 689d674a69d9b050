import Web

extension RegistrarConsole {
    /// The templates and texts of the module `register`, for `WebApplication`.
    public static let templates = PageTemplates(
        module: "register",
        templates: [
            "home": home_, "queue": queue, "lines": lines, "form": form, "sections": sections, "record": record,
            "step": step, "people": SearchViews.people,
        ]
        .merging(DuplicateViews.templates) { own, _ in own }.merging(OfflineViews.templates) { own, _ in own }
        .merging(BookViews.templates) { own, _ in own }.merging(HouseholdViews.templates) { own, _ in own }
        .merging(StayViews.templates) { own, _ in own },
        texts: ConsoleTexts.texts.merging(DuplicateViews.texts) { own, _ in own }
            .merging(OfflineViews.texts) { own, _ in own }.merging(BookViews.texts) { own, _ in own }
            .merging(SearchViews.texts) { own, _ in own }.merging(HouseholdViews.texts) { own, _ in own }
            .merging(StayViews.texts) { own, _ in own })

    /// queues (path, text, count, waits), kinds (path, text, key), searchFields, people, records
    private static let home_ = """
        <h1>{{t.queues}}</h1>
        {{> web/notice}}{{> web/errors}}{{> register/kept}}
        <form class="card" method="post" action="/register/search" role="search">{{> web/csrf}}
        <div class="fields">{{#searchFields}}{{> web/field}}{{/searchFields}}</div>
        <div class="actions"><button type="submit">{{t.search}}</button></div>
        <p class="fine">{{t.logged}}</p></form>
        {{#hasResults}}<h2>{{t.results}}</h2>{{#nothing}}<p>{{t.nothing}}</p>{{/nothing}}
        {{#hasMore}}<p class="notice">{{t.more}}</p>{{/hasMore}}
        {{#hasPeople}}<h3>{{t.people}}</h3>{{> register/people}}{{/hasPeople}}
        {{#hasRecords}}<h3>{{t.foundRecords}}</h3>{{> register/lines}}{{/hasRecords}}{{/hasResults}}
        <ul class="queues">{{#queues}}<li><a href="{{path}}"{{#waits}} class="waits"{{/waits}}><span>{{text}}</span> \
        <b>{{count}}</b></a></li>{{/queues}}</ul>
        {{#mayDeclare}}<h2>{{t.newEvent}}</h2>
        <ul class="events">{{#kinds}}<li><a class="button secondary" href="{{path}}">{{text}}</a></li>{{/kinds}}</ul>
        {{/mayDeclare}}
        <form method="post" action="/register/logout">{{> web/csrf}}\
        <button class="secondary" type="submit">{{t.logout}}</button></form>

        """

    /// heading, records, hasRecords
    private static let queue = """
        <h1>{{heading}}</h1>
        {{#hasRecords}}{{> register/lines}}{{/hasRecords}}
        {{^hasRecords}}<p>{{t.empty}}</p>{{/hasRecords}}
        <p><a href="/register">{{t.back}}</a></p>

        """

    /// records (path, event, name, date, state, tone, late, since, number)
    private static let lines = """
        <table class="cards"><thead><tr><th scope="col">{{t.number}}</th><th scope="col">{{t.event}}</th>\
        <th scope="col">{{t.who}}</th><th scope="col">{{t.date}}</th><th scope="col">{{t.state}}</th>\
        <th scope="col">{{t.since}}</th></tr></thead><tbody>
        {{#records}}<tr><td data-label="{{t.number}}"><a href="{{path}}">{{number}}</a></td>\
        <td data-label="{{t.event}}">{{event}}</td><td data-label="{{t.who}}">{{name}}\
        {{#near}} <span class="badge warn">{{near}}</span>{{/near}}</td>\
        <td data-label="{{t.date}}">{{date}}</td>\
        <td data-label="{{t.state}}"><span class="badge {{tone}}">{{state}}</span>\
        {{#late}} <span class="badge warn">{{late}}</span>{{/late}}</td>\
        <td data-label="{{t.since}}">{{since}}</td></tr>
        {{/records}}</tbody></table>

        """

    /// heading, action, sections (id, title, fields), places, officeField, reasonField, basisField
    private static let form = """
        <h1>{{heading}}</h1>
        {{> web/notice}}{{> web/errors}}
        {{#isCorrection}}<p>{{lead}}</p>{{/isCorrection}}
        <form method="post" action="{{action}}" data-once{{#offline}} data-offline="{{offline}}"{{/offline}} autocomplete="off">{{> web/csrf}}
        <input type="hidden" name="request_key" value="{{requestKey}}">
        {{#sequence}}<input type="hidden" name="sequence" value="{{sequence}}">{{/sequence}}
        <datalist id="places">{{#places}}<option value="{{value}}">{{text}}</option>{{/places}}</datalist>
        {{#officeField}}<section class="card">{{> web/field}}</section>{{/officeField}}
        {{> register/sections}}
        {{#isCorrection}}<section class="card">{{#reasonField}}{{> web/field}}{{/reasonField}}\
        {{#basisField}}{{> web/field}}{{/basisField}}</section>
        <div class="actions"><button type="submit">{{request}}</button></div>{{/isCorrection}}
        {{^isCorrection}}<div class="actions">\
        <button type="submit" name="action" value="declare">{{t.declare}}</button>\
        {{#hasPersons}}<button class="secondary" type="submit" name="action" value="fill" formnovalidate>{{t.fill}}</button>\
        {{/hasPersons}}{{#isNew}}<button class="secondary" type="submit" name="action" value="draft" formnovalidate>\
        {{t.saveDraft}}</button>{{/isNew}}</div>{{/isCorrection}}
        </form>
        <p><a href="/register">{{t.back}}</a></p>

        """

    /// The fields of a form, by section.
    private static let sections = """
        {{#sections}}<fieldset class="card event"><legend><h2>{{title}}</h2></legend><div class="fields">
        {{#fields}}{{#isSelect}}{{#select}}{{> web/select}}{{/select}}{{/isSelect}}\
        {{#isText}}{{#field}}{{> web/field}}{{/field}}{{/isText}}\
        {{#isPlace}}{{#field}}<div class="field{{#error}} bad{{/error}}">
        <label for="f-{{name}}">{{label}}{{#optional}} <span class="fine">{{t.optional}}</span>{{/optional}}</label>
        {{#hint}}<p class="hint" id="h-{{name}}">{{hint}}</p>{{/hint}}
        {{#error}}<p class="error" id="e-{{name}}">{{error}}</p>{{/error}}
        <input id="f-{{name}}" name="{{name}}" list="places" autocomplete="off" maxlength="60"\
        {{#value}} value="{{value}}"{{/value}}{{#required}} required{{/required}}\
        {{#described}} aria-describedby="{{described}}"{{/described}}{{#error}} aria-invalid="true"{{/error}}></div>\
        {{/field}}{{/isPlace}}{{/fields}}</div></fieldset>
        {{/sections}}

        """

    /// heading, state, tone, facts, sections, flags, pending, steps, history
    private static let record = """
        <h1>{{heading}} <span class="badge {{tone}}">{{state}}</span></h1>
        {{> web/notice}}{{> web/errors}}
        <section class="card">{{> web/facts}}</section>
        {{#hasFlags}}<div class="notice warn"><h2>{{t.flags}}</h2><ul>{{#flags}}<li>{{text}}</li>{{/flags}}</ul></div>\
        {{/hasFlags}}
        {{#pending}}<section class="card cream"><h2>{{t.pending}}</h2><p><b>{{kind}}</b>\
        {{#class}} · {{class}}{{/class}} · {{by}}</p><p>{{reason}}{{#basis}} · {{basis}}{{/basis}}</p>
        {{#hasChanges}}<table class="cards"><thead><tr><th scope="col">{{t.field}}</th><th scope="col">{{t.was}}</th>\
        <th scope="col">{{t.becomes}}</th></tr></thead><tbody>{{#changes}}<tr><td data-label="{{t.field}}">{{field}}</td>\
        <td data-label="{{t.was}}">{{was}}</td><td data-label="{{t.becomes}}"><b>{{becomes}}</b></td></tr>{{/changes}}\
        </tbody></table>{{/hasChanges}}</section>{{/pending}}
        <section class="card" id="steps"><h2>{{t.actions}}</h2>
        <div class="actions">{{#mayEdit}}<a class="button" href="{{path}}/edit">{{t.edit}}</a>{{/mayEdit}}\
        {{#mayCorrect}}<a class="button secondary" href="{{path}}/correct">{{t.correct}}</a>{{/mayCorrect}}\
        {{#mayReplace}}<a class="button secondary" href="{{path}}/replace">{{t.replace}}</a>{{/mayReplace}}</div>
        {{#steps}}{{> register/step}}{{/steps}}
        {{^hasSteps}}{{^mayEdit}}{{^mayCorrect}}{{^mayReplace}}<p>{{t.noActions}}</p>{{/mayReplace}}{{/mayCorrect}}{{/mayEdit}}{{/hasSteps}}</section>
        <div class="grid">{{#sections}}<section class="card"><h2>{{title}}</h2>{{> web/facts}}</section>{{/sections}}</div>
        {{#showsCertificates}}<section class="card" id="certificates"><h2>{{t.certificates}}</h2>
        {{#hasCertificates}}<ul class="list">{{#certificates}}<li><a href="{{path}}" target="_blank" rel="noopener">{{number}}</a> \
        {{#superseded}}<span class="badge bad">{{t.superseded}}</span>{{/superseded}}<br>\
        <span class="fine">{{kind}} · {{at}}</span></li>{{/certificates}}</ul>{{/hasCertificates}}
        {{#mayCertify}}<form method="post" action="{{path}}/certificates" data-once>{{> web/csrf}}\
        <input type="hidden" name="request_key" value="{{certificateKey}}">
        <div class="actions">{{#certificateKinds}}<button class="secondary" type="submit" name="kind" value="{{value}}">{{text}}\
        </button>{{/certificateKinds}}</div></form>{{/mayCertify}}</section>{{/showsCertificates}}
        <section class="card" id="evidence"><h2>{{t.evidence}}</h2>
        <ul class="list">{{#evidence}}<li><a href="{{path}}" target="_blank" rel="noopener">{{text}}</a><br>\
        <span class="fine">{{about}}</span></li>{{/evidence}}</ul>
        {{#mayAttach}}<form method="post" action="{{path}}/evidence" enctype="multipart/form-data" data-once>{{> web/csrf}}
        <div class="fields"><div class="field"><label for="f-kind">{{t.paper}}</label><select id="f-kind" name="kind" required>\
        <option value="">–</option>{{#evidenceKinds}}<option value="{{value}}">{{text}}</option>{{/evidenceKinds}}</select></div>
        <div class="field{{#fileError}} bad{{/fileError}}"><label for="f-file">{{t.file}}</label>\
        <p class="hint" id="h-file">{{t.fileHint}}</p>{{#fileError}}<p class="error" id="e-file">{{fileError}}</p>{{/fileError}}\
        <input id="f-file" name="file" type="file" accept="image/jpeg,image/png,application/pdf" required \
        aria-describedby="h-file"></div></div>
        <div class="actions"><button class="secondary" type="submit">{{t.attach}}</button></div></form>{{/mayAttach}}</section>
        <section class="card"><h2>{{t.history}}</h2><ol class="list">{{#history}}<li><b>{{what}}</b> · {{at}}<br>\
        <span class="fine">{{who}} ({{role}}){{#reason}} · {{reason}}{{/reason}}</span></li>{{/history}}</ol>
        <p class="fine">{{t.signed}}</p></section>
        <p><a href="/register">{{t.back}}</a></p>

        """

    /// A step: a button alone, or behind a fold with its reason.
    private static let step = """
        {{#simple}}<form method="post" action="{{path}}/do" data-once>{{> web/csrf}}\
        <input type="hidden" name="request_key" value="{{requestKey}}"><input type="hidden" name="sequence" value="{{sequence}}">\
        <div class="actions"><button class="{{tone}}" type="submit" name="step" value="{{step}}">{{text}}</button></div></form>\
        {{/simple}}{{^simple}}<details{{#open}} open{{/open}}><summary>{{text}}</summary>\
        <form method="post" action="{{path}}/do" data-once>{{> web/csrf}}\
        <input type="hidden" name="request_key" value="{{requestKey}}"><input type="hidden" name="sequence" value="{{sequence}}">\
        {{#reason}}<div class="field{{#error}} bad{{/error}}"><label for="{{id}}">{{label}}</label>\
        {{#error}}<p class="error">{{error}}</p>{{/error}}\
        <input id="{{id}}" name="{{name}}" maxlength="500" autocomplete="off" required{{#value}} value="{{value}}"{{/value}}>\
        </div>{{/reason}}\
        {{#basis}}<div class="field{{#error}} bad{{/error}}"><label for="{{id}}">{{label}}</label>\
        {{#error}}<p class="error">{{error}}</p>{{/error}}\
        <input id="{{id}}" name="{{name}}" maxlength="500" autocomplete="off" required{{#value}} value="{{value}}"{{/value}}>\
        </div>{{/basis}}\
        <div class="actions"><button class="{{tone}}" type="submit" name="step" value="{{step}}">{{text}}</button></div>\
        </form></details>{{/simple}}

        """
}

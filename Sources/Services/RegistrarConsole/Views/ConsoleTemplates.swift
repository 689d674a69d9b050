import Web

extension RegistrarConsole {
    /// The templates and texts of the module `register`, for `WebApplication`.
    public static let templates = PageTemplates(
        module: "register",
        templates: [
            "home": home_, "queues": queues, "search": search, "queue": queue, "lines": lines, "form": form,
            "sections": sections, "fields": fields, "record": record,
            "step": step, "people": SearchViews.people,
        ]
        .merging(DuplicateViews.templates) { own, _ in own }.merging(OfflineViews.templates) { own, _ in own }
        .merging(BookViews.templates) { own, _ in own }.merging(CauseViews.templates) { own, _ in own }
        .merging(HouseholdViews.templates) { own, _ in own }.merging(StayViews.templates) { own, _ in own },
        texts: ConsoleTexts.texts.merging(DuplicateViews.texts) { own, _ in own }
            .merging(OfflineViews.texts) { own, _ in own }.merging(BookViews.texts) { own, _ in own }
            .merging(SearchViews.texts) { own, _ in own }.merging(CauseViews.texts) { own, _ in own }
            .merging(HouseholdViews.texts) { own, _ in own }.merging(StayViews.texts) { own, _ in own })

    /// queues (path, text, count, waits), kinds (path, text, key, isOften), searchFields, people, records
    private static let home_ = """
        {{> web/notice}}{{> web/errors}}{{> register/kept}}
        {{#searched}}<h1>{{t.search}}</h1>{{#mayFind}}{{> register/search}}{{/mayFind}}{{> register/queues}}{{/searched}}
        {{^searched}}<h1>{{t.queues}}</h1>{{> register/queues}}{{#mayFind}}{{> register/search}}{{/mayFind}}{{/searched}}
        {{#mayDeclare}}<h2>{{t.newEvent}}</h2>
        <ul class="events">{{#kinds}}<li><a class="button{{^isOften}} secondary{{/isOften}}" href="{{path}}" accesskey="{{key}}">{{text}} \
        <kbd aria-hidden="true">{{key}}</kbd></a></li>{{/kinds}}</ul>
        <p class="fine keys">{{t.keys}}</p>{{/mayDeclare}}
        <form method="post" action="/register/logout">{{> web/csrf}}\
        <button class="secondary" type="submit">{{t.logout}}</button></form>

        """

    private static let queues = """
        {{#searched}}<h2>{{t.queues}}</h2>{{/searched}}
        <ul class="queues">{{#queues}}<li><a href="{{path}}"{{#waits}} class="waits"{{/waits}}><span>{{text}}</span> \
        <b>{{count}}</b></a></li>{{/queues}}</ul>

        """

    private static let search = """
        {{^searched}}<h2 id="search">{{t.search}}</h2>{{/searched}}
        <form class="card" method="post" action="/register/search" role="search">{{> web/csrf}}
        <div class="fields">{{#searchFields}}{{> web/field}}{{/searchFields}}</div>
        <div class="actions"><button type="submit" accesskey="Q">{{t.search}}</button></div>
        <p class="fine">{{t.logged}}</p></form>
        {{#hasResults}}<h2>{{t.results}}</h2>{{#nothing}}<p>{{t.nothing}}</p>{{/nothing}}
        {{#hasMore}}<p class="notice">{{t.more}}</p>{{/hasMore}}
        {{#hasPeople}}<h3>{{t.people}}</h3>{{> register/people}}{{/hasPeople}}
        {{#hasRecords}}<h3>{{t.foundRecords}}</h3>{{> register/lines}}{{/hasRecords}}{{/hasResults}}

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
        <td data-label="{{t.event}}">{{event}}</td><td data-label="{{t.who}}"><span>{{name}}\
        {{#near}} <span class="badge warn">{{near}}</span>{{/near}}</span></td>\
        <td data-label="{{t.date}}">{{date}}</td>\
        <td data-label="{{t.state}}"><span><span class="badge {{tone}}">{{state}}</span>\
        {{#late}} <span class="badge warn">{{late}}</span>{{/late}}</span></td>\
        <td data-label="{{t.since}}">{{since}}</td></tr>
        {{/records}}</tbody></table>

        """

    /// heading, action, sections (id, title, fields), places, officeField, reasonField, basisField
    private static let form = """
        <h1>{{heading}}</h1>
        {{> web/notice}}{{> web/errors}}
        {{#isCorrection}}<p>{{lead}}</p>{{/isCorrection}}
        <form method="post" action="{{action}}" data-once data-form data-fill="{{t.fill}}"{{#offline}} data-offline="{{offline}}"{{/offline}} autocomplete="off">{{> web/csrf}}
        <input type="hidden" name="request_key" value="{{requestKey}}">
        {{#sequence}}<input type="hidden" name="sequence" value="{{sequence}}">{{/sequence}}
        {{#kept}}<input type="hidden" name="{{name}}" value="{{value}}">{{/kept}}
        <datalist id="places">{{#places}}<option value="{{value}}">{{text}}</option>{{/places}}</datalist>
        <datalist id="countries">{{#countries}}<option value="{{value}}">{{text}}</option>{{/countries}}</datalist>
        {{#officeField}}<section class="card">{{> web/field}}</section>{{/officeField}}
        {{> register/sections}}
        {{#isCorrection}}<section class="card">{{#reasonField}}{{> web/field}}{{/reasonField}}\
        {{#basisField}}{{> web/field}}{{/basisField}}</section>
        <div class="actions"><button type="submit">{{request}}</button></div>{{/isCorrection}}
        {{^isCorrection}}<div class="actions">\
        <button type="submit" name="action" value="declare">{{t.declare}} <kbd class="keys" aria-hidden="true">Ctrl ↵</kbd></button>\
        {{#hasPersons}}<button class="secondary" type="submit" name="action" value="fill" formnovalidate>{{t.fill}}</button>\
        {{/hasPersons}}{{#isNew}}<button class="secondary" type="submit" name="action" value="draft" formnovalidate>\
        {{t.saveDraft}}</button>{{/isNew}}</div>{{/isCorrection}}
        </form>
        <p><a href="/register">{{t.back}}</a></p>

        """

    /// The fields of a form, by section; what is seldom there is folded away.
    private static let sections = """
        {{#sections}}{{#isFolded}}<details class="card"><summary>{{title}}</summary>\
        <div class="fields" role="group" aria-label="{{title}}">{{> register/fields}}</div></details>{{/isFolded}}\
        {{^isFolded}}<fieldset class="card event"><legend><h2>{{title}}</h2></legend><div class="fields">
        {{> register/fields}}</div></fieldset>{{/isFolded}}
        {{/sections}}

        """

    /// A field that is needed in one case only says which, for the script.
    private static let fields = """
        {{#fields}}{{#condition}}<div data-when="{{field}}" data-values="{{values}}">{{/condition}}\
        {{#isSelect}}{{#select}}{{> web/select}}{{/select}}{{/isSelect}}\
        {{#isText}}{{#field}}{{> web/field}}{{/field}}{{/isText}}\
        {{#isListed}}{{#field}}<div class="field{{#error}} bad{{/error}}">
        <label for="f-{{name}}">{{label}}{{#optional}} <span class="fine">{{t.optional}}</span>{{/optional}}</label>
        {{#hint}}<p class="hint" id="h-{{name}}">{{hint}}</p>{{/hint}}
        {{#error}}<p class="error" id="e-{{name}}">{{error}}</p>{{/error}}
        <input id="f-{{name}}" name="{{name}}" list="{{list}}" autocomplete="off" maxlength="{{maxlength}}"\
        {{#value}} value="{{value}}"{{/value}}{{#required}} required{{/required}}\
        {{#described}} aria-describedby="{{described}}"{{/described}}{{#error}} aria-invalid="true"{{/error}}></div>\
        {{/field}}{{/isListed}}{{#condition}}</div>{{/condition}}{{/fields}}

        """

    /// heading, state, tone, facts, sections, flags, pending, steps, history
    private static let record = """
        <h1>{{heading}} <span class="badge {{tone}}">{{state}}</span></h1>
        {{#queue}}<p class="screen-only"><a href="{{path}}">{{text}}</a>{{#next}} · <a href="{{next}}" accesskey="N">{{t.next}} →</a>{{/next}}</p>{{/queue}}
        {{> web/notice}}{{#hasErrors}}<div class="notice bad" role="alert"><h2>{{t.check}}</h2><ul>
        {{#errors}}<li>{{#target}}<a href="#f-{{target}}">{{message}}</a>{{/target}}\
        {{^target}}{{#label}}{{label}}: {{/label}}{{message}}{{/target}}</li>
        {{/errors}}</ul></div>{{/hasErrors}}
        <section class="card">{{> web/facts}}</section>
        {{#hasFlags}}<div class="notice warn"><h2>{{t.flags}}</h2><ul>{{#flags}}<li>{{text}}</li>{{/flags}}</ul></div>\
        {{/hasFlags}}
        {{#pending}}<section class="card cream"><h2>{{title}}</h2><p><b>{{kind}}</b>\
        {{#class}} · {{class}}{{/class}} · {{by}}</p><p>{{reason}}{{#basis}} · {{basis}}{{/basis}}</p>
        {{#hasChanges}}<table class="cards"><thead><tr><th scope="col">{{t.field}}</th><th scope="col">{{t.was}}</th>\
        <th scope="col">{{t.becomes}}</th></tr></thead><tbody>{{#changes}}<tr><td data-label="{{t.field}}">{{field}}</td>\
        <td data-label="{{t.was}}">{{was}}</td><td data-label="{{t.becomes}}"><b>{{becomes}}</b></td></tr>{{/changes}}\
        </tbody></table>{{/hasChanges}}</section>{{/pending}}
        <section class="card" id="steps"><h2>{{t.actions}}</h2>{{#waits}}<p>{{waits}}</p>{{/waits}}
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
        <section class="card" id="evidence"><h2>{{t.evidence}}</h2>{{^hasEvidence}}<p>{{t.noEvidence}}</p>{{/hasEvidence}}
        <ul class="list">{{#evidence}}<li><a href="{{path}}" target="_blank" rel="noopener">{{text}}</a><br>\
        <span class="fine">{{about}}</span></li>{{/evidence}}</ul>
        {{#mayAttach}}<form class="screen-only" method="post" action="{{path}}/evidence" enctype="multipart/form-data" data-once>{{> web/csrf}}
        <div class="fields"><div class="field"><label for="f-kind">{{t.paper}}</label><select id="f-kind" name="kind" required>\
        <option value="">–</option>{{#evidenceKinds}}<option value="{{value}}"{{#selected}} selected{{/selected}}>{{text}}</option>{{/evidenceKinds}}</select></div>
        <div class="field{{#fileError}} bad{{/fileError}}"><label for="f-file">{{t.file}}</label>\
        <p class="hint" id="h-file">{{t.fileHint}}</p>{{#fileError}}<p class="error" id="e-file">{{fileError}}</p>{{/fileError}}\
        <input id="f-file" name="file" type="file" accept="image/jpeg,image/png,application/pdf" required \
        data-limit="{{fileLimit}}" data-large="{{t.fileLarge}}"{{#fileError}} aria-invalid="true"{{/fileError}} \
        aria-describedby="h-file{{#fileError}} e-file{{/fileError}}"></div></div>
        <div class="actions"><button class="secondary" type="submit">{{t.attach}}</button></div></form>{{/mayAttach}}</section>
        <section class="card"><h2>{{t.history}}</h2><ol class="list">{{#history}}<li><b>{{what}}</b> · {{at}}<br>\
        <span class="fine">{{who}}{{#role}} ({{role}}){{/role}}{{#reason}} · {{reason}}{{/reason}}</span></li>{{/history}}</ol>
        <p class="fine">{{t.signed}}</p></section>
        <p class="screen-only">{{#queue}}<a href="{{path}}">{{text}}</a> · {{/queue}}<a href="/register">{{t.back}}</a>\
        {{#another}} · <a href="{{another}}">{{t.another}}</a>{{/another}}</p>

        """

    /// A step: a button alone, or behind a fold with its reason.
    private static let step = """
        {{#simple}}<form method="post" action="{{path}}/do" data-once>{{> web/csrf}}\
        <input type="hidden" name="request_key" value="{{requestKey}}"><input type="hidden" name="sequence" value="{{sequence}}">\
        {{#queue}}<input type="hidden" name="queue" value="{{id}}">{{/queue}}\
        <div class="actions"><button class="{{tone}}" type="submit" name="step" value="{{step}}">{{text}}</button></div></form>\
        {{/simple}}{{^simple}}<details{{#open}} open{{/open}}><summary>{{text}}</summary>\
        <form method="post" action="{{path}}/do" data-once>{{> web/csrf}}\
        <input type="hidden" name="request_key" value="{{requestKey}}"><input type="hidden" name="sequence" value="{{sequence}}">\
        {{#queue}}<input type="hidden" name="queue" value="{{id}}">{{/queue}}\
        {{#reason}}<div class="field{{#error}} bad{{/error}}"><label for="{{id}}">{{label}}</label>\
        {{#error}}<p class="error" id="e-{{id}}">{{error}}</p>{{/error}}\
        <input id="{{id}}" name="{{name}}" maxlength="500" autocomplete="off" required{{#value}} value="{{value}}"{{/value}}\
        {{#error}} aria-invalid="true" aria-describedby="e-{{id}}"{{/error}}>\
        </div>{{/reason}}\
        {{#basis}}<div class="field{{#error}} bad{{/error}}"><label for="{{id}}">{{label}}</label>\
        {{#error}}<p class="error" id="e-{{id}}">{{error}}</p>{{/error}}\
        <input id="{{id}}" name="{{name}}" maxlength="500" autocomplete="off" required{{#value}} value="{{value}}"{{/value}}\
        {{#error}} aria-invalid="true" aria-describedby="e-{{id}}"{{/error}}>\
        </div>{{/basis}}\
        <div class="actions"><button class="{{tone}}" type="submit" name="step" value="{{step}}">{{text}}</button></div>\
        </form></details>{{/simple}}

        """
}

import Kernel

extension BookViews {
    static let templates = [
        "books": books, "book": book, "keying": keying, "dispute": dispute, "scan": scan,
    ]

    private static let books = """
        <h1>{{t.booksTitle}}</h1>
        {{> web/notice}}{{> web/errors}}
        <p>{{t.booksLead}}</p>
        {{#hasPages}}<ul class="queues">{{#pages}}<li><a href="{{path}}"{{#waits}} class="waits"{{/waits}}>\
        <span>{{kind}} · {{text}}</span> <b>{{count}}</b></a></li>{{/pages}}</ul>{{/hasPages}}
        {{^hasPages}}<p>{{t.empty}}</p>{{/hasPages}}
        {{#mayKey}}<form class="card" method="post" action="/register/books" enctype="multipart/form-data" data-once>{{> web/csrf}}
        <h2>{{t.addPage}}</h2><div class="fields">
        <div class="field"><label for="f-kind">{{t.event}}</label><select id="f-kind" name="kind" required>\
        {{#kinds}}<option value="{{value}}"{{#selected}} selected{{/selected}}>{{text}}</option>{{/kinds}}</select></div>
        {{#fields}}{{> web/field}}{{/fields}}
        <div class="field{{#fileError}} bad{{/fileError}}"><label for="f-file">{{t.file}}</label>\
        <p class="hint" id="h-file">{{t.fileHint}}</p>{{#fileError}}<p class="error" id="e-file">{{fileError}}</p>{{/fileError}}\
        <input id="f-file" name="file" type="file" accept="image/jpeg,image/png,application/pdf" required \
        data-limit="{{fileLimit}}" data-large="{{t.fileLarge}}"{{#fileError}} aria-invalid="true"{{/fileError}} \
        aria-describedby="h-file{{#fileError}} e-file{{/fileError}}"></div></div>
        <div class="actions"><button type="submit">{{t.addPage}}</button></div></form>{{/mayKey}}
        <p><a href="/register">{{t.back}}</a></p>

        """

    /// The scan beside what is keyed.
    private static let scan = """
        <section class="card scan" tabindex="0" aria-label="{{t.scan}}"><h2>{{t.scan}}</h2>
        <p><a href="{{scan}}" target="_blank" rel="noopener">{{t.openScan}}</a></p>
        {{#isPicture}}<img src="{{scan}}" alt="{{t.scan}}">{{/isPicture}}</section>

        """

    private static let book = """
        <h1>{{kindName}} · {{heading}}</h1>
        <div class="grid">{{> register/scan}}
        <section class="card"><h2>{{t.entries}}</h2>
        {{#hasEntries}}<ul class="list">{{#entries}}<li>{{#path}}<a href="{{path}}">{{t.number}} {{number}}</a>{{/path}}\
        {{^path}}{{t.number}} {{number}}{{/path}} <span class="badge {{tone}}">{{state}}</span></li>{{/entries}}</ul>{{/hasEntries}}
        {{^hasEntries}}<p>{{t.noEntries}}</p>{{/hasEntries}}
        {{#mayKey}}<div class="actions"><a class="button" href="{{back}}/key">{{t.keyEntry}}</a></div>{{/mayKey}}</section></div>
        <p><a href="/register/books">{{t.booksTitle}}</a></p>

        """

    private static let keying = """
        <h1>{{kindName}} · {{heading}}</h1>
        {{> web/notice}}{{> web/errors}}
        <p>{{t.keyLead}}</p>
        <div class="beside">{{> register/scan}}
        <form method="post" action="{{action}}" data-once data-form autocomplete="off" novalidate>{{> web/csrf}}
        <datalist id="places">{{#places}}<option value="{{value}}">{{text}}</option>{{/places}}</datalist>
        <datalist id="countries">{{#countries}}<option value="{{value}}">{{text}}</option>{{/countries}}</datalist>
        <section class="card">{{#number}}<p>{{t.number}} <b>{{number}}</b></p>\
        <input type="hidden" name="legacy.number" value="{{number}}"><input type="hidden" name="again" value="1">{{/number}}\
        {{^number}}{{#numberField}}{{> web/field}}{{/numberField}}{{/number}}</section>
        {{> register/sections}}
        <div class="actions"><button type="submit">{{t.keyDone}} <kbd class="keys" aria-hidden="true">Ctrl ↵</kbd></button></div></form></div>
        <p><a href="{{back}}">{{t.backToPage}}</a></p>

        """

    private static let dispute = """
        <h1>{{kindName}} · {{heading}} · {{t.number}} {{number}}</h1>
        {{> web/notice}}{{> web/errors}}
        <p>{{t.disputeLead}}</p>
        <div class="beside">{{> register/scan}}
        <form class="card" method="post" action="{{action}}" data-once autocomplete="off">{{> web/csrf}}
        {{#contested}}<fieldset class="field{{#error}} bad{{/error}}" id="f-{{name}}"><legend>{{label}}</legend>
        {{#error}}<p class="error" id="e-{{name}}">{{error}}</p>{{/error}}
        <p><label><input type="radio" name="pick.{{name}}" value="first" required{{#isFirst}} checked{{/isFirst}}> {{first}}</label></p>
        {{^alike}}<p><label><input type="radio" name="pick.{{name}}" value="second"{{#isSecond}} checked{{/isSecond}}> {{second}}</label></p>\
        {{/alike}}
        <p><label><input type="radio" name="pick.{{name}}" value="other"{{#isOther}} checked{{/isOther}}> {{t.retype}}</label>
        <input name="other.{{name}}" aria-label="{{t.retype}}: {{label}}" maxlength="300" value="{{typed}}"></p></fieldset>
        {{/contested}}
        {{#asksNew}}<p><label><input type="checkbox" name="new" value="yes"> {{t.areNew}}</label></p>{{/asksNew}}
        <div class="actions"><button type="submit">{{t.decideEntry}}</button></div></form></div>
        {{#hasAgreed}}<section class="card"><h2>{{t.agreed}}</h2>{{> web/facts}}</section>{{/hasAgreed}}
        <p><a href="{{back}}">{{t.backToPage}}</a></p>

        """

    static let texts: [String: LocalizedText] = [
        "booksTitle": title,
        "booksLead": LocalizedText(
            km: "កំណត់ត្រានីមួយៗត្រូវវាយបញ្ចូលដោយមន្ត្រីពីររូប ដោយមិនឃើញគ្នា។ បើខុសគ្នា មន្ត្រីទីបីសម្រេច។",
            en: "Two officers key each entry without seeing each other's. Where they differ a third one decides."),
        "addPage": LocalizedText(km: "បន្ថែមទំព័រស្កេន", en: "Add a scanned page"),
        "scan": LocalizedText(km: "ទំព័រស្កេន", en: "Scanned page"),
        "openScan": LocalizedText(km: "បើកទំព័រស្កេន", en: "Open the scan"),
        "entries": LocalizedText(km: "កំណត់ត្រាក្នុងទំព័រនេះ", en: "Entries of this page"),
        "noEntries": LocalizedText(km: "មិនទាន់មានកំណត់ត្រាណាទេ។", en: "No entry was keyed yet."),
        "keyEntry": LocalizedText(km: "វាយបញ្ចូលកំណត់ត្រាថ្មី", en: "Key a new entry"),
        "keyLead": LocalizedText(
            km: "វាយតាមសៀវភៅ ដូចដែលបានសរសេរ។ អ្វីដែលសៀវភៅគ្មាន សូមទុកចន្លោះ។",
            en: "Type what the book says, as it says it. Leave empty what the book does not have."),
        "keyDone": LocalizedText(km: "រក្សាទុក", en: "Save"),
        "backToPage": LocalizedText(km: "ត្រឡប់ទៅទំព័រ", en: "Back to the page"),
        "disputeLead": LocalizedText(
            km: "មន្ត្រីពីររូបសរសេរខុសគ្នា ឬបញ្ជីមិនអាចទទួលយកបាន។ សូមមើលទំព័រស្កេន ហើយសម្រេច។",
            en: "Two officers wrote different things, or the register cannot accept it. Look at the scan and decide."),
        "retype": LocalizedText(km: "វាយថ្មី", en: "Type it anew"),
        "decideEntry": LocalizedText(km: "សម្រេច និងបញ្ចូល", en: "Decide and enter"),
        "areNew": LocalizedText(
            km: "ខ្ញុំបានពិនិត្យ។ អ្នកគ្មានលេខ ជាមនុស្សផ្សេងពីអ្នកស្រដៀងក្នុងបញ្ជី។",
            en: "I have checked: whoever has no code is somebody else than those alike in the register."),
        "agreed": LocalizedText(km: "អ្វីដែលទាំងពីរយល់ស្រប", en: "What both agree on"),
    ]
}

import Kernel
import Web

/// The pages of the officer's console. Names of people appear only on the candidate list and the person's page, where
/// the register disclosed them; a case's page names nobody.
public enum EnrolmentPages {
    /// The templates and texts of the module `enrol`, for `WebApplication`.
    public static let templates = PageTemplates(
        module: "enrol",
        templates: [
            "home": home, "candidates": candidates, "person": person, "evidence": evidence,
            "devices": devices, "case": caseFrame, "code": code, "compare": compare, "scan": scan,
        ].merging(CodeSheetViews.templates) { own, _ in own }.merging(RecoveryViews.templates) { own, _ in own }
            .merging(CardViews.templates) { own, _ in own }.merging(AssistViews.templates) { own, _ in own }
            .merging(SecurityCaseViews.templates) { own, _ in own }
            .merging(CorrectionConsoleViews.templates) { own, _ in own },
        texts: EnrolmentTexts.all.merging(CodeSheetViews.texts) { own, _ in own }
            .merging(RecoveryViews.texts) { own, _ in own }.merging(CardViews.texts) { own, _ in own }
            .merging(AssistViews.texts) { own, _ in own }.merging(SecurityCaseViews.texts) { own, _ in own }
            .merging(CorrectionConsoleViews.texts) { own, _ in own })

    /// identifier, person (fields), csrf, notice, cases (path, number, opened, state, tone, level), hasCases
    static let home = """
        <h1>{{t.title}}</h1>
        {{> web/notice}}{{> web/errors}}
        <div class="grid">
        <form class="card" method="post" action="/enrol/people" data-once>
        <h2>{{t.findByCode}}</h2>
        {{> web/csrf}}
        {{#identifierFields}}{{> web/field}}{{/identifierFields}}
        <div class="actions"><button type="submit" name="by" value="identifier">{{t.search}}</button></div>
        </form>
        <form class="card" method="post" action="/enrol/people" data-once>
        <h2>{{t.findByName}}</h2>
        {{> web/csrf}}
        {{#nameFields}}{{> web/field}}{{/nameFields}}
        <div class="actions"><button type="submit" name="by" value="name">{{t.search}}</button></div>
        </form>
        </div>
        <p class="fine">{{t.searchIsLogged}}</p>
        {{> enrol/security_list}}
        <h2>{{t.worklist}}</h2>
        {{#hasCases}}<table class="cards"><caption class="visually-hidden">{{t.worklist}}</caption>
        <thead><tr><th scope="col">{{t.caseNumber}}</th><th scope="col">{{t.openedAt}}</th>\
        <th scope="col">{{t.state}}</th><th scope="col">{{t.level}}</th></tr></thead><tbody>
        {{#cases}}<tr><td data-label="{{t.caseNumber}}"><a href="{{path}}">{{number}}</a></td>\
        <td data-label="{{t.openedAt}}">{{opened}}</td>\
        <td data-label="{{t.state}}"><span class="badge {{tone}}">{{state}}</span></td>\
        <td data-label="{{t.level}}">{{level}}</td></tr>
        {{/cases}}</tbody></table>{{/hasCases}}
        {{^hasCases}}<p>{{t.noCases}}</p>{{/hasCases}}
        <form method="post" action="/enrol/logout">{{> web/csrf}}\
        <button class="secondary" type="submit">{{t.logout}}</button></form>

        """

    /// people (path, facts)
    static let candidates = """
        <h1>{{t.candidates}}</h1>
        <p>{{t.candidatesLead}}</p>
        {{#people}}<section class="card">{{> web/facts}}
        <p><a class="button" href="{{path}}">{{t.choose}}</a></p></section>
        {{/people}}
        <p><a href="/enrol">{{t.searchAgain}}</a></p>

        """

    /// facts, hasErrors, errors, csrf, action, requestKey, evidence rows, reason, devices
    static let person = """
        <h1>{{t.person}}</h1>
        {{> web/notice}}{{> web/errors}}
        <section class="card">{{> web/facts}}<p class="fine">{{t.viewIsLogged}}</p></section>
        {{> enrol/security}}
        {{> enrol/evidence}}
        {{> enrol/devices}}
        {{> enrol/recovery}}
        {{> enrol/codes}}
        {{> enrol/card}}
        <p><a href="/enrol">{{t.searchAgain}}</a></p>

        """

    /// action, csrf, requestKey, evidence (type, label, checked, number, note), reasonField
    static let evidence = """
        <form class="card" method="post" action="{{action}}" data-once>
        <h2>{{t.evidenceTitle}}</h2>
        <p>{{t.evidenceLead}}</p>
        {{> web/csrf}}<input type="hidden" name="request_key" value="{{requestKey}}">
        {{#evidence}}<div class="check"><input type="checkbox" id="f-evidence_{{type}}" name="evidence_{{type}}" \
        value="yes"{{#checked}} checked{{/checked}}><label for="f-evidence_{{type}}">{{label}}</label></div>
        <details{{#checked}} open{{/checked}}><summary class="fine">{{t.seen}}</summary>
        <div class="grid">
        <div class="field"><label for="f-number_{{type}}">{{t.number_}}</label>\
        <input id="f-number_{{type}}" name="number_{{type}}" type="text" maxlength="64" autocomplete="off" \
        value="{{number}}"></div>
        <div class="field"><label for="f-note_{{type}}">{{t.note}}</label>\
        <input id="f-note_{{type}}" name="note_{{type}}" type="text" maxlength="500" autocomplete="off" \
        value="{{note}}"></div>
        </div></details>
        {{/evidence}}
        {{#reasonField}}{{> web/field}}{{/reasonField}}
        <p class="fine">{{t.levelNote}}</p>
        <div class="actions"><button type="submit">{{t.open}}</button></div>
        </form>

        """

    /// hasDevices, devices (id, name, platform, state, tone, pin, protection, keyNote, action path, actions (value, text, tone), hasActions,
    /// reasons), csrf
    static let devices = """
        <h2>{{t.devices}}</h2>
        {{> enrol/hold}}
        {{^hasDevices}}<p>{{t.noDevices}}</p>{{/hasDevices}}
        {{#devices}}<section class="card"><h3>{{name}} <span class="badge {{tone}}">{{state}}</span></h3>
        <p class="fine">{{platform}} · {{bound}} · {{protection}}{{#locked}} · <strong>{{t.pinLocked}}</strong>{{/locked}}</p>
        {{#hasKeyNote}}<p class="fine">{{keyNote}}</p>{{/hasKeyNote}}
        {{#hasActions}}<form method="post" action="{{action}}" data-once>{{> web/csrf}}
        <div class="field"><label for="f-reason-{{id}}">{{t.reason}}</label>
        <select id="f-reason-{{id}}" name="reason" required><option value="">–</option>
        {{#reasons}}<option value="{{value}}">{{text}}</option>{{/reasons}}</select></div>
        <div class="actions">{{#actions}}\
        <button class="{{tone}}" type="submit" name="action" value="{{value}}">{{text}}</button>\
        {{/actions}}</div></form>{{/hasActions}}</section>
        {{/devices}}

        """

    /// number, state, tone, level, opened, evidence (text), poll, code or compare or done, canCode, canCancel, serial,
    /// csrf, path
    static let caseFrame = """
        <h1>{{t.enrolment}} {{number}}</h1>
        {{> web/steps}}
        {{> web/notice}}
        {{#poll}}<div data-poll="{{poll}}" data-poll-interval="2"></div>{{/poll}}
        {{#showCode}}{{> enrol/code}}{{/showCode}}
        {{#showCompare}}{{> enrol/compare}}{{/showCompare}}
        {{#canCode}}<form class="card" method="post" action="{{path}}/code" data-once>{{> web/csrf}}
        <input type="hidden" name="serial" value="{{serial}}">
        <p>{{t.codeLead}}</p>
        <div class="actions"><button type="submit"{{#hasSecondCode}} class="secondary"{{/hasSecondCode}}>\
        {{^hasSecondCode}}{{t.showCode}}{{/hasSecondCode}}{{#hasSecondCode}}{{t.newCode}}{{/hasSecondCode}}</button></div>\
        </form>{{/canCode}}
        <section class="card">{{> web/facts}}</section>
        {{#canCancel}}<form method="post" action="{{path}}/cancel" data-once>{{> web/csrf}}
        <div class="actions"><button class="danger" type="submit">{{t.cancelCase}}</button></div></form>{{/canCancel}}
        <p><a href="/enrol">{{t.backToList}}</a></p>

        """

    /// code, qr, until
    static let code = """
        <section class="card cream">
        <h2>{{t.scanTitle}}</h2>
        <p>{{t.scanLead}}</p>
        {{qr}}
        <p class="number code"><b>{{code}}</b></p>
        <p class="waiting" role="status">{{t.waiting}}</p>
        <p class="fine">{{t.validUntil}} {{until}}</p>
        </section>

        """

    /// comparison, device, path, csrf
    static let compare = """
        <section class="card cream">
        <h2>{{t.compareTitle}}</h2>
        <p>{{t.compareLead}}</p>
        <p class="number code"><b>{{comparison}}</b></p>
        <form method="post" action="{{path}}/confirm" data-once>{{> web/csrf}}
        <input type="hidden" name="device" value="{{device}}">
        <div class="actions"><button type="submit" name="same" value="yes">{{t.same}}</button>
        <button class="danger" type="submit" name="same" value="no">{{t.different}}</button></div></form>
        <p class="fine">{{t.validUntil}} {{until}}</p>
        </section>

        """

    static let scan = """
        <section class="card"><h1>{{t.scanOutside}}</h1><p>{{t.scanOutsideLead}}</p></section>

        """
}

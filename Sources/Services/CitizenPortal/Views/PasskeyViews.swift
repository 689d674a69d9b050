import Authenticators
import Kernel
import KhmerText
import Web
import WebAuthn

/// What the page of passkeys shows.
enum PasskeyViews {
    static let texts: [String: LocalizedText] = [
        "passkeys": LocalizedText(km: "សោចូលរបស់ខ្ញុំ (passkey)", en: "My passkeys"),
        "passkeys_lead": LocalizedText(
            km: "សោចូលនៅក្នុងទូរស័ព្ទ ឬកុំព្យូទ័ររបស់អ្នក ហើយបើកដោយស្នាមម្រាមដៃ មុខ ឬលេខកូដអេក្រង់។ គេហទំព័រក្លែងក្លាយមិនអាចប្រើវាបានទេ។",
            en:
                "A passkey lives in your phone or computer and opens with your finger, your face or the screen's code. A false website cannot use it."
        ),
        "passkeys_none": LocalizedText(km: "អ្នកមិនទាន់មានសោចូលទេ។", en: "You have no passkey yet."),
        "passkeys_unavailable": LocalizedText(
            km: "សោចូលមិនដំណើរការនៅអាសយដ្ឋាននេះទេ ព្រោះវាគ្មានឈ្មោះដែន។",
            en: "Passkeys do not work at this address: it has no domain name."),
        "passkeys_script": LocalizedText(
            km: "កម្មវិធីរុករកនេះមិនអាចបង្កើតសោចូលបានទេ។", en: "This browser cannot make passkeys."),
        "passkey_name": LocalizedText(km: "ឈ្មោះសោ", en: "Name of the passkey"),
        "passkey_name_help": LocalizedText(
            km: "ឧទាហរណ៍៖ ទូរស័ព្ទរបស់ខ្ញុំ", en: "For example: my phone"),
        "passkey_add": LocalizedText(km: "បន្ថែមសោចូល", en: "Add a passkey"),
        "passkey_rename": LocalizedText(km: "ប្តូរឈ្មោះ", en: "Rename"),
        "passkey_remove": LocalizedText(km: "លុបសោ", en: "Remove"),
        "passkey_created": LocalizedText(km: "បង្កើតនៅ", en: "made on"),
        "passkey_used": LocalizedText(km: "ប្រើចុងក្រោយ", en: "last used"),
        "passkey_never": LocalizedText(km: "មិនទាន់ប្រើ", en: "not used yet"),
        "passkey_added": LocalizedText(km: "បានបន្ថែមសោចូលហើយ។", en: "The passkey is added."),
        "passkey_renamed": LocalizedText(km: "បានប្តូរឈ្មោះហើយ។", en: "The name is changed."),
        "passkey_removed": LocalizedText(
            km: "បានលុបសោហើយ។ វាលែងអាចចូលបានទៀត។", en: "The passkey is removed. It no longer logs in."),
        "passkey_level": LocalizedText(km: "កម្រិតធានា", en: "Level"),
        "kind_synced": LocalizedText(km: "ចម្លងតាមគណនី", en: "synced"),
        "kind_device_bound": LocalizedText(km: "នៅឧបករណ៍តែមួយ", en: "on one device"),
        "kind_attested_hardware": LocalizedText(km: "ក្នុងផ្នែករឹងដែលមានការបញ្ជាក់", en: "in vouched-for hardware"),
        "why_synced": LocalizedText(
            km: "ក្រុមហ៊ុនផលិតទូរស័ព្ទចម្លងសោនេះទៅឧបករណ៍ផ្សេងរបស់អ្នក ដូច្នេះវាឡើងដល់កម្រិត AAL2 ប៉ុណ្ណោះ។",
            en: "Your phone's maker copies this passkey to your other devices, so it reaches AAL2 at most."),
        "why_device_bound": LocalizedText(
            km: "សោនេះមិនអាចចម្លងបានទេ តែគ្មានអ្នកណាបញ្ជាក់ពីផ្នែករឹងរបស់វា ដូច្នេះវាឡើងដល់កម្រិត AAL2។",
            en: "This passkey cannot be copied, but nobody vouches for its hardware, so it reaches AAL2."),
        "why_attested_hardware": LocalizedText(
            km: "សោនេះនៅក្នុងផ្នែករឹងសុវត្ថិភាព។ កម្រិត AAL3 ត្រូវការលេខសម្ងាត់ CamDigiKey បន្ថែម។",
            en: "This passkey is in secure hardware. AAL3 also needs your CamDigiKey PIN."),
    ]

    static let template = """
        <p><a href="/app">{{t.title}}</a></p>
        <h1>{{t.passkeys}}</h1>
        {{> web/notice}}
        <p class="lead">{{t.passkeys_lead}}</p>
        {{^has_passkeys}}<p class="card" id="none">{{t.passkeys_none}}</p>{{/has_passkeys}}
        {{#passkeys}}<article class="card" data-passkey-id="{{id}}">
        <h2>{{name}} <span class="badge {{tone}}">{{state}}</span></h2>
        <p>{{kind}} · {{t.passkey_level}} {{level}}<br><span class="fine">{{why}}</span></p>
        <p class="fine">{{t.passkey_created}} {{created}} · {{#used}}{{t.passkey_used}} {{used}}{{/used}}{{^used}}{{t.passkey_never}}{{/used}}</p>
        <details><summary>{{t.passkey_rename}}</summary>
        <form method="post" action="/app/passkeys/{{id}}/rename" data-once>{{> web/csrf}}
        <div class="field"><label for="name-{{id}}">{{t.passkey_name}}</label>
        <input id="name-{{id}}" name="name" type="text" maxlength="64" required value="{{name}}"></div>
        <button class="secondary" type="submit">{{t.passkey_rename}}</button></form></details>
        <form method="post" action="/app/passkeys/{{id}}/remove" data-once>{{> web/csrf}}\
        <button class="danger" type="submit">{{t.passkey_remove}}</button></form>
        </article>{{/passkeys}}
        {{#available}}<form class="card cream" id="add" data-passkey-add="/app/passkeys">{{> web/csrf}}
        <div class="field"><label for="passkey-name">{{t.passkey_name}}</label>
        <p class="hint" id="passkey-name-help">{{t.passkey_name_help}}</p>
        <input id="passkey-name" name="name" type="text" maxlength="64" required aria-describedby="passkey-name-help"></div>
        <div class="notice bad" role="alert" id="passkey-error" hidden></div>
        <p class="notice warn" id="passkey-no-script">{{t.passkeys_script}}</p>
        <button type="submit" id="passkey-add" hidden>{{t.passkey_add}}</button>
        </form>{{/available}}
        {{^available}}<p class="notice warn">{{t.passkeys_unavailable}}</p>{{/available}}

        """

    static func notice(_ done: String) -> (text: LocalizedText, kind: String)? {
        ["added", "renamed", "removed"].contains(done) ? texts["passkey_" + done].map { ($0, "good") } : nil
    }

    static func list(
        _ passkeys: [Passkey], isAvailable: Bool, csrf: String, notice: (text: LocalizedText, kind: String)?,
        language: Language
    ) -> Page {
        var data = PortalViews.data(notice: notice, language: language)
        data["csrf"] = csrf
        data["available"] = isAvailable
        data["has_passkeys"] = !passkeys.isEmpty
        data["passkeys"] = passkeys.map { show($0, language) }
        return Page(
            "citizen/passkeys", title: texts["passkeys"] ?? LocalizedText(km: "", en: "Passkeys"), data: data)
    }

    private static func show(_ passkey: Passkey, _ language: Language) -> [String: Any] {
        func text(_ key: String) -> String { texts[key]?[language] ?? key }
        let state = PortalStrings.all["state_" + passkey.state.rawValue]?[language] ?? passkey.state.rawValue
        return [
            "id": passkey.id, "name": passkey.name, "state": state, "tone": passkey.state == .active ? "good" : "bad",
            "kind": text("kind_" + passkey.kind.rawValue), "why": text("why_" + passkey.kind.rawValue),
            "level": "AAL2", "created": KhmerDates.short(passkey.createdAt, language),
            "used": passkey.lastUsedAt.map { KhmerDates.short($0, language) } ?? false as Any,
        ]
    }
}

/// The script that makes a passkey.
enum PasskeyPageScript {
    static let asset = Asset(
        "passkeys.js", contentType: "text/javascript; charset=utf-8", text: PasskeyBytes.script + text)

    private static let text = """
        (function () {
          'use strict';
          var form = document.querySelector('form[data-passkey-add]');
          var button = document.getElementById('passkey-add');
          var trouble = document.getElementById('passkey-error');
          if (!form || !button || !window.PublicKeyCredential || !navigator.credentials) { return; }
          var path = form.getAttribute('data-passkey-add');
          document.getElementById('passkey-no-script').hidden = true;
          button.hidden = false;
          form.addEventListener('submit', function (event) {
            event.preventDefault();
            trouble.hidden = true;
            button.disabled = true;
            rumdulPasskey.post(path + '/options', new FormData(form)).then(function (options) {
              return navigator.credentials.create({ publicKey: rumdulPasskey.creation(options.publicKey) });
            }).then(function (credential) {
              var fields = new FormData(form);
              fields.set('credential', JSON.stringify(rumdulPasskey.registration(credential)));
              return rumdulPasskey.post(path, fields);
            }).then(function (done) {
              if (/^\\/(?![\\/\\\\])/.test(done.next || '')) { location.assign(done.next); }
            }).catch(function (error) {
              button.disabled = false;
              if (error.name === 'NotAllowedError') { return; }
              trouble.textContent = error.message;
              trouble.hidden = false;
            });
          });
        })();

        """
}

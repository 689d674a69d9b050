import Kernel
import RelyingParties
import Web

/// The pages of the device grant: enter the code, confirm the device.
enum ActivationPages {
    static func enter(_ code: String, refused: RumdulError?) -> Page {
        var page = Page(
            "idp/activate", title: texts["activate_title"] ?? LocalizedText(km: "", en: ""),
            data: ["user_code": code, "has_error": refused != nil])
        if let refused {
            page.data["error_km"] = refused.message.km
            page.data["error_en"] = refused.message.en
            page.status = .init(code: refused.kind == .rateLimited ? 429 : 400)
            page.mainErrorCode = refused.code
            page.languageSwitch = .path(path(code))
        }
        return page
    }

    /// The address of the page with what was typed, as far as that can be a code.
    private static func path(_ typed: String) -> String {
        UserCode.read(typed).map { "/activate?user_code=" + UserCode.shown($0) } ?? "/activate"
    }

    static func confirm(
        _ found: DeviceCodeStore.Record, client: RelyingParty, code: String, sealed: String, language: Language
    ) -> Page {
        var page = Page(
            "idp/activate_confirm", title: texts["activate_title"] ?? LocalizedText(km: "", en: ""),
            data: [
                "client_name": client.name[language], "client_host": client.host, "device": found.origin,
                "user_code": code, "request": sealed,
            ])
        page.languageSwitch = .path(path(code))
        return page
    }

    static let templates = ["activate": enterTemplate, "activate_confirm": confirmTemplate]

    static let texts: [String: LocalizedText] = [
        "activate_title": LocalizedText(km: "ភ្ជាប់ឧបករណ៍", en: "Connect a device"),
        "activate_text": LocalizedText(
            km: "វាយលេខកូដដែលបង្ហាញនៅលើឧបករណ៍ (ដូចជាម៉ាស៊ីនបម្រើសេវា ឬទូរទស្សន៍)។",
            en: "Type the code that the device shows, such as a kiosk or a television."),
        "activate_code": LocalizedText(km: "លេខកូដ", en: "Code"),
        "activate_code_help": LocalizedText(
            km: "៨ អក្សរ ឧទាហរណ៍ BCDF-GHJK។ អក្សរតូចក៏បាន។", en: "8 letters, such as BCDF-GHJK. Small letters work too."),
        "activate_continue": LocalizedText(km: "បន្ត", en: "Continue"),
        "activate_check": LocalizedText(km: "នេះជាឧបករណ៍របស់អ្នកមែនទេ?", en: "Is this your device?"),
        "activate_shows": LocalizedText(
            km: "ឧបករណ៍នៅពីមុខអ្នកត្រូវបង្ហាញលេខកូដនេះ៖", en: "The device in front of you must show this code:"),
        "activate_device": LocalizedText(km: "ឧបករណ៍", en: "Device"),
        "activate_warning": LocalizedText(
            km: "បន្តតែក្នុងករណីអ្នកបានចាប់ផ្តើមដោយខ្លួនឯងនៅលើឧបករណ៍ដែលនៅពីមុខអ្នក។ "
                + "ប្រសិនបើមាននរណាម្នាក់ផ្ញើលេខកូដ ឬតំណនេះមកអ្នក សូមឈប់៖ គេនឹងចូលប្រើក្នុងនាមអ្នក។",
            en: "Go on only if you started this yourself, on a device in front of you. If somebody sent you this code "
                + "or link, stop: they would be logged in as you."),
        "activate_yes": LocalizedText(km: "បាទ/ចាស ជាឧបករណ៍របស់ខ្ញុំ", en: "Yes, it is my device"),
        "activate_no": LocalizedText(km: "ទេ បញ្ឈប់", en: "No, stop"),
    ]

    private static let enterTemplate = """
        <h1>{{t.activate_title}}</h1>
        {{#has_error}}<div class="notice bad" role="alert" id="error"><p lang="km">{{error_km}}</p>\
        <p lang="en">{{error_en}}</p></div>{{/has_error}}
        <p>{{t.activate_text}}</p>
        <form method="post" action="/activate" id="activate" data-once>
        <div class="field{{#has_error}} bad{{/has_error}}">
        <label for="user_code">{{t.activate_code}}</label>
        <p class="hint" id="user-code-hint">{{t.activate_code_help}}</p>
        <input id="user_code" name="user_code" type="text" autocomplete="off" autocapitalize="characters" \
        spellcheck="false" maxlength="40" required value="{{user_code}}" \
        aria-describedby="user-code-hint{{#has_error}} error{{/has_error}}">
        </div>
        <div class="actions"><button type="submit">{{t.activate_continue}}</button></div>
        </form>

        """

    private static let confirmTemplate = """
        <h1>{{t.activate_check}}</h1>
        <section class="card cream">
        <p class="lead"><b>{{client_name}}</b><br><span class="fine">{{client_host}}</span></p>
        <dl class="facts">
        <div><dt>{{t.activate_device}}</dt><dd>{{device}}</dd></div>
        <div><dt>{{t.activate_shows}}</dt><dd><b id="user-code">{{user_code}}</b></dd></div>
        </dl>
        </section>
        <p class="notice warn" role="note" id="activate-warning">{{t.activate_warning}}</p>
        <form method="post" action="/activate/confirm" id="confirm" data-once>
        <input type="hidden" name="request" value="{{request}}">
        <div class="actions">
        <button type="submit">{{t.activate_yes}}</button>
        <a class="button secondary" id="refuse" href="/authorize/cancel?request={{request}}">{{t.activate_no}}</a>
        </div>
        </form>

        """
}

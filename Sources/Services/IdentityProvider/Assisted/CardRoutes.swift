import HTTPTypes
import Hummingbird
import Kernel
import KhmerText
import RelyingParties
import Web

extension IdentityProvider {
    /// The cookies in which people's logins live in a browser.
    public static let browserCookies = [BrowserBinding.cookieName, SingleSignOn.cookieName]

    /// The mark of the terminal that a request comes from, or `nil`.
    func terminal(of request: Request, _ context: AppContext) async throws -> AssistedMark? {
        let terminals = surroundings.terminals
        guard let cookie = WebCookie(terminals.cookieName, settings: context.settings).value(in: request) else {
            return nil
        }
        return try await terminals.mark(cookie: cookie)
    }
}

/// The pages of a login with a PIN card at an officer's terminal. The sealed request, which opens for the browser that loaded
/// the consent page only, protects against cross-site requests.
struct CardRoutes: Sendable {
    let provider: IdentityProvider
    let limiter: RateLimiter
    let csrf: CSRF

    func add(to router: AppRouter) {
        router.post("/authorize/card", use: choose)
        router.post("/authorize/card/enter", use: enter)
    }

    /// From the consent page: "I have a PIN card", with the attributes that were chosen.
    private func choose(_ request: Request, _ context: AppContext) async throws -> Response {
        let (form, binding) = try await read(request, context)
        let checked = try await provider.sealedRequests.open(try form.required("request"), browserHash: binding.hash)
        guard checked.assisted != nil else { throw RumdulError.requestStale }
        let client = try await provider.client(checked.clientID)
        guard provider.cardLogin.suffices(for: checked) else { throw RumdulError.assistLevel }
        let narrowed = checked.narrowed(to: checked.attributes.filter { form.has("attr.\($0)") })
        return try await page(narrowed, client, refused: nil, binding, context)
    }

    private func enter(_ request: Request, _ context: AppContext) async throws -> Response {
        let (form, binding) = try await read(request, context)
        let checked = try await provider.sealedRequests.open(try form.required("request"), browserHash: binding.hash)
        let client = try await provider.client(checked.clientID)
        try limiter.require("card:" + context.clientAddress)
        // The terminal itself must be in the session still, not only the request that it began.
        guard let mark = checked.assisted, try await provider.terminal(of: request, context)?.session == mark.session
        else { throw RumdulError.requestStale }
        let result = try await provider.cardLogin.complete(
            checked, card: form["card"] ?? "", proof: form["proof"] ?? "", client: client, browserHash: binding.hash,
            origin: TransactionDetails.origin(userAgent: request.headers[.userAgent]))
        switch result {
        case .success(let item):
            return Redirect.seeOther("/authorize/\(item.id)/done").logged(outcome: "login.card")
        case .failure(let error): return try await page(checked, client, refused: error, binding, context)
        }
    }

    private func page(
        _ checked: AuthorizationRequest, _ client: RelyingParty, refused: RumdulError?, _ binding: BrowserBinding,
        _ context: AppContext
    ) async throws -> Response {
        let sealed = try await provider.sealedRequests.seal(checked, browserHash: binding.hash)
        var page = CardPages.card(
            checked, client: client, sealed: sealed, refused: refused, language: context.language)
        if let script = context.assetPath(CardScript.name) { page.scripts = [script] }
        return context.show(page)
    }

    private func read(_ request: Request, _ context: AppContext) async throws -> (FormFields, BrowserBinding) {
        let form = try await FormBody.read(request, context: context)
        try csrf.verifySource(request)
        let binding = BrowserBinding(request: request, context: context, ambient: provider.ambient)
        guard !binding.isNew else { throw RumdulError.requestStale }
        return (form, binding)
    }
}

/// The page that asks for card and PIN.
enum CardPages {
    static func card(
        _ request: AuthorizationRequest, client: RelyingParty, sealed: String, refused: RumdulError?,
        language: Language
    ) -> Page {
        var data = assisted(request.assisted, language)
        data["client_name"] = client.name[language]
        data["client_host"] = TransactionDetails.shownHost(request, client)
        data["attributes"] = request.attributes.map { ["label": AttributeText($0).label[language]] }
        data["has_attributes"] = !request.attributes.isEmpty
        data["request"] = sealed
        data["refused_text"] = RumdulError.cardRefused.message[language]
        data["error"] = refused.map { text($0, language) } ?? ""
        data["has_error"] = refused != nil
        var page = Page("idp/card", title: texts["card_title"] ?? client.name, data: data)
        // The page is the answer to a form: another language would need that form again.
        page.languageSwitch = .hidden
        if let refused {
            page.status = .forbidden
            page.mainErrorCode = refused.code
        }
        return page
    }

    /// What pages at a terminal show of it.
    static func assisted(_ mark: AssistedMark?, _ language: Language) -> [String: Any] {
        guard let mark else { return ["assisted": false] }
        return [
            "assisted": true,
            "assisted_where": mark.organisation.name[language] + " · " + mark.place[language],
        ]
    }

    private static func text(_ error: RumdulError, _ language: Language) -> String {
        guard let left = error.members["tries_left"] else { return error.message[language] }
        let number = KhmerDigits.prose(left, language)
        return error.message[language] + " "
            + LocalizedText(km: "នៅសល់ \(number) ដង។", en: "Tries left: \(number).")[language]
    }

    static let templates = ["card": template, "assisted": banner]

    static let texts: [String: LocalizedText] = [
        "card_title": LocalizedText(km: "ចូលដោយប័ណ្ណ PIN", en: "Log in with a PIN card"),
        "card_use": LocalizedText(km: "ប្រើប័ណ្ណ PIN របស់ខ្ញុំ", en: "Use my PIN card"),
        "card_key": LocalizedText(km: "ប្រើសោសុវត្ថិភាពរបស់ខ្ញុំ", en: "Use my security key"),
        "card_text": LocalizedText(km: "អក្សរលើប័ណ្ណ", en: "The characters on the card"),
        "card_text_help": LocalizedText(
            km: "ស្កេន QR លើប័ណ្ណ ឬវាយ ២៨ តួ។", en: "Scan the card's QR code, or type its 28 characters."),
        "card_pin": LocalizedText(km: "លេខ PIN ៦ ខ្ទង់", en: "Your PIN of six digits"),
        "card_pin_six": LocalizedText(km: "លេខ PIN មាន ៦ ខ្ទង់។", en: "The PIN has six digits."),
        "card_pin_help": LocalizedText(
            km: "វាយដោយខ្លួនឯង ហើយបាំងក្តារចុច។ វាយខុស ៥ ដង ប័ណ្ណនឹងចាក់សោ។",
            en: "Type it yourself, and cover the keys. Five wrong tries lock the card."),
        "card_done": LocalizedText(
            km: "កំពុងនាំអ្នកទៅសេវា។ ពេលរួចរាល់ សូមឱ្យមន្ត្រីបញ្ចប់វគ្គជំនួយ។",
            en: "You are taken to the service. When you are done, let the officer end the assisted session."),
        "assisted_title": LocalizedText(km: "ចូលដោយមានមន្ត្រីជួយ", en: "Assisted by an officer"),
        "assisted_text": LocalizedText(
            km: "សេវានឹងដឹងថាអ្នកត្រូវបានជួយនៅទីនេះ ហើយវាត្រូវបានកត់ត្រាក្នុងដំណឹងសុវត្ថិភាពរបស់អ្នក។ កុំប្រាប់លេខ PIN ដល់មន្ត្រី។",
            en:
                "The service learns that you were assisted here, and your security notices tell of it. Never tell the officer your PIN."
        ),
    ]

    /// assisted (assisted_where)
    private static let banner = """
        {{#assisted}}<section class="notice info" id="assisted"><p><b>{{t.assisted_title}}</b><br>{{assisted_where}}</p>
        <p>{{t.assisted_text}}</p></section>{{/assisted}}

        """

    private static let template = """
        <h1>{{t.card_title}}</h1>
        {{> idp/assisted}}
        {{> idp/code_frame}}
        {{> web/card_script}}
        <form class="card" method="post" action="/authorize/card/enter" autocomplete="off" data-card="card" data-pin="pin" \
        data-refused="{{refused_text}}" data-unusable="{{t.card_pin_six}}">
        <input type="hidden" name="request" value="{{request}}">
        <input type="hidden" name="proof" value="">
        <div class="field{{#has_error}} bad{{/has_error}}">
        <label for="card">{{t.card_text}}</label>
        <p class="hint" id="card-hint">{{t.card_text_help}}</p>
        <input id="card" name="card" type="text" autocomplete="off" autocapitalize="characters" spellcheck="false" \
        maxlength="64" required aria-describedby="card-hint{{#has_error}} error{{/has_error}}">
        </div>
        <div class="field{{#has_error}} bad{{/has_error}}">
        <label for="pin">{{t.card_pin}}</label>
        <p class="hint" id="pin-hint">{{t.card_pin_help}}</p>
        <input id="pin" type="password" inputmode="numeric" autocomplete="off" maxlength="24" required \
        aria-describedby="pin-hint{{#has_error}} error{{/has_error}}">
        </div>
        <div class="actions"><button type="submit" disabled>{{t.code_log_in}}</button>
        <a class="button secondary" id="refuse" href="/authorize/cancel?request={{request}}">{{t.refuse}}</a></div>
        </form>

        """
}

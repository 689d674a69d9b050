import Codecs
import Crypto
import HTTPTypes
import Hummingbird
import Kernel
import Web

/// The cookie that ties a login to the browser that began it. Its value never reaches the database; only its SHA-256 does.
struct BrowserBinding: Sendable {
    static let cookieName = "browser"

    /// Whether the browser sent no cookie, so this is its first page.
    let isNew: Bool
    private let value: String

    init(request: Request, context: AppContext, ambient: Ambient) {
        let sent = WebCookie(Self.cookieName, settings: context.settings).value(in: request)
        if let sent, sent.utf8.count == 43, Base64URL.decode(sent) != nil {
            value = sent
            isNew = false
        } else {
            value = ambient.newSecret()
            isNew = true
        }
    }

    /// SHA-256 of the cookie, the key of everything that this browser began.
    var hash: [UInt8] { Array(SHA256.hash(data: Array(value.utf8))) }

    /// Sets the cookie when the browser had none. It lives with the browser session.
    func keep(in response: inout Response, language: Language?, context: AppContext) {
        if isNew {
            response.headers.append(WebCookie(Self.cookieName, settings: context.settings).set(value))
        }
        if let language { response.headers.append(LanguageCookie.field(language, secure: context.settings.isSecure)) }
    }
}

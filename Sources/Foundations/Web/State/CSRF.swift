import Codecs
import Crypto
import HTTPTypes
import Hummingbird
import Kernel

/// Protection of forms against requests that other sites cause. Each form carries a token that is derived from the
/// secret of the
/// session, or, before there is a session, of a cookie of its own; and the browser's own account of where the request
/// came from
/// must not speak against it.
public struct CSRF: Sendable {
    /// The name of the form field.
    public static let field = "csrf"

    /// The token of a form, and the cookie to set with the page when the browser has none yet.
    public struct FormToken: Sendable {
        /// The value for the field `csrf`.
        public let value: String
        /// The `Set-Cookie` field, if one is needed.
        public let cookie: HTTPField?
    }

    private let settings: WebSettings
    private let ambient: Ambient
    private let cookie: WebCookie

    public init(settings: WebSettings, ambient: Ambient) {
        self.settings = settings
        self.ambient = ambient
        cookie = WebCookie("rumdul-form", settings: settings)
    }

    /// The token for a form outside of any session. A browser that has the cookie keeps it, so that several pages can
    /// be open.
    public func formToken(_ request: Request) -> FormToken {
        if let secret = cookie.value(in: request), secret.utf8.count == 43 {
            return FormToken(value: CSRF.token(secret: secret), cookie: nil)
        }
        let secret = ambient.newSecret()
        return FormToken(value: CSRF.token(secret: secret), cookie: cookie.set(secret))
    }

    /// Checks a form that was sent.
    /// - Parameter session: the session of the page; nil for forms outside of any session.
    /// - Throws: `web.csrf`
    public func verify(_ form: FormFields, _ request: Request, session: Session? = nil) throws(RumdulError) {
        try verifySource(request)
        guard let secret = session?.token ?? cookie.value(in: request), let sent = form[CSRF.field],
            constantTimeEquals(Array(sent.utf8), Array(CSRF.token(secret: secret).utf8))
        else { throw RumdulError.csrf.because("token") }
    }

    /// Checks only where a request came from, for requests that carry no form (JSON from our own scripts).
    /// - Throws: `web.csrf`
    public func verifySource(_ request: Request) throws(RumdulError) {
        if let site = request.headers[.fetchSite] {
            // `none`: the person sent it, not a page. `same-site` is another host of the same domain: not ours.
            guard site == "same-origin" || site == "none" else { throw RumdulError.csrf.because("source") }
            return
        }
        // With our `Referrer-Policy: no-referrer` browsers send `Origin: null` even for our own forms.
        if let origin = request.headers[.origin], origin != "null", origin != settings.baseURL {
            throw RumdulError.csrf.because("origin")
        }
    }

    static func token(secret: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("rumdul csrf 1".utf8), using: SymmetricKey(data: Array(secret.utf8)))
        return Base64URL.encode(Array(code.prefix(18)))
    }
}

import HTTPTypes
import Hummingbird
import Kernel

/// What a handler says about its answer to the log. It travels in header fields that never leave the program.
struct ResponseNote {
    var errorCode: String?
    var outcome: String?
    /// No log line unless the answer is an error.
    var quiet = false
}

extension Response {
    /// The same answer with a note for the log line: a stable error code and a stable outcome (`login.approved`).
    /// Neither is
    /// ever personal or secret.
    public func logged(outcome: String? = nil, errorCode: String? = nil) -> Response {
        var copy = self
        if let outcome { copy.headers[.noteOutcome] = outcome }
        if let errorCode { copy.headers[.noteError] = errorCode }
        return copy
    }
}

extension HTTPField.Name {
    /// A field name written in this module.
    static func constant(_ name: String) -> HTTPField.Name {
        guard let field = HTTPField.Name(name) else { preconditionFailure("\(name) is a field name") }
        return field
    }

    static let noteOutcome = constant("rumdul-note-outcome")
    static let noteError = constant("rumdul-note-error")
    static let frameOptions = constant("X-Frame-Options")
    static let referrerPolicy = constant("Referrer-Policy")
    static let permissionsPolicy = constant("Permissions-Policy")
    static let openerPolicy = constant("Cross-Origin-Opener-Policy")
    static let fetchSite = constant("Sec-Fetch-Site")
    static let idempotencyKey = constant("Idempotency-Key")
    static let idempotencyReplayed = constant("Idempotency-Replayed")
}

/// The security headers of all answers, computed once.
struct SecurityHeaders: Sendable {
    /// Before the fields of a page.
    let page: HTTPFields
    /// Before the fields of any other answer. The first one marks an answer as complete.
    let api: HTTPFields

    /// The policy of every page: only our own styles, scripts, pictures and forms; no frames.
    static let pagePolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "font-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        + "base-uri 'none'"

    static let marker = HTTPField(name: .xContentTypeOptions, value: "nosniff")

    init(_ settings: WebSettings) {
        var api: HTTPFields = [:]
        api.append(SecurityHeaders.marker)
        api.append(HTTPField(name: .contentSecurityPolicy, value: "default-src 'none'; frame-ancestors 'none'"))
        api.append(HTTPField(name: .referrerPolicy, value: "no-referrer"))
        var page: HTTPFields = [:]
        page.append(SecurityHeaders.marker)
        page.append(HTTPField(name: .contentSecurityPolicy, value: SecurityHeaders.pagePolicy))
        page.append(HTTPField(name: .referrerPolicy, value: "no-referrer"))
        page.append(HTTPField(name: .frameOptions, value: "DENY"))
        page.append(HTTPField(name: .openerPolicy, value: "same-origin"))
        page.append(HTTPField(name: .crossOriginResourcePolicy, value: "same-origin"))
        page.append(
            HTTPField(
                name: .permissionsPolicy,
                value: "camera=(self), geolocation=(), microphone=(), payment=(), usb=(), "
                    + "publickey-credentials-get=(self), publickey-credentials-create=(self)"))
        if settings.isSecure {
            let transport = HTTPField(name: .strictTransportSecurity, value: "max-age=63072000; includeSubDomains")
            api.append(transport)
            page.append(transport)
        }
        self.api = api
        self.page = page
    }

    /// Adds the headers that the answer lacks, takes out its notes. An answer that begins with the marker (a static
    /// answer) is
    /// complete already and passes untouched.
    func complete(_ response: inout Response, context: AppContext) -> ResponseNote {
        if let first = response.headers.first, first.name == .xContentTypeOptions { return ResponseNote(quiet: true) }
        var note = ResponseNote()
        var cached = false
        var policy = false
        var rest = HTTPFields()
        rest.reserveCapacity(response.headers.count + 12)
        let isPage = response.headers.one(.contentType)?.utf8.starts(with: "text/html".utf8) ?? false
        rest.append(contentsOf: isPage ? page : api)
        for field in response.headers {
            if field.name == .noteOutcome {
                note.outcome = field.value
                continue
            }
            if field.name == .noteError {
                note.errorCode = field.value
                continue
            }
            if field.name == .cacheControl { cached = true }
            if field.name == .contentSecurityPolicy {
                policy = true
                continue
            }
            rest.append(field)
        }
        if policy { rest[.contentSecurityPolicy] = response.headers[.contentSecurityPolicy] }
        if !cached { rest.append(HTTPField(name: .cacheControl, value: "no-store")) }
        if isPage, let language = context.requestedLanguage {
            rest.append(LanguageCookie.field(language, secure: context.settings.isSecure))
        }
        response.headers = rest
        return note
    }
}

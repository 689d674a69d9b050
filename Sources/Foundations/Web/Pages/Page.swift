import HTTPTypes
import Kernel

/// One page to show.
public struct Page {
    /// Where the switch to the other language leads.
    public enum LanguageSwitch: Sendable {
        /// To the same path and query.
        case sameAddress
        /// To a path on this server (after a form was refused, the page has no address of its own).
        case path(String)
        /// No switch.
        case hidden
    }

    /// A link in the header.
    public struct Link: Sendable {
        public var text: LocalizedText
        public var path: String
        public var isCurrent: Bool

        public init(_ text: LocalizedText, path: String, isCurrent: Bool = false) {
            self.text = text
            self.path = path
            self.isCurrent = isCurrent
        }
    }

    /// The template, `<module>/<name>`.
    public var template: String
    /// The title, for the browser's tab; the template writes its own heading.
    public var title: LocalizedText
    /// The values of the template: strings, numbers, booleans, ``SafeHTML``, dictionaries and arrays of these.
    public var data: [String: Any]
    /// The HTTP status.
    public var status: HTTPResponse.Status = .ok
    /// Where the language switch leads.
    public var languageSwitch: LanguageSwitch = .sameAddress
    /// Links in the header.
    public var navigation: [Link] = []
    /// Who is logged in, shown in the header; only for staff.
    public var account: String?
    /// The wide column, for tables.
    public var isWide = false
    /// Origins besides our own that a form of this page may end at, also after a redirect
    /// (`https://bank.example`): browsers apply `form-action` to the redirects that follow a form.
    public var formTargets: [String] = []
    /// Loads the page again after so many seconds where scripts do not run.
    public var refreshWithoutScript: Int?
    /// The code in `data-error` of the main part, for an error.
    public var mainErrorCode: String?
    /// The language to show the page in, instead of the reader's usual one (OIDC `ui_locales`).
    public var language: Language?
    /// Paths of further scripts (`/assets/...`).
    public var scripts: [String] = []
    /// Further links in the head: relation and path (`manifest`, `apple-touch-icon`).
    public var headLinks: [(relation: String, path: String)] = []

    public init(_ template: String, title: LocalizedText, data: [String: Any] = [:]) {
        self.template = template
        self.title = title
        self.data = data
    }
}

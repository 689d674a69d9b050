import HTTPTypes
import Hummingbird
import Kernel

/// The pages `/errors/<code>` that the `type` of a problem document points to: what happened and what to do, in Khmer
/// and English, and the cause for whoever connects a service.
enum ErrorPages {
    static let templates = PageTemplates(
        module: "errors", templates: ["entry": entry],
        texts: [
            "title": LocalizedText(km: "កំហុស", en: "Error"),
            "status": LocalizedText(km: "ស្ថានភាព HTTP", en: "HTTP status"),
        ])

    private static let entry = """
        <h1>{{t.title}}</h1>
        <p><code>{{code}}</code></p>
        {{#parts}}<section class="card" lang="{{lang}}">
        <p class="lead">{{text}}</p>
        <dl class="facts">{{#facts}}<div><dt>{{label}}</dt><dd>{{value}}</dd></div>{{/facts}}</dl>
        </section>
        {{/parts}}
        <p class="fine">{{t.status}} {{status}}</p>

        """

    static func addRoutes(to router: AppRouter) {
        router.get("/errors/{code}") { _, context -> Response in
            guard let code = context.parameters.get("code"), let entry = context.environment.errors[code] else {
                throw RumdulError.notFound
            }
            // The entry's own code: what the address holds is not repeated on a page.
            let languages: [Language] = context.language == .km ? [.km, .en] : [.en, .km]
            return context.show(
                Page(
                    "errors/entry", title: templates.texts["title"] ?? entry.text,
                    data: [
                        "code": entry.code, "status": Problem.status(of: entry),
                        "parts": languages.map { part(entry, $0) },
                    ]))
        }
    }

    private static func part(_ entry: ErrorEntry, _ language: Language) -> [String: Any] {
        var facts: [[String: String]] = []
        switch language {
        case .km:
            if let remedy = entry.khmerRemedy { facts.append(["label": "ត្រូវធ្វើអ្វី", "value": remedy]) }
        case .en:
            facts.append(["label": "Cause", "value": entry.cause])
            facts.append(["label": "What to do", "value": entry.remedy])
        }
        return ["lang": language.rawValue, "text": entry.text[language], "facts": facts]
    }
}

extension WebEnvironment {
    /// The path of the page about an error, or `nil` when there is none.
    func pagePath(of code: String) -> String? { errors[code] == nil ? nil : "/errors/" + code }

    /// The address of the page about an error, or `nil` when there is none: for `type` of a problem document and
    /// `error_uri` of an OAuth error (RFC 6749 section 5.2).
    public func pageAddress(of code: String) -> String? { pagePath(of: code).map { settings.baseURL + $0 } }
}

extension Problem {
    /// The HTTP status of a documented error.
    public static func status(of entry: ErrorEntry) -> Int { entry.status ?? status(of: entry.kind).code }
}

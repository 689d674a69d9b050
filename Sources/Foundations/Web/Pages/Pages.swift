import HTTPTypes
import Hummingbird
import Kernel
import NIOCore

/// The pages of all modules: templates compiled and checked once at start.
public struct Pages: Sendable {
    /// Styles, scripts and pictures with the addresses they have.
    public let assets: Assets
    /// By language and full name.
    private let templates: [Language: [String: Template]]
    private let product: LocalizedText

    static let empty = Pages()

    private init() {
        assets = .standard
        templates = [:]
        product = LocalizedText(km: "", en: "")
    }

    /// - Throws: `internal` when a template does not parse, inserts unescaped values, or names a text or partial that
    /// is missing.
    public init(_ modules: [PageTemplates], assets: Assets = .standard, product: LocalizedText) throws {
        self.assets = assets
        self.product = product
        let all = [WebTemplates.module] + modules
        var sources: [String: String] = [:]
        for module in all {
            for (name, source) in module.templates { sources["\(module.module)/\(name)"] = source }
        }
        var templates: [Language: [String: Template]] = [:]
        var known: Set<String> = []
        for module in all {
            guard known.insert(module.module).inserted else {
                throw RumdulError.internal("template module twice: \(module.module)")
            }
            let texts = WebTemplates.module.texts.merging(module.texts) { _, own in own }
            for text in texts.values {
                for language in Language.allCases { _ = try TemplateTags.list(text[language]) }
            }
            for (name, source) in module.templates {
                let place = "\(module.module)/\(name)"
                for key in try TemplateTags.textKeys(source) where texts[key] == nil {
                    throw RumdulError.internal("template \(place): no text \(key)")
                }
                for language in Language.allCases {
                    templates[language, default: [:]][place] = try Template(
                        source,
                        from: Template.Sources(
                            texts: texts.mapValues { $0[language] }, partials: sources, language: language))
                }
            }
        }
        self.templates = templates
    }

    /// The inner part of a page: the template alone. Empty when there is no such template.
    public func fragment(_ template: String, data: [String: Any], language: Language) -> String {
        guard let template = templates[language]?[template] else { return "" }
        var values = data
        values["isKhmer"] = language == .km
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8192)
        template.render(values, into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The answer that shows a page in the reader's language.
    public func response(_ page: Page, context: AppContext) -> Response {
        let language = page.language ?? context.language
        let content = fragment(page.template, data: page.data, language: language)
        let markup = Layout(pages: self, product: product, page: page, language: language)
            .markup(content: content, target: context.requestTarget)
        var headers: HTTPFields = [:]
        headers.append(HTTPField(name: .contentType, value: "text/html; charset=utf-8"))
        headers.append(HTTPField(name: .contentLanguage, value: language.rawValue))
        if !page.formTargets.isEmpty {
            headers.append(HTTPField(name: .contentSecurityPolicy, value: Pages.policy(page.formTargets)))
        }
        return Response(status: page.status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: markup)))
    }

    /// The policy of a page whose form may lead elsewhere. Origins with other characters than an origin has are left
    /// out.
    static func policy(_ targets: [String]) -> String {
        let safe = targets.filter { target in
            (target.hasPrefix("https://") || target.hasPrefix("http://"))
                && target.utf8.allSatisfy {
                    $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: ",")
                        && $0 != UInt8(ascii: "'") && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "*")
                }
        }
        return SecurityHeaders.pagePolicy.replacing(
            "form-action 'self'", with: (["form-action 'self'"] + safe).joined(separator: " "))
    }
}

extension AppContext {
    /// The path of an asset by its name, or `nil` when there is none.
    public func assetPath(_ name: String) -> String? { environment.pages.assets.path(name) }

    /// The answer that shows a page in the reader's language.
    public func show(_ page: Page) -> Response { environment.pages.response(page, context: self) }
}

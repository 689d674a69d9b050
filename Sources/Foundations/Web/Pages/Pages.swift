import HTTPTypes
import Hummingbird
import Kernel
import Mustache
import NIOCore

/// The pages of all modules: templates compiled and checked once at start.
public struct Pages: Sendable {
    /// Styles, scripts and pictures with the addresses they have.
    public let assets: Assets
    private let library: MustacheLibrary
    private let texts: [String: [Language: [String: MustacheTemplate]]]
    private let product: LocalizedText

    static let empty = Pages()

    private init() {
        assets = .standard
        library = MustacheLibrary()
        texts = [:]
        product = LocalizedText(km: "", en: "")
    }

    /// - Throws: `internal` when a template does not parse, inserts unescaped values, or names a text or partial that
    /// is missing.
    public init(_ modules: [PageTemplates], assets: Assets = .standard, product: LocalizedText) throws {
        self.assets = assets
        self.product = product
        var library = MustacheLibrary()
        var texts: [String: [Language: [String: MustacheTemplate]]] = [:]
        let all = [WebTemplates.module] + modules
        let names = Set(all.flatMap { module in module.templates.keys.map { "\(module.module)/\($0)" } })
        for module in all {
            guard texts[module.module] == nil else {
                throw RumdulError.internal("template module twice: \(module.module)")
            }
            let merged = WebTemplates.module.texts.merging(module.texts) { _, own in own }
            for (name, source) in module.templates {
                let place = "\(module.module)/\(name)"
                for key in try TemplateTags.textKeys(source) where merged[key] == nil {
                    throw RumdulError.internal("template \(place): no text \(key)")
                }
                for partial in try TemplateTags.partials(source) where !names.contains(partial) {
                    throw RumdulError.internal("template \(place): no partial \(partial)")
                }
                do { try library.register(source, named: place) } catch {
                    throw RumdulError.internal("template \(place): \(error)")
                }
            }
            for language in Language.allCases {
                texts[module.module, default: [:]][language] = try merged.mapValues { text in
                    _ = try TemplateTags.list(text[language])
                    return try MustacheTemplate(string: SafeHTML.escape(text[language]))
                }
            }
        }
        self.library = library
        self.texts = texts
    }

    /// The inner part of a page: the template alone. Empty when there is no such template.
    public func fragment(_ template: String, data: [String: Any], language: Language) -> String {
        let module = template.prefix { $0 != "/" }
        var values = data
        values["t"] = texts[String(module)]?[language] ?? [:]
        values["language"] = language.rawValue
        values["isKhmer"] = language == .km
        return library.render(values, withTemplate: template) ?? ""
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
    /// The answer that shows a page in the reader's language.
    public func show(_ page: Page) -> Response { environment.pages.response(page, context: self) }
}

import Kernel

/// The pages of one module: Mustache templates and the texts they use in both languages.
///
/// A template is named `<module>/<name>` from outside, for `Page` and for partials. Inside, `{{t.key}}` is the text
/// of that key
/// in the reader's language; a text may itself use `{{values}}` of the page. Everything is escaped: `{{{...}}}` and
/// `{{&...}}`
/// are refused at start; markup made by code goes in as ``SafeHTML``.
public struct PageTemplates: Sendable {
    /// The name of the module, in lower case.
    public var module: String
    /// Templates by name.
    public var templates: [String: String]
    /// Texts by key.
    public var texts: [String: LocalizedText]

    public init(module: String, templates: [String: String], texts: [String: LocalizedText] = [:]) {
        self.module = module
        self.templates = templates
        self.texts = texts
    }
}

/// A tag of a template, as far as the checks at start need it.
enum TemplateTags {
    /// The tags of a template without braces, or a fault.
    static func list(_ template: String) throws -> [Substring] {
        var tags: [Substring] = []
        var rest = template[...]
        while let open = rest.firstRange(of: "{{") {
            let inner = rest[open.upperBound...]
            guard let close = inner.firstRange(of: "}}") else {
                throw RumdulError.internal("template: unclosed tag")
            }
            let tag = inner[..<close.lowerBound].drop { $0 == " " }
            if tag.hasPrefix("{") || tag.hasPrefix("&") {
                throw RumdulError.internal("template: unescaped tag \(tag)")
            }
            if tag.hasPrefix("=") || tag.hasPrefix("%") {
                throw RumdulError.internal("template: delimiters and pragmas are not used")
            }
            tags.append(tag)
            rest = inner[close.upperBound...]
        }
        return tags
    }

    /// The keys of texts that a template uses.
    static func textKeys(_ template: String) throws -> [String] {
        try list(template).compactMap { tag in
            let name = tag.drop { $0 == "#" || $0 == "^" || $0 == " " || $0 == "/" }.prefix { $0 != " " }
            return name.hasPrefix("t.") ? String(name.dropFirst(2)) : nil
        }
    }
}

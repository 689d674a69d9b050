import Kernel
import Web

/// Writes markup in one language. Everything that goes through it is escaped.
struct Speaker: Sendable {
    let language: Language

    /// A text of ours in the reader's language, escaped.
    func callAsFunction(_ khmer: String, _ english: String) -> String {
        SafeHTML.escape(language == .km ? khmer : english)
    }

    /// A text of ours in the reader's language, escaped.
    func callAsFunction(_ text: LocalizedText) -> String { SafeHTML.escape(text[language]) }

    /// The link to the same page in the other language.
    func otherLanguage(_ path: String) -> String {
        let other: Language = language == .km ? .en : .km
        let name = other == .en ? "English" : "ភាសាខ្មែរ"
        let tag = other.rawValue
        return
            "<a class=\"lang\" lang=\"\(tag)\" hreflang=\"\(tag)\" href=\"\(SafeHTML.escape(path))?lang=\(tag)\">\(name)</a>"
    }
}

/// Text from outside for content and quoted attributes.
func escaped(_ text: String) -> String { SafeHTML.escape(text) }

/// A document with a frame of its own, for the pages that must not look like the government's.
struct OwnDocument {
    var title: String
    var language: Language
    var stylesheet: String
    var icon: String
    var script: String?
    var themeColor: String
    /// Loads the page again after so many seconds where scripts do not run.
    var refresh: Int?

    /// The whole document around a body; title and body are escaped already.
    func markup(_ body: String) -> String {
        var html = "<!doctype html>\n<html lang=\"\(language.rawValue)\">\n<head>\n<meta charset=\"utf-8\">\n"
        html += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>\(title)</title>\n"
        html += "<link rel=\"stylesheet\" href=\"\(stylesheet)\">\n"
        html += "<link rel=\"icon\" type=\"image/svg+xml\" href=\"\(icon)\">\n"
        html += "<meta name=\"theme-color\" content=\"\(themeColor)\">\n"
        if let refresh { html += "<noscript><meta http-equiv=\"refresh\" content=\"\(refresh)\"></noscript>\n" }
        if let script { html += "<script src=\"\(script)\" defer></script>\n" }
        return html + "</head>\n\(body)</html>\n"
    }
}

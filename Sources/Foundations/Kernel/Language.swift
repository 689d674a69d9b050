/// A language the product speaks. Locale identifiers from outside are mapped onto these two and never reach Foundation:
/// some identifiers (`km-KH-u-nu-khmr`) stop a Linux process inside `DateFormatter`.
public enum Language: String, Sendable, CaseIterable, Codable {
    /// Khmer, the base language.
    case km
    /// English.
    case en

    /// The first supported language of a BCP 47 tag (`km-KH-u-nu-khmr` gives `.km`), or `nil` for any other language.
    public init?(tag: some StringProtocol) {
        let primary = tag.utf8.prefix { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") }
        guard primary.count == 2 else { return nil }
        switch String(decoding: primary, as: UTF8.self).lowercased() {
        case "km": self = .km
        case "en": self = .en
        default: return nil
        }
    }

    /// The best supported language of an OIDC `ui_locales` value: tags separated by spaces, most wanted first.
    public init?(uiLocales: String) {
        for tag in uiLocales.split(separator: " ").prefix(16) {
            if let language = Language(tag: tag) {
                self = language
                return
            }
        }
        return nil
    }

    /// The best supported language of an `Accept-Language` header (RFC 9110, section 12.5.4), or `nil`.
    public init?(acceptLanguage: String) {
        var best: (Language, Double)?
        for part in acceptLanguage.utf8.split(separator: UInt8(ascii: ",")).prefix(16) {
            let pieces = part.split(separator: UInt8(ascii: ";"))
            guard let tag = pieces.first, let language = Language(tag: Substring(tag.trimmed)) else { continue }
            var quality = 1.0
            for parameter in pieces.dropFirst() where parameter.trimmed.starts(with: "q=".utf8) {
                quality = Double(Substring(parameter.trimmed.dropFirst(2))) ?? 0
            }
            if quality > 0, quality > (best?.1 ?? 0) { best = (language, quality) }
        }
        guard let best else { return nil }
        self = best.0
    }
}

extension Substring.UTF8View {
    /// The text without leading and trailing spaces and tabs (ASCII only; Khmer text goes through `KhmerText`).
    fileprivate var trimmed: Substring.UTF8View {
        var view = drop { $0 == 32 || $0 == 9 }
        while let last = view.last, last == 32 || last == 9 { view.removeLast() }
        return view
    }
}

/// A text in both languages of the product.
public struct LocalizedText: Sendable, Hashable, Codable {
    /// The Khmer text.
    public var km: String
    /// The English text.
    public var en: String

    public init(km: String, en: String) {
        self.km = km
        self.en = en
    }

    /// The text in one language.
    public subscript(language: Language) -> String { language == .km ? km : en }

    /// A place that a network address tells, in the words for it: such places are never exact.
    public var asRoughPlace: LocalizedText { LocalizedText(km: "ប្រហែលនៅ\(km)", en: "about \(en)") }
}

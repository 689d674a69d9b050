import Kernel
import Testing

@Suite("Languages come from an allow-list")
struct LanguageTests {
    @Test(
        "Tags are mapped by their primary subtag",
        arguments: [
            ("km", Language.km), ("km-KH", .km), ("KM_kh", .km), ("km-KH-u-nu-khmr", .km), ("en-GB", .en), ("EN", .en),
        ])
    func knownTags(tag: String, expected: Language) { #expect(Language(tag: tag) == expected) }

    @Test(
        "Everything else is nobody's language",
        arguments: [
            "", "k", "kmx", "ar-EG-u-nu-arab", "../km", "-km", "e n", "ខ្មែរ", "\u{0}en",
            String(repeating: "km", count: 50_000),
        ])
    func unknownTags(tag: String) { #expect(Language(tag: tag) == nil) }

    @Test(
        "Accept-Language is read by quality",
        arguments: [
            ("km", Language.km), ("en;q=0.5, km;q=0.9", .km), ("fr, en;q=0.1", .en), ("km;q=0, en", .en),
            ("en-US,en;q=0.9", .en),
        ])
    func acceptLanguage(header: String, expected: Language) { #expect(Language(acceptLanguage: header) == expected) }

    @Test(
        "A hostile Accept-Language gives no language and no crash",
        arguments: ["", ",,,", "*", ";q=", "km;q=nan-1e999", "fr;q=1,de"])
    func hostileAcceptLanguage(header: String) { #expect(Language(acceptLanguage: header) == nil) }

    @Test("ui_locales takes the first that we speak")
    func uiLocales() {
        #expect(Language(uiLocales: "fr km-KH-u-nu-khmr en") == .km)
        #expect(Language(uiLocales: "se") == nil)
    }
}

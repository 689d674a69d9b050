import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import Testing

@testable import Web

@Suite struct PagesTests {
    static let module = PageTemplates(
        module: "test",
        templates: [
            "hello": "<h1>{{t.greeting}}</h1><p title=\"{{name}}\">{{name}}</p>{{mark}}{{> test/part}}",
            "part": "<i>{{t.plain}}</i>",
            "form": "<form method=\"post\" data-once>{{> web/csrf}}{{> web/errors}}"
                + "{{#fields}}{{> web/field}}{{/fields}}"
                + "<button>{{t.save}}</button></form>",
        ],
        texts: [
            "greeting": LocalizedText(km: "សួស្តី {{name}}", en: "Hello {{name}} & <all>"),
            "plain": LocalizedText(km: "ធម្មតា", en: "plain"),
        ])

    static let attack = "\"><script>alert('x')</script>&{{t.plain}}{{{name}}}"

    @Test func everythingIsEscaped() throws {
        let pages = try Pages([Self.module], product: LocalizedText(km: "រំដួល", en: "Rumdul"))
        let markup = pages.fragment(
            "test/hello", data: ["name": Self.attack, "mark": SafeHTML("<b>ok</b>")], language: .en)
        #expect(!markup.contains("<script") && !markup.contains("\"><"))
        #expect(markup.contains("<b>ok</b>"))
        #expect(markup.contains("&lt;script&gt;"))
        #expect(markup.contains("Hello &quot;&gt;&lt;script"))
        #expect(markup.contains("&amp; &lt;all&gt;"))
        // Tags in a value are text, never evaluated.
        #expect(markup.contains("{{t.plain}}"))
        #expect(markup.contains("<i>plain</i>"))
    }

    @Test func safeMarkupWithTagsIsNotInserted() throws {
        let pages = try Pages([Self.module], product: LocalizedText(km: "x", en: "x"))
        let markup = pages.fragment(
            "test/hello", data: ["name": "n", "mark": SafeHTML("{{{name}}}<b>")], language: .km)
        #expect(!markup.contains("<b>"))
        #expect(markup.contains("សួស្តី n"))
    }

    @Test(arguments: [
        "{{{raw}}}", "{{&raw}}", "{{ &raw }}", "{{t.nothing}}", "{{> test/nothing}}", "{{#open}}", "{{=<% %>=}}", "{{x",
        "{{#t.nothing}}a{{/t.nothing}}",
    ])
    func faultyTemplatesStopTheStart(_ template: String) {
        #expect(throws: (any Error).self) {
            let module = PageTemplates(module: "test", templates: ["x": template])
            _ = try Pages([module], product: LocalizedText(km: "", en: ""))
        }
    }

    static func routes(_ router: AppRouter, _ environment: WebEnvironment) {
        let csrf = CSRF(settings: environment.settings, ambient: TestWorld().ambient)
        router.get("/hello") { _, context -> Response in
            context.show(Page("test/hello", title: LocalizedText(km: "ចំណងជើង", en: "Title"), data: ["name": "<x>"]))
        }
        router.get("/form") { request, context -> Response in
            let token = csrf.formToken(request)
            let fields = [
                FormField(
                    "code", LocalizedText(km: "លេខសម្គាល់", en: "Identity number"), value: "1\"2",
                    hint: LocalizedText(km: "១០ ខ្ទង់", en: "10 digits"), autocomplete: "username",
                    inputMode: "numeric", maximumLength: 12),
                FormField(
                    "pin", LocalizedText(km: "PIN", en: "PIN"), type: "password", value: "1234", isRequired: false),
                FormField("kept", LocalizedText(km: "ក", en: "For the script alone"), type: "password", isSent: false),
            ]
            var page = Page(
                "test/form", title: LocalizedText(km: "ទម្រង់", en: "Form"),
                data: FormField.form(
                    fields, errors: [FieldError("code", FieldTexts.number)], csrf: token.value,
                    language: context.language))
            page.formTargets = ["https://bank.example", "https://x.example; script-src *", "javascript:alert(1)"]
            page.navigation = [.init(LocalizedText(km: "ទំព័រដើម", en: "Home"), path: "/", isCurrent: true)]
            page.refreshWithoutScript = 5
            let answer = context.show(page)
            return token.cookie.map { answer.setting($0) } ?? answer
        }
    }

    @Test func theFrame() async throws {
        try await program(templates: [Self.module], Self.routes).test(.router) { client in
            let khmer = try await client.execute(uri: "/hello?a=1&lang=km", method: .get, headers: html)
            let markup = text(khmer)
            #expect(markup.hasPrefix("<!doctype html>\n<html lang=\"km\">"))
            #expect(khmer.headers[.contentLanguage] == "km")
            #expect(markup.contains("<title>ចំណងជើង · រំដួល</title>"))
            #expect(markup.contains("href=\"/hello?a=1&amp;lang=en\""))
            #expect(markup.contains("class=\"skip\" href=\"#main\"") && markup.contains("<main id=\"main\""))
            #expect(khmer.headers[values: .setCookie].contains { $0.hasPrefix("lang=km;") })
            // Nothing inline that the policy would refuse, nothing from elsewhere.
            #expect(!markup.contains("style=") && !markup.contains("onclick") && !markup.contains("src=\"http"))
            #expect(!markup.contains("<script>"))
            let english = try await client.execute(uri: "/hello?lang=en", method: .get, headers: html)
            #expect(text(english).contains("<html lang=\"en\">") && text(english).contains("Hello &lt;x&gt;"))
        }
    }

    @Test func formsAreAccessible() async throws {
        try await program(templates: [Self.module], Self.routes).test(.router) { client in
            let answer = try await client.execute(uri: "/form?lang=en", method: .get, headers: html)
            let markup = text(answer)
            #expect(markup.contains("<label for=\"f-code\">Identity number"))
            #expect(markup.contains("value=\"1&quot;2\""))
            #expect(markup.contains("aria-describedby=\"h-code e-code\" aria-invalid=\"true\""))
            #expect(markup.contains("role=\"alert\"") && markup.contains("href=\"#f-code\">Identity number: "))
            #expect(markup.contains("inputmode=\"numeric\"") && markup.contains("autocomplete=\"username\""))
            #expect(!markup.contains("1234"), "a password never comes back")
            #expect(markup.contains("<input id=\"f-pin\" name=\"pin\" type=\"password\""))
            #expect(markup.contains("<input id=\"f-kept\" type=\"password\""), "what is not sent has no name")
            #expect(markup.contains("name=\"csrf\" value=\""))
            #expect(markup.contains("aria-current=\"page\""))
            #expect(markup.contains("<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>"))
            #expect(!markup.contains("false") && !markup.contains("{{"))
            let policy = try #require(answer.headers[.contentSecurityPolicy])
            #expect(policy.contains("form-action 'self' https://bank.example;"))
            #expect(!policy.contains("x.example") && !policy.contains("javascript"))
        }
    }

    @Test func assetsAreKeptForGood() async throws {
        let assets = Assets.standard
        try await program().test(.router) { client in
            for path in [assets.stylesheet, assets.script, assets.icon] {
                let answer = try await client.execute(uri: path, method: .get)
                #expect(answer.status == .ok)
                #expect(answer.headers[.cacheControl] == "public, max-age=31536000, immutable")
                #expect(answer.headers[.eTag] != nil)
            }
            #expect(try await client.execute(uri: "/assets/old/rumdul.css", method: .get).status == .notFound)
        }
    }

    /// A first visit loads the page, the style sheet, the script and the icon.
    @Test func firstLoadIsSmall() async throws {
        try await program(templates: [Self.module], Self.routes).test(.router) { client in
            let page = try await client.execute(uri: "/form", method: .get, headers: html)
            let total =
                page.body.readableBytes + Stylesheet.text.utf8.count + Scripts.text.utf8.count + Logo.icon.utf8.count
            #expect(total < 30_000, "\(total) bytes; 50 000 is the promise for the largest page")
        }
    }

    @Test(arguments: [
        ("/a", "/a?lang=en"), ("/a?lang=km", "/a?lang=en"), ("/a?x=1&lang=km&y=2", "/a?x=1&y=2&lang=en"),
        ("//evil.example/x", "/evil.example/x?lang=en"), ("", "/?lang=en"),
    ])
    func languageSwitchKeepsTheAddress(_ target: String, _ expected: String) {
        #expect(Layout.address(target, in: .en) == expected)
    }

    // MARK: - Contrast (WCAG 2.2, criteria 1.4.3 and 1.4.11)

    static let textPairs = [
        ("ink", "ground"), ("ink", "paper"), ("ink-soft", "paper"), ("ink-soft", "ground"), ("link", "paper"),
        ("link", "ground"), ("link", "blue-soft"), ("ink", "blue-soft"), ("ink", "cream"), ("good", "good-soft"),
        ("warn", "warn-soft"), ("bad", "bad-soft"), ("bad", "paper"), ("bad", "ground"), ("on-button", "button"),
        ("ink", "warn-soft"), ("ink", "bad-soft"), ("ink", "good-soft"), ("link", "bad-soft"),
    ]

    @Test(arguments: [false, true], textPairs)
    func textContrast(_ dark: Bool, _ pair: (String, String)) throws {
        let tokens = Self.tokens(dark: dark)
        let ratio = try Self.contrast(#require(tokens[pair.0]), #require(tokens[pair.1]))
        #expect(ratio >= 4.5, "\(pair.0) on \(pair.1): \(ratio)")
    }

    @Test(
        arguments: [false, true], [("field", "paper"), ("field", "ground"), ("focus", "ground"), ("focus", "paper")])
    func componentContrast(_ dark: Bool, _ pair: (String, String)) throws {
        let tokens = Self.tokens(dark: dark)
        let ratio = try Self.contrast(#require(tokens[pair.0]), #require(tokens[pair.1]))
        #expect(ratio >= 3, "\(pair.0) on \(pair.1): \(ratio)")
    }

    @Test func khmerIsSetWithCare() {
        for forbidden in ["letter-spacing", "italic", "uppercase", "http:", "https:", "@import", "@font-face"] {
            #expect(!Stylesheet.text.contains(forbidden), "\(forbidden)")
        }
        #expect(Stylesheet.text.contains("'Noto Sans Khmer','Khmer OS Siemreap'"))
        #expect(Stylesheet.text.contains(":lang(km){line-height:1.85}"))
    }

    static func tokens(dark: Bool) -> [String: String] {
        var tokens: [String: String] = [:]
        let parts = Stylesheet.tokens.components(separatedBy: "@media (prefers-color-scheme:dark)")
        for part in dark ? parts[...] : parts[..<1] {
            for declaration in part.split(whereSeparator: { ";{}\n".contains($0) }) {
                let sides = declaration.split(separator: ":", maxSplits: 1)
                if sides.count == 2, sides[0].hasPrefix("--"), sides[1].hasPrefix("#") {
                    tokens[String(sides[0].dropFirst(2))] = String(sides[1])
                }
            }
        }
        return tokens
    }

    static func contrast(_ one: String, _ other: String) -> Double {
        func luminance(_ colour: String) -> Double {
            let value = Int(colour.dropFirst(), radix: 16) ?? 0
            let parts = [value >> 16 & 255, value >> 8 & 255, value & 255].map { channel -> Double in
                let share = Double(channel) / 255
                return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
            }
            return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
        }
        let values = [luminance(one), luminance(other)].sorted()
        return (values[1] + 0.05) / (values[0] + 0.05)
    }
}

import Codecs
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import Testing

@testable import Web

@Suite struct ErrorPageTests {
    private static func app(_ error: RumdulError = .notFound) throws -> Application<RouterResponder<AppContext>> {
        try program(baseURL: "https://id.example") { router, _ in
            router.get("/fail") { _, _ -> Response in throw error }
        }
    }

    @Test func theTypeOfAProblemLeadsToItsPage() async throws {
        try await Self.app(.rateLimited(retryAfter: 3)).test(.router) { client in
            let problem = try JSON.parse(text(try await client.execute(uri: "/fail", method: .get)))
            #expect(problem["type"]?.stringValue == "https://id.example/errors/web.rate_limited")
            let page = try await client.execute(uri: "/errors/web.rate_limited", method: .get)
            #expect(page.status == .ok && page.headers[.contentType]?.hasPrefix("text/html") == true)
            let entry = try #require(ErrorCatalogue([.web])["web.rate_limited"])
            for part in [entry.text.km, entry.text.en, entry.cause, entry.remedy, try #require(entry.khmerRemedy)] {
                #expect(text(page).contains(SafeHTML.escape(part)), "\(part)")
            }
            #expect(text(page).contains("429"))
        }
    }

    @Test func thePageOfAnErrorLinksToItsExplanation() async throws {
        try await Self.app().test(.router) { client in
            let page = try await client.execute(uri: "/fail", method: .get, headers: html)
            #expect(text(page).contains("href=\"/errors/web.not_found\""))
        }
        try await Self.app(RumdulError("test.unknown", .gone, km: "ក", en: "x")).test(.router) { client in
            let page = try await client.execute(uri: "/fail", method: .get, headers: html)
            #expect(!text(page).contains("/errors/") && text(page).contains("test.unknown"))
        }
    }

    @Test func unknownCodesHaveNoPage() async throws {
        try await Self.app().test(.router) { client in
            for code in ["x", "web.nothing", "web.*x", "%3Cscript%3E", "web.", "."] {
                let page = try await client.execute(uri: "/errors/" + code, method: .get)
                #expect(page.status == .notFound, "\(code)")
            }
        }
    }

    @Test func familiesAnswerForTheirMembers() {
        let family = ErrorEntry(
            "a.b.*", .gone, text: LocalizedText(km: "ក", en: "x"), cause: "c", remedy: "r")
        let catalogue = ErrorCatalogue([ErrorRoom("x", [family])])
        #expect(catalogue["a.b.c"]?.code == "a.b.*")
        #expect(catalogue["a.b"] == nil && catalogue["a.c.d"] == nil && catalogue["a"] == nil)
    }

    @Test func anErrorMayHaveItsOwnHeading() async throws {
        let error = RumdulError("test.wait", .conflict, km: "ក", en: "x").titled(km: "រង់ចាំ", en: "Not yet")
        try await Self.app(error).test(.router) { client in
            let page = try await client.execute(uri: "/fail?lang=en", method: .get, headers: html)
            #expect(text(page).contains("<h1>Not yet</h1>") && !text(page).contains("Conflict"))
            let problem = try JSON.parse(text(try await client.execute(uri: "/fail", method: .get)))
            #expect(problem["title"]?.stringValue == "រង់ចាំ" && problem["status"]?.integerValue == 409)
        }
    }

    /// RFC 9110 section 11.6.1: the scheme is the one that the interface takes.
    @Test func challengesNameTheirScheme() async throws {
        let bare = RumdulError("test.auth", .unauthenticated, km: "ក", en: "x")
        for (error, scheme) in [(bare, nil), (bare.challenging("DeviceProof"), "DeviceProof")] {
            try await Self.app(error).test(.router) { client in
                let answer = try await client.execute(uri: "/fail", method: .get)
                #expect(answer.status == .unauthorized && answer.headers[.wwwAuthenticate] == scheme)
                let page = try await client.execute(uri: "/fail", method: .get, headers: html)
                #expect(page.headers[.wwwAuthenticate] == nil, "pages ask for no scheme")
            }
        }
    }
}

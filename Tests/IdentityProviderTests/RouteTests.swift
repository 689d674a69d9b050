import Authenticators
import Codecs
import DatabaseTesting
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import NIOCore
import Synchronization
import Testing
import Web

@testable import IdentityProvider

@Suite("The browser's side")
struct AuthorizeRouteTests {
    @Test(arguments: TestDatabases.kinds) func aLoginThroughThePages(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let browser = Browser(client)
            let consent = try await browser.get(Browser.authorize("spa"))
            #expect(consent.status == 200)
            #expect(consent.text.contains("name=\"attr.name_km\" value=\"on\" checked"))
            #expect(
                !consent.text.contains("name=\"attr.email\" value=\"on\" checked"), "what is optional is not pre-ticked"
            )
            let sealed = try #require(consent.input("request"))
            world.database.reset()
            let started = try await browser.post(
                "/authorize/start",
                [("request", sealed), ("identifier", "២៣៤ ៥៦៧-៨៩០១"), ("attr.name_km", "on"), ("attr.kidc", "on")])
            #expect(started.status == 303)
            #expect(world.database.rows.count == 1)
            let wait = try await browser.get(started.location)
            let id = String(started.location.split(separator: "/").last ?? "")
            let item = try await world.find(id)
            #expect(item.request.attributes == ["name_km"], "what was not offered cannot be ticked")
            #expect(wait.text.contains(String(item.number)))
            for other in item.numbers where other != item.number {
                #expect(!wait.text.contains(">\(other)<"), "the browser shows one number only")
            }
            let status = try await browser.get(started.location + "/status", headers: [.accept: "application/json"])
            #expect(try status.json.string("state") == "pending")
            #expect(try await browser.get(started.location + "/continue").location == started.location)
            try await world.decide(item, try await phone.decision(item), by: phone)
            let back = try await browser.get(started.location + "/continue")
            #expect(back.status == 302)
            #expect(back.location.hasPrefix(World.redirect + "?code="))
            #expect(back.location.hasSuffix("&state=s-1&iss=https%3A%2F%2Fid.example"))
            let code = try #require(back.location.firstRange(of: "code=")).upperBound
            let text = String(back.location[code...].prefix { $0 != "&" })
            let answer = try await browser.post("/token", World.tokenForm(text).map { ($0.key, $0.value) })
            #expect(answer.status == 200)
            #expect(answer.headers[.cacheControl]?.contains("no-store") == true)
            let token = try #require(try answer.json.string("access_token"))
            let info = try await browser.get("/userinfo", headers: [.authorization: "Bearer " + token])
            #expect(try info.json.string("name_km") == "name_km of person-sokha")
            #expect(info.headers[.cacheControl]?.contains("no-store") == true)
            // The browser's back button gives no second code.
            #expect(try await browser.get(started.location + "/continue").error == "authorize.request_stale")
        }
    }

    @Test func nobodyIsSentToAnUnknownAddress() async throws {
        try await World.serve { _, client in
            let browser = Browser(client)
            for (path, code, status) in [
                (Browser.authorize("nobody"), "authorize.unknown_client", 400),
                (Browser.authorize { $0["client_id"] = nil }, "authorize.unknown_client", 400),
                (
                    Browser.authorize { $0["redirect_uri"] = "https://evil.example/" },
                    "authorize.redirect_uri_mismatch", 400
                ),
                (Browser.authorize { $0["redirect_uri"] = nil }, "authorize.redirect_uri_missing", 400),
                (Browser.authorize() + "&redirect_uri=https%3A%2F%2Fevil.example", "web.duplicate_parameter", 400),
                (Browser.authorize() + "&scope=openid", "web.duplicate_parameter", 400),
                (Browser.authorize() + "&x=%zz", "web.malformed_form", 400),
            ] {
                let page = try await browser.get(path)
                #expect(page.error == code && page.status == status && page.location.isEmpty, "\(path)")
                let problem = try await browser.get(path, headers: [.accept: "application/json"])
                #expect(problem.headers[.contentType]?.hasPrefix("application/problem+json") == true)
                #expect(try problem.json.string("code") == code)
            }
        }
    }

    @Test func refusalsGoBackWithStateAndIssuer() async throws {
        try await World.serve { _, client in
            let browser = Browser(client)
            let page = try await browser.get(
                Browser.authorize {
                    $0["response_type"] = "token"
                    $0["state"] = "a&b\r\nX-Evil: 1"
                })
            #expect(page.status == 302)
            #expect(page.location.hasPrefix(World.redirect + "#error=unsupported_response_type&error_description="))
            #expect(page.location.contains("&state=a%26b%0D%0AX-Evil%3A%201&iss="))
            #expect(page.headers[HTTPField.Name("X-Evil") ?? .age] == nil)
            let posted = try await browser.post(
                "/authorize", World.parameters().map { ($0.key, $0.value) } + [("prompt", "none")])
            // A post without cookies goes round once as a GET, and finds those that another site's form did not bring.
            #expect(posted.status == 303 && posted.location.hasPrefix("/authorize?"))
            #expect(try await browser.get(posted.location).location.contains("error=login_required"))
            let second = try await browser.get(
                Browser.authorize {
                    $0["prompt"] = "none"
                    $0["redirect_uri"] = "https://bank.example/callback?page=1"
                })
            #expect(second.location.hasPrefix("https://bank.example/callback?page=1&error="))
        }
    }

    @Test func anotherBrowserGetsNothing() async throws {
        try await World.serve { world, client in
            let (browser, thief) = (Browser(client), Browser(client))
            let sealed = try #require(try await browser.get(Browser.authorize()).input("request"))
            let theirs = try #require(try await thief.get(Browser.authorize()).input("request"))
            let fields = [("request", sealed), ("identifier", "2345678901")]
            #expect(try await thief.post("/authorize/start", fields).error == "authorize.request_stale")
            #expect(try await Browser(client).post("/authorize/start", fields).error == "authorize.request_stale")
            #expect(try await thief.get("/authorize/cancel?request=" + sealed).error == "authorize.request_stale")
            #expect(
                try await browser.post("/authorize/start", [("request", theirs), ("identifier", "1")]).error
                    == "authorize.request_stale")
            let started = try await browser.post("/authorize/start", fields)
            for suffix in ["", "/status", "/continue"] {
                let page = try await thief.get(started.location + suffix)
                #expect(page.status == 404 && page.error == "transaction.not_found")
            }
            for path in ["/authorize/x", "/authorize/%00", "/authorize/' OR 1=1", "/authorize/../x"] {
                #expect(try await browser.get(path.replacing(" ", with: "%20")).status == 404)
            }
            world.clock.advance(901)
            #expect(try await browser.post("/authorize/start", fields).error == "authorize.request_stale")
        }
    }

    @Test func formsFromOtherSitesAreRefused() async throws {
        try await World.serve { world, client in
            let browser = Browser(client)
            let sealed = try #require(try await browser.get(Browser.authorize()).input("request"))
            let fields = [("request", sealed), ("identifier", "2345678901")]
            let site = try #require(HTTPField.Name("Sec-Fetch-Site"))
            for headers: HTTPFields in [[site: "cross-site"], [site: "same-site"], [.origin: "https://evil.example"]] {
                let page = try await browser.post("/authorize/start", fields, headers: headers)
                #expect(page.status == 403 && page.error == "web.csrf")
            }
            #expect(try await browser.post("/authorize/start", fields, headers: [site: "same-origin"]).status == 303)
            #expect(world.database.rows.count == 1)
        }
    }

    @Test func whatIsTypedIsShownAgainSafely() async throws {
        try await World.serve { _, client in
            let browser = Browser(client)
            let sealed = try #require(try await browser.get(Browser.authorize()).input("request"))
            for typed in [
                "\"><script>alert(1)</script>", "123", "", "២៣៤5678901", "{{csrf}}",
                String(repeating: "9", count: 5000),
            ] {
                let page = try await browser.post(
                    "/authorize/start", [("request", sealed), ("identifier", typed), ("attr.email", "on")])
                #expect(page.status == 400 && page.error == "authorize.identifier_invalid", "\(typed.prefix(20))")
                #expect(!page.text.contains("<script>alert"))
                #expect(page.text.contains("name=\"attr.email\" value=\"on\" checked"), "the choice is kept")
                #expect(!page.text.contains("name=\"attr.name_km\" value=\"on\" checked"))
                // The page of a refused form shows in the other language too; what was typed is in no address.
                let link = try #require(
                    page.between("<a class=\"lang\"", "\">")?.split(separator: "href=\"").last.map(String.init))
                let other = try await browser.get(link.replacing("&amp;", with: "&"))
                #expect(other.status == 200 && other.input("request") == sealed)
                #expect(!link.contains("identifier") && !link.contains("99999"))
            }
            for _ in 0..<3 {
                #expect(
                    try await browser.post("/authorize/start", [("request", sealed), ("identifier", "2345678901")])
                        .status == 303)
            }
            let page = try await browser.post("/authorize/start", [("request", sealed), ("identifier", "2345678901")])
            #expect(page.status == 429 && page.error == "authorize.too_many_prompts")
        }
    }

    @Test func cancelAndRefusalReturnToTheParty() async throws {
        try await World.serve { world, client in
            let browser = Browser(client)
            let sealed = try #require(try await browser.get(Browser.authorize()).input("request"))
            let cancelled = try await browser.get("/authorize/cancel?request=" + sealed)
            #expect(cancelled.location.hasPrefix(World.redirect + "?error=access_denied"))
            #expect(world.database.rows.isEmpty)
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let started = try await browser.post(
                "/authorize/start", [("request", sealed), ("identifier", "2345678901")])
            let item = try await world.find(String(started.location.split(separator: "/").last ?? ""))
            try await world.decide(item, try await phone.decision(item, "deny"), by: phone)
            #expect(try await browser.get(started.location).location == started.location + "/continue")
            #expect(try await browser.get(started.location + "/continue").location.contains("error=access_denied"))
            // Nobody answers.
            let second = try await browser.post(
                "/authorize/start", [("request", sealed), ("identifier", "2345678901")])
            world.clock.advance(180)
            let expired = try await browser.get(second.location)
            #expect(expired.status == 410 && expired.error == "transaction.expired")
            #expect(try await browser.get(second.location + "/status").json.string("state") == "done")
            #expect(try await browser.get(second.location + "/continue").location.contains("error=access_denied"))
        }
    }

    @Test func anApprovalIsNoStandingLogin() async throws {
        try await World.serve { world, client in
            let browser = Browser(client)
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            let sealed = try #require(try await browser.get(Browser.authorize()).input("request"))
            let started = try await browser.post(
                "/authorize/start", [("request", sealed), ("identifier", "2345678901")])
            let item = try await world.find(String(started.location.split(separator: "/").last ?? ""))
            try await world.decide(item, try await phone.decision(item), by: phone)
            world.clock.advance(599)
            #expect(try await browser.get(started.location + "/continue").location.contains("?code="))
            world.clock.advance(1)
            #expect(try await browser.get(started.location + "/continue").error == "authorize.request_stale")
        }
    }

    @Test func anEssentialLevelThatWasNotReachedFails() async throws {
        try await World.serve { world, client in
            let browser = Browser(client)
            let phone = try await Phone.make(of: TestPeople.sokha, world: world)
            for (level, expected) in [("2", "error=unmet_authentication_requirements"), ("1", "?code=")] {
                let page = try await browser.get(
                    Browser.authorize {
                        $0["claims"] =
                            "{\"id_token\":{\"acr\":{\"essential\":true,\"value\":\"urn:kh:camdigikey:aal:\(level)\"}}}"
                    })
                let sealed = try #require(page.input("request"))
                let started = try await browser.post(
                    "/authorize/start", [("request", sealed), ("identifier", "2345678901")])
                let item = try await world.find(String(started.location.split(separator: "/").last ?? ""))
                try await world.decide(item, try await phone.decision(item), by: phone)
                #expect(try await browser.get(started.location + "/continue").location.contains(expected))
            }
        }
    }

    @Test func languages() async throws {
        try await World.serve { _, client in
            for (wanted, header, expected) in [
                ("km-KH-u-nu-khmr", "en", "km"), ("KM", "en", "km"), ("fr en-GB", "km", "en"), ("xx", "km", "km"),
                ("xx", nil, "km"), (String(repeating: "x ", count: 200) + "en", "km", "km"),
                ("en_US.UTF-8@calendar=buddhist", "km", "en"),
            ] as [(String, String?, String)] {
                let page = try await Browser(client, language: header).get(
                    Browser.authorize { $0["ui_locales"] = wanted })
                #expect(page.status == 200)
                #expect(page.text.contains("<html lang=\"\(expected)\""), "\(wanted.prefix(20))")
            }
            for header in ["km-KH-u-nu-khmr", "km-KH-u-nu-khmr;q=1, en;q=0.5", "km;q=nan", ";;;,,,", "*"] {
                #expect(try await Browser(client, language: header).get(Browser.authorize()).status == 200)
            }
        }
    }

    @Test func headersAndCookies() async throws {
        try await World.serve { _, client in
            let page = try await Browser(client).get(Browser.authorize())
            let cookie = try #require(page.headers[values: .setCookie].first { $0.hasPrefix("__Host-browser=") })
            for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] { #expect(cookie.contains(part)) }
            let policy = try #require(page.headers[.contentSecurityPolicy])
            #expect(policy.contains("default-src 'none'") || policy.contains("default-src 'self'"))
            #expect(policy.contains("frame-ancestors 'none'"))
            #expect(!policy.contains("unsafe-inline"))
            #expect(page.headers[.cacheControl]?.contains("no-store") == true)
            #expect(page.headers[.strictTransportSecurity] != nil)
            #expect(page.headers[HTTPField.Name("Referrer-Policy") ?? .age] == "no-referrer")
            #expect(page.headers[.xContentTypeOptions] == "nosniff")
            // A cookie that no server of ours made is replaced, not used.
            let odd = try await Browser(client).get(Browser.authorize(), headers: [.cookie: "__Host-browser=short"])
            #expect(odd.headers[values: .setCookie].contains { $0.hasPrefix("__Host-browser=") })
        }
    }
}

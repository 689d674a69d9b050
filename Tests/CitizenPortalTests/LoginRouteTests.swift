import Database
import DatabaseTesting
import HTTPTypes
import Kernel
import Testing
import Web

@testable import CitizenPortal

@Suite("Where am I logged in")
struct LoginRouteTests {
    private static let bank = LocalizedText(km: "ធនាគារ", en: "Bank <b>of</b> Tests")

    @Test func theList() async throws {
        try await World.serve { world, client in
            world.logins.add("s-1", of: World.sokha, browser: "Chrome, Android", services: [Self.bank])
            world.logins.add("s-2", of: World.sokha, browser: "Browser")
            world.logins.add("s-3", of: World.dara, browser: "Edge, Windows")
            let browser = Browser(client)
            _ = try await world.logIn(browser)
            world.logins.add("login-1", of: World.sokha)
            let page = try await browser.get("/app/sessions")
            #expect(page.status == 200 && page.text.contains("<h1>Where am I logged in</h1>"))
            for id in ["s-1", "s-2", "login-1"] { #expect(page.text.contains("data-session=\"\(id)\"")) }
            #expect(!page.text.contains("s-3") && !page.text.contains("Edge"), "another person's")
            #expect(page.text.contains("Chrome on Android") && page.text.contains("Unknown browser"))
            #expect(page.text.contains("Bank &lt;b&gt;of&lt;/b&gt; Tests") && page.text.contains("no service"))
            #expect(page.text.split(separator: "this browser").count == 2, "one of them is this one")
            #expect(page.text.contains("15.01.2027 15:00") && page.text.contains("15.01.2027 16:00"))
            let khmer = try #require(try await browser.get("/app/sessions?lang=km").between("<main", "</main>"))
            #expect(khmer.contains("Chrome លើ Android") && khmer.contains("កម្មវិធីរុករកនេះ"))
            let prose = khmer.replacing(/<[^>]*>/, with: " ").replacing(/&[#\w]+;/, with: "")
            #expect(!prose.contains(/[0-9]/), "\(prose)")
            #expect(try await Browser(client).get("/app/sessions").text.contains("id=\"login\""))
        }
    }

    @Test func endingOneAsksFirst() async throws {
        try await World.serve { world, client in
            world.logins.add("s-1", of: World.sokha, services: [Self.bank])
            world.logins.add("s-2", of: World.sokha)
            let browser = Browser(client)
            let home = try await world.logIn(browser)
            let asked = try await browser.post("/app/sessions/s-1/end", csrf: home.csrf)
            #expect(asked.status == 200 && asked.text.contains("action=\"/app/sessions/s-1/end\""))
            #expect(asked.text.contains("name=\"confirm\" value=\"yes\"") && !asked.text.contains("s-2"))
            #expect(try await world.logins.open(of: World.sokha).count == 2, "nothing ended yet")
            let done = try await browser.post("/app/sessions/s-1/end", csrf: asked.csrf, confirm: true)
            #expect(done.status == 303 && done.location == "/app/sessions?done=session-ended")
            let page = try await browser.get(done.location)
            #expect(page.text.contains("The login has ended") && !page.text.contains("s-1"))
            #expect(try await world.logins.open(of: World.sokha).map(\.id) == ["s-2"])
            let again = try await browser.post("/app/sessions/s-1/end", csrf: asked.csrf, confirm: true)
            #expect(again.location == "/app/sessions?done=session-gone")
        }
    }

    /// Whoever is logged in here, in another browser, has nothing left either.
    @Test func thesePagesCloseWithTheirBrowser() async throws {
        try await World.serve { world, client in
            let (lost, mine) = (Browser(client), Browser(client))
            _ = try await world.logIn(lost)
            world.logins.add("login-1", of: World.sokha)
            let home = try await world.logIn(mine)
            world.logins.add("login-2", of: World.sokha)
            let stale = try await lost.get("/app").csrf
            _ = try await mine.post("/app/sessions/login-1/end", csrf: home.csrf, confirm: true)
            #expect(try await lost.post("/app/sessions/end", csrf: stale, confirm: true).status == 401)
            #expect(try await lost.get("/app").text.contains("id=\"login\""))
            #expect(try await lost.get("/app/sessions").text.contains("id=\"login\""))
            #expect(try await mine.get("/app").text.contains("/app/logout"))
            let own = try await mine.post("/app/sessions/login-2/end", csrf: home.csrf, confirm: true)
            #expect(try await mine.get(own.location).text.contains("The login has ended"))
            #expect(try await mine.get("/app").text.contains("id=\"login\""))
        }
    }

    @Test(arguments: TestDatabases.kinds) func endingAll(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let (other, browser) = (Browser(client), Browser(client))
            _ = try await world.logIn(other)
            let home = try await world.logIn(browser)
            for number in 1...3 { world.logins.add("s-\(number)", of: World.sokha) }
            world.logins.add("s-4", of: World.dara)
            let asked = try await browser.post("/app/sessions/end", csrf: home.csrf)
            #expect(asked.text.contains("End all logins?"))
            #expect(try await world.logins.open(of: World.sokha).count == 3)
            let done = try await browser.post("/app/sessions/end", csrf: asked.csrf, confirm: true)
            #expect(done.location == "/app?done=sessions-ended")
            #expect(try await browser.get(done.location).text.contains("All logins have ended"))
            #expect(try await world.logins.open(of: World.sokha).isEmpty)
            #expect(try await world.logins.open(of: World.dara).map(\.id) == ["s-4"])
            #expect(try await other.get("/app").text.contains("id=\"login\""), "these pages close everywhere")
        }
    }

    @Test func nothingOfOthersAndNothingWithoutTheForm() async throws {
        try await World.serve { world, client in
            world.logins.add("s-1", of: World.sokha)
            world.logins.add("s-2", of: World.dara)
            let (browser, other) = (Browser(client), Browser(client))
            let home = try await world.logIn(browser)
            let theirs = try await world.logIn(other, World.dara).csrf
            for confirm in [false, true] {
                let page = try await browser.post("/app/sessions/s-2/end", csrf: home.csrf, confirm: confirm)
                #expect(page.location == "/app/sessions?done=session-gone", "as for one that never was")
            }
            let site = try #require(HTTPField.Name("Sec-Fetch-Site"))
            for path in ["/app/sessions/s-1/end", "/app/sessions/end"] {
                for token in [nil, "", "x", theirs, home.csrf + "x"] as [String?] {
                    #expect(try await browser.post(path, csrf: token, confirm: true).error == "web.csrf")
                }
                let foreign = try await browser.post(
                    path, csrf: home.csrf, confirm: true, headers: [site: "cross-site"])
                #expect(foreign.status == 403)
                #expect(try await browser.get(path).status == 405)
                #expect(try await Browser(client).post(path, csrf: home.csrf, confirm: true).status == 401)
            }
            #expect(try await world.logins.open(of: World.sokha).map(\.id) == ["s-1"])
            #expect(try await world.logins.open(of: World.dara).map(\.id) == ["s-2"])
        }
    }

    @Test(arguments: [
        ("Firefox, Linux", "Firefox on Linux"), ("Chrome", "Chrome"), ("Browser", "Unknown browser"),
        ("Browser, iPhone", "Unknown browser on iPhone"), ("", "Unknown browser"), (",", "Unknown browser"),
    ])
    func browsersInWords(words: String, shown: String) { #expect(LoginViews.browser(words, .en) == shown) }
}

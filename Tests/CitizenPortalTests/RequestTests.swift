import DatabaseTesting
import HTTPTypes
import HummingbirdTesting
import Kernel
import Testing

@testable import CitizenPortal

@Suite("The page of a request")
struct RequestTests {
    static let id = "01890000-0000-7000-8000-00000000000a"

    private static func add(_ world: World, _ service: String = "Bank <b>", _ id: String = id) {
        world.requests.add(
            WaitingRequest(
                id: id, since: world.clock.now, until: world.clock.now.adding(seconds: 180),
                service: LocalizedText(km: "ក", en: service), host: "bank.example",
                purpose: LocalizedText(km: "ខ", en: "Open an account"),
                attributes: [LocalizedText(km: "គ", en: "Name")], browser: "Firefox, Linux", network: "203.0.113.*",
                place: LocalizedText(km: "ភ្នំពេញ", en: "Phnom Penh")),
            for: World.sokha)
    }

    @Test func everythingIsShownAndTheChoicesAreAlike() async throws {
        try await World.serve { world, client in
            let browser = Browser(client)
            _ = try await world.logIn(browser)
            Self.add(world)
            let page = try await browser.get("/app/requests/" + Self.id)
            for part in [
                "Bank &lt;b&gt;", "bank.example", "Open an account", "Firefox on Linux", "203.0.113.*",
                "about Phnom Penh", "Name",
                "needed for this service", "did not begin in this browser", "requests.js",
            ] { #expect(page.text.contains(part), "\(part)") }
            for number in [12, 57, 83] {
                #expect(
                    page.text.contains("<input type=\"radio\" name=\"number\" value=\"\(number)\" required>"))
            }
            #expect(!page.text.contains("checked=") && page.text.contains("name=\"attr.name_km\" value=\"on\" checked"))
            let other = Browser(client)
            _ = try await world.logIn(other, World.dara)
            #expect(try await other.get("/app/requests/" + Self.id).status == 404)
            // One alone is opened by a notification; of two, the list.
            #expect(try await browser.get("/app/requests?go=1").location == "/app/requests/" + Self.id)
            Self.add(world, "Shop", "r-2")
            #expect(try await browser.get("/app/requests?go=1").status == 200)
        }
    }

    @Test func whatStandsInTheWayIsTold() async throws {
        try await World.serve { world, client in
            let browser = Browser(client)
            _ = try await world.logIn(browser)
            for (service, text) in [("Above", "higher level than a passkey"), ("None", "no passkey yet")] {
                Self.add(world, service, "r-" + service)
                let page = try await browser.get("/app/requests/r-" + service)
                #expect(page.text.contains(text) && !page.text.contains("approve-button"), "\(service)")
                #expect(page.text.contains("/app/requests/r-\(service)/deny"), "a no is always possible")
            }
        }
    }

    @Test func decisionsReachTheEngine() async throws {
        try await World.serve { world, client in
            let browser = Browser(client)
            let csrf = try await world.logIn(browser).csrf
            Self.add(world)
            let path = "/app/requests/" + Self.id
            let options = try await browser.send(
                path + "/options", csrf: csrf, ["number": "57", "attr.name_km": "on", "other": "x"])
            #expect(try options.json.string("state") == "57 name_km")
            for number in ["", "1", "100", "x"] {
                let refused = try await browser.send(path + "/options", csrf: csrf, ["number": number])
                #expect(refused.status == 400, "\(number)")
            }
            let done = try await browser.send(path, csrf: csrf, ["state": "57", "credential": "{}"])
            #expect(try done.json.string("next") == "/app/requests?done=approved")
            let denied = try await browser.send(path + "/deny", csrf: csrf, [:])
            #expect(denied.status == 303 && denied.location == "/app/requests?done=denied&back=" + Self.id)
            let reported = try await browser.send(path + "/report", csrf: csrf, [:])
            #expect(reported.location == "/app/requests?done=reported&back=" + Self.id)
            #expect(world.requests.decided == [Self.id + " approved 57", Self.id + " denied", Self.id + " reported"])
            #expect(try await browser.send(path + "/deny", csrf: "x", [:]).error == "web.csrf")
            #expect(world.requests.decided.count == 3)
        }
    }

    /// Whoever found a printed sheet looks, withdraws and refuses, and gets nothing that lasts.
    @Test func aOneTimeCodeOpensLittle() async throws {
        try await World.serve { world, client in
            let browser = Browser(client)
            let home = try await world.logIn(browser, byCode: true)
            #expect(home.text.contains("A one-time code lets you see"))
            let csrf = home.csrf
            Self.add(world)
            let path = "/app/requests/" + Self.id
            let page = try await browser.get(path)
            #expect(page.text.contains("A one-time code lets you see") && !page.text.contains("approve-button"))
            for (path, fields) in [
                ("/app/data", [:]), ("/app/passkeys/options", ["name": "x"]),
                ("/app/passkeys", ["credential": "{}"]), ("/app/passkeys/pk-1/remove", [:]),
                ("/app/passkeys/pk-1/rename", ["name": "x"]), ("/app/push", ["subscription": World.subscription("a")]),
                (path + "/options", ["number": "57"]), (path, ["state": "57", "credential": "{}"]),
            ] {
                let refused = try await browser.send(path, csrf: csrf, fields)
                #expect(refused.status == 403 && refused.error == "citizen.login_level", "\(path)")
            }
            #expect(try await browser.get("/app/data").error == "citizen.login_level")
            #expect(world.requests.decided.isEmpty)
            let consent = try await world.grant(World.sokha)
            #expect(try await browser.send("/app/consents/\(consent)/withdraw", csrf: csrf, [:]).status == 303)
            #expect(try await browser.send(path + "/deny", csrf: csrf, [:]).status == 303)
            #expect(try await !world.isActive(consent) && world.requests.decided == [Self.id + " denied"])
            world.clock.advance(CitizenPortal.codeSeconds - 10)
            #expect(try await browser.get("/app").text.contains("id=\"consents\""))
            world.clock.advance(10)
            #expect(try await browser.get("/app").text.contains("id=\"login\""), "a quarter of an hour, used or not")
        }
    }
}

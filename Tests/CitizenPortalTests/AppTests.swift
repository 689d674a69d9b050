import Accountability
import Codecs
import DatabaseTesting
import HTTPTypes
import Kernel
import Ledger
import Testing
import Web

@testable import CitizenPortal

@Suite("The app and its pages")
struct AppTests {
    @Test func manifestWorkerAndOfflinePage() async throws {
        try await World.serve { _, client in
            let browser = Browser(client)
            let manifest = try await browser.get("/app/manifest.webmanifest")
            #expect(manifest.headers[.contentType] == "application/manifest+json")
            #expect(try manifest.json.string("start_url") == "/app")
            let icons = try #require(try manifest.json["icons"]?.arrayValue)
            for icon in icons {
                let answer = try await browser.get(try #require(icon["src"]?.stringValue))
                #expect(answer.status == 200 && answer.headers[.contentType] == icon["type"]?.stringValue)
            }
            let worker = try await browser.get("/app/sw.js")
            let allowed = try #require(HTTPField.Name("Service-Worker-Allowed"))
            #expect(worker.headers[allowed] == "/app" && worker.headers[.cacheControl] == "no-cache")
            let kept = try #require(worker.between("const FILES = [", "]")).split(separator: ", ")
            #expect(kept.first == "'/app/offline'" && kept.dropFirst().allSatisfy { $0.hasPrefix("'/assets/") })
            let offline = try await browser.get("/app/offline?lang=en")
            #expect(offline.text.contains("Nothing is lost") && offline.text.contains("គ្មានអ៊ីនធឺណិត"))
            for file in kept {
                #expect(try await browser.get(String(file.dropFirst().dropLast())).status == 200, "\(file)")
            }
        }
    }

    @Test func nothingWithoutALogin() async throws {
        try await World.serve { world, client in
            for place in AppShell.Place.allCases {
                let page = try await Browser(client).get(place.rawValue)
                #expect(page.status == 200 && page.text.contains("id=\"login\"") && !page.text.contains("<nav"))
            }
            #expect(try await Browser(client).post("/app/data", csrf: "x").status == 401)
            let browser = Browser(client)
            _ = try await world.logIn(browser)
            for place in AppShell.Place.allCases {
                let page = try await browser.get(place.rawValue)
                #expect(page.text.contains("href=\"\(place.rawValue)\" aria-current=\"page\""), "\(place)")
                #expect(!page.text.contains(" style=") && !page.text.contains("onclick"))
            }
        }
    }

    @Test func theLoginComesBackToKnownPlacesOnly() async throws {
        try await World.serve { world, client in
            for (query, place) in [
                ("?to=requests", "/app/requests"),
                (
                    "?to=requests/01890000-0000-7000-8000-00000000000a",
                    "/app/requests/01890000-0000-7000-8000-00000000000a"
                ),
                ("?to=requests/../data", "/app"), ("?to=requests/", "/app"), ("?to=//evil.example", "/app"),
                ("?to=data", "/app"), ("", "/app"),
            ] {
                let browser = Browser(client)
                let state = String(
                    try await browser.get("/app/login" + query).location.dropFirst("/provider?state=".count))
                let code = world.login.approve(World.sokha, state: state)
                let back = try await browser.get("/app/callback?code=\(code)&state=\(state)")
                #expect(back.location == place, "\(query)")
            }
        }
    }

    @Test func whatWaits() async throws {
        try await World.serve { world, client in
            let browser = Browser(client)
            _ = try await world.logIn(browser)
            #expect(try await browser.get("/app/requests").text.contains("Nothing waits for you."))
            let text = LocalizedText(km: "ក", en: "Bank <b>")
            for (id, person) in [("r-1", World.sokha), ("r-2", World.dara)] {
                world.requests.add(
                    WaitingRequest(
                        id: id, since: world.clock.now, until: world.clock.now.adding(seconds: 180), service: text,
                        host: "bank.example", purpose: LocalizedText(km: "ខ", en: "Open an account"),
                        attributes: [LocalizedText(km: "គ", en: "Name")], message: "W4SCT", browser: "Firefox, Linux"),
                    for: person)
            }
            let page = try await browser.get("/app/requests")
            #expect(page.text.contains("data-request=\"r-1\"") && !page.text.contains("r-2"))
            for part in ["Bank &lt;b&gt;", "bank.example", "Open an account", "W4SCT", "Firefox on Linux", "15:03"] {
                #expect(page.text.contains(part), "\(part)")
            }
        }
    }

    @Test(arguments: TestDatabases.kinds) func myDataAndItsEntry(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let browser = Browser(client)
            _ = try await world.logIn(browser)
            let asked = try await browser.get("/app/data")
            #expect(!asked.text.contains("Name &lt;"), "nothing is read before the person asks")
            let journal = AccessJournal(ledger: world.ledger, database: world.database)
            #expect(try await journal.entries(of: World.sokha).isEmpty)
            let shown = try await browser.post("/app/data", csrf: asked.csrf)
            for part in ["Name &lt;i&gt; of person-sokha", "3 February 1990", "female", "Village A", "not held"] {
                #expect(shown.text.contains(part), "\(part)")
            }
            #expect(shown.headers[.cacheControl] == "no-store")
            let entry = try #require(try await journal.entries(of: World.sokha).first)
            #expect(entry.basis == .ownRequest && entry.actorKind == "self" && entry.purpose.code == "own-data")
            #expect(entry.attributes == OwnDataViews.attributes)
            #expect(try await browser.get("/app").text.contains("your own request"))
            #expect(try await browser.post("/app/data", csrf: "x").error == "web.csrf")
            for _ in 0..<9 { _ = try await browser.post("/app/data", csrf: asked.csrf) }
            #expect(try await browser.post("/app/data", csrf: asked.csrf).status == 429)
            #expect(try await journal.entries(of: World.sokha).count == 10)
        }
    }

    @Test(arguments: TestDatabases.kinds) func noticesOfMyDevices(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let device = try await world.device(of: World.sokha)
            _ = try await world.device(of: World.dara)
            world.clock.advance(60)
            let (authenticators, ledger) = (world.authenticators, world.ledger)
            try await world.database.transaction { connection in
                try await authenticators.setState(device, .blocked, by: "self", in: connection)
                try await AuditTrail(ledger: ledger).record(
                    action: "person.amended", actor: .system("x"), subject: World.sokha.text, in: connection)
                try await AuditTrail(ledger: ledger).record(
                    action: "passkey.something_new", actor: .subjectSelf, subject: World.sokha.text, in: connection)
            }
            let browser = Browser(client)
            _ = try await world.logIn(browser)
            let text = try await browser.get("/app/notices").text
            let kinds = text.split(separator: "data-notice=\"").dropFirst().map { $0.prefix { $0 != "\"" } }
            #expect(Set(kinds.prefix(2)) == ["passkey.something_new", "device.blocked"], "newest first")
            #expect(kinds.count == 4 && !kinds.contains("person.amended"))
            #expect(text.contains("phone &lt;i&gt;") && text.contains("by yourself"))
            #expect(text.contains("Something changed about one of your passkeys."))
            #expect(try await browser.get("/app/notices?before=nonsense").status == 404)
        }
    }
}

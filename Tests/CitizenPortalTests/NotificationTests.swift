import Database
import DatabaseTesting
import HTTPTypes
import Kernel
import Testing
import Web

@testable import CitizenPortal

@Suite("Browsers that are told")
struct NotificationTests {
    @Test(arguments: TestDatabases.kinds) func onAndOff(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let browser = Browser(client)
            let csrf = try await world.logIn(browser).csrf
            let on = try await browser.send("/app/push", csrf: csrf, ["subscription": World.subscription("a")])
            #expect(on.status == 303 && on.location == "/app/notifications?done=push-on")
            let page = try await browser.get(on.location)
            #expect(page.text.contains("Notifications are on.") && page.text.contains("data-endpoint="))
            #expect(!page.text.contains("push.example"), "an endpoint is a capability")
            // Again, with new keys: still one.
            _ = try await browser.send("/app/push", csrf: csrf, ["subscription": World.subscription("a")])
            let again = try await browser.get("/app/notifications")
            #expect(again.text.split(separator: "data-endpoint=").count == 2)
            let off = try await browser.send("/app/push/remove", csrf: csrf, ["endpoint": "https://push.example/a"])
            #expect(off.location == "/app/notifications?done=push-off")
            #expect(try await browser.get(off.location).text.contains("Not on anywhere yet."))
            #expect(try await browser.send("/app/push/remove", csrf: csrf, ["id": "none"]).status == 303, "no error")
        }
    }

    @Test(arguments: TestDatabases.kinds) func tenOfAPersonAndOnlyOnesOwn(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let (mine, theirs) = (Browser(client), Browser(client))
            let csrf = try await world.logIn(mine).csrf
            let other = try await world.logIn(theirs, World.dara).csrf
            for number in 0..<10 {
                let sent = ["subscription": World.subscription("n\(number)")]
                #expect(try await mine.send("/app/push", csrf: csrf, sent).status == 303)
            }
            let more = try await mine.send("/app/push", csrf: csrf, ["subscription": World.subscription("n10")])
            #expect(more.status == 409 && more.error == "citizen.push_too_many")
            let known = try await mine.send("/app/push", csrf: csrf, ["subscription": World.subscription("n3")])
            #expect(known.status == 303, "one of the ten may come again")
            // Somebody else can neither see nor remove them.
            #expect(try await theirs.get("/app/notifications").text.contains("Not on anywhere yet."))
            _ = try await theirs.send("/app/push/remove", csrf: other, ["endpoint": "https://push.example/n1"])
            #expect(try await world.notifications.browsers(of: World.sokha).count == 10)
            // But a browser in which they turn notifications on is theirs from then on.
            _ = try await theirs.send("/app/push", csrf: other, ["subscription": World.subscription("n1")])
            #expect(try await world.notifications.browsers(of: World.sokha).count == 9)
            #expect(try await world.notifications.browsers(of: World.dara).count == 1)
        }
    }

    @Test(arguments: TestDatabases.kinds) func sealedAtRest(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            try await world.notifications.subscribe(
                Array(World.subscription("capability").utf8), person: World.sokha, browser: "Chrome, Android")
            let rows = try await world.database.read { try await $0.query("SELECT id, sealed FROM citizen_push") }
            let sealed = String(decoding: try #require(rows.first).blob(1), as: UTF8.self)
            #expect(rows.count == 1 && !sealed.contains("capability") && !sealed.contains("push.example"))
            #expect(try rows[0].string(0).utf8.count == 64)
            let known = try #require(try await world.notifications.browsers(of: World.sokha).first)
            #expect(known.words == "Chrome, Android" && known.deliveredAt == nil && known.endpointHash.utf8.count == 64)
            // A row moved to somebody else does not open.
            _ = try await world.database.transaction { connection in
                try await connection.execute("UPDATE citizen_push SET person_id = $1", [World.dara.text])
            }
            await #expect(throws: RumdulError.self) { try await world.notifications.browsers(of: World.dara) }
        }
    }

    @Test func whatIsNoSubscription() async throws {
        try await World.serve { world, client in
            let browser = Browser(client)
            let csrf = try await world.logIn(browser).csrf
            for (text, code) in [
                ("", "web.invalid_fields"), ("{}", "push.subscription"), ("[]", "push.subscription"),
                (World.subscription("a", host: "127.0.0.1"), "push.endpoint"),
                (World.subscription("a", host: "localhost"), "push.endpoint"),
                (World.subscription("a").replacing("https", with: "http"), "push.endpoint"),
                (World.subscription("a").replacing("\"auth\"", with: "\"x\""), "push.subscription"),
            ] {
                let page = try await browser.send("/app/push", csrf: csrf, ["subscription": text])
                #expect(page.status == 400 && (text.isEmpty || page.error == code), "\(text)")
            }
            for path in ["/app/push", "/app/push/remove"] {
                #expect(try await browser.send(path, csrf: "x", [:]).error == "web.csrf")
                #expect(try await Browser(client).send(path, csrf: csrf, [:]).status == 401)
                #expect(try await browser.get(path).status == 405)
            }
            let key = try await Browser(client).get("/app/push/key").json.string("applicationServerKey")
            #expect(key?.utf8.count == 87, "65 bytes")
        }
    }

    @Test(arguments: TestDatabases.kinds) func theBudgetIsExact(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let store = PushSubscriptionStore()
            @Sendable func take(_ person: PersonID = World.sokha) async throws -> Bool {
                let now = world.clock.now
                return try await world.database.transaction { connection in
                    try await store.take(person, most: 5, seconds: 600, now: now, in: connection)
                }
            }
            let taken = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 { group.addTask { try await take() } }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(taken == 5, "also when all come at once")
            #expect(try await take(World.dara), "somebody else's is whole")
            world.clock.advance(599)
            #expect(try await !take())
            world.clock.advance(1)
            #expect(try await take())
            world.clock.advance(601)
            #expect(try await world.notifications.purge() == 2)
        }
    }

    /// Nothing listens at the address: the announcement is lost, and nobody waited for it.
    @Test func announcingReturnsAtOnce() async throws {
        try await World.serve { world, client in
            for _ in 0..<5000 {
                world.notifications.announce(
                    "0123456789abcdef", to: World.sokha, until: world.clock.now.adding(seconds: 60))
            }
            let running = Task { await world.notifications.run(asking: FixedRequests()) }
            running.cancel()
            await running.value
        }
    }
}

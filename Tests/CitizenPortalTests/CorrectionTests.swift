import Accountability
import DatabaseTesting
import Kernel
import Testing
import Web

@testable import CitizenPortal

@Suite("Asking for a correction")
struct CorrectionTests {
    @Test(arguments: TestDatabases.kinds) func askSeeAndTakeBack(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let browser = Browser(client)
            let stranger = try await Browser(client).get("/app/corrections")
            #expect(stranger.text.contains("id=\"login\"") && !stranger.text.contains("id=\"ask\""))
            _ = try await world.logIn(browser)
            let form = try await browser.get("/app/corrections?field=birthdate")
            #expect(form.text.contains("<option value=\"birthdate\" selected>"))
            #expect(!form.text.contains("<option value=\"gender\""), "only what the port offers")
            let fields = ["field": "birthdate", "wish": "1990-02-04", "why": "<b>slip</b>"]
            let sent = try await browser.send("/app/corrections", csrf: form.csrf, fields)
            #expect(sent.status == 303 && sent.location == "/app/corrections?done=asked")
            let list = try await browser.get(sent.location)
            #expect(list.text.contains("data-correction=\"c0\"") && list.text.contains("waits for an officer"))
            #expect(list.text.contains("1990-02-04") && list.text.contains("notice good"))
            // Again about the same: refused, and what was typed is still there.
            let twice = try await browser.send("/app/corrections", csrf: form.csrf, fields)
            #expect(
                twice.status == 409 && twice.error == "test.twice" && twice.text.contains("&lt;b&gt;slip&lt;/b&gt;"))
            let other = Browser(client)
            _ = try await world.logIn(other, World.dara)
            #expect(!(try await other.get("/app/corrections")).text.contains("data-correction"))
            let foreign = try await other.get("/app/corrections").csrf
            #expect(try await other.post("/app/corrections/c0/withdraw", csrf: foreign).status == 404)
            #expect(try await browser.post("/app/corrections/c0/withdraw", csrf: list.csrf).status == 303)
            let after = try await browser.get("/app/corrections")
            #expect(after.text.contains("taken back") && !after.text.contains("/withdraw\""))
        }
    }

    @Test func badInput() async throws {
        try await World.serve { world, client in
            let browser = Browser(client)
            _ = try await world.logIn(browser)
            let token = try await browser.get("/app/corrections").csrf
            let good = ["field": "birthdate", "wish": "1990", "why": "slip"]
            #expect(try await browser.send("/app/corrections", csrf: "x", good).status == 403)
            #expect(try await Browser(client).send("/app/corrections", csrf: token, good).status == 401)
            for field in ["", "kidc", "gender", "nonsense"] {
                let answer = try await browser.send(
                    "/app/corrections", csrf: token, good.merging(["field": field]) { $1 })
                #expect(answer.status == 400)
            }
            let long = try await browser.send(
                "/app/corrections", csrf: token,
                good.merging(["wish": String(repeating: "ក", count: 21)]) { $1 })
            #expect(long.status == 400 && long.text.contains("id=\"e-wish\"") && long.text.contains("role=\"alert\""))
            #expect(long.text.contains("value=\"slip\"") && long.error == "test.text")
            #expect(world.corrections.items.withLock { $0.isEmpty })
        }
    }
}

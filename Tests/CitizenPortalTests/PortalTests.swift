import Authenticators
import Codecs
import Consent
import DatabaseTesting
import HTTPTypes
import JOSE
import Kernel
import KeyVault
import Ledger
import Testing
import Web

@testable import CitizenPortal

@Suite("Logging in to one's own page")
struct PortalLoginTests {
    @Test(arguments: TestDatabases.kinds) func loginAndLogout(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            _ = try await world.grant(World.sokha)
            let browser = Browser(client)
            let welcome = try await browser.get("/app")
            #expect(
                welcome.status == 200 && welcome.text.contains("id=\"login\"") && !welcome.text.contains("data-consent")
            )
            let home = try await world.logIn(browser)
            #expect(home.text.contains("data-consent=") && !home.text.contains("<b>of</b>"))
            #expect(home.headers[.cacheControl]?.contains("no-store") == true)
            let before = browser.cookies
            let out = try await browser.post("/app/logout", csrf: home.csrf)
            #expect(out.status == 303)
            browser.cookies = before
            #expect(try await browser.get("/app").text.contains("id=\"login\""), "the old cookie opens nothing")
        }
    }

    @Test func onlyTheStateOfThisBrowser() async throws {
        try await World.serve { world, client in
            let (victim, attacker) = (Browser(client), Browser(client))
            let theirs = String(try await attacker.get("/app/login").location.dropFirst("/provider?state=".count))
            let code = world.login.approve(World.dara, state: theirs)
            let mine = String(try await victim.get("/app/login").location.dropFirst("/provider?state=".count))
            // Login as the attacker, forced upon the victim's browser.
            for query in [
                "code=\(code)&state=\(theirs)", "code=\(code)&state=", "code=\(code)", "", "state=\(theirs)",
                "code=\(code)&state=\(mine.dropLast())", "code=\(code)&state=\(mine)x",
            ] {
                let page = try await victim.get("/app/callback?" + query)
                #expect(page.status == 410 && page.error == "citizen.login_stale", "\(query)")
            }
            #expect(try await victim.get("/app/callback?code=\(code)&state=\(mine)&state=\(mine)").status == 400)
            // The right state with a code for another challenge: PKCE refuses, and nobody is logged in.
            #expect(try await victim.get("/app/callback?code=\(code)&state=\(mine)").error == "test.code")
            #expect(try await victim.get("/app").text.contains("id=\"login\""))
            #expect(
                try await Browser(client).get("/app/callback?code=\(code)&state=\(theirs)").error
                    == "citizen.login_stale")
        }
    }

    @Test func theSessionGetsANewSecret() async throws {
        try await World.serve { world, client in
            let browser = Browser(client)
            let state = String(try await browser.get("/app/login").location.dropFirst("/provider?state=".count))
            let before = browser.cookies
            let name = try #require(before.keys.first { $0.contains("citizen") })
            let path = "/app/callback?code=\(world.login.approve(World.sokha, state: state))&state=\(state)"
            #expect(try await browser.get(path).status == 302)
            #expect(browser.cookies[name] != before[name])
            // Whoever planted or saw the first cookie has nothing.
            let thief = Browser(client)
            thief.cookies = before
            #expect(try await thief.get("/app").text.contains("id=\"login\""))
            #expect(try await thief.get(path).error == "citizen.login_stale")
            // The way back works once.
            #expect(try await browser.get(path).error == "citizen.login_stale")
            #expect(try await browser.get("/app").text.contains("action=\"/app/logout\""))
        }
    }

    @Test func refusing() async throws {
        try await World.serve { _, client in
            let browser = Browser(client)
            let state = String(try await browser.get("/app/login").location.dropFirst("/provider?state=".count))
            let back = try await browser.get("/app/callback?error=access_denied&state=\(state)")
            #expect(back.location == "/app?done=refused")
            #expect(try await browser.get("/app?done=refused").text.contains("You did not approve."))
            #expect(
                try await browser.get("/app/callback?error=access_denied&state=\(state)").error == "citizen.login_stale"
            )
        }
    }

    @Test func sessionsEnd() async throws {
        try await World.serve { world, client in
            let browser = Browser(client)
            _ = try await world.logIn(browser)
            world.clock.advance(899)
            #expect(try await browser.get("/app").text.contains("/app/logout"))
            world.clock.advance(901)
            #expect(try await browser.get("/app").text.contains("id=\"login\""))
            _ = try await world.logIn(browser)
            for _ in 0..<9 {
                world.clock.advance(800)
                _ = try await browser.get("/app")
            }
            #expect(try await browser.get("/app").text.contains("id=\"login\""), "two hours in all")
        }
    }
}

@Suite("One's own things, and only those")
struct PortalOwnTests {
    @Test(arguments: TestDatabases.kinds) func myConsentMyDeviceMyJournal(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let consent = try await world.grant(World.sokha)
            let device = try await world.device(of: World.sokha)
            let entry = try await world.disclose(World.sokha)
            let browser = Browser(client)
            let home = try await world.logIn(browser)
            #expect(
                home.text.contains("data-consent=\"\(consent)\"") && home.text.contains("data-device=\"\(device)\""))
            #expect(home.text.contains("data-entry=\"\(entry)\"") && home.text.contains("phone &lt;i&gt;"))
            let receipt = try await browser.get("/app/consents/\(consent)/receipt").json
            #expect(receipt.object("receipt")?.string("record_id") == consent)
            let keys = VerificationKeySet(try await world.vault.publicKeys(.consentReceipt))
            let jws = try JWS.verify(try #require(receipt.string("token")), algorithms: [.es256], keys: keys)
            #expect(try JSON.parseObject(jws.payload) == receipt.object("receipt"))
            let proof = try await browser.get("/app/access/\(entry)/proof").json
            let path = try #require(proof.strings("path")).compactMap { Hex.decode($0) }
            let hash = try #require(proof.string("hash").flatMap { Hex.decode($0) })
            let root = try #require(proof.string("root").flatMap { Hex.decode($0) })
            let sequence = try #require(proof.integer("sequence"))
            let size = try #require(proof.integer("tree_size"))
            // Sequences count from 1, leaves from 0.
            #expect(MerkleTree.verifyInclusion(leaf: hash, index: sequence - 1, size: size, path: path, root: root))
            #expect(
                try await browser.post("/app/consents/\(consent)/withdraw", csrf: home.csrf).location
                    == "/app?done=withdrawn")
            #expect(try await !world.isActive(consent))
            #expect(
                try await browser.post("/app/consents/\(consent)/withdraw", csrf: home.csrf).status == 303,
                "again is no error")
            #expect(world.effects.clients == [World.sokha.text + " bank"], "the relying party is told, once")
            #expect(
                try await browser.post("/app/devices/\(device)/block", csrf: home.csrf).location == "/app?done=blocked")
            #expect(try await world.deviceState(device) == .blocked)
            #expect(try await browser.get("/app").status == 200)
        }
    }

    @Test(arguments: TestDatabases.kinds) func nothingOfOthers(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let consent = try await world.grant(World.dara)
            let device = try await world.device(of: World.dara)
            let entry = try await world.disclose(World.dara)
            let browser = Browser(client)
            let home = try await world.logIn(browser)
            for text in [consent, device, World.dara.text] { #expect(!home.text.contains(text)) }
            for path in ["/app/consents/\(consent)/receipt", "/app/access/\(entry)/proof"] {
                #expect(try await browser.get(path).status == 404, "\(path)")
            }
            for path in ["/app/consents/\(consent)/withdraw", "/app/devices/\(device)/block"] {
                #expect(try await browser.post(path, csrf: home.csrf).status == 404, "\(path)")
            }
            #expect(try await world.isActive(consent))
            #expect(world.effects.clients.isEmpty)
            #expect(try await world.deviceState(device) == .active)
            // The same answer for what does not exist at all.
            for path in [
                "/app/consents/x/receipt", "/app/access/access-00/1/proof", "/app/access/audit-00/1/proof",
                "/app/access/access-00/99999999/proof",
            ] {
                #expect(try await browser.get(path).status == 404, "\(path)")
            }
            for path in [
                "/app/access/access-00/-1/proof", "/app/access/access-00/x/proof", "/app?before=x",
                "/app?before=1&before=2",
            ] {
                let status = try await browser.get(path).status
                #expect((400...404).contains(status), "\(path)")
            }
        }
    }

    @Test func formsNeedTheirToken() async throws {
        try await World.serve { world, client in
            let consent = try await world.grant(World.sokha)
            let device = try await world.device(of: World.sokha)
            let (browser, other) = (Browser(client), Browser(client))
            let home = try await world.logIn(browser)
            let theirs = try await world.logIn(other, World.dara).csrf
            let site = try #require(HTTPField.Name("Sec-Fetch-Site"))
            for path in ["/app/consents/\(consent)/withdraw", "/app/devices/\(device)/block", "/app/logout"] {
                for token in [nil, "", "x", theirs, home.csrf + "x"] as [String?] {
                    let page = try await browser.post(path, csrf: token)
                    #expect(page.status == 403 && page.error == "web.csrf")
                }
                #expect(try await browser.post(path, csrf: home.csrf, headers: [site: "cross-site"]).status == 403)
                #expect(
                    try await browser.post(path, csrf: home.csrf, headers: [.origin: "https://evil.example"]).status
                        == 403)
                #expect(
                    try await browser.post(path, csrf: home.csrf, headers: [.contentType: "text/plain"]).status == 415)
                #expect(try await browser.get(path).status == 405)
                #expect(try await Browser(client).post(path, csrf: home.csrf).status == 401)
            }
            #expect(try await world.isActive(consent))
            #expect(try await world.deviceState(device) == .active)
            #expect(try await browser.get("/app").text.contains("/app/logout"))
            #expect(try await Browser(client).get("/app/consents/\(consent)/receipt").status == 401)
        }
    }

    /// Khmer sentences write their numbers in Khmer digits.
    @Test func khmerPagesHaveKhmerDigits() async throws {
        try await World.serve { world, client in
            _ = try await world.grant(World.sokha)
            _ = try await world.device(of: World.sokha)
            _ = try await world.disclose(World.sokha)
            let browser = Browser(client)
            _ = try await world.logIn(browser)
            let page = try await browser.get("/app?lang=km")
            let main = try #require(page.between("<main", "</main>"))
            // The platform of a device is its own word.
            let text = main.replacing(/<[^>]*>/, with: " ").replacing("test/1", with: "").replacing(
                /&[#\w]+;/, with: "")
            #expect(text.contains("២០២៧") && !text.contains(/[0-9]/), "\(text)")
        }
    }

    @Test func noticesComeFromAFixedList() async throws {
        try await World.serve { _, client in
            for done in ["%3Cscript%3Ealert(1)%3C/script%3E", "Your+account+is+closed", "withdrawn%00"] {
                let page = try await Browser(client).get("/app?done=" + done)
                #expect(!page.text.contains("<script>alert") && !page.text.contains("account is closed"))
            }
        }
    }
}

@Suite("Proofs that outsiders check")
struct PortalProofTests {
    @Test(arguments: TestDatabases.kinds) func aNewEntryIsNotAConflict(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let entry = try await world.disclose(World.sokha, covered: false)
            let browser = Browser(client)
            _ = try await world.logIn(browser)
            let path = "/app/access/\(entry)/proof"
            let page = try await browser.get(path)
            #expect(page.status == 409 && page.error == "access.proof_pending")
            #expect(page.headers[.retryAfter] == "6" && page.text.contains("within 5 seconds"))
            #expect(!page.text.contains("Conflict") && page.text.contains("<h1>The proof is being prepared</h1>"))
            let khmer = try await browser.get(path + "?lang=km")
            #expect(khmer.text.contains("៥ វិនាទី") && !khmer.text.contains("ទំនាស់"))
            let problem = try await browser.get(path, accept: "application/json").json
            #expect(problem.string("code") == "access.proof_pending")
            _ = try await world.ledger.checkpoint()
            #expect(try await browser.get(path).status == 200)
        }
    }

    @Test func theKeysArePublished() async throws {
        try await World.serve { world, client in
            let entry = try await world.disclose(World.sokha)
            let browser = Browser(client)
            _ = try await world.logIn(browser)
            let proof = try await browser.get("/app/access/\(entry)/proof").json
            #expect(proof.string("keys") == World.issuer + "/.well-known/ledger-keys")
            #expect(proof.string("subject") == World.sokha.text && proof.string("kind") == "disclosure")
            let answer = try await Browser(client).get("/.well-known/ledger-keys", accept: "*/*")
            #expect(answer.headers[.contentType] == "application/jwk-set+json")
            #expect(answer.headers[.cacheControl] == "public, max-age=300" && !answer.text.contains("\"d\""))
            let keys = try #require(try answer.json["keys"]?.arrayValue).compactMap(\.objectValue)
            #expect(Set(keys.compactMap { $0.string("purpose") }) == ["ledger-checkpoint", "consent-receipt"])
            #expect(keys.allSatisfy { $0.string("use") == "sig" && $0.string("alg") == "ES256" })
            let checkpoint = try #require(proof.string("checkpoint"))
            let wanted = keys.filter { $0.string("purpose") == "ledger-checkpoint" }.map { JSONValue.object($0) }
            let set = VerificationKeySet(try JWKSet(["keys": .array(wanted)]))
            _ = try JWS.verify(checkpoint, algorithms: [.es256], keys: set)
        }
    }
}

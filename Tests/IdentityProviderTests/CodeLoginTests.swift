import Authenticators
import Codecs
import DatabaseTesting
import HummingbirdTesting
import Kernel
import Testing

@testable import IdentityProvider

@Suite("Logging in with a printed code")
struct CodeLoginTests {
    /// A sheet for a person.
    private func sheet(_ world: World, of person: PersonID = TestPeople.sokha) async throws -> PrintedCodes {
        let sheets = world.provider.codeLogin.sheets
        return try await world.database.transaction {
            try await sheets.print(
                for: person, ial: .ial2, evidence: ["khmerIDCard"], requestKey: Ambient.system.newSecret(),
                by: "officer-1", in: $0)
        }
    }

    /// From the consent page to the page that asks for a code.
    private func ask(_ browser: Browser, _ identifier: String, _ path: String = Browser.authorize("spa")) async throws
        -> Page
    {
        let consent = try await browser.get(path)
        #expect(consent.text.contains("formaction=\"/authorize/code\""))
        let person = try await browser.post(
            "/authorize/code", [("request", try #require(consent.input("request"))), ("attr.name_km", "on")])
        #expect(person.status == 200)
        return try await browser.post(
            "/authorize/code/person",
            [("request", try #require(person.input("request"))), ("identifier", identifier)])
    }

    private func number(_ page: Page) throws -> Int {
        let text = try #require(page.between("<p class=\"number\"><b>", "<"))
        return try #require(Int(text))
    }

    private func enter(_ browser: Browser, _ page: Page, _ code: String) async throws -> Page {
        try await browser.post("/authorize/code/enter", [("login", try #require(page.input("login"))), ("code", code)])
    }

    @Test(arguments: TestDatabases.kinds) func aLoginWithoutAPhone(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let printed = try await sheet(world)
            let browser = Browser(client)
            let page = try await ask(browser, "២៣៤ ៥៦៧-៨៩០១")
            #expect(page.status == 200)
            #expect(!page.text.contains("2345678901"), "the number is sealed, not in the page")
            let code = printed.codes[try number(page) - 1]
            let done = try await enter(browser, page, "\(code.prefix(4)) \(code.suffix(4))")
            #expect(done.status == 303)
            let id = String(done.location.split(separator: "/")[1])
            let item = try await world.find(id)
            #expect(item.factors == [.oneTimeCode] && item.acr == "urn:kh:camdigikey:aal:1")
            #expect(item.deviceID == printed.sheet.id && item.granted == ["name_km"])
            #expect(item.sessionEndsAt == nil, "a shared computer keeps no session")
            let consents = world.consents
            let record = try #require(
                try await world.database.read { try await consents.record(item.consentID ?? "", in: $0) })
            #expect(record.grant.channel == "code")
            let evidence = try JSON.parseObject(Array(record.grant.decision.utf8))
            #expect(evidence.bool("device_signature") == false && evidence.string("txn") == id)
            let receipt = consents.receipt(record)
            #expect(receipt.bool("signed_by_device") == false && !receipt.has("device_decision"))
            let between = try await browser.get(done.location)
            #expect(between.status == 200 && between.text.contains("href=\"/authorize/\(id)/continue\""))
            #expect(try await Browser(client).get(done.location).error == "transaction.not_found")
            let back = try await browser.get("/authorize/\(id)/continue")
            #expect(back.location.hasPrefix(World.redirect + "?code="))
            let answer = try await world.exchange(try await world.code(item))
            let token = try #require(answer.idToken).split(separator: ".")
            let payload = try #require(Base64URL.decode(String(token[1])))
            let claims = try JSON.parseObject(payload)
            #expect(claims.strings("amr") == ["otp"])
            #expect(claims.string("acr") == "urn:kh:camdigikey:aal:1" && claims.integer("auth_time") != nil)
            let info = try await world.userInfo(answer.accessToken)
            #expect(info.string("name_km") == "name_km of person-sokha")
            // The same code again, from the page that is still open.
            let again = try await enter(browser, page, code)
            #expect(again.status == 403 && again.error == "authorize.code_refused")
        }
    }

    /// What was approved with a sheet ends with it.
    @Test func aNewSheetEndsOldTokens() async throws {
        try await World.serve { world, client in
            let printed = try await sheet(world)
            let browser = Browser(client)
            let page = try await ask(browser, "2345678901")
            let done = try await enter(browser, page, printed.codes[try number(page) - 1])
            let item = try await world.find(String(done.location.split(separator: "/")[1]))
            let tokens = world.provider.tokens
            func isLiving() async throws -> Bool {
                try await world.database.read {
                    try await tokens.isLiving(consent: item.consentID, device: item.deviceID, in: $0)
                }
            }
            #expect(try await isLiving())
            _ = try await sheet(world)
            #expect(try await !isLiving())
        }
    }

    /// Unknown people, people without a sheet and people with one get the same pages.
    @Test func nobodyLearnsWhoIsThere() async throws {
        try await World.serve { world, client in
            _ = try await sheet(world)
            var texts: [String] = []
            for identifier in ["2345678901", "3456789012", "9999999999"] {
                let browser = Browser(client)
                let page = try await ask(browser, identifier)
                #expect(page.status == 200)
                let refused = try await enter(browser, page, "12345678")
                #expect(refused.status == 403 && refused.error == "authorize.code_refused")
                texts.append(
                    refused.text.replacing(/value="[^"]*"/, with: "").replacing(/<b>[0-9]+<\/b>/, with: "")
                        .replacing(/request=[A-Za-z0-9_-]+/, with: "").replacing(/[0-9a-f]{16,}/, with: ""))
            }
            #expect(texts[0] == texts[1] && texts[1] == texts[2])
            let bad = try await ask(Browser(client), "12")
            #expect(bad.status == 400 && bad.error == "authorize.identifier_invalid")
        }
    }

    /// Five wrong codes through the page lock the sheet; the page says the same before and after.
    @Test(arguments: TestDatabases.kinds) func fiveWrongCodesLock(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let printed = try await sheet(world)
            let browser = Browser(client)
            var page = try await ask(browser, "2345678901")
            let right = printed.codes[try number(page) - 1]
            for _ in 0..<6 {
                page = try await enter(browser, page, right == "00000000" ? "1" : "00000000")
                #expect(page.error == "authorize.code_refused")
            }
            #expect(try await enter(browser, page, right).error == "authorize.code_refused")
            let sheets = world.provider.codeLogin.sheets
            try await world.database.transaction {
                try await sheets.unlock(
                    printed.sheet.id, of: TestPeople.sokha, by: "o", reason: "person_request", in: $0)
            }
            #expect(try await enter(browser, page, right).status == 303)
        }
    }

    @Test func aCodeReachesTheFirstLevelOnly() async throws {
        try await World.serve { world, client in
            _ = try await sheet(world)
            let browser = Browser(client)
            let essential =
                #"{"id_token":{"acr":{"essential":true,"value":"urn:kh:camdigikey:aal:2"}},"userinfo":{"birthdate":null}}"#
            let consent = try await browser.get(Browser.authorize("spa") { $0["claims"] = essential })
            let refused = try await browser.post(
                "/authorize/code", [("request", try #require(consent.input("request")))])
            #expect(refused.error == "authorize.code_level")
        }
    }

    /// The pages open for the browser that began, and for nobody else.
    @Test func otherBrowsersAreRefused() async throws {
        try await World.serve { world, client in
            let printed = try await sheet(world)
            let browser = Browser(client)
            let page = try await ask(browser, "2345678901")
            let other = Browser(client)
            _ = try await other.get(Browser.authorize("spa"))
            let code = printed.codes[try number(page) - 1]
            #expect(try await enter(other, page, code).error == "authorize.request_stale")
            world.clock.advance(901)
            #expect(try await enter(browser, page, code).error == "authorize.request_stale")
        }
    }
}

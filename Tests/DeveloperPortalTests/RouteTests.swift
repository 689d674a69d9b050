import Accountability
import DatabaseTesting
import HTTPTypes
import Kernel
import RelyingParties
import Testing

@testable import DeveloperPortal

@Suite("The developers' pages")
struct DeveloperRouteTests {
    @Test(arguments: TestDatabases.kinds) func fromTheDoorToAClient(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let browser = Browser(client)
            #expect(try await browser.get("/developers").has("id=\"login\""))
            let home = try await world.logIn(browser)
            let bad = try await browser.post(
                "/developers/organisations", csrf: home.csrf,
                ["org_km": "ធនាគារ", "org_en": " ", "code": "B!", "display_name": "Sokha"])
            #expect(bad.status == 400 && bad.has("e-org_en") && bad.has("e-code") && bad.has("value=\"B!\""))
            let made = try await browser.post(
                "/developers/organisations", csrf: home.csrf,
                ["org_km": "ធនាគារ", "org_en": "Bank <b>", "code": "bank", "display_name": "Sokha"])
            #expect(made.status == 303)
            let path = made.location
            let organisation = try await browser.get(path)
            #expect(organisation.has("Bank &lt;b&gt;") && organisation.has("id=\"new-client\""))
            #expect(!organisation.has(World.sokha.text), "a person's identifier never leaves")
            let form = try await browser.get(path + "/clients/new")
            #expect(form.status == 200 && form.has("name=\"p0-a-name_km\"") && form.has("fapi2-ms"))
            let refused = try await browser.post(
                path + "/clients", csrf: form.csrf, try World.form(["redirect_uris": "http://bank.example/cb"]))
            #expect(
                refused.status == 400 && refused.has("id=\"e-redirect_uris\"")
                    && refused.has("href=\"#f-redirect_uris\""))
            #expect(refused.has("http://bank.example/cb</textarea>"), "what was typed is there again")
            let registered = try await browser.post(path + "/clients", csrf: form.csrf, try World.form())
            #expect(registered.status == 303, "\(registered.text.prefix(2000))")
            let own = try await browser.get(registered.location)
            #expect(own.has("The sandbox client works now.") && own.has("Law on banks, article 7"))
            let id = String(registered.location.dropFirst("/developers/clients/".count).prefix { $0 != "?" })
            for tab in ["/edit", "/samples", "/try", "/errors", "/golive"] {
                for language in ["en", "km"] {
                    let page = try await browser.get("/developers/clients/\(id)\(tab)", language: language)
                    #expect(page.status == 200 && page.has("lang=\"\(language)\""), "\(tab)")
                }
            }
            let saved = try await browser.post(
                "/developers/clients/\(id)/edit", csrf: form.csrf, try World.form(["name_en": "New name"]))
            #expect(saved.status == 303)
            #expect(try await browser.get("/developers/clients/\(id)").has("New name"))
            #expect(try await browser.post("/developers/logout", csrf: home.csrf).status == 303)
            #expect(try await browser.get("/developers/clients/\(id)").location == "/developers")
        }
    }

    @Test func theSecretIsOnOnePageOnly() async throws {
        try await World.serve { world, client in
            let browser = Browser(client)
            let home = try await world.logIn(browser)
            let owner = try await world.organisation()
            let made = try await browser.post(
                "/developers/organisations/\(owner.organisation.id)/clients", csrf: home.csrf,
                try World.form(["profile": "oidc-legacy", "authentication": "client_secret_basic", "jwks": ""]))
            let secret = try #require(made.between("data-secret=\"", "\""))
            #expect(made.status == 200 && made.headers[.cacheControl] == "no-store" && secret.utf8.count == 43)
            let id = try #require(made.between("<code>bank-", "</code>")).utf8
            let page = try await browser.get("/developers/clients/bank-\(String(decoding: Array(id), as: UTF8.self))")
            #expect(page.status == 200 && !page.has(secret) && page.has("/secret\""))
        }
    }

    /// Every address of a client, and of an organisation, is as good as absent for other people.
    @Test(arguments: TestDatabases.kinds) func othersSeeNothing(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let owner = try await world.organisation()
            let file = try await world.client(by: owner)
            let (id, home) = (
                "/developers/clients/\(file.client.clientID)", "/developers/organisations/\(owner.organisation.id)"
            )
            _ = try await world.organisation("shop", by: World.dara)
            let browser = Browser(client)
            let csrf = try await world.logIn(browser, World.dara).csrf
            for path in [id, id + "/edit", id + "/samples", id + "/try", id + "/errors", id + "/golive"] {
                let page = try await browser.get(path)
                #expect(page.status == 404 && page.error == "developer.client_not_found", "\(path)")
            }
            for path in [home, home + "/clients/new"] {
                #expect(try await browser.get(path).error == "developer.organisation_not_found", "\(path)")
            }
            for path in ["/edit", "/secret", "/golive", "/golive/withdraw", "/draft/discard", "/try"] {
                let answer = try await browser.post(id + path, csrf: csrf, try World.form())
                #expect(answer.error == "developer.client_not_found", "\(path)")
            }
            for path in ["/clients", "/invitations", "/members/\(owner.handle)/remove"] {
                let answer = try await browser.post(home + path, csrf: csrf, try World.form())
                #expect(answer.error == "developer.organisation_not_found", "\(path)")
            }
            let after = try await world.portal.clients.file(file.client.clientID, for: World.sokha)
            #expect(after.record.revision == file.record.revision)
        }
    }

    @Test func formsNeedTheirToken() async throws {
        try await World.serve { world, client in
            let owner = try await world.organisation()
            let file = try await world.client(by: owner)
            let (browser, other) = (Browser(client), Browser(client))
            let csrf = try await world.logIn(browser).csrf
            let theirs = try await world.logIn(other, World.dara).csrf
            let site = try #require(HTTPField.Name("Sec-Fetch-Site"))
            let id = "/developers/clients/\(file.client.clientID)"
            let home = "/developers/organisations/\(owner.organisation.id)"
            let paths = [
                "/developers/logout", "/developers/organisations", "/developers/join", home + "/invitations",
                home + "/clients", home + "/members/\(owner.handle)/remove", id + "/edit", id + "/secret",
                id + "/golive", id + "/golive/withdraw", id + "/draft/discard", id + "/try",
            ]
            for path in paths {
                for token in [nil, "", "x", theirs] as [String?] {
                    let answer = try await browser.post(path, csrf: token)
                    #expect(answer.status == 403 && answer.error == "web.csrf", "\(path)")
                }
                #expect(
                    try await browser.post(path, csrf: csrf, [:], headers: [site: "cross-site"]).status == 403,
                    "\(path)")
                #expect(try await Browser(client).post(path, csrf: csrf).status == 401, "\(path)")
            }
        }
    }

    @Test func onlyTheStateOfThisBrowser() async throws {
        try await World.serve { world, client in
            let (victim, attacker) = (Browser(client), Browser(client))
            let theirs = String(
                try await attacker.get("/developers/login").location.dropFirst("/provider?state=".count))
            let code = world.login.approve(World.dara, state: theirs)
            _ = try await victim.get("/developers/login")
            let page = try await victim.get("/developers/callback?code=\(code)&state=\(theirs)")
            #expect(page.status == 410 && page.error == "developer.login_stale")
        }
    }

    @Test func theErrorLog() async throws {
        try await World.serve { world, client in
            let file = try await world.client(by: try await world.organisation())
            let browser = Browser(client)
            _ = try await world.logIn(browser)
            for number in 0..<60 {
                world.clock.advance(1)
                world.log.refused(
                    ClientEvent(
                        clientID: file.client.clientID, endpoint: "/token",
                        code: number == 59 ? "invalid_grant" : "odd<\(number)>", description: "d",
                        traceID: "trace\(number)",
                        at: world.clock.now))
            }
            await world.log.flush()
            let path = "/developers/clients/\(file.client.clientID)/errors"
            let page = try await browser.get(path)
            #expect(
                page.has("data-event=\"invalid_grant\"") && page.has("Begin a new login.") && page.has("odd&lt;58&gt;"))
            #expect(!page.has("trace9<"), "a page holds fifty")
            let next = try #require(page.between("?before=", "\""))
            #expect(try await browser.get(path + "?before=\(next)").has("trace9<"))
            let one = try await browser.get(path + "?trace=trace7")
            #expect(one.has("trace7<") && !one.has("trace8<"))
        }
    }

    @Test func aTrial() async throws {
        try await World.serve { world, client in
            let file = try await world.client(by: try await world.organisation())
            let browser = Browser(client)
            let csrf = try await world.logIn(browser).csrf
            let path = "/developers/clients/\(file.client.clientID)/try"
            let callback = "/developers/try/callback"
            func begin() async throws -> StubTrials.Begun {
                let begun = try await browser.post(path, csrf: csrf, ["purpose": "open-account"])
                #expect(begun.status == 303 && begun.location == "/authorize?trial")
                return try #require(world.trials.last)
            }
            var trial = try await begin()
            #expect(trial.redirectURI == World.issuer + callback && trial.purpose == "open-account")
            for query in ["code=good&state=x", "code=good", ""] {
                let page = try await browser.get(callback + "?" + query)
                #expect(page.status == 410 && page.error == "developer.trial_stale", "\(query)")
            }
            let page = try await browser.get(callback + "?code=good&state=\(trial.state)")
            #expect(page.status == 200 && page.has("data-member=\"acr\"") && page.has("សុខា"))
            #expect(page.has("data-channel=\"name_km\"") && page.has("the person withheld it"))
            #expect(try await browser.get(callback + "?code=good&state=\(trial.state)").status == 410, "once")
            trial = try await begin()
            let denied = try await browser.get(callback + "?error=access_denied&state=\(trial.state)")
            #expect(denied.status == 200 && denied.has("access_denied"))
            trial = try await begin()
            #expect(try await Browser(client).get(callback + "?code=good&state=\(trial.state)").status == 401)
        }
    }
}

@Suite("The operators' pages")
struct OperatorRouteTests {
    @Test(arguments: TestDatabases.kinds) func approval(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let file = try await world.client(by: try await world.organisation())
            let id = file.client.clientID
            let developer = Browser(client)
            let csrf = try await world.logIn(developer).csrf
            let check = try await developer.get("/developers/clients/\(id)/golive")
            #expect(!check.has("data-passed=\"false\""), "\(check.text)")
            #expect(try await developer.post("/developers/clients/\(id)/golive", csrf: csrf).status == 303)
            let browser = Browser(client)
            let list = try await world.enter(browser, try await world.officer("sophea"))
            #expect(list.has("data-client=\"\(id)\"") && list.has("sophea"))
            let detail = try await browser.get("/operator/relying-parties/\(id)")
            #expect(detail.has("purposes.open-account.legal_basis") && detail.has("data-check=\"keys\""))
            let request = try #require(detail.between("name=\"request\" value=\"", "\""))
            let path = "/operator/relying-parties/\(id)"
            let silent = try await browser.post(path + "/refuse", csrf: detail.csrf, ["request": request])
            #expect(silent.status == 400 && silent.has("e-reason"))
            let done = try await browser.post(path + "/approve", csrf: detail.csrf, ["request": request])
            #expect(done.status == 303)
            #expect(try await browser.get(done.location).has("It serves people now."))
            #expect(try await world.registry.registration(id)?.party.environment == .production)
            let twice = try await browser.post(path + "/approve", csrf: detail.csrf, ["request": request])
            #expect(twice.status == 409 && twice.error == "developer.request_decided")
        }
    }

    @Test func operatorsOnly() async throws {
        try await World.serve { world, client in
            let id = try await world.client(by: try await world.organisation()).client.clientID
            let path = "/operator/relying-parties/\(id)"
            // A developer is no operator, and neither is an auditor.
            let browser = Browser(client)
            let csrf = try await world.logIn(browser).csrf
            for address in ["/operator/relying-parties", path] {
                #expect(try await browser.get(address).location == "/operator/login", "\(address)")
            }
            for action in ["/approve", "/refuse"] {
                #expect(try await browser.post(path + action, csrf: csrf, ["request": "r"]).status == 401)
            }
            let auditor = try await world.officer("vibol", role: .auditor)
            let door = try await browser.get("/operator/login")
            let refused = try await browser.post(
                "/operator/login", csrf: door.csrf, ["username": auditor.username, "password": World.password])
            #expect(refused.status == 403 && refused.error == "officer.forbidden")
            let wrong = try await browser.post(
                "/operator/login", csrf: door.csrf, ["username": "sophea", "password": "x"])
            #expect(wrong.status == 401 && wrong.error == "officer.credentials")
            // A right that is taken away ends at once; a form needs its token.
            let officer = try await world.officer("sophea")
            let desk = Browser(client)
            let list = try await world.enter(desk, officer)
            for token in [nil, "x", csrf] as [String?] {
                #expect(try await desk.post(path + "/approve", csrf: token, ["request": "r"]).error == "web.csrf")
            }
            #expect(
                try await desk.post(path + "/approve", csrf: list.csrf, ["request": "r"]).error
                    == "developer.request_decided")
            try await world.officers.disable(officer.id, by: .system("test"))
            #expect(try await desk.get("/operator/relying-parties").location == "/operator/login")
        }
    }

    @Test func searchAndPages() async throws {
        try await World.serve { world, client in
            let owner = try await world.organisation()
            for number in 0..<60 { _ = try await world.client(["name_en": "Service\(number)"], by: owner) }
            let browser = Browser(client)
            _ = try await world.enter(browser, try await world.officer("sophea"))
            let all = try await browser.get("/operator/relying-parties?show=all")
            #expect(all.text.matches(of: /data-client=/).count == 50)
            let next = try #require(all.between("id=\"next\" href=\"", "\"")).replacing("&amp;", with: "&")
            #expect(try await browser.get(next).text.matches(of: /data-client=/).count == 10)
            let found = try await browser.get("/operator/relying-parties?q=service42")
            #expect(found.text.matches(of: /data-client=/).count == 1 && found.has("Service42"))
            #expect(try await browser.get("/operator/relying-parties?q=ធនាគារ&show=production").has("There is none."))
            #expect(try await browser.get("/operator/relying-parties").has("There is none."), "nobody waits")
        }
    }
}

import Authenticators
import Codecs
import DatabaseTesting
import HTTPTypes
import HummingbirdTesting
import Kernel
import Testing

@testable import Enrolment

@Suite("Enrolment over HTTP")
struct ConsoleTests {
    /// Opens a case in the browser; returns its path.
    private func openCase(_ browser: Browser) async throws -> String {
        let home = try await browser.get("/enrol")
        let found = try await browser.post(
            "/enrol/people",
            [("csrf", try home.input("csrf")), ("identifier", TestRegister.sokha.code), ("by", "identifier")])
        #expect(found.status == 303)
        let person = try await browser.get(try #require(found.location))
        let opened = try await browser.post(
            try #require(found.location) + "/enrolments",
            [
                ("csrf", try person.input("csrf")), ("request_key", try person.input("request_key")),
                ("evidence_khmerIDCard", "yes"), ("number_khmerIDCard", "010203040"), ("note_passport", ""),
                ("reason", ""),
            ])
        #expect(opened.status == 303)
        return try #require(opened.location)
    }

    /// Dates and times in Khmer digits; codes, levels and numbers to compare stay as they are typed and read.
    @Test func khmerPagesHaveKhmerDigits() async throws {
        try await World.serve(.sqlite) { _, client in
            let browser = Browser(client)
            #expect(try await browser.signIn().location == "/enrol")
            let path = try await openCase(browser)
            let page = try await browser.get(path + "?lang=km")
            let facts = try #require(page.text.firstRange(of: "<dl class=\"facts\">"))
            let list = page.text[facts.upperBound...]
            let end = try #require(list.firstRange(of: "</dl>"))
            let text = String(list[..<end.lowerBound]).replacing(/<[^>]*>/, with: " ").replacing(/IAL[0-9]/, with: "")
            #expect(text.contains(/[០-៩]{2}\.[០-៩]{2}\.[០-៩]{4} [០-៩]{2}:[០-៩]{2}/), "\(text)")
            #expect(!text.contains(/[0-9]/), "\(text)")
        }
    }

    /// Shows a code; returns it as the page shows it.
    private func showCode(_ browser: Browser, _ path: String) async throws -> String {
        let page = try await browser.get(path)
        let shown = try await browser.post(
            path + "/code", [("csrf", try page.input("csrf")), ("serial", try page.input("serial"))])
        #expect(shown.status == 303 && shown.location == path)
        let text = try await browser.get(path).text
        let start = try #require(text.firstRange(of: "number code\"><b>"))
        return String(text[start.upperBound...].prefix { $0 != "<" })
    }

    @Test(arguments: TestDatabases.kinds) func wholeEnrolment(_ kind: DatabaseKind) async throws {
        try await World.serve(kind) { world, client in
            let browser = Browser(client)
            #expect(try await browser.get("/enrol").location == "/enrol/login")
            #expect(try await browser.signIn().location == "/enrol")
            let path = try await openCase(browser)
            #expect(!path.contains(TestRegister.sokha.code))
            let code = try await showCode(browser, path)
            let waiting = try await browser.get(path)
            #expect(waiting.text.contains("<svg") && waiting.text.contains("http-equiv=\"refresh\""))
            #expect(!waiting.text.contains(TestRegister.sokha.name), "the page of a case names nobody")
            let poll = try #require(waiting.text.firstRange(of: "data-poll=\""))
            let address = String(waiting.text[poll.upperBound...].prefix { $0 != "\"" })
            #expect(try await browser.get(address).json.string("state") == "pending")

            let phone = try Phone(world.clock)
            let answer = try await Browser(client).postJSON(
                "/device/v1/activations", try await phone.activationBody(code, name: "<script>x</script>"))
            #expect(answer.status == 201)
            let device = try #require(try answer.json.string("device_id"))
            #expect(try answer.json.string("state") == "pending")
            #expect(try answer.json.integer("expires_at") == world.clock.now.seconds + 600)
            let digits = try phone.comparison(nonce: try #require(try answer.json.string("server_nonce")))
            #expect(try await browser.get(address).json.string("state") == "changed")

            let compare = try await browser.get(path)
            #expect(compare.text.contains("<b>\(digits.prefix(3)) \(digits.suffix(3))</b>"))
            #expect(try compare.input("device") == device)
            let own = "/device/v1/self"
            let pending = try await client.execute(
                uri: own, method: .get,
                headers: [.authorization: try await phone.authorization(device: device, path: own)])
            #expect(String(buffer: pending.body).contains("\"state\":\"pending\""))
            for _ in 0..<2 {
                let confirmed = try await browser.post(
                    path + "/confirm", [("csrf", try compare.input("csrf")), ("device", device), ("same", "yes")])
                #expect(confirmed.status == 303)
            }
            let done = try await browser.get(path)
            #expect(done.text.contains("notice good") && !done.text.contains("data-poll"))
            let view = try await Browser(client).get(
                own,
                headers: [
                    .authorization: try await phone.authorization(device: device, path: own),
                    .accept: "application/json",
                ])
            let json = try view.json
            #expect(json.string("state") == "active" && json.integer("ial") == 2 && json.bool("pin_locked") == false)
            #expect(json.integer("pin_tries_left") == 5 && json.string("device_id") == device)

            // The person's page lists the device, its name as text and not as markup.
            let link = try await world.service.link(
                to: TestRegister.sokha.id,
                for: try #require(try await world.directory.officers().first { $0.username == "officer.one" }))
            let person = try await browser.get("/enrol/people/\(link)")
            #expect(person.text.contains("&lt;script&gt;x&lt;/script&gt;") && !person.text.contains("<script>x"))
            #expect(try await browser.get("/enrol").text.contains(path))
            // Two looks at the person's page, two entries in the person's journal.
            #expect(try await world.journal("access-").count == 2)
        }
    }

    @Test func pagesSpeakKhmerFirst() async throws {
        try await World.serve(.sqlite) { _, client in
            let khmer = try await Browser(client, language: "fr").get("/enrol/login")
            #expect(khmer.text.contains("<html lang=\"km\">") && khmer.text.contains("ពាក្យសម្ងាត់"))
            #expect(try await Browser(client, language: "en").get("/enrol/login").text.contains("Password"))
            #expect(try await Browser(client).get("/enrol/login?lang=en").text.contains("<html lang=\"en\">"))
            for language in ["km", "en"] {
                let browser = Browser(client, language: language)
                _ = try await browser.signIn()
                let path = try await openCase(browser)
                _ = try await showCode(browser, path)
                for page in ["/enrol", path, "/device/v1/activations"] {
                    let answer = try await browser.get(page)
                    #expect(answer.status == 200 && answer.text.utf8.count < 50_000)
                    #expect(!answer.text.contains("{{"))
                }
            }
        }
    }

    @Test func signingIn() async throws {
        try await World.serve(.sqlite) { world, client in
            let browser = Browser(client)
            let wrong = try await browser.signIn(password: "wrong password 1")
            #expect(wrong.status == 401 && wrong.text.contains("officer.credentials"))
            #expect(try await browser.signIn("nobody.here").status == 401)
            #expect(try await browser.signIn("auditor.one").status == 403)
            #expect(try await browser.get("/enrol").location == "/enrol/login")
            let forged = try await browser.post(
                "/enrol/login", [("username", "officer.one"), ("password", World.password)])
            #expect(forged.status == 403)
            #expect(try await browser.signIn().status == 303)
            let home = try await browser.get("/enrol")
            #expect(home.status == 200)
            // A disabled account is out at its next request.
            let officer = try #require(try await world.directory.officers().first { $0.username == "officer.one" })
            try await world.directory.disable(officer.id, by: .system("test"))
            #expect(try await browser.get("/enrol").location == "/enrol/login")
            try await world.directory.enable(officer.id, by: .system("test"))
            #expect(try await browser.get("/enrol").status == 200)
            let out = try await browser.post("/enrol/logout", [("csrf", try home.input("csrf"))])
            #expect(out.location == "/enrol/login")
            #expect(try await browser.get("/enrol").location == "/enrol/login")
        }
    }

    @Test func guessingPasswordsIsSlowed() async throws {
        try await World.serve(.sqlite) { _, client in
            let browser = Browser(client)
            var statuses: [Int] = []
            for _ in 0..<11 { statuses.append(try await browser.signIn(password: "wrong password 1").status) }
            #expect(statuses.last == 429)
        }
    }

    @Test func formsNeedTheirSession() async throws {
        try await World.serve(.sqlite) { _, client in
            let (one, far) = (Browser(client), Browser(client))
            _ = try await one.signIn()
            _ = try await far.signIn("officer.far")
            let path = try await openCase(one)
            let page = try await one.get(path)
            #expect(try await one.post(path + "/code", [("serial", "0")]).status == 403)
            let foreign = try await far.get("/enrol").input("csrf")
            #expect(try await one.post(path + "/code", [("csrf", foreign), ("serial", "0")]).status == 403)
            #expect(
                try await one.post(
                    path + "/code", [("csrf", try page.input("csrf")), ("serial", "0")],
                    headers: [try #require(HTTPField.Name("Sec-Fetch-Site")): "cross-site"]
                ).status == 403)
            // Another province sees nothing.
            #expect(try await far.get(path).status == 404)
            #expect(try await far.get(path + "/status?seen=x").status == 404)
            #expect(try await far.post(path + "/code", [("csrf", foreign), ("serial", "0")]).status == 404)
            #expect(try await Browser(client).post(path + "/code", [("serial", "0")]).status == 401)
            #expect(try await Browser(client).get(path).location == "/enrol/login")
            #expect(try await one.get("/enrol/cases/unknown").status == 404)
        }
    }

    @Test func searching() async throws {
        try await World.serve(.sqlite) { world, client in
            let browser = Browser(client)
            _ = try await browser.signIn()
            let csrf = try await browser.get("/enrol").input("csrf")
            let nobody = try await browser.post(
                "/enrol/people", [("csrf", csrf), ("identifier", "0000000000"), ("by", "identifier")])
            #expect(nobody.status == 200 && nobody.text.contains("notice warn"))
            let several = try await browser.post(
                "/enrol/people", [("csrf", csrf), ("name", "ដារ៉ា"), ("birth_year", "១៩៨៥"), ("by", "name")])
            #expect(several.status == 200 && several.text.contains("/enrol/people/"))
            #expect(!several.text.contains(TestRegister.dara.code))
            for person in [TestRegister.dara, TestRegister.daraToo] {
                #expect(try await world.journal("access-", of: person.id).count == 1, "each person shown has an entry")
            }
            let bad = try await browser.post(
                "/enrol/people", [("csrf", csrf), ("name", "x"), ("birth_year", "abc"), ("by", "name")])
            #expect(bad.status == 400 && bad.text.contains("e-birth_year"))
            #expect(try await browser.get("/enrol/people/AAAA").status == 410)
        }
    }

    @Test func evidenceFormTellsWhatIsMissing() async throws {
        try await World.serve(.sqlite) { world, client in
            let browser = Browser(client)
            _ = try await browser.signIn()
            let home = try await browser.get("/enrol")
            let found = try await browser.post(
                "/enrol/people",
                [("csrf", try home.input("csrf")), ("identifier", TestRegister.sokha.code), ("by", "identifier")])
            let link = try #require(found.location)
            let person = try await browser.get(link)
            let fields = [("csrf", try person.input("csrf")), ("request_key", try person.input("request_key"))]
            let empty = try await browser.post(link + "/enrolments", fields)
            #expect(empty.status == 400 && empty.text.contains("role=\"alert\""))
            let witnesses = try await browser.post(
                link + "/enrolments", fields + [("evidence_twoWitnesses", "yes"), ("note_twoWitnesses", "\"><i>")])
            #expect(witnesses.status == 400 && witnesses.text.contains("e-reason"))
            #expect(witnesses.text.contains("&quot;&gt;&lt;i&gt;"), "what was typed stays, escaped")
            // The same request key goes through with the reason, twice, as one case.
            let good = fields + [("evidence_twoWitnesses", "yes"), ("reason", "flood")]
            let first = try await browser.post(link + "/enrolments", good)
            let second = try await browser.post(link + "/enrolments", good)
            #expect(first.status == 303 && second.location == first.location)
            #expect(try await world.service.worklist(by: world.officer()).map(\.ial) == [.ial1])
        }
    }

    @Test func devicesOnThePersonsPage() async throws {
        try await World.serve(.sqlite) { world, client in
            let browser = Browser(client)
            _ = try await browser.signIn("boss.one")
            let path = try await openCase(browser)
            let code = try await showCode(browser, path)
            let id = try await world.service.activate(try await Phone(world.clock).activation(code)).deviceID
            let csrf = try await browser.get(path).input("csrf")
            _ = try await browser.post(path + "/confirm", [("csrf", csrf), ("device", id), ("same", "yes")])
            let boss = try #require(try await world.directory.officers().first { $0.username == "boss.one" })
            let link = "/enrol/people/" + (try await world.service.link(to: TestRegister.sokha.id, for: boss))
            let action = "\(link)/devices/\(id)"
            #expect(try await browser.get(link).text.contains(action))
            #expect(
                try await browser.post(action, [("csrf", csrf), ("action", "block"), ("reason", "")]).status == 400)
            #expect(
                try await browser.post(action, [("csrf", csrf), ("action", "block"), ("reason", "because")]).status
                    == 400)
            #expect(
                try await browser.post(action, [("csrf", csrf), ("action", "explode"), ("reason", "lost")]).status
                    == 400)
            let blocked = try await browser.post(action, [("csrf", csrf), ("action", "block"), ("reason", "lost")])
            #expect(blocked.status == 303 && blocked.location?.hasPrefix("/enrol/people/") == true)
            #expect(try await world.device(id)?.state == .blocked)
        }
    }

    @Test func activationAnswersForMachines() async throws {
        try await World.serve(.sqlite) { world, client in
            let browser = Browser(client)
            let phone = try Phone(world.clock)
            let unknown = try await browser.postJSON(
                "/device/v1/activations", try await phone.activationBody("0000-0000-00"))
            #expect(unknown.status == 403)
            #expect(unknown.headers[.contentType] == "application/problem+json")
            #expect(try unknown.json.string("code") == "activation.invalid")
            for body in [
                "", "[]", "{}", "{\"code\":1}", "nonsense",
                "{\"code\":\"0000-0000-00\",\"device_name\":\"x\",\"platform\":\"x\",\"device_key\":{},\"pin_key\":{}}",
            ] {
                let answer = try await browser.postJSON("/device/v1/activations", Array(body.utf8))
                #expect(answer.status == 400, "\(body)")
            }
            #expect(try await browser.get("/device/v1/self", headers: [.accept: "application/json"]).status == 401)
        }
    }

    @Test func guessingCodesIsSlowed() async throws {
        try await World.serve(.sqlite) { world, client in
            let body = try await Phone(world.clock).activationBody("0000-0000-00")
            var statuses: [Int] = []
            for _ in 0..<32 {
                statuses.append(try await Browser(client).postJSON("/device/v1/activations", body).status)
            }
            #expect(statuses.first == 403 && statuses.last == 429)
            world.clock.advance(600)
            let later = try await Phone(world.clock).activationBody("0000-0000-00")
            #expect(try await Browser(client).postJSON("/device/v1/activations", later).status == 403)
        }
    }

    /// Changed bodies never break the program and never activate anything.
    @Test func changedBodies() async throws {
        try await World.run(.sqlite) { world in
            let (enrolment, code) = try await world.withCode(world.officer())
            let good = try await Phone(world.clock).activationBody(code)
            var generator = SeededGenerator(5)
            for _ in 0..<2000 {
                var bytes = good
                for _ in 0..<Int.random(in: 1...3, using: &generator) {
                    bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(
                        in: 0...255, using: &generator)
                }
                if Int.random(in: 0..<8, using: &generator) == 0 {
                    bytes.removeLast(Int.random(in: 1..<bytes.count, using: &generator))
                }
                do {
                    let request = try DeviceRoutes.request(try JSON.parseObject(bytes))
                    try world.authenticators.checkActivation(request.proofs)
                    // Only the unsigned name and platform may differ, or how the code is written.
                    #expect(ActivationCode.canonical(request.proofs.code) == ActivationCode.canonical(code))
                } catch is RumdulError {}
            }
            #expect(try await world.service.enrolment(enrolment.id, by: world.officer()).state == .codeIssued)
        }
    }
}

import Accountability
import CivilRegister
import Database
import DatabaseTesting
import HummingbirdTesting
import Kernel
import KeyVault
import Ledger
import OfficerDesk
import PopulationRegister
import ReferenceData
import Testing
import Web
import WebTesting

@testable import RegistrarConsole

private struct NoEffects: LifeEventEffects {
    func ended(_ person: PersonID, record: String, in connection: any SQLConnection) async throws {}
}

@Suite struct ConsoleTests {
    private static let password = "bamboo-raft-52-kites"

    private func serve(
        _ kind: DatabaseKind,
        _ test: @escaping @Sendable (PopulationRegister, any TestClientProtocol) async throws -> Void
    ) async throws {
        let migrations = [
            Ledger.migrations, WebStorage.migrations, OfficerDirectory.migrations, ReferenceData.migrations,
            PopulationRegister.migrations, CivilRegister.migrations, RegistrarConsole.migrations,
        ]
        try await TestDatabases.with(kind, migrations: migrations) { database in
            let vault = try FileKeyVault.ephemeral(ambient: .system)
            _ = try await vault.create(CivilRegister.signing, .es256, state: .active)
            let ledger = Ledger(database: database, vault: vault, ambient: .system)
            let directory = OfficerDirectory(database: database, audit: AuditTrail(ledger: ledger), ambient: .system)
            for (name, role, area) in [
                ("clerk.one", Role.communeClerk, "120101"), ("registrar.one", .registrar, "120101"),
                ("verifier.one", .districtVerifier, "1201"),
            ] {
                _ = try await directory.create(
                    OfficerDraft(
                        username: name, displayName: LocalizedText(km: "មន្ត្រី", en: name),
                        organisation: Organisation(code: "moi", name: LocalizedText(km: "មហាផ្ទៃ", en: "Interior")),
                        grants: [Grant(role, in: .area(area))]), password: Self.password, by: .system("test"))
            }
            let reference = ReferenceData(database: database)
            try await reference.install()
            let gate = DisclosureGate(ledger: ledger, ambient: .system)
            let people = PopulationRegister(
                database: database, vault: vault, ledger: ledger, gate: gate, referenceData: reference,
                ambient: .system,
                codes: .production)
            let civil = CivilRegister(
                database: database, vault: vault, ledger: ledger, gate: gate, people: people, referenceData: reference,
                effects: NoEffects(), ambient: .system)
            let settings = WebSettings(baseURL: "http://127.0.0.1:8080", accessLog: false)
            let web = try WebApplication(
                settings: settings, templates: [OfficerDesk.templates, RegistrarConsole.templates])
            try await RegistrarConsole(
                civil: civil, people: people, directory: directory, reference: reference, database: database,
                vault: vault,
                ambient: .system, settings: settings
            ).add(to: web.router)
            try await web.application().test(.router) { try await test(people, $0) }
        }
    }

    private func officer(_ name: String, _ client: any TestClientProtocol) async throws -> TestBrowser {
        let browser = TestBrowser(client, language: "en")
        let csrf = try #require(try await browser.get("/register/login").input("csrf"))
        let inside = try await browser.post(
            "/register/login", [("csrf", csrf), ("username", name), ("password", Self.password)])
        #expect(inside.location == "/register")
        return browser
    }

    private func take(_ step: String, _ path: String, _ browser: TestBrowser, reason: String = "") async throws
        -> TestPage
    {
        let page = try await browser.get(path)
        #expect(page.text.contains("value=\"\(step)\""), "\(step) is offered")
        return try await browser.post(
            path + "/do",
            [
                ("csrf", try #require(page.input("csrf"))), ("step", step), ("reason", reason),
                ("sequence", try #require(page.input("sequence"))),
                ("request_key", try #require(page.input("request_key"))),
            ])
    }

    @Test(arguments: TestDatabases.kinds) func aBirthFromDeclarationToCorrection(_ kind: DatabaseKind) async throws {
        try await serve(kind) { people, client in
            let clerk = try await officer("clerk.one", client)
            let form = try await clerk.get("/register/new/birth")
            #expect(form.status == 200)
            let today = Instant.systemNow().dayInCambodia
            let csrf = try #require(form.input("csrf"))
            var fields = [
                ("csrf", csrf), ("request_key", try #require(form.input("request_key"))), ("office", "120101"),
                ("action", "declare"), ("child.family_km", "សុខ"), ("child.given_km", "ពិសី"), ("child.sex", "2"),
                ("event.date", "31/02/2026"), ("event.place", "120101"), ("mother.given_km", "សុភា"),
                ("mother.birthdate", "1998"), ("father.unknown", "unknown"), ("informant.relation", "mother"),
                ("informant.given_km", "សុភា"),
            ]
            let refused = try await clerk.post("/register/new/birth", fields)
            #expect(refused.status == 400 && refused.text.contains("id=\"e-event.date\""))
            #expect(refused.text.contains("value=\"ពិសី\""), "nothing that was typed is lost")
            fields[7].1 = CalendarDate(daysSinceEpoch: today.daysSinceEpoch - 2).description
            let declared = try await clerk.post("/register/new/birth", fields)
            #expect(declared.status == 303)
            let path = try #require(declared.location)

            let verifier = try await officer("verifier.one", client)
            #expect(try await verifier.get("/register/queues/toVerify").text.contains(path))
            let returned = try await take("sendBack", path, verifier, reason: "a")
            #expect(returned.status == 400 && returned.text.contains("Give the reason"))
            #expect(try await take("verify", path, verifier).status == 303)
            let registrar = try await officer("registrar.one", client)
            #expect(try await registrar.get("/register").text.contains("class=\"waits\""))
            #expect(try await take("register", path, registrar).status == 303)
            let page = try await registrar.get(path)
            #expect(page.text.contains("B-120101-") && page.text.contains("Registered"))
            #expect(try await people.count() == 1)

            let correction = try await registrar.get(path + "/correct")
            var changed = EventForm.of(.birth).fields.compactMap { field -> (String, String)? in
                correction.input(field.id).map { (field.id, $0) }
            }
            changed = changed.map { $0.0 == "child.given_km" ? ($0.0, "ពិសាល") : $0 }
            for (name, value) in [("child.sex", "2"), ("father.unknown", "unknown"), ("informant.relation", "mother")] {
                changed.append((name, value))
            }
            for name in ["csrf", "request_key", "sequence"] {
                changed.append((name, try #require(correction.input(name))))
            }
            let asked = try await registrar.post(path + "/correct", changed + [("reason", "សរសេរខុស"), ("basis", "")])
            #expect(asked.status == 303, "\(asked.words)")
            let pending = try await verifier.get(path)
            #expect(pending.text.contains("ពិសាល") && pending.text.contains("Waiting for a second officer"))
            #expect(try await take("approveCorrection", path, verifier).status == 303)
            #expect(try await registrar.get(path).text.contains("ពិសាល"))
        }
    }

    @Test func everyFormShowsEveryFieldInBothLanguages() async throws {
        try await serve(.sqlite) { _, client in
            let clerk = try await officer("clerk.one", client)
            for kind in VitalEventKind.allCases {
                for language in ["km", "en"] {
                    let page = try await clerk.get("/register/new/\(kind.rawValue)?lang=\(language)")
                    #expect(page.status == 200)
                    // The digest of a scan comes with the scan; nobody types it.
                    for field in EventForm.of(kind).fields where field.id != "legacy.image" {
                        #expect(page.text.contains("name=\"\(field.id)\""), "\(kind) \(field.id)")
                        #expect(
                            page.text.contains(
                                language == "km" ? field.label.km : field.label.en.replacing("'", with: "&#39;")))
                    }
                }
            }
            #expect(try await clerk.get("/register/new/coronation").status == 404)
            #expect(try await clerk.get("/register/queues/toVerify").status == 403)
        }
    }
}

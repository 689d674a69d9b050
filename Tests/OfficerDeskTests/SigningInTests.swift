import Accountability
import DatabaseTesting
import Hummingbird
import HummingbirdTesting
import Kernel
import KeyVault
import Ledger
import Testing
import Web
import WebTesting

@testable import OfficerDesk

@Suite struct SigningInTests {
    private static let password = "bamboo-raft-52-kites"

    /// A console whose first page says who sits there.
    private func serve(
        _ kind: DatabaseKind,
        _ test: @escaping @Sendable (OfficerDirectory, any TestClientProtocol) async throws -> Void
    ) async throws {
        let migrations = [Ledger.migrations, WebStorage.migrations, OfficerDirectory.migrations]
        try await TestDatabases.with(kind, migrations: migrations) { database in
            let vault = try FileKeyVault.ephemeral(ambient: .system)
            let directory = OfficerDirectory(
                database: database,
                audit: AuditTrail(ledger: Ledger(database: database, vault: vault, ambient: .system)),
                ambient: .system)
            for (name, role) in [("registrar.one", Role.registrar), ("auditor.one", .auditor)] {
                _ = try await directory.create(
                    OfficerDraft(
                        username: name, displayName: LocalizedText(km: name, en: name),
                        organisation: Organisation(code: "moi", name: LocalizedText(km: "មហាផ្ទៃ", en: "Interior")),
                        grants: [Grant(role, in: .area("12"))]), password: Self.password, by: .system("test"))
            }
            let settings = WebSettings(baseURL: "http://127.0.0.1:8080", accessLog: false)
            let desk = try await OfficerDesk(
                OfficerDesk.Console(
                    sessionKind: "desk-test", home: "/desk", title: LocalizedText(km: "តុ", en: "Desk"),
                    lead: LocalizedText(km: "សម្រាប់មន្ត្រី", en: "For officers"), rights: [.civilRegister]),
                directory: directory, database: database, vault: vault, settings: settings, ambient: .system)
            let web = try WebApplication(settings: settings, templates: [OfficerDesk.templates])
            web.router.get("/desk/login") { try await desk.loginPage($0, $1) }
            web.router.post("/desk/login") { try await desk.login($0, $1) }
            web.router.post("/desk/logout") { try await desk.logout($0, $1) }
            web.router.get("/desk") { request, _ in
                let seat = try await desk.require(request)
                return Response(
                    status: .ok,
                    body: .init(
                        byteBuffer: .init(string: "name=\"csrf\" value=\"\(seat.csrf)\" \(seat.officer.username)")))
            }
            try await web.application().test(.router) { try await test(directory, $0) }
        }
    }

    private func signIn(_ browser: TestBrowser, _ name: String, _ password: String) async throws -> TestPage {
        let csrf = try #require(try await browser.get("/desk/login").input("csrf"))
        return try await browser.post("/desk/login", [("csrf", csrf), ("username", name), ("password", password)])
    }

    @Test(arguments: TestDatabases.kinds) func onlyOfficersOfTheConsoleComeIn(_ kind: DatabaseKind) async throws {
        try await serve(kind) { directory, client in
            let browser = TestBrowser(client)
            #expect(try await browser.get("/desk").status == 401)
            let refused = try await signIn(browser, "registrar.one", "wrong")
            #expect(refused.status == 401 && refused.text.contains("registrar.one") && !refused.text.contains("wrong"))
            #expect(try await signIn(browser, "auditor.one", Self.password).status == 403)
            let inside = try await signIn(browser, "registrar.one", Self.password)
            #expect(inside.status == 303 && inside.location == "/desk")
            let page = try await browser.get("/desk")
            #expect(page.status == 200 && page.text.contains("registrar.one"))
            #expect(try await browser.get("/desk/login").location == "/desk", "who is in needs no login page")
            let out = try await browser.post("/desk/logout", [("csrf", try #require(page.input("csrf")))])
            #expect(out.location == "/desk/login")
            #expect(try await browser.get("/desk").status == 401)
        }
    }

    @Test func aFormWithoutItsTokenChangesNothing() async throws {
        try await serve(.sqlite) { _, client in
            let browser = TestBrowser(client)
            let sent = try await browser.post(
                "/desk/login", [("username", "registrar.one"), ("password", Self.password)])
            #expect(sent.status == 403)
            #expect(try await browser.get("/desk").status == 401)
        }
    }

    @Test func guessingIsLimited() async throws {
        try await serve(.sqlite) { _, client in
            let browser = TestBrowser(client)
            var last = 0
            // Ten in five minutes; on a slow machine some of them pass while the test runs.
            for _ in 0..<40 where last != 429 { last = try await signIn(browser, "registrar.one", "guess").status }
            #expect(last == 429)
        }
    }
}

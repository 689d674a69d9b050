import Accountability
import Database
import DatabaseTesting
import HummingbirdTesting
import Kernel
import OfficerDesk
import ReferenceData
import Synchronization
import Testing
import Web

@testable import Enrolment

/// One request about a name, with the rules of the register: two officers, who must have the right.
private final class StubDesk: CorrectionDesk {
    struct State {
        var proposedBy: String?
        var values: [String: String] = [:]
        var refusal: String?
        var isAccepted = false
    }

    let rights: [Permission] = [.personAmendRequest, .personAmendApprove]
    let state = Mutex(State())
    let register: TestRegister

    init(_ register: TestRegister) { self.register = register }

    private var line: WaitingCorrection {
        let first = state.withLock(\.proposedBy)
        return WaitingCorrection(
            id: "c1", attribute: .nameKhmer, isProposed: first != nil, proposedBy: first, area: "120101",
            filedAt: Instant(seconds: 1_800_000_000))
    }

    func waiting(for officer: Officer) async throws -> [WaitingCorrection] { [line] }

    func file(_ id: String, by officer: Officer, trace: String) async throws -> CorrectionFile {
        let present = try await register.disclose(
            DisclosureRequest(
                subject: TestRegister.sokha.id, actor: try officer.acting(.personFind, in: "120101"),
                organisation: officer.organisation, system: "rumdul", service: "corrections",
                purpose: EnrolmentService.purpose, basis: .statute("CRVSID"), attributes: [.nameKhmer],
                traceID: trace))
        let (state, line) = (state.withLock { $0 }, line)
        return CorrectionFile(
            about: line, isDecided: state.isAccepted || state.refusal != nil, wish: "<i>សុខុម</i>", why: "slip",
            evidence: nil, present: present,
            inputs: [
                CorrectionInput(name: "given", choices: [], isOptional: false),
                CorrectionInput(name: "sex", choices: ["male", "female"], isOptional: false),
            ], proposed: state.values, seen: state.proposedBy.map { _ in "certificate 1" })
    }

    func propose(_ id: String, values: [String: String], seen: String, by officer: Officer) async throws {
        try officer.require(.personAmendRequest, in: "120101")
        guard values["given"] != "x" else {
            throw RumdulError(
                "test.input", .invalid, km: "ក", en: "Input",
                fields: [FieldError("given", LocalizedText(km: "ខុស", en: "Not possible"))])
        }
        state.withLock {
            $0.proposedBy = officer.id
            $0.values = values
        }
    }

    func accept(_ id: String, by officer: Officer) async throws {
        try officer.require(.personAmendApprove, in: "120101")
        try officer.requireOther(than: state.withLock { $0.proposedBy } ?? "")
        state.withLock { $0.isAccepted = true }
    }

    func refuse(_ id: String, reason: String, by officer: Officer) async throws {
        state.withLock { $0.refusal = reason }
    }
}

@Suite("Requests for correction at the console")
struct CorrectionConsoleTests {
    private func serve(
        _ kind: DatabaseKind, _ test: @escaping @Sendable (StubDesk, any TestClientProtocol) async throws -> Void
    ) async throws {
        try await World.run(kind) { world in
            for (name, role) in [
                ("clerk.one", Role.registrar), ("boss.two", .identificationOfficer),
                ("desk.one", .enrolmentOfficer), ("auditor.one", .auditor),
            ] {
                _ = try await world.directory.create(
                    OfficerDraft(
                        username: name, displayName: LocalizedText(km: name, en: name),
                        organisation: Organisation(code: "gdi", name: LocalizedText(km: "អគ្គនាយកដ្ឋាន", en: "GDI")),
                        grants: [Grant(role, in: .area("12"))]), password: World.password, by: .system("test"))
            }
            let settings = WebSettings(baseURL: World.issuer, accessLog: false)
            let web = try WebApplication(
                settings: settings, templates: [EnrolmentPages.templates, OfficerDesk.templates])
            let reference = ReferenceData(database: world.database)
            try await reference.install()
            let desk = StubDesk(
                TestRegister(
                    database: world.database,
                    gate: DisclosureGate(ledger: world.ledger, ambient: world.clock.ambient)))
            try await EnrolmentRoutes(
                service: world.service, directory: world.directory, reference: reference, database: world.database,
                vault: world.vault, ambient: world.clock.ambient, settings: settings,
                assist: AssistDesk(
                    database: world.database, officers: world.directory, ledger: world.ledger,
                    ambient: world.clock.ambient),
                corrections: desk
            ).add(to: web.router)
            try await web.application().test(.router) { client in try await test(desk, client) }
        }
    }

    @Test(arguments: TestDatabases.kinds) func fromTheListToTheDecision(_ kind: DatabaseKind) async throws {
        try await serve(kind) { desk, client in
            let clerk = Browser(client)
            _ = try await clerk.signIn("clerk.one")
            // Nothing to enrol: straight to what waits.
            #expect(try await clerk.get("/enrol").location == "/enrol/corrections")
            let list = try await clerk.get("/enrol/corrections")
            #expect(list.text.contains("/enrol/corrections/c1") && !list.text.contains(TestRegister.sokha.name))
            let path = "/enrol/corrections/c1"
            let page = try await clerk.get(path)
            #expect(page.text.contains(TestRegister.sokha.name) && page.text.contains("&lt;i&gt;"))
            #expect(!page.text.contains("/accept\""))
            let fields = [("csrf", try page.input("csrf")), ("seen", "certificate 1"), ("value-sex", "female")]
            let wrong = try await clerk.post(path + "/propose", fields + [("value-given", "x")])
            #expect(wrong.status == 400 && wrong.text.contains("id=\"e-value-given\""))
            #expect(wrong.text.contains("<option value=\"female\" selected>"))
            #expect(try await clerk.post(path + "/propose", fields + [("value-given", "សុខុម")]).status == 303)
            #expect(desk.state.withLock { $0.values } == ["sex": "female", "given": "សុខុម"])
            #expect(!(try await clerk.get(path)).text.contains("/accept\""), "the first officer is not the second one")
            let boss = Browser(client)
            _ = try await boss.signIn("boss.two")
            let second = try await boss.get(path)
            #expect(second.text.contains("id=\"proposed\"") && second.text.contains("certificate 1"))
            #expect(
                try await boss.post(path + "/accept", [("csrf", try second.input("csrf"))]).location
                    == "/enrol/corrections?done=accepted")
            #expect(desk.state.withLock { $0.isAccepted })
            let closed = try await boss.get(path)
            #expect(!closed.text.contains("/accept\"") && !closed.text.contains("/refuse\""))
        }
    }

    @Test func othersStayOutside() async throws {
        try await serve(.sqlite) { desk, client in
            #expect(try await Browser(client).get("/enrol/corrections").location == "/enrol/login")
            #expect(try await Browser(client).signIn("auditor.one").status == 403)
            let enroller = Browser(client)
            _ = try await enroller.signIn("desk.one")
            #expect(!(try await enroller.get("/enrol")).text.contains("/enrol/corrections"))
            let clerk = Browser(client)
            _ = try await clerk.signIn("clerk.one")
            #expect(try await clerk.post("/enrol/corrections/c1/refuse", [("reason", "no")]).status == 403)
            #expect(desk.state.withLock { $0.refusal } == nil)
        }
    }
}

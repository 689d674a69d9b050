import CivilRegister
import Codecs
import Crypto
import HTTPTypes
import Hummingbird
import Kernel
import NIOCore
import OfficerDesk
import Web

/// The worker behind the forms, the page of kept drafts, and where they are sent.
struct OfflineRoutes: Sendable {
    let console: RegistrarConsole
    private let store = OfflineStore()

    static let path = "/register/offline"

    init(console: RegistrarConsole) { self.console = console }

    func add(to router: AppRouter) {
        router.get("/register/sw.js") { _, context in worker(context) }
        router.get("/register/offline", use: page)
        router.post("/register/offline", use: take)
    }

    private func worker(_ context: AppContext) -> Response {
        let assets = context.environment.pages.assets
        let files = [assets.stylesheet, assets.script, assets.icon, assets.path("register.js") ?? ""].filter {
            !$0.isEmpty
        }
        let forms = [Self.path] + VitalEventKind.allCases.map { "/register/new/\($0.rawValue)" }
        let version = Base64URL.encode(Array(SHA256.hash(data: Array((files + forms).joined().utf8)).prefix(9)))
        var headers: HTTPFields = [
            .contentType: "text/javascript; charset=utf-8", .cacheControl: "no-cache",
            .contentSecurityPolicy: "default-src 'none'; connect-src 'self'; frame-ancestors 'none'",
        ]
        if let scope = HTTPField.Name("Service-Worker-Allowed") { headers[scope] = "/register" }
        let text = OfflineScripts.worker(files: files, forms: forms, version: version)
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    /// How many drafts wait on this device. Opened without a line it comes from the worker, and names nobody.
    private func page(_ request: Request, _ context: AppContext) async throws -> Response {
        let seat = try await console.desk.seat(request)
        var page = Page(
            "register/offline", title: OfflineViews.title,
            data: ["csrf": seat?.csrf as Any? ?? false, "isIn": seat != nil])
        page.languageSwitch = .hidden
        if let script = context.assetPath("register.js") { page.scripts = [script] }
        return context.show(page)
    }

    /// Takes one kept draft: declared when every rule is met, otherwise kept as a draft with what is wrong, so that nothing
    /// that was typed is lost. What somebody else entered in the meantime is found by the search for duplicates.
    private func take(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await console.desk.form(request, context)
        let draft = try OfflineDraft(form["draft"] ?? "", signature: form["signature"] ?? "")
        let last = try await console.database.transaction { [store, console] connection in
            let known = try await store.device(
                draft.device, officer: seat.officer.id, at: console.ambient.now(), in: connection)
            guard known.officer == seat.officer.id else { throw RumdulError.registerDevice }
            return known.counter
        }
        var answer: JSONObject = ["counter": .integer(draft.counter)]
        // Also one that came before, or comes late: its key names the request, so nothing is entered twice and nothing lost.
        let today = console.ambient.now().dayInCambodia
        let values = try await FormRoutes(console: console).codes(
            draft.fields, kind: draft.kind, office: draft.office, on: today)
        let step = CivilStep(seat.officer, transactionID: draft.key, deviceTime: draft.at)
        let (result, record, problems) = try await enter(draft, values, by: step)
        answer["result"] = .string(result)
        answer["record"] = .string(record)
        if !problems.isEmpty { answer["problems"] = .strings(problems) }
        if draft.counter <= last { answer["result"] = "known" }
        try await console.database.transaction { [store] connection in
            try await store.setCounter(draft.counter, of: draft.device, in: connection)
        }
        return JSONResponse(.object(answer)).response.logged(outcome: "civil.offline_taken")
    }

    /// What became of a draft, its record, and the fields that were refused.
    private func enter(
        _ draft: OfflineDraft, _ values: [String: String], by step: CivilStep
    ) async throws -> (result: String, record: String, problems: [String]) {
        var problems: [String] = []
        if !draft.isDraft {
            do {
                let record = try await console.civil.declare(draft.kind, values, office: draft.office, by: step)
                return (record.state == .duplicateReview ? "duplicate" : "declared", record.id, [])
            } catch let error as RumdulError where !error.fields.isEmpty {
                problems = error.fields.map(\.field)
            }
        }
        let record = try await console.civil.draft(draft.kind, values, office: draft.office, by: step)
        return ("draft", record.id, problems)
    }
}

/// Kept drafts in words.
enum OfflineViews {
    static let title = LocalizedText(km: "ព្រាងដែលរក្សាទុកក្នុងឧបករណ៍", en: "Drafts kept on this device")

    static let templates = ["offline": page, "kept": kept]

    /// isIn: shown by the register itself, so there is a line.
    private static let page = """
        <h1>{{t.keptTitle}}</h1>
        {{> register/kept}}
        <section class="card"><p>{{#isIn}}{{t.keptOnline}}{{/isIn}}{{^isIn}}{{t.keptLead}}{{/isIn}}</p><p class="actions"><a class="button" href="/register">{{t.back}}</a></p></section>

        """

    /// csrf: where somebody is signed in, kept drafts are sent.
    private static let kept = """
        <div class="notice warn" data-kept hidden{{#csrf}} data-csrf="{{csrf}}"{{/csrf}} role="status"><p>{{t.keptCount}} \
        <b data-count>0</b></p></div>

        """

    static let texts: [String: LocalizedText] = [
        "keptTitle": title,
        "keptCount": LocalizedText(
            km: "ព្រាងដែលរង់ចាំផ្ញើ ពេលមានអ៊ីនធឺណិត៖", en: "Drafts that will be sent when there is a line:"),
        "keptOnline": LocalizedText(
            km: "ពេលគ្មានអ៊ីនធឺណិត អ្វីដែលអ្នកបំពេញត្រូវបានរក្សាទុកក្នុងឧបករណ៍នេះ។ ឥឡូវមានអ៊ីនធឺណិត ព្រាងត្រូវបានផ្ញើតាមលំដាប់ដោយស្វ័យប្រវត្តិ។",
            en:
                "Without a line, what you enter is kept on this device. There is a line now: kept drafts are sent in order by themselves."
        ),
        "keptLead": LocalizedText(
            km:
                "គ្មានអ៊ីនធឺណិតទេ។ អ្វីដែលអ្នកបានបំពេញត្រូវបានរក្សាទុកក្នុងឧបករណ៍នេះ ដោយចុះហត្ថលេខា និងអ៊ិនគ្រីប ហើយនឹងផ្ញើតាមលំដាប់។ នេះមិនទាន់ជាការចុះបញ្ជីទេ។",
            en:
                "There is no line. What you entered is kept on this device, signed and encrypted, and will be sent in order. It is not a registration yet."
        ),
    ]
}

import Codecs
import HTTPTypes
import Hummingbird
import Kernel
import KhmerText
import ReferenceData
import Web

/// The first page of the demonstration: the story in five steps, with everything needed on screen.
struct StartPage: Sendable {
    let reader: StoryReader
    let record: DemoRecord
    let cookie: WebCookie
    let phoneCookie: WebCookie

    /// The frame of the page; what stands in it is made by ``StartStory``.
    static let templates = PageTemplates(module: "demo", templates: ["start": "{{story}}"])

    init(reader: StoryReader, record: DemoRecord, settings: WebSettings) {
        self.reader = reader
        self.record = record
        cookie = WebCookie("demo-story", settings: settings)
        phoneCookie = WebCookie("demo-phone", settings: settings)
    }

    func addRoutes(to router: AppRouter) {
        router.get("/") { request, context in try await show(request, context) }
        router.get("/state") { request, _ in
            let seen = try QueryParameters.read(request)["seen"] ?? ""
            let progress = try await reader.progress(of: try sample(request))
            return JSONResponse(
                ["state": .string(progress.token == seen ? "pending" : "changed")], headers: [.cacheControl: "no-store"]
            )
        }
        router.post("/another") { request, _ in
            // The old phone stays with the old person; the new person starts with a new one.
            Redirect.seeOther("/").setting(cookie.set(String(try await nextPerson(after: index(request)))))
                .setting(phoneCookie.clear)
        }
    }

    private func index(_ request: Request) -> Int {
        let chosen = cookie.value(in: request).flatMap { Int($0) } ?? 0
        return record.people.indices.contains(chosen) ? chosen : 0
    }

    private func sample(_ request: Request) throws -> SamplePerson {
        let index = index(request)
        guard record.people.indices.contains(index) else { throw RumdulError.demoFile("no people") }
        return record.people[index]
    }

    /// The next person with whom nothing has been done yet; simply the next when all were used.
    private func nextPerson(after index: Int) async throws -> Int {
        let count = max(1, record.people.count)
        for step in 1...count {
            let candidate = (index + step) % count
            if try await reader.progress(of: record.people[candidate]).next == 2 { return candidate }
        }
        return (index + 1) % count
    }

    private func show(_ request: Request, _ context: AppContext) async throws -> Response {
        let sample = try sample(request)
        let progress = try await reader.progress(of: sample)
        let province = PlaceCode(sample.province).flatMap {
            reader.node.reference.known($0, on: SyntheticCountry.day)?.fullName
        }
        let story = StartStory(
            language: context.language, record: record, sample: sample, province: province, progress: progress,
            trustsSoftware: reader.node.authenticators.attestation.trustsSoftware)
        var page = Page(
            "demo/start", title: LocalizedText(km: "រឿងគំរូក្នុង ៥ ជំហាន", en: "The story in five steps"),
            data: ["story": SafeHTML(story.markup)])
        page.languageSwitch = .path("/")
        page.isWide = true
        page.refreshWithoutScript = 10
        var response = context.show(page)
        response.headers[.cacheControl] = "no-store"
        return response
    }
}

/// The story as markup.
struct StartStory {
    let language: Language
    let record: DemoRecord
    let sample: SamplePerson
    let province: LocalizedText?
    let progress: StoryProgress
    var trustsSoftware = false

    private var say: Speaker { Speaker(language: language) }

    var markup: String {
        """
        <div data-poll="/state?seen=\(escaped(progress.token))" data-poll-interval="3"></div>
        <h1>\(say("ម្នាក់ចូលធនាគារតាម CamDigiKey", "A person logs in to a bank with CamDigiKey"))</h1>
        <p class="lead">\(say("ប្រាំជំហាន ប្រហែលប្រាំនាទី។ មនុស្សទាំងអស់ក្នុងប្រទេសគំរូនេះ ត្រូវបានបង្កើតឡើង។",
            "Five steps, about five minutes. Everybody in this country is invented."))</p>
        \(overview)
        \(person)\(officer)\(phone)\(bank)\(citizen)\(end)
        """
    }

    private var overview: String {
        let names = [
            say("ជួបមនុស្ស", "Meet"), say("ចុះឈ្មោះ", "Enrol"), say("ទូរស័ព្ទ", "Phone"), say("ធនាគារ", "Bank"),
            say("កំណត់ត្រា", "Log"),
        ]
        let items = names.enumerated().map { index, name in
            let step = index + 1
            let mark = step < progress.next ? " class=\"done\"" : step == progress.next ? " aria-current=\"step\"" : ""
            return "<li\(mark)><span>\(name)</span></li>"
        }
        return "<ol class=\"steps\">\(items.joined())</ol>"
    }

    // MARK: Steps

    private var person: String {
        let birth = CalendarDate(iso: sample.birthdate).map { KhmerDates.long($0, language) } ?? sample.birthdate
        let kidc =
            String(sample.kidc.prefix(3)) + " " + String(sample.kidc.dropFirst(3).prefix(3)) + " "
            + String(sample.kidc.dropFirst(6))
        let another = """
            <form method="post" action="/another"><button class="secondary">\
            \(say("ចាប់ផ្តើមឡើងវិញជាមួយមនុស្សផ្សេង", "Start again with another person"))</button></form>
            """
        return card(
            1, say("ជួបមនុស្សម្នាក់", "Meet the person"),
            """
            \(facts([
                (say("ឈ្មោះ", "Name"), "\(escaped(sample.nameKhmer)) · \(escaped(sample.nameLatin))"),
                (say("លេខកូដ (KIDC)", "Code (KIDC)"), "<code data-kidc=\"\(escaped(sample.kidc))\">\(escaped(kidc))</code>"),
                (say("ថ្ងៃខែឆ្នាំកំណើត", "Date of birth"), escaped(birth)),
                (say("ភេទ", "Sex"), sample.gender == "female" ? say("ស្រី", "female") : say("ប្រុស", "male")),
                (say("រស់នៅ", "Lives in"), province.map { say($0) } ?? escaped(sample.province)),
            ]))
            <p class="fine">\(say("លេខកូដផ្តើមដោយ ០ ជានិច្ចជាមនុស្សគំរូ។", "A code that begins with 0 always belongs to an invented person."))</p>
            \(another)
            """)
    }

    private var officer: String {
        let national = DemoOfficer.national
        return card(
            2, say("ជាមន្ត្រី៖ ចុះឈ្មោះមនុស្សនេះ", "As the officer: enrol this person"),
            """
            <p>\(say("បើកបញ្ជរមន្ត្រី ចូលប្រើ រួចស្វែងរកតាមលេខកូដខាងលើ។ គូសភស្តុតាងដែលបានឃើញ ហើយបង្ហាញលេខកូដសម្រាប់ទូរស័ព្ទ។",
                "Open the officer's counter, log in, and search for the code above. Tick the evidence you have seen and show the code for the phone."))</p>
            \(facts([
                (say("ឈ្មោះអ្នកប្រើ", "User name"), "<code>\(escaped(national.username))</code>"),
                (say("ពាក្យសម្ងាត់", "Password"), "<code>\(escaped(national.password))</code>"),
            ]))
            \(open(record.provider + "/enrol", say("បើកបញ្ជរមន្ត្រី", "Open the officer's counter")))
            """)
    }

    private var phone: String {
        let waiting =
            progress.isPhoneWaiting && !progress.isPhoneActive
            ? "<div class=\"notice warn\" role=\"status\"><p>"
                + say(
                    "ទូរស័ព្ទកំពុងរង់ចាំ៖ មន្ត្រីត្រូវប្រៀបធៀបលេខប្រាំមួយខ្ទង់ ហើយបើកដំណើរការ។",
                    "A phone is waiting: the officer compares the six digits and activates it.") + "</p></div>"
            : ""
        return card(
            3, say("ជាពលរដ្ឋ៖ ភ្ជាប់ទូរស័ព្ទ", "As the citizen: activate the phone"),
            """
            <p>\(say("បញ្ចូលលេខកូដពីមន្ត្រីក្នុងទូរស័ព្ទក្លែងធ្វើ ជ្រើសរើសលេខ PIN រួចប្រៀបធៀបលេខប្រាំមួយខ្ទង់ជាមួយមន្ត្រី។ ទុកទូរស័ព្ទឲ្យបើកចោល។",
                "Enter the officer's code in the simulated phone, choose a PIN, and compare the six digits with the officer. Keep the phone open."))</p>
            \(trusted)\(waiting)\(open(record.phone, say("បើកទូរស័ព្ទក្លែងធ្វើ", "Open the simulated phone")))
            """)
    }

    /// What a real country would not do is said where it happens.
    private var trusted: String {
        guard trustsSoftware else { return "" }
        let text = say(
            "ទូរស័ព្ទនេះជាកម្មវិធី។ ប្រទេសគំរូទុកចិត្តវាដូចផ្នែករឹងសុវត្ថិភាព ប្រព័ន្ធពិតមិនធ្វើដូច្នេះទេ។",
            "This phone is a program. The demonstration trusts it as if it were secure hardware; a real system does not."
        )
        return "<p class=\"fine\">\(text)</p>"
    }

    private var bank: String {
        card(
            4, say("ចូលធនាគារ", "Log in to the bank"),
            """
            <p>\(say("ចុច «ចូលតាម CamDigiKey» វាយលេខកូដ រួចជ្រើសរើសលេខដូចគ្នានៅលើទូរស័ព្ទ។ អ្នកសម្រេចថាផ្តល់ទិន្នន័យអ្វីខ្លះ។",
                "Press \u{201C}Log in with CamDigiKey\u{201D}, type the code, and pick the same number on the phone. You decide which data to give."))</p>
            \(open(record.bank, say("បើកធនាគារគំរូ", "Open the Model Bank")))
            """)
    }

    private var citizen: String {
        card(
            5, say("មើលអ្នកណាបានអាន ហើយដកវិញ", "See who read your data, and withdraw"),
            """
            <p>\(say("ចូលទំព័រពលរដ្ឋ មើលកំណត់ត្រា ដកការយល់ព្រមពីធនាគារ រួចចុច «អានទិន្នន័យខ្ញុំម្តងទៀត» នៅធនាគារ។",
                "Log in to the citizen's pages, read the log, withdraw the bank's consent, then press \u{201C}Read my data again\u{201D} at the bank."))</p>
            <p>\(say("ចំនួនដងដែលមានគេអានទិន្នន័យ៖", "Entries in the access log:")) <b>\(number(progress.accesses))</b></p>
            \(open(record.provider + "/app", say("បើកទំព័រពលរដ្ឋ", "Open the citizen's pages")))
            """)
    }

    private var end: String {
        let done =
            progress.next == 6
            ? "<div class=\"notice good\" role=\"status\"><h2>\(say("ចប់រឿង", "The end"))</h2><p>"
                + say(
                    "អ្នកបានឃើញរឿងទាំងមូល ជាមួយគ្រីបតូពិត និងមូលដ្ឋានទិន្នន័យពិត។",
                    "You have seen the whole story, with real cryptography and a real database.") + "</p></div>"
            : ""
        return """
            \(done)<section class="card"><h2>\(say("សម្រាប់អ្នកអភិវឌ្ឍន៍", "For developers"))</h2>
            \(facts([
                (say("អ្នកផ្តល់អត្តសញ្ញាណ (issuer)", "Issuer"), "<code>\(escaped(record.provider))</code>"),
                (say("ការកំណត់", "Discovery"), link(record.provider + "/.well-known/openid-configuration")),
                (say("ឯកសារ", "File"), "<code>demo.json</code> "
                        + say("មានពាក្យសម្ងាត់ និងលេខកូដគំរូទាំងអស់", "holds all demo credentials and codes")),
            ]))</section>
            """
    }

    // MARK: Parts

    private func card(_ step: Int, _ heading: String, _ body: String) -> String {
        let isDone = step < progress.next
        let badge =
            isDone
            ? "<span class=\"badge good\">\(say("រួច", "done"))</span>"
            : step == progress.next ? "<span class=\"badge warn\">\(say("ឥឡូវនេះ", "now"))</span>" : ""
        let style = step == progress.next ? "card cream" : "card"
        return """
            <section class="\(style)" id="step-\(step)" data-done="\(isDone)"><h2>\(number(step)). \(heading) \(badge)</h2>
            \(body)</section>

            """
    }

    private func facts(_ rows: [(String, String)]) -> String {
        "<dl class=\"facts\">"
            + rows.map { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>" }.joined() + "</dl>"
    }

    private func open(_ address: String, _ text: String) -> String {
        "<p><a class=\"button\" href=\"\(escaped(address))\" target=\"_blank\" rel=\"noopener\">\(text)</a></p>"
    }

    private func link(_ address: String) -> String {
        "<a href=\"\(escaped(address))\">\(escaped(address))</a>"
    }

    private func number(_ value: Int) -> String { KhmerDigits.prose(value, language) }
}

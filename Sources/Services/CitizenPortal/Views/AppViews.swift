import Kernel
import KhmerText
import Web

/// The pages of the app: what waits, documents, offline.
enum AppViews {
    static let templates = [
        "requests": requestsTemplate, "own_data_ask": askDataTemplate, "documents": documentsTemplate,
        "offline": offlineTemplate,
    ]

    /// - Parameter back: where the browser goes on whose request was just refused in it.
    static func requests(
        _ waiting: [WaitingRequest], notice: (text: LocalizedText, kind: String)?, back: String?, language: Language
    ) -> Page {
        var data = PortalViews.data(notice: notice, language: language)
        data["requests"] = waiting.map { item($0, language) }
        data["has_requests"] = !waiting.isEmpty
        if let back { data["back"] = back }
        return Page("citizen/requests", title: text("requests"), data: data)
    }

    /// One request, for the list and for its own page.
    static func item(_ item: WaitingRequest, _ language: Language) -> [String: Any] {
        [
            "id": item.id, "service": item.service[language], "host": item.host, "purpose": item.purpose[language],
            "attributes": item.attributes.map { ["label": $0[language]] },
            "has_attributes": !item.attributes.isEmpty,
            "details": item.details.map { ["text": $0[language]] }, "has_details": !item.details.isEmpty,
            "message": item.message ?? "", "has_message": item.message != nil,
            "since": KhmerDates.time(item.since, language), "until": KhmerDates.time(item.until, language),
            "browser": LoginViews.browser(item.browser, language),
            "network": item.network ?? "", "has_network": item.network != nil,
            "place": item.place?.asRoughPlace[language] ?? "", "has_place": item.place != nil,
        ]
    }

    static func askData(csrf: String) -> Page {
        Page("citizen/own_data_ask", title: text("own_data"), data: ["csrf": csrf])
    }

    /// - Parameter csrf: of the form that shows one's records; `nil` on a node without the register.
    static func documents(csrf: String?) -> Page {
        Page(
            "citizen/documents", title: text("documents"), data: ["csrf": csrf ?? "", "hasRecords": csrf != nil])
    }

    private static func text(_ key: String) -> LocalizedText { texts[key] ?? LocalizedText(km: key, en: key) }

    static let texts: [String: LocalizedText] = [
        "requests": LocalizedText(km: "អ្វីដែលរង់ចាំខ្ញុំ", en: "What waits for me"),
        "requests_lead": LocalizedText(
            km:
                "អនុម័តដោយសោចូល (passkey) នៅទីនេះ ឬក្នុងកម្មវិធី CamDigiKey ដោយជ្រើសរើសលេខដែលកម្មវិធីរុករកបង្ហាញ។ ប្រសិនបើមិនមែនអ្នកទេ សូមចុច «មិនមែនខ្ញុំទេ» ឬមិនធ្វើអ្វីសោះ៖ សំណើនឹងផុតកំណត់ដោយខ្លួនឯង។",
            en:
                "Approve with a passkey here, or in the CamDigiKey app, by choosing the number that the browser shows. If it "
                + "was not you, say \"This was not me\", or do nothing: the request ends by itself."),
        "requests_none": LocalizedText(km: "គ្មានអ្វីរង់ចាំអ្នកទេ។", en: "Nothing waits for you."),
        "requests_again": LocalizedText(km: "មើលម្តងទៀត", en: "Look again"),
        "request_from": LocalizedText(km: "ពីកម្មវិធីរុករក", en: "From the browser"),
        "request_since": LocalizedText(km: "សុំនៅម៉ោង", en: "Asked at"),
        "request_until": LocalizedText(km: "រង់ចាំដល់ម៉ោង", en: "Waits until"),
        "request_message": LocalizedText(km: "ផ្ទៀងផ្ទាត់ជាមួយអ្នកសុំ", en: "Compare with who asks"),
        "request_details": LocalizedText(km: "អ្វីដែលអនុញ្ញាត", en: "What is authorised"),
        "request_no_data": LocalizedText(km: "គ្មានទិន្នន័យ", en: "no data"),
        "own_data": LocalizedText(km: "ទិន្នន័យរបស់ខ្ញុំ", en: "My data"),
        "own_data_lead": LocalizedText(
            km: "មើលអ្វីដែលបញ្ជីប្រជាជនមានអំពីអ្នក។", en: "See what the population register holds about you."),
        "own_data_note": LocalizedText(
            km: "ការមើលនេះក៏ត្រូវកត់ត្រាក្នុង «អ្នកណាបានអានទិន្នន័យរបស់ខ្ញុំ» ដែរ តាមសំណើរបស់អ្នកផ្ទាល់។ សូមប្រាកដថាគ្មាននរណាមើលអេក្រង់របស់អ្នក។",
            en:
                "This look is noted too under \"Who read my data\", as your own request. Make sure that nobody else sees "
                + "your screen."),
        "own_data_show": LocalizedText(km: "បង្ហាញទិន្នន័យ", en: "Show my data"),
        "documents": LocalizedText(km: "ឯកសាររបស់ខ្ញុំ", en: "My documents"),
        "records": LocalizedText(km: "កំណត់ត្រាអត្រានុកូលដ្ឋាន", en: "Records of civil status"),
        "records_lead": LocalizedText(
            km: "កំណើត អាពាហ៍ពិពាហ៍ និងព្រឹត្តិការណ៍ផ្សេងទៀតដែលបានចុះបញ្ជីអំពីអ្នក និងកូនរបស់អ្នកដែលមិនទាន់គ្រប់អាយុ។",
            en: "Birth, marriage and other events registered about you, and births of your children who are not of age."
        ),
        "records_show": LocalizedText(km: "បង្ហាញកំណត់ត្រា", en: "Show my records"),
        "documents_none": LocalizedText(km: "មិនទាន់មានឯកសារទេ។", en: "There are no documents yet."),
        "documents_note": LocalizedText(
            km: "ប្រព័ន្ធនេះមិនទាន់ចេញឯកសារឌីជីថលទេ។ នៅពេលដែលមាន ដូចជាអត្តសញ្ញាណប័ណ្ណ សំបុត្រកំណើត និងវិញ្ញាបនបត្រ វានឹងបង្ហាញនៅទីនេះដោយខ្លួនឯង។",
            en:
                "This system does not issue digital documents yet. When it does, such as the identity card, the birth "
                + "certificate and diplomas, yours will appear here by themselves."),
        "documents_paper": LocalizedText(
            km: "អ្នកមិនចាំបាច់ធ្វើអ្វីទេ។ ឯកសារក្រដាសរបស់អ្នកនៅតែប្រើបាន។",
            en: "You need not do anything. Your papers and cards remain valid."),
    ]

    private static let requestsTemplate = """
        <h1>{{t.requests}}</h1>
        {{> web/notice}}
        {{#back}}<p><a class="button" id="back" href="{{back}}">{{t.request_back}}</a></p>{{/back}}
        {{^has_requests}}<p class="card" id="nothing" data-reload>{{t.requests_none}}</p>{{/has_requests}}
        {{#has_requests}}<p data-reload>{{t.requests_lead}}</p>{{/has_requests}}
        {{#requests}}<article class="card cream" data-request="{{id}}">
        <h2>{{service}}</h2>
        <p class="fine">{{host}}</p>
        <dl class="facts">
        <div><dt>{{t.purpose}}</dt><dd>{{purpose}}</dd></div>
        <div><dt>{{t.data}}</dt><dd>{{#has_attributes}}<ul>{{#attributes}}<li>{{label}}</li>{{/attributes}}</ul>{{/has_attributes}}\
        {{^has_attributes}}{{t.request_no_data}}{{/has_attributes}}</dd></div>
        {{#has_details}}<div><dt>{{t.request_details}}</dt><dd><ul>{{#details}}<li>{{text}}</li>{{/details}}</ul></dd></div>{{/has_details}}
        {{#has_message}}<div><dt>{{t.request_message}}</dt><dd>{{message}}</dd></div>{{/has_message}}
        <div><dt>{{t.request_from}}</dt><dd>{{browser}}</dd></div>
        <div><dt>{{t.request_since}}</dt><dd>{{since}}</dd></div>
        <div><dt>{{t.request_until}}</dt><dd>{{until}}</dd></div>
        </dl>
        <p><a class="button" href="/app/requests/{{id}}">{{t.request_look}}</a></p>
        </article>{{/requests}}
        <p><a class="button secondary" href="/app/requests">{{t.requests_again}}</a></p>

        """

    private static let askDataTemplate = """
        <h1>{{t.own_data}}</h1>
        <section class="card cream">
        <p class="lead">{{t.own_data_lead}}</p>
        <p>{{t.own_data_note}}</p>
        <form method="post" action="/app/data" id="show">{{> web/csrf}}<button type="submit">{{t.own_data_show}}</button></form>
        <p><a id="corrections" href="/app/corrections">{{t.corrections}}</a></p>
        </section>

        """

    private static let documentsTemplate = """
        <h1>{{t.documents}}</h1>
        {{#hasRecords}}<section class="card cream"><h2>{{t.records}}</h2><p>{{t.records_lead}}</p>
        <form method="post" action="/app/documents" id="records">{{> web/csrf}}<button type="submit">{{t.records_show}}</button></form>
        <p class="fine">{{t.own_data_note}}</p></section>{{/hasRecords}}
        <section class="card">
        <p class="lead">{{t.documents_none}}</p>
        <p>{{t.documents_note}}</p>
        <p>{{t.documents_paper}}</p>
        </section>

        """

    /// In both languages, because it is kept once for whoever uses the browser.
    static let offlineTemplate = """
        <section class="card">
        <h1>គ្មានអ៊ីនធឺណិត</h1>
        <p class="lead">កម្មវិធីនេះត្រូវការអ៊ីនធឺណិត។ សូមពិនិត្យការតភ្ជាប់ រួចព្យាយាមម្តងទៀត។ គ្មានអ្វីបាត់បង់ឡើយ។</p>
        <div lang="en"><h2>Offline</h2>
        <p>This app needs the Internet. Check your connection and try again. Nothing is lost.</p></div>
        <p><a class="button" href="/app">ព្យាយាមម្តងទៀត · <span lang="en">Try again</span></a></p>
        </section>

        """
}

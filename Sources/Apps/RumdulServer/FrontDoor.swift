import Hummingbird
import Kernel
import Web

/// The first page of a node: where each kind of visitor goes.
enum FrontDoor {
    static let templates = PageTemplates(
        module: "front", templates: ["home": home],
        texts: [
            "title": LocalizedText(km: "រំដួល — អត្តសញ្ញាណឌីជីថល", en: "Rumdul — digital identity"),
            "lead": LocalizedText(
                km: "អត្តសញ្ញាណតែមួយសម្រាប់មនុស្សម្នាក់ ពេញមួយជីវិត។", en: "One person, one identity, for life."),
            "citizen": LocalizedText(km: "ទំព័ររបស់ខ្ញុំ", en: "My page"),
            "citizen_text": LocalizedText(
                km: "មើលថាអ្នកណាបានអានទិន្នន័យរបស់ខ្ញុំ និងដកការយល់ព្រម។",
                en: "See who read my data, and withdraw what I granted."),
            "officer": LocalizedText(km: "មន្ត្រីចុះឈ្មោះ", en: "Enrolment officers"),
            "officer_text": LocalizedText(
                km: "ពិនិត្យអត្តសញ្ញាណ និងភ្ជាប់ឧបករណ៍របស់ប្រជាពលរដ្ឋ។", en: "Prove identities and bind people's devices."),
            "registrar": LocalizedText(km: "អត្រានុកូលដ្ឋាន", en: "Civil registration"),
            "registrar_text": LocalizedText(
                km: "ចុះបញ្ជីកំណើត អាពាហ៍ពិពាហ៍ មរណភាព និងព្រឹត្តិការណ៍ផ្សេងៗ។",
                en: "Register births, marriages, deaths and other events."),
            "statistics": LocalizedText(km: "ស្ថិតិអត្រានុកូលដ្ឋាន", en: "Vital statistics"),
            "statistics_text": LocalizedText(
                km: "ចំនួនកំណើត មរណភាព និងអាពាហ៍ពិពាហ៍ ដោយគ្មានឈ្មោះនរណា។",
                en: "How many births, deaths and marriages; nobody's name."),
            "developer": LocalizedText(km: "អ្នកអភិវឌ្ឍន៍", en: "Developers"),
            "developer_text": LocalizedText(
                km: "ភ្ជាប់សេវារបស់អ្នកតាម OpenID Connect។", en: "Connect your service by OpenID Connect."),
        ])

    private static let home = """
        <h1>{{t.title}}</h1>
        <p class="lead">{{t.lead}}</p>
        <div class="grid">
        {{#citizen}}<section class="card cream"><h2><a href="/app">{{t.citizen}}</a></h2><p>{{t.citizen_text}}</p></section>{{/citizen}}
        {{#enrolment}}<section class="card"><h2><a href="/enrol">{{t.officer}}</a></h2><p>{{t.officer_text}}</p></section>{{/enrolment}}
        {{#registration}}<section class="card"><h2><a href="/register">{{t.registrar}}</a></h2>\
        <p>{{t.registrar_text}}</p></section>{{/registration}}
        {{#statistics}}<section class="card"><h2><a href="/statistics">{{t.statistics}}</a></h2>\
        <p>{{t.statistics_text}}</p></section>{{/statistics}}
        {{#developers}}<section class="card"><h2><a href="/developers">{{t.developer}}</a></h2>\
        <p>{{t.developer_text}}</p></section>{{/developers}}
        </div>

        """

    static func addRoutes(to router: AppRouter, services: Set<Configuration.Service>) {
        router.get("/") { _, context -> Response in
            var data: [String: Any] = [:]
            for service in Configuration.Service.allCases { data[service.rawValue] = services.contains(service) }
            var page = Page(
                "front/home", title: templates.texts["title"] ?? LocalizedText(km: "រំដួល", en: "Rumdul"), data: data)
            page.isWide = true
            return context.show(page)
        }
    }
}

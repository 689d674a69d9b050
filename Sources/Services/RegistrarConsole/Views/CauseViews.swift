import Accountability
import CivilRegister
import Kernel
import KhmerText
import Web

/// Causes of death in words.
struct CauseViews: Sendable {
    let records: RecordViews

    static let title = LocalizedText(km: "មូលហេតុមរណភាព", en: "Causes of death")
    static let templates = ["causes": list, "cause": one]

    static func number(_ value: String) -> FormField {
        FormField(
            "number", LocalizedText(km: "លេខចុះបញ្ជី ឬលេខតាមដាន", en: "Registration or tracking number"), type: "search",
            value: value,
            hint: LocalizedText(km: "លេខនៃសំបុត្រមរណភាព", en: "The number on the death certificate"),
            autocomplete: "off", maximumLength: 60)
    }

    func data(
        _ death: DeathForCertifier, officer: Officer, sent: FormFields?, error: RumdulError?, csrf: String
    ) async throws -> [String: Any] {
        let language = records.language
        let form = MedicalForm.form(for: death.subject)
        let errors = error?.fields ?? []
        var data = FormField.form([], errors: errors, csrf: csrf, language: language)
        data["errors"] = errors.map { error in
            [
                "field": error.field, "label": form[error.field]?.label[language] ?? false as Any,
                "message": error.message[language],
            ]
        }
        data["number"] = death.number
        var facts: [[String: Any]] = []
        for fact in death.facts {
            facts.append([
                "label": fact.field.label[language], "value": try await records.words(fact.value, fact.field),
            ])
        }
        data["facts"] = facts
        data["sequence"] = String(death.sequence)
        data["version"] = String(death.version)
        data["notice"] = notice(death, error)
        data["code"] = death.cause?.code.map { $0 as Any } ?? false
        data["stated"] = false
        if let cause = death.cause {
            let name = try await records.console.directory.officer(cause.statedBy)?.displayName[language]
            data["stated"] = "\(name ?? cause.statedBy) · \(KhmerDates.short(cause.statedAt, language))"
        }
        let values = values(death, form, officer: officer, sent: sent)
        data["sections"] = form.sections.map { section in
            [
                "id": section.id, "title": section.title[language],
                "fields": section.fields.map {
                    FormViews.field($0, value: values[$0.id] ?? "", errors: errors, language)
                },
            ] as [String: Any]
        }
        return data
    }

    private func values(
        _ death: DeathForCertifier, _ form: EventForm, officer: Officer, sent: FormFields?
    ) -> [String: String] {
        let language = records.language
        if let sent {
            return Dictionary(form.fields.map { ($0.id, sent[$0.id] ?? "") }) { first, _ in first }
        }
        if let certificate = death.cause?.certificate { return certificate.typed(language) }
        return [
            "certifier.name": officer.displayName[language],
            "certifier.date": records.console.ambient.now().dayInCambodia.description,
            "cause.underlying": death.cause?.code ?? "",
        ]
    }

    private func notice(_ death: DeathForCertifier, _ error: RumdulError?) -> Any {
        let language = records.language
        if let error { return ["kind": "bad", "text": error.message[language]] }
        guard death.version > 0, death.cause == nil else { return false }
        let text = LocalizedText(
            km: "មានអ្នកផ្សេងបានបញ្ជាក់មូលហេតុរួចហើយ។ អ្វីដែលអ្នកបញ្ចូលនឹងជំនួសវា។",
            en: "Somebody else has stated a cause. What you enter takes its place.")
        return ["kind": "warn", "text": text[language]]
    }

    /// fields (number), lists (title, hasRecords, records)
    private static let list = """
        <h1>{{t.causesTitle}}</h1>
        {{> web/notice}}{{> web/errors}}
        <form class="card" method="post" action="/register/causes" role="search">{{> web/csrf}}
        {{#fields}}{{> web/field}}{{/fields}}
        <div class="actions"><button type="submit">{{t.openDeath}}</button></div></form>
        {{#lists}}<h2>{{title}}</h2>{{#hasRecords}}{{> register/lines}}{{/hasRecords}}{{^hasRecords}}<p>{{t.empty}}</p>{{/hasRecords}}
        {{/lists}}
        <p><a href="/register">{{t.back}}</a></p>

        """

    /// number, facts, sections, code, stated, sequence, version
    private static let one = """
        <h1>{{t.certificateTitle}}</h1>
        {{> web/notice}}{{> web/errors}}
        <section class="card"><h2>{{number}}</h2>{{> web/facts}}\
        {{#stated}}<p class="fine">{{t.stated}} {{stated}}{{#code}} · <b>{{code}}</b>{{/code}}</p>{{/stated}}</section>
        <p class="fine">{{t.causeLead}}</p>
        <form method="post" action="{{path}}" data-once autocomplete="off" novalidate>{{> web/csrf}}
        <input type="hidden" name="sequence" value="{{sequence}}"><input type="hidden" name="version" value="{{version}}">
        {{> register/sections}}
        <div class="actions"><button type="submit">{{t.enterCause}}</button></div></form>
        <p><a href="/register/causes">{{t.causesTitle}}</a></p>

        """

    static let texts: [String: LocalizedText] = [
        "causesTitle": title,
        "certificateTitle": LocalizedText(
            km: "លិខិតបញ្ជាក់មូលហេតុមរណភាព", en: "Medical certificate of cause of death"),
        "openDeath": LocalizedText(km: "បើកកំណត់ត្រា", en: "Open the record"),
        "enterCause": LocalizedText(km: "បញ្ជាក់មូលហេតុ", en: "State the cause"),
        "stated": LocalizedText(km: "បានបញ្ជាក់ដោយ", en: "Stated by"),
        "causeLead": LocalizedText(
            km:
                "សរសេរមូលហេតុផ្ទាល់នៅបន្ទាត់ ក ហើយអ្វីដែលបណ្តាលវានៅបន្ទាត់ក្រោម។ មន្ត្រីអត្រានុកូលដ្ឋានមើលមិនឃើញឡើយ។ រាល់ការបើកមើលត្រូវបានកត់ត្រា។",
            en:
                "The immediate cause stands on line A, what it was due to below. Registrars do not see it. Every look is recorded."
        ),
    ]
}

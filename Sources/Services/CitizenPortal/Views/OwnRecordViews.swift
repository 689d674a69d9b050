import Kernel
import KhmerText
import Web

/// A citizen's own records of civil status.
enum OwnRecordViews {
    static let templates = ["own_records": template]

    static func page(_ records: [CitizenRecord], language: Language) -> Page {
        var data: [String: Any] = ["hasAny": !records.isEmpty]
        data["records"] = records.map { record -> [String: Any] in
            var facts: [(String, String)] = [
                (text("record_number", language), record.number),
                (text("record_office", language), record.office[language]),
                (text("record_registered", language), KhmerDates.short(record.registeredAt, language)),
            ]
            if let date = record.occurredOn {
                let words = CalendarDate(iso: date).map { KhmerDates.long($0, language) }
                facts.insert((text("record_date", language), words ?? KhmerDigits.prose(date, language)), at: 0)
            }
            if !record.certificates.isEmpty {
                facts.append((text("record_certificates", language), record.certificates.joined(separator: ", ")))
            }
            return [
                "event": record.event[language], "name": record.name[language],
                "facts": facts.map { ["label": $0.0, "value": $0.1] },
            ]
        }
        var page = Page(
            "citizen/own_records", title: AppViews.texts["records"] ?? LocalizedText(km: "", en: ""), data: data)
        page.languageSwitch = .path("/app/documents")
        return page
    }

    private static func text(_ key: String, _ language: Language) -> String { texts[key]?[language] ?? key }

    static let texts: [String: LocalizedText] = [
        "record_number": LocalizedText(km: "លេខចុះបញ្ជី", en: "Registration number"),
        "record_office": LocalizedText(km: "សាលាឃុំ សង្កាត់", en: "Commune office"),
        "record_registered": LocalizedText(km: "បានចុះបញ្ជីនៅ", en: "Registered on"),
        "record_date": LocalizedText(km: "ថ្ងៃកើតឡើង", en: "Happened on"),
        "record_certificates": LocalizedText(km: "សំបុត្រដែលមានសុពលភាព", en: "Valid certificates"),
        "records_none": LocalizedText(
            km: "គ្មានកំណត់ត្រាអំពីអ្នកក្នុងបញ្ជីនេះទេ។ កំណត់ត្រាក្នុងសៀវភៅចាស់អាចមិនទាន់បានបញ្ចូល។",
            en: "This register has no record about you. Entries of old books may not have been taken in yet."),
        "records_wrong": LocalizedText(
            km: "បើមានអ្វីខុស ឬខ្វះ សូមទៅសាលាឃុំ សង្កាត់ដែលបានចុះបញ្ជី។ សំបុត្រចម្លងក៏សុំបាននៅទីនោះដែរ។",
            en:
                "If something is wrong or missing, go to the commune office that registered it. Copies are given there too."
        ),
    ]

    private static let template = """
        <h1>{{t.records}}</h1>
        {{^hasAny}}<section class="card"><p class="lead">{{t.records_none}}</p></section>{{/hasAny}}
        {{#records}}<section class="card" data-record><h2>{{event}}</h2><p class="lead">{{name}}</p>{{> web/facts}}</section>
        {{/records}}
        <p class="notice info" role="note">{{t.own_data_noted}} <a href="/app#access">{{t.own_data_journal}}</a></p>
        <p class="fine">{{t.records_wrong}}</p>
        <p><a href="/app/documents">{{t.documents}}</a></p>

        """
}

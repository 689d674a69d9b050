import Kernel
import KhmerText
import RelyingParties
import Web

/// What the operators' pages show.
enum OperatorViews {
    /// Which relying parties a list shows.
    enum Filter: String, CaseIterable {
        case waiting
        case all
        case sandbox
        case production

        var environment: ClientEnvironment? { ClientEnvironment(rawValue: rawValue) }

        var label: LocalizedText {
            switch self {
            case .waiting: LocalizedText(km: "រង់ចាំការអនុម័ត", en: "Waiting for approval")
            case .all: LocalizedText(km: "ទាំងអស់", en: "All")
            case .sandbox: LocalizedText(km: "សាកល្បង", en: "Sandbox")
            case .production: LocalizedText(km: "ផ្លូវការ", en: "Production")
            }
        }
    }

    struct List {
        var filter: Filter
        var text: String
        /// With the moment since which a request waits.
        var rows: [(record: RelyingPartyRecord, waiting: Instant?)] = []
        var next: String?
    }

    private static let title = OperatorTemplates.texts["title"] ?? LocalizedText(km: "សេវាដែលភ្ជាប់", en: "Relying parties")

    static func login(username: String, error: RumdulError?, csrf: String, language: Language) -> Page {
        var data = FormField.form(
            [
                FormField(
                    "username", LocalizedText(km: "ឈ្មោះអ្នកប្រើ", en: "User name"), value: username,
                    autocomplete: "username", maximumLength: 64),
                FormField(
                    "password", LocalizedText(km: "ពាក្យសម្ងាត់", en: "Password"), type: "password",
                    autocomplete: "current-password", maximumLength: 512),
            ], csrf: csrf, language: language)
        data["notice"] = false
        if let error { data["notice"] = ["kind": "bad", "text": error.message[language]] }
        var page = Page(
            "operator/login", title: OperatorTemplates.texts["login_title"] ?? title, data: data)
        page.languageSwitch = .path("/operator/login")
        if let error {
            page.status = .unauthorized
            page.mainErrorCode = error.code
        }
        return page
    }

    static func list(_ list: List, account: String, csrf: String, language: Language) -> Page {
        let field = FormField(
            "q", LocalizedText(km: "ឈ្មោះ ស្ថាប័ន ឬ client_id", en: "Name, organisation or client_id"), type: "search",
            value: list.text, autocomplete: "off", maximumLength: 100, isRequired: false)
        var data: [String: Any] = [
            "csrf": csrf, "fields": [field.view(language)], "hasRows": !list.rows.isEmpty, "next": false,
            "show": [
                "name": "show", "label": LocalizedText(km: "បង្ហាញ", en: "Show")[language], "error": false,
                "options": Filter.allCases.map { filter -> [String: Any] in
                    ["value": filter.rawValue, "text": filter.label[language], "selected": filter == list.filter]
                },
            ] as [String: Any],
        ]
        data["rows"] = list.rows.map { record, waiting -> [String: Any] in
            var row = ClientViews.line(record, language)
            row["waiting"] = waiting.map { KhmerDates.short($0, language) } ?? false as Any
            return row
        }
        if let next = list.next {
            let query = encode(list.text)
            data["next"] = "/operator/relying-parties?show=\(list.filter.rawValue)&q=\(query)&after=\(encode(next))"
        }
        return page("operator/list", title: title, data: data, account: account)
    }

    static func detail(
        _ dossier: ClientDossier, account: String, done: String?, errors: [FieldError], csrf: String,
        language: Language
    ) -> Page {
        let reason = errors.first { $0.field == "reason" }?.message[language]
        var data = FormField.form([], errors: errors, csrf: csrf, language: language)
        for (name, value) in ClientViews.line(dossier.record, language) { data[name] = value }
        data["notice"] = DeveloperViews.notice(done == "refused" ? "sent_back" : done, language)
        data["open"] = dossier.open != nil
        data["request"] = dossier.open?.id ?? ""
        data["askedAt"] = dossier.open.map { KhmerDates.short($0.requestedAt, language) } ?? ""
        data["checks"] = ClientViews.checks(dossier.checks, language)
        let heading =
            dossier.approved == nil
            ? LocalizedText(km: "ការចុះឈ្មោះ (មិនទាន់បានអនុម័ត)", en: "The registration (nothing was approved before)")
            : LocalizedText(km: "ប្រៀបធៀបនឹងកំណែដែលបានអនុម័តចុងក្រោយ", en: "Compared with the version that was approved last")
        data["heading"] = heading[language]
        data["differences"] = dossier.differences.map { line -> [String: Any] in
            let isChange = line.isChange && dossier.approved != nil
            return [
                "member": line.member, "before": lines(line.before), "after": lines(line.after), "isChange": isChange,
                "changed": isChange ? "true" : "false",
            ]
        }
        data["reason"] = [
            "name": "reason", "label": LocalizedText(km: "ហេតុផលសម្រាប់ស្ថាប័ន", en: "Reason, for the organisation")[language],
            "rows": 3, "optional": false, "value": "", "hint": false, "error": reason ?? false as Any,
            "described": reason == nil ? false as Any : "e-reason",
        ]
        var page = page("operator/detail", title: title, data: data, account: account)
        if !errors.isEmpty {
            page.status = .badRequest
            page.languageSwitch = .path("/operator/relying-parties/\(dossier.record.clientID)")
        }
        return page
    }

    private static func lines(_ text: String) -> [String] {
        text.isEmpty ? [] : text.split(separator: "\n").map(String.init)
    }

    private static func page(_ template: String, title: LocalizedText, data: [String: Any], account: String) -> Page {
        var page = Page(template, title: title, data: data)
        page.account = account
        page.navigation = [.init(title, path: "/operator/relying-parties", isCurrent: template == "operator/list")]
        page.isWide = true
        return page
    }

    /// For a query: everything but the unreserved characters of RFC 3986 is percent-encoded.
    private static func encode(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: bytes.append(byte)
            default: bytes += [37, hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

import Accountability
import CivilRegister
import Kernel
import KhmerText
import Web

/// Old books in words.
struct BookViews: Sendable {
    let records: RecordViews

    static let title = LocalizedText(km: "សៀវភៅបញ្ជីចាស់", en: "Old register books")
    static let pick = LocalizedText(km: "សូមជ្រើសរើសមួយ។", en: "Choose one.")

    // MARK: Pages

    static func list(
        _ pages: [(BookPage, [KeyedEntry])], officer: Officer, office: String, offices: [String: String],
        sent: FormFields, error: RumdulError?, csrf: String, language: Language
    ) -> [String: Any] {
        let errors = named(error)
        var data = FormField.form([], errors: errors, csrf: csrf, language: language)
        data["notice"] = notice(error, language)
        data["hasPages"] = !pages.isEmpty
        data["pages"] = pages.map { page, entries in
            let open = entries.filter { isOpen($0, page, officer) }.count
            return [
                "path": "\(BookRoutes.path)/\(page.id)", "text": name(page, offices[page.office], language),
                "kind": page.kind.label[language],
                "count": RecordViews.count(open, language), "waits": open > 0,
            ] as [String: Any]
        }
        data["mayKey"] = officer.grants.contains { $0.role.permissions.contains(.civilKey) }
        data["kinds"] = [VitalEventKind.birth, .death, .marriage].map {
            ["value": $0.rawValue, "text": $0.label[language], "selected": sent["kind"] == $0.rawValue] as [String: Any]
        }
        func field(_ name: String, _ label: LocalizedText, _ value: String, limit: Int, mode: String? = nil) -> [String:
            Any]
        {
            FormField(
                name, label, value: value, autocomplete: "off", inputMode: mode, maximumLength: limit
            ).view(language, errors: errors)
        }
        data["fields"] = [
            field("office", ConsoleTexts.office, office, limit: 6, mode: "numeric"),
            field("book", LocalizedText(km: "លេខសៀវភៅ", en: "Book"), sent["book"] ?? "", limit: 30),
            field("page", LocalizedText(km: "ទំព័រ", en: "Page"), sent["page"] ?? "", limit: 20),
        ]
        data["fileLimit"] = Evidence.largest
        data["fileError"] = errors.first { $0.field == "file" }.map { $0.message[language] as Any } ?? false
        return data
    }

    static func page(
        _ page: BookPage, _ entries: [KeyedEntry], place: String, officer: Officer, csrf: String, language: Language
    ) -> [String: Any] {
        var data = FormField.form([], csrf: csrf, language: language)
        show(&data, page, place, language)
        data["mayKey"] = officer.may(.civilKey, in: page.office)
        data["hasEntries"] = !entries.isEmpty
        data["entries"] = entries.map { entry in
            let path = "\(BookRoutes.path)/\(page.id)"
            let isOpen = isOpen(entry, page, officer)
            var link: Any = false
            if entry.state == .half, isOpen { link = "\(path)/key/\(entry.id)" }
            if entry.state == .differs, isOpen { link = "\(path)/decide/\(entry.id)" }
            if let record = entry.record { link = "/register/records/\(record)" }
            return [
                "number": entry.number, "path": link, "state": label(entry.state)[language], "tone": tone(entry.state),
            ] as [String: Any]
        }
        return data
    }

    /// Whether an entry waits for this officer.
    private static func isOpen(_ entry: KeyedEntry, _ page: BookPage, _ officer: Officer) -> Bool {
        guard !entry.wasTouched(by: officer.id) else { return false }
        return switch entry.state {
        case .half: officer.may(.civilKey, in: page.office)
        case .differs: officer.may(.civilKeyDecide, in: page.office)
        case .entered: false
        }
    }

    // MARK: Keying

    static func complete(
        _ data: inout [String: Any], _ page: BookPage, place: String, number: String?, typed: String,
        error: RumdulError?, _ language: Language
    ) {
        show(&data, page, place, language)
        data["notice"] = notice(error, language)
        data["number"] = number.map { $0 as Any } ?? false
        data["numberField"] = FormField(
            "legacy.number", LocalizedText(km: "លេខក្នុងសៀវភៅ", en: "Number in the book"), value: typed,
            autocomplete: "off", maximumLength: 30
        ).view(language, errors: error?.fields ?? [])
        guard let sections = data["sections"] as? [[String: Any]] else { return }
        data["sections"] = sections.map { section in
            var kept = section
            let fields = section["fields"] as? [[String: Any]] ?? []
            kept["isFolded"] = false
            kept["fields"] = fields.filter { field in
                let inner = field["field"] as? [String: Any] ?? field["select"] as? [String: Any]
                return !EventForm.givenByPage.contains(inner?["name"] as? String ?? "")
            }.map(spared)
            return kept
        }
    }

    /// A book need not have everything that a new declaration has: the browser lets empty fields pass, the register says
    /// what it cannot do without.
    private static func spared(_ field: [String: Any]) -> [String: Any] {
        var copy = field
        for part in ["field", "select"] {
            guard var inner = field[part] as? [String: Any] else { continue }
            inner["required"] = false
            inner["optional"] = false
            copy[part] = inner
        }
        return copy
    }

    // MARK: Deciding

    func dispute(
        _ disputed: DisputedEntry, place: String, error: RumdulError?, sent: FormFields, csrf: String
    ) async throws -> [String: Any] {
        let language = records.language
        let errors = error?.fields ?? []
        var data = FormField.form([], errors: errors, csrf: csrf, language: language)
        Self.show(&data, disputed.page, place, language)
        data["notice"] = Self.notice(error, language)
        data["number"] = disputed.entry.number
        data["action"] = "\(BookRoutes.path)/\(disputed.page.id)/decide/\(disputed.entry.id)"
        let form = EventForm.of(disputed.page.kind)
        let contested = Set(disputed.differing).union(errors.map(\.field))
        // When both wrote the same and the register refused it, anything may be wrong.
        let isOpen = disputed.differing.isEmpty
        var fields: [[String: Any]] = []
        var agreed: [[String: Any]] = []
        for field in form.fields where !EventForm.givenByPage.contains(field.id) {
            let first = disputed.first[field.id], second = disputed.second[field.id]
            guard contested.contains(field.id) || (isOpen && first != nil) else {
                if let first {
                    agreed.append([
                        "label": Self.label(field, form, language),
                        "value": try await records.words(first, field),
                    ])
                }
                continue
            }
            let pick = sent["pick." + field.id] ?? (first == second ? "first" : "")
            fields.append([
                "name": field.id, "label": Self.label(field, form, language),
                "first": try await words(first, field),
                "second": try await words(second, field),
                "alike": first == second, "isFirst": pick == "first", "isSecond": pick == "second",
                "isOther": pick == "other", "typed": sent["other." + field.id] ?? "",
                "error": errors.first { $0.field == field.id }.map { $0.message[language] as Any } ?? false,
            ])
        }
        data["contested"] = fields
        data["asksNew"] = disputed.page.kind == .marriage && error?.code == "civil.person"
        data["hasAgreed"] = !agreed.isEmpty
        data["facts"] = agreed
        return data
    }

    /// Whose field it is, and which.
    private static func label(_ field: FieldDefinition, _ form: EventForm, _ language: Language) -> String {
        let section = form.sections.first { $0.fields.contains { $0.id == field.id } }
        return section.map { $0.title[language] + " · " + field.label[language] } ?? field.label[language]
    }

    private func words(_ value: String?, _ field: FieldDefinition) async throws -> String {
        guard let value else { return "–" }
        return try await records.words(value, field)
    }

    // MARK: Shared

    private static func show(_ data: inout [String: Any], _ page: BookPage, _ place: String, _ language: Language) {
        data["heading"] = name(page, place, language)
        data["kindName"] = page.kind.label[language]
        data["scan"] = "\(BookRoutes.path)/\(page.id)/scan"
        data["isPicture"] = page.mediaType != .pdf
        data["back"] = "\(BookRoutes.path)/\(page.id)"
    }

    private static func name(_ page: BookPage, _ place: String?, _ language: Language) -> String {
        let place = place ?? KhmerDigits.prose(page.office, language)
        return LocalizedText(
            km: "សៀវភៅ \(page.book) ទំព័រ \(page.page) (\(place))", en: "Book \(page.book), page \(page.page) (\(place))")[
                language]
    }

    private static func notice(_ error: RumdulError?, _ language: Language) -> Any {
        error.map { ["kind": "bad", "text": $0.message[language]] as Any } ?? false
    }

    /// The fields of the page form have shorter names.
    private static func named(_ error: RumdulError?) -> [FieldError] {
        (error?.fields ?? []).map { refused in
            switch refused.field {
            case "legacy.book": FieldError("book", refused.message)
            case "legacy.page": FieldError("page", refused.message)
            default: refused
            }
        }
    }

    private static func label(_ state: KeyedEntry.State) -> LocalizedText {
        switch state {
        case .half: LocalizedText(km: "វាយបញ្ចូលម្តង", en: "Keyed once")
        case .differs: LocalizedText(km: "ត្រូវសម្រេច", en: "To be decided")
        case .entered: LocalizedText(km: "បានបញ្ចូល", en: "Entered")
        }
    }

    private static func tone(_ state: KeyedEntry.State) -> String {
        switch state {
        case .half: "neutral"
        case .differs: "warn"
        case .entered: "good"
        }
    }
}

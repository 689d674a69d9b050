import Accountability
import CivilRegister
import Kernel
import KhmerText
import RecordLinkage
import Web

/// Duplicate cases in words.
struct DuplicateViews: Sendable {
    let records: RecordViews

    static let title = LocalizedText(km: "ករណីស្ទួន", en: "Possible duplicates")
    static let agreedTitle = LocalizedText(km: "កំណត់ត្រាដូចគ្នា ត្រូវដកហូតមួយ", en: "The same twice, to revoke one")
    static let agreedLead = LocalizedText(
        km: "មន្ត្រីបានសម្រេចថា កំណត់ត្រាទាំងពីរជាព្រឹត្តិការណ៍តែមួយ ហើយទាំងពីរនៅមានសុពលភាព។",
        en: "Officers agreed that both records are of the same event, and both are still in force.")
    static let templates = ["duplicates": list, "duplicate": one]

    static func list(_ waiting: [DuplicateCase], csrf: String, language: Language) -> [String: Any] {
        var data = FormField.form([], csrf: csrf, language: language)
        data["heading"] = title[language]
        data["lead"] = false
        data["hasCases"] = !waiting.isEmpty
        data["cases"] = waiting.map { item in
            [
                "path": "\(DuplicateRoutes.path)/\(item.id)", "since": KhmerDates.short(item.openedAt, language),
                "with":
                    (item.otherPerson == nil
                    ? LocalizedText(km: "កំណត់ត្រាពីរ", en: "Two records")
                    : LocalizedText(km: "កំណត់ត្រា និងបុគ្គល", en: "A record and a person"))[language],
                "escalated": item.state == .escalated,
            ] as [String: Any]
        }
        return data
    }

    func data(
        _ opened: OpenedDuplicate, error: RumdulError?, reason: String, mayRevoke: Bool, csrf: String
    ) async throws -> [String: Any] {
        let language = records.language
        var data = FormField.form([], errors: error?.fields ?? [], csrf: csrf, language: language)
        data["path"] = "\(DuplicateRoutes.path)/\(opened.about.id)"
        data["notice"] = error.map { ["kind": "bad", "text": $0.message[language]] as Any } ?? false
        let percent = Int((opened.score.probability * 100).rounded())
        data["score"] = KhmerDigits.prose(percent, language) + " %"
        data["isCertain"] = opened.score.isCertain
        data["reasons"] = opened.score.reasons.map { reason in
            [
                "field": reason.field.text[language], "level": reason.level.text[language],
                "weight": Self.weight(reason.weight, language), "tone": Self.tone(reason.weight),
            ]
        }
        let isAgreed = opened.about.state == .closed && opened.about.outcome == .same && mayRevoke
        let inForce = [opened.record, opened.other].compactMap(\.self).filter(\.state.isInForce)
        data["toRevoke"] =
            isAgreed && inForce.count == 2
            ? inForce.map { record in
                [
                    "path": "\(RegistrarConsole.home)/records/\(record.id)?case=\(opened.about.id)#steps",
                    "text": record.number ?? record.trackingID,
                ]
            } : []
        data["mayRevoke"] = isAgreed && inForce.count == 2
        data["left"] = side(opened.record)
        data["isPair"] = opened.other != nil
        if let other = opened.other {
            data["right"] = side(other)
            data["rows"] = try await rows(opened.record, other)
        } else {
            data["sections"] = try await records.sections(opened.record)
            let facts = (opened.person?.values ?? []).map { name, value in
                [
                    "label": AttributeCatalogue.description(of: name)?.label[language] ?? name.rawValue,
                    "value": value.stringValue ?? "–",
                ]
            }
            data["right"] =
                [
                    "title": LocalizedText(km: "បុគ្គលក្នុងបញ្ជី", en: "A person of the register")[language], "state": false,
                    "facts": facts,
                ] as [String: Any]
        }
        data["isOpen"] = opened.about.state != .closed
        data["isEscalated"] = opened.about.state == .escalated
        data["verdicts"] = DuplicateCase.Verdict.allCases.map {
            ["value": $0.rawValue, "text": $0.label[language], "tone": $0 == .same ? "danger" : "secondary"]
        }
        data["reasonField"] = FormField(
            "reason", LocalizedText(km: "មូលហេតុ", en: "Reason"), value: reason, autocomplete: "off", maximumLength: 500
        ).view(language, errors: error?.fields ?? [])
        return data
    }

    /// A weight that rounds to nothing speaks for neither.
    private static func tone(_ bits: Double) -> String {
        guard bits.magnitude >= 0.05 else { return "" }
        return bits > 0 ? "good" : "bad"
    }

    private static func weight(_ bits: Double, _ language: Language) -> String {
        let tenths = Int((bits.magnitude * 10).rounded())
        guard tenths > 0 else { return KhmerDigits.prose(0, language) }
        return (bits < 0 ? "−" : "+") + KhmerDigits.prose("\(tenths / 10).\(tenths % 10)", language)
    }

    private func side(_ record: VitalRecord) -> [String: Any] {
        [
            "title": record.number ?? record.trackingID, "state": record.state.label[records.language],
            "tone": RecordViews.tone(record.state),
        ]
    }

    /// Both records line by line, under the heading of whose data it is; where they differ is marked.
    private func rows(_ left: VitalRecord, _ right: VitalRecord) async throws -> [[String: Any]] {
        let language = records.language
        let sides = [Self.values(try await records.sections(left)), Self.values(try await records.sections(right))]
        var rows: [[String: Any]] = []
        var seen: Set<String> = []
        for section in EventForm.of(left.kind).sections + EventForm.of(right.kind).sections
        where seen.insert(section.id).inserted {
            var lines: [[String: Any]] = []
            for label in section.fields.map({ $0.label[language] }) {
                let key = Self.key(section.title[language], label)
                let (first, second) = (sides[0][key], sides[1][key])
                guard first != nil || second != nil else { continue }
                let differs = !(first ?? "").utf8.elementsEqual((second ?? "").utf8)
                lines.append([
                    "isPart": false, "label": label, "first": first ?? "–", "second": second ?? "–", "differs": differs,
                ])
            }
            if !lines.isEmpty { rows += [["isPart": true, "label": section.title[language]]] + lines }
        }
        return rows
    }

    private static func values(_ sections: [[String: Any]]) -> [String: String] {
        var values: [String: String] = [:]
        for section in sections {
            for fact in section["facts"] as? [[String: Any]] ?? [] {
                guard let title = section["title"] as? String, let label = fact["label"] as? String else { continue }
                values[key(title, label)] = fact["value"] as? String
            }
        }
        return values
    }

    private static func key(_ section: String, _ label: String) -> String { section + "\n" + label }

    private static let list = """
        <h1>{{heading}}</h1>
        {{#lead}}<p>{{lead}}</p>{{/lead}}
        {{#hasCases}}<ul class="list">{{#cases}}<li><a href="{{path}}">{{with}}</a> \
        {{#escalated}}<span class="badge warn">{{t.escalated}}</span>{{/escalated}}<br><span class="fine">{{since}}</span></li>\
        {{/cases}}</ul>{{/hasCases}}
        {{^hasCases}}<p>{{t.empty}}</p>{{/hasCases}}
        <p><a href="/register">{{t.back}}</a></p>

        """

    private static let one = """
        <h1>{{t.duplicatesTitle}}</h1>
        {{> web/notice}}{{> web/errors}}
        {{#isEscalated}}<div class="notice warn"><p>{{t.escalatedLead}}</p></div>{{/isEscalated}}
        {{#isPair}}<ul class="list">{{#left}}<li><b>{{t.one}}</b> · {{title}} <span class="badge {{tone}}">{{state}}</span></li>{{/left}}\
        {{#right}}<li><b>{{t.other}}</b> · {{title}} <span class="badge {{tone}}">{{state}}</span></li>{{/right}}</ul>
        <table class="cards compare"><thead><tr><th scope="col">{{t.field}}</th><th scope="col">{{t.one}}</th>\
        <th scope="col">{{t.other}}</th></tr></thead><tbody>
        {{#rows}}{{#isPart}}<tr class="part"><th scope="rowgroup" colspan="3">{{label}}</th></tr>{{/isPart}}\
        {{^isPart}}<tr{{#differs}} class="differs"{{/differs}}><th scope="row">{{label}}\
        {{#differs}} <span class="badge warn">{{t.differs}}</span>{{/differs}}</th>\
        <td data-label="{{t.one}}">{{first}}</td><td data-label="{{t.other}}">{{second}}</td></tr>{{/isPart}}
        {{/rows}}</tbody></table>{{/isPair}}
        {{^isPair}}<div class="grid">{{#left}}<section class="card"><h2>{{title}} <span class="badge {{tone}}">{{state}}</span></h2>\
        {{#sections}}<h3>{{title}}</h3>{{> web/facts}}{{/sections}}</section>{{/left}}
        {{#right}}<section class="card cream"><h2>{{title}}</h2>{{> web/facts}}</section>{{/right}}</div>{{/isPair}}
        <section class="card"><h2>{{t.likeness}}: {{score}}</h2>
        <table class="cards"><thead><tr><th scope="col">{{t.field}}</th><th scope="col">{{t.agreement}}</th>\
        <th scope="col">{{t.weight}}</th></tr></thead><tbody>{{#reasons}}<tr><td data-label="{{t.field}}">{{field}}</td>\
        <td data-label="{{t.agreement}}">{{level}}</td><td data-label="{{t.weight}}"><span class="badge {{tone}}">{{weight}}</span></td></tr>\
        {{/reasons}}</tbody></table><p class="fine">{{t.likenessLead}}</p></section>
        {{#isOpen}}<form class="card" method="post" action="{{path}}" data-once>{{> web/csrf}}
        <p>{{t.decideLead}}</p>{{#reasonField}}{{> web/field}}{{/reasonField}}
        <div class="actions">{{#verdicts}}<button class="{{tone}}" type="submit" name="verdict" value="{{value}}">{{text}}</button>\
        {{/verdicts}}</div></form>{{/isOpen}}
        {{#mayRevoke}}<section class="card cream"><h2>{{t.revokeOne}}</h2><p>{{t.revokeLead}}</p>
        <div class="actions">{{#toRevoke}}<a class="button secondary" href="{{path}}">{{text}}</a>{{/toRevoke}}</div></section>{{/mayRevoke}}
        <p><a href="/register/duplicates">{{t.duplicatesTitle}}</a> · <a href="/register">{{t.back}}</a></p>

        """

    static let texts: [String: LocalizedText] = [
        "duplicatesTitle": title, "escalated": LocalizedText(km: "មន្ត្រីពីរយល់ខុសគ្នា", en: "Two officers differ"),
        "escalatedLead": LocalizedText(
            km: "មន្ត្រីពីររូបយល់ខុសគ្នា។ អ្នកសម្រេចចុងក្រោយ។", en: "Two officers differ. Your word is the last."),
        "revokeOne": LocalizedText(km: "ស្នើសុំដកហូតកំណត់ត្រាណាមួយ", en: "Request the revocation of one"),
        "revokeLead": LocalizedText(
            km: "ជ្រើសរើសកំណត់ត្រាដែលត្រូវដកហូត។ មន្ត្រីម្នាក់ទៀតត្រូវអនុម័ត។",
            en: "Choose the record that is to go. A second officer decides."),
        "likeness": LocalizedText(km: "ភាពស្រដៀងគ្នា", en: "Likeness"),
        "likenessLead": LocalizedText(
            km: "ទម្ងន់វិជ្ជមានគាំទ្រថាតែមួយ។ អវិជ្ជមានគាំទ្រថាខុសគ្នា។ គ្មានអ្វីបញ្ចូលគ្នាដោយខ្លួនឯងទេ។",
            en: "Positive weights speak for the same, negative ones for different. Nothing is merged by itself."),
        "one": LocalizedText(km: "កំណត់ត្រា ក", en: "Record A"),
        "other": LocalizedText(km: "កំណត់ត្រា ខ", en: "Record B"),
        "differs": LocalizedText(km: "ខុសគ្នា", en: "differs"),
        "agreement": LocalizedText(km: "ការដូចគ្នា", en: "Agreement"), "weight": LocalizedText(km: "ទម្ងន់", en: "Weight"),
        "decideLead": LocalizedText(
            km: "សម្រេចដោយខ្លួនអ្នក។ មន្ត្រីម្នាក់ទៀតសម្រេចដោយមិនដឹងចម្លើយរបស់អ្នក។",
            en: "Decide for yourself. Another officer decides without knowing your answer."),
    ]
}

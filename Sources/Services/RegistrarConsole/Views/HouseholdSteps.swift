import Kernel
import KhmerText
import PopulationRegister
import Web

/// The forms of a household's page, each behind a fold. Names of fields repeat, so each has an identifier of its own.
struct HouseholdSteps {
    let opened: OpenedHousehold
    let language: Language
    let today: CalendarDate
    let errors: [FieldError]
    /// What was sent, when it was refused.
    let sent: FormFields
    let name: (HouseholdMember) -> String

    var all: [[String: Any]] {
        HouseholdRoutes.Step.allCases.compactMap { step in
            guard let fields = fields(step) else { return nil }
            let isRefused = sent["step"] == step.rawValue && !errors.isEmpty
            let asksForHead = step == .head && opened.needsHead && sent["step"] == nil
            return [
                "step": step.rawValue, "text": Self.label(step)[language], "open": isRefused || asksForHead,
                "fields": fields, "version": String(opened.household.version),
                "requestKey": "\(opened.household.id)-\(opened.household.version)",
                "tone": step == .close || step == .leave ? "danger" : "",
                "hint": Self.hint(step).map { $0[language] as Any } ?? false,
            ]
        }
    }

    private func fields(_ step: HouseholdRoutes.Step) -> [[String: Any]]? {
        let others = opened.members.filter { $0.membership.relation != .head }
        var fields: [[String: Any]]
        switch step {
        case .add:
            let relations = HouseholdRelation.allCases.filter { $0 != .head || opened.needsHead }
            fields = [
                text(
                    step,
                    FormField(
                        "code", LocalizedText(km: "លេខអត្តសញ្ញាណ", en: "Identification code"), autocomplete: "off",
                        inputMode: "numeric", maximumLength: 24)),
                relation(step, relations),
            ]
        case .head:
            guard !others.isEmpty else { return nil }
            fields = [members(step, "member", others, proposed: opened.proposedHead)]
        case .leave:
            guard !opened.members.isEmpty else { return nil }
            fields = [members(step, "member", opened.members)]
        case .relation:
            guard !others.isEmpty else { return nil }
            fields = [
                members(step, "member", others), relation(step, HouseholdRelation.allCases.filter { $0 != .head }),
            ]
        case .move:
            fields = [village(step), text(step, HouseholdViews.address(""))]
        case .split:
            guard opened.members.count > 1 else { return nil }
            fields = [
                checks(step, opened.members), members(step, "head", opened.members), village(step),
                text(step, HouseholdViews.address("")), text(step, HouseholdViews.book("")),
            ]
        case .book: fields = [text(step, HouseholdViews.book(opened.household.book ?? ""))]
        case .close: fields = []
        }
        fields.append(text(step, HouseholdViews.day(today.description)))
        fields.append(text(step, HouseholdViews.reference("")))
        return fields
    }

    // MARK: Fields

    private func value(_ step: HouseholdRoutes.Step, _ name: String, _ usual: String) -> String {
        guard sent["step"] == step.rawValue else { return usual }
        return String((sent[name] ?? "").prefix(200))
    }

    private func error(_ step: HouseholdRoutes.Step, _ name: String) -> Any {
        guard sent["step"] == step.rawValue, let error = errors.first(where: { $0.field == name }) else { return false }
        return error.message[language]
    }

    private func base(_ step: HouseholdRoutes.Step, _ name: String, _ label: LocalizedText) -> [String: Any] {
        let failed = error(step, name)
        return [
            "id": "f-\(step.rawValue)-\(name)", "name": name, "label": label[language], "error": failed,
            "described": failed is String ? "e-\(step.rawValue)-\(name)" as Any : false,
            "hintID": "h-\(step.rawValue)-\(name)", "isText": false, "isSelect": false, "isChecks": false,
            "hint": false, "list": false, "optional": false,
        ]
    }

    private func text(_ step: HouseholdRoutes.Step, _ field: FormField, list: Bool = false) -> [String: Any] {
        var view = base(step, field.name, field.label)
        let value = value(step, field.name, field.value)
        view["isText"] = true
        view["value"] = value.isEmpty ? false as Any : value
        view["required"] = field.isRequired
        view["optional"] = !field.isRequired
        view["maxlength"] = field.maximumLength ?? 200
        view["inputmode"] = field.inputMode.map { $0 as Any } ?? false
        view["list"] = list
        if let hint = field.hint {
            view["hint"] = hint[language]
            let failed = view["described"] as? String
            view["described"] = ["h-\(step.rawValue)-\(field.name)", failed].compactMap(\.self).joined(separator: " ")
        }
        return view
    }

    private func village(_ step: HouseholdRoutes.Step) -> [String: Any] {
        text(step, HouseholdViews.villageField(""), list: true)
    }

    private func options(
        _ step: HouseholdRoutes.Step, _ name: String, _ label: LocalizedText, _ all: [(String, String)],
        usual: String = ""
    ) -> [String: Any] {
        var view = base(step, name, label)
        let chosen = value(step, name, usual)
        view["isSelect"] = true
        view["options"] =
            [["value": "", "text": "–", "selected": chosen.isEmpty] as [String: Any]]
            + all.map { ["value": $0.0, "text": $0.1, "selected": $0.0 == chosen] }
        return view
    }

    private func relation(_ step: HouseholdRoutes.Step, _ relations: [HouseholdRelation]) -> [String: Any] {
        options(
            step, "relation", LocalizedText(km: "ត្រូវជាអ្វីនឹងមេគ្រួសារ", en: "Relation to the head"),
            relations.map { ($0.rawValue, $0.label[language]) })
    }

    private func members(
        _ step: HouseholdRoutes.Step, _ field: String, _ members: [HouseholdMember], proposed: PersonID? = nil
    ) -> [String: Any] {
        let label =
            field == "head" || step == .head
            ? LocalizedText(km: "មេគ្រួសារថ្មី", en: "New head") : LocalizedText(km: "សមាជិក", en: "Member")
        return options(
            step, field, label, members.map { ($0.membership.person.text, name($0)) }, usual: proposed?.text ?? "")
    }

    private func checks(_ step: HouseholdRoutes.Step, _ members: [HouseholdMember]) -> [String: Any] {
        var view = base(step, "members", LocalizedText(km: "អ្នកដែលចេញ", en: "Who leaves"))
        let chosen = Set(sent.all.filter { $0.name.hasPrefix("members.") }.map(\.value))
        view["isChecks"] = true
        view["checks"] = members.enumerated().map { number, member in
            [
                "id": "f-split-members-\(number)", "name": "members.\(number)", "value": member.membership.person.text,
                "text": "\(name(member)) · \(member.membership.relation.label[language])",
                "checked": chosen.contains(member.membership.person.text),
            ] as [String: Any]
        }
        return view
    }

    // MARK: Words

    static func label(_ step: HouseholdRoutes.Step) -> LocalizedText {
        switch step {
        case .add: LocalizedText(km: "បន្ថែមសមាជិក", en: "Add a member")
        case .head: LocalizedText(km: "ប្តូរមេគ្រួសារ", en: "Change the head")
        case .leave: LocalizedText(km: "សមាជិកចេញពីគ្រួសារ", en: "A member leaves")
        case .relation: LocalizedText(km: "កែទំនាក់ទំនង", en: "Change a relation")
        case .move: LocalizedText(km: "គ្រួសារទាំងមូលប្តូរលំនៅ", en: "Move the whole household")
        case .split: LocalizedText(km: "បំបែកគ្រួសារ", en: "Split the household")
        case .book: LocalizedText(km: "កែលេខសៀវភៅ", en: "Change the book's number")
        case .close: LocalizedText(km: "បិទគ្រួសារ", en: "Close the household")
        }
    }

    private static func hint(_ step: HouseholdRoutes.Step) -> LocalizedText? {
        switch step {
        case .add:
            LocalizedText(
                km: "អ្នកដែលនៅក្នុងគ្រួសារផ្សេង នឹងចេញពីទីនោះនៅថ្ងៃដដែល។",
                en: "Who is in another household leaves it on the same day.")
        case .leave:
            LocalizedText(
                km: "អ្នកដែលទៅគ្រួសារផ្សេង ត្រូវបន្ថែមនៅគ្រួសារនោះ។",
                en: "Who goes to another household is added there instead.")
        case .move:
            LocalizedText(
                km: "បើទៅឃុំ សង្កាត់ផ្សេង មន្ត្រីនៅទីនោះនឹងកាន់បន្ត។",
                en: "In another commune the officers there keep it from then on.")
        case .head:
            LocalizedText(
                km: "ទំនាក់ទំនងរបស់អ្នកផ្សេងនឹងត្រូវគិតឡើងវិញ។ សូមពិនិត្យ។",
                en: "What the others are to the new head is worked out anew. Please check it.")
        default: nil
        }
    }
}

import Codecs
import Kernel
import KhmerText
import RelyingParties
import Web

/// What the first pages and the organisations' pages show.
enum DeveloperViews {
    static let codeRule = LocalizedText(
        km: "អក្សរ a-z លេខ 0-9 និង - ពី ៣ ដល់ ៤០ តួ។", en: "3 to 40 of a-z, 0-9 and '-'.")

    /// The sentence for what was just done; only known words, nothing of the address is shown.
    static func notice(_ done: String?, _ language: Language) -> Any {
        let texts: [String: (LocalizedText, String)] = [
            "refused": (LocalizedText(km: "អ្នកមិនបានអនុម័តទេ។", en: "You did not approve."), "warn"),
            "left": (LocalizedText(km: "អ្នកបានចាកចេញពីស្ថាប័ន។", en: "You have left the organisation."), "good"),
            "removed": (LocalizedText(km: "បានដកសមាជិកចេញ។", en: "The member has been removed."), "good"),
            "registered": (
                LocalizedText(km: "បានចុះឈ្មោះ។ សេវាសាកល្បងដំណើរការហើយ។", en: "Registered. The sandbox client works now."), "good"
            ),
            "saved": (LocalizedText(km: "បានរក្សាទុក។", en: "Saved. It holds from now on."), "good"),
            "drafted": (
                LocalizedText(
                    km: "បានរក្សាទុកជាសេចក្តីព្រាង។ កំណែចាស់នៅតែដំណើរការ។",
                    en: "Saved as a change that waits. The version before it serves on."),
                "good"
            ),
            "discarded": (LocalizedText(km: "បានបោះបង់ការកែប្រែ។", en: "The change is discarded."), "good"),
            "asked": (LocalizedText(km: "បានសុំការអនុម័ត។", en: "Approval is asked for."), "good"),
            "withdrawn": (LocalizedText(km: "បានដកសំណើវិញ។", en: "The request is taken back."), "good"),
            "approved": (LocalizedText(km: "បានអនុម័ត។", en: "Approved. It serves people now."), "good"),
            "sent_back": (LocalizedText(km: "បានបដិសេធ។", en: "Sent back to the organisation."), "good"),
        ]
        guard let (text, kind) = done.flatMap({ texts[$0] }) else { return false }
        return ["text": text[language], "kind": kind]
    }

    static func welcome(done: String?, language: Language) -> Page {
        Page("developer/welcome", title: DeveloperStrings.title, data: ["notice": notice(done, language)])
    }

    static func home(
        _ memberships: [Membership], done: String?, sent: FormFields, errors: [FieldError], csrf: String,
        language: Language
    ) -> Page {
        let name = LocalizedText(km: "ឈ្មោះរបស់អ្នកសម្រាប់មិត្តរួមការងារ", en: "Your name, for your colleagues")
        func field(_ id: String, _ label: LocalizedText, _ maximum: Int, hint: LocalizedText? = nil) -> FormField {
            FormField(
                id, label, value: sent[id] ?? "", hint: hint, autocomplete: id.hasSuffix("name") ? "nickname" : "off",
                maximumLength: maximum)
        }
        let create = [
            field("org_km", LocalizedText(km: "ឈ្មោះស្ថាប័ន (ខ្មែរ)", en: "Name in Khmer"), 120),
            field("org_en", LocalizedText(km: "ឈ្មោះស្ថាប័ន (អង់គ្លេស)", en: "Name in English"), 120),
            field("code", LocalizedText(km: "លេខកូដស្ថាប័ន", en: "Short code"), 40, hint: codeRule),
            field("display_name", name, 60),
        ]
        let join = [
            field("invitation", LocalizedText(km: "លេខកូដអញ្ជើញ", en: "Invitation code"), 64),
            field("join_name", name, 60),
        ]
        var data = FormField.form(create + join, errors: errors, csrf: csrf, language: language)
        data["createFields"] = create.map { $0.view(language, errors: errors) }
        data["joinFields"] = join.map { $0.view(language, errors: errors) }
        data["notice"] = notice(done, language)
        data["hasOrganisations"] = !memberships.isEmpty
        data["organisations"] = memberships.map { member -> [String: Any] in
            [
                "id": member.organisation.id, "name": member.organisation.name[language],
                "code": member.organisation.code, "role": role(member.role, language),
            ]
        }
        var page = page("developer/home", title: DeveloperStrings.title, data: data)
        if !errors.isEmpty {
            page.status = .badRequest
            page.languageSwitch = .path("/developers")
        }
        return page
    }

    static func organisation(
        _ member: Membership, members: [Membership], clients: [RelyingPartyRecord], open: Set<String>, next: String?,
        invitation: String?, done: String?, csrf: String, language: Language
    ) -> Page {
        let isOwner = member.role == .owner
        var data: [String: Any] = [
            "id": member.organisation.id, "name": member.organisation.name[language],
            "code": member.organisation.code, "role": role(member.role, language), "owner": isOwner, "csrf": csrf,
            "notice": notice(done, language), "hasClients": !clients.isEmpty, "invitation": invitation ?? false as Any,
            "next": next ?? false as Any,
        ]
        data["members"] = members.map { other -> [String: Any] in
            let you = other.personID == member.personID
            return [
                "name": other.displayName, "role": role(other.role, language), "person": other.handle,
                "you": you, "removable": you || isOwner,
            ]
        }
        data["clients"] = clients.map { record -> [String: Any] in
            ClientViews.line(record, language).merging(["waiting": open.contains(record.clientID)]) { first, _ in first
            }
        }
        data["inviteRole"] = [
            "name": "role", "label": LocalizedText(km: "តួនាទី", en: "Role")[language], "error": false,
            "options": [MemberRole.developer, .owner].map { role -> [String: Any] in
                ["value": role.rawValue, "text": Self.role(role, language), "selected": role == .developer]
            },
        ]
        var page = page("developer/organisation", title: member.organisation.name, data: data)
        if invitation != nil { page.languageSwitch = .path("/developers/organisations/\(member.organisation.id)") }
        return page
    }

    static func page(_ template: String, title: LocalizedText, data: [String: Any]) -> Page {
        var page = Page(template, title: title, data: data)
        page.navigation = [.init(DeveloperStrings.title, path: "/developers", isCurrent: template == "developer/home")]
        page.isWide = true
        return page
    }

    static func role(_ role: MemberRole, _ language: Language) -> String {
        switch role {
        case .owner: LocalizedText(km: "ម្ចាស់", en: "owner")[language]
        case .developer: LocalizedText(km: "អ្នកអភិវឌ្ឍន៍", en: "developer")[language]
        }
    }
}

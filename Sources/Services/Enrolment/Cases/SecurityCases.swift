import Accountability
import Authenticators
import Database
import HTTPTypes
import Hummingbird
import Kernel
import KhmerText
import OfficerDesk
import Web

/// Security cases at the counter: who has the right sees the open ones of the area and closes them with the person there.
/// Nothing else shows them, neither the person's pages nor other officers'.
extension EnrolmentService {
    /// Open cases of people who live where this officer may see cases, each with a link to the person's page; newest first.
    func securityCases(by officer: Officer) async throws -> [(found: SecurityCase, link: String)] {
        guard officer.maySeeCases else { return [] }
        let open = try await database.read { [authenticators] in try await authenticators.securityCases(in: $0) }
        var seen: [(SecurityCase, String)] = []
        for item in open {
            guard let match = try await finder.match(item.personID), officer.may(.securityCase, in: match.area) else {
                continue
            }
            seen.append((item, try await link(to: item.personID, for: officer)))
        }
        return seen
    }

    /// The open cases of the person on an officer's page; none without the right.
    func securityCases(of match: PersonMatch, by officer: Officer) async throws -> [SecurityCase] {
        guard officer.may(.securityCase, in: match.area) else { return [] }
        return try await database.read { [authenticators] in
            try await authenticators.securityCases(of: match.personID, in: $0)
        }
    }

    /// Closes a case. Throws `officer.forbidden`, `security.case_not_found`.
    func closeSecurityCase(_ id: String, of match: PersonMatch, reason: OfficerDeviceReason, by officer: Officer)
        async throws
    {
        try officer.require(.securityCase, in: match.area)
        try await database.transaction { [authenticators] in
            try await authenticators.closeSecurityCase(
                id, of: match.personID, by: officer.id, reason: reason.rawValue, in: $0)
        }
    }
}

extension Officer {
    /// Whether the officer may see security cases anywhere.
    var maySeeCases: Bool {
        state == .active && grants.contains { $0.role.permissions.contains(.securityCase) }
    }
}

extension ConsoleRoutes {
    /// The route of security cases.
    func addSecurityCases(to router: AppRouter) {
        router.post("/enrol/people/{link}/security/{case}") { try await closeCase($0, $1) }
    }

    private func closeCase(_ request: Request, _ context: AppContext) async throws -> Response {
        let (seat, form) = try await desk.form(request, context)
        let match = try await service.person(try context.pathParameter("link"), by: seat.officer)
        guard let reason = form["reason"].flatMap(OfficerDeviceReason.init(rawValue:)) else {
            throw RumdulError.enrolmentReason
        }
        try await service.closeSecurityCase(
            try context.pathParameter("case"), of: match, reason: reason, by: seat.officer)
        let fresh = try await service.link(to: match.personID, for: seat.officer)
        return Redirect.seeOther("/enrol/people/\(fresh)").logged(outcome: "security.case_closed")
    }

    /// What the console's first page shows of cases: no names.
    func securityCaseData(_ seat: OfficerDesk.Seat, language: Language) async throws -> [String: Any] {
        let cases = try await service.securityCases(by: seat.officer)
        return [
            "hasSecurityCases": !cases.isEmpty,
            "securityCases": cases.map { item, link in
                ["path": "/enrol/people/\(link)"].merging(SecurityCaseViews.line(item, language)) { own, _ in own }
            },
        ]
    }

    /// What the person's page shows of cases.
    func securityCaseData(
        _ match: PersonMatch, path: String, seat: OfficerDesk.Seat, language: Language
    ) async throws -> [String: Any] {
        let cases = try await service.securityCases(of: match, by: seat.officer)
        return [
            "hasSecurityCases": !cases.isEmpty,
            "securityCases": cases.map { item in
                [
                    "action": "\(path)/security/\(item.id)", "id": item.id,
                    "reasons": OfficerDeviceReason.allCases.map { ["value": $0.rawValue, "text": $0.label[language]] },
                ].merging(SecurityCaseViews.line(item, language)) { own, _ in own }
            },
        ]
    }
}

/// Security cases in words.
enum SecurityCaseViews {
    static func line(_ item: SecurityCase, _ language: Language) -> [String: Any] {
        [
            "opened": KhmerDates.short(item.openedAt, language), "last": KhmerDates.short(item.lastAt, language),
            "uses": KhmerDigits.prose(item.uses, language), "isDuress": item.kind == .duress,
            "isReport": item.kind == .notMe, "client": item.clientID,
        ]
    }

    static let templates = ["security_list": list, "security": section]

    /// hasSecurityCases, securityCases (path, opened, uses)
    private static let list = """
        {{#hasSecurityCases}}<section class="card" id="security-cases"><h2>{{t.securityTitle}}</h2>
        <p>{{t.securityLead}}</p>
        <ul>{{#securityCases}}<li><a href="{{path}}">{{opened}}</a> · \
        {{#isReport}}{{t.securityReportShort}} <code>{{client}}</code>{{/isReport}}\
        {{#isDuress}}{{t.securityDuressShort}}{{/isDuress}} · {{t.securityUses}} {{uses}}</li>{{/securityCases}}</ul>
        </section>{{/hasSecurityCases}}

        """

    /// hasSecurityCases, securityCases (action, id, opened, last, uses, reasons), csrf
    private static let section = """
        {{#securityCases}}<section class="card" id="security-case"><h2>{{t.securityTitle}}</h2>
        {{#isDuress}}<p>{{t.securityDuress}}</p>{{/isDuress}}
        {{#isReport}}<p>{{t.securityReport}} <code>{{client}}</code></p>{{/isReport}}
        <p class="fine">{{opened}} – {{last}} · {{t.securityUses}} {{uses}}</p>
        {{#isDuress}}<p class="notice warn">{{t.securityAlone}}</p>{{/isDuress}}
        <form method="post" action="{{action}}" data-once>{{> web/csrf}}
        <div class="field"><label for="f-security-{{id}}">{{t.reason}}</label>
        <select id="f-security-{{id}}" name="reason" required><option value="">–</option>
        {{#reasons}}<option value="{{value}}">{{text}}</option>{{/reasons}}</select></div>
        <div class="actions"><button class="secondary" type="submit">{{t.securityClose}}</button></div>
        </form></section>{{/securityCases}}

        """

    static let texts: [String: LocalizedText] = [
        "securityTitle": LocalizedText(km: "ករណីសុវត្ថិភាព", en: "Security cases"),
        "securityLead": LocalizedText(
            km: "សម្ងាត់៖ កុំប្រាប់អ្នកណា។ បើជាលេខ PIN សម្រាប់ពេលត្រូវគេបង្ខំ កុំទូរស័ព្ទទៅសាមីខ្លួន។",
            en: "In confidence: tell nobody. After a duress PIN do not call the person."),
        "securityReportShort": LocalizedText(km: "«មិនមែនខ្ញុំទេ»៖", en: "“Not me”:"),
        "securityDuressShort": LocalizedText(km: "លេខ PIN ពេលត្រូវគេបង្ខំ", en: "duress PIN"),
        "securityReport": LocalizedText(
            km: "សាមីខ្លួននិយាយថា មិនមែនខ្លួនទេដែលសុំចូលសេវានេះ។ សេវានេះមិនអាចសួរសាមីខ្លួនបានទេក្នុងមួយថ្ងៃ។ សូមសួរសាមីខ្លួនថាមានអ្វីកើតឡើង។",
            en: "The person said that a request of this service was not theirs. The service cannot ask them for a day. "
                + "Ask the person what happened:"),
        "securityUses": LocalizedText(km: "ចំនួនដង៖", en: "times:"),
        "securityDuress": LocalizedText(
            km: "សាមីខ្លួនបានវាយលេខ PIN សម្រាប់ពេលត្រូវគេបង្ខំ។ កម្រិតខ្ពស់ត្រូវបានផ្អាកដោយស្ងាត់ រហូតដល់ករណីនេះបិទ។",
            en: "The person typed the duress PIN. High levels are silently held until this case is closed."),
        "securityAlone": LocalizedText(
            km: "បិទតែពេលសាមីខ្លួននៅចំពោះមុខអ្នកតែម្នាក់ឯង ហើយមានសុវត្ថិភាព។",
            en: "Close it only when the person is in front of you, alone and safe."),
        "securityClose": LocalizedText(km: "បិទករណី", en: "Close the case"),
    ]
}

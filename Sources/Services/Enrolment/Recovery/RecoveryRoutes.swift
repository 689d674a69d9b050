import Accountability
import Authenticators
import Hummingbird
import Kernel
import KhmerText
import OfficerDesk
import Web

extension ConsoleRoutes {
    /// The routes of recoveries.
    func addRecoveries(to router: AppRouter) {
        router.post("/enrol/people/{link}/recoveries") { request, context in
            try await changeRecovery(request, context) { seat, match, form in
                guard form["present"] == "yes", let type = form["seen"].flatMap(EvidenceType.init(rawValue:)) else {
                    throw RumdulError.enrolmentEvidence
                }
                guard let reason = form["reason"].flatMap(RecoveryReason.init(rawValue:)) else {
                    throw RumdulError.enrolmentReason
                }
                _ = try await service.openRecovery(
                    person: match.personID, reason: reason,
                    evidence: try Evidence([EvidenceItem(type)], reason: type.isAttestation ? "recovery" : nil),
                    requestKey: try form.required("request_key"), by: seat.officer)
                return "recovery.opened"
            }
        }
        router.post("/enrol/people/{link}/recoveries/{id}") { request, context in
            let id = try context.pathParameter("id")
            return try await changeRecovery(request, context) { seat, match, form in
                switch form["action"] {
                case "confirm":
                    _ = try await service.confirmRecovery(id, of: match.personID, by: seat.officer)
                    return "recovery.confirmed"
                case "cancel":
                    try await service.cancelRecovery(id, of: match.personID, by: seat.officer)
                    return "recovery.cancelled"
                default: throw RumdulError.missingParameter("action")
                }
            }
        }
    }

    private func changeRecovery(
        _ request: Request, _ context: AppContext,
        _ body: (OfficerDesk.Seat, PersonMatch, FormFields) async throws -> String
    ) async throws -> Response {
        let (seat, form) = try await desk.form(request, context)
        let match = try await service.person(try context.pathParameter("link"), by: seat.officer)
        let outcome = try await body(seat, match, form)
        let fresh = try await service.link(to: match.personID, for: seat.officer)
        return Redirect.seeOther("/enrol/people/\(fresh)").logged(outcome: outcome)
    }

    /// What the person's page shows of recoveries and held levels.
    func recoveryData(
        _ match: PersonMatch, path: String, seat: OfficerDesk.Seat, language: Language
    ) async throws -> [String: Any] {
        let (recovery, hold) = try await service.recoveryStanding(of: match.personID)
        var data: [String: Any] = [
            "recoveryAction": path + "/recoveries", "recoveryKey": ambient.newSecret(bytes: 24),
            "hasRecovery": recovery != nil,
            "mayRecover": recovery == nil && seat.officer.may(.deviceBlock, in: match.area)
                && seat.officer.may(.enrolmentOpen, in: match.area),
            "recoveryReasons": RecoveryReason.allCases.map { ["value": $0.rawValue, "text": $0.label[language]] },
            "recoverySeen": EvidenceType.allCases.map { ["value": $0.rawValue, "text": $0.label[language]] },
            "isHeld": hold != nil, "heldUntil": hold.map { KhmerDates.short($0.until, language) } ?? "",
        ]
        guard let recovery else { return data }
        data["recoveryReason"] = recovery.reason.label[language]
        data["recoveryOpened"] = KhmerDates.short(recovery.openedAt, language)
        data["recoveryConfirmed"] = recovery.state == .confirmed
        data["recoveryPath"] = "\(path)/recoveries/\(recovery.id)"
        data["mayConfirm"] =
            recovery.state == .open && recovery.openedBy != seat.officer.id
            && seat.officer.may(.enrolmentApprove, in: recovery.area)
        return data
    }
}

/// Recoveries on the person's page.
enum RecoveryViews {
    static let templates = ["recovery": recovery, "hold": hold]

    private static let hold = """
        {{#isHeld}}<p class="notice warn" id="held">{{t.heldLead}} <strong>{{heldUntil}}</strong></p>{{/isHeld}}

        """

    private static let recovery = """
        <h2>{{t.recoveryTitle}}</h2>
        {{#hasRecovery}}<section class="card">
        <p>{{recoveryReason}} · {{t.openedAt}} {{recoveryOpened}}</p>
        {{^recoveryConfirmed}}<p class="notice warn">{{t.recoveryWaits}}</p>{{/recoveryConfirmed}}
        {{#recoveryConfirmed}}<p class="notice good">{{t.recoveryReady}}</p>{{/recoveryConfirmed}}
        <form method="post" action="{{recoveryPath}}" data-once>{{> web/csrf}}
        <div class="actions">{{#mayConfirm}}<button type="submit" name="action" value="confirm">{{t.recoveryConfirm}}\
        </button>{{/mayConfirm}}
        <button class="danger" type="submit" name="action" value="cancel">{{t.recoveryCancel}}</button></div>
        </form></section>{{/hasRecovery}}
        {{#mayRecover}}<form class="card" method="post" action="{{recoveryAction}}" data-once>{{> web/csrf}}
        <input type="hidden" name="request_key" value="{{recoveryKey}}">
        <p>{{t.recoveryLead}}</p>
        <div class="field"><label for="f-recovery-reason">{{t.reason}}</label>
        <select id="f-recovery-reason" name="reason" required><option value="">–</option>
        {{#recoveryReasons}}<option value="{{value}}">{{text}}</option>{{/recoveryReasons}}</select></div>
        <div class="field"><label for="f-recovery-seen">{{t.evidenceTitle}}</label>
        <select id="f-recovery-seen" name="seen" required><option value="">–</option>
        {{#recoverySeen}}<option value="{{value}}">{{text}}</option>{{/recoverySeen}}</select></div>
        <div class="check"><input type="checkbox" id="f-recovery-present" name="present" value="yes" required>\
        <label for="f-recovery-present">{{t.codesPresent}}</label></div>
        <div class="actions"><button class="danger" type="submit">{{t.recoveryOpen}}</button></div>
        </form>{{/mayRecover}}

        """

    static let texts: [String: LocalizedText] = [
        "recoveryTitle": LocalizedText(km: "បាត់ទូរស័ព្ទ", en: "Lost phone"),
        "recoveryLead": LocalizedText(
            km: "ឧបករណ៍ចាស់ទាំងអស់ត្រូវបានបិទភ្លាមៗ។ មន្ត្រីទីពីរត្រូវបញ្ជាក់ មុនពេលភ្ជាប់ឧបករណ៍ថ្មី។",
            en: "All old devices are blocked at once. A second officer must confirm before a new device is bound."),
        "recoveryOpen": LocalizedText(km: "បិទឧបករណ៍ចាស់ ហើយបើកករណី", en: "Block the devices and open a recovery"),
        "recoveryWaits": LocalizedText(
            km: "ឧបករណ៍ចាស់ត្រូវបានបិទ។ កំពុងរង់ចាំមន្ត្រីទីពីរ។", en: "The devices are blocked. Waiting for a second officer."),
        "recoveryReady": LocalizedText(
            km: "មន្ត្រីទីពីរបានបញ្ជាក់។ ឥឡូវអាចភ្ជាប់ឧបករណ៍ថ្មី។",
            en: "A second officer has confirmed. A new device can be bound now."),
        "recoveryConfirm": LocalizedText(km: "ខ្ញុំបញ្ជាក់ក្នុងនាមមន្ត្រីទីពីរ", en: "I confirm as the second officer"),
        "recoveryCancel": LocalizedText(km: "បោះបង់ករណីនេះ", en: "Call the recovery off"),
        "heldLead": LocalizedText(
            km: "ឧបករណ៍ត្រូវបានប្តូរថ្មី។ ដើម្បីការពារសាមីខ្លួន កម្រិតខ្ពស់មិនអាចប្រើបានទេរហូតដល់",
            en: "The devices were replaced. To protect the person, higher levels cannot be used until"),
    ]
}

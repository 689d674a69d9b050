import Accountability
import Authenticators
import Consent
import Kernel
import KhmerText
import Web

/// What the citizen's pages show, as data for the templates.
enum PortalViews {
    /// All that the home page shows.
    struct Home {
        var consents: [ConsentRecord]
        var devices: [Device]
        var trustsSoftware: Bool
        var access: AccessPage
        var isFirst: Bool
        /// Whether births and deaths can be reported here.
        var takesReports = false
        var notice: (text: LocalizedText, kind: String)?
        var csrf: String
        var now: Instant
    }

    private static let title = PortalStrings.all["title"] ?? LocalizedText(km: "ទំព័ររបស់ខ្ញុំ", en: "My page")

    /// The sentence for what was just done; only known words, nothing of the address is shown.
    static func notice(_ done: String) -> (text: LocalizedText, kind: String)? {
        switch done {
        case "withdrawn": PortalStrings.all["withdraw_done"].map { ($0, "good") }
        case "blocked": PortalStrings.all["block_done"].map { ($0, "good") }
        case "session-ended": LoginViews.texts["session_ended"].map { ($0, "good") }
        case "sessions-ended": LoginViews.texts["sessions_ended"].map { ($0, "good") }
        case "session-gone": LoginViews.texts["session_gone"].map { ($0, "warn") }
        case "refused":
            (LocalizedText(km: "អ្នកមិនបានអនុម័តទេ។", en: "You did not approve."), "warn")
        default: nil
        }
    }

    /// - Parameter place: where the person comes after the login; `PortalRoutes.places`.
    static func welcome(
        notice: (text: LocalizedText, kind: String)?, language: Language, to place: String? = nil
    ) -> Page {
        var data = data(notice: notice, language: language)
        data["to"] = place.map { "?to=" + $0 } ?? ""
        return Page("citizen/welcome", title: title, data: data)
    }

    /// Where a proof would be, until a checkpoint covers the entry. The page asks again by itself.
    static func pending(_ error: RumdulError, path: String, language: Language) -> Page {
        let heading = error.title ?? title
        var page = Page(
            "citizen/pending", title: heading,
            data: [
                "heading": heading[language], "detail": error.message[language], "path": path,
                "seconds": error.retryAfter ?? 1,
            ])
        page.status = .conflict
        page.mainErrorCode = error.code
        page.refreshWithoutScript = error.retryAfter
        return page
    }

    static func home(_ view: Home, language: Language) -> Page {
        var data = data(notice: view.notice, language: language)
        data["csrf"] = view.csrf
        data["consents"] = view.consents.map { consent($0, now: view.now, language: language) }
        data["has_consents"] = !view.consents.isEmpty
        data["entries"] = view.access.entries.map { entry($0, language: language) }
        data["has_entries"] = !view.access.entries.isEmpty
        data["newer"] = !view.isFirst
        data["reports"] = view.takesReports
        if let next = view.access.next { data["next"] = next.text }
        data["devices"] = view.devices.map { device($0, trustsSoftware: view.trustsSoftware, language: language) }
        var page = Page("citizen/home", title: title, data: data)
        page.isWide = true
        return page
    }

    static func data(notice: (text: LocalizedText, kind: String)?, language: Language) -> [String: Any] {
        guard let notice else { return ["notice": false] }
        return ["notice": ["text": notice.text[language], "kind": notice.kind]]
    }

    private static func text(_ key: String, _ language: Language) -> String { PortalStrings.all[key]?[language] ?? key }

    private static func labels(_ names: [String], _ language: Language) -> String {
        names.map { AttributeCatalogue.description(of: AttributeName(rawValue: $0))?.label[language] ?? $0 }
            .joined(separator: language == .km ? " · " : ", ")
    }

    private static func consent(_ record: ConsentRecord, now: Instant, language: Language) -> [String: Any] {
        let state = record.state(at: now)
        let tone =
            switch state {
            case .granted: "good"
            case .withdrawn: "bad"
            case .expired: "warn"
            }
        return [
            "id": record.id, "client": record.grant.clientName[language], "purpose": record.grant.purposeText[language],
            "attributes": record.grant.granted.isEmpty ? "—" : labels(record.grant.granted, language),
            "granted_at": KhmerDates.short(record.grantedAt, language),
            "valid_to": KhmerDates.short(record.grant.validTo, language), "state": text(state.rawValue, language),
            "tone": tone, "active": state == .granted,
        ]
    }

    private static func entry(_ entry: AccessEntry, language: Language) -> [String: Any] {
        let basis =
            switch entry.basis {
            case .ownRequest: text("basis_own", language)
            case .consent: text("basis_consent", language)
            case .statute(let code): "\(text("basis_statute", language)) (\(code))"
            }
        return [
            "at": KhmerDates.short(entry.at, language), "who": entry.organisation.name[language],
            "purpose": entry.purpose.text[language], "attributes": labels(entry.attributes.map(\.rawValue), language),
            "basis": basis, "stream": entry.stream, "sequence": entry.sequence,
        ]
    }

    private static func device(_ device: Device, trustsSoftware: Bool, language: Language) -> [String: Any] {
        let tone =
            switch device.state {
            case .active: "good"
            case .pending: "warn"
            case .blocked, .revoked: "bad"
            }
        let note = device.levelNote(trustsSoftware: trustsSoftware)
        return [
            "id": device.id, "name": device.name, "platform": device.platform,
            "created": KhmerDates.short(device.createdAt, language),
            "state": text("state_" + device.state.rawValue, language),
            "tone": tone, "active": device.state == .active, "protection": device.key.protection.label[language],
            "hasKeyNote": note != nil, "keyNote": note?[language] ?? "",
        ]
    }
}

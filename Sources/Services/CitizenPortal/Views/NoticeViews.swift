import Accountability
import Kernel
import KhmerText
import Web

/// What happened to the person's devices, passkeys and codes, in plain words.
enum NoticeViews {
    static let templates = ["notices": template]

    static func list(
        _ page: AuditPage, devices: [String: String], isFirst: Bool, language: Language
    ) -> Page {
        let items = page.events.compactMap { notice($0, devices: devices, language) }
        var data: [String: Any] = ["notices": items, "has_notices": !items.isEmpty, "newer": !isFirst]
        if let next = page.next { data["next"] = next.text }
        return Page("citizen/notices", title: texts["notices"] ?? LocalizedText(km: "", en: ""), data: data)
    }

    /// An entry in words; `nil` for what needs no telling (that an amended record was amended, say).
    static func notice(
        _ event: AuditEvent, devices: [String: String], _ language: Language
    ) -> [String: Any]? {
        let parts = event.action.split(separator: ".", maxSplits: 1)
        guard let room = parts.first.map(String.init), let fallback = rooms[room] else { return nil }
        let known = sentences[event.action] ?? (fallback, "info")
        // A passkey's entry may carry its name; a device's name is looked up.
        let name = event.facts["device"].flatMap { devices[$0] } ?? ""
        let who =
            place(event, language) ?? event.facts["by"].flatMap { $0 == "self" ? texts["by_self"]?[language] : nil }
            ?? ""
        return [
            "at": KhmerDates.short(event.at, language), "text": known.0[language], "name": name,
            "has_name": !name.isEmpty, "who": who, "has_who": !who.isEmpty, "action": event.action, "tone": known.1,
            "correction": room == "correction",
        ]
    }

    /// Where an officer assisted, and the officer's number for a complaint.
    private static func place(_ event: AuditEvent, _ language: Language) -> String? {
        let suffix = language == .km ? "km" : "en"
        guard event.action == "assisted.login", let organisation = event.facts["organisation_" + suffix],
            let place = event.facts["place_" + suffix], let officer = event.facts["by"]
        else { return nil }
        let number = String(officer.filter { $0 != "-" }.suffix(8)).uppercased()
        let label = LocalizedText(km: "មន្ត្រីលេខ \(number)", en: "officer \(number)")[language]
        return "\(organisation) · \(place) · \(label)"
    }

    /// What is told at all, and how where there is no sentence of its own.
    private static let rooms: [String: LocalizedText] = [
        "device": LocalizedText(km: "មានការផ្លាស់ប្តូរលើឧបករណ៍របស់អ្នក។", en: "Something changed about one of your devices."),
        "passkey": LocalizedText(km: "មានការផ្លាស់ប្តូរលើកូនសោរបស់អ្នក។", en: "Something changed about one of your passkeys."),
        "codes": LocalizedText(km: "មានការផ្លាស់ប្តូរលើលេខកូដរបស់អ្នក។", en: "Something changed about your one-time codes."),
        "card": LocalizedText(km: "មានការផ្លាស់ប្តូរលើប័ណ្ណ PIN របស់អ្នក។", en: "Something changed about your PIN card."),
        "assisted": LocalizedText(km: "មន្ត្រីម្នាក់បានជួយអ្នក។", en: "An officer assisted you."),
        "recovery": LocalizedText(km: "មានការស្តារគណនីរបស់អ្នក។", en: "Your account was in recovery."),
        "correction": LocalizedText(
            km: "មានការផ្លាស់ប្តូរលើសំណើសុំកែទិន្នន័យរបស់អ្នក។", en: "Something changed about a request for correction."),
    ]

    private static let sentences: [String: (LocalizedText, String)] = [
        "device.bound": (
            LocalizedText(km: "បានភ្ជាប់ឧបករណ៍ថ្មី។ វារង់ចាំការបើកដំណើរការ។", en: "A new device was added. It waits to be activated."),
            "warn"
        ),
        "device.activated": (LocalizedText(km: "បានបើកដំណើរការឧបករណ៍។", en: "A device was activated."), "warn"),
        "device.blocked": (LocalizedText(km: "បានបិទឧបករណ៍។", en: "A device was blocked."), "bad"),
        "device.unblocked": (LocalizedText(km: "បានបើកឧបករណ៍វិញ។", en: "A device was unblocked."), "warn"),
        "device.revoked": (LocalizedText(km: "បានដកហូតឧបករណ៍ជារៀងរហូត។", en: "A device was revoked for good."), "bad"),
        "device.renamed": (LocalizedText(km: "បានប្តូរឈ្មោះឧបករណ៍។", en: "A device was given another name."), "info"),
        "device.pin_locked": (
            LocalizedText(km: "លេខសម្ងាត់ PIN ត្រូវបានចាក់សោ ក្រោយវាយខុស ៥ ដង។", en: "The PIN was locked after five wrong tries."),
            "bad"
        ),
        "device.pin_unlocked": (LocalizedText(km: "បានដោះសោលេខសម្ងាត់ PIN។", en: "The PIN was unlocked."), "warn"),
        "passkey.registered": (LocalizedText(km: "បានបន្ថែមកូនសោថ្មី។", en: "A new passkey was added."), "warn"),
        "passkey.renamed": (LocalizedText(km: "បានប្តូរឈ្មោះកូនសោ។", en: "A passkey was given another name."), "info"),
        "passkey.removed": (LocalizedText(km: "បានដកកូនសោចេញ។", en: "A passkey was removed."), "bad"),
        "passkey.revoked": (LocalizedText(km: "បានដកហូតកូនសោ។", en: "A passkey was revoked."), "bad"),
        "passkey.blocked": (LocalizedText(km: "បានបិទកូនសោ។", en: "A passkey was blocked."), "bad"),
        "codes.printed": (LocalizedText(km: "បានបោះពុម្ពលេខកូដប្រើម្តង។", en: "One-time codes were printed."), "warn"),
        "codes.used": (LocalizedText(km: "បានប្រើលេខកូដប្រើម្តងមួយ។", en: "A one-time code was used."), "warn"),
        "codes.locked": (
            LocalizedText(km: "លេខកូដប្រើម្តងត្រូវបានចាក់សោ។", en: "The one-time codes were locked."), "bad"
        ),
        "codes.unlocked": (LocalizedText(km: "បានដោះសោលេខកូដប្រើម្តង។", en: "The one-time codes were unlocked."), "warn"),
        "correction.requested": (
            LocalizedText(km: "បានសុំកែទិន្នន័យរបស់អ្នក។", en: "A correction of your data was asked for."), "info"
        ),
        "correction.proposed": (
            LocalizedText(
                km: "មន្ត្រីម្នាក់បានពិនិត្យសំណើសុំកែរបស់អ្នក។ មន្ត្រីទីពីរនឹងសម្រេច។",
                en: "An officer looked at your request for correction. A second one will decide."), "info"
        ),
        "correction.accepted": (LocalizedText(km: "ទិន្នន័យរបស់អ្នកត្រូវបានកែ។", en: "Your data was corrected."), "warn"),
        "correction.refused": (
            LocalizedText(km: "សំណើសុំកែរបស់អ្នកត្រូវបានបដិសេធ។", en: "Your request for correction was refused."), "warn"
        ),
        "correction.withdrawn": (
            LocalizedText(km: "សំណើសុំកែត្រូវបានដកវិញ។", en: "A request for correction was taken back."), "info"
        ),
        "card.issued": (LocalizedText(km: "បានបោះពុម្ពប័ណ្ណ PIN។", en: "A PIN card was printed."), "warn"),
        "card.pin_set": (LocalizedText(km: "បានកំណត់លេខ PIN នៃប័ណ្ណ។", en: "The PIN of the card was set."), "warn"),
        "card.used": (LocalizedText(km: "បានប្រើប័ណ្ណ PIN។", en: "The PIN card was used."), "warn"),
        "card.locked": (
            LocalizedText(km: "ប័ណ្ណ PIN ត្រូវបានចាក់សោ ក្រោយវាយខុស ៥ ដង។", en: "The PIN card was locked after five wrong tries."),
            "bad"
        ),
        "card.unlocked": (LocalizedText(km: "បានដោះសោប័ណ្ណ PIN។", en: "The PIN card was unlocked."), "warn"),
        "card.ended": (LocalizedText(km: "ប័ណ្ណ PIN លែងមានសុពលភាព។", en: "The PIN card has ended."), "info"),
        "assisted.login": (
            LocalizedText(km: "មន្ត្រីម្នាក់បានជួយអ្នកចូលសេវាមួយ។", en: "An officer assisted you to log in to a service."), "warn"
        ),
        "codes.ended": (LocalizedText(km: "លេខកូដប្រើម្តងលែងមានសុពលភាព។", en: "The one-time codes have ended."), "info"),
    ]

    static let texts: [String: LocalizedText] = [
        "notices": LocalizedText(km: "ដំណឹងសុវត្ថិភាព", en: "Security notices"),
        "notices_lead": LocalizedText(
            km: "អ្វីដែលបានកើតឡើងចំពោះឧបករណ៍ និងសោរបស់អ្នក។ ប្រសិនបើអ្នកមិនស្គាល់អ្វីមួយ សូមបិទឧបករណ៍នោះ ហើយទៅជួបមន្ត្រីចុះឈ្មោះ។",
            en:
                "What happened to your devices and keys. If you do not recognise something, block that device and see an "
                + "enrolment officer."),
        "notices_none": LocalizedText(km: "គ្មានដំណឹងទេ។", en: "There are no notices."),
        "notices_older": LocalizedText(km: "មើលមុននេះ", en: "Older notices"),
        "notices_newest": LocalizedText(km: "ថ្មីបំផុត", en: "Newest"),
        "notices_devices": LocalizedText(km: "ទៅឧបករណ៍របស់ខ្ញុំ", en: "Go to my devices"),
        "by_self": LocalizedText(km: "ដោយអ្នកផ្ទាល់", en: "by yourself"),
    ]

    private static let template = """
        <h1>{{t.notices}}</h1>
        <p class="lead">{{t.notices_lead}}</p>
        <p><a class="button secondary" href="/app#devices">{{t.notices_devices}}</a></p>
        {{^has_notices}}<p class="card">{{t.notices_none}}</p>{{/has_notices}}
        {{#notices}}<article class="notice {{tone}}" data-notice="{{action}}">
        <p><b>{{text}}</b></p>
        <p class="fine">{{#correction}}<a href="/app/corrections">{{t.corrections}}</a> · {{/correction}}{{at}}{{#has_name}} · {{name}}{{/has_name}}{{#has_who}} · {{who}}{{/has_who}}</p>
        </article>{{/notices}}
        <p>{{#newer}}<a href="/app/notices">{{t.notices_newest}}</a> {{/newer}}\
        {{#next}}<a rel="next" href="/app/notices?before={{next}}">{{t.notices_older}}</a>{{/next}}</p>

        """
}

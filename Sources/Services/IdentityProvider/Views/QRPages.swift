import Kernel
import RelyingParties
import Web

/// The pages of logins that begin with a QR code.
enum QRPages {
    static let templates = ["qr": page, "open_in_app": openInAppPage]

    static let texts: [String: LocalizedText] = [
        "qr_start": LocalizedText(km: "ស្កេន QR ដោយទូរស័ព្ទ", en: "Scan with my phone"),
        "qr_title": LocalizedText(km: "ស្កេនដោយកម្មវិធី CamDigiKey", en: "Scan with your CamDigiKey app"),
        "qr_how": LocalizedText(
            km: "បើកកម្មវិធី CamDigiKey ចុចស្កេន ហើយដាក់កាមេរ៉ាទៅរូបនេះ។ រូបប្តូររាល់វិនាទី។",
            en: "Open your CamDigiKey app, choose scan, and point the camera at this picture. It changes every second."),
        "qr_alone": LocalizedText(
            km: "ស្កេនតែអេក្រង់ដែលនៅចំពោះមុខអ្នក។ កុំស្កេនរូបដែលគេផ្ញើមក ឬបង្ហាញតាមទូរស័ព្ទ។",
            en: "Scan only a screen in front of you, never a picture that somebody sent or shows you on a call."),
        "qr_same": LocalizedText(km: "កម្មវិធីនៅលើទូរស័ព្ទនេះ", en: "The app is on this phone"),
        "qr_waiting": LocalizedText(km: "កំពុងរង់ចាំទូរស័ព្ទ…", en: "Waiting for your phone…"),
        "open_title": LocalizedText(km: "បើកក្នុងកម្មវិធី CamDigiKey", en: "Open this in the CamDigiKey app"),
        "open_text": LocalizedText(
            km: "អាសយដ្ឋាននេះសម្រាប់កម្មវិធី CamDigiKey។ បើវាមិនបើកដោយខ្លួនឯង សូមដំឡើងកម្មវិធី ឬស្កេនរូបពីអេក្រង់ផ្សេង។",
            en:
                "This address is for the CamDigiKey app. If it does not open by itself, install the app, or scan the picture from another screen."
        ),
    ]

    private static let page = """
        <h1>{{t.qr_title}}</h1>
        <section class="card" data-poll="{{status_url}}" data-poll-interval="1">
        <p>{{t.qr_how}}</p>
        <p><img id="qr" class="qr" src="{{qr_url}}" data-refresh="{{qr_url}}" width="240" height="240" alt="QR"></p>
        <dl class="facts">
        <div><dt>{{t.service}}</dt><dd>{{client_name}} · {{client_host}}</dd></div>
        </dl>
        <p><a class="button secondary" id="same-device" href="{{app_url}}">{{t.qr_same}}</a></p>
        <p class="waiting" role="status">{{t.qr_waiting}}</p>
        </section>
        <p class="notice warn">{{t.qr_alone}}</p>

        """

    private static let openInAppPage = """
        <section class="card cream">
        <h1>{{t.open_title}}</h1>
        <p>{{t.open_text}}</p>
        </section>

        """

    static func waiting(_ item: Transaction, client: RelyingParty, language: Language) -> Page {
        let own = "/authorize/\(item.id)"
        var page = Page(
            "idp/qr", title: texts["qr_title"] ?? client.name,
            data: [
                "client_name": client.name[language], "client_host": TransactionDetails.shownHost(item.request, client),
                "status_url": own + "/status?await=claim", "qr_url": own + "/qr", "app_url": own + "/app",
            ])
        page.refreshWithoutScript = 3
        return page
    }

    static func openInApp() -> Page {
        Page("idp/open_in_app", title: texts["open_title"] ?? LocalizedText(km: "", en: ""))
    }
}

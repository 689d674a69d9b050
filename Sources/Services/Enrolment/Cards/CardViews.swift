import Authenticators
import Kernel
import KhmerText
import Web

/// PIN cards on the officer's pages: the section of the person's page, the card itself, and the page for the PIN.
enum CardViews {
    static let title = LocalizedText(km: "ប័ណ្ណ PIN", en: "PIN card")

    /// The PIN is not sent: the script makes a proof of it.
    static let pinFields = [
        FormField(
            "card", LocalizedText(km: "អក្សរលើប័ណ្ណ", en: "The characters on the card"),
            hint: LocalizedText(km: "ស្កេន QR លើប័ណ្ណ ឬវាយ ២៨ តួ។", en: "Scan the card's QR code, or type its 28 characters."),
            autocomplete: "off", maximumLength: 64),
        FormField(
            "pin", LocalizedText(km: "លេខ PIN ៦ ខ្ទង់", en: "A PIN of six digits"), type: "password",
            autocomplete: "off", inputMode: "numeric", maximumLength: 24, isSent: false),
        FormField(
            "again", LocalizedText(km: "លេខ PIN ម្តងទៀត", en: "The same PIN again"), type: "password",
            autocomplete: "off", inputMode: "numeric", maximumLength: 24, isSent: false),
    ]

    static func section(
        _ card: PINCard?, actions: [OfficerCardAction], mayPrint: Bool, path: String, requestKey: String,
        language: Language
    ) -> [String: Any] {
        var data: [String: Any] = [
            "hasCard": card != nil, "mayPrintCard": mayPrint, "cardPrintAction": path + "/cards",
            "cardKey": requestKey,
        ]
        guard let card else { return data }
        data["cardIssued"] = KhmerDates.short(card.issuedAt, language)
        data["cardLocked"] = card.isLocked
        data["cardNeedsPIN"] = card.state == .issued && mayPrint
        data["cardPINPath"] = path + "/cards/pin"
        data["cardAction"] = "\(path)/cards/\(card.id)"
        data["hasCardActions"] = !actions.isEmpty
        data["cardActions"] = actions.map {
            ["value": $0.rawValue, "text": $0.label[language], "tone": $0 == .end ? "danger" : "secondary"]
        }
        data["cardReasons"] = OfficerDeviceReason.allCases.map { ["value": $0.rawValue, "text": $0.label[language]] }
        return data
    }

    /// The card: both languages, Khmer first; it names nobody, so that who finds it does not know whose it is.
    static func printed(_ printed: PrintedCard, next: String, language: Language) throws -> [String: Any] {
        let label = LocalizedText(km: "ប័ណ្ណ PIN ជា QR", en: "The card as a QR code")[language]
        return [
            "next": next, "text": printed.text.display,
            "qr": SafeHTML(try QRCode.svg(printed.text.scanned, label: label)),
            "printedKm": KhmerDates.short(printed.card.issuedAt, .km),
            "printedEn": KhmerDates.short(printed.card.issuedAt, .en),
        ]
    }

    static let templates = ["card": section, "card_printed": card, "card_pin": pin]

    private static let section = """
        <h2>{{t.cardTitle}}</h2>
        <section class="card">
        {{^hasCard}}<p>{{t.cardNone}}</p>{{/hasCard}}
        {{#hasCard}}<p>{{t.codesPrinted}} {{cardIssued}}\
        {{#cardLocked}} · <strong>{{t.cardLocked}}</strong>{{/cardLocked}}</p>
        {{#cardNeedsPIN}}<p class="notice warn"><a href="{{cardPINPath}}">{{t.cardSetPIN}}</a></p>{{/cardNeedsPIN}}
        {{#hasCardActions}}<form method="post" action="{{cardAction}}" data-once>{{> web/csrf}}
        <div class="field"><label for="f-card-reason">{{t.reason}}</label>
        <select id="f-card-reason" name="reason" required><option value="">–</option>
        {{#cardReasons}}<option value="{{value}}">{{text}}</option>{{/cardReasons}}</select></div>
        <div class="actions">{{#cardActions}}\
        <button class="{{tone}}" type="submit" name="action" value="{{value}}">{{text}}</button>{{/cardActions}}</div>
        </form>{{/hasCardActions}}{{/hasCard}}
        </section>
        {{#mayPrintCard}}<form class="card" method="post" action="{{cardPrintAction}}" data-once>{{> web/csrf}}
        <input type="hidden" name="request_key" value="{{cardKey}}">
        <p>{{t.cardLead}}</p>
        <div class="field"><label for="f-card-seen">{{t.evidenceTitle}}</label>
        <select id="f-card-seen" name="seen" required><option value="">–</option>
        {{#seenTypes}}<option value="{{value}}">{{text}}</option>{{/seenTypes}}</select></div>
        <div class="check"><input type="checkbox" id="f-card-present" name="present" value="yes" required>\
        <label for="f-card-present">{{t.codesPresent}}</label></div>
        <div class="actions"><button class="secondary" type="submit">{{t.cardPrint}}</button></div>
        </form>{{/mayPrintCard}}

        """

    private static let card = """
        <h1 lang="km">ប័ណ្ណ PIN សម្រាប់ CamDigiKey</h1>
        <p lang="en">PIN card for CamDigiKey</p>
        {{qr}}
        <p><code id="card-text">{{text}}</code></p>
        <ul lang="km">
        <li>ប្រើបានតែនៅបញ្ជរ ជាមួយមន្ត្រីដែលជួយអ្នក ហើយត្រូវការលេខ PIN របស់អ្នក។</li>
        <li>កុំប្រាប់លេខ PIN ដល់អ្នកណាឡើយ សូម្បីតែមន្ត្រី។ កុំសរសេរវានៅលើប័ណ្ណ។</li>
        <li>កុំឱ្យអ្នកណាថត ឬចម្លងប័ណ្ណនេះ។ បើបាត់ សូមមកការិយាល័យចុះឈ្មោះ។ ប័ណ្ណថ្មីមិនគិតថ្លៃទេ។</li>
        </ul>
        <ul lang="en" class="fine">
        <li>It works at a counter, with an officer who assists you, and with your PIN.</li>
        <li>Tell the PIN to nobody, not to officials either. Never write it on the card.</li>
        <li>Let nobody copy the card. Lost it? Come to an enrolment office. A new card is free.</li>
        </ul>
        <p class="fine"><span lang="km">បោះពុម្ពនៅ {{printedKm}}</span> · <span lang="en">Printed {{printedEn}}</span></p>
        <div class="actions"><p class="notice warn">{{t.cardOnce}}</p></div>
        <div class="actions"><a class="button" href="{{next}}">{{t.cardSetPIN}}</a></div>

        """

    private static let pin = """
        <h1>{{t.cardPINTitle}}</h1>
        <p>{{t.cardPINLead}}</p>
        {{> web/notice}}{{> web/errors}}
        {{> web/card_script}}
        <form class="card" method="post" action="{{pinAction}}" autocomplete="off" data-card="f-card" data-pin="f-pin" \
        data-again="f-again" data-refused="{{refusedText}}" data-unusable="{{pinText}}">{{> web/csrf}}
        <input type="hidden" name="proof" value="">
        {{#fields}}{{> web/field}}{{/fields}}
        <div class="actions"><button type="submit" disabled>{{t.cardSetPIN}}</button>
        <a class="button secondary" href="{{back}}">{{t.codesBack}}</a></div>
        </form>

        """

    static let texts: [String: LocalizedText] = [
        "cardTitle": LocalizedText(km: "ប័ណ្ណ PIN (គ្មានទូរស័ព្ទ)", en: "PIN card (no phone)"),
        "cardNone": LocalizedText(km: "មិនទាន់មានប័ណ្ណ PIN ទេ។", en: "No PIN card yet."),
        "cardLocked": LocalizedText(km: "ចាក់សោហើយ", en: "Locked"),
        "cardLead": LocalizedText(
            km: "ប័ណ្ណសម្រាប់ចូលសេវានៅបញ្ជរ ជាមួយមន្ត្រីដែលជួយ។ បង្ហាញតែម្តង។ ប័ណ្ណថ្មីបញ្ឈប់ប័ណ្ណចាស់។ មិនគិតថ្លៃទេ។",
            en:
                "A card for services at a counter, with an officer who assists. Shown once; a new card ends the old one. It is free."
        ),
        "cardPrint": LocalizedText(km: "បង្កើតប័ណ្ណ PIN", en: "Make a PIN card"),
        "cardOnce": LocalizedText(
            km: "សូមបោះពុម្ពទំព័រនេះឥឡូវ។ វាមិនអាចបង្ហាញម្តងទៀតទេ។ បន្ទាប់មក សាមីខ្លួនជ្រើសរើសលេខ PIN។",
            en: "Print this page now. It cannot be shown again. Then the person chooses a PIN."),
        "cardSetPIN": LocalizedText(km: "កំណត់លេខ PIN", en: "Set the PIN"),
        "cardPINTitle": LocalizedText(km: "ជ្រើសរើសលេខ PIN របស់អ្នក", en: "Choose your PIN"),
        "cardPINLead": LocalizedText(
            km: "សម្រាប់សាមីខ្លួន៖ សូមមន្ត្រីងាកទៅក្រោយ។ ស្កេនប័ណ្ណ រួចវាយលេខ ៦ ខ្ទង់ដែលអ្នកចាំបាន។ កុំប្រើថ្ងៃខែឆ្នាំកំណើត។",
            en:
                "For the person: the officer looks away. Scan the card and type six digits that you can remember. Do not use a birthday."
        ),
    ]
}

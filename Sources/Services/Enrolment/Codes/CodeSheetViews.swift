import Authenticators
import Kernel
import KhmerText

/// Printed codes on the officer's pages: the section of the person's page, and the sheet itself.
enum CodeSheetViews {
    static let title = LocalizedText(km: "សន្លឹកលេខកូដ", en: "Sheet of codes")

    static func section(
        _ sheet: CodeSheet?, actions: [OfficerCodesAction], mayPrint: Bool, path: String, requestKey: String,
        language: Language
    ) -> [String: Any] {
        var data: [String: Any] = [
            "hasSheet": sheet != nil, "mayPrint": mayPrint, "printAction": path + "/codes",
            "codesKey": requestKey,
            "seenTypes": EvidenceType.allCases.map { ["value": $0.rawValue, "text": $0.label[language]] },
        ]
        guard let sheet else { return data }
        data["sheetPrinted"] = KhmerDates.short(sheet.printedAt, language)
        data["sheetLeft"] = KhmerDigits.prose(sheet.left, language)
        data["sheetLocked"] = sheet.isLocked
        data["sheetAction"] = "\(path)/codes/\(sheet.id)"
        data["hasSheetActions"] = !actions.isEmpty
        data["sheetActions"] = actions.map {
            ["value": $0.rawValue, "text": $0.label[language], "tone": $0 == .end ? "danger" : "secondary"]
        }
        data["sheetReasons"] = OfficerDeviceReason.allCases.map {
            ["value": $0.rawValue, "text": $0.label[language]]
        }
        return data
    }

    /// The sheet: both languages, Khmer first; it names nobody, so that who finds it does not know whose it is.
    static func printed(_ printed: PrintedCodes, back: String) -> [String: Any] {
        [
            "back": back, "printedKm": KhmerDates.short(printed.sheet.printedAt, .km),
            "printedEn": KhmerDates.short(printed.sheet.printedAt, .en),
            "rows": printed.codes.enumerated().map { index, code in
                ["number": String(index + 1), "code": "\(code.prefix(4)) \(code.suffix(4))"]
            },
        ]
    }

    static let templates = ["codes": section, "sheet": sheet]

    private static let section = """
        <h2>{{t.codesTitle}}</h2>
        <section class="card">
        {{^hasSheet}}<p>{{t.codesNone}}</p>{{/hasSheet}}
        {{#hasSheet}}<p>{{t.codesPrinted}} {{sheetPrinted}} · {{t.codesLeft}} {{sheetLeft}}\
        {{#sheetLocked}} · <strong>{{t.codesLocked}}</strong>{{/sheetLocked}}</p>
        {{#hasSheetActions}}<form method="post" action="{{sheetAction}}" data-once>{{> web/csrf}}
        <div class="field"><label for="f-codes-reason">{{t.reason}}</label>
        <select id="f-codes-reason" name="reason" required><option value="">–</option>
        {{#sheetReasons}}<option value="{{value}}">{{text}}</option>{{/sheetReasons}}</select></div>
        <div class="actions">{{#sheetActions}}\
        <button class="{{tone}}" type="submit" name="action" value="{{value}}">{{text}}</button>{{/sheetActions}}</div>
        </form>{{/hasSheetActions}}{{/hasSheet}}
        </section>
        {{#mayPrint}}<form class="card" method="post" action="{{printAction}}" data-once>{{> web/csrf}}
        <input type="hidden" name="request_key" value="{{codesKey}}">
        <p>{{t.codesLead}}</p>
        <div class="field"><label for="f-codes-seen">{{t.evidenceTitle}}</label>
        <select id="f-codes-seen" name="seen" required><option value="">–</option>
        {{#seenTypes}}<option value="{{value}}">{{text}}</option>{{/seenTypes}}</select></div>
        <div class="check"><input type="checkbox" id="f-codes-present" name="present" value="yes" required>\
        <label for="f-codes-present">{{t.codesPresent}}</label></div>
        <div class="actions"><button class="secondary" type="submit">{{t.codesPrint}}</button></div>
        </form>{{/mayPrint}}

        """

    private static let sheet = """
        <h1 lang="km">លេខកូដសម្រាប់ចូលប្រើ CamDigiKey</h1>
        <p lang="en">One-time codes for CamDigiKey</p>
        <ul lang="km">
        <li>ទំព័រចូលនឹងសួរលេខរៀង។ សូមវាយលេខកូដដែលនៅជាប់លេខរៀងនោះ។</li>
        <li>លេខកូដនីមួយៗប្រើបានតែម្តង។ សូមគូសវាចោលបន្ទាប់ពីប្រើ។</li>
        <li>កុំឱ្យអ្នកណាមើល ឬស្តាប់លេខកូដឡើយ សូម្បីតែមន្ត្រី។</li>
        <li>បើបាត់ ឬចាក់សោ សូមមកការិយាល័យចុះឈ្មោះ។ សន្លឹកថ្មីមិនគិតថ្លៃទេ។</li>
        </ul>
        <ul lang="en" class="fine">
        <li>The login page asks for a number: type the code beside that number.</li>
        <li>Each code works once. Cross it out after use.</li>
        <li>Show or read a code to nobody, not to officials either.</li>
        <li>Lost or locked? Come to an enrolment office. A new sheet is free.</li>
        </ul>
        <table id="codes"><caption class="visually-hidden">{{t.codesTitle}}</caption>
        <thead><tr><th scope="col">{{t.codesNumber}}</th><th scope="col">{{t.codesCode}}</th></tr></thead><tbody>
        {{#rows}}<tr><th scope="row">{{number}}</th><td><b>{{code}}</b></td></tr>
        {{/rows}}</tbody></table>
        <p class="fine"><span lang="km">បោះពុម្ពនៅ {{printedKm}}</span> · <span lang="en">Printed {{printedEn}}</span></p>
        <div class="actions"><p class="notice warn">{{t.codesOnce}}</p></div>
        <div class="actions"><a class="button secondary" href="{{back}}">{{t.codesBack}}</a></div>

        """

    static let texts: [String: LocalizedText] = [
        "codesTitle": LocalizedText(km: "លេខកូដបោះពុម្ព (គ្មានទូរស័ព្ទ)", en: "Printed codes (no phone)"),
        "codesNone": LocalizedText(km: "មិនទាន់មានសន្លឹកលេខកូដទេ។", en: "No sheet of codes yet."),
        "codesPrinted": LocalizedText(km: "បោះពុម្ពនៅ", en: "Printed"),
        "codesLeft": LocalizedText(km: "លេខកូដនៅសល់", en: "Codes left:"),
        "codesLocked": LocalizedText(km: "ចាក់សោហើយ", en: "Locked"),
        "codesLead": LocalizedText(
            km: "លេខកូដ ២០ សម្រាប់អ្នកគ្មានទូរស័ព្ទ។ បង្ហាញតែម្តង។ សន្លឹកថ្មីបញ្ឈប់សន្លឹកចាស់។ មិនគិតថ្លៃទេ។",
            en: "20 codes for a person without a phone, shown once. A new sheet ends the old one. It is free."),
        "codesPresent": LocalizedText(
            km: "សាមីខ្លួននៅចំពោះមុខខ្ញុំ ហើយខ្ញុំបានឃើញឯកសារដើម។", en: "The person is in front of me, and I saw the original."),
        "codesPrint": LocalizedText(km: "បង្កើតសន្លឹកលេខកូដ", en: "Make a sheet of codes"),
        "codesNumber": LocalizedText(km: "លេខរៀង", en: "Number"),
        "codesCode": LocalizedText(km: "លេខកូដ", en: "Code"),
        "codesOnce": LocalizedText(
            km: "សូមបោះពុម្ពទំព័រនេះឥឡូវ។ វាមិនអាចបង្ហាញម្តងទៀតទេ។", en: "Print this page now. It cannot be shown again."),
        "codesBack": LocalizedText(km: "រួចរាល់", en: "Done"),
    ]
}

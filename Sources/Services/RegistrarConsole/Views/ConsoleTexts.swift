import CivilRegister
import Kernel
import Web

/// Words of the registrar's console.
enum ConsoleTexts {
    static let title = LocalizedText(km: "អត្រានុកូលដ្ឋាន", en: "Civil registration")
    static let loginLead = LocalizedText(
        km: "សម្រាប់មន្ត្រីអត្រានុកូលដ្ឋាន ឃុំ សង្កាត់ ស្រុក ខណ្ឌ និងខេត្ត។", en: "For registrars of communes, districts and provinces.")
    /// Who reported in the citizen's app.
    static let online = LocalizedText(km: "តាមកម្មវិធី", en: "In the app")
    /// What the register does by itself.
    static let program = LocalizedText(km: "ប្រព័ន្ធ", en: "The register itself")
    static let pending = LocalizedText(km: "កំពុងរង់ចាំមន្ត្រីទីពីរ", en: "Waiting for a second officer")
    static let objected = LocalizedText(km: "មានការតវ៉ា រង់ចាំការសម្រេច", en: "Somebody objects; to be decided")
    static let office = LocalizedText(km: "ឃុំ/សង្កាត់", en: "Commune")
    static let officeHint = LocalizedText(km: "លេខកូដ ៦ ខ្ទង់", en: "Six digits")

    static func search(_ query: String) -> FormField {
        FormField(
            "query", LocalizedText(km: "ឈ្មោះ ឬលេខ", en: "Name or number"), type: "search", value: query,
            hint: LocalizedText(
                km: "ឈ្មោះជាខ្មែរ ឬឡាតាំង ទោះខុសអក្សរមួយក៏បាន ឬលេខចុះបញ្ជី លេខតាមដាន លេខអត្តសញ្ញាណ",
                en:
                    "A name in Khmer or Latin, even with one wrong letter; or a registration, tracking or identification number"
            ), autocomplete: "off", maximumLength: 200, isRequired: false)
    }

    static let searchDate = LocalizedText(km: "ថ្ងៃខែឆ្នាំ ឬឆ្នាំ", en: "Date or years")
    static let searchDateHint = LocalizedText(
        km: "ឧ. ១៩៩០ ឬ ១៩៨៥-១៩៩០ ឬ ១៣/០៤/១៩៩០", en: "Such as 1990, 1985-1990 or 13/04/1990")
    static let searchDateError = LocalizedText(
        km: "សូមសរសេរឆ្នាំ ឬថ្ងៃ/ខែ/ឆ្នាំ។", en: "Write a year, or day/month/year.")
    static let searchPlace = LocalizedText(km: "ទីកន្លែង", en: "Place")
    static let searchPlaceHint = LocalizedText(
        km: "ឈ្មោះ ឬលេខកូដភូមិ ឃុំ ស្រុក ខេត្ត", en: "Name or code of a village, commune, district or province")
    static let searchPlaceError = LocalizedText(
        km: "រកមិនឃើញទីកន្លែងនេះនៅជិតអ្នកទេ។ សូមសរសេរលេខកូដ។", en: "No such place is known near you. Write its code.")
    static let male = LocalizedText(km: "ប្រុស", en: "Male")
    static let female = LocalizedText(km: "ស្រី", en: "Female")

    static let texts: [String: LocalizedText] = [
        "queues": LocalizedText(km: "ការងារកំពុងរង់ចាំ", en: "Waiting work"),
        "newEvent": LocalizedText(km: "ចុះព្រឹត្តិការណ៍ថ្មី", en: "Enter a new event"),
        "keys": LocalizedText(
            km: "គ្រាប់ចុចកាត់៖ Alt + អក្សរ (Firefox៖ Alt + Shift + អក្សរ)។ Q ស្វែងរក។",
            en: "Keys: Alt + letter (Firefox: Alt + Shift + letter). Q searches."),
        "results": LocalizedText(km: "លទ្ធផល", en: "Results"),
        "nothing": LocalizedText(km: "រកមិនឃើញកំណត់ត្រាទេ។", en: "No record was found."),
        "empty": LocalizedText(km: "គ្មានអ្វីរង់ចាំទេ។", en: "Nothing is waiting."),
        "noQueues": LocalizedText(km: "គ្មានបញ្ជីការងារសម្រាប់តួនាទីរបស់អ្នកទេ។", en: "There are no lists for your role."),
        "logged": LocalizedText(
            km: "រាល់ការស្វែងរក និងការបើកមើលត្រូវបានកត់ត្រា ហើយសាមីខ្លួនអាចមើលឃើញ។",
            en: "Every search and every look is recorded, and the people concerned can see it."),
        "event": LocalizedText(km: "ព្រឹត្តិការណ៍", en: "Event"), "who": LocalizedText(km: "ឈ្មោះ", en: "Name"),
        "date": LocalizedText(km: "កាលបរិច្ឆេទ", en: "Date"), "state": LocalizedText(km: "ស្ថានភាព", en: "State"),
        "since": LocalizedText(km: "តាំងពី", en: "Since"), "number": LocalizedText(km: "លេខ", en: "Number"),
        "fill": LocalizedText(km: "បំពេញពីបញ្ជី", en: "Fill in from the register"),
        "saveDraft": LocalizedText(km: "រក្សាទុកជាព្រាង", en: "Save as draft"),
        "declare": LocalizedText(km: "ពិនិត្យ និងប្រកាស", en: "Check and declare"),
        "requestCorrection": LocalizedText(km: "ស្នើសុំកែ", en: "Ask for this correction"),
        "correctionLead": LocalizedText(
            km: "កែតែចន្លោះដែលខុស។ កំហុសសរសេរត្រូវការមន្ត្រីម្នាក់ទៀតអនុម័ត។ ការកែផ្សេងត្រូវការសេចក្តីសម្រេចតុលាការ។",
            en:
                "Change only what is wrong. Slips of writing need a second officer; anything else needs a court decision as well."
        ),
        "replacementLead": LocalizedText(
            km:
                "សម្រាប់កុមារដែលត្រូវបានស្មុំ៖ សំបុត្រកំណើតថ្មីបង្ហាញឪពុកម្តាយស្របច្បាប់ ហើយកំណត់ត្រាចាស់ត្រូវបិទជិត។ លេខអត្តសញ្ញាណមិនផ្លាស់ប្តូរទេ។ មន្ត្រីម្នាក់ទៀតត្រូវអនុម័ត។",
            en:
                "For a child who was adopted: a new birth record names the parents by law, and the old one is sealed. The person's code stays. A second officer decides."
        ),
        "requestReplacement": LocalizedText(km: "ស្នើសុំកំណត់ត្រាជំនួស", en: "Ask for this new record"),
        "replace": LocalizedText(km: "កំណត់ត្រាជំនួស", en: "Register anew in its place"),
        "edit": LocalizedText(km: "បន្តបំពេញ", en: "Go on with the form"),
        "correct": LocalizedText(km: "ស្នើសុំកែតម្រូវ", en: "Ask for a correction"),
        "certificates": LocalizedText(km: "សំបុត្រ", en: "Certificates"),
        "superseded": LocalizedText(km: "លែងមានសុពលភាព", en: "No longer valid"),
        "evidence": LocalizedText(km: "ឯកសារភ្ជាប់", en: "Scanned papers"),
        "noEvidence": LocalizedText(km: "មិនទាន់មានឯកសារភ្ជាប់ទេ។", en: "No papers were added yet."),
        "paper": LocalizedText(km: "ប្រភេទឯកសារ", en: "What it is"), "file": LocalizedText(km: "ឯកសារ", en: "File"),
        "fileHint": LocalizedText(km: "JPEG PNG ឬ PDF យ៉ាងច្រើន ៣ មេកាបៃ", en: "JPEG, PNG or PDF, at most 3 MB"),
        "fileLarge": RumdulError.civilEvidenceSize.fields.first?.message ?? RumdulError.civilEvidenceSize.message,
        "attach": LocalizedText(km: "ភ្ជាប់ឯកសារ", en: "Add the file"),
        "history": LocalizedText(km: "ប្រវត្តិ", en: "History"),
        "actions": LocalizedText(km: "ជំហានបន្ទាប់", en: "Next steps"),
        "another": LocalizedText(km: "ចុះព្រឹត្តិការណ៍ដូចនេះមួយទៀត", en: "Enter another of this kind"),
        "noActions": LocalizedText(km: "អ្នកមិនមានជំហានត្រូវធ្វើនៅទីនេះទេ។", en: "There is nothing for you to do here."),
        "was": LocalizedText(km: "មុន", en: "Was"), "becomes": LocalizedText(km: "ក្រោយ", en: "Becomes"),
        "field": LocalizedText(km: "ចន្លោះ", en: "Field"),
        "flags": LocalizedText(km: "សូមពិនិត្យ", en: "Please look at this"),
        "persons": LocalizedText(km: "បុគ្គលក្នុងបញ្ជី", en: "Persons of the register"),
        "back": LocalizedText(km: "ត្រឡប់ទៅបញ្ជីការងារ", en: "Back to the lists"),
        "signed": LocalizedText(
            km: "គ្រប់ជំហានត្រូវបានចុះហត្ថលេខា និងតភ្ជាប់គ្នា។", en: "Every step is signed and chained to the one before."),
    ]

    /// Who acts on a record next; nothing for what is settled.
    static func waits(_ record: VitalRecord) -> LocalizedText? {
        switch record.state {
        case .draft, .notified, .returned:
            LocalizedText(km: "រង់ចាំឃុំបំពេញ ហើយប្រកាស។", en: "Waits for the commune to complete and declare it.")
        case .duplicateReview:
            LocalizedText(
                km: "រង់ចាំមន្ត្រីពីររូបសម្រេចថាស្ទួន ឬមិនស្ទួន។",
                en: "Waits for two officers who decide whether it is a duplicate.")
        case .declared where record.needsVerification:
            LocalizedText(km: "រង់ចាំស្រុក ឬខណ្ឌផ្ទៀងផ្ទាត់។", en: "Waits for the district to verify it.")
        case .declared, .verified:
            record.needsApproval
                ? LocalizedText(
                    km: "រង់ចាំខេត្តអនុញ្ញាត ព្រោះយឺតណាស់។", en: "Waits for the province, because it is very late.")
                : LocalizedText(km: "រង់ចាំមន្ត្រីអត្រានុកូលដ្ឋានចុះបញ្ជី។", en: "Waits for the registrar to register it.")
        default: nil
        }
    }

    static func flag(_ code: String) -> LocalizedText {
        switch code {
        case "mother.age": LocalizedText(km: "អាយុម្តាយមិនធម្មតា។", en: "The mother's age is unusual.")
        case "mother.spacing":
            LocalizedText(km: "ជិតកំណើតមុនពេក ហើយមិនមែនភ្លោះ។", en: "Very close to the previous birth, and no twins.")
        case "mother.unknown":
            LocalizedText(
                km: "ម្តាយត្រូវបានសរសេរថាមិនស្គាល់ តែមានឈ្មោះ។", en: "The mother is said to be unknown, and is named.")
        case "father.unknown":
            LocalizedText(
                km: "ឪពុកត្រូវបានសរសេរថាមិនស្គាល់ តែមានឈ្មោះ។", en: "The father is said to be unknown, and is named.")
        case "deceased.age": LocalizedText(km: "អាយុអ្នកស្លាប់លើសពី ១២៥ ឆ្នាំ។", en: "The deceased would be over 125 years old.")
        case "deceased.unregistered":
            LocalizedText(
                km: "អ្នកស្លាប់មិនមានក្នុងបញ្ជី។ កំណត់ត្រាបុគ្គលនឹងត្រូវបង្កើត។",
                en: "The deceased is not in the register; a person's record will be made.")
        case "marriage.minor":
            LocalizedText(km: "ភាគីម្ខាងមិនទាន់ពេញវ័យ មានការយល់ព្រម។", en: "One party is a minor, with consent.")
        default: LocalizedText(km: code, en: code)
        }
    }
}

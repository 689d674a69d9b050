import Authenticators
import Kernel

/// The words of the officer's console.
enum EnrolmentTexts {
    static let loginLead = LocalizedText(km: "សម្រាប់មន្ត្រីចុះឈ្មោះ។", en: "For enrolment officers.")
    static let title = LocalizedText(km: "ការចុះឈ្មោះឧបករណ៍", en: "Enrolment")
    static let person = LocalizedText(km: "សាមីខ្លួន", en: "Person")
    static let candidates = LocalizedText(km: "មនុស្សដែលត្រូវនឹងការស្វែងរក", en: "People who match")
    static let enrolment = LocalizedText(km: "ការចុះឈ្មោះ", en: "Enrolment")
    static let nobody = LocalizedText(
        km: "រកមិនឃើញនរណាម្នាក់នៅក្នុងតំបន់របស់អ្នកទេ។", en: "Nobody in your area matches.")
    static let done = LocalizedText(km: "បានធ្វើរួច។", en: "Done.")

    static let all: [String: LocalizedText] = [
        "title": title, "person": person, "candidates": candidates, "enrolment": enrolment,
        "findByCode": LocalizedText(km: "ស្វែងរកតាមលេខកូដ", en: "Find by code"),
        "findByName": LocalizedText(km: "ស្វែងរកតាមឈ្មោះ", en: "Find by name"),
        "searchIsLogged": LocalizedText(
            km: "រាល់ការមើលទិន្នន័យត្រូវបានកត់ត្រា ហើយសាមីខ្លួនអាចមើលឃើញ។",
            en: "Every look at a person's data is recorded, and the person can see it."),
        "viewIsLogged": LocalizedText(
            km: "ការមើលនេះត្រូវបានកត់ត្រា ហើយសាមីខ្លួនអាចមើលឃើញ។", en: "This look is recorded, and the person can see it."),
        "worklist": LocalizedText(km: "ការចុះឈ្មោះថ្មីៗ", en: "Recent enrolments"),
        "caseNumber": LocalizedText(km: "លេខ", en: "Number"),
        "openedAt": LocalizedText(km: "ពេលបើក", en: "Opened"),
        "state": LocalizedText(km: "ស្ថានភាព", en: "State"),
        "level": LocalizedText(km: "កម្រិតអត្តសញ្ញាណ", en: "Identity level"),
        "noCases": LocalizedText(km: "មិនទាន់មានទេ។", en: "None yet."),
        "candidatesLead": LocalizedText(
            km: "សូមជ្រើសរើសមនុស្សដែលនៅចំពោះមុខអ្នក។", en: "Choose the person in front of you."),
        "choose": LocalizedText(km: "ជ្រើសរើស", en: "Choose"),
        "searchAgain": LocalizedText(km: "ស្វែងរកម្តងទៀត", en: "Search again"),
        "evidenceTitle": LocalizedText(km: "ភស្តុតាងដែលបានឃើញ", en: "Evidence seen"),
        "evidenceLead": LocalizedText(
            km: "សូមគូសឯកសារដើមដែលអ្នកបានឃើញ។ ការចុះឈ្មោះមិនគិតថ្លៃ។ អ្នកគ្មានឯកសារអាចប្រើសាក្សី ឬលិខិតមេភូមិ។",
            en:
                "Tick the originals that you saw. Enrolment is free. Without documents, use witnesses or the village chief."
        ),
        "seen": LocalizedText(km: "លេខ និងកំណត់សម្គាល់", en: "Number and note"),
        "number_": LocalizedText(km: "លេខ", en: "Number"),
        "note": LocalizedText(km: "កំណត់សម្គាល់", en: "Note"),
        "levelNote": LocalizedText(
            km: "ឯកសារផ្តល់កម្រិត ២។ ពាក្យបញ្ជាក់តែឯងផ្តល់កម្រិត ១។ កម្រិត ៣ មិនផ្តល់ទេ ព្រោះមិនបានថតជីវមាត្រ។",
            en: "Documents give level 2, people's word alone level 1. Level 3 is not given: no biometrics are captured."
        ),
        "open": LocalizedText(km: "បើកការចុះឈ្មោះ", en: "Open enrolment"),
        "devices": LocalizedText(km: "ឧបករណ៍", en: "Devices"),
        "noDevices": LocalizedText(km: "មិនទាន់មានឧបករណ៍ទេ។", en: "No device yet."),
        "reason": LocalizedText(km: "ហេតុផល", en: "Reason"),
        "pinLocked": LocalizedText(km: "លេខសម្ងាត់ត្រូវបានចាក់សោ", en: "PIN locked"),
        "codeLead": LocalizedText(
            km: "សាមីខ្លួនត្រូវកាន់ទូរស័ព្ទនៅចំពោះមុខអ្នក។ កូដប្រើបានម្តង ក្នុងរយៈពេល ១០ នាទី។",
            en: "The person holds the phone in front of you. The code works once, for 10 minutes."),
        "showCode": LocalizedText(km: "បង្ហាញកូដ", en: "Show the code"),
        "newCode": LocalizedText(km: "បង្ហាញកូដថ្មី", en: "Show a new code"),
        "cancelCase": LocalizedText(km: "បោះបង់ការចុះឈ្មោះនេះ", en: "Cancel this enrolment"),
        "backToList": LocalizedText(km: "ត្រឡប់ទៅបញ្ជី", en: "Back to the list"),
        "scanTitle": LocalizedText(km: "ស្កេនដោយទូរស័ព្ទរបស់សាមីខ្លួន", en: "Scan with the person's phone"),
        "scanLead": LocalizedText(
            km: "បើកកម្មវិធី ស្កេនរូបនេះ ឬវាយកូដ។", en: "Open the app, scan this picture or type the code."),
        "waiting": LocalizedText(km: "កំពុងរង់ចាំឧបករណ៍", en: "Waiting for the device"),
        "validUntil": LocalizedText(km: "ប្រើបានដល់ម៉ោង", en: "Valid until"),
        "compareTitle": LocalizedText(km: "ប្រៀបធៀបលេខ", en: "Compare the digits"),
        "compareLead": LocalizedText(
            km: "សូមមើលទូរស័ព្ទក្នុងដៃសាមីខ្លួន។ តើលេខដូចគ្នាទេ?", en: "Look at the phone in the person's hand. Are the digits the same?"),
        "same": LocalizedText(km: "ដូចគ្នា", en: "The same"),
        "different": LocalizedText(km: "ខុសគ្នា", en: "Different"),
        "scanOutside": LocalizedText(km: "សូមបើកដោយកម្មវិធី", en: "Open this with the app"),
        "scanOutsideLead": LocalizedText(
            km: "កូដ QR នេះសម្រាប់កម្មវិធីអត្តសញ្ញាណក្នុងទូរស័ព្ទ។ សូមបើកកម្មវិធី ហើយស្កេនម្តងទៀត។",
            en: "This QR code is for the identity app on the phone. Open the app and scan it again."),
    ]

    static func text(_ state: EnrolmentState) -> LocalizedText {
        switch state {
        case .opened: LocalizedText(km: "បានបើក", en: "Opened")
        case .codeIssued: LocalizedText(km: "រង់ចាំឧបករណ៍", en: "Waiting for the device")
        case .deviceBound: LocalizedText(km: "រង់ចាំប្រៀបធៀបលេខ", en: "Compare the digits")
        case .completed: LocalizedText(km: "បានបញ្ចប់", en: "Completed")
        case .rejected: LocalizedText(km: "បានបដិសេធ លេខខុសគ្នា", en: "Rejected: digits differed")
        case .cancelled: LocalizedText(km: "បានបោះបង់", en: "Cancelled")
        case .expired: LocalizedText(km: "ហួសពេល", en: "Expired")
        }
    }

    static func text(_ state: DeviceState) -> LocalizedText {
        switch state {
        case .pending: LocalizedText(km: "រង់ចាំ", en: "Pending")
        case .active: LocalizedText(km: "កំពុងប្រើ", en: "Active")
        case .blocked: LocalizedText(km: "បានបិទ", en: "Blocked")
        case .revoked: LocalizedText(km: "បានលុបចោល", en: "Revoked")
        }
    }

    /// What the case's page says above everything when a case has ended or something ran out.
    static func notice(_ state: EnrolmentState) -> LocalizedText? {
        switch state {
        case .opened, .codeIssued, .deviceBound: nil
        case .completed:
            LocalizedText(km: "ឧបករណ៍ត្រូវបានភ្ជាប់ ហើយអាចប្រើបាន។", en: "The device is bound and can be used.")
        case .rejected:
            LocalizedText(
                km: "លេខខុសគ្នា៖ ឧបករណ៍ត្រូវបានលុបចោល។ សូមចាប់ផ្តើមម្តងទៀត ហើយរាយការណ៍ទៅប្រធាន។",
                en: "The digits differed: the device was revoked. Start again, and tell the supervisor.")
        case .cancelled: LocalizedText(km: "ការចុះឈ្មោះត្រូវបានបោះបង់។", en: "This enrolment was cancelled.")
        case .expired: LocalizedText(km: "ការចុះឈ្មោះហួសពេល។", en: "This enrolment has run out of time.")
        }
    }
}

import Kernel

/// The texts of the citizen's pages.
enum PortalStrings {
    static let all: [String: LocalizedText] = [
        "title": LocalizedText(km: "ទំព័ររបស់ខ្ញុំ", en: "My page"),
        "welcome": LocalizedText(
            km: "មើលថាអ្នកណាបានអានទិន្នន័យរបស់អ្នក និងដកការយល់ព្រមវិញ។",
            en: "See who read your data, and withdraw what you granted."),
        "login": LocalizedText(km: "ចូលដោយប្រើ CamDigiKey", en: "Log in with CamDigiKey"),
        "logout": LocalizedText(km: "ចាកចេញ", en: "Log out"),
        "consents": LocalizedText(km: "ការយល់ព្រមរបស់ខ្ញុំ", en: "What I granted"),
        "consents_none": LocalizedText(km: "អ្នកមិនទាន់បានយល់ព្រមអ្វីទេ។", en: "You have granted nothing yet."),
        "access": LocalizedText(km: "អ្នកណាបានអានទិន្នន័យរបស់ខ្ញុំ", en: "Who read my data"),
        "access_none": LocalizedText(km: "មិនទាន់មានអ្នកណាអានទេ។", en: "Nobody has read it yet."),
        "access_more": LocalizedText(km: "មើលមុននេះ", en: "Older entries"),
        "access_newest": LocalizedText(km: "ថ្មីបំផុត", en: "Newest"),
        "devices": LocalizedText(km: "ឧបករណ៍របស់ខ្ញុំ", en: "My devices"),
        "who": LocalizedText(km: "អ្នកណា", en: "Who"), "when": LocalizedText(km: "ពេលណា", en: "When"),
        "purpose": LocalizedText(km: "គោលបំណង", en: "What for"), "data": LocalizedText(km: "ទិន្នន័យ", en: "Data"),
        "basis": LocalizedText(km: "មូលដ្ឋាន", en: "Basis"),
        "basis_own": LocalizedText(km: "សំណើរបស់អ្នកផ្ទាល់", en: "your own request"),
        "basis_consent": LocalizedText(km: "ការយល់ព្រមរបស់អ្នក", en: "your consent"),
        "basis_statute": LocalizedText(km: "ច្បាប់", en: "law"), "until": LocalizedText(km: "ដល់", en: "until"),
        "withdraw": LocalizedText(km: "ដកការយល់ព្រម", en: "Withdraw"),
        "withdrawn": LocalizedText(km: "បានដកវិញ", en: "withdrawn"),
        "expired": LocalizedText(km: "ផុតកំណត់", en: "expired"), "granted": LocalizedText(km: "មានសុពលភាព", en: "valid"),
        "block": LocalizedText(km: "បិទឧបករណ៍", en: "Block"), "receipt": LocalizedText(km: "បង្កាន់ដៃ", en: "Receipt"),
        "proof": LocalizedText(km: "ភស្តុតាង", en: "Proof"),
        "withdraw_note": LocalizedText(
            km: "សេវានោះនឹងលែងអាចអានទិន្នន័យរបស់អ្នកភ្លាមៗ។", en: "The service can no longer read your data, at once."),
        "withdraw_done": LocalizedText(km: "បានដកការយល់ព្រមវិញ។", en: "Your consent has been withdrawn."),
        "block_done": LocalizedText(
            km: "បានបិទឧបករណ៍។ ការចូលដែលវាបានអនុម័តត្រូវបានបញ្ចប់។ ទៅជួបមន្ត្រីចុះឈ្មោះដើម្បីបើកវិញ។",
            en: "The device is blocked. Logins that it approved have ended. An enrolment officer can unblock it."),
        "state_active": LocalizedText(km: "ដំណើរការ", en: "active"),
        "state_pending": LocalizedText(km: "រង់ចាំ", en: "waiting for activation"),
        "state_blocked": LocalizedText(km: "បានបិទ", en: "blocked"),
        "state_revoked": LocalizedText(km: "បានដកហូត", en: "revoked"),
    ]
}

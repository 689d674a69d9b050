import Kernel

/// The texts of the provider's pages.
enum ProviderStrings {
    static let all: [String: LocalizedText] = [
        "consent_title": LocalizedText(km: "ចូលដោយប្រើ CamDigiKey", en: "Log in with CamDigiKey"),
        "asks": LocalizedText(km: "សុំអនុញ្ញាតពីអ្នក", en: "asks for your approval"),
        "service": LocalizedText(km: "សេវា", en: "Service"),
        "purpose": LocalizedText(km: "គោលបំណង", en: "What for"),
        "until": LocalizedText(km: "មានសុពលភាពដល់", en: "Valid until"),
        "until_note": LocalizedText(
            km: "អ្នកអាចដកការយល់ព្រមវិញបានគ្រប់ពេល។", en: "You can withdraw at any time."),
        "which_data": LocalizedText(km: "ព័ត៌មានដែលត្រូវចែករំលែក", en: "Which data to share"),
        "which_help": LocalizedText(
            km: "ជ្រើសរើសតែអ្វីដែលអ្នកចង់ចែករំលែក។ អ្នកអាចដោះវិញបានទាំងអស់។",
            en: "Choose only what you want to share. You may leave out any of it."),
        "essential": LocalizedText(km: "ត្រូវការសម្រាប់សេវានេះ", en: "needed for this service"),
        "optional": LocalizedText(km: "ស្រេចចិត្ត", en: "optional"),
        "no_data": LocalizedText(
            km: "សេវានេះមិនសុំព័ត៌មានផ្ទាល់ខ្លួនទេ គ្រាន់តែចង់ដឹងថាជាអ្នក។",
            en: "This service asks for no personal data; it only wants to know that it is you."),
        "identifier": LocalizedText(km: "លេខសម្គាល់ខ្លួន (KIDC)", en: "Identification code (KIDC)"),
        "identifier_help": LocalizedText(
            km: "១០ ខ្ទង់ ឬលេខនិម្មិត ១៦ ខ្ទង់។ លេខខ្មែរក៏បាន។",
            en: "10 digits, or a 16-digit virtual number. Khmer digits work too."),
        "continue": LocalizedText(km: "បន្តទៅទូរស័ព្ទ", en: "Continue on my phone"),
        "passkey": LocalizedText(km: "ប្រើសោចូល (passkey)", en: "Use a passkey"),
        "refuse": LocalizedText(km: "មិនយល់ព្រម", en: "No, go back"),
        "wait_title": LocalizedText(km: "អនុម័តនៅលើទូរស័ព្ទរបស់អ្នក", en: "Approve on your phone"),
        "wait_open": LocalizedText(
            km: "បើកកម្មវិធី CamDigiKey ហើយជ្រើសរើសលេខនេះ៖", en: "Open your CamDigiKey app and choose this number:"),
        "wait_check": LocalizedText(
            km: "ពិនិត្យថាទូរស័ព្ទបង្ហាញឈ្មោះសេវា និងព័ត៌មានដូចគ្នា រួចវាយលេខសម្ងាត់។",
            en: "Check that the phone shows the same service and the same data, then enter your PIN."),
        "wait_alone": LocalizedText(
            km: "កុំប្រាប់លេខនេះដល់អ្នកណាឡើយ ទោះតាមទូរស័ព្ទក៏ដោយ។", en: "Never tell this number to anyone, not even on a call."),
        "wait_from": LocalizedText(km: "ទូរស័ព្ទបង្ហាញអំពីអេក្រង់នេះ", en: "Your phone says of this screen"),
        "wait_here": LocalizedText(km: "អនុម័តលើទូរស័ព្ទនេះ", en: "Approve on this phone"),
        "wait_here_note": LocalizedText(
            km: "ចាំលេខខាងលើ៖ អ្នកនឹងជ្រើសរើសវា។", en: "Remember the number above: you will choose it."),
        "wait_working": LocalizedText(km: "កំពុងរង់ចាំការអនុម័ត…", en: "Waiting for your approval…"),
        "wait_refresh": LocalizedText(km: "ខ្ញុំបានអនុម័តហើយ", en: "I have approved"),
        "expired_title": LocalizedText(km: "សំណើផុតកំណត់", en: "The request has expired"),
        "expired_text": LocalizedText(
            km: "គ្មានការឆ្លើយតបពីទូរស័ព្ទទេ។ គ្មានអ្វីត្រូវបានចែករំលែកឡើយ។",
            en: "There was no answer from the phone. Nothing was shared."),
        "expired_back": LocalizedText(km: "ត្រឡប់ទៅសេវា", en: "Back to the service"),
        "policy": LocalizedText(km: "គោលការណ៍ឯកជនភាព", en: "Privacy policy"),
        "terms": LocalizedText(km: "លក្ខខណ្ឌ", en: "Terms"),
        "details": LocalizedText(km: "អ្វីដែលអ្នកអនុញ្ញាត", en: "What you authorise"),
        "known": LocalizedText(
            km: "អ្នកបានចូលរួចហើយក្នុងកម្មវិធីរុករកនេះ។ មិនចាំបាច់វាយលេខទេ។",
            en: "You are logged in on this browser already. No number is needed."),
        "someone_else": LocalizedText(km: "មិនមែនអ្នកទេ? ប្រើលេខផ្សេង", en: "Not you? Use another number"),
        "return": LocalizedText(km: "ត្រឡប់ទៅសេវា", en: "Back to the service"),
        "return_note": LocalizedText(km: "កំពុងនាំអ្នកត្រឡប់ទៅសេវា។", en: "You are taken back to the service."),
        "device_done_title": LocalizedText(km: "រួចរាល់", en: "Done"),
        "device_done": LocalizedText(
            km: "ឧបករណ៍ផ្សេងបានចូលហើយ។ អ្នកអាចបិទទំព័រនេះ។", en: "The other device is logged in. You can close this page."),
        "device_refused_title": LocalizedText(km: "មិនបានអនុញ្ញាត", en: "Not approved"),
        "device_refused": LocalizedText(
            km: "ឧបករណ៍ផ្សេងមិនបានចូលទេ។ អ្នកអាចបិទទំព័រនេះ។", en: "The other device is not logged in. You can close this page."),
        "logout_title": LocalizedText(km: "ចាកចេញ", en: "Log out"),
        "logout_ask": LocalizedText(
            km: "តើអ្នកចង់ចាកចេញពី CamDigiKey ក្នុងកម្មវិធីរុករកនេះទេ? សេវាដែលអ្នកបានចូលនឹងត្រូវបានជូនដំណឹង។",
            en: "Do you want to log out of CamDigiKey on this browser? The services that you logged in to are told."),
        "logout_yes": LocalizedText(km: "បាទ/ចាស ចាកចេញ", en: "Yes, log out"),
        "logged_out_title": LocalizedText(km: "អ្នកបានចាកចេញហើយ", en: "You are logged out"),
        "logged_out": LocalizedText(
            km: "គ្មាននរណាម្នាក់បានចូលក្នុងកម្មវិធីរុករកនេះទៀតទេ។", en: "Nobody is logged in on this browser any more."),
    ]
}

import Kernel

/// The texts of the developers' pages.
enum DeveloperStrings {
    static let all = doors.merging(clients) { first, _ in first }.merging(trials) { first, _ in first }

    static func text(_ key: String, _ language: Language) -> String { all[key]?[language] ?? key }

    static let title = LocalizedText(km: "អ្នកអភិវឌ្ឍន៍", en: "Developers")

    private static let doors: [String: LocalizedText] = [
        "title": title,
        "welcome": LocalizedText(
            km: "ភ្ជាប់សេវារបស់ស្ថាប័នអ្នកទៅ CamDigiKey តាម OpenID Connect។",
            en: "Let people log in to your organisation's services with CamDigiKey, by OpenID Connect."),
        "step_organisation": LocalizedText(
            km: "ចូលប្រើ ហើយបង្កើត ឬចូលរួមស្ថាប័ន។", en: "Log in, and make your organisation or join it."),
        "step_sandbox": LocalizedText(
            km: "ចុះឈ្មោះសេវាសាកល្បង។ វាដំណើរការភ្លាម។", en: "Register a sandbox client. It works at once."),
        "step_try": LocalizedText(
            km: "សាកល្បង អានកំហុស និងប្រើកូដគំរូ។", en: "Try a login, read your errors, start from running samples."),
        "step_live": LocalizedText(
            km: "ពិនិត្យ ហើយសុំដាក់ឱ្យប្រើជាផ្លូវការ។", en: "Run the check, then ask for production."),
        "discovery": LocalizedText(km: "ឯកសាររបស់ម៉ាស៊ីនមេ (discovery)", en: "The server's metadata (discovery)"),
        "login": LocalizedText(km: "ចូលដោយប្រើ CamDigiKey", en: "Log in with CamDigiKey"),
        "logout": LocalizedText(km: "ចាកចេញ", en: "Log out"),
        "organisations": LocalizedText(km: "ស្ថាប័នរបស់ខ្ញុំ", en: "My organisations"),
        "organisations_none": LocalizedText(
            km: "អ្នកមិនទាន់មានស្ថាប័នទេ។ បង្កើតមួយ ឬប្រើលេខកូដអញ្ជើញ។",
            en: "You belong to none yet. Make one, or use an invitation code."),
        "organisation_new": LocalizedText(km: "ស្ថាប័នថ្មី", en: "New organisation"),
        "organisation_make": LocalizedText(km: "បង្កើតស្ថាប័ន", en: "Make the organisation"),
        "join": LocalizedText(km: "ចូលរួមស្ថាប័ន", en: "Join an organisation"),
        "join_do": LocalizedText(km: "ចូលរួម", en: "Join"),
        "members": LocalizedText(km: "សមាជិក", en: "Members"), "you": LocalizedText(km: "(អ្នក)", en: "(you)"),
        "leave": LocalizedText(km: "ចាកចេញពីស្ថាប័ន", en: "Leave"), "remove": LocalizedText(km: "ដកចេញ", en: "Remove"),
        "invite": LocalizedText(km: "បង្កើតលេខកូដអញ្ជើញ", en: "Make an invitation code"),
        "invite_note": LocalizedText(
            km: "លេខកូដប្រើបានម្តង ក្នុងរយៈពេលមួយថ្ងៃ។ សូមផ្ញើទៅមនុស្សដែលអ្នកស្គាល់ប៉ុណ្ណោះ។",
            en: "A code serves one person, once, for a day. Give it only to somebody you know."),
        "invitation": LocalizedText(km: "លេខកូដអញ្ជើញ", en: "Invitation code"),
        "invitation_once": LocalizedText(
            km: "លេខកូដនេះបង្ហាញតែម្តងគត់។", en: "It is shown this once. It ends after a day, or when it is used."),
        "name": LocalizedText(km: "ឈ្មោះ", en: "Name"), "state": LocalizedText(km: "ស្ថានភាព", en: "State"),
        "more": LocalizedText(km: "បន្ទាប់", en: "Next page"), "save": LocalizedText(km: "រក្សាទុក", en: "Save"),
        "cancel": LocalizedText(km: "បោះបង់", en: "Cancel"),
        "optional": LocalizedText(km: "(មិនចាំបាច់)", en: "(optional)"),
    ]

    private static let clients: [String: LocalizedText] = [
        "clients": LocalizedText(km: "សេវារបស់ស្ថាប័ន", en: "Clients"),
        "clients_none": LocalizedText(km: "មិនទាន់មានសេវាទេ។", en: "There is no client yet."),
        "client_new": LocalizedText(km: "ចុះឈ្មោះសេវាសាកល្បង", en: "Register a sandbox client"),
        "client_id": LocalizedText(km: "client_id", en: "client_id"),
        "profile": LocalizedText(km: "ទម្រង់", en: "Profile"),
        "waiting": LocalizedText(km: "រង់ចាំការអនុម័ត", en: "waits for approval"),
        "pages": LocalizedText(km: "ទំព័ររបស់សេវានេះ", en: "Pages of this client"),
        "profiles_explained": LocalizedText(km: "ទម្រង់នីមួយៗតម្រូវអ្វី?", en: "What does each profile demand?"),
        "profile_for": LocalizedText(km: "សម្រាប់", en: "For"),
        "authentication": LocalizedText(km: "ការបញ្ជាក់ខ្លួន", en: "Client authentication"),
        "demands": LocalizedText(km: "តម្រូវ", en: "Demands"),
        "attributes": LocalizedText(km: "ព័ត៌មានដែលត្រូវការ", en: "Attributes to ask for"),
        "draft_waits": LocalizedText(
            km: "មានការកែប្រែដែលមិនទាន់ប្រើ។ កំណែចាស់នៅតែដំណើរការរហូតដល់មានការអនុម័ត។ សូមបើកទំព័រ «ដាក់ឱ្យប្រើ»។",
            en:
                "A change waits. The version before it serves on until the change is approved: ask on the page \"Go live\"."
        ),
        "draft_discard": LocalizedText(km: "បោះបង់ការកែប្រែ", en: "Discard the change"),
        "refused": LocalizedText(km: "អ្នកប្រតិបត្តិបានបដិសេធ", en: "The operators sent the request back"),
        "request_open": LocalizedText(km: "បានសុំការអនុម័តនៅ", en: "Approval was asked for on"),
        "request_withdraw": LocalizedText(km: "ដកសំណើវិញ", en: "Take the request back"),
        "sandbox_note": LocalizedText(
            km: "សេវាសាកល្បង៖ មានតែអ្នកសាកល្បង និងសមាជិកស្ថាប័នប៉ុណ្ណោះដែលអាចចូលបាន។",
            en: "Sandbox: only test people and the members of your organisation can log in."),
        "registration": LocalizedText(km: "ការចុះឈ្មោះ", en: "Registration"),
        "purposes": LocalizedText(km: "គោលបំណង", en: "Purposes"), "purpose": LocalizedText(km: "គោលបំណង", en: "Purpose"),
        "legal_basis": LocalizedText(km: "មូលដ្ឋានច្បាប់", en: "Legal basis"),
        "essential": LocalizedText(km: "ចាំបាច់", en: "Essential"),
        "optional_attributes": LocalizedText(km: "ស្រេចចិត្ត", en: "Optional"),
        "logins": LocalizedText(km: "ការចូល", en: "Logins"),
        "logins_none": LocalizedText(km: "មិនទាន់មានការចូលទេ។", en: "Nobody has logged in yet."),
        "day": LocalizedText(km: "ថ្ងៃ", en: "Day"), "secret": LocalizedText(km: "client_secret", en: "client_secret"),
        "secret_note": LocalizedText(
            km: "លេខសម្ងាត់ចាស់ឈប់ដំណើរការភ្លាម។", en: "The old secret stops working at once."),
        "secret_new": LocalizedText(km: "បង្កើតលេខសម្ងាត់ថ្មី", en: "Make a new secret"),
        "secret_made": LocalizedText(km: "លេខសម្ងាត់របស់សេវា", en: "The client's secret"),
        "secret_once": LocalizedText(
            km: "រក្សាទុកឥឡូវនេះ។ វាបង្ហាញតែម្តងគត់ ហើយយើងរក្សាតែស្នាមរបស់វា។",
            en: "Keep it now. It is shown this once; only its hash is stored."),
        "continue_client": LocalizedText(km: "ទៅទំព័រសេវា", en: "Go to the client's page"),
        "golive_note": LocalizedText(
            km: "ម៉ាស៊ីនពិនិត្យចំណុចខាងក្រោម។ បន្ទាប់មក អ្នកប្រតិបត្តិម្នាក់ក្រៅស្ថាប័នអ្នកសម្រេច។",
            en: "The machine checks these lines; then an operator from outside of your organisation decides."),
        "golive_ask": LocalizedText(km: "សុំការអនុម័ត", en: "Ask for approval"),
    ]

    private static let trials: [String: LocalizedText] = [
        "samples_note": LocalizedText(
            km: "កូដទាំងនេះដំណើរការជាមួយសេវារបស់អ្នក។", en: "These run as they are, with your client's own identifiers."),
        "errors_note": LocalizedText(
            km: "កំហុស OAuth ៥០០ ចុងក្រោយដែលបានឆ្លើយទៅសេវានេះ។ គ្មានទិន្នន័យផ្ទាល់ខ្លួនទេ។",
            en: "The last 500 OAuth errors that were answered to this client. Nothing in them is personal."),
        "errors": LocalizedText(km: "កំហុស", en: "Errors"), "find": LocalizedText(km: "ស្វែងរក", en: "Find"),
        "errors_none": LocalizedText(km: "គ្មានកំហុសទេ។", en: "There is no error here."),
        "means": LocalizedText(km: "មានន័យថា", en: "It means"), "cause": LocalizedText(km: "មូលហេតុ", en: "Cause"),
        "remedy": LocalizedText(km: "ត្រូវធ្វើអ្វី", en: "What to do"), "trace": LocalizedText(km: "លេខតាមដាន", en: "Trace id"),
        "older": LocalizedText(km: "ចាស់ជាងនេះ", en: "Older"),
        "trial_note": LocalizedText(
            km: "អ្នកនឹងឆ្លងកាត់ការចូលពិតប្រាកដ ដោយប្រើឧបករណ៍របស់អ្នកសាកល្បង។ ចម្លើយត្រឡប់មកទំព័រនេះ មិនមែនទៅសេវារបស់អ្នកទេ។",
            en:
                "A real login with a test person's device. The answer comes to this portal instead of your program; nothing else differs."
        ),
        "trial_begin": LocalizedText(km: "ចាប់ផ្តើមសាកល្បង", en: "Start the login"),
        "trial_production": LocalizedText(
            km: "សេវាផ្លូវការមិនអាចសាកល្បងនៅទីនេះទេ។ ចុះឈ្មោះសេវាសាកល្បងមួយទៀត។",
            en: "A client in production cannot be tried here. Register another sandbox client for that."),
        "trial_done": LocalizedText(km: "ការចូលជោគជ័យ។", en: "The login worked. This is what your program would receive."),
        "trial_refused": LocalizedText(km: "ការចូលមិនបានសម្រេច", en: "The login ended with an error"),
        "trial_again": LocalizedText(km: "សាកម្តងទៀត", en: "Try again"),
        "id_token": LocalizedText(km: "ID token", en: "ID token"),
        "id_token_note": LocalizedText(
            km: "ចុះហត្ថលេខាដោយម៉ាស៊ីនមេ។ ពិនិត្យហត្ថលេខា iss, aud, exp និង nonce ជានិច្ច។",
            en: "Signed by this server. Always check the signature, iss, aud, exp and nonce."),
        "userinfo": LocalizedText(km: "userinfo", en: "Userinfo"),
        "member": LocalizedText(km: "សមាជិក", en: "Member"), "value": LocalizedText(km: "តម្លៃ", en: "Value"),
        "meaning": LocalizedText(km: "អត្ថន័យ", en: "Meaning"),
        "channels": LocalizedText(km: "ព័ត៌មានណាមកពីណា", en: "Where each attribute comes from"),
        "channels_note": LocalizedText(
            km: "ព័ត៌មានផ្ទាល់ខ្លួនមកតាម /userinfo មិនមែនក្នុង ID token ទេ លើកលែងតែអ្នកសុំវាក្នុង claims.id_token។",
            en: "Attributes come from /userinfo and not in the ID token, unless you ask for them in claims.id_token."),
        "channel": LocalizedText(km: "មកពី", en: "Comes from"),
    ]
}

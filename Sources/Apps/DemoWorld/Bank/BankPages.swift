import Accountability
import Codecs
import Crypto
import HTTPTypes
import Hummingbird
import Kernel
import KhmerText
import Web

/// The bank's pages as markup.
struct BankPages {
    let context: AppContext
    let story: String

    private var say: Speaker { Speaker(language: context.language) }

    // MARK: Pages

    func home(isLoggedIn: Bool) -> Response {
        let account =
            isLoggedIn
            ? "<p><a class=\"button plain\" href=\"/account\">\(say("ទៅគណនីរបស់ខ្ញុំ", "To my account"))</a></p>" : ""
        return page(
            say("ទំព័រដើម", "Home"),
            """
            <section class="hero"><h1>\(say("បើកគណនីក្នុងពីរនាទី", "Open an account in two minutes"))</h1>
            <p>\(say("គ្មានក្រដាស គ្មានការថតចម្លង។ អ្នកសម្រេចថាផ្តល់ទិន្នន័យអ្វីខ្លះ។",
                "No paper, no photocopies. You decide which data you share."))</p>
            <p><a class="button key" href="/login?purpose=\(DemoClients.accountOpening)">\
            \(say("ចូលតាម CamDigiKey", "Log in with CamDigiKey"))</a></p>\(account)</section>
            <div class="cards">
            <section class="card"><h2>\(say("គណនីសន្សំ", "Savings account"))</h2>
            <p>\(say("យើងសុំឈ្មោះ និងថ្ងៃកំណើត។ លេខទូរស័ព្ទ ខេត្ត និងភេទ អ្នកអាចមិនផ្តល់ក៏បាន។",
                "We ask for your name and date of birth. Phone number, province and sex are up to you."))</p>
            <p><a class="button key" href="/login?purpose=\(DemoClients.accountOpening)">\
            \(say("ចូលតាម CamDigiKey", "Log in with CamDigiKey"))</a></p></section>
            <section class="card"><h2>\(say("ពិនិត្យអាយុ", "Age check"))</h2>
            <p>\(say("យើងសួរតែមួយ៖ តើអ្នកគ្រប់ ១៨ ឆ្នាំហើយឬនៅ? យើងមិនដឹងឈ្មោះ ឬថ្ងៃកំណើតអ្នកទេ។",
                "We ask one thing only: are you 18 or older? We learn neither your name nor your date of birth."))</p>
            <p><a class="button key" href="/login?purpose=\(DemoClients.ageCheck)">\
            \(say("ចូលតាម CamDigiKey", "Log in with CamDigiKey"))</a></p></section>
            </div>
            """)
    }

    func account(_ customer: BankCustomer) -> Response {
        let service = BankService.of(customer.purpose)
        let body = """
            \(verdict(customer, service))
            <section class="card"><h2>\(say("ទិន្នន័យដែលធនាគារបានទទួល", "What the bank received"))</h2>
            \(attributes(customer, service))
            <p class="fine">\(say("អានចុងក្រោយ៖", "Last read:")) \
            \(escaped(KhmerDates.short(customer.readAt, context.language)))</p>
            <div class="actions"><form method="post" action="/account/read"><button>\
            \(say("អានទិន្នន័យខ្ញុំម្តងទៀត", "Read my data again"))</button></form>
            <form method="post" action="/logout"><button class="plain">\(say("ចាកចេញ", "Log out"))</button></form></div>
            </section>
            <section class="card"><h2>\(say("សញ្ញាសម្គាល់ដែលបានផ្ទៀងផ្ទាត់ (ID token)", "The verified ID token"))</h2>
            \(token(customer))
            <p class="fine">\(say("លេខសម្គាល់ (sub) នេះសម្រាប់តែធនាគារយើង។ ស្ថាប័នផ្សេងទទួលលេខផ្សេង។",
                "This subject is for our bank alone. Another organisation gets another one."))</p></section>
            """
        return page(say("គណនី", "Account"), path: "/account", body)
    }

    func problem(_ error: RumdulError) -> Response {
        let declined = error.code == "rp.authorization.access_denied"
        let heading =
            declined
            ? say("អ្នកបានបដិសេធ", "You said no") : say("មិនអាចចូលបានទេ", "The login did not succeed")
        let detail =
            declined
            ? say("គ្មានទិន្នន័យណាត្រូវបានផ្តល់ឲ្យធនាគារទេ។", "No data was given to the bank.") : say(error.message)
        return page(
            heading,
            """
            <section class="card" data-error="\(escaped(error.code))"><h1>\(heading)</h1>
            <div class="bad" role="alert"><p>\(detail)</p></div>
            <p><a class="button" href="/">\(say("ត្រឡប់ទៅទំព័រដើម", "Back to the home page"))</a></p>
            <p class="fine"><code>\(escaped(error.code))</code></p></section>
            """, status: declined ? .ok : Problem.status(of: error.kind))
    }

    // MARK: Parts

    private func verdict(_ customer: BankCustomer, _ service: BankService) -> String {
        if let refusal = customer.refusal { return refused(refusal) }
        if service.purpose == DemoClients.ageCheck {
            switch customer.claims["age_over_18"]?.boolValue {
            case true?:
                return good(say("អ្នកគ្រប់ ១៨ ឆ្នាំហើយ", "You are 18 or older"), say("សូមស្វាគមន៍។", "Welcome."))
            case false?:
                return bad(
                    say("អ្នកមិនទាន់គ្រប់ ១៨ ឆ្នាំទេ", "You are not yet 18"), say("សូមអភ័យទោស។", "We are sorry."))
            case nil:
                return bad(
                    say("យើងមិនដឹងអាយុអ្នកទេ", "We do not know your age"),
                    say("អ្នកមិនបានផ្តល់ចម្លើយនេះទេ។", "You did not share the answer."))
            }
        }
        guard service.essential.allSatisfy(customer.claims.has) else {
            return bad(
                say("មិនទាន់អាចបើកគណនីបានទេ", "The account cannot be opened yet"),
                say(
                    "ធនាគារត្រូវការឈ្មោះ និងថ្ងៃកំណើត។ អ្វីដែលអ្នកមិនផ្តល់ គឺពិតជាមិនបានផ្តល់ទេ។",
                    "The bank needs your name and date of birth. What you kept back was really kept back."))
        }
        let name = customer.claims.string(context.language == .km ? "name_km" : "name_latin") ?? ""
        return good(
            say("គណនីត្រូវបានបើកហើយ", "Your account is open"),
            "\(say("សូមស្វាគមន៍", "Welcome,")) \(escaped(name))\(say("។", ".")) \(say("លេខគណនី៖", "Account number:")) "
                + "<b class=\"number\">\(accountNumber(customer.login.idToken.subject))</b>")
    }

    private func refused(_ error: RumdulError) -> String {
        guard error.code == "rp.token.invalid_token" else {
            return "<div data-error=\"\(escaped(error.code))\">"
                + bad(say("មិនអាចអានបានទេ", "The data could not be read"), say(error.message)) + "</div>"
        }
        return "<div data-error=\"\(escaped(error.code))\">"
            + bad(
                say("ធនាគារមិនអាចអានទិន្នន័យរបស់អ្នកទៀតទេ", "The bank may no longer read your data"),
                say(
                    "អ្នកបានដកការយល់ព្រមវិញ ឬរយៈពេលរបស់វាបានផុត។ ធនាគារបានលុបទិន្នន័យដែលបានទទួល។",
                    "You have withdrawn your consent, or its time has run out. The bank has deleted what it had received."
                ))
            + "</div>"
    }

    private func good(_ heading: String, _ text: String) -> String {
        "<div class=\"good\" role=\"status\"><h1>\(heading)</h1><p>\(text)</p></div>"
    }

    private func bad(_ heading: String, _ text: String) -> String {
        "<div class=\"bad\" role=\"alert\"><h1>\(heading)</h1><p>\(text)</p></div>"
    }

    /// Each attribute asked for, with its value or a word that it was not shared; and whatever else came.
    private func attributes(_ customer: BankCustomer, _ service: BankService) -> String {
        let asked = service.essential + service.optional
        let protocolNames: Set<String> = ["sub", "iss", "aud", "iat", "exp"]
        let others = customer.claims.names.filter { !asked.contains($0) && !protocolNames.contains($0) }
        let deleted = customer.refusal != nil && customer.claims.isEmpty
        let missing = deleted ? say("បានលុប", "deleted") : say("មិនបានផ្តល់", "not shared")
        let rows = (asked + others).map { name -> String in
            let label = AttributeCatalogue.description(of: AttributeName(rawValue: name))?.label
            let head = "<dt>\(label.map { say($0) } ?? escaped(name)) <code>\(escaped(name))</code></dt>"
            guard let value = customer.claims[name] else {
                return "<div>\(head)<dd class=\"none\">\(missing)</dd></div>"
            }
            return "<div data-claim=\"\(escaped(name))\">\(head)<dd>\(escaped(shown(name, value)))</dd></div>"
        }
        return "<dl>\(rows.joined(separator: "\n"))</dl>"
    }

    private func shown(_ name: String, _ value: JSONValue) -> String {
        switch value {
        case .bool(let truth):
            return truth ? (context.language == .km ? "បាទ/ចាស" : "yes") : (context.language == .km ? "ទេ" : "no")
        case .string(let text):
            if name == "birthdate", let date = CalendarDate(iso: text) {
                return KhmerDates.long(date, context.language)
            }
            if name == "gender" { return gender(text) }
            return text
        default: return JSON.text(value)
        }
    }

    private func gender(_ text: String) -> String {
        switch text {
        case "female": context.language == .km ? "ស្រី" : "female"
        case "male": context.language == .km ? "ប្រុស" : "male"
        default: text
        }
    }

    private func token(_ customer: BankCustomer) -> String {
        let token = customer.login.idToken
        let time = token.authTime.map { KhmerDates.short($0, context.language) } ?? "-"
        let rows: [(String, String, String)] = [
            ("sub", say("លេខសម្គាល់អ្នកនៅធនាគារនេះ", "You, to this bank"), token.subject),
            ("acr", say("កម្រិតដែលសម្រេចបាន", "Level reached"), token.acr ?? "-"),
            ("amr", say("វិធីដែលបានប្រើ", "Proven with"), token.amr.joined(separator: ", ")),
            ("auth_time", say("ពេលផ្ទៀងផ្ទាត់", "Authenticated at"), time),
            ("iss", say("អ្នកបញ្ជាក់", "Confirmed by"), token.issuer),
        ]
        let markup = rows.map { name, label, value in
            "<div data-token=\"\(name)\"><dt>\(label) <code>\(name)</code></dt><dd>\(escaped(value))</dd></div>"
        }
        return "<dl>\(markup.joined(separator: "\n"))</dl>"
    }

    /// Nine digits that belong to the subject.
    private func accountNumber(_ subject: String) -> String {
        let digest = SHA256.hash(data: Array(("model-bank account " + subject).utf8))
        let number = digest.prefix(7).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } % 1_000_000_000
        let digits = Array(String(1_000_000_000 + number).dropFirst())
        return String(digits[0..<3]) + " " + String(digits[3..<6]) + " " + String(digits[6...])
    }

    /// - Parameter path: where the switch to the other language leads.
    private func page(
        _ title: String, path: String = "/", _ body: String, status: HTTPResponse.Status = .ok
    ) -> Response {
        let assets = context.environment.pages.assets
        let name = say(DemoClients.bankName)
        let document = OwnDocument(
            title: "\(title) · \(name)", language: context.language, stylesheet: assets.path("bank.css") ?? "",
            icon: assets.path("bank.svg") ?? "", script: nil, themeColor: "#0b6b3a", refresh: nil)
        let markup = """
            <body><p class="model">\(say("ធនាគារគំរូ មិនមែនធនាគារពិតទេ", "A model bank, not a real one")) · \
            <a href="\(escaped(story))">\(say("ត្រឡប់ទៅរឿងគំរូ", "Back to the story"))</a></p>
            <header><div class="bar"><a class="brand" href="/">\(BankStyle.mark)<span>\(name)</span></a>\
            \(say.otherLanguage(path))</div></header>
            <main id="main">\(body)</main>
            <footer>\(say("ធនាគារគំរូ សម្រាប់ការបង្ហាញ", "Model Bank, for demonstration"))</footer></body>

            """
        return HTMLResponse(document.markup(markup), status: status).response
    }
}

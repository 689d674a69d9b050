import DeviceKit
import HTTPTypes
import Hummingbird
import Kernel
import KhmerText
import Web

/// The screens of the simulated app.
struct PhonePages {
    let context: AppContext
    let story: String

    private var say: Speaker { Speaker(language: context.language) }
    private var language: Language { context.language }

    func show(_ state: PhoneSimulator.State, done: DecisionStatus?) -> Response {
        switch state {
        case .blank: return activation(code: "", name: nil, error: nil)
        case .waitsForOfficer(let comparison): return waitsForOfficer(comparison, token: state.token)
        case .idle(let status): return idle(status, done: done, token: state.token)
        case .request(let transaction, let more):
            return request(
                transaction, more: more, chosen: Set(transaction.details.attributes.map(\.name)), number: nil,
                error: nil)
        case .stopped(let state): return stopped(state)
        case .failed(let error): return failed(error)
        }
    }

    // MARK: Screens

    func activation(code: String, name: String?, error: RumdulError?) -> Response {
        let deviceName = name ?? (language == .km ? "ទូរស័ព្ទរបស់ខ្ញុំ" : "My phone")
        return page(
            say("ភ្ជាប់ទូរស័ព្ទនេះ", "Activate this phone"),
            """
            <h1>\(say("ភ្ជាប់ទូរស័ព្ទនេះ", "Activate this phone"))</h1>
            <p>\(say("បញ្ចូលលេខកូដដែលមន្ត្រីបង្ហាញ រួចជ្រើសរើសលេខ PIN ៦ ខ្ទង់។",
                "Enter the code on the officer's screen and choose a PIN of six digits."))</p>
            \(alert(error))
            <form method="post" action="/phone/enrol" data-once>
            <label for="code">\(say("លេខកូដពីមន្ត្រី", "The officer's code"))</label>
            <input id="code" name="code" value="\(escaped(code))" placeholder="K7QM-4XRP-2W" autocomplete="off" \
            autocapitalize="characters" spellcheck="false" required maxlength="300" data-from-link>
            <label for="name">\(say("ឈ្មោះទូរស័ព្ទ", "Name of the phone"))</label>
            <input id="name" name="name" value="\(escaped(deviceName))" autocomplete="off" required maxlength="64">
            <label for="pin">\(say("លេខ PIN", "PIN"))</label>
            <p class="hint" id="pin-hint">\(say("៦ ខ្ទង់ មិនមែន 111111 ឬ 123456។", "Six digits, not 111111 and not 123456."))</p>
            <input id="pin" name="pin" type="password" inputmode="numeric" autocomplete="new-password" required maxlength="6" \
            aria-describedby="pin-hint">
            <label for="again">\(say("លេខ PIN ម្តងទៀត", "PIN again"))</label>
            <input id="again" name="pin_again" type="password" inputmode="numeric" autocomplete="new-password" required \
            maxlength="6">
            <button class="main">\(say("ភ្ជាប់", "Activate"))</button></form>
            """, status: error == nil ? .ok : .badRequest, code: error?.code)
    }

    private func waitsForOfficer(_ comparison: String?, token: String) -> Response {
        let digits = comparison.map { code in
            "<p class=\"digits\" data-comparison=\"\(escaped(code))\">\(escaped(String(code.prefix(3)))) "
                + "\(escaped(String(code.dropFirst(3))))</p>"
        }
        return page(
            say("ប្រៀបធៀបលេខ", "Compare the digits"),
            """
            <h1>\(say("បង្ហាញលេខនេះទៅមន្ត្រី", "Show these digits to the officer"))</h1>
            \(digits ?? "")
            <p>\(say("លេខលើអេក្រង់មន្ត្រីត្រូវតែដូចគ្នា។ បន្ទាប់មកមន្ត្រីបើកដំណើរការទូរស័ព្ទនេះ។",
                "The officer's screen must show the same digits. Then the officer activates this phone."))</p>
            \(waiting(say("រង់ចាំមន្ត្រី...", "Waiting for the officer ..."), token))
            """, refresh: 4)
    }

    private func idle(_ status: DeviceStatus, done: DecisionStatus?, token: String) -> Response {
        let locked =
            status.isPINLocked
            ? box("bad", say("លេខ PIN ត្រូវបានចាក់សោ។ មន្ត្រីត្រូវដោះសោឲ្យ។", "The PIN is locked. An officer must unlock it."))
            : ""
        return page(
            say("រួចរាល់", "Ready"),
            """
            \(result(done))\(locked)
            <h1>\(say("ទូរស័ព្ទរួចរាល់", "This phone is ready"))</h1>
            <p>\(say("នៅពេលមាននរណាសុំចូលប្រើក្នុងនាមអ្នក សំណើនឹងបង្ហាញនៅទីនេះ។",
                "When somebody asks to log you in, the request appears here."))</p>
            \(waiting(say("គ្មានសំណើទេ", "No request waits"), token))
            <p class="hint">\(escaped(status.name)) · IAL\(status.ial.rawValue)</p>
            """, refresh: 4)
    }

    func request(
        _ transaction: PendingTransaction, more: Int, chosen: Set<String>, number: String?, error: RumdulError?
    ) -> Response {
        let details = transaction.details
        let host = details.clientHost.map { "<p class=\"hint\">\(escaped($0))</p>" } ?? ""
        let purpose = details.purpose.map { "<p>\(say("ដើម្បី៖", "What for:")) <b>\(say($0.text))</b></p>" } ?? ""
        let until =
            details.validUntil.map {
                "<p class=\"hint\">\(say("អាចអានបានរហូតដល់", "May be read until")) "
                    + "\(escaped(KhmerDates.long($0.dayInCambodia, language)))</p>"
            } ?? ""
        let others =
            more > 0
            ? "<p class=\"hint\">\(say("នៅសល់សំណើ៖", "More requests:")) \(KhmerDigits.prose(more, language))</p>" : ""
        let origin = details.origin.map { "<p class=\"hint\">\(say("ពី៖", "From:")) \(escaped($0))</p>" } ?? ""
        let network = details.network.map { "<p class=\"hint\">\(say("បណ្តាញ៖", "Network:")) \(escaped($0))</p>" } ?? ""
        let place =
            details.place.map {
                "<p class=\"hint\" id=\"place\">\(say("ទីកន្លែង៖", "Place:")) \(say($0.asRoughPlace))</p>"
            } ?? ""
        let message =
            details.bindingMessage.map { "<p>\(say("សារ៖", "Message:")) <b>\(escaped($0))</b></p>" } ?? ""
        let authorized = details.authorizations.map { "<li><b>\(say($0))</b></li>" }.joined()
        let authorizations = authorized.isEmpty ? "" : "<ul id=\"authorizes\">\(authorized)</ul>"
        return page(
            say("សំណើចូលប្រើ", "Login request"),
            """
            \(alert(error))
            <h1 data-transaction="\(escaped(transaction.id))">\(say(details.clientName))</h1>\(host)
            <p>\(say("សុំផ្ទៀងផ្ទាត់អត្តសញ្ញាណរបស់អ្នក។", "wants to know who you are."))</p>\(purpose)\(authorizations)\(message)\(origin)\(network)\(place)
            <form method="post" action="/phone/decide" data-once>
            <input type="hidden" name="transaction" value="\(escaped(transaction.id))">
            \(attributes(details, chosen))\(until)
            \(numbers(transaction, number))
            <label for="pin">\(say("លេខ PIN របស់អ្នក", "Your PIN"))</label>
            <input id="pin" name="pin" type="password" inputmode="numeric" autocomplete="off" maxlength="6" required>
            <button class="main" name="action" value="approve">\(say("យល់ព្រម", "Approve"))</button>
            <button class="second" name="action" value="deny" formnovalidate>\(say("បដិសេធ", "Deny"))</button>
            <button class="danger" name="action" value="report" formnovalidate>\
            \(say("មិនមែនខ្ញុំទេ!", "This was not me!"))</button></form>\(others)
            """, status: error == nil ? .ok : .badRequest, code: error?.code)
    }

    private func stopped(_ state: DeviceKit.DeviceState) -> Response {
        page(
            say("បានបញ្ឈប់", "Stopped"),
            """
            <h1>\(state == .blocked ? say("ទូរស័ព្ទនេះត្រូវបានផ្អាក", "This phone is blocked")
                : say("ទូរស័ព្ទនេះត្រូវបានដកចេញ", "This phone is revoked"))</h1>
            <p>\(say("សូមទៅជួបមន្ត្រី។", "Please see an officer."))</p>
            \(renew(say("ចាប់ផ្តើមទូរស័ព្ទថ្មី", "Start a new phone")))
            """)
    }

    private func failed(_ error: RumdulError) -> Response {
        page(
            say("មានបញ្ហា", "A problem"),
            """
            <h1>\(say("មិនបានសម្រេច", "That did not work"))</h1>\(alert(error))
            <p><a class="button main" href="/phone">\(say("បន្ត", "Continue"))</a></p>
            \(renew(say("លុប ហើយចាប់ផ្តើមទូរស័ព្ទថ្មី", "Erase and start a new phone")))
            """, status: Problem.status(of: error.kind), code: error.code)
    }

    // MARK: Parts

    private func attributes(_ details: TransactionDetails, _ chosen: Set<String>) -> String {
        guard !details.attributes.isEmpty else {
            return "<p>\(say("មិនសុំទិន្នន័យណាទេ។", "No data is asked for."))</p>"
        }
        let boxes = details.attributes.map { attribute in
            let mark = attribute.essential ? " <span class=\"tag\">\(say("ត្រូវការ", "needed"))</span>" : ""
            let checked = chosen.contains(attribute.name) ? " checked" : ""
            let name = escaped(attribute.name)
            return "<label class=\"check\"><input type=\"checkbox\" name=\"give.\(name)\" value=\"1\"\(checked)>"
                + "<span>\(say(attribute.label))\(mark)</span></label>"
        }
        return "<fieldset><legend>\(say("ទិន្នន័យដែលនឹងផ្តល់", "Data to share"))</legend>\(boxes.joined())</fieldset>"
    }

    private func numbers(_ transaction: PendingTransaction, _ chosen: String?) -> String {
        let heading = say("លេខណាដែលអ្នកឃើញក្នុងកម្មវិធីរុករក?", "Which number does the browser show?")
        guard !transaction.numbers.isEmpty else {
            return "<label for=\"number\">\(heading)</label><input id=\"number\" name=\"number\" inputmode=\"numeric\" "
                + "autocomplete=\"off\" maxlength=\"2\" required value=\"\(escaped(chosen ?? ""))\">"
        }
        let choices = transaction.numbers.map { number in
            "<label class=\"pick\"><input type=\"radio\" name=\"number\" value=\"\(number)\" required"
                + "\(chosen == String(number) ? " checked" : "")><span>\(number)</span></label>"
        }
        return "<fieldset class=\"numbers\"><legend>\(heading)</legend><div>\(choices.joined())</div></fieldset>"
    }

    private func result(_ done: DecisionStatus?) -> String {
        switch done {
        case .approved?:
            box(
                "good", say("អ្នកបានយល់ព្រម។ សូមត្រឡប់ទៅកម្មវិធីរុករក។", "You approved. Go back to the browser."),
                done: "approved")
        case .denied?:
            box(
                "good", say("អ្នកបានបដិសេធ។ គ្មានទិន្នន័យត្រូវបានផ្តល់ទេ។", "You said no. No data was given."), done: "denied")
        case .reported?:
            box(
                "bad",
                say(
                    "សូមអរគុណ។ ស្ថាប័ននេះមិនអាចសួរអ្នកទៀតទេ ក្នុងរយៈពេលមួយថ្ងៃ។",
                    "Thank you. This organisation cannot ask you again for a day."), done: "reported")
        case nil: ""
        }
    }

    /// A coloured note; what is told of a decision is marked for programs.
    private func box(_ kind: String, _ text: String, done: String? = nil) -> String {
        let mark = done.map { " data-done=\"\($0)\"" } ?? ""
        return "<div class=\"\(kind)\" role=\"status\"\(mark)><p>\(text)</p></div>"
    }

    private func alert(_ error: RumdulError?) -> String {
        guard let error else { return "" }
        return "<div class=\"bad\" role=\"alert\"><p>\(say(error.message))</p></div>"
    }

    private func waiting(_ text: String, _ token: String) -> String {
        "<p class=\"waiting\" role=\"status\" data-poll=\"/phone/state?seen=\(escaped(token))\">\(text)</p>"
    }

    private func renew(_ text: String) -> String {
        "<form method=\"post\" action=\"/phone/forget\"><button class=\"second\">\(text)</button></form>"
    }

    private func page(
        _ title: String, _ screen: String, status: HTTPResponse.Status = .ok, refresh: Int? = nil, code: String? = nil
    ) -> Response {
        let assets = context.environment.pages.assets
        let document = OwnDocument(
            title: "\(title) · \(say("ទូរស័ព្ទក្លែងធ្វើ", "Phone simulator"))", language: language,
            stylesheet: assets.path("phone.css") ?? "", icon: assets.path("phone.svg") ?? "", script: assets.script,
            themeColor: "#22303f", refresh: refresh)
        let failure = code.map { " data-error=\"\(escaped($0))\"" } ?? ""
        let markup = """
            <body><p class="simulator">\(say("ទូរស័ព្ទក្លែងធ្វើ មិនមែនកម្មវិធីពិតទេ", "A simulator, not the real app")) · \
            <a href="\(escaped(story))">\(say("រឿងគំរូ", "The story"))</a> \(say.otherLanguage("/phone"))</p>
            <div class="phone"><div class="status"><b>CamDigiKey</b><span>\(say("គំរូ", "demo"))</span></div>
            <main id="main"\(failure)>\(screen)</main></div>
            <script src="\(assets.path("phone.js") ?? "")" defer></script></body>

            """
        return HTMLResponse(document.markup(markup), status: status, headers: [.cacheControl: "no-store"]).response
    }
}

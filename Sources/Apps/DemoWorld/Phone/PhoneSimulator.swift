import Codecs
import DeviceKit
import HTTPTypes
import Hummingbird
import Kernel
import KhmerText
import Web

/// The app of the demonstration as a web page: the same authenticator core as a real app, keys in a folder, real
/// requests.
struct PhoneSimulator: Sendable {
    let phones: Phones
    let cookie: WebCookie
    let story: String

    static let assets = [
        Asset("phone.css", contentType: "text/css; charset=utf-8", text: PhoneStyle.text),
        Asset("phone.js", contentType: "text/javascript; charset=utf-8", text: PhoneStyle.script),
        Asset("phone.svg", contentType: "image/svg+xml", text: PhoneStyle.icon),
    ]

    init(phones: Phones, settings: WebSettings, story: String) {
        self.phones = phones
        self.story = story
        cookie = WebCookie("demo-phone", settings: settings)
    }

    func addRoutes(to router: AppRouter) {
        router.get("/phone") { request, context in
            await answer(context) { try await show(request, context) }
        }
        router.get("/phone/state") { request, _ in
            let seen = try QueryParameters.read(request)["seen"] ?? ""
            let state = await state(request)
            return JSONResponse(
                ["state": .string(state.token == seen ? "pending" : "changed"), "next": "/phone"],
                headers: [.cacheControl: "no-store"])
        }
        router.post("/phone/enrol") { request, context in
            await answer(context) { try await enrol(request, context) }
        }
        router.post("/phone/decide") { request, context in
            await answer(context) { try await decide(request, context) }
        }
        router.post("/phone/forget") { request, context in
            await answer(context) {
                if let phone = phones.phone(cookie.value(in: request)) { await phones.forget(phone) }
                return Redirect.seeOther("/phone").setting(cookie.clear)
            }
        }
    }

    /// What the phone has to show.
    enum State {
        case blank
        case waitsForOfficer(comparison: String?)
        case idle(DeviceStatus)
        case request(PendingTransaction, more: Int)
        case stopped(DeviceKit.DeviceState)
        case failed(RumdulError)

        /// Tells two states apart, for the poll; nothing personal.
        var token: String {
            switch self {
            case .blank: "blank"
            case .waitsForOfficer: "officer"
            case .idle: "idle"
            case .request(let transaction, _): "request-" + transaction.id
            case .stopped(let state): "stopped-" + state.rawValue
            case .failed(let error): "failed-" + error.code
            }
        }
    }

    private func state(_ request: Request) async -> State {
        guard let phone = phones.phone(cookie.value(in: request)) else { return .blank }
        return await state(phone)
    }

    private func state(_ phone: Phones.Phone) async -> State {
        do {
            guard try phones.enrolment(of: phone) != nil else { return .blank }
            let status = try await phone.authenticator.status()
            switch status.state {
            case .pending: return .waitsForOfficer(comparison: phones.comparison(of: phone))
            case .blocked, .revoked: return .stopped(status.state)
            case .active: break
            }
            let waiting = try await phone.authenticator.pendingTransactions()
            guard let first = waiting.first else { return .idle(status) }
            return .request(first, more: waiting.count - 1)
        } catch let error as RumdulError {
            return .failed(error)
        } catch {
            return .failed(.serverUnreachable)
        }
    }

    private func show(_ request: Request, _ context: AppContext) async throws -> Response {
        let done = try QueryParameters.read(request)["done"].flatMap(DecisionStatus.init(rawValue:))
        return PhonePages(context: context, story: story).show(await state(request), done: done)
    }

    private func enrol(_ request: Request, _ context: AppContext) async throws -> Response {
        let form = try await FormBody.read(request, context: context, limit: 4096)
        let pages = PhonePages(context: context, story: story)
        do {
            let activation = try activation(form["code"] ?? "")
            let pin = try PIN(form["pin"] ?? "")
            guard KhmerDigits.toASCII(form["pin"] ?? "") == KhmerDigits.toASCII(form["pin_again"] ?? "") else {
                throw RumdulError.phonePINDiffers
            }
            guard let phone = phones.phone(phones.newID()) else { throw RumdulError.internal("phone name") }
            let result = try await phone.authenticator.enrol(
                activation, name: form["name"] ?? "ទូរស័ព្ទគំរូ", pin: pin, platform: "rumdul-demo-phone/1")
            phones.remember(comparison: result.comparisonCode, of: phone)
            return Redirect.seeOther("/phone").setting(cookie.set(phone.id, maximumAge: 31_536_000))
        } catch let error as RumdulError {
            return pages.activation(code: form["code"] ?? "", name: form["name"], error: error)
        }
    }

    /// A code as typed, or the text of the QR as pasted.
    private func activation(_ text: String) throws -> Activation {
        if text.contains("://") {
            let read = try Activation(qr: text)
            guard read.issuer.text == phones.issuer else { throw RumdulError.activationQRMalformed }
            return read
        }
        return Activation(code: try ActivationCode(text), issuer: try ServerURL(phones.issuer))
    }

    private func decide(_ request: Request, _ context: AppContext) async throws -> Response {
        let form = try await FormBody.read(request, context: context, limit: 16 << 10)
        guard let phone = phones.phone(cookie.value(in: request)), try phones.enrolment(of: phone) != nil else {
            throw RumdulError.notEnrolled
        }
        let transaction = try await phone.authenticator.transaction(form["transaction"] ?? "")
        do {
            let status: DecisionStatus
            switch form["action"] {
            case "approve": status = try await approve(transaction, form, phone)
            case "report": status = try await phone.authenticator.report(transaction)
            default: status = try await phone.authenticator.deny(transaction)
            }
            return Redirect.seeOther("/phone?done=" + status.rawValue)
        } catch let error as RumdulError {
            // The wrong number ends the request; a wrong PIN may be typed again.
            if error.code == "device.pin_wrong" || error.kind == .invalid {
                let chosen = Set(transaction.details.attributes.map(\.name).filter { form.has("give." + $0) })
                return PhonePages(context: context, story: story).request(
                    transaction, more: 0, chosen: chosen, number: form["number"], error: error)
            }
            throw error
        }
    }

    private func approve(
        _ transaction: PendingTransaction, _ form: FormFields, _ phone: Phones.Phone
    ) async throws -> DecisionStatus {
        guard let number = form["number"].flatMap({ Int($0) }) else { throw RumdulError.numberNotOffered }
        return try await phone.authenticator.approve(
            transaction, number: number, pin: try PIN(form["pin"] ?? ""),
            attributes: transaction.details.attributes.map(\.name).filter { form.has("give." + $0) })
    }

    private func answer(_ context: AppContext, _ work: () async throws -> Response) async -> Response {
        do {
            return try await work()
        } catch {
            let known = error as? RumdulError ?? .internal("unexpected \(String(reflecting: type(of: error)))")
            return PhonePages(context: context, story: story).show(.failed(known), done: nil)
        }
    }
}

extension RumdulError {
    /// The two PINs typed are not the same.
    static let phonePINDiffers = RumdulError(
        "demo.pin_differs", .invalid, km: "លេខ PIN ទាំងពីរមិនដូចគ្នាទេ។", en: "The two PINs are not the same.")
}

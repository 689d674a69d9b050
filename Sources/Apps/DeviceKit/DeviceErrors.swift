import Codecs
import Kernel

extension RumdulError {
    /// The PIN is not six digits.
    public static let pinMalformed = RumdulError(
        "device.pin_malformed", .invalid, km: "លេខសម្ងាត់ PIN ត្រូវមាន ៦ ខ្ទង់។", en: "The PIN must have exactly 6 digits.")
    /// A PIN that is too easy to guess.
    public static let pinWeak = RumdulError(
        "device.pin_weak", .invalid, km: "លេខសម្ងាត់ PIN នេះងាយទាយពេក។ សូមជ្រើសរើសលេខផ្សេង។",
        en: "This PIN is too easy to guess. Choose another: no six equal digits, no straight run.")
    /// The new PIN is the old one.
    public static let pinUnchanged = RumdulError(
        "device.pin_unchanged", .invalid, km: "លេខសម្ងាត់ PIN ថ្មីដូចលេខចាស់។ សូមជ្រើសរើសលេខផ្សេង។",
        en: "The new PIN is the old one. Choose another.")
    /// No activation code.
    public static let activationCodeMalformed = RumdulError(
        "activation.code_malformed", .invalid, km: "លេខកូដដំណើរការមិនត្រឹមត្រូវ។ លេខកូដមាន ១០ តួ ដូចជា K7QM-4XRP-2W។",
        en: "This is not an activation code. A code has 10 characters, like K7QM-4XRP-2W.")
    /// No activation QR.
    public static let activationQRMalformed = RumdulError(
        "activation.qr_malformed", .invalid, km: "QR នេះមិនមែនជា QR សម្រាប់ដំណើរការឧបករណ៍ទេ។",
        en: "This QR does not activate a device.")
    /// The activation code is unknown, used or expired.
    public static let activationRefused = RumdulError(
        "activation.invalid", .forbidden, km: "លេខកូដដំណើរការមិនត្រឹមត្រូវ ឬផុតកំណត់។ សូមសុំលេខកូដថ្មីពីមន្ត្រី។",
        en: "The activation code is not valid or no longer valid. Ask the officer for a new one.")
    /// The address of the server is malformed or not protected by TLS.
    public static let serverURL = RumdulError(
        "device.server_url", .invalid, km: "អាសយដ្ឋានម៉ាស៊ីនមេមិនត្រឹមត្រូវ។ សូមប្រើ https://។",
        en: "The server's address is not valid. Use https:// (http:// only to this machine).")
    /// The name of the device is empty or too long.
    public static let deviceName = RumdulError(
        "device.name_invalid", .invalid, km: "ឈ្មោះឧបករណ៍ត្រូវមានពី ១ ដល់ ៦៤ តួអក្សរ។",
        en: "The device name must have 1 to 64 characters.")
    /// The folder holds no enrolment.
    public static let notEnrolled = RumdulError(
        "device.not_enrolled", .precondition, km: "ឧបករណ៍នេះមិនទាន់បានចុះឈ្មោះទេ។", en: "This device is not enrolled yet.")
    /// The QR code is no login of the server at which this device is enrolled.
    public static let codeForeign = RumdulError(
        "device.code_foreign", .invalid, km: "រូប QR នេះមិនមែនសម្រាប់ CamDigiKey របស់អ្នកទេ។",
        en: "This QR code is not a login of your CamDigiKey.")
    /// The folder already holds an enrolment.
    public static let alreadyEnrolled = RumdulError(
        "device.already_enrolled", .conflict, km: "ឧបករណ៍នេះបានចុះឈ្មោះរួចហើយ។ សូមប្រើថតផ្សេង ឬលុបការចុះឈ្មោះចាស់ជាមុន។",
        en: "This store already holds an enrolment. Use another store or remove the old enrolment first.")
    /// Others may read the files of the enrolment.
    public static let storeExposed = RumdulError(
        "device.store_exposed", .precondition, km: "ឯកសារសោអាចអានបានដោយអ្នកដទៃ។ សូមកំណត់សិទ្ធិ 0600។",
        en: "Other users can read the key files. Set their mode to 0600.")
    /// The passphrase of the store is missing or wrong.
    public static let storeLocked = RumdulError(
        "device.store_locked", .forbidden, km: "ឃ្លាសម្ងាត់នៃឃ្លាំងសោបាត់ ឬមិនត្រឹមត្រូវ។",
        en: "The passphrase of the key store is missing or wrong.")
    /// No answer came.
    public static let serverUnreachable = RumdulError(
        "device.server_unreachable", .unavailable, km: "មិនអាចភ្ជាប់ទៅម៉ាស៊ីនមេបានទេ។ សូមពិនិត្យអ៊ីនធឺណិត។",
        en: "The server cannot be reached. Check the connection.")
    /// The number is not among those offered.
    public static let numberNotOffered = RumdulError(
        "device.number_not_offered", .invalid, km: "លេខនេះមិនមានក្នុងជម្រើសទេ។ សូមមើលលេខលើអេក្រង់កម្មវិធីរុករក។",
        en: "This number is not among the choices. Look at the number in the browser.")
    /// The kind of transaction is newer than this program.
    public static let kindUnsupported = RumdulError(
        "device.kind_unsupported", .precondition, km: "កំណែនេះមិនស្គាល់សំណើប្រភេទនេះទេ។ សូមធ្វើបច្ចុប្បន្នភាពកម្មវិធី។",
        en: "This version does not know this kind of request and will not sign it. Update the program.")
    /// The attribute was not asked for.
    public static let attributeNotRequested = RumdulError(
        "transaction.attribute_not_requested", .invalid, km: "ទិន្នន័យនេះមិនត្រូវបានស្នើសុំទេ។",
        en: "An attribute was chosen that was not asked for.")
    /// There is no such transaction.
    public static let transactionNotFound = RumdulError(
        "transaction.not_found", .notFound, km: "រកមិនឃើញសំណើនេះទេ។", en: "There is no such request.")
    /// The request has lapsed.
    public static let transactionExpired = RumdulError(
        "transaction.expired", .gone, km: "សំណើនេះផុតកំណត់ហើយ។ សូមចាប់ផ្តើមម្តងទៀត។",
        en: "This request has lapsed. Start again in the browser.")

    /// The files of the enrolment cannot be understood.
    public static func storeDamaged(_ cause: String) -> RumdulError {
        RumdulError(
            "device.store_damaged", .internal, km: "ឯកសារសោខូច ឬមិនអាចអានបាន។", en: "The key files are damaged or unreadable.",
            cause: cause)
    }

    /// The files of the enrolment cannot be written.
    public static func storeUnwritable(_ cause: String) -> RumdulError {
        RumdulError(
            "device.store_unwritable", .internal, km: "មិនអាចរក្សាទុកឯកសារសោបានទេ។", en: "The key files cannot be written.",
            cause: cause)
    }

    /// The server's answer is not what the protocol says. The cause names the part, never a value.
    public static func answerMalformed(_ cause: String) -> RumdulError {
        RumdulError(
            "device.answer_malformed", .unavailable, km: "ចម្លើយរបស់ម៉ាស៊ីនមេមិនត្រឹមត្រូវ។",
            en: "The server's answer does not follow the protocol.", cause: cause)
    }

    /// The PIN is wrong.
    /// - Parameter triesLeft: how many tries remain, if the server said so.
    public static func pinWrong(triesLeft: Int?) -> RumdulError {
        let digits = ["០", "១", "២", "៣", "៤", "៥"]
        let km = triesLeft.map { " នៅសល់ \(digits.indices.contains($0) ? digits[$0] : String($0)) ដង។" } ?? ""
        let en = triesLeft.map { " Tries left: \($0)." } ?? ""
        return RumdulError(
            "device.pin_wrong", .forbidden, km: "លេខសម្ងាត់ PIN មិនត្រឹមត្រូវ។" + km, en: "The PIN is wrong." + en)
    }
}

/// Turns refusals of the server (RFC 9457 problem documents) into errors.
enum ServerProblem {
    private static let texts: [String: LocalizedText] = [
        "device.proof_invalid": LocalizedText(
            km: "ម៉ាស៊ីនមេមិនទទួលយកហត្ថលេខារបស់ឧបករណ៍ទេ។ សូមពិនិត្យម៉ោងរបស់ឧបករណ៍។",
            en:
                "The server does not accept this device's signature. Check the device's clock and whether it is still enrolled."
        ),
        "device.not_active": LocalizedText(
            km: "ឧបករណ៍នេះមិនទាន់ដំណើរការ ឬត្រូវបានបិទ។ សូមទាក់ទងមន្ត្រី។",
            en: "This device is not active: it waits for the officer, or was blocked or revoked."),
        "device.pin_locked": LocalizedText(
            km: "លេខសម្ងាត់ PIN ត្រូវបានចាក់សោ។ មន្ត្រីត្រូវដោះសោឲ្យ។",
            en: "The PIN is locked after five wrong tries. An officer must unlock it."),
        "transaction.decided": LocalizedText(
            km: "សំណើនេះបានសម្រេចរួចហើយ។", en: "This request has been decided before."),
        "transaction.number_mismatch": LocalizedText(
            km: "លេខមិនត្រូវនឹងលេខក្នុងកម្មវិធីរុករកទេ។ សំណើនេះត្រូវបានបញ្ចប់។",
            en: "The number is not the one in the browser. The request is over."),
        "transaction.details_mismatch": LocalizedText(
            km: "ព័ត៌មានលម្អិតនៃសំណើបានផ្លាស់ប្តូរ។ សូមមើលម្តងទៀត។",
            en: "The request has changed since it was shown. Look at it again."),
    ]

    /// The error for an answer with a status outside 200...299.
    static func error(_ response: DeviceResponse) -> RumdulError {
        let problem = try? JSON.parseObject(response.body)
        guard let code = problem?.string("code"), isCode(code) else {
            return generic("device.server_refused", status: response.status)
        }
        switch code {
        case "device.pin_wrong":
            let tries = problem?.integer("tries_left").flatMap { (0...5).contains($0) ? Int($0) : nil }
            return .pinWrong(triesLeft: tries)
        case RumdulError.activationRefused.code: return .activationRefused
        case RumdulError.transactionNotFound.code: return .transactionNotFound
        case RumdulError.transactionExpired.code: return .transactionExpired
        case RumdulError.attributeNotRequested.code: return .attributeNotRequested
        default:
            guard let text = texts[code] else { return generic(code, status: response.status) }
            return RumdulError(code, kind(response.status), km: text.km, en: text.en)
        }
    }

    private static func generic(_ code: String, status: Int) -> RumdulError {
        RumdulError(
            code, kind(status), km: "ម៉ាស៊ីនមេបានបដិសេធសំណើ (\(status))។", en: "The server refused the request (\(status)).")
    }

    /// The stable codes are dotted words; anything else in a problem document is not repeated.
    private static func isCode(_ text: String) -> Bool {
        text.utf8.count <= 64 && !text.isEmpty
            && text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 46 || $0 == 95 }
    }

    private static func kind(_ status: Int) -> ErrorKind {
        switch status {
        case 400, 422: .invalid
        case 401: .unauthenticated
        case 403: .forbidden
        case 404: .notFound
        case 409: .conflict
        case 410: .gone
        case 413: .tooLarge
        case 429: .rateLimited
        default: .unavailable
        }
    }
}

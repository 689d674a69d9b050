import Kernel
import KhmerText

extension RumdulError {
    /// There is no such page or resource.
    public static let notFound = RumdulError(
        "web.not_found", .notFound, km: "រកមិនឃើញទំព័រនេះទេ។ សូមពិនិត្យអាសយដ្ឋានម្ដងទៀត។",
        en: "This page was not found. Please check the address.")

    /// The form does not belong to this browser session, or is too old.
    public static let csrf = RumdulError(
        "web.csrf", .forbidden,
        km: "ទម្រង់នេះផុតកំណត់ ឬមិនមែនមកពីកម្មវិធីរុករកនេះទេ។ សូមបើកទំព័រម្ដងទៀត ហើយព្យាយាមម្ដងទៀត។",
        en: "This form has expired or did not come from this browser. Please open the page again and retry.")

    /// There is no session, or it has ended.
    public static let sessionRequired = RumdulError(
        "web.session_required", .unauthenticated, km: "សូមចូលប្រើជាមុនសិន។", en: "Please log in first.")

    /// Too many requests; the answer says when to come back.
    public static func rateLimited(retryAfter seconds: Int) -> RumdulError {
        RumdulError(
            "web.rate_limited", .rateLimited, km: "មានសំណើច្រើនពេក។ សូមរង់ចាំបន្តិច រួចព្យាយាមម្ដងទៀត។",
            en: "There were too many requests. Please wait a little and try again.", retryAfter: max(1, seconds))
    }

    /// The request body is larger than allowed.
    public static let tooLarge = RumdulError(
        "web.too_large", .tooLarge, km: "ទិន្នន័យដែលផ្ញើមកធំពេក។", en: "The data sent is too large.")

    /// The request body has another media type than the one expected.
    public static func unsupportedMedia(expected: String) -> RumdulError {
        RumdulError(
            "web.unsupported_media", .unsupportedMedia, km: "ប្រភេទទិន្នន័យមិនត្រឹមត្រូវ។ ត្រូវការ \(expected)។",
            en: "The data has the wrong type. Expected: \(expected).")
    }

    /// A form or query string is not well-formed.
    public static func malformedForm(_ cause: String) -> RumdulError {
        RumdulError(
            "web.malformed_form", .invalid, km: "ទិន្នន័យទម្រង់មិនត្រឹមត្រូវ។", en: "The form data is not well-formed.",
            cause: cause)
    }

    /// A parameter was sent twice (RFC 6749, section 3.1: parameters must not be included more than once).
    public static let duplicateParameter = RumdulError(
        "web.duplicate_parameter", .invalid, km: "មានប៉ារ៉ាម៉ែត្រផ្ញើមកលើសពីម្ដង។",
        en: "A parameter was sent more than once.")

    /// A parameter is missing.
    public static func missingParameter(_ name: String) -> RumdulError {
        RumdulError(
            "web.missing_parameter", .invalid, km: "ខ្វះប៉ារ៉ាម៉ែត្រមួយ។", en: "A parameter is missing.",
            fields: [FieldError(name, FieldTexts.required)])
    }

    /// Some fields were refused; `fields` names each with its reason.
    public static func invalidFields(_ fields: [FieldError]) -> RumdulError {
        RumdulError(
            "web.invalid_fields", .invalid, km: "សូមពិនិត្យព័ត៌មានដែលបានបំពេញ។", en: "Please check what you entered.",
            fields: fields)
    }

    /// A paging cursor was not made by this program, or belongs to another list.
    public static let invalidCursor = RumdulError(
        "web.cursor", .invalid, km: "ទីតាំងទំព័របន្តមិនត្រឹមត្រូវ។", en: "The paging cursor is not valid.")

    /// The idempotency key was used for a different request.
    public static let idempotencyMismatch = RumdulError(
        "web.idempotency_mismatch", .conflict, km: "សោនេះត្រូវបានប្រើសម្រាប់សំណើផ្សេងរួចហើយ។",
        en: "This idempotency key was already used for a different request.")

    /// The first request with the idempotency key is still running.
    public static let idempotencyRunning = RumdulError(
        "web.idempotency_running", .conflict, km: "សំណើដដែលនេះកំពុងដំណើរការ។",
        en: "The same request is still being worked on.", retryAfter: 1)

    /// The idempotency key is not 1 to 255 visible ASCII characters.
    public static let idempotencyKey = RumdulError(
        "web.idempotency_key", .invalid, km: "សោ Idempotency-Key មិនត្រឹមត្រូវ។",
        en: "The Idempotency-Key header is not valid.")
}

/// The path exists, the method does not.
struct MethodNotAllowed: Error {
    let methods: [String]

    static let error = RumdulError(
        "web.method_not_allowed", .invalid, km: "វិធីហៅនេះមិនអាចប្រើនៅទីនេះបានទេ។",
        en: "This method cannot be used here.")
}

/// The usual reasons for refusing a field.
public enum FieldTexts {
    /// Nothing was entered.
    public static let required = LocalizedText(km: "សូមបំពេញចន្លោះនេះ។", en: "Please fill in this field.")
    /// The text is too long.
    public static func tooLong(_ maximum: Int) -> LocalizedText {
        LocalizedText(
            km: "សូមបំពេញមិនឱ្យលើសពី \(KhmerDigits.prose(maximum, .km)) តួអក្សរ។",
            en: "Please use at most \(maximum) characters.")
    }
    /// The text has a character that cannot be there.
    public static let characters = LocalizedText(
        km: "មានតួអក្សរដែលមិនអាចប្រើបាន។", en: "There is a character that cannot be used.")
    /// Not a whole number.
    public static let number = LocalizedText(km: "សូមបំពេញជាលេខ។", en: "Please enter a number.")
    /// A number out of its range.
    public static func range(_ range: ClosedRange<Int>) -> LocalizedText {
        LocalizedText(
            km: "សូមបំពេញលេខពី \(KhmerDigits.prose(range.lowerBound, .km)) ដល់ \(KhmerDigits.prose(range.upperBound, .km))។",
            en: "Please enter a number from \(range.lowerBound) to \(range.upperBound).")
    }
    /// Not a day of the calendar.
    public static let date = LocalizedText(
        km: "សូមបំពេញកាលបរិច្ឆេទជាទម្រង់ ឆ្នាំ-ខែ-ថ្ងៃ។", en: "Please enter a date as year-month-day.")
    /// None of the offered choices.
    public static let choice = LocalizedText(
        km: "សូមជ្រើសរើសមួយក្នុងចំណោមជម្រើស។", en: "Please choose one of the options.")
    /// Not of the expected kind.
    public static let kind = LocalizedText(km: "តម្លៃនេះមិនត្រឹមត្រូវ។", en: "This value is not valid.")
}

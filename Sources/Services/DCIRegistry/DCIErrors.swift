import Kernel

extension RumdulError {
    /// The envelope or a message in it is not of the standard's form.
    public static func dciEnvelope(_ member: String) -> RumdulError {
        RumdulError(
            "dci.envelope", .invalid, km: "សំណើមិនត្រឹមត្រូវតាមទម្រង់ DCI ត្រង់ «\(member)»។",
            en: "The request is not of the form of the DCI standard: \(member).")
    }

    /// The envelope has no signature.
    public static let dciSignatureMissing = RumdulError(
        "dci.signature_missing", .unauthenticated, km: "សំណើត្រូវមានហត្ថលេខា។", en: "The envelope must be signed."
    ).challenging("Bearer realm=\"registers\"")

    /// The signature is not that of a registered key over this header and message.
    public static let dciSignature = RumdulError(
        "dci.signature", .unauthenticated, km: "ហត្ថលេខាលើសំណើមិនត្រឹមត្រូវ។",
        en: "The signature of the envelope is not valid."
    ).challenging("Bearer realm=\"registers\"")

    /// The token lacks a scope.
    public static func dciScope(_ scope: String) -> RumdulError {
        RumdulError(
            "dci.scope", .forbidden, km: "ប្រព័ន្ធនេះមិនត្រូវបានអនុញ្ញាតឱ្យធ្វើការនេះទេ។",
            en: "This system is not allowed to do this."
        ).challenging("Bearer realm=\"registers\", error=\"insufficient_scope\", scope=\"\(scope)\"")
    }

    /// The operator let the system read nothing that is told of here.
    public static let dciNothing = RumdulError(
        "dci.nothing", .forbidden, km: "អ្នកប្រតិបត្តិមិនបានអនុញ្ញាតឱ្យប្រព័ន្ធនេះអានអ្វីទេ។",
        en: "No operator has let this system read anything that is told of here.")

    /// Nothing is known of the transaction.
    public static let dciTransaction = RumdulError(
        "dci.transaction", .notFound, km: "មិនស្គាល់ប្រតិបត្តិការនេះទេ។", en: "Nothing is known of this transaction.")

    /// `is_msg_encrypted` is true.
    public static let dciEncrypted = RumdulError(
        "dci.encrypted", .invalid, km: "មិនទទួលសារដែលបានអ៊ិនគ្រីបទេ។", en: "Encrypted messages are not taken here.")

    /// `sender_id` is not the system that the access token is of.
    public static let dciSender = RumdulError(
        "dci.sender", .forbidden, km: "sender_id មិនមែនជាប្រព័ន្ធនេះទេ។", en: "sender_id is not this system.")

    /// The callback is not registered for the system, or cannot be asked.
    public static let dciCallback = RumdulError(
        "dci.callback", .forbidden, km: "អាសយដ្ឋានហៅត្រឡប់នេះមិនបានចុះឈ្មោះទេ។",
        en: "This callback is not registered for the system, or cannot be reached from here.")

    /// `receiver_id` names somebody else.
    public static let dciReceiver = RumdulError(
        "dci.receiver", .invalid, km: "សំណើនេះមិនមែនសម្រាប់បញ្ជីនេះទេ។", en: "The message is for another receiver.")

    /// The version of the standard is not 1.0.0.
    public static let dciVersion = RumdulError(
        "dci.version", .invalid, km: "ទទួលតែកំណែ ១.០.០។", en: "Version 1.0.0 is understood.")

    /// The identifier of the message was used before.
    public static let dciMessageID = RumdulError(
        "dci.message_id", .invalid, km: "message_id នេះបានប្រើរួចហើយ។", en: "This message_id was used before.")

    /// `message_ts` is no time, or not about now.
    public static let dciMessageTime = RumdulError(
        "dci.message_ts", .invalid, km: "ពេលវេលានៃសារមិនត្រឹមត្រូវ។", en: "message_ts is not a time about now.")

    /// `action` does not belong to the address.
    public static let dciAction = RumdulError(
        "dci.action", .invalid, km: "action មិនត្រូវនឹងអាសយដ្ឋាននេះទេ។", en: "The action does not belong here.")

    /// `total_count` is not the number of requests.
    public static let dciTotalCount = RumdulError(
        "dci.total_count", .invalid, km: "total_count មិនត្រូវនឹងចំនួនសំណើទេ។",
        en: "total_count is not the number of requests.")

    /// More requests in one message than are taken.
    public static let dciTotalLimit = RumdulError(
        "dci.total_limit", .invalid, km: "មានសំណើច្រើនពេកក្នុងសារមួយ។", en: "There are too many requests in one message.")

    /// A `reference_id` is missing or too long.
    public static let dciReference = RumdulError(
        "dci.reference", .invalid, km: "reference_id មិនត្រឹមត្រូវ។", en: "The reference_id is missing or too long.")

    /// Two requests of one message have the same `reference_id`.
    public static let dciReferenceTwice = RumdulError(
        "dci.reference_twice", .invalid, km: "reference_id នេះមានពីរដង។", en: "The reference_id comes twice.")

    /// The `timestamp` of a request is no time.
    public static let dciTimestamp = RumdulError(
        "dci.timestamp", .invalid, km: "timestamp មិនត្រឹមត្រូវ។", en: "The timestamp is not a time.")

    /// What is searched by cannot be understood, or is not offered.
    public static func dciCriteria(km: String, en: String) -> RumdulError {
        RumdulError("dci.criteria", .invalid, km: "លក្ខខណ្ឌស្វែងរកមិនត្រឹមត្រូវ៖ \(km)", en: "The criteria are refused: \(en)")
    }

    /// Sorting is not offered.
    public static let dciSort = RumdulError(
        "dci.sort", .invalid, km: "មិនអាចតម្រៀបលទ្ធផលបានទេ។", en: "Results cannot be sorted.")

    /// The page is not one.
    public static let dciPagination = RumdulError(
        "dci.pagination", .invalid, km: "ទំព័រមិនត្រឹមត្រូវ។", en: "page_size is 1 to 20, page_number 1 to 50.")

    /// Events of this type are not told of to the system, or there is none.
    public static let dciNotifyType = RumdulError(
        "dci.notify_type", .invalid, km: "ប្រព័ន្ធនេះមិនអាចដឹងអំពីព្រឹត្តិការណ៍ប្រភេទនេះបានទេ។",
        en: "There is no such type of events, or this system may not know of it.")

    /// A part of a subscription that is not offered.
    public static func dciNotifyDetails(km: String, en: String) -> RumdulError {
        RumdulError("dci.notify_details", .invalid, km: "ការជាវមិនត្រឹមត្រូវ៖ \(km)", en: "The subscription is refused: \(en)")
    }

    /// Nobody has the code that a subscription is about.
    public static let dciPersonID = RumdulError(
        "dci.person_id", .invalid, km: "គ្មាននរណាមានលេខកូដនេះទេ។", en: "Nobody has this code.")

    /// The same subscription stands already.
    public static let dciSubscribed = RumdulError(
        "dci.subscribed", .invalid, km: "បានជាវរួចហើយ។", en: "This is subscribed to already.")

    /// More people fit than are looked at.
    public static let dciTooMany = RumdulError(
        "dci.too_many", .invalid, km: "មានមនុស្សត្រូវនឹងលក្ខខណ្ឌច្រើនពេក។",
        en: "Too many people fit: tell more of whom you look for.")
}

/// The codes of the standard: errors of the HTTP layer and reasons of rejection.
enum DCICode {
    /// `Error.code` of an error that ends the whole request.
    static func error(_ error: RumdulError, status: Int) -> String {
        switch error.code {
        case "dci.signature_missing": "err.signature.missing"
        case "dci.signature": "err.signature.invalid"
        case "dci.encrypted": "err.encryption.invalid"
        case "dci.sender": "err.sender_id.invalid"
        case "dci.callback": "err.sender_uri.invalid"
        case "dci.receiver": "err.receiver_id.invalid"
        case "dci.version": "err.version.not_supported"
        default:
            switch status {
            case 401: "err.request.unauthorized"
            case 403: "err.request.forbidden"
            case 404: "err.request.not_found"
            case 429: "err.request.too_many_requests"
            case 500...: "err.service.unavailable"
            default: "err.request.bad"
            }
        }
    }

    /// `MsgHeaderStatusReasonCode` of an error in the header; `nil` for others.
    static func header(_ error: RumdulError) -> String? {
        switch error.code {
        case "dci.version": "rjct.version.invalid"
        case "dci.message_id": "rjct.message_id.duplicate"
        case "dci.message_ts": "rjct.message_ts.invalid"
        case "dci.action": "rjct.action.invalid"
        case "dci.total_count": "rjct.total_count.invalid"
        case "dci.total_limit": "rjct.total_count.limit_exceeded"
        default: nil
        }
    }

    /// `SearchStatusReasonCode` of an error in one request. What a register refuses of a criterion (a code with a slip, a
    /// name without a year) is a criterion that is not valid.
    static func search(_ error: RumdulError) -> String {
        switch error.code {
        case "dci.reference": "rjct.reference_id.invalid"
        case "dci.reference_twice": "rjct.reference_id.duplicate"
        case "dci.timestamp": "rjct.timestamp.invalid"
        case "dci.sort": "rjct.sort.invalid"
        case "dci.pagination": "rjct.pagination.invalid"
        case "dci.too_many": "rjct.search.too_many_records_found"
        default: "rjct.search_criteria.invalid"
        }
    }

    /// `SubscribeStatusReasonCode` of an error in one request.
    static func subscribe(_ error: RumdulError) -> String {
        switch error.code {
        case "dci.reference": "rjct.reference_id.invalid"
        case "dci.reference_twice": "rjct.reference_id.duplicate"
        case "dci.timestamp": "rjct.timestamp.invalid"
        case "dci.notify_type": "rjct.notify_types.invalid"
        case "dci.subscribed": "rjct.event.already_subscribed"
        case "dci.person_id", "kidc.malformed", "kidc.check_digit", "kidc.wrong_range", "vid.malformed",
            "vid.check_digit":
            "rjct.person_id.invalid"
        default: "rjct.notify_details.invalid"
        }
    }
}

import Kernel

// None of these texts, and none of the causes, holds anything that the other side sent: an error must not become a way
// to read what stands behind an address.
extension RumdulError {
    /// The URL is malformed, or its scheme, port, name or address is not allowed.
    public static func outboundURL(_ cause: String) -> RumdulError {
        RumdulError(
            "outbound.url", .invalid, km: "អាសយដ្ឋាន URL នេះមិនអាចប្រើបានទេ។", en: "This URL cannot be used.",
            cause: cause)
    }

    /// The name has no address, or one that is not public. One error for both, so that names of a private network
    /// cannot be told from names that do not exist.
    public static func outboundAddress(_ cause: String) -> RumdulError {
        RumdulError(
            "outbound.address", .invalid, km: "ឈ្មោះម៉ាស៊ីននេះគ្មានអាសយដ្ឋានសាធារណៈទេ។",
            en: "The host name has no public address.", cause: cause)
    }

    /// No connection came about, or it ended before the answer did.
    public static func outboundUnreachable(_ cause: String) -> RumdulError {
        RumdulError(
            "outbound.unreachable", .unavailable, km: "មិនអាចភ្ជាប់ទៅម៉ាស៊ីននោះបានទេ។", en: "The host cannot be reached.",
            retryAfter: 5, cause: cause)
    }

    /// The certificate is not for this host, not from a known authority or not valid, or no TLS 1.2 came about.
    public static func outboundTLS(_ cause: String) -> RumdulError {
        RumdulError(
            "outbound.tls", .invalid, km: "ការតភ្ជាប់ TLS ទៅម៉ាស៊ីននោះមិនមានសុវត្ថិភាពទេ។",
            en: "No secure TLS connection to the host came about.", cause: cause)
    }

    /// The whole request took too long.
    public static let outboundTimeout = RumdulError(
        "outbound.timeout", .unavailable, km: "ម៉ាស៊ីននោះឆ្លើយយឺតពេក។", en: "The host took too long to answer.",
        retryAfter: 5)

    /// The answer was a redirect. None is ever followed.
    public static let outboundRedirect = RumdulError(
        "outbound.redirect", .invalid, km: "ម៉ាស៊ីននោះបញ្ជូនបន្តទៅកន្លែងផ្សេង ដែលយើងមិនធ្វើតាមទេ។",
        en: "The host answered with a redirect, and redirects are not followed.")

    /// The answer is longer than allowed.
    public static let outboundTooLarge = RumdulError(
        "outbound.too_large", .invalid, km: "ចម្លើយរបស់ម៉ាស៊ីននោះធំពេក។", en: "The answer of the host is too large.")

    /// The answer has another status than 200.
    public static func outboundStatus(_ status: Int) -> RumdulError {
        RumdulError(
            "outbound.status", .invalid, km: "ម៉ាស៊ីននោះឆ្លើយដោយកំហុស។", en: "The host answered with an error.",
            cause: "status \(status)")
    }

    /// The answer is of another type than asked for.
    public static let outboundContentType = RumdulError(
        "outbound.content_type", .invalid, km: "ចម្លើយរបស់ម៉ាស៊ីននោះមិនមែនជាប្រភេទដែលបានស្នើទេ។",
        en: "The answer of the host is not of the type asked for.")

    /// The answer is no HTTP, or not the document that it says it is.
    public static func outboundResponse(_ cause: String) -> RumdulError {
        RumdulError(
            "outbound.response", .invalid, km: "មិនអាចអានចម្លើយរបស់ម៉ាស៊ីននោះបានទេ។",
            en: "The answer of the host cannot be read.", cause: cause)
    }

    /// Too many requests to this host, or in all, are on their way.
    public static let outboundBusy = RumdulError(
        "outbound.busy", .unavailable, km: "មានសំណើច្រើនពេកទៅម៉ាស៊ីននោះ។ សូមព្យាយាមម្តងទៀត។",
        en: "There are too many requests to this host. Please try again.", retryAfter: 1)

    /// A notification could not be delivered before its time was over.
    public static let outboundExpired = RumdulError(
        "outbound.expired", .gone, km: "ពេលវេលាសម្រាប់ផ្ញើសេចក្តីជូនដំណឹងនេះបានផុតហើយ។",
        en: "The time for delivering this notification is over.")
}

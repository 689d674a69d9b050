import Kernel

extension RumdulError {
    /// There is no such sheet of codes.
    public static let codesNotFound = RumdulError(
        "codes.not_found", .notFound, km: "រកមិនឃើញសន្លឹកលេខកូដនេះទេ។", en: "There is no such sheet of codes.")

    /// The codes were shown when the sheet was printed, and cannot be shown again.
    public static let codesShownOnce = RumdulError(
        "codes.shown_once", .conflict, km: "លេខកូដត្រូវបានបង្ហាញម្តងរួចហើយ។ សូមបោះពុម្ពសន្លឹកថ្មី។",
        en: "The codes were shown once already. Print a new sheet.")

    /// Three messages in ten minutes were sent already.
    public static let codesTooManyMessages = RumdulError(
        "codes.too_many_messages", .rateLimited, km: "បានផ្ញើសារច្រើនពេក។ សូមរង់ចាំ ១០ នាទី។",
        en: "Too many messages were asked for. Please wait ten minutes.", retryAfter: 600)
}

extension ErrorRoom {
    /// Errors of printed codes.
    static let codes = [
        ErrorEntry(
            .codesNotFound, cause: "The sheet does not exist, or is somebody else's.",
            remedy: "Search for the person again.",
            km: "សូមស្វែងរកមនុស្សនោះម្តងទៀត។"),
        ErrorEntry(
            .codesShownOnce, cause: "The page was loaded again: only hashes of the codes are kept.",
            remedy: "Print a new sheet; it ends the old one.", km: "សូមបោះពុម្ពសន្លឹកថ្មី។ សន្លឹកចាស់នឹងលែងប្រើបាន។"),
        ErrorEntry(
            .codesTooManyMessages, cause: "More than 3 messages in 10 minutes for this person or this address.",
            remedy: "Wait for the seconds in `Retry-After`.", km: "សូមរង់ចាំ ១០ នាទី រួចព្យាយាមម្តងទៀត។"),
    ]
}

import Kernel

extension ErrorRoom {
    /// Errors that any page or interface may answer.
    public static let web = ErrorRoom(
        "Web",
        [
            ErrorEntry(
                .notFound, cause: "No route has this address.", remedy: "Check the address.", km: "សូមពិនិត្យអាសយដ្ឋាន។"),
            ErrorEntry(
                .csrf, cause: "The form's token is missing, too old, or of another session, or another site sent it.",
                remedy: "Open the page again and send the form again.", km: "សូមបើកទំព័រម្តងទៀត ហើយផ្ញើទម្រង់ម្តងទៀត។"),
            ErrorEntry(
                .sessionRequired, cause: "There is no session, or it ended after some minutes without use.",
                remedy: "Log in.", km: "សូមចូលប្រើម្តងទៀត។"),
            ErrorEntry(
                .rateLimited(retryAfter: 1), cause: "Too many requests from one address or for one thing.",
                remedy: "Wait for the seconds in `Retry-After`.", km: "សូមរង់ចាំបន្តិច រួចព្យាយាមម្តងទៀត។"),
            ErrorEntry(
                .tooLarge, cause: "The body is larger than the interface takes.", remedy: "Send less.",
                km: "សូមផ្ញើទិន្នន័យឱ្យតិចជាងនេះ។"),
            ErrorEntry(
                .unsupportedMedia(expected: "…"), cause: "`Content-Type` is missing or another one.",
                remedy: "Send the media type that the text names."),
            ErrorEntry(
                .malformedForm(""), cause: "The form or query is not percent-encoded UTF-8, or has too many parts.",
                remedy: "Encode it as `application/x-www-form-urlencoded`.", km: "សូមបើកទំព័រម្តងទៀត ហើយព្យាយាមម្តងទៀត។"),
            ErrorEntry(
                .duplicateParameter, cause: "A parameter came twice (RFC 6749 section 3.1).",
                remedy: "Send each parameter once."),
            ErrorEntry(
                .missingParameter("x"), cause: "A parameter is missing; `errors` names it.", remedy: "Send it."),
            ErrorEntry(
                .invalidFields([]), cause: "Fields were refused; `errors` names each with its reason.",
                remedy: "Correct the fields.", km: "សូមកែព័ត៌មានដែលបានបង្ហាញ។"),
            ErrorEntry(
                .invalidCursor, cause: "The cursor was changed or belongs to another list.",
                remedy: "Begin again with the first page.", km: "សូមចាប់ផ្តើមពីទំព័រដំបូង។"),
            ErrorEntry(
                .idempotencyMismatch, cause: "The key was used for another request before.",
                remedy: "Make a new key for each new request."),
            ErrorEntry(
                .idempotencyRunning, cause: "The first request with this key has not ended yet.",
                remedy: "Repeat it after a second."),
            ErrorEntry(
                .idempotencyKey, cause: "The header is empty, too long, or has other characters than visible ASCII.",
                remedy: "Send 1 to 255 visible ASCII characters."),
            ErrorEntry(
                MethodNotAllowed.error, status: 405, cause: "The address exists, the method does not.",
                remedy: "Use a method that the header `Allow` names."),
            ErrorEntry(
                .badRequest(status: 400), cause: "The framework could not read the request.",
                remedy: "Check path, headers and body."),
            ErrorEntry(
                .notReady, cause: "The database cannot be reached, or the program is just starting.",
                remedy: "Wait. Operators: look at the database.", km: "សូមរង់ចាំបន្តិច។"),
            ErrorEntry(
                .tls(""), cause: "The certificate chain or the private key is not PEM, or they do not belong together.",
                remedy: "Operators: check `tls_certificate` and `tls_key`."),
            ErrorEntry(.qrText, cause: "The text is too long for a QR code.", remedy: "Shorten the text."),
        ])
}

extension RumdulError {
    /// What the framework refused before any of our code saw it.
    static func badRequest(status: Int) -> RumdulError {
        RumdulError(
            "web.bad_request", .invalid, km: "សំណើមិនត្រឹមត្រូវ។", en: "The request is not valid.",
            cause: "framework status \(status)")
    }
}

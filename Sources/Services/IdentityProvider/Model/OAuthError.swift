import Kernel

/// An error of the OAuth 2.0 and OpenID Connect vocabulary, as a relying party sees it (RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect
/// Core 1.0 section 3.1.2.6, RFC 6750 section 3.1).
public struct OAuthError: Error, Sendable, Equatable {
    /// The registered error code.
    public var error: String
    /// What to mend, in ASCII without quotes and backslashes, free of personal data.
    public var description: String
    /// HTTP status when answered directly.
    public var status: Int

    public init(_ error: String, _ description: String, status: Int = 400) {
        self.error = error
        self.description = description
        self.status = status
    }

    static func invalidRequest(_ description: String) -> OAuthError { OAuthError("invalid_request", description) }
    static func invalidGrant(_ description: String) -> OAuthError { OAuthError("invalid_grant", description) }
    static let invalidClient = OAuthError("invalid_client", "client authentication failed", status: 401)
    static let invalidToken = OAuthError(
        "invalid_token", "the access token is unknown, expired or revoked", status: 401)
    static let accessDenied = OAuthError("access_denied", "the person did not approve")
    static let loginRequired = OAuthError("login_required", "the person must log in")
    static let consentRequired = OAuthError("consent_required", "the person must give consent")
    static let unmetAuthentication = OAuthError(
        "unmet_authentication_requirements", "the requested authentication context cannot be reached")
}

extension RumdulError {
    /// The authorization request cannot be answered by a redirect: the client or its redirect URI is not known for certain.
    static func authorizationUntrusted(_ code: String, km: String, en: String) -> RumdulError {
        RumdulError("authorize.\(code)", .invalid, km: km, en: en)
    }

    static let unknownClient = authorizationUntrusted(
        "unknown_client", km: "សេវាកម្មនេះមិនបានចុះឈ្មោះទេ។ សូមត្រឡប់ទៅគេហទំព័រដើម ហើយសាកម្តងទៀត។",
        en: "This service is not registered here. Please go back to its website and try again.")

    static let unknownRedirect = authorizationUntrusted(
        "redirect_uri_mismatch", km: "អាសយដ្ឋានត្រឡប់របស់សេវាកម្មនេះមិនត្រូវនឹងការចុះឈ្មោះទេ។",
        en: "The return address of this service does not match its registration.")

    /// A request that is refused before its redirect URI is certain: the person sees the page, the developer its code.
    static func authorizationRefused(_ error: OAuthError) -> RumdulError {
        authorizationUntrusted(
            error.error, km: "សេវាកម្មបានផ្ញើសំណើដែលមិនត្រឹមត្រូវ។ សូមត្រឡប់ទៅគេហទំព័រដើម ហើយសាកម្តងទៀត។",
            en: "The service sent a request that is not valid (\(error.description)). Please go back to its website.")
    }

    static let missingRedirect = authorizationUntrusted(
        "redirect_uri_missing", km: "សំណើនេះខ្វះអាសយដ្ឋានត្រឡប់។", en: "The request has no return address.")

    /// The page has waited too long, or was opened in another browser.
    static let requestStale = RumdulError(
        "authorize.request_stale", .gone, km: "ទំព័រនេះផុតកំណត់ហើយ ឬបើកក្នុងកម្មវិធីរុករកផ្សេង។ សូមចាប់ផ្តើមម្តងទៀតពីគេហទំព័រសេវាកម្ម។",
        en: "This page has expired, or was opened in another browser. Please start again from the service's website.")
    /// What was typed cannot be an identifier at all.
    public static let identifierInvalid = RumdulError(
        "authorize.identifier_invalid", .invalid, km: "លេខសម្គាល់មិនត្រឹមត្រូវ។ សូមពិនិត្យលេខម្តងទៀត។",
        en: "This is not a valid identification number. Please check the digits.",
        fields: [
            FieldError(
                "identifier",
                LocalizedText(km: "លេខសម្គាល់មិនត្រឹមត្រូវ។ សូមពិនិត្យលេខម្តងទៀត។", en: "Not a valid number. Please check the digits."))
        ])
    static let tooManyPrompts = RumdulError(
        "authorize.too_many_prompts", .rateLimited, km: "មានសំណើច្រើនពេកសម្រាប់លេខនេះ។ សូមរង់ចាំប៉ុន្មាននាទី។",
        en: "Too many requests for this number. Please wait a few minutes.", retryAfter: 300)
    static let transactionNotFound = RumdulError(
        "transaction.not_found", .notFound, km: "រកមិនឃើញសំណើនេះទេ។", en: "There is no such request.")
    static let transactionDecided = RumdulError(
        "transaction.decided", .conflict, km: "សំណើនេះត្រូវបានសម្រេចរួចហើយ។", en: "This request has been decided already.")
    static let transactionExpired = RumdulError(
        "transaction.expired", .gone, km: "សំណើនេះផុតកំណត់ហើយ។", en: "This request has expired.")
    static let transactionNumberMismatch = RumdulError(
        "transaction.number_mismatch", .forbidden, km: "លេខមិនត្រូវគ្នានឹងលេខក្នុងកម្មវិធីរុករកទេ។ សំណើត្រូវបានបញ្ឈប់។",
        en: "The number is not the one in the browser. The request was stopped.")
    static let transactionDetailsMismatch = RumdulError(
        "transaction.details_mismatch", .conflict, km: "ព័ត៌មានដែលបានចុះហត្ថលេខាមិនត្រូវនឹងសំណើទេ។",
        en: "What was signed is not what was asked.")
    static let transactionAttribute = RumdulError(
        "transaction.attribute_not_requested", .invalid, km: "មានព័ត៌មានដែលសេវាកម្មមិនបានសុំ។",
        en: "An attribute was not asked for.")
    /// The request calls a level essential that a passkey does not reach now.
    static let transactionLevel = RumdulError(
        "transaction.level_not_reached", .forbidden,
        km: "សេវានេះត្រូវការកម្រិតសុវត្ថិភាពខ្ពស់ជាងសោចូល (passkey)។ សូមអនុម័តក្នុងកម្មវិធី CamDigiKey ដោយប្រើលេខសម្ងាត់របស់អ្នក។",
        en:
            "This service needs a higher level than a passkey gives. Approve it in the CamDigiKey app with your PIN.")
    /// The challenge was given out too long ago, or to another browser.
    static let transactionChallenge = RumdulError(
        "transaction.challenge_stale", .gone, km: "ការអនុម័តនេះយូរពេក។ សូមព្យាយាមម្តងទៀត។",
        en: "This approval took too long. Please try again.")
    static let transactionDecision = RumdulError(
        "transaction.decision_invalid", .invalid, km: "សេចក្តីសម្រេចមិនត្រឹមត្រូវ។", en: "The decision is not well-formed.")
}

import Kernel

extension ErrorRoom {
    /// Errors of the Swift client for relying parties.
    public static let relyingPartyKit = ErrorRoom(
        "RelyingPartyKit",
        [
            ErrorEntry(
                .relyingPartyConfiguration(""), cause: "Issuer, redirect URI or key of the configuration cannot work.",
                remedy: "Correct the configuration; the log names the part."),
            ErrorEntry(
                .providerUnreachable, cause: "The identity provider did not answer.", remedy: "Try again later.",
                km: "សូមព្យាយាមម្តងទៀតនៅពេលក្រោយ។"),
            ErrorEntry(
                .providerAnswer(""), cause: "An answer is not what the standards say; the log names the part.",
                remedy: "Try again; then tell the operators of the provider.", km: "សូមព្យាយាមម្តងទៀតនៅពេលក្រោយ។"),
            ErrorEntry(
                .providerMetadata(""), cause: "Another issuer, no https, no code flow or no PKCE in the metadata.",
                remedy: "Check the issuer in the configuration."),
            ErrorEntry(
                .callbackMalformed(""), cause: "The callback has no usable query.", remedy: "Log in again.",
                km: "សូមចូលម្តងទៀត។"),
            ErrorEntry(
                .stateMismatch, cause: "The callback belongs to another login: two tabs, or a forged link.",
                remedy: "Log in again from the service's own page.", km: "សូមចូលម្តងទៀតពីទំព័ររបស់សេវាកម្ម។"),
            ErrorEntry(
                .loginSessionExpired, cause: "The login was begun too long ago.", remedy: "Log in again.",
                km: "សូមចូលម្តងទៀត។"),
            ErrorEntry(
                .callbackIssuer, cause: "`iss` names another provider (RFC 9207).",
                remedy: "Log in again; if it stays, somebody mixes up providers.", km: "សូមចូលម្តងទៀត។"),
            ErrorEntry(
                .idTokenRefused(""),
                cause: "A check of OpenID Connect Core 1.0 section 3.1.3.7 failed; the log names it.",
                remedy: "Log in again; check clock and client identifier.", km: "សូមចូលម្តងទៀត។"),
            ErrorEntry(
                .authorizationAnswerRefused(""),
                cause:
                    "The signed answer (JARM) is missing, or its signature, issuer, audience or time is wrong; the log names it.",
                remedy: "Log in again; check clock, client identifier and response mode.", km: "សូមចូលម្តងទៀត។"),
            ErrorEntry(
                .assuranceTooLow, cause: "The login reached a lower level than the service requires.",
                remedy: "Use a device that reaches the level.", km: "សូមប្រើឧបករណ៍ដែលមានកម្រិតគ្រប់គ្រាន់។"),
            ErrorEntry(
                .userInfoRefused(""), cause: "Subject, signature or encryption of userinfo is wrong; the log names it.",
                remedy: "Log in again.", km: "សូមចូលម្តងទៀត។"),
            ErrorEntry(
                .authorizationRefused("access_denied"), cause: "The person refused on the page or the phone.",
                remedy: "Log in again if that was a mistake.", km: "បើច្រឡំ សូមចូលម្តងទៀត។"),
            ErrorEntry(
                "rp.authorization.*", .unauthenticated,
                text: RumdulError.authorizationRefused("other").message,
                cause: "The provider refused the authorization request; the last word is the OAuth error.",
                remedy: "Look up that error in this list.", km: "សូមព្យាយាមម្តងទៀត។"),
            ErrorEntry(
                "rp.token.*", .unauthenticated, text: RumdulError.tokenRefused("other").message,
                cause: "The token endpoint refused; the last word is the OAuth error.",
                remedy: "Look up that error in this list.", km: "សូមព្យាយាមម្តងទៀត។"),
        ])
}

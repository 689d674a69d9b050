import Kernel

extension RumdulError {
    /// `rp.configuration`: the configuration cannot work; the cause says what is wrong.
    public static func relyingPartyConfiguration(_ cause: String) -> RumdulError {
        RumdulError(
            "rp.configuration", .internal, km: "ការកំណត់នៃការចូលប្រើមិនត្រឹមត្រូវ។", en: "The login is not configured correctly.",
            cause: cause)
    }

    /// `rp.unreachable`: the identity provider did not answer.
    public static let providerUnreachable = RumdulError(
        "rp.unreachable", .unavailable, km: "មិនអាចភ្ជាប់ទៅសេវាអត្តសញ្ញាណបានទេ។ សូមព្យាយាមម្តងទៀត។",
        en: "The identity provider cannot be reached. Please try again.")

    /// `rp.answer_malformed`: an answer of the identity provider is not what the standards say. The cause names the
    /// part.
    public static func providerAnswer(_ cause: String) -> RumdulError {
        RumdulError(
            "rp.answer_malformed", .unavailable, km: "ចម្លើយរបស់សេវាអត្តសញ្ញាណមិនត្រឹមត្រូវ។",
            en: "The identity provider's answer is not valid.", cause: cause)
    }

    /// `rp.discovery`: the provider's metadata are not acceptable (another issuer, no https, no code flow, no PKCE).
    public static func providerMetadata(_ cause: String) -> RumdulError {
        RumdulError(
            "rp.discovery", .unavailable, km: "ព័ត៌មានរបស់សេវាអត្តសញ្ញាណមិនអាចទទួលយកបាន។",
            en: "The identity provider's metadata are not acceptable.", cause: cause)
    }

    /// `rp.callback_malformed`: the callback has no usable query.
    public static func callbackMalformed(_ cause: String) -> RumdulError {
        RumdulError(
            "rp.callback_malformed", .invalid, km: "ចម្លើយនៃការចូលប្រើមិនត្រឹមត្រូវ។ សូមចូលម្តងទៀត។",
            en: "The answer to the login is not valid. Please log in again.", cause: cause)
    }

    /// `rp.state_mismatch`: the callback does not belong to this browser's login; possibly a forged request.
    public static let stateMismatch = RumdulError(
        "rp.state_mismatch", .forbidden, km: "ចម្លើយនេះមិនមែនសម្រាប់ការចូលប្រើនេះទេ។ សូមចូលម្តងទៀត។",
        en: "This answer does not belong to this login. Please log in again.")

    /// `rp.session_expired`: the login was started too long ago.
    public static let loginSessionExpired = RumdulError(
        "rp.session_expired", .gone, km: "ការចូលប្រើចំណាយពេលយូរពេក។ សូមចូលម្តងទៀត។",
        en: "The login took too long. Please log in again.")

    /// `rp.issuer_mismatch`: the callback comes from another provider (RFC 9207: mix-up).
    public static let callbackIssuer = RumdulError(
        "rp.issuer_mismatch", .forbidden, km: "ចម្លើយមកពីសេវាអត្តសញ្ញាណផ្សេង។",
        en: "The answer comes from another identity provider.")

    /// `rp.id_token`: the ID token fails a check of OpenID Connect Core 1.0, section 3.1.3.7; the cause names the
    /// claim.
    public static func idTokenRefused(_ cause: String) -> RumdulError {
        RumdulError(
            "rp.id_token", .unauthenticated, km: "មិនអាចបញ្ជាក់ការចូលប្រើបានទេ។", en: "The login could not be verified.",
            cause: cause)
    }

    /// `rp.response`: the signed answer to the authorization request is missing or fails a check (JARM, section 2.4); the
    /// cause names it.
    public static func authorizationAnswerRefused(_ cause: String) -> RumdulError {
        RumdulError(
            "rp.response", .unauthenticated, km: "មិនអាចបញ្ជាក់ចម្លើយនៃការចូលប្រើបានទេ។ សូមចូលម្តងទៀត។",
            en: "The answer to the login could not be verified. Please log in again.", cause: cause)
    }

    /// `rp.acr`: the person was authenticated at a lower level than required.
    public static let assuranceTooLow = RumdulError(
        "rp.acr", .forbidden, km: "កម្រិតនៃការផ្ទៀងផ្ទាត់មិនគ្រប់គ្រាន់។",
        en: "The login does not reach the required level of assurance.")

    /// `rp.userinfo`: the userinfo answer fails a check; the cause names it.
    public static func userInfoRefused(_ cause: String) -> RumdulError {
        RumdulError(
            "rp.userinfo", .unauthenticated, km: "មិនអាចបញ្ជាក់ទិន្នន័យដែលទទួលបានទេ។",
            en: "The data received could not be verified.", cause: cause)
    }

    /// `rp.authorization.<error>`: the provider answered the authorization request with an error, for instance
    /// `rp.authorization.access_denied` when the person said no.
    public static func authorizationRefused(_ error: String) -> RumdulError {
        if error == "access_denied" {
            return RumdulError(
                "rp.authorization.access_denied", .forbidden, km: "អ្នកបានបដិសេធការចូលប្រើ។", en: "The login was declined.")
        }
        return RumdulError(
            "rp.authorization." + oauthError(error), .unauthenticated, km: "ការចូលប្រើមិនបានសម្រេច។ សូមព្យាយាមម្តងទៀត។",
            en: "The login did not succeed. Please try again.")
    }

    /// `rp.token.<error>`: the token endpoint refused, for instance `rp.token.invalid_grant` for a code used twice.
    public static func tokenRefused(_ error: String) -> RumdulError {
        RumdulError(
            "rp.token." + oauthError(error), .unauthenticated, km: "ការចូលប្រើមិនបានសម្រេច។ សូមព្យាយាមម្តងទៀត។",
            en: "The login did not succeed. Please try again.")
    }

    /// The error codes of OAuth are short words; anything else is not repeated.
    private static func oauthError(_ text: String) -> String {
        let fits =
            !text.isEmpty && text.utf8.count <= 48 && text.utf8.allSatisfy { (97...122).contains($0) || $0 == 95 }
        return fits ? text : "other"
    }
}

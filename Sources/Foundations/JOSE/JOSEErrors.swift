import Kernel

extension RumdulError {
    private static func jose(_ code: String, _ kind: ErrorKind, _ km: String, _ en: String, _ cause: String)
        -> RumdulError
    { RumdulError("jose.\(code)", kind, km: km, en: en, cause: cause) }

    /// `jose.malformed`: no JWS, JWE or JWT as RFC 7515, 7516 and 7519 want it.
    public static func joseMalformed(_ cause: String) -> RumdulError {
        jose("malformed", .invalid, "សញ្ញាសម្គាល់មិនមានទម្រង់ត្រឹមត្រូវ។", "The token is malformed.", cause)
    }
    /// `jose.too_large`: longer than the limit.
    public static func joseTooLarge(_ cause: String) -> RumdulError {
        jose("too_large", .tooLarge, "សញ្ញាសម្គាល់វែងពេក។", "The token is too long.", cause)
    }
    /// `jose.algorithm`: the algorithm is not on the allow-list, or does not fit the key.
    public static func joseAlgorithm(_ cause: String) -> RumdulError {
        jose(
            "algorithm", .invalid, "ក្បួនកូដនៃសញ្ញាសម្គាល់មិនត្រូវបានអនុញ្ញាត។",
            "The token's algorithm is not allowed.", cause)
    }
    /// `jose.crit`: a critical header parameter that is not understood (RFC 7515 section 4.1.11).
    public static func joseCritical(_ cause: String) -> RumdulError {
        jose(
            "crit", .invalid, "សញ្ញាសម្គាល់ទាមទារមុខងារដែលមិនស្គាល់។",
            "The token demands an extension that is not understood.", cause)
    }
    /// `jose.key`: the key is malformed, weak, not on its curve, or not meant for this use.
    public static func joseKey(_ cause: String) -> RumdulError {
        jose("key", .invalid, "កូនសោមិនត្រឹមត្រូវ។", "The key is not acceptable.", cause)
    }
    /// `jose.kid`: no key, or no single key, fits the token.
    public static func joseKeyID(_ cause: String) -> RumdulError {
        jose("kid", .unauthenticated, "រកមិនឃើញកូនសោសម្រាប់សញ្ញាសម្គាល់នេះ។", "No key fits this token.", cause)
    }
    /// `jose.signature`: the signature or authentication code is wrong.
    public static func joseSignature(_ cause: String = "signature does not verify") -> RumdulError {
        jose(
            "signature", .unauthenticated, "ហត្ថលេខានៃសញ្ញាសម្គាល់មិនត្រឹមត្រូវ។",
            "The token's signature is not valid.", cause)
    }
    /// `jose.decrypt`: the message cannot be decrypted. Says nothing about the reason, on purpose.
    public static let joseDecryption = jose(
        "decrypt", .invalid, "មិនអាចឌិគ្រីបសារបានទេ។", "The message cannot be decrypted.", "decryption failed")
    /// `jose.expired`: `exp` has passed.
    public static let joseExpired = jose(
        "expired", .unauthenticated, "សញ្ញាសម្គាល់បានផុតកំណត់។", "The token has expired.", "exp")
    /// `jose.not_yet_valid`: `nbf` has not come yet.
    public static let joseNotYetValid = jose(
        "not_yet_valid", .unauthenticated, "សញ្ញាសម្គាល់មិនទាន់មានសុពលភាព។", "The token is not valid yet.", "nbf")
    /// `jose.issued_at`: `iat` lies in the future, or too far in the past.
    public static let joseIssuedAt = jose(
        "issued_at", .unauthenticated, "ពេលចេញសញ្ញាសម្គាល់មិនអាចទទួលយកបាន។",
        "The token's time of issue is not acceptable.", "iat")
    /// `jose.lifetime`: the token lives longer than this use allows.
    public static let joseLifetime = jose(
        "lifetime", .unauthenticated, "សញ្ញាសម្គាល់មានសុពលភាពយូរពេក។", "The token's lifetime is too long.",
        "exp - iat")
    /// `jose.issuer`: `iss` is not the expected issuer.
    public static let joseIssuer = jose(
        "issuer", .unauthenticated, "អ្នកចេញសញ្ញាសម្គាល់មិនត្រឹមត្រូវ។", "The token comes from another issuer.", "iss")
    /// `jose.audience`: `aud` does not name us as required.
    public static let joseAudience = jose(
        "audience", .unauthenticated, "សញ្ញាសម្គាល់មិនមែនសម្រាប់អ្នកទទួលនេះទេ។", "The token is meant for someone else.",
        "aud")
    /// `jose.type`: `typ` is not an expected type.
    public static let joseType = jose(
        "type", .invalid, "ប្រភេទសញ្ញាសម្គាល់មិនត្រឹមត្រូវ។", "The token is of another type.", "typ")
    /// `jose.claim`: a claim is missing or of the wrong kind.
    public static func joseClaim(_ name: String) -> RumdulError {
        jose(
            "claim", .invalid, "សញ្ញាសម្គាល់ខ្វះទិន្នន័យ ឬទិន្នន័យមិនត្រឹមត្រូវ។",
            "A claim of the token is missing or malformed.", name)
    }
}

import Kernel

extension RumdulError {
    private static func cose(_ code: String, _ kind: ErrorKind, _ km: String, _ en: String, _ cause: String)
        -> RumdulError
    { RumdulError("cose.\(code)", kind, km: km, en: en, cause: cause) }

    /// `cose.malformed`: no COSE structure as RFC 9052 wants it.
    public static func coseMalformed(_ cause: String) -> RumdulError {
        cose("malformed", .invalid, "ទិន្នន័យ COSE មិនមានទម្រង់ត្រឹមត្រូវ។", "The COSE data is malformed.", cause)
    }
    /// `cose.key`: the key is malformed, weak, off its curve, or has members it must not have.
    public static func coseKey(_ cause: String) -> RumdulError {
        cose("key", .invalid, "កូនសោ COSE មិនត្រឹមត្រូវ។", "The COSE key is not acceptable.", cause)
    }
    /// `cose.algorithm`: the algorithm is unknown, not on the list of this use, or does not fit the key.
    public static func coseAlgorithm(_ cause: String) -> RumdulError {
        cose(
            "algorithm", .invalid, "ក្បួនកូដ COSE មិនត្រូវបានអនុញ្ញាត។", "The COSE algorithm is not allowed.", cause)
    }
    /// `cose.signature`: the signature is wrong.
    public static func coseSignature(_ cause: String = "signature does not verify") -> RumdulError {
        cose("signature", .unauthenticated, "ហត្ថលេខា COSE មិនត្រឹមត្រូវ។", "The COSE signature is not valid.", cause)
    }
}

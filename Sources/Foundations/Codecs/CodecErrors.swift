import Kernel

extension RumdulError {
    /// The text is not JSON as RFC 8259 and our limits want it (duplicate names, bad UTF-8, too deep, too long ...).
    public static func malformedJSON(_ cause: String) -> RumdulError {
        RumdulError(
            "codec.json", .invalid, km: "ទិន្នន័យ JSON មិនត្រឹមត្រូវ។", en: "The JSON data is not valid.", cause: cause)
    }

    /// The bytes are not CBOR as RFC 8949 and our limits want it.
    public static func malformedCBOR(_ cause: String) -> RumdulError {
        RumdulError(
            "codec.cbor", .invalid, km: "ទិន្នន័យ CBOR មិនត្រឹមត្រូវ។", en: "The CBOR data is not valid.", cause: cause)
    }
}

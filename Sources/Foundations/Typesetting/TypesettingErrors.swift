import Kernel
import KhmerText

extension RumdulError {
    private static func typesetting(
        _ code: String, _ kind: ErrorKind, _ km: String, _ en: String, _ cause: String? = nil
    )
        -> RumdulError
    { RumdulError("typesetting.\(code)", kind, km: km, en: en, cause: cause) }

    /// `typesetting.text_too_long`: a run or the whole document has more text than may be set.
    public static let typesettingTextTooLong = typesetting(
        "text_too_long", .tooLarge, "អត្ថបទក្នុងឯកសារវែងពេក។", "The document holds too much text.")

    /// `typesetting.too_many_pages`: the document would need more pages than allowed.
    public static let typesettingTooManyPages = typesetting(
        "too_many_pages", .tooLarge, "ឯកសារលើសពី \(KhmerDigits.toKhmer(Typesetter.pageLimit)) ទំព័រ។",
        "The document would have more than \(Typesetter.pageLimit) pages.")

    /// `typesetting.block`: a block's numbers cannot be: a size out of range, a table with unequal rows, a QR code that is
    /// no square, something wider or higher than the page.
    public static func typesettingBlock(_ cause: String) -> RumdulError {
        typesetting(
            "block", .invalid, "ផ្នែកមួយនៃឯកសារមិនអាចរៀបចំលើទំព័របានទេ។",
            "A part of the document cannot be placed on a page.", cause)
    }

    /// `typesetting.slot_name`: two slots have the same name, or one has none.
    public static let typesettingSlotName = typesetting(
        "slot_name", .invalid, "ឈ្មោះកន្លែងក្នុងឯកសារត្រូវតែមានមួយ និងមិនដូចគ្នា។",
        "Every place in the document needs a name of its own.")

    /// `typesetting.fonts`: the machine lacks a font that documents need.
    public static func typesettingFonts(_ cause: String) -> RumdulError {
        typesetting(
            "fonts", .unavailable, "ម៉ាស៊ីនបម្រើខ្វះពុម្ពអក្សរសម្រាប់បង្កើតឯកសារ។",
            "The server lacks a font that documents need.", cause)
    }

    /// `typesetting.failed`: the drawing library could not do its work.
    public static func typesettingFailed(_ cause: String) -> RumdulError {
        typesetting("failed", .internal, "បង្កើតឯកសារ PDF មិនបានទេ។", "The PDF document could not be made.", cause)
    }
}

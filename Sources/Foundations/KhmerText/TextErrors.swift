import Kernel

extension RumdulError {
    /// A text that must say something is empty, or holds only invisible characters.
    public static let textEmpty = RumdulError(
        "text.empty", .invalid, km: "សូមបំពេញព័ត៌មាននេះ។", en: "Please fill this in.")

    /// A text has more Unicode scalars than its field allows.
    public static func textTooLong(limit: Int) -> RumdulError {
        RumdulError(
            "text.too_long", .invalid, km: "អត្ថបទវែងពេក៖ អនុញ្ញាតត្រឹម \(KhmerDigits.toKhmer(limit)) តួអក្សរ។",
            en: "This text is too long: at most \(limit) characters are allowed.")
    }

    /// A text holds a control character or a line end where none may be.
    public static let textControlCharacter = RumdulError(
        "text.control_character", .invalid, km: "អត្ថបទមានតួអក្សរបញ្ជាដែលមើលមិនឃើញ។ សូមវាយបញ្ចូលម្តងទៀត។",
        en: "This text holds an invisible control character. Please type it again.")

    /// A text holds a mark that turns the direction of writing, which can make it look like another text.
    public static let textBidiControl = RumdulError(
        "text.bidi_control", .invalid, km: "អត្ថបទមានសញ្ញាប្តូរទិសអក្សរ ដែលមិនអនុញ្ញាត។ សូមវាយបញ្ចូលម្តងទៀត។",
        en: "This text holds a mark that changes the writing direction, which is not allowed. Please type it again.")

    /// A text holds a scalar that is unassigned, private, damaged or invisible.
    public static let textUnusableCharacter = RumdulError(
        "text.unusable_character", .invalid, km: "អត្ថបទមានតួអក្សរដែលប្រើមិនបាន។ សូមវាយបញ្ចូលម្តងទៀត។",
        en: "This text holds a character that cannot be used. Please type it again.")

    /// A number mixes Khmer digits with those of another script.
    public static let digitsMixed = RumdulError(
        "digits.mixed_scripts", .invalid, km: "សូមប្រើលេខខ្មែរ ឬលេខឡាតាំងតែមួយប្រភេទក្នុងលេខតែមួយ។",
        en: "Please use either Khmer or Latin digits within one number, not both.")

    /// An identifier is empty, too long or holds something other than digits (and letters, where allowed).
    public static let identifierMalformed = RumdulError(
        "identifier.malformed", .invalid, km: "លេខសម្គាល់មិនត្រឹមត្រូវ។ សូមពិនិត្យម្តងទៀត។",
        en: "This identifier is not in the right form. Please check it.")

    /// A date is not in a known form, or there is no such day.
    public static let dateMalformed = RumdulError(
        "date.malformed", .invalid, km: "កាលបរិច្ឆេទមិនត្រឹមត្រូវ។ ឧទាហរណ៍៖ ១៩.០៣.២០២៦។",
        en: "This is not a valid date. Example: 19.03.2026.")
}

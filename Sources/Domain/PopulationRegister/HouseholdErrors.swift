import Kernel

extension RumdulError {
    /// There is no such household where this officer or system works.
    public static let householdNotFound = RumdulError(
        "household.not_found", .notFound, km: "រកមិនឃើញគ្រួសារនេះទេ។", en: "There is no such household here.")

    /// Somebody else changed the household in the meantime.
    public static let householdChanged = RumdulError(
        "household.changed", .conflict, km: "មានអ្នកផ្សេងបានកែគ្រួសារនេះ។ សូមមើលម្តងទៀត។",
        en: "Someone else has just changed this household. Look at it again.")

    /// The household was closed.
    public static let householdClosed = RumdulError(
        "household.closed", .conflict, km: "គ្រួសារនេះបានបិទហើយ។", en: "This household is closed.")

    /// The name of a request was used for another household.
    public static let householdRequest = RumdulError(
        "household.request", .conflict, km: "សោសំណើនេះបានប្រើសម្រាប់គ្រួសារផ្សេងហើយ។",
        en: "This request's key was used for another household.")

    /// Fields were refused.
    public static func householdInvalid(_ fields: [FieldError]) -> RumdulError {
        RumdulError(
            "household.invalid", .invalid, km: "ព័ត៌មានមួយចំនួនត្រូវកែ។", en: "Some of the information needs correcting.",
            fields: fields)
    }

    static func household(_ field: String, km: String, en: String) -> RumdulError {
        householdInvalid([FieldError(field, LocalizedText(km: km, en: en))])
    }

    /// No serial number is left in a commune.
    public static let householdNumbers = RumdulError(
        "household.numbers", .internal, km: "អស់លេខគ្រួសារក្នុងឃុំនេះហើយ។ សូមជូនដំណឹងដល់អ្នកប្រតិបត្តិ។",
        en: "This commune has no household numbers left. Tell the operators.")
}

extension ErrorRoom {
    /// Errors of households.
    public static let households = ErrorRoom(
        "Households",
        [
            ErrorEntry(
                .householdNotFound, cause: "No such household, or one of another area.",
                remedy: "Check the number; ask the office of the place.", km: "សូមពិនិត្យលេខ ឬសួរការិយាល័យនៃទីនោះ។"),
            ErrorEntry(
                .householdChanged, cause: "The version that was sent is not the present one.",
                remedy: "Read it again, then change it.", km: "សូមបើកម្តងទៀត រួចកែ។"),
            ErrorEntry(
                .householdClosed, cause: "A closed household takes no changes.", remedy: "Open a new one.",
                km: "សូមបើកគ្រួសារថ្មី។"),
            ErrorEntry(
                .householdRequest, cause: "The same key came with another content.",
                remedy: "Use a fresh key for each new request.", km: "សូមប្រើសោថ្មីសម្រាប់សំណើថ្មី។"),
            ErrorEntry(
                .householdInvalid([]), cause: "Fields were refused; `errors` names each with its reason.",
                remedy: "Correct them.", km: "សូមកែព័ត៌មានដែលបានបង្ហាញ។"),
            ErrorEntry(
                .householdNumbers, cause: "All 999,999 numbers of a commune are used.",
                remedy: "Operators: report it."),
        ])
}

import Kernel

extension RumdulError {
    /// No identification code: ten digits, the first not 1.
    public static let kidcMalformed = RumdulError(
        "kidc.malformed", .invalid, km: "លេខកូដត្រូវមាន ១០ ខ្ទង់។ សូមពិនិត្យម្តងទៀត។",
        en: "The code has ten digits. Please check it.")

    /// The check digit does not fit: a slip of the fingers.
    public static let kidcCheckDigit = RumdulError(
        "kidc.check_digit", .invalid, km: "លេខកូដមានខ្ទង់ខុស។ សូមពិនិត្យម្តងទៀត។",
        en: "A digit of the code is wrong. Please check it.")

    /// A code of invented people in a register of real ones, or the reverse.
    public static let kidcWrongRange = RumdulError(
        "kidc.wrong_range", .invalid, km: "លេខកូដនេះមិនប្រើក្នុងប្រព័ន្ធនេះទេ។", en: "This code is not used in this system.")

    /// Sixteen draws in a row were taken: the range is nearly full, or randomness is broken. Operators must look at
    /// once.
    public static let kidcExhausted = RumdulError(
        "kidc.exhausted", .internal, km: "មិនអាចផ្តល់លេខកូដថ្មីបានទេ។ សូមជូនដំណឹងដល់អ្នកប្រតិបត្តិភ្លាម។",
        en: "No new code can be given out. Tell the operators at once.")

    /// A code from outside that somebody has here, or had.
    public static let kidcTaken = RumdulError(
        "kidc.taken", .conflict, km: "លេខកូដនេះត្រូវបានប្រើរួចហើយ។", en: "This code was given out here before.")

    /// This system never reserved this code under this transaction.
    public static let kidcReservationUnknown = RumdulError(
        "kidc.reservation_unknown", .notFound, km: "រកមិនឃើញការកក់លេខកូដនេះទេ។", en: "There is no such reservation.")

    /// The reservation ended without a person: its time was over, or it was given back.
    public static let kidcReservationOver = RumdulError(
        "kidc.reservation_over", .conflict, km: "ការកក់លេខកូដនេះបានផុតកំណត់ ឬត្រូវបានលះបង់។",
        en: "The time of this reservation is over, or it was given back.")

    /// The reservation was confirmed already, with other facts, and cannot be given back.
    public static let kidcReservationConfirmed = RumdulError(
        "kidc.reservation_confirmed", .conflict, km: "លេខកូដនេះត្រូវបានបញ្ជាក់រួចហើយ។",
        en: "This code has been confirmed already.")

    /// No alias: sixteen digits, the first not 0.
    public static let vidMalformed = RumdulError(
        "vid.malformed", .invalid, km: "លេខជំនួសត្រូវមាន ១៦ ខ្ទង់។", en: "The alias has sixteen digits. Please check it.")

    /// The check digit of an alias does not fit.
    public static let vidCheckDigit = RumdulError(
        "vid.check_digit", .invalid, km: "លេខជំនួសមានខ្ទង់ខុស។ សូមពិនិត្យម្តងទៀត។",
        en: "A digit of the alias is wrong. Please check it.")

    /// The person has as many live aliases of the kind as allowed.
    public static let vidTooMany = RumdulError(
        "vid.too_many", .conflict, km: "មានលេខជំនួសច្រើនពេក។ សូមលុបមួយជាមុនសិន។",
        en: "There are too many live aliases. Revoke one first.")

    /// A temporary or one-time alias must end in the future; uses must be at least one.
    public static let vidValidity = RumdulError(
        "vid.validity", .invalid, km: "រយៈពេលប្រើលេខជំនួសមិនត្រឹមត្រូវទេ។", en: "The validity of the alias is not possible.")

    /// There is no such person.
    public static let personNotFound = RumdulError(
        "person.not_found", .notFound, km: "រកមិនឃើញបុគ្គលនេះទេ។", en: "There is no such person.")

    /// The person's data was erased for good.
    public static let personErased = RumdulError(
        "person.erased", .gone, km: "ទិន្នន័យបុគ្គលនេះត្រូវបានលុបជាស្ថាពរ។", en: "This person's data was erased for good.")

    /// The record is merged or annulled and cannot be changed.
    public static let personRetired = RumdulError(
        "person.retired", .conflict, km: "កំណត់ត្រានេះបិទហើយ។", en: "This record is closed.")

    /// Somebody else changed the record in the meantime.
    public static let personChanged = RumdulError(
        "person.changed", .conflict, km: "មានអ្នកផ្សេងបានកែកំណត់ត្រានេះ។ សូមព្យាយាមម្តងទៀត។",
        en: "Someone else has just changed this record. Please try again.")

    /// Fields of a draft or change were refused.
    public static func personInvalid(_ fields: [FieldError]) -> RumdulError {
        RumdulError(
            "person.invalid", .invalid, km: "ព័ត៌មានមួយចំនួនត្រូវកែ។", en: "Some of the information needs correcting.",
            fields: fields)
    }

    /// The attribute cannot be corrected by a request.
    public static let correctionAttribute = RumdulError(
        "correction.attribute", .invalid, km: "ទិន្នន័យនេះមិនអាចសុំកែតាមផ្លូវនេះទេ។",
        en: "This cannot be corrected by a request.")

    /// Texts of a request or an answer were refused.
    public static func correctionText(_ fields: [FieldError]) -> RumdulError {
        RumdulError(
            "correction.text", .invalid, km: "សូមបំពេញ ឬកែអត្ថបទដែលបានបង្ហាញ។", en: "Please fill in or change the texts shown.",
            fields: fields)
    }

    /// One of the two is married already.
    public static let personMarried = RumdulError(
        "person.married", .conflict, km: "ភាគីម្ខាងមានប្តី ឬប្រពន្ធរួចហើយ។", en: "One of the two is married already.")

    /// A request about the same attribute waits already.
    public static let correctionUnderWay = RumdulError(
        "correction.under_way", .conflict, km: "មានសំណើមួយអំពីទិន្នន័យនេះកំពុងរង់ចាំហើយ។",
        en: "A request about this is waiting already.")

    /// The person has as many requests waiting, or made lately, as allowed.
    public static let correctionTooMany = RumdulError(
        "correction.too_many", .conflict, km: "មានសំណើច្រើនពេក។ សូមរង់ចាំចម្លើយ ឬទៅជួបមន្ត្រី។",
        en: "There are too many requests. Wait for an answer, or see an officer.")

    /// There is no such request where this officer works, or of this person.
    public static let correctionNotFound = RumdulError(
        "correction.not_found", .notFound, km: "រកមិនឃើញសំណើនេះទេ។", en: "There is no such request.")

    /// The request was decided, taken back, or is not yet so far.
    public static let correctionState = RumdulError(
        "correction.state", .conflict, km: "សំណើនេះមិនអាចធ្វើបែបនេះទេនៅពេលនេះ។ សូមមើលស្ថានភាពរបស់វា។",
        en: "This cannot be done with the request now. Look at how it stands.")

    /// A search needs a legal basis, and one that a search can have.
    public static let searchBasis = RumdulError(
        "person.search_basis", .forbidden, km: "ការស្វែងរកត្រូវមានមូលដ្ឋានច្បាប់។", en: "A search needs a legal basis.")

    /// A search is too vague.
    public static let searchTooVague = RumdulError(
        "person.search_vague", .invalid, km: "សូមបំពេញឈ្មោះ ឬថ្ងៃខែឆ្នាំ ឬឃុំ/សង្កាត់ជាមួយឆ្នាំ។",
        en: "Give a name, or a date, or a commune with a year.")

    /// A verification asks for nothing that shows who is meant.
    public static let verifyAnchor = RumdulError(
        "person.verify_anchor", .invalid, km: "សូមផ្ញើឈ្មោះ ឬថ្ងៃខែឆ្នាំកំណើតពេញលេញ។",
        en: "Send a name, or the whole date of birth.")
}

import Kernel

extension RumdulError {
    /// A disclosure was asked for without a consent or a legal provision.
    public static let disclosureNoBasis = RumdulError(
        "disclosure.no_basis", .forbidden, km: "គ្មានការយល់ព្រម ឬមូលដ្ឋានច្បាប់សម្រាប់ការបង្ហាញទិន្នន័យនេះទេ។",
        en: "There is no consent and no legal basis for this disclosure.")

    /// A disclosure was asked for without saying what for.
    public static let disclosureNoPurpose = RumdulError(
        "disclosure.no_purpose", .invalid, km: "ត្រូវបញ្ជាក់គោលបំណងនៃការប្រើទិន្នន័យ។",
        en: "Say what the data is needed for.")

    /// A disclosure names no attribute, or too many.
    public static let disclosureNoAttributes = RumdulError(
        "disclosure.no_attributes", .invalid, km: "ត្រូវបញ្ជាក់ទិន្នន័យដែលត្រូវការ។", en: "Name the data that is needed.")

    /// A disclosure names an attribute that the registers do not have.
    public static let disclosureUnknownAttribute = RumdulError(
        "disclosure.unknown_attribute", .invalid, km: "មិនស្គាល់ទិន្នន័យដែលបានស្នើសុំទេ។",
        en: "The requested data is not known to the registers.")

    /// A disclosure lacks who asks, for whom, or how to trace it.
    public static let disclosureIncomplete = RumdulError(
        "disclosure.incomplete", .invalid, km: "សំណើបង្ហាញទិន្នន័យមិនពេញលេញទេ។", en: "The disclosure request is incomplete.")

    /// The journal has no such entry for this person.
    public static let accessEntryNotFound = RumdulError(
        "access.not_found", .notFound, km: "រកមិនឃើញកំណត់ត្រានេះទេ។", en: "There is no such access entry.")

    /// The officer may not do this here.
    public static let officerForbidden = RumdulError(
        "officer.forbidden", .forbidden, km: "អ្នកគ្មានសិទ្ធិធ្វើដូច្នេះនៅទីនេះទេ។",
        en: "You are not allowed to do this here.")

    /// Two people are needed, and this is the same one.
    public static let officerSamePerson = RumdulError(
        "officer.same_person", .forbidden, km: "ជំហាននេះត្រូវធ្វើដោយមន្ត្រីម្នាក់ទៀត។",
        en: "Another officer has to take this step.")

    /// Name or password is wrong, or the account is locked for a while or disabled: which one is not told.
    public static let officerCredentials = RumdulError(
        "officer.credentials", .unauthenticated,
        km: "ឈ្មោះ ឬពាក្យសម្ងាត់មិនត្រឹមត្រូវ ឬគណនីត្រូវបានចាក់សោមួយរយៈ។",
        en: "The name or the password is wrong, or the account is locked for a while.")

    /// There is no such officer.
    public static let officerNotFound = RumdulError(
        "officer.not_found", .notFound, km: "រកមិនឃើញមន្ត្រីនេះទេ។", en: "There is no such officer.")

    /// The user name is taken.
    public static let officerExists = RumdulError(
        "officer.exists", .conflict, km: "ឈ្មោះអ្នកប្រើនេះមានរួចហើយ។", en: "This user name is taken.")

    /// The user name has characters or a length that are not allowed.
    public static let officerUsername = RumdulError(
        "officer.username", .invalid, km: "ឈ្មោះអ្នកប្រើត្រូវមាន ៣ ដល់ ៦៤ តួ៖ a-z 0-9 . _ -",
        en: "A user name has 3 to 64 characters: a-z 0-9 . _ -")

    /// The password is too short, too long, too simple or contains the user name.
    public static let officerPassword = RumdulError(
        "officer.password", .invalid,
        km: "ពាក្យសម្ងាត់ត្រូវមានយ៉ាងតិច ១២ តួ មិនងាយទាយ និងមិនមានឈ្មោះអ្នកប្រើ។",
        en: "A password has at least 12 characters, is not easy to guess and does not contain the user name.")

    /// The area of a grant is no place code.
    public static let officerJurisdiction = RumdulError(
        "officer.jurisdiction", .invalid, km: "តំបន់ត្រូវជាលេខកូដទីកន្លែង ២ ៤ ៦ ឬ ៨ ខ្ទង់។",
        en: "The area of a grant is a place code of 2, 4, 6 or 8 digits.")
}

import Kernel

extension RumdulError {
    /// The activation code is unknown, used or expired. One answer for all three.
    public static let activationInvalid = RumdulError(
        "activation.invalid", .forbidden, km: "កូដនេះមិនត្រឹមត្រូវ ឬហួសពេលប្រើ។ សូមសុំកូដថ្មីពីមន្ត្រី។",
        en: "This code is not valid or has run out. Ask the officer for a new one.")

    /// There is no such enrolment where this officer works.
    public static let enrolmentNotFound = RumdulError(
        "enrolment.not_found", .notFound, km: "រកមិនឃើញការចុះឈ្មោះនេះទេ។", en: "There is no such enrolment.")

    /// The enrolment is not in a state in which this can be done.
    public static let enrolmentState = RumdulError(
        "enrolment.state", .conflict, km: "ជំហាននេះមិនអាចធ្វើបានទេនៅពេលនេះ។ សូមមើលស្ថានភាពបច្ចុប្បន្ន។",
        en: "This step cannot be taken now. Look at how the enrolment stands.")

    /// Another device is waiting than the one on the officer's screen.
    public static let enrolmentChanged = RumdulError(
        "enrolment.changed", .conflict, km: "មានឧបករណ៍ផ្សេងកំពុងរង់ចាំ។ សូមពិនិត្យលេខម្តងទៀត។",
        en: "Another device is waiting now. Compare the digits again.")

    /// The time for comparing the digits, or for the whole enrolment, has run out.
    public static let enrolmentExpired = RumdulError(
        "enrolment.expired", .gone, km: "ហួសពេលកំណត់ហើយ។ សូមចាប់ផ្តើមម្តងទៀត។", en: "Time has run out. Please start again.")

    /// The evidence is incomplete.
    public static let enrolmentEvidence = RumdulError(
        "enrolment.evidence", .invalid, km: "ភស្តុតាងមិនគ្រប់គ្រាន់ ឬមិនត្រឹមត្រូវ។",
        en: "The evidence is incomplete or not valid.")

    /// What was asked for is not enough to look for a person.
    public static let enrolmentQuery = RumdulError(
        "enrolment.query", .invalid, km: "សូមបញ្ចូលលេខកូដ ឬឈ្មោះជាមួយឆ្នាំកំណើត។",
        en: "Enter a code, or a name with the year of birth.")

    /// The link to a person's page is too old, or belongs to another officer.
    public static let enrolmentPersonLink = RumdulError(
        "enrolment.person_link", .gone, km: "តំណនេះហួសពេលហើយ។ សូមស្វែងរកម្តងទៀត។",
        en: "This link has run out. Please search again.")

    /// The reason for the action on a device is missing or unknown.
    public static let enrolmentReason = RumdulError(
        "enrolment.reason", .invalid, km: "សូមជ្រើសរើសហេតុផល។", en: "Choose a reason.")

    /// The request of the device is no activation request.
    public static let activationMalformed = RumdulError(
        "activation.malformed", .invalid, km: "សំណើរបស់ឧបករណ៍មិនត្រឹមត្រូវ។", en: "The request of the device is not valid.")
}

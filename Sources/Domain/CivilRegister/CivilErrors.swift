import Kernel

extension RumdulError {
    /// There is no such record, or not for this officer.
    public static let civilNotFound = RumdulError(
        "civil.not_found", .notFound, km: "រកមិនឃើញកំណត់ត្រានេះទេ។", en: "There is no such record.")

    /// Fields of a declaration were refused.
    public static func civilInvalid(_ fields: [FieldError]) -> RumdulError {
        RumdulError(
            "civil.invalid", .invalid, km: "ព័ត៌មានខ្លះមិនត្រឹមត្រូវ ឬនៅខ្វះ។ សូមពិនិត្យកន្លែងដែលបានចង្អុល។",
            en: "Some fields are missing or wrong. Please look at those that are marked."
        ).with(fields: fields)
    }

    /// The record's state forbids this step.
    public static let civilState = RumdulError(
        "civil.state", .conflict, km: "ជំហាននេះមិនអាចធ្វើបានទេ ក្នុងស្ថានភាពបច្ចុប្បន្ននៃកំណត់ត្រា។",
        en: "The record's present state does not allow this step.")

    /// Somebody else changed the record since it was read.
    public static let civilChanged = RumdulError(
        "civil.changed", .conflict, km: "មានអ្នកផ្សេងបានកែកំណត់ត្រានេះ។ សូមផ្ទុកវាឡើងវិញ។",
        en: "Somebody else has changed this record. Load it again.")

    /// A step that needs a second officer, tried by the first one.
    public static let civilSamePerson = RumdulError(
        "civil.same_person", .forbidden, km: "ជំហាននេះត្រូវធ្វើដោយមន្ត្រីម្នាក់ផ្សេងទៀត។",
        en: "This step must be taken by another officer.")

    /// Registration comes so late that the province must approve first.
    public static let civilLateApproval = RumdulError(
        "civil.late_approval", .conflict, km: "ការចុះបញ្ជីយឺតនេះ ត្រូវការការអនុញ្ញាតពីខេត្តជាមុនសិន។",
        en: "This late registration needs the approval of the province first.")

    /// A step on a record with open duplicates.
    public static let civilDuplicateOpen = RumdulError(
        "civil.duplicate_open", .conflict, km: "មានករណីស្ទួនដែលមិនទាន់សម្រេច។", en: "A possible duplicate has not been decided.")

    /// A substantive correction without a court decision.
    public static let civilCourtNeeded = RumdulError(
        "civil.court_needed", .invalid, km: "ការកែនេះត្រូវការសេចក្តីសម្រេចរបស់តុលាការ។",
        en: "This correction needs the decision of a court.")

    /// A marriage that the register cannot accept.
    public static func civilMarriage(_ text: LocalizedText, field: String) -> RumdulError {
        RumdulError("civil.marriage", .conflict, km: text.km, en: text.en).with(fields: [FieldError(field, text)])
    }

    /// Somebody who is dead already, or does not live in the register.
    public static func civilPerson(_ role: ParticipantRole, _ text: LocalizedText) -> RumdulError {
        RumdulError("civil.person", .conflict, km: text.km, en: text.en).with(fields: [
            FieldError(role.field("person"), text)
        ])
    }

    /// A chain of actions that does not fit its hashes or signatures.
    public static let civilChain = RumdulError(
        "civil.chain", .internal, km: "ប្រវត្តិនៃកំណត់ត្រាមិនត្រឹមត្រូវ។ សូមជូនដំណឹងដល់អ្នកប្រតិបត្តិ។",
        en: "The history of the record does not fit. Tell the operators.")

    /// More than 99,999 registrations of a commune and kind in one year.
    public static let civilNumbers = RumdulError(
        "civil.numbers", .internal, km: "លេខចុះបញ្ជីឆ្នាំនេះអស់ហើយ។", en: "The numbers of this year are used up.")
}

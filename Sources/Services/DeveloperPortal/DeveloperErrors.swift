import Kernel

extension RumdulError {
    /// The way back of the login belongs to another browser, or took too long.
    static let developerLogin = RumdulError(
        "developer.login_stale", .gone, km: "ការចូលនេះផុតកំណត់ហើយ។ សូមចាប់ផ្តើមម្តងទៀត។",
        en: "This login has expired. Please start again.")

    /// No such organisation, or not one of this person's.
    static let organisationNotFound = RumdulError(
        "developer.organisation_not_found", .notFound, km: "រកមិនឃើញស្ថាប័ននេះទេ។",
        en: "There is no such organisation among yours.")

    /// No such client, or not one of this person's organisations.
    static let clientNotFound = RumdulError(
        "developer.client_not_found", .notFound, km: "រកមិនឃើញសេវាកម្មនេះទេ។",
        en: "There is no such client among yours.")

    /// Only an owner of the organisation may do this.
    static let ownerRequired = RumdulError(
        "developer.owner_required", .forbidden, km: "មានតែម្ចាស់ស្ថាប័នប៉ុណ្ណោះដែលអាចធ្វើបាន។",
        en: "Only an owner of the organisation can do this.")

    /// The last owner cannot go.
    static let lastOwner = RumdulError(
        "developer.last_owner", .conflict, km: "ស្ថាប័នត្រូវមានម្ចាស់យ៉ាងតិចម្នាក់។",
        en: "An organisation needs at least one owner.")

    /// The invitation code is unknown, used or too old.
    static let invitationInvalid = RumdulError(
        "developer.invitation", .invalid, km: "លេខកូដអញ្ជើញមិនត្រឹមត្រូវ បានប្រើរួច ឬផុតកំណត់។",
        en: "The invitation code is not valid, was used, or has expired.",
        fields: [
            FieldError(
                "invitation",
                LocalizedText(
                    km: "លេខកូដអញ្ជើញមិនត្រឹមត្រូវ បានប្រើរួច ឬផុតកំណត់។",
                    en: "Not valid, used before, or expired. Ask an owner for a new one."))
        ])

    /// Too many clients or organisations.
    static let developerLimit = RumdulError(
        "developer.limit", .conflict, km: "បានដល់ចំនួនកំណត់ហើយ។ សូមទាក់ទងអ្នកប្រតិបត្តិ។",
        en: "The limit is reached. Please ask the operators.")

    /// The client is not in the state that this step needs.
    static let clientState = RumdulError(
        "developer.client_state", .conflict, km: "សេវាកម្មនេះមិនស្ថិតក្នុងស្ថានភាពដែលអាចធ្វើជំហាននេះបានទេ។",
        en: "The client is not in the state that this step needs.")

    /// The go-live check found something.
    static let notReady = RumdulError(
        "developer.not_ready", .precondition, km: "ការពិនិត្យមុនដាក់ឱ្យប្រើបានរកឃើញចំណុចដែលត្រូវកែ។",
        en: "The go-live check found something to mend.")

    /// A change was made or decided meanwhile.
    static let requestDecided = RumdulError(
        "developer.request_decided", .conflict, km: "សំណើនេះត្រូវបានសម្រេច ឬដកវិញរួចហើយ។",
        en: "This request was decided or taken back already.")

    /// The approver belongs to the organisation that asks.
    static let ownOrganisation = RumdulError(
        "developer.own_organisation", .forbidden, km: "អ្នកមិនអាចអនុម័តសំណើរបស់ស្ថាប័នខ្លួនឯងបានទេ។",
        en: "Nobody approves a request of their own organisation.")

    /// The trial's way back belongs to another browser, or took too long.
    static let trialStale = RumdulError(
        "developer.trial_stale", .gone, km: "ការសាកល្បងនេះផុតកំណត់ហើយ។ សូមចាប់ផ្តើមម្តងទៀត។",
        en: "This trial has expired. Please start it again from your client's page.")
}

extension ErrorRoom {
    /// Errors of the developers' and operators' pages.
    public static let developerPortal = ErrorRoom(
        "DeveloperPortal",
        [
            ErrorEntry(
                .developerLogin, cause: "The answer belongs to another browser, or the login took too long.",
                remedy: "Start again at `/developers`.", km: "សូមចាប់ផ្តើមម្តងទៀតពីទំព័រអ្នកអភិវឌ្ឍន៍។"),
            ErrorEntry(
                .organisationNotFound, cause: "The organisation does not exist, or you are not a member.",
                remedy: "Ask one of its owners for an invitation code.", km: "សូមសុំលេខកូដអញ្ជើញពីម្ចាស់ស្ថាប័ន។"),
            ErrorEntry(
                .clientNotFound, cause: "The client does not exist, or belongs to another organisation.",
                remedy: "Check the address, or join the organisation.", km: "សូមពិនិត្យអាសយដ្ឋាន។"),
            ErrorEntry(
                .ownerRequired, cause: "Developers register and change clients; owners invite and remove people.",
                remedy: "Ask an owner.", km: "សូមសួរម្ចាស់ស្ថាប័ន។"),
            ErrorEntry(
                .lastOwner, cause: "The only owner would leave.", remedy: "Invite another owner first.",
                km: "សូមអញ្ជើញម្ចាស់ម្នាក់ទៀតជាមុនសិន។"),
            ErrorEntry(
                .invitationInvalid, cause: "A code serves once and for a day.", remedy: "Ask an owner for a new one.",
                km: "សូមសុំលេខកូដថ្មីពីម្ចាស់ស្ថាប័ន។"),
            ErrorEntry(
                .developerLimit,
                cause: "A person makes at most 10 organisations; an organisation has at most 500 clients.",
                remedy: "Delete what is not used, or ask the operators.", km: "សូមទាក់ទងអ្នកប្រតិបត្តិ។"),
            ErrorEntry(
                .clientState,
                cause: "The step does not fit: a trial of a client in production, a request without a change.",
                remedy: "Open the client's page; it says what can be done now.", km: "សូមបើកទំព័រសេវាកម្មម្តងទៀត។"),
            ErrorEntry(
                .notReady, cause: "At least one line of the go-live check failed.",
                remedy: "Do what the failed lines say, then ask again.", km: "សូមកែចំណុចដែលមិនទាន់ត្រឹមត្រូវ ហើយសុំម្តងទៀត។"),
            ErrorEntry(
                .requestDecided, cause: "Somebody decided first, or the organisation changed or took back the request.",
                remedy: "Open the page again.", km: "សូមបើកទំព័រម្តងទៀត។"),
            ErrorEntry(
                .ownOrganisation,
                cause:
                    "The officer's office is the organisation that asks, or the same browser is logged in as one of its developers.",
                remedy: "Let another operator decide.", km: "សូមឱ្យអ្នកប្រតិបត្តិផ្សេងសម្រេច។"),
            ErrorEntry(
                .trialStale, cause: "The answer belongs to another browser, or came twice or too late.",
                remedy: "Start the trial again.", km: "សូមចាប់ផ្តើមការសាកល្បងម្តងទៀត។"),
        ])
}

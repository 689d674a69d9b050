import Accountability
import Kernel

/// A terminal at which an officer helps one person: from the officer's start to the officer's end, half an hour at most.
public struct AssistedSession: Sendable {
    /// Seconds after which a session ends by itself.
    static let lifetime: Int64 = 1800
    /// Refused tries (cards, PINs) that end a session.
    static let mostRefusals = 10
    /// The cookie that marks the terminal.
    public static let cookieName = "assist"

    public let id: String
    public let officerID: String
    public let organisation: Organisation
    /// Code of the place where the terminal stands, and its name.
    public let placeCode: String
    public let place: LocalizedText
    public let startedAt: Instant
    public let endsAt: Instant
    /// The person who was helped, once one logged in.
    public let personID: PersonID?
}

/// What an assisted session is used for: one login.
public struct AssistedUse: Sendable {
    public var personID: PersonID
    /// The login's transaction, client, and how the person proved themselves: `card` or `passkey`.
    public var transactionID: String
    public var clientID: String
    public var method: String

    public init(personID: PersonID, transactionID: String, clientID: String, method: String) {
        self.personID = personID
        self.transactionID = transactionID
        self.clientID = clientID
        self.method = method
    }
}

extension RumdulError {
    /// The assisted session has ended: by the officer, by its time, or by too many refusals.
    public static let assistEnded = RumdulError(
        "assist.ended", .gone, km: "វគ្គជំនួយបានបញ្ចប់។ សូមឱ្យមន្ត្រីចាប់ផ្តើមម្តងទៀត។",
        en: "The assisted session has ended. The officer can start another one.")

    /// The officer of the session is the person who would log in.
    public static let assistOwnPerson = RumdulError(
        "assist.own_person", .forbidden, km: "មន្ត្រីមិនអាចជួយខ្លួនឯងបានទេ។",
        en: "Officers cannot assist themselves.")

    /// Another person was helped in this session.
    public static let assistOtherPerson = RumdulError(
        "assist.other_person", .forbidden, km: "វគ្គនេះសម្រាប់មនុស្សម្នាក់ប៉ុណ្ណោះ។ សូមបញ្ចប់ រួចចាប់ផ្តើមវគ្គថ្មី។",
        en: "A session serves one person. End it and start another one.")

    /// Nobody said who the officer is as a person.
    public static let assistUnlinked = RumdulError(
        "assist.unlinked", .forbidden, km: "គណនីរបស់អ្នកមិនទាន់ភ្ជាប់នឹងអត្តសញ្ញាណរបស់អ្នកទេ។ សូមសួរអ្នកប្រតិបត្តិប្រព័ន្ធ។",
        en: "Your account is not linked to you as a person yet. Ask the operator.")

    /// The place of the terminal is unknown.
    public static let assistPlace = RumdulError(
        "assist.place", .invalid, km: "សូមបញ្ចូលលេខកូដទីកន្លែង ២ ៤ ៦ ឬ ៨ ខ្ទង់។",
        en: "Enter the place's code of 2, 4, 6 or 8 digits.")
}

extension ErrorRoom {
    /// Errors of assisted sessions.
    static let assist = [
        ErrorEntry(
            .assistEnded, cause: "The officer ended it, half an hour passed, or ten tries were refused.",
            remedy: "Let the officer start another session, and begin at the service again.",
            km: "សូមឱ្យមន្ត្រីចាប់ផ្តើមវគ្គថ្មី រួចចូលសេវាម្តងទៀត។"),
        ErrorEntry(
            .assistOwnPerson, cause: "The card or passkey is the officer's own.",
            remedy: "Let another officer assist, or log in without assistance.", km: "សូមឱ្យមន្ត្រីម្នាក់ទៀតជួយ។"),
        ErrorEntry(
            .assistOtherPerson, cause: "Somebody else logged in during this session.",
            remedy: "End the session and start another one.", km: "សូមបញ្ចប់វគ្គនេះ រួចចាប់ផ្តើមវគ្គថ្មី។"),
        ErrorEntry(
            .assistUnlinked, cause: "`rumdul admin officer link` was not done for this officer.",
            remedy: "Ask the operator.", km: "សូមសួរអ្នកប្រតិបត្តិប្រព័ន្ធ។"),
        ErrorEntry(
            .assistPlace, cause: "No such place, or one outside the officer's area.",
            remedy: "Enter the code of the commune, district or province of the counter.",
            km: "សូមបញ្ចូលលេខកូដឃុំ ស្រុក ឬខេត្តរបស់បញ្ជរ។"),
    ]
}

import Accountability
import Codecs
import Database
import Kernel

/// The mark of a login at an officer's terminal: which session, which officer, where. It travels in the request, set by the
/// provider alone, and ends in the ID token, the receipt and the entries.
public struct AssistedMark: Sendable, Equatable {
    public var session: String
    /// The officer's identifier.
    public var officer: String
    /// For whom the officer works.
    public var organisation: Organisation
    /// Code and name of the place where the terminal stands.
    public var placeCode: String
    public var place: LocalizedText

    public init(
        session: String, officer: String, organisation: Organisation, placeCode: String, place: LocalizedText
    ) {
        self.session = session
        self.officer = officer
        self.organisation = organisation
        self.placeCode = placeCode
        self.place = place
    }

    /// As the transaction's row keeps it, and as the person's receipt tells it.
    var json: JSONObject {
        [
            "session": .string(session), "officer": .string(officer), "organisation": .string(organisation.code),
            "organisation_km": .string(organisation.name.km), "organisation_en": .string(organisation.name.en),
            "place": .string(placeCode), "place_km": .string(place.km), "place_en": .string(place.en),
        ]
    }

    init?(json object: JSONObject) {
        guard let session = object.string("session"), let officer = object.string("officer"),
            let organisation = object.string("organisation"), let nameKm = object.string("organisation_km"),
            let nameEn = object.string("organisation_en"), let code = object.string("place"),
            let placeKm = object.string("place_km"), let placeEn = object.string("place_en")
        else { return nil }
        self.init(
            session: session, officer: officer,
            organisation: Organisation(code: organisation, name: LocalizedText(km: nameKm, en: nameEn)),
            placeCode: code, place: LocalizedText(km: placeKm, en: placeEn))
    }

    /// As a relying party learns it: where and for whom, and a reference. Which officer it was stands in the person's receipt
    /// and in the audit trail, under the same reference.
    var claim: JSONValue {
        [
            "organisation": .string(organisation.code), "place": .string(placeCode), "reference": .string(session),
        ]
    }
}

/// Terminals at which officers help people. The composition root fills it in; without one no login is assisted.
public protocol AssistedTerminals: Sendable {
    /// The name of the cookie that marks a terminal.
    var cookieName: String { get }

    /// The mark of a terminal's cookie while its session lives, or `nil`.
    func mark(cookie: String) async throws -> AssistedMark?

    /// Whether this person may log in here, before anything is tried. Throws `assist.*`.
    func require(_ person: PersonID, at mark: AssistedMark, in connection: any SQLConnection) async throws

    /// Takes a login into the session, with its entry for the person and the auditor. Throws `assist.*`.
    /// - Parameter method: `card` or `passkey`.
    func admit(
        _ person: PersonID, transaction: String, clientID: String, method: String, at mark: AssistedMark,
        in connection: any SQLConnection) async throws

    /// Counts a try that was refused.
    func noteRefusal(at mark: AssistedMark, in connection: any SQLConnection) async throws
}

/// No terminal.
public struct NoAssistedTerminals: AssistedTerminals {
    public init() {}

    public var cookieName: String { "assist" }

    public func mark(cookie: String) async throws -> AssistedMark? { nil }

    public func require(_ person: PersonID, at mark: AssistedMark, in connection: any SQLConnection) async throws {
        throw RumdulError.requestStale
    }

    public func admit(
        _ person: PersonID, transaction: String, clientID: String, method: String, at mark: AssistedMark,
        in connection: any SQLConnection
    ) async throws { throw RumdulError.requestStale }

    public func noteRefusal(at mark: AssistedMark, in connection: any SQLConnection) async throws {}
}

extension RumdulError {
    /// This way to log in is not for an officer's terminal.
    static let assistMethod = RumdulError(
        "assist.method", .forbidden,
        km: "នៅបញ្ជរជំនួយ សូមប្រើប័ណ្ណ PIN ឬសោសុវត្ថិភាពរបស់អ្នក។ សម្រាប់វិធីផ្សេង សូមឱ្យមន្ត្រីបញ្ចប់វគ្គជំនួយ។",
        en:
            "At an assisted terminal use your PIN card or your security key. For other ways let the officer end the session."
    )

    /// A person's own pages are not shown at an officer's terminal.
    static let assistOwnPages = RumdulError(
        "assist.own_pages", .forbidden, km: "ទំព័រផ្ទាល់ខ្លួនរបស់អ្នកមិនអាចបើកនៅបញ្ជរជំនួយបានទេ។",
        en: "Your own pages cannot be opened at an assisted terminal.")

    /// The service asks for more certainty than a PIN card gives.
    static let assistLevel = RumdulError(
        "assist.level", .forbidden,
        km: "សេវានេះត្រូវការការចូលដែលមានសុវត្ថិភាពខ្ពស់ជាងប័ណ្ណ PIN។ សូមប្រើសោសុវត្ថិភាព ឬទូរស័ព្ទ។",
        en: "This service needs a stronger login than a PIN card. Please use a security key or a phone.")
}

extension ErrorRoom {
    /// Errors of logins at an officer's terminal.
    static let assisted = [
        ErrorEntry(
            .assistMethod, cause: "The browser is marked as an officer's terminal, and a phone or a code was chosen.",
            remedy: "Use a PIN card or security key, or end the assisted session.",
            km: "សូមប្រើប័ណ្ណ PIN ឬសោសុវត្ថិភាព ឬបញ្ចប់វគ្គជំនួយ។"),
        ErrorEntry(
            .assistOwnPages, cause: "The officer would see them, too.",
            remedy: "Open them on a device of your own.", km: "សូមបើកនៅលើឧបករណ៍ផ្ទាល់ខ្លួន។"),
        ErrorEntry(
            .assistLevel, cause: "The request calls a level essential that a PIN card does not reach.",
            remedy: "Log in with a security key or a device.", km: "សូមប្រើសោសុវត្ថិភាព ឬទូរស័ព្ទ។"),
    ]
}

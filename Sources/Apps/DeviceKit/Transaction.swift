import Codecs
import Crypto
import Kernel

/// One attribute a relying party asks for.
public struct RequestedAttribute: Sendable, Hashable {
    /// The claim name, for instance `phone_number`.
    public let name: String
    /// Its name for people.
    public let label: LocalizedText
    /// Whether the relying party says it cannot do without.
    public let essential: Bool
}

/// What a relying party wants the data for.
public struct TransactionPurpose: Sendable, Hashable {
    /// The registered code.
    public let code: String
    /// The purpose in words.
    public let text: LocalizedText

    init(_ object: JSONObject) throws(RumdulError) {
        code = try object.needString("code", limit: 128)
        text = try object.needText()
    }
}

/// What the person decides about. It is read from the very object that is hashed and signed, and cannot be made any
/// other way, so what is shown is what is signed.
public struct TransactionDetails: Sendable, Hashable {
    /// What kind of transaction it is: `login`.
    public let kind: String
    /// The relying party's identifier.
    public let clientID: String
    /// The relying party's name.
    public let clientName: LocalizedText
    /// The host the relying party registered.
    public let clientHost: String?
    /// What the data is for.
    public let purpose: TransactionPurpose?
    /// The attributes asked for, in the order to show them; names are unique.
    public let attributes: [RequestedAttribute]
    /// Until when the consent would hold.
    public let validUntil: Instant?
    /// The level of assurance asked for.
    public let acr: String?
    /// Browser and system the request came from, as far as known.
    public let origin: String?
    /// The network that the request came from, shortened, as far as known.
    public let network: String?
    /// Where that network is, roughly, as far as known; to be shown as such (`asRoughPlace`).
    public let place: LocalizedText?
    /// What the person compares with the other side, such as a call centre or a counter (CIBA `binding_message`).
    public let bindingMessage: String?
    /// What exactly is authorised besides data, one line each: a payment, a signature, a transfer of data (RFC 9396).
    public let authorizations: [LocalizedText]
    /// When the request was made.
    public let createdAt: Instant
    /// When it lapses.
    public let expiresAt: Instant
    /// Members of the details that this version does not know and so does not show.
    public let unknownMembers: [String]
    /// The details as the server sent them.
    public let source: JSONObject

    /// The kinds whose meaning this version knows, so that it can show them before it signs.
    public static let knownKinds: Set<String> = ["login"]

    private static let knownMembers: Set<String> = [
        "kind", "client_id", "client_name", "client_host", "purpose", "attributes", "valid_until", "acr", "origin",
        "network", "place", "binding_message", "authorization_details", "created_at", "expires_at",
    ]

    /// Reads the details.
    /// - Throws: `device.answer_malformed`.
    init(_ source: JSONObject) throws(RumdulError) {
        self.source = source
        kind = try source.needString("kind", limit: 64)
        clientID = try source.needString("client_id", limit: 512)
        clientName = try source.needObject("client_name").needText()
        clientHost = try source.has(some: "client_host") ? source.needString("client_host", limit: 255) : nil
        purpose = try source.has(some: "purpose") ? TransactionPurpose(source.needObject("purpose")) : nil
        attributes = try TransactionDetails.attributes(source)
        validUntil = try source.has(some: "valid_until") ? source.needInstant("valid_until") : nil
        acr = try source.has(some: "acr") ? source.needString("acr", limit: 255) : nil
        origin = try source.has(some: "origin") ? source.needString("origin", limit: 512) : nil
        network = try source.has(some: "network") ? source.needString("network", limit: 64) : nil
        place = try source.has(some: "place") ? source.needObject("place").needText() : nil
        bindingMessage =
            try source.has(some: "binding_message") ? source.needString("binding_message", limit: 800) : nil
        authorizations = try TransactionDetails.authorizations(source)
        createdAt = try source.needInstant("created_at")
        expiresAt = try source.needInstant("expires_at")
        unknownMembers = source.names.filter { !TransactionDetails.knownMembers.contains($0) }
    }

    private static func authorizations(_ source: JSONObject) throws(RumdulError) -> [LocalizedText] {
        guard source.has(some: "authorization_details") else { return [] }
        guard let list = source.array("authorization_details"), list.count <= 16 else {
            throw RumdulError.answerMalformed("authorization_details")
        }
        var lines: [LocalizedText] = []
        for element in list {
            guard let object = element.objectValue else { throw RumdulError.answerMalformed("authorization_details") }
            lines.append(try object.needText())
        }
        return lines
    }

    private static func attributes(_ source: JSONObject) throws(RumdulError) -> [RequestedAttribute] {
        guard let list = source.array("attributes"), list.count <= 64 else {
            throw RumdulError.answerMalformed("attributes")
        }
        var attributes: [RequestedAttribute] = []
        for element in list {
            guard let object = element.objectValue, let essential = object.bool("essential") else {
                throw RumdulError.answerMalformed("attributes")
            }
            let attribute = RequestedAttribute(
                name: try object.needString("name", limit: 128), label: try object.needText(), essential: essential)
            guard !attributes.contains(where: { sameCodePoints($0.name, attribute.name) }) else {
                throw RumdulError.answerMalformed("attribute named twice")
            }
            attributes.append(attribute)
        }
        return attributes
    }

    /// base64url(SHA-256(JCS(details))), computed here from what was received.
    /// - Throws: `device.answer_malformed` when the details hold a number that has no canonical form.
    public func hash() throws(RumdulError) -> String {
        do throws(RumdulError) {
            let canonical = try CanonicalJSON.encode(.object(source))
            return Base64URL.encode(Array(SHA256.hash(data: canonical)))
        } catch {
            throw RumdulError.answerMalformed("details have no canonical form")
        }
    }
}

/// A transaction that waits for the person's decision.
public struct PendingTransaction: Sendable, Hashable, Identifiable {
    /// The server's name for it; safe in a path.
    public let id: String
    /// What is asked.
    public let details: TransactionDetails
    /// The numbers to choose from, 0 to 99; the browser shows the right one. Empty when the person types it.
    public let numbers: [Int]

    /// Reads one element of the server's list.
    /// - Throws: `device.answer_malformed`.
    init(_ value: JSONValue) throws(RumdulError) {
        guard let object = value.objectValue else { throw RumdulError.answerMalformed("transaction") }
        id = try object.needIdentifier("id")
        details = try TransactionDetails(object.needObject("details"))
        guard let numbers = object.array("numbers"), numbers.count <= 16 else {
            throw RumdulError.answerMalformed("numbers")
        }
        var choices: [Int] = []
        for number in numbers {
            guard let value = number.integerValue, (0...99).contains(value) else {
                throw RumdulError.answerMalformed("numbers")
            }
            choices.append(Int(value))
        }
        self.numbers = choices
    }
}

extension JSONObject {
    /// A string member of at most so many bytes.
    func needString(_ name: String, limit: Int) throws(RumdulError) -> String {
        guard let text = string(name), !text.isEmpty, text.utf8.count <= limit else {
            throw RumdulError.answerMalformed(name)
        }
        return text
    }

    /// An object member.
    func needObject(_ name: String) throws(RumdulError) -> JSONObject {
        guard let object = object(name) else { throw RumdulError.answerMalformed(name) }
        return object
    }

    /// A moment in seconds, from 1970 to the year 9999.
    func needInstant(_ name: String) throws(RumdulError) -> Instant {
        guard let seconds = integer(name), (0...253_402_300_799).contains(seconds) else {
            throw RumdulError.answerMalformed(name)
        }
        return Instant(seconds: seconds)
    }

    /// An identifier that can stand in a path: 1 to 128 unreserved characters (RFC 3986 section 2.3).
    func needIdentifier(_ name: String) throws(RumdulError) -> String {
        let text = try needString(name, limit: 128)
        let allowed = text.utf8.allSatisfy { byte in
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: true
            default: false
            }
        }
        guard allowed, text != ".", text != ".." else { throw RumdulError.answerMalformed(name) }
        return text
    }

    /// The members `km` and `en`.
    func needText() throws(RumdulError) -> LocalizedText {
        LocalizedText(km: try needString("km", limit: 2048), en: try needString("en", limit: 2048))
    }

    /// True when there is such a member and it is not `null`.
    func has(some name: String) -> Bool { self[name].map { !$0.isNull } ?? false }
}

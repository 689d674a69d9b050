import Codecs
import Kernel

/// Rich authorization requests (RFC 9396): a checked list of typed objects, each of a type that is registered here and for the client.
struct AuthorizationDetails: Sendable, Equatable {
    /// The list as compact JSON, as it goes into tokens.
    var text: String
    /// One line for each object, as the person reads it.
    var lines: [LocalizedText]

    static let maximumSize = 4096

    /// - Throws: `invalid_authorization_details` (RFC 9396, section 5) with what is wrong.
    init(_ text: String, allowed: [String]) throws(OAuthError) {
        guard text.utf8.count <= Self.maximumSize,
            let list = try? JSON.parse(text, limits: JSONLimits(depth: 6, size: Self.maximumSize)).arrayValue,
            (1...4).contains(list.count)
        else { throw Self.invalid("it is not a JSON array of 1 to 4 objects in at most 4096 bytes") }
        var lines: [LocalizedText] = []
        for value in list {
            guard let object = value.objectValue, let name = object.string("type") else {
                throw Self.invalid("an entry is not an object with a type")
            }
            guard allowed.contains(name), let type = Self.types.first(where: { $0.name == name }) else {
                throw Self.invalid("the type is unknown or not registered for this client")
            }
            for member in object.names where member != "type" && !type.members.contains(member) {
                throw Self.invalid("an entry has a member that its type does not know")
            }
            guard let line = type.line(object) else { throw Self.invalid("an entry lacks what its type needs") }
            lines.append(line)
        }
        self.text = JSON.text(.array(list))
        self.lines = lines
    }

    private static func invalid(_ reason: String) -> OAuthError {
        OAuthError("invalid_authorization_details", "authorization_details: " + reason)
    }

    /// The type's name, the members it may have, and how the person reads one; `nil` when something is missing.
    struct DetailType: Sendable {
        var name: String
        var members: Set<String>
        var line: @Sendable (JSONObject) -> LocalizedText?
    }

    /// The registry. A new type is one entry here and one in the documentation. All that goes into a token is in the line,
    /// or is the digest of a document that the line names: nobody approves what they could not read.
    static let types: [DetailType] = [
        DetailType(
            name: "kh_payment", members: ["instructed_amount", "creditor_name", "creditor_account", "reference"]
        ) {
            guard let amount = $0.object("instructed_amount"), amount.count == 2,
                let currency = amount.string("currency"), ["KHR", "USD"].contains(currency),
                let value = amount.string("amount"), isAmount(value),
                let creditor = $0.string("creditor_name"), isShowable(creditor),
                let account = optional("creditor_account", of: $0), let reference = optional("reference", of: $0)
            else { return nil }
            return LocalizedText(
                km: "ទូទាត់ \(value) \(currency) ទៅ \(creditor)" + (account.isEmpty ? "" : " គណនី \(account)")
                    + (reference.isEmpty ? "" : " យោង \(reference)"),
                en: "Pay \(value) \(currency) to \(creditor)" + (account.isEmpty ? "" : ", account \(account)")
                    + (reference.isEmpty ? "" : ", reference \(reference)"))
        },
        DetailType(name: "kh_esign", members: ["label", "document_digests"]) {
            guard let label = $0.string("label"), isShowable(label), let digests = $0.array("document_digests"),
                (1...20).contains(digests.count)
            else { return nil }
            let documents = digests.compactMap { documentLabel($0.objectValue) }
            guard documents.count == digests.count else { return nil }
            let names = documents.joined(separator: ", ")
            return LocalizedText(km: "ចុះហត្ថលេខាលើឯកសារ៖ \(label) (\(names))", en: "Sign: \(label) (\(names))")
        },
        DetailType(name: "kh_data_share", members: ["recipient", "datatypes", "until"]) {
            guard let recipient = $0.string("recipient"), isShowable(recipient), let types = $0.strings("datatypes"),
                (1...20).contains(types.count), types.allSatisfy(isShowable), let until = optional("until", of: $0),
                until.isEmpty || CalendarDate(iso: until) != nil
            else { return nil }
            let names = types.joined(separator: ", ")
            return LocalizedText(
                km: "ចែករំលែក \(names) ជាមួយ \(recipient)" + (until.isEmpty ? "" : " រហូតដល់ \(until)"),
                en: "Share \(names) with \(recipient)" + (until.isEmpty ? "" : " until \(until)"))
        },
    ]

    /// A member that may be missing (then the empty text); `nil` when it is there and no readable text.
    private static func optional(_ name: String, of object: JSONObject) -> String? {
        guard object[name] != nil else { return "" }
        return object.string(name).flatMap { isShowable($0) ? $0 : nil }
    }

    private static func isAmount(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return (1...2).contains(parts.count)
            && parts.allSatisfy { part in
                (1...13).contains(part.utf8.count) && part.utf8.allSatisfy { (48...57).contains($0) }
            } && (parts.count == 1 || parts[1].utf8.count <= 2)
    }

    /// The label of a document's SHA-256 digest; `nil` when it is something else.
    private static func documentLabel(_ object: JSONObject?) -> String? {
        guard let object, object.count == 2, object.string("hash").flatMap({ Base64URL.decode($0) })?.count == 32,
            let label = object.string("label"), isShowable(label)
        else { return nil }
        return label
    }

    /// Text that a person will read: no controls, nothing that turns the direction of writing.
    private static func isShowable(_ text: String) -> Bool {
        ShownText.isSafe(text, limit: 140)
    }
}

/// Text from relying parties that people read on a device (binding messages, labels).
enum ShownText {
    /// Whether a text has 1 to `limit` characters, none of them a control, a bidirectional control or a private-use character.
    static func isSafe(_ text: String, limit: Int) -> Bool {
        let scalars = text.unicodeScalars
        guard (1...limit).contains(scalars.count), scalars.contains(where: { !$0.properties.isWhitespace }) else {
            return false
        }
        return scalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
                // Khmer text uses the zero width space between words.
                scalar.value == 0x200B
            default: true
            }
        }
    }
}

import Kernel

/// A refusal of dynamic registration (RFC 7591 section 3.2.2, RFC 6750 section 3.1).
public struct ClientRegistrationError: Error, Sendable, Equatable {
    /// `invalid_redirect_uri`, `invalid_client_metadata` or `invalid_token`.
    public var error: String
    /// What to mend, in ASCII without quotes and backslashes.
    public var description: String
    /// The HTTP status: 400 or 401.
    public var status: Int

    static let invalidToken = ClientRegistrationError(
        error: "invalid_token", description: "the access token is unknown, expired, used up or revoked", status: 401)

    static func metadata(_ description: String) -> ClientRegistrationError {
        ClientRegistrationError(error: "invalid_client_metadata", description: clean(description), status: 400)
    }

    /// The refusal of a registration in the words of RFC 7591.
    init(_ refusal: RumdulError) {
        let field = refusal.fields.first
        let text = [field?.field, field?.message.en].compactMap(\.self).joined(separator: ": ")
        error = field?.field == "redirect_uris" ? "invalid_redirect_uri" : "invalid_client_metadata"
        description = Self.clean(text.isEmpty ? refusal.message.en : text)
        status = 400
    }

    init(error: String, description: String, status: Int) {
        self.error = error
        self.description = description
        self.status = status
    }

    /// RFC 6749, section 5.2: no quotes, no backslashes, printable ASCII.
    private static func clean(_ text: String) -> String {
        String(
            decoding: text.utf8.map { byte in
                switch byte {
                case 0x22: 0x27
                case 0x5C: 0x2F
                case 0x20...0x7E: byte
                default: UInt8(ascii: "?")
                }
            }.prefix(300), as: UTF8.self)
    }
}

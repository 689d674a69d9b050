import Codecs

/// The key that a token is bound to (`cnf`, RFC 7800): a DPoP key (RFC 9449, section 6) or a client certificate (RFC 8705, section 3).
struct TokenBinding: Sendable, Hashable {
    enum Kind: String, Sendable {
        case proof = "jkt"
        case certificate = "x5t#S256"
    }

    var kind: Kind
    /// Base64url of the SHA-256.
    var thumbprint: String

    /// As one text, for the transaction's row.
    var text: String { kind.rawValue + ":" + thumbprint }

    init(_ kind: Kind, _ thumbprint: String) {
        self.kind = kind
        self.thumbprint = thumbprint
    }

    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let kind = Kind(rawValue: String(text[..<colon])) else { return nil }
        self.init(kind, String(text[text.index(after: colon)...]))
    }

    /// The `cnf` member.
    var confirmation: JSONObject { [kind.rawValue: .string(thumbprint)] }

    init?(confirmation: JSONObject) {
        if let thumbprint = confirmation.string(Kind.proof.rawValue) {
            self.init(.proof, thumbprint)
        } else if let thumbprint = confirmation.string(Kind.certificate.rawValue) {
            self.init(.certificate, thumbprint)
        } else {
            return nil
        }
    }

    /// `token_type` of a token bound in this way.
    static func tokenType(_ binding: TokenBinding?) -> String { binding?.kind == .proof ? "DPoP" : "Bearer" }
}

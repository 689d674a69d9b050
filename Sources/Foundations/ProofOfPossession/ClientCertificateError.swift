/// Why a client certificate was refused (RFC 8705, section 2). At the token endpoint all of them are `invalid_client`.
public enum ClientCertificateError: String, Error, Sendable, CaseIterable {
    /// The request came with no certificate, or through a way that is not trusted to tell one.
    case missing
    /// Not a certificate in DER of at most 16 KiB.
    case malformed
    /// The public key is of a kind or strength that is not accepted.
    case unsupportedKey
    case notYetValid
    case expired
    /// No chain to a configured root, or the certificate is not for client authentication.
    case untrusted
    /// The client's registered expectation cannot be understood.
    case badExpectation
    case subjectMismatch
    case nameMismatch
    /// The certificate is none of those that the client registered.
    case notRegistered

    /// What to fix: ASCII without quotation marks.
    public var text: String {
        switch self {
        case .missing: "a client certificate is required"
        case .malformed: "the client certificate is not well-formed"
        case .unsupportedKey: "the key of the client certificate is not accepted"
        case .notYetValid: "the client certificate is not valid yet"
        case .expired: "the client certificate has expired"
        case .untrusted: "the client certificate has no chain to a trusted root"
        case .badExpectation: "the registered certificate name is not well-formed"
        case .subjectMismatch: "the subject of the client certificate is not the registered one"
        case .nameMismatch: "no subject alternative name of the client certificate is the registered one"
        case .notRegistered: "the client certificate is not registered"
        }
    }
}

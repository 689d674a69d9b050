/// The keys that a client showed with a request: a DPoP proof already checked for this method and address, a client certificate from the TLS
/// connection or from a configured proxy.
struct PresentedKeys: Sendable {
    /// The thumbprint of the proof's key (RFC 7638).
    var proofThumbprint: String?
    /// DER.
    var certificate: [UInt8]?
    /// Base64url SHA-256 of the certificate.
    var certificateThumbprint: String?

    init() {}
}

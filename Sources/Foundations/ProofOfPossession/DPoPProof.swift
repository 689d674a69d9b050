import JOSE
import Kernel

/// A request as far as a DPoP proof speaks of it.
public struct DPoPRequest: Sendable {
    /// The values of all `DPoP` header fields, in order.
    public var proofs: [String]
    /// The HTTP method, as it stands in the request line.
    public var method: String
    /// The full URL as the server knows it: its base URL and the path, never the `Host` header. Query and fragment are
    /// ignored.
    public var url: String
    /// The access token that comes with the request; makes `ath` required.
    public var accessToken: String?
    /// The thumbprint of the key that token, code or `dpop_jkt` is bound to.
    public var expectedThumbprint: String?

    public init(
        proofs: [String], method: String, url: String, accessToken: String? = nil, expectedThumbprint: String? = nil
    ) {
        self.proofs = proofs
        self.method = method
        self.url = url
        self.accessToken = accessToken
        self.expectedThumbprint = expectedThumbprint
    }
}

/// A DPoP proof that was checked: the sender of this request holds the private key.
public struct DPoPProof: Sendable {
    /// The JWK SHA-256 thumbprint (RFC 7638) of the key, base64url: the value of `cnf.jkt` and `dpop_jkt`.
    public let jkt: String
    /// The identifier of the proof, 1 to 256 bytes.
    public let jti: String
    /// When the client says it made the proof.
    public let iat: Instant
    /// The public key.
    public let key: JWK
    /// `nonce`, not yet checked by ``DPoPValidator/inspect(_:now:)``.
    public let nonce: String?
    /// `htu` in normal form.
    let target: String
}

/// Whether proofs must carry a nonce of the server (RFC 9449, section 8).
public enum DPoPNoncePolicy: Sendable {
    /// Nonces are neither given nor looked at.
    case none
    /// A nonce may be left out; one that is there must be good.
    case optional(DPoPNonces)
    /// Every proof must carry a good nonce.
    case required(DPoPNonces)
}

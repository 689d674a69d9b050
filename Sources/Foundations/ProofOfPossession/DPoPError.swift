import JOSE

/// Why a DPoP proof was refused (RFC 9449, sections 5, 7.1 and 8).
public struct DPoPError: Error, Sendable, Equatable {
    /// What is wrong, one value for each check.
    public enum Reason: String, Sendable, CaseIterable {
        /// A proof is needed and there is none.
        case missing
        /// More than one `DPoP` header field.
        case several
        case tooLarge
        /// Not a JWT in compact form, or a header or payload that is not read.
        case malformed
        /// `typ` is not `dpop+jwt`.
        case type
        /// `alg` is not on the allow-list.
        case algorithm
        /// `jwk` is missing, malformed, weak or private.
        case key
        case signature
        case jti
        case htm
        case htu
        case iat
        /// `exp` is there and has passed.
        case expired
        /// `nbf` is there and has not come.
        case notYetValid
        case ath
        /// The proof is made with another key than the one that token, code or request is bound to.
        case otherKey
        /// The same proof came before.
        case replayed
        /// The server's nonce is missing or no longer good; a new one goes out in `DPoP-Nonce`.
        case nonce
    }

    /// What is wrong.
    public let reason: Reason

    public init(_ reason: Reason) { self.reason = reason }

    /// The OAuth error code: `invalid_dpop_proof` or `use_dpop_nonce`.
    public var code: String { reason == .nonce ? "use_dpop_nonce" : "invalid_dpop_proof" }

    /// What to fix, for `error_description`: printable ASCII without quotation marks and backslashes (RFC 6749,
    /// section 5.2).
    public var text: String {
        switch reason {
        case .missing: "send a DPoP proof in the DPoP header field"
        case .several: "send exactly one DPoP header field"
        case .tooLarge: "the DPoP proof is longer than 8192 bytes"
        case .malformed: "the DPoP proof is not a well-formed JWT"
        case .type: "typ of the DPoP proof must be dpop+jwt"
        case .algorithm: "alg of the DPoP proof is not supported"
        case .key: "jwk of the DPoP proof must be an acceptable public key"
        case .signature: "the signature of the DPoP proof does not verify with its jwk"
        case .jti: "jti of the DPoP proof must be a text of 1 to 256 bytes"
        case .htm: "htm of the DPoP proof must be the method of this request"
        case .htu: "htu of the DPoP proof must be the URL of this request"
        case .iat: "iat of the DPoP proof must be the present time"
        case .expired: "exp of the DPoP proof has passed"
        case .notYetValid: "nbf of the DPoP proof lies in the future"
        case .ath: "ath of the DPoP proof must be the hash of the access token"
        case .otherKey: "the DPoP proof is made with another key"
        case .replayed: "this DPoP proof was used before, make a new one for each request"
        case .nonce: "make a new DPoP proof with the nonce from the DPoP-Nonce header field"
        }
    }

    /// The value of `WWW-Authenticate` at a protected resource (RFC 9449, section 7.1).
    public func challenge(algorithms: Set<JWSAlgorithm> = .fapi2) -> String {
        DPoPError.challenge(error: code, text: text, algorithms: algorithms)
    }

    /// A `DPoP` challenge for any error, or for none when the request has no token at all.
    /// - Parameters:
    ///   - error: an OAuth error code such as `invalid_token`.
    ///   - text: ASCII without quotation marks.
    public static func challenge(
        error: String? = nil, text: String? = nil, algorithms: Set<JWSAlgorithm> = .fapi2
    ) -> String {
        var parts: [String] = []
        if let error { parts.append("error=\"\(error)\"") }
        if let text { parts.append("error_description=\"\(text)\"") }
        parts.append("algs=\"" + algorithms.map(\.rawValue).sorted().joined(separator: " ") + "\"")
        return "DPoP " + parts.joined(separator: ", ")
    }
}

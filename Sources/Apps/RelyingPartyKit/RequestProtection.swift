import JOSE

/// A key whose possession is shown with each request (RFC 9449): one in memory, or one that never leaves a hardware
/// module. Whatever signs and knows its public half can be one.
public protocol ProofKey: JWSSigner {
    /// The public key; its thumbprint is what tokens are bound to.
    var publicKey: JWK { get }
}

extension SoftwareSigner: ProofKey {
    public var publicKey: JWK { key.verifyingHalf }
}

extension SigningKey {
    /// The public half; a signing key is never symmetric, so there always is one.
    var verifyingHalf: JWK { jwk.publicKey ?? jwk }
}

/// What protects requests, answers and tokens beyond TLS and PKCE. Choose what your registered profile demands.
public struct RequestProtection: Sendable {
    /// Requests go to the provider directly and the browser carries a reference only (RFC 9126).
    public var pushesRequests = false
    /// Signs authorization requests (RFC 9101); `nil` for plain ones.
    public var requestSigner: (any JWSSigner)?
    /// Only answers signed by the provider are accepted (JWT Secured Authorization Response Mode).
    public var requiresSignedResponses = false
    /// Binds code and tokens to this key (RFC 9449); `nil` for Bearer tokens. All nodes of one service use the same key.
    public var proofKey: (any ProofKey)?
    /// Answers without `iss` are refused, whatever the metadata say (RFC 9207).
    public var requiresIssuer = false

    /// Nothing beyond TLS and PKCE; change members for what was registered.
    public init() {}

    /// TLS and PKCE, as for the profiles `oidc-legacy` and `oidc-secure`.
    public static let standard = RequestProtection()

    /// The profile `fapi2` (FAPI 2.0 Security Profile): pushed requests, and tokens bound to a key.
    public static func fapi2(proofKey: any ProofKey) -> RequestProtection {
        var protection = RequestProtection()
        protection.pushesRequests = true
        protection.requiresIssuer = true
        protection.proofKey = proofKey
        return protection
    }

    /// The profile `fapi2-ms` (FAPI 2.0 Message Signing): as ``fapi2(proofKey:)``, with signed requests and answers.
    public static func messageSigning(
        proofKey: any ProofKey, requestSigner: any JWSSigner
    ) -> RequestProtection {
        var protection = fapi2(proofKey: proofKey)
        protection.requestSigner = requestSigner
        protection.requiresSignedResponses = true
        return protection
    }
}
